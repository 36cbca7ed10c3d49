package stories

import (
	"context"
	"fmt"
	"time"

	"inkan/core/tsmp"
	"inkan/scenarios/world"
	"inkan/sim/handset/uiapp"
)

// cast is who and what most stories begin with.
type cast struct {
	ctx    context.Context
	w      *world.World
	holder *world.Person
	sim    *world.SIM
	phone  *world.Phone
}

func newCast(ctx context.Context, w *world.World) *cast { return &cast{ctx: ctx, w: w} }

// registered: the holder is in the register, and has a My Number Card.
func (c *cast) registered() step {
	return does("市区町村が住民を登録し、マイナンバーカードを交付する", "the municipality registers a resident and hands over a My Number Card", func() (err error) {
		c.holder, err = c.w.Register(c.ctx, "taro")
		return err
	})
}

// equipped: the holder has a phone with a carrier's SIM.
func (c *cast) equipped(carrier, model string) step {
	return does("携帯電話会社がSIMカードを渡し、スマートフォンに入れる", "the carrier hands over a SIM, which is put into the phone", func() (err error) {
		if c.sim, err = c.w.Carriers[carrier].Sell(c.ctx, c.holder.Name); err != nil {
			return err
		}
		c.phone, err = c.w.Phone(c.ctx, c.holder, c.sim, world.PhoneConfig{Model: model})
		return err
	})
}

// applied: the holder has applied with the card, and the service has taken it.
func (c *cast) applied() step {
	return does("利用者がアプリで申請し、マイナンバーカードで署名する", "the holder applies in the app and signs with the My Number Card", func() error {
		return c.phone.Apply(c.ctx, uiapp.Apply, tsmp.UsageHolder)
	})
}

// downloaded: key and certificate are in the SIM.
func (c *cast) downloaded() step {
	return does("SP-TSMとMNO-TSMが鍵と電子証明書をSIMカードに書き込む", "SP-TSM and MNO-TSM bring key and certificate into the SIM", func() error {
		return c.phone.Follow(c.ctx, c.w.Patience())
	})
}

// chosen: the holder has set the PIN.
func (c *cast) chosen() step {
	return does("利用者が暗証番号を設定する", "the holder sets the PIN", func() error {
		if err := c.phone.SetPIN(c.ctx, world.PIN); err != nil {
			return err
		}
		return c.active()
	})
}

// active makes sure that everything is as it is after a download.
func (c *cast) active() error {
	return all(
		func() error { return certificateIs(c.ctx, c.w, c.instance(), active) },
		func() error { return appletIs(c.ctx, c.w, c.sim, phaseActive) },
		func() error { return holds(c.ctx, c.w, c.phone, uiapp.Ready) },
		func() error { return saw(c.phone, uiapp.KeyCode, uiapp.KeyReview, uiapp.KeySubmitted, uiapp.KeyPINSet) },
	)()
}

// instance is the service instance that the phone's app knows of.
func (c *cast) instance() tsmp.PhoneID { return tsmp.PhoneID(c.phone.App.Instance) }

// begun are the steps from the register to the PIN.
func (c *cast) begun(carrier string) []step {
	return []step{c.registered(), c.equipped(carrier, ""), c.applied(), c.downloaded(), c.chosen()}
}

// logsIn is a login at the bank.
func (c *cast) logsIn() error {
	session, err := c.phone.Login(c.ctx, c.w.Bank, "残高照会", world.PIN)
	if err == nil {
		c.w.Say("the bank knows the account by the certificate's serial number, %s", session.Account)
	}
	return err
}

// until waits until something is so, for at most so long.
func (c *cast) until(limit time.Duration, is func() error) error {
	last := error(nil)
	came, err := c.w.Until(c.ctx, limit, func() (bool, error) {
		last = is()
		return last == nil, nil
	})
	if err != nil || came {
		return err
	}
	return fmt.Errorf("not within %v: %w", limit, last)
}
