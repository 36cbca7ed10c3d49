package stories

import (
	"context"
	"errors"

	"inkan/scenarios/relyingparty"
	"inkan/scenarios/report"
	"inkan/scenarios/world"
)

var notebook = &Story{
	Name: "notebook", Title: "the medication notebook, at a second party", TitleJA: "お薬手帳へのログイン",
	Summary:  report.Text{Japanese: "同じ鍵で二つ目のサービスにログインする。", English: "A login with the same key at a second party, which has accounts of its own."},
	Carriers: []string{"minato"},
	Run: func(ctx context.Context, w *world.World) error {
		c := newCast(ctx, w)
		var first *relyingparty.Session
		return play(ctx, w, append(c.begun("minato"),
			does("初めてのログインで登録する", "the first login: the notebook opens an account", func() (err error) {
				if first, err = c.phone.Login(ctx, w.Notebook, "お薬手帳を開きます", world.PIN); err != nil {
					return err
				}
				return w.Notebook.Accounts.Register("patient 1", first.Account)
			}),
			does("二度目のログインで同じ人だとわかる", "the second login: the notebook knows the account", func() error {
				again, err := c.phone.Login(ctx, w.Notebook, "お薬手帳を開きます", world.PIN)
				if err != nil {
					return err
				}
				name, err := w.Notebook.Accounts.Recognise(again.Account)
				if err == nil && name != "patient 1" {
					err = errors.New("it is another account")
				}
				return err
			}),
			does("銀行には別の利用者である", "the bank has no account of it", func() error {
				if _, err := w.Bank.Accounts.Recognise(first.Account); err == nil {
					return errors.New("the bank knows the notebook's account")
				}
				return nil
			}),
			isRefused("別のサイトを装ったログイン要求は拒否される", "a request that names another origin is refused", "HS-503", func() error {
				return c.phone.LureTo(ctx, w.Notebook, "https://note-book.example")
			}))...)
	},
}
