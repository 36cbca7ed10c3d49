package stories

import (
	"context"
	"time"

	"inkan/core/tsmp"
	"inkan/scenarios/report"
	"inkan/scenarios/world"
	"inkan/sim/handset/uiapp"
)

var deadNetwork = &Story{
	Name: "dead-network", Title: "the network goes in the middle, and comes back", TitleJA: "途中で切れた通信",
	Summary: report.Text{Japanese: "書き込みの途中で圏外になり、電源も切れる。戻れば続きから終わる。",
		English: "Out of coverage in the middle of the download, by relay and by short messages: it goes on by itself."},
	Carriers: []string{"hayate", "minato"},
	Run: func(ctx context.Context, w *world.World) error {
		var steps []step
		for n, model := range []string{relayModel, smsModel} {
			carrier := []string{"hayate", "minato"}[n]
			c := newCast(ctx, w)
			steps = append(steps,
				does(carrier+": 申請する", carrier+": the holder applies", func() (err error) {
					if c.holder, err = w.Resident(ctx, uint32(n+1)); err != nil {
						return err
					}
					if err := c.equipped(carrier, model).do(); err != nil {
						return err
					}
					return c.phone.Apply(ctx, uiapp.Apply, tsmp.UsageHolder)
				}),
				does("途中で圏外になる", "the network goes in the middle", func() error {
					after := map[string]time.Duration{relayModel: 4 * time.Second, smsModel: 3 * time.Minute}[model]
					if err := c.phone.FollowFor(ctx, after); err != nil {
						return err
					}
					c.phone.SetCoverage(false)
					return w.Pass(ctx, 20*time.Minute)
				}),
				resumes("圏外を出ると、続きから終わる", "it comes back, and the download goes on to its end", func() error {
					c.phone.SetCoverage(true)
					if err := c.phone.Finish(ctx, world.PIN); err != nil {
						return err
					}
					return all(c.active, c.logsIn)()
				}))
		}
		return play(ctx, w, steps...)
	},
}
