package stories

import (
	"context"
	"errors"
	"time"

	"inkan/scenarios/report"
	"inkan/scenarios/world"
	"inkan/sim/handset/uiapp"
)

var expiry = &Story{
	Name: "expiry", Title: "the end of the certificate's validity is shown", TitleJA: "有効期限の表示",
	Summary:  report.Text{Japanese: "期限の90日前から知らせ、期限の後は再発行を案内する。", English: "A warning in the last 90 days, and after the end a refusal that says what to do."},
	Carriers: []string{"akebono"},
	Run: func(ctx context.Context, w *world.World) error {
		c := newCast(ctx, w)
		var end time.Time
		see := func(soon bool) func() error {
			return func() error {
				is, err := c.phone.Expiry(ctx)
				if err == nil && is != soon {
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
			does("期限の30日前に知らせる", "thirty days before its end the app says so", func() error {
				return all(to(30*24*time.Hour), see(true), func() error { return saw(c.phone, uiapp.KeyExpiresSoon) })()
			}),
			isRefused("期限の後は使えない", "after its end it is of no use", "HS-509", func() error {
				if err := to(-time.Hour)(); err != nil {
					return err
				}
				return c.logsIn()
			}),
			does("再発行を案内する", "the app says what to do", all(see(true), func() error { return saw(c.phone, uiapp.KeyExpired) })))...)
	},
}
