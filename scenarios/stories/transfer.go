package stories

import (
	"context"
	"time"

	"inkan/core/jpki/certificate"
	"inkan/core/tsmp"
	"inkan/scenarios/report"
	"inkan/scenarios/world"
	"inkan/sim/handset/uiapp"
)

var transfer = &Story{
	Name: "transfer", Title: "to another carrier's SIM, and back", TitleJA: "別の携帯電話会社のSIMカードへの移行と、その逆",
	Summary: report.Text{Japanese: "鍵は移さない。新しいSIMで発行し、有効化と同時に古い電子証明書を失効し、古いSIMを消去する。",
		English: "No key moves: issued anew on the other SIM; its activation revokes the old certificate in one commit, and the old SIM is erased on contact."},
	Carriers: []string{"hayate", "minato"},
	Run: func(ctx context.Context, w *world.World) error {
		c := newCast(ctx, w)
		var first, second tsmp.PhoneID
		var other *world.SIM
		var spare *world.Phone
		return play(ctx, w, append(c.begun("hayate"),
			does("別の会社と契約し、SIMカードを入れ替える", "a contract with another carrier, whose SIM goes into the phone", func() (err error) {
				first = c.instance()
				if other, err = w.Carriers["minato"].Sell(ctx, c.holder.Name); err != nil {
					return err
				}
				return c.phone.Put(ctx, other)
			}),
			does("新しいSIMへの移行を申請し、書き込む", "the holder applies for the transfer, and the new SIM is written", func() error { return c.phone.Enrol(ctx, uiapp.TransferHere) }),
			does("新しい電子証明書が有効になり、古いものは失効した", "one certificate is active, the other one revoked", func() error {
				second = c.instance()
				return all(func() error { return certificateIs(ctx, w, second, active) }, func() error { return certificateIs(ctx, w, first, certificate.Revoked) }, c.logsIn)()
			}),
			resumes("古いSIMを予備の電話に入れると、消去される", "the old SIM is erased when it is seen in another phone", func() (err error) {
				if spare, err = w.Phone(ctx, c.holder, c.sim, world.PhoneConfig{}); err != nil {
					return err
				}
				return c.until(24*time.Hour, func() error { return nothingOn(ctx, w, c.sim) })
			}),
			does("元のSIMに戻す", "back to the first SIM", func() error {
				if err := spare.Stop(); err != nil {
					return err
				}
				if err := c.phone.Put(ctx, c.sim); err != nil {
					return err
				}
				return c.phone.Enrol(ctx, uiapp.TransferHere)
			}),
			does("元のSIMで使え、もう一方は失効した", "it is active there again, and the other one is revoked", func() error {
				return all(c.active, func() error { return certificateIs(ctx, w, second, certificate.Revoked) }, c.logsIn)()
			}),
			resumes("もう一枚のSIMも消去される", "the other SIM is erased in its turn", func() error {
				if err := spare.Put(ctx, other); err != nil {
					return err
				}
				return c.until(24*time.Hour, func() error { return nothingOn(ctx, w, other) })
			}),
			does("責任分界を監査記録で確かめる", "the trails say who did what", func() error {
				return noted(ctx, w, map[tsmp.PartyID][]string{world.CA: {"activate", "report erase"}, world.SPTSM: {"certificate-superseded", "erasure-recorded"},
					world.ManagerOf("hayate"): {"termination-ordered"}, world.ManagerOf("minato"): {"termination-ordered"}})
			}))...)
	},
}
