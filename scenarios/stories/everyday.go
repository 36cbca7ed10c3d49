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

// States that stories look for.
const (
	active      = certificate.Active
	phaseActive = jpki.Active
)

var everyday = &Story{
	Name: "everyday", Title: "the key in the SIM: applied for, downloaded, and a login with it", TitleJA: "SIMカードへの電子証明書の発行とログイン",
	Summary: report.Text{Japanese: "マイナンバーカードで申請し、鍵と電子証明書をSIMカードに入れ、銀行にログインする。",
		English: "An application signed with the My Number Card; key and certificate go into the SIM over the air; a login at a bank."},
	Carriers: []string{"hayate"},
	Run: func(ctx context.Context, w *world.World) error {
		c := newCast(ctx, w)
		return play(ctx, w, append(c.begun("hayate"),
			does("利用者が銀行にログインする", "the holder logs in at the bank", all(c.logsIn, func() error { return saw(c.phone, uiapp.KeyLoggedIn) })),
			does("責任分界を監査記録で確かめる", "every party has its part in the audit trails", all(func() error { return everybodyNoted(ctx, w) }, func() error {
				return c.until(10*time.Minute, func() error { // an app whose report was lost makes it again
					return noted(ctx, w, map[tsmp.PartyID][]string{world.CA: {"register application", "place order", "activate"}, world.ManagerOf("hayate"): {"code-sent", "deploy-ended", "token-given", "receipt-verified"},
						world.SPTSM: {"application-verified", "domain-take-over", "certificate-issued", "certificate-activated", "pin-set"}, world.City: {"card-handed-over"}})
				})
			})))...)
	},
}
