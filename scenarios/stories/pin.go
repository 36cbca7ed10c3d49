package stories

import (
	"context"

	"inkan/core/tsmp"
	"inkan/scenarios/report"
	"inkan/scenarios/world"
	"inkan/sim/handset/uiapp"
)

// Other PINs of the holder.
const (
	secondPIN = "2580"
	thirdPIN  = "8642"
	wrongPIN  = "0000"
)

var pin = &Story{
	Name: "pin", Title: "the PIN: changed, locked, and reset with the My Number Card", TitleJA: "暗証番号の変更、ロック、再設定",
	Summary:  report.Text{Japanese: "暗証番号を変え、3回間違え、マイナンバーカードで再設定する。", English: "The holder changes the PIN, forgets it, and resets it by a signature of the My Number Card."},
	Carriers: []string{"hayate"},
	Run: func(ctx context.Context, w *world.World) error {
		c := newCast(ctx, w)
		bank := func(pin string) func() error {
			return func() error { _, err := c.phone.Login(ctx, w.Bank, "残高照会", pin); return err }
		}
		var before tsmp.PhoneID
		return play(ctx, w, append(c.begun("hayate"),
			does("暗証番号を変更する", "the holder changes the PIN", func() error {
				before = c.instance()
				return c.phone.ChangePIN(ctx, world.PIN, secondPIN)
			}),
			does("新しい暗証番号でログインする", "the new one opens the bank", bank(secondPIN)),
			isRefused("1回目の間違い", "a wrong one", "HS-507", bank(wrongPIN)),
			isRefused("2回目の間違い", "another wrong one", "HS-507", bank(wrongPIN)),
			isRefused("3回目の間違いでロックされる", "the third locks it", "HS-508", bank(wrongPIN)),
			isRefused("正しい暗証番号でも使えない", "the right one does not help any more", "HS-508", bank(secondPIN)),
			does("マイナンバーカードで再設定を申請する", "the holder applies for a reset, signed with the My Number Card", func() error {
				return c.phone.Apply(ctx, uiapp.ResetPIN, tsmp.UsageHolder)
			}),
			does("新しい暗証番号を設定する", "the SIM takes the order, and the holder sets a PIN", func() error { return c.phone.Finish(ctx, thirdPIN) }),
			does("同じ電子証明書でログインする", "the same certificate opens the bank", all(bank(thirdPIN), func() error {
				return certificateIs(ctx, w, before, active)
			}, func() error { return saw(c.phone, uiapp.KeyPINChanged, uiapp.KeyPINSet) }, func() error {
				return noted(ctx, w, map[tsmp.PartyID][]string{world.CA: {"place reset", "complete reset"}, world.SPTSM: {"reset-ordered", "reset-sealed", "pin-reset-done"}})
			})))...)
	},
}
