package world

import (
	"context"
	"errors"
	"time"

	"inkan/core/jpki/login"
	"inkan/core/tsmp"
	"inkan/sim/handset/fault"
	"inkan/sim/handset/uiapp"
)

// SetPIN sets the PIN that the holder has chosen.
func (p *Phone) SetPIN(ctx context.Context, pin string) error {
	if err := p.think(ctx, typingTime); err != nil {
		return err
	}
	err := p.again(ctx, func() error { return p.App.SetPIN(ctx, []byte(pin)) })
	p.w.note(p.identity.Party, "pin-set", "holder", "holder", err)
	p.remind(remindAfter)
	return err
}

// Between two tries of the operating system to have the app report: the first, and the longest.
const (
	remindAfter   = 30 * time.Second
	longestRemind = time.Hour
)

// remind has the operating system call the app later where the service has not heard
// something yet, and again, until the phone is switched off.
func (p *Phone) remind(after time.Duration) {
	if !p.App.Owes() {
		return
	}
	p.w.later = append(p.w.later, late{at: p.w.Clock.Elapsed() + after, arrive: func(ctx context.Context) error {
		if errors.Is(p.Reachable(), fault.New(fault.SwitchedOff, "")) {
			return nil
		}
		if p.App.Report(ctx) != nil {
			p.remind(min(2*after, longestRemind))
		}
		return nil
	}})
}

// unreached reports whether an error says that the service, or the card, cannot be
// reached now, or that the same is worth asking again.
func unreached(err error) bool {
	if refusal := (*tsmp.Error)(nil); errors.As(err, &refusal) {
		entry, ok := tsmp.LookupCode(refusal.Code)
		return ok && entry.Retry == tsmp.RetrySame
	}
	f := (*fault.Error)(nil)
	if !errors.As(err, &f) {
		return IsLost(err)
	}
	switch f.Code {
	case fault.ServerUnreached, fault.NoConnection, fault.Interrupted, fault.NoCoverage, fault.SwitchedOff, fault.SIMSilent:
		return true
	}
	return false
}

// ChangePIN changes the PIN.
func (p *Phone) ChangePIN(ctx context.Context, old, pin string) error {
	if err := p.think(ctx, 2*typingTime); err != nil {
		return err
	}
	err := p.again(ctx, func() error { return p.App.ChangePIN(ctx, p.w.Now(), []byte(old), []byte(pin)) })
	p.w.note(p.identity.Party, "pin-changed", "holder", "holder", err)
	return err
}

// Expiry has the app show when the certificate ends, and tells whether that is soon or
// over.
func (p *Phone) Expiry(ctx context.Context) (soon bool, err error) {
	err = p.again(ctx, func() error { soon, err = p.App.Expiry(ctx, p.w.Now()); return err })
	return soon, err
}

// Look is what the SIM holds, as the app sees it.
func (p *Phone) Look(ctx context.Context) (h uiapp.Holding, err error) {
	err = p.again(ctx, func() error { h, err = p.App.Look(ctx, p.w.Now()); return err })
	return h, err
}

// Code is the one-time code that came to the phone last; empty: none did.
func (p *Phone) Code() string {
	if code, ok, err := p.newCode(); err == nil && ok {
		p.typed = code
	}
	return p.typed
}

// SwitchOn switches a phone on that was off: its SIM's network hears of it.
func (p *Phone) SwitchOn(ctx context.Context) error {
	if err := p.onAgain(ctx, p.Start(ctx)); err != nil {
		return err
	}
	p.remind(remindAfter)
	return p.register(ctx)
}

// LureTo has a site with another origin hand over the login request of a provider.
func (p *Phone) LureTo(ctx context.Context, at *Provider, origin string) error {
	statement, err := at.Challenge("ログイン")
	if err != nil {
		return err
	}
	_, err = p.answer(ctx, at, &login.Statement{Origin: statement.Origin, Nonce: statement.Nonce, Expiry: statement.Expiry, Text: statement.Text}, origin, PIN)
	return err
}
