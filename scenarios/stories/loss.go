package stories

import (
	"context"
	"time"

	"inkan/core/jpki"
	"inkan/core/jpki/certificate"
	"inkan/core/tsmp"
	"inkan/scenarios/report"
	"inkan/scenarios/world"
	"inkan/sim/handset/uiapp"
)

var loss = &Story{
	Name: "loss", Title: "a lost phone: suspended, found, lost again, revoked, erased", TitleJA: "スマートフォンの紛失: 一時停止、解除、失効、消去",
	Summary: report.Text{Japanese: "電話で一時停止し、見つかれば署名で解除し、見つからなければ失効する。SIMは次に電波が届いたときに消去される。",
		English: "The help desk suspends at once; the holder's signature lifts it; what stays lost is revoked, and the SIM erased when it is seen again."},
	Carriers: []string{"hayate"},
	Run: func(ctx context.Context, w *world.World) error {
		c := newCast(ctx, w)
		return play(ctx, w, append(c.begun("hayate"),
			does("コールセンターが一時停止する", "the help desk suspends the certificate", func() error {
				if err := w.CallDesk(ctx, c.holder, c.instance(), world.SuspendIt); err != nil {
					return err
				}
				return certificateIs(ctx, w, c.instance(), certificate.Suspended)
			}),
			does("SIMの中のアプリケーションも止まる", "the application in the SIM is held as well", func() error {
				return c.until(time.Hour, func() error { return appletIs(ctx, w, c.sim, jpki.Suspended) })
			}),
			isRefused("止まっている間は使えない", "nobody logs in with it", "HS-516", c.logsIn),
			does("見つかったので、マイナンバーカードの署名で解除する", "it was found: the holder lifts the hold, signed with the My Number Card", func() error {
				if err := c.phone.Apply(ctx, uiapp.LiftHold, tsmp.UsageHolder); err != nil {
					return err
				}
				if err := c.phone.Follow(ctx, w.Patience()); err != nil {
					return err
				}
				return all(c.logsIn, func() error { return certificateIs(ctx, w, c.instance(), active) }, func() error { return saw(c.phone, uiapp.KeyLifted) })()
			}),
			does("また紛失し、電源も切れた。コールセンターが失効する", "lost for good, and switched off: the help desk has it revoked", func() error {
				if err := c.phone.Stop(); err != nil {
					return err
				}
				if err := w.CallDesk(ctx, c.holder, c.instance(), world.RevokeIt); err != nil {
					return err
				}
				return all(func() error { return w.Pass(ctx, time.Hour) }, func() error { return certificateIs(ctx, w, c.instance(), certificate.Revoked) })()
			}),
			resumes("拾った人が電源を入れると、SIMが消去される", "whoever switches it on has the SIM erased", func() error {
				if err := c.phone.SwitchOn(ctx); err != nil {
					return err
				}
				return c.until(24*time.Hour, func() error { return nothingOn(ctx, w, c.sim) })
			}),
			does("責任分界を監査記録で確かめる", "the trails say who did what", func() error {
				return noted(ctx, w, map[tsmp.PartyID][]string{world.CA: {"suspend phone", "resume phone", "revoke phone", "report erase"}, world.Desk: {"suspended", "revoked"},
					world.SPTSM: {"certificate-suspended", "certificate-resumed", "certificate-revoked", "erasure-recorded", "termination"}, world.ManagerOf("hayate"): {"termination-ordered"}})
			}))...)
	},
}
