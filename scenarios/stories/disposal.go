package stories

import (
	"context"

	"inkan/core/jpki/certificate"
	"inkan/core/tsmp"
	"inkan/scenarios/report"
	"inkan/scenarios/world"
	"inkan/sim/handset/uiapp"
)

var disposal = &Story{
	Name: "disposal", Title: "a phone is given away: revoked and erased, with proof", TitleJA: "機種の処分: 失効と消去",
	Summary: report.Text{Japanese: "アプリから処分を申請すると、電子証明書が失効し、SIMから鍵とアプリケーションが消える。",
		English: "The holder disposes of it in the app: certificate revoked, key and application erased, and a statement of the card proves it."},
	Carriers: []string{"minato"},
	Run: func(ctx context.Context, w *world.World) error {
		c := newCast(ctx, w)
		var was tsmp.PhoneID
		return play(ctx, w, append(c.begun("minato"),
			does("アプリから処分を申請する", "the holder applies in the app", func() error {
				was = c.instance()
				return c.phone.Apply(ctx, uiapp.Dispose, tsmp.UsageHolder)
			}),
			does("失効し、消去される", "revoked at the authority, and erased on the SIM", func() error {
				if err := c.phone.Follow(ctx, w.Patience()); err != nil {
					return err
				}
				return all(func() error { return certificateIs(ctx, w, was, certificate.Revoked) },
					func() error { return c.until(w.Patience(), func() error { return nothingOn(ctx, w, c.sim) }) },
					func() error { return saw(c.phone, uiapp.KeyDisposed) })()
			}),
			does("責任分界を監査記録で確かめる", "the trails say who did what", func() error {
				return noted(ctx, w, map[tsmp.PartyID][]string{world.CA: {"revoke phone", "report erase"}, world.SPTSM: {"certificate-revoked", "erasure-recorded", "termination", "revocation-done"},
					world.ManagerOf("minato"): {"terminate-ended"}})
			}),
			isRefused("もう使えない", "there is nothing to log in with", "HS-517", c.logsIn))...)
	},
}
