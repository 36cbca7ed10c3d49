package stories

import (
	"context"

	"inkan/core/tsmp"
	"inkan/scenarios/report"
	"inkan/scenarios/world"
	"inkan/sim/handset/uiapp"
)

var wrongPhone = &Story{
	Name: "wrong-phone", Title: "the application is of another phone", TitleJA: "別のスマートフォンの申請",
	Summary: report.Text{Japanese: "確認コードは申請したSIMにだけ届き、署名の前にSIMを替えると申請は無効になる。",
		English: "The one-time code comes to the SIM that was named, and to no other; another SIM before the signature ends the application."},
	Carriers: []string{"hayate"},
	Run: func(ctx context.Context, w *world.World) error {
		c := newCast(ctx, w)
		var other *world.Phone
		var second *world.SIM
		return play(ctx, w, c.registered(), c.equipped("hayate", ""),
			does("もう一台のスマートフォンがある", "there is another phone", func() (err error) {
				if second, err = w.Carriers["hayate"].Sell(ctx, c.holder.Name); err != nil {
					return err
				}
				other, err = w.Phone(ctx, c.holder, second, world.PhoneConfig{})
				return err
			}),
			does("両方で申請を始める", "an application is begun on each", func() error {
				if err := c.phone.Begin(ctx, uiapp.Apply, tsmp.UsageHolder); err != nil {
					return err
				}
				return other.Begin(ctx, uiapp.Apply, tsmp.UsageHolder)
			}),
			isRefused("もう一台のコードは使えない", "the other phone's code does not fit", "HS-502", func() error {
				return c.phone.SignWith(ctx, c.holder, other.Code(), c.holder.PINs.Sign)
			}),
			isRefused("署名の前にSIMを入れ替えると、申請は終わる", "with the other SIM in it the application is over", "HS-105", func() error {
				if err := other.Stop(); err != nil {
					return err
				}
				if err := c.phone.Put(ctx, second); err != nil {
					return err
				}
				return c.phone.Sign(ctx, c.holder)
			}),
			does("どちらのSIMにも何もない", "nothing is on either SIM", all(func() error { return nothingOn(ctx, w, c.sim) }, func() error { return nothingOn(ctx, w, second) })))
	},
}

var wrongPerson = &Story{
	Name: "wrong-person", Title: "another person's card signs", TitleJA: "本人でない人のマイナンバーカード",
	Summary: report.Text{Japanese: "暗証番号の再設定に別の人が署名しても、拒否される。",
		English: "A reset of the PIN that somebody else's card has signed is refused, and so is a card with a wrong password."},
	Carriers: []string{"minato"},
	Run: func(ctx context.Context, w *world.World) error {
		c := newCast(ctx, w)
		var other *world.Person
		return play(ctx, w, append(c.begun("minato"),
			does("別の人もカードを持っている", "somebody else has a card, too", func() (err error) {
				other, err = w.Resident(ctx, 2)
				return err
			}),
			isRefused("別の人が暗証番号の再設定に署名する", "the other one signs for a reset of the PIN", "TSM-wrong-holder", func() error {
				if err := c.phone.Begin(ctx, uiapp.ResetPIN, tsmp.UsageHolder); err != nil {
					return err
				}
				return c.phone.Sign(ctx, other)
			}),
			does("電子証明書も暗証番号も変わらない", "certificate and PIN are as they were", all(c.logsIn, func() error { return certificateIs(ctx, w, c.instance(), active) })))...)
	},
}

var revokedCard = &Story{
	Name: "revoked-card", Title: "the My Number Card was reported lost", TitleJA: "失効したマイナンバーカード",
	Summary:  report.Text{Japanese: "紛失の届が出たカードでは申請できない。", English: "A card that was reported lost signs nothing that the authority takes."},
	Carriers: []string{"minato"},
	Run: func(ctx context.Context, w *world.World) error {
		c := newCast(ctx, w)
		return play(ctx, w, c.registered(), c.equipped("minato", ""),
			does("カードの紛失が届け出られる", "the loss of the card is reported", func() error { return w.LoseCard(ctx, c.holder) }),
			isRefused("そのカードで申請する", "an application with it", "TSM-signer-revoked", func() error { return c.phone.Apply(ctx, uiapp.Apply, tsmp.UsageHolder) }),
			does("SIMには何もない", "nothing is on the SIM", func() error { return nothingOn(ctx, w, c.sim) }))
	},
}

var unsupportedDevice = &Story{
	Name: "unsupported-device", Title: "the phone cannot do what it takes", TitleJA: "対応していない端末",
	Summary: report.Text{Japanese: "SIMに届かない端末、かざせない端末、更新の終わった端末は、申請の前に断られる。",
		English: "Phones whose apps do not reach the SIM, that no reader reaches, or that are too old are refused before anything begins."},
	Carriers: []string{"minato"},
	Run: func(ctx context.Context, w *world.World) error {
		c := newCast(ctx, w)
		on := func(model string) func() error {
			return func() (err error) {
				if err := c.equipped("minato", model).do(); err != nil {
					return err
				}
				return c.phone.Apply(ctx, uiapp.Apply, tsmp.UsageHolder)
			}
		}
		return play(ctx, w, c.registered(),
			isRefused("アプリがSIMに届かない端末", "no app reaches the SIM", "HS-301", on("Ringo 9")),
			isRefused("読み取り機にかざせない端末", "readers do not reach the SIM", "DEV-no-card-nfc", on("Momiji Lite")),
			isRefused("更新の終わった端末", "its system is too old", "DEV-old-system", on("Tsubaki Zero")),
			does("SIMには何もない", "nothing is on the SIM", func() error { return nothingOn(ctx, w, c.sim) }))
	},
}
