package stories

import (
	"context"

	"inkan/scenarios/report"
	"inkan/scenarios/world"
	"inkan/sim/handset/uiapp"
)

var touch = &Story{
	Name: "touch", Title: "at a reader: insurance eligibility and payment", TitleJA: "かざす利用: 保険資格の確認と決済",
	Summary:  report.Text{Japanese: "読み取り機にかざし、1回の操作で1回だけ署名する。", English: "Held to a reader the SIM signs once for each act of the holder, and not without one."},
	Carriers: []string{"hayate"},
	Run: func(ctx context.Context, w *world.World) error {
		c := newCast(ctx, w)
		var clinic, till *world.Reader
		return play(ctx, w, append(c.begun("hayate"),
			does("医療機関と店に読み取り機がある", "a clinic and a shop have readers", func() (err error) {
				if clinic, err = w.Reader("clinic.example", "医療機関の窓口", "clinic"); err != nil {
					return err
				}
				till, err = w.Reader("shop.example", "店のレジ", "shop")
				return err
			}),
			isRefused("操作していないSIMは読めない", "a reader finds nothing without the holder's act", "HS-402", func() error { return clinic.Near(ctx, c.phone) }),
			does("保険資格を確認する", "insurance eligibility at the clinic", func() error {
				_, err := c.phone.Touch(ctx, clinic, "保険資格の確認", world.PIN)
				return err
			}),
			does("支払う", "payment at the shop", func() error {
				_, err := c.phone.Touch(ctx, till, "お支払い 1,234円", world.PIN)
				return err
			}),
			isRefused("もう一度は読めない", "the act was for one use", "HS-402", func() error { return till.Near(ctx, c.phone) }),
			isRefused("暗証番号が違うときは使えない", "without the right PIN there is none", "HS-507", func() error {
				_, err := c.phone.Touch(ctx, till, "お支払い 99円", "9999")
				return err
			}),
			does("画面に操作が表示される", "the holder saw what to do", func() error { return saw(c.phone, uiapp.KeyTouch) }))...)
	},
}
