package phone

import (
	"context"
	"errors"
	"time"

	"inkan/core/tsmp"
	"inkan/sim/handset/uiapp"
)

// Errors of a service that does not come to an end within Config.Patience.
var (
	ErrNoCode  = errors.New("no one-time code came")
	ErrEndless = errors.New("the application did not end")
)

// ask is the longest pause before the app asks again how far the service is: it is a
// laboratory, whose service has nothing to fear from that.
const ask = 150 * time.Millisecond

// act has the holder do something with the phone in hand, and what is shown said.
func (p *Phone) act(ctx context.Context, do func() error) error {
	p.hand.Lock()
	defer p.hand.Unlock()
	err := p.Recover(ctx)
	if err == nil {
		err = do()
	}
	if err != nil && !isUnreached(err) && ctx.Err() == nil {
		err = p.App.Fail(err)
	}
	for ; p.shown < len(p.Shown); p.shown++ {
		if text := p.Shown[p.shown].Text; text != p.last {
			p.config.Say("app", text)
			p.last = text
		}
	}
	return err
}

// Look is what the SIM holds.
func (p *Phone) Look(ctx context.Context) (h uiapp.Holding, err error) {
	err = p.act(ctx, func() error { h, err = p.App.Look(ctx, time.Now()); return err })
	return h, err
}

// Enrol is a whole application with the holder's My Number Card, from the code that
// comes by short message to the PIN.
func (p *Phone) Enrol(ctx context.Context, who *Person) error {
	if err := p.Apply(ctx, who); err != nil {
		return err
	}
	return p.Finish(ctx)
}

// Apply opens an application, and has the holder sign and send it.
func (p *Phone) Apply(ctx context.Context, who *Person) error {
	begin := func() error {
		return p.act(ctx, func() error { return p.App.Begin(ctx, time.Now(), uiapp.Apply, tsmp.UsageHolder) })
	}
	if err := p.again(ctx, begin); err != nil {
		return err
	}
	code, err := p.code(ctx)
	if err != nil {
		return err
	}
	if err := p.prepare(ctx); err != nil {
		return err
	}
	err = p.act(ctx, func() error {
		if _, err := p.App.Review(); err != nil {
			return err
		}
		p.config.Say("holder", "types the code, holds the My Number Card to the phone and enters its password")
		return p.App.Sign(ctx, time.Now(), code, who.Card, []byte(who.PINs.Sign), false)
	})
	if p.App.Step() == uiapp.Signed && isUnreached(err) {
		return nil // it is sent again until the service has it
	}
	return err
}

// code waits for the one-time code, which the app shows.
func (p *Phone) code(ctx context.Context) (code string, err error) {
	patience := time.NewTimer(p.config.Patience)
	defer patience.Stop()
	for {
		ok := false
		err := p.act(ctx, func() (err error) {
			if code, ok, err = p.newCode(); ok {
				return p.App.Received(code)
			}
			return err
		})
		if err != nil || ok {
			return code, err
		}
		select {
		case <-ctx.Done():
			return "", ctx.Err()
		case <-patience.C:
			return "", ErrNoCode
		case <-p.came:
		}
	}
}

// prepare waits until the application can be signed.
func (p *Phone) prepare(ctx context.Context) error {
	return p.until(ctx, func() (done bool, err error) {
		err = p.act(ctx, func() error { done, err = p.App.Prepare(ctx, time.Now()); return err })
		return done, err
	})
}

// Finish asks how far the service is, to the end, and sets the PIN where there is a
// code for it.
func (p *Phone) Finish(ctx context.Context) error {
	defer func() { // the app is put away
		_ = p.act(ctx, func() error { return p.HangUp(ctx) })
	}()
	err := p.until(ctx, func() (done bool, err error) {
		err = p.act(ctx, func() error {
			if p.App.Step() == uiapp.Signed {
				if err := p.App.Submit(ctx); err != nil {
					return err
				}
			}
			done, _, err = p.App.Progress(ctx)
			return err
		})
		return done, err
	})
	if err != nil || p.App.Step() != uiapp.Replied {
		return err
	}
	p.config.Say("holder", "chooses a PIN")
	return p.again(ctx, func() error {
		return p.act(ctx, func() error { return p.App.SetPIN(ctx, []byte(p.config.PIN)) })
	})
}

// until asks until something is done; who cannot be reached is asked later.
func (p *Phone) until(ctx context.Context, do func() (bool, error)) error {
	for end := time.Now().Add(p.config.Patience); time.Now().Before(end); {
		done, err := do()
		pause := ask
		switch {
		case err != nil && !isUnreached(err):
			return err
		case err != nil:
			pause = retry
		case done:
			return nil
		}
		if err := sleep(ctx, pause); err != nil {
			return err
		}
	}
	return ErrEndless
}
