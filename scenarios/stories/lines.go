package stories

import (
	"context"

	"inkan/core/tsmp"
	"inkan/scenarios/report"
	"inkan/scenarios/world"
	"inkan/sim/handset/uiapp"
)

var permittedUser = &Story{
	Name: "permitted-user", Title: "on somebody else's contract", TitleJA: "契約者と利用者が異なる回線",
	Summary: report.Text{Japanese: "契約者が利用者を登録していれば申請でき、登録がなければ断られる。",
		English: "A contract that permits its user is fit; one that does not is refused. The carrier never learns who applies."},
	Carriers: []string{"minato"},
	Run: func(ctx context.Context, w *world.World) error {
		c := newCast(ctx, w)
		apply := func() error { return c.phone.Apply(ctx, uiapp.Apply, tsmp.UsagePermittedUser) }
		return play(ctx, w, c.registered(),
			does("会社の回線のSIMを使う", "the SIM is on an employer's contract", func() (err error) {
				if c.sim, err = w.Carriers["minato"].Sell(ctx, "見本商事株式会社"); err != nil {
					return err
				}
				c.phone, err = w.Phone(ctx, c.holder, c.sim, world.PhoneConfig{})
				return err
			}),
			isRefused("利用者の登録がない", "the contract permits no user", "DEV-user-not-permitted", apply),
			does("契約者が利用者を登録する", "the contract's holder permits a user", func() error { return c.sim.Permit(ctx, "社員 1") }),
			does("利用者として申請する", "the user applies", apply),
			c.downloaded(), c.chosen())
	},
}

var mvno = &Story{
	Name: "mvno", Title: "on a small carrier's line", TitleJA: "MVNOの回線",
	Summary:  report.Text{Japanese: "契約はMVNO、SIMの鍵は回線を貸す会社にある。", English: "The contract is the MVNO's, the SIM's keys are its host's."},
	Carriers: []string{"akebono", "suzume"},
	Run: func(ctx context.Context, w *world.World) error {
		c := newCast(ctx, w)
		return play(ctx, w, append(c.begun("suzume"), does("銀行にログインする", "a login at the bank", c.logsIn))...)
	},
}

var simFree = &Story{
	Name: "sim-free", Title: "on a phone bought elsewhere", TitleJA: "SIMフリー端末とSIMロック端末",
	Summary: report.Text{Japanese: "SIMロックされた端末は他社のSIMを受け付けない。解除すれば使える。",
		English: "A phone locked to another network does not take the SIM; unlocked, or never locked, it does."},
	Carriers: []string{"minato"},
	Run: func(ctx context.Context, w *world.World) error {
		c := newCast(ctx, w)
		return play(ctx, w, c.registered(),
			isRefused("他社向けの端末はSIMを受け付けない", "a phone that is locked to another network refuses the SIM", "HS-102", func() (err error) {
				if c.sim, err = w.Carriers["minato"].Sell(ctx, c.holder.Name); err != nil {
					return err
				}
				_, err = w.Phone(ctx, c.holder, c.sim, world.PhoneConfig{Model: "Momiji M"})
				return err
			}),
			does("SIMフリーの端末に入れる", "it goes into one that was never locked", func() (err error) {
				c.phone, err = w.Phone(ctx, c.holder, c.sim, world.PhoneConfig{Model: "Sakura S1 Free"})
				return err
			}),
			c.applied(), c.downloaded(), c.chosen())
	},
}
