package fleet

import (
	"context"
	"errors"
	"fmt"
	"time"

	"inkan/core/jpki/certificate"
	"inkan/scenarios/relyingparty"
	"inkan/scenarios/world"
	"inkan/sim/handset/uiapp"
)

// Other PINs.
const (
	wrongPIN  = "0000"
	secondPIN = "2580"
	thirdPIN  = "8642"
)

// happen has the life's event happen.
func (l *life) happen(ctx context.Context) error {
	switch l.Event {
	case Found:
		return l.found(ctx)
	case Lost:
		return l.lost(ctx)
	case Reset:
		return l.reset(ctx, secondPIN)
	case Transfer:
		return l.transfer(ctx)
	case Disposal:
		return l.dispose(ctx)
	}
	return nil
}

// lock types wrong PINs until the PIN is blocked, and has it reset.
func (l *life) lock(ctx context.Context) error {
	blocked := false
	for n := 0; n < 8 && !blocked; n++ {
		_, err := l.phone.Login(ctx, l.w.Bank, "残高照会", wrongPIN)
		code, ok := catalogued(err)
		if err == nil || !ok {
			return fmt.Errorf("a wrong PIN: %w", err)
		}
		blocked = code == "HS-508"
	}
	if !blocked {
		return fmt.Errorf("no number of wrong PINs blocks it")
	}
	return l.reset(ctx, thirdPIN)
}

// apply is an application for something, to its end.
func (l *life) apply(ctx context.Context, action uiapp.Action, after func() error) error {
	return l.again(ctx, func() error {
		if err := l.ask(ctx, action); err != nil {
			return err
		}
		if err := l.phone.Follow(ctx, l.w.Patience()); err != nil {
			return err
		}
		return after()
	})
}

// reset has the PIN set anew.
func (l *life) reset(ctx context.Context, pin string) error {
	if err := l.apply(ctx, uiapp.ResetPIN, func() error { return l.phone.SetPIN(ctx, pin) }); err != nil {
		return err
	}
	return l.login(ctx, pin)
}

// found is a phone that is lost, held, found and freed.
func (l *life) found(ctx context.Context) error {
	pin := world.PIN
	if l.Trouble == WrongPIN {
		pin = thirdPIN
	}
	if err := l.w.CallDesk(ctx, l.who, l.instance(), world.SuspendIt); err != nil {
		return err
	}
	if err := l.certificateIs(ctx, l.instance(), certificate.Suspended); err != nil {
		return err
	}
	if err := l.rest(ctx, l.phone.SIM); err != nil {
		return err
	}
	_, err := l.phone.Login(ctx, l.w.Bank, "残高照会", pin)
	// Where the authority has told nobody yet the bank finds it.
	if said := (*relyingparty.Error)(nil); !errors.As(err, &said) || said.Code != relyingparty.CertificateSuspended {
		if err := isRefused(err, "HS-516", "HS-517"); err != nil {
			return err
		}
	}
	if err := l.apply(ctx, uiapp.LiftHold, func() error { return nil }); err != nil {
		return err
	}
	if err := l.login(ctx, pin); err != nil {
		return err
	}
	return l.certificateIs(ctx, l.instance(), certificate.Active)
}

// lost is a phone that is switched off when it is revoked, and found by somebody else.
func (l *life) lost(ctx context.Context) error {
	if err := l.phone.Stop(); err != nil {
		return err
	}
	if err := l.w.CallDesk(ctx, l.who, l.instance(), world.RevokeIt); err != nil {
		return err
	}
	if err := l.w.Pass(ctx, time.Hour); err != nil {
		return err
	}
	if err := l.certificateIs(ctx, l.instance(), certificate.Revoked); err != nil {
		return err
	}
	if err := l.phone.SwitchOn(ctx); err != nil {
		return err
	}
	return l.erased(ctx, l.phone.SIM)
}

// erased waits until nothing of the service is on a SIM any more.
func (l *life) erased(ctx context.Context, s *world.SIM) error {
	if err := l.rest(ctx, s); err != nil {
		return err
	}
	t, err := s.Traces(ctx)
	if err == nil && !t.Nothing() {
		err = fmt.Errorf("at rest, and not erased: %+v", *t)
	}
	return err
}

// transfer is one to another carrier's SIM; the one of before goes into a spare phone.
func (l *life) transfer(ctx context.Context) error {
	first, before := l.instance(), l.phone.SIM
	other, err := l.w.Carriers[l.Next].Sell(ctx, l.who.Name)
	if err != nil {
		return err
	}
	if err := l.phone.Put(ctx, other); err != nil {
		return err
	}
	if err := l.apply(ctx, uiapp.TransferHere, func() error { return l.phone.SetPIN(ctx, world.PIN) }); err != nil {
		return err
	}
	if err := l.certificateIs(ctx, l.instance(), certificate.Active); err != nil {
		return err
	}
	if err := l.certificateIs(ctx, first, certificate.Revoked); err != nil {
		return err
	}
	if err := l.login(ctx, world.PIN); err != nil {
		return err
	}
	spare, err := l.w.Phone(ctx, l.who, before, world.PhoneConfig{})
	if err != nil {
		return fmt.Errorf("spare phone: %w", err)
	}
	if err := l.erased(ctx, before); err != nil {
		return err
	}
	return spare.Retire(ctx)
}

// dispose gives the phone away.
func (l *life) dispose(ctx context.Context) error {
	was := l.instance()
	if err := l.apply(ctx, uiapp.Dispose, func() error { return nil }); err != nil {
		return err
	}
	if err := l.certificateIs(ctx, was, certificate.Revoked); err != nil {
		return err
	}
	return l.erased(ctx, l.phone.SIM)
}
