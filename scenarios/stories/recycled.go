package stories

import (
	"context"
	"errors"
	"time"

	"inkan/core/tsmp"
	"inkan/scenarios/report"
	"inkan/scenarios/world"
	"inkan/sim/handset/uiapp"
)

var recycledNumber = &Story{
	Name: "recycled-number", Title: "the number went to somebody else", TitleJA: "再利用された電話番号",
	Summary: report.Text{Japanese: "解約された番号を得た人は、前の利用者のものを何も引き継がない。",
		English: "Who gets a number that was given up inherits nothing: the application in the middle is dead."},
	Carriers: []string{"hayate"},
	Run: func(ctx context.Context, w *world.World) error {
		c := newCast(ctx, w)
		next := newCast(ctx, w)
		return play(ctx, w, c.registered(), c.equipped("hayate", smsModel), c.applied(),
			does("書き込みの途中で解約し、番号は別の人のものになる", "in the middle the contract ends, and the number goes to somebody else", func() (err error) {
				if err := w.Pass(ctx, 90*time.Second); err != nil {
					return err
				}
				if next.holder, err = w.Resident(ctx, 2); err != nil {
					return err
				}
				if err := c.sim.EndContract(ctx); err != nil {
					return err
				}
				if next.sim, err = w.Carriers["hayate"].SellWithNumber(ctx, next.holder.Name, c.sim.Number); err != nil {
					return err
				}
				next.phone, err = w.Phone(ctx, next.holder, next.sim, world.PhoneConfig{Model: smsModel})
				return err
			}),
			isRefused("前の申請は終わる", "the application is dead", "TSM-subscriber-changed", func() error { return c.phone.Follow(ctx, w.Patience()) }),
			does("新しい利用者は何も引き継がない", "the new owner of the number has inherited nothing", func() error {
				if err := nothingOn(ctx, w, next.sim); err != nil {
					return err
				}
				if code := next.phone.Code(); code != "" {
					return errors.New("a code came to the new owner")
				}
				return nil
			}),
			does("新しい利用者は自分で申請できる", "and can apply for a certificate of her own", func() error {
				if err := next.phone.Apply(ctx, uiapp.Apply, tsmp.UsageHolder); err != nil {
					return err
				}
				return next.phone.Finish(ctx, world.PIN)
			}))
	},
}
