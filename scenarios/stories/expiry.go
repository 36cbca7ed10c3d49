package stories

import (
	"context"
	"errors"
	"fmt"
	"time"

	"inkan/core/tsmp"
	"inkan/scenarios/report"
	"inkan/scenarios/world"
	"inkan/sim/handset/uiapp"
)

var expiry = &Story{
	Name: "expiry", Title: "the end of validity: shown in time, and then a new certificate", TitleJA: "有効期限の表示と再発行",
	Summary: report.Text{Japanese: "期限の90日前から知らせ、期限の後は使えない。マイナンバーカードを更新し、同じSIMに再発行する。",
		English: "A warning in the last 90 days, a refusal after the end that says what to do; with a renewed My Number Card the same SIM gets a new certificate."},
	Carriers: []string{"akebono"},
	Run: func(ctx context.Context, w *world.World) error {
		c := newCast(ctx, w)
		var end time.Time
		see := func(soon bool) func() error {
			return func() error {
				is, err := c.phone.Expiry(ctx)
				if err != nil {
					return err
				}
				w.Say("the app says: %s", c.phone.Shown[len(c.phone.Shown)-1].Text)
				if is != soon {
					err = errors.New("the app does not say in time what there is to say")
				}
				return err
			}
		}
		to := func(before time.Duration) func() error {
			return func() error { return w.Sleep(ctx, end.Add(-before)) }
		}
		return play(ctx, w, append(c.begun("akebono"),
			does("今は有効である", "now it is valid", all(see(false), func() (err error) {
				h, err := c.phone.Look(ctx)
				end = h.NotAfter
				return err
			}, func() error { return saw(c.phone, uiapp.KeyValid) })),
			does("期限の90日前から知らせる", "from ninety days before its end on the app says so", func() error {
				return all(to(90*24*time.Hour-time.Minute), see(true), func() error { return saw(c.phone, uiapp.KeyExpiresSoon) })()
			}),
			isRefused("期限の後は使えない", "after its end it is of no use", "HS-509", func() error {
				if err := all(to(-time.Hour), func() error { return w.Season(ctx) })(); err != nil {
					return err
				}
				return c.logsIn()
			}),
			does("何をすればよいかを知らせる", "the app says what to do", all(see(true), func() error { return saw(c.phone, uiapp.KeyExpired) })),
			does("市区町村の窓口でマイナンバーカードを更新する", "the municipality renews the My Number Card, whose end was the phone's", func() error {
				return c.holder.NewCard(ctx)
			}),
			does("アプリで申請し直し、同じSIMに書き込む", "the holder applies again, and the same SIM is written anew", func() error {
				return c.phone.Enrol(ctx, uiapp.Apply)
			}),
			does("期限の切れた鍵の消去は認証局に証明されている", "the authority has the card's proof that the expired key was erased", func() error {
				return noted(ctx, w, map[tsmp.PartyID][]string{world.CA: {"report erase"}, world.SPTSM: {"erasure-recorded"}})
			}),
			does("新しい電子証明書でログインする", "the new certificate opens the bank", all(c.active, c.logsIn, see(false), func() error {
				h, err := c.phone.Look(ctx)
				if err == nil && !h.NotAfter.After(end) {
					err = fmt.Errorf("it ends on %v, no later than the one before", h.NotAfter)
				}
				return err
			})))...)
	},
}
