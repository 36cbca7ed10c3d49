package world

import (
	"context"
	"errors"
	"time"

	"inkan/core/tsmp"
	"inkan/sim/handset/uiapp"
)

// How long a person takes.
const (
	readingTime = 20 * time.Second // to read what is about to be signed
	typingTime  = 6 * time.Second  // to type a code or PIN
	askAgain    = 5 * time.Second  // until the app asks again where the service does not say
)

// Patience is how long holders wait for an application to end.
func (w *World) Patience() time.Duration { return 24 * time.Hour }

// PIN is what holders choose for the phone when nothing else is said.
const PIN = "1234"

// ErrNoCode: the one-time code did not come to this phone.
var ErrNoCode = errors.New("world: no code came")

// ErrEndless: the service did not come to an end within the time of the story.
var ErrEndless = errors.New("world: the application did not end")

// act has the holder do something in the app: time passes by what it took, and what is
// shown is seen, the catalogue's message about an error too.
func (p *Phone) act(ctx context.Context, do func() error) error {
	if err := p.Recover(ctx); err != nil {
		return p.App.Fail(err)
	}
	err := do()
	p.chip()
	err = p.App.Fail(err)
	p.show()
	return err
}

// again is act, tried again later while the service cannot be reached.
func (p *Phone) again(ctx context.Context, do func() error) (err error) {
	for range patience {
		if err = p.act(ctx, do); err == nil || !unreached(err) {
			return err
		}
		if err := p.w.Pass(ctx, 20*time.Second); err != nil {
			return err
		}
	}
	return err
}

// patience is how often a holder tries something again.
const patience = 5

// show tells watchers what the screen has shown since.
func (p *Phone) show() {
	for ; p.told < len(p.Shown); p.told++ {
		p.w.Record.Screen(p.lane, p.Shown[p.told])
	}
}

// Saw reports whether the screen has shown a text of the catalogue.
func (p *Phone) Saw(key uiapp.Key) bool {
	for _, m := range p.Shown {
		if m.Key == key {
			return true
		}
	}
	return false
}

// SawError reports whether the screen has shown the error of an identifier.
func (p *Phone) SawError(id string) bool {
	for _, m := range p.Shown {
		if m.Error == id {
			return true
		}
	}
	return false
}

// think lets a person's time pass, with what happens meanwhile.
func (p *Phone) think(ctx context.Context, d time.Duration) error {
	return p.w.until(ctx, d, OnPerson, func() (bool, error) { return false, nil })
}

// Enrol is a whole application for an action and what follows from it, with the
// owner's card, to the PIN where there is one to set.
func (p *Phone) Enrol(ctx context.Context, action uiapp.Action) error {
	if err := p.Apply(ctx, action, tsmp.UsageHolder); err != nil {
		return err
	}
	return p.Finish(ctx, PIN)
}

// Apply opens an application, and has the owner sign and send it.
func (p *Phone) Apply(ctx context.Context, action uiapp.Action, usage tsmp.Usage) error {
	if err := p.Begin(ctx, action, usage); err != nil {
		return err
	}
	return p.Sign(ctx, p.Owner)
}

// Begin opens an application, and gets the one-time code where there is one.
func (p *Phone) Begin(ctx context.Context, action uiapp.Action, usage tsmp.Usage) error {
	begun := 0
	p.read = len(p.Inbox) // codes of before, of which another copy came
	err := p.again(ctx, func() error {
		begun++
		return p.App.Begin(ctx, p.w.Now(), action, usage)
	})
	if err != nil {
		return err
	}
	if action == uiapp.Apply || action == uiapp.TransferHere {
		if err := p.code(ctx, begun > 1); err != nil {
			return err
		}
	}
	return p.prepare(ctx)
}

// code waits for the one-time code, which the app shows. Where several may come, it is
// the last one.
func (p *Phone) code(ctx context.Context, several bool) error {
	typed := ""
	came, err := p.w.Until(ctx, 10*time.Minute, func() (ok bool, err error) {
		typed, ok, err = p.newCode()
		return ok, err
	})
	if err != nil {
		return err
	}
	if !came {
		return ErrNoCode
	}
	if several {
		if err := p.w.Pass(ctx, time.Minute); err != nil {
			return err
		}
		if last, ok, err := p.newCode(); err != nil {
			return err
		} else if ok {
			typed = last
		}
	}
	p.typed = typed
	return p.act(ctx, func() error { return p.App.Received(typed) })
}

// prepare waits until the application can be signed.
func (p *Phone) prepare(ctx context.Context) error {
	end := p.w.Now().Add(2 * time.Hour)
	for p.w.Now().Before(end) {
		done := false
		err := p.again(ctx, func() (err error) {
			done, err = p.App.Prepare(ctx, p.w.Now())
			return err
		})
		if err != nil || done {
			return err
		}
		if err := p.w.Pass(ctx, askAgain); err != nil {
			return err
		}
	}
	return ErrEndless
}

// Sign has somebody sign what the app shows, with the My Number Card held to the
// phone, and send it.
func (p *Phone) Sign(ctx context.Context, who *Person) error {
	return p.SignWith(ctx, who, p.typed, who.PINs.Sign)
}

// SignWith is Sign with a code and a password as somebody types them.
func (p *Phone) SignWith(ctx context.Context, who *Person, code, password string) error {
	if err := p.act(ctx, func() error { _, err := p.App.Review(); return err }); err != nil {
		return err
	}
	if err := p.think(ctx, readingTime+typingTime); err != nil {
		return err
	}
	err := p.act(ctx, func() error {
		err := p.App.Sign(ctx, p.w.Now(), code, who.Card, []byte(password), false)
		p.w.work(&who.meter)
		p.w.note(p.identity.Party, "application-signed", "holder", "holder", err)
		return err
	})
	if p.App.Step() == uiapp.Signed && unreached(err) {
		return nil // it is sent again until the service has it
	}
	return err
}

// Finish asks again and again how far the service is, to the end, and sets the PIN
// where there is a code for it.
func (p *Phone) Finish(ctx context.Context, pin string) error {
	if err := p.Follow(ctx, p.w.Patience()); err != nil {
		return err
	}
	if p.App.Step() != uiapp.Replied {
		return nil
	}
	return p.SetPIN(ctx, pin)
}

// Follow asks how far the service is, to the end, for at most so long. A phone without
// connection asks again later.
func (p *Phone) Follow(ctx context.Context, limit time.Duration) error {
	ended, err := p.follow(ctx, limit)
	if err == nil && !ended {
		err = ErrEndless
	}
	return err
}

// FollowFor asks how far the service is for so long, and leaves it then where it is.
func (p *Phone) FollowFor(ctx context.Context, d time.Duration) error {
	_, err := p.follow(ctx, d)
	return err
}

func (p *Phone) follow(ctx context.Context, limit time.Duration) (ended bool, err error) {
	defer func() { _ = p.HangUp(ctx) }() // the app is put away
	end := p.w.Now().Add(limit)
	if p.App.Step() == uiapp.Submitted { // there is nothing to see yet of what was sent just now
		if err := p.w.Pass(ctx, time.Second); err != nil {
			return false, err
		}
	}
	for p.w.Now().Before(end) {
		if p.App.Step() == uiapp.Signed {
			if err := p.App.Submit(ctx); err != nil && !unreached(err) {
				return false, p.act(ctx, func() error { return err })
			}
		}
		done, pause, err := false, askAgain, error(nil)
		if p.Recover(ctx) == nil && p.App.Step() >= uiapp.Submitted {
			done, pause, err = p.App.Progress(ctx)
			p.chip()
			p.show()
		}
		switch {
		case err != nil && !unreached(err):
			return false, p.act(ctx, func() error { return err })
		case err != nil:
			pause = 30 * time.Second
		case done:
			return true, nil
		}
		if p.carried { // what comes of it is worth asking for at once
			pause, p.carried = time.Second, false
		}
		if err := p.w.Pass(ctx, min(max(pause, time.Second), max(end.Sub(p.w.Now()), time.Second))); err != nil {
			return false, err
		}
	}
	return false, nil
}
