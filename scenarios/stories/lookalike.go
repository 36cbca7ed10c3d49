package stories

import (
	"context"
	"errors"

	"inkan/core/tsmp"
	"inkan/scenarios/report"
	"inkan/scenarios/world"
	"inkan/sim/handset/uiapp"
)

var errServed = errors.New("a stranger was served")

var lookAlike = &Story{
	Name: "look-alike", Title: "an app, and an applet, that look the same", TitleJA: "偽のアプリと偽のアプリケーション",
	Summary: report.Text{Japanese: "署名者の違うアプリはSIMに届かず、同じ名前の別のアプリケーションがあるSIMには書き込まない。",
		English: "An app of another signer does not reach the SIM, and nothing is issued to a SIM on which another applet has the name."},
	Carriers: []string{"minato"},
	Run: func(ctx context.Context, w *world.World) error {
		c := newCast(ctx, w)
		var stranger *world.Phone
		return play(ctx, w, append(c.begun("minato"),
			does("偽のアプリを入れた", "a look-alike app is on the phone", func() (err error) {
				if err := c.phone.Stop(); err != nil {
					return err
				}
				stranger, err = w.Phone(ctx, c.holder, c.sim, world.PhoneConfig{Caller: &world.LookAlike})
				return err
			}),
			isRefused("偽のアプリはSIMに届かない", "the SIM's rules keep it out", "HS-302", func() error {
				if _, err := stranger.Login(ctx, w.Bank, "残高照会", world.PIN); err != nil {
					return err
				}
				return errServed
			}),
			isRefused("偽のアプリは暗証番号も変えられない", "nor does it reach the PIN", "HS-302", func() error { return stranger.ChangePIN(ctx, world.PIN, secondPIN) }),
			isRefused("同じ名前の別のアプリケーションがあるSIM", "a SIM with another applet of that name", "SW-6A86", func() error {
				if err := stranger.Stop(); err != nil {
					return err
				}
				other := newCast(ctx, w)
				other.holder = c.holder
				if err := other.equipped("minato", "").do(); err != nil {
					return err
				}
				if err := other.sim.Plant(ctx, other.phone); err != nil {
					return err
				}
				if err := other.phone.Apply(ctx, uiapp.Apply, tsmp.UsageHolder); err != nil {
					return err
				}
				return other.phone.Follow(ctx, w.Patience())
			}),
			does("元の電子証明書はそのまま", "the holder's certificate is as it was", func() error { return certificateIs(ctx, w, c.instance(), active) }))...)
	},
}
