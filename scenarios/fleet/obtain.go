package fleet

import (
	"context"
	"slices"
	"time"

	"inkan/core/tsmp"
	"inkan/scenarios/world"
	"inkan/sim/handset/uiapp"
)

// ends are the codes with which troubles end a life.
var ends = map[Trouble][]string{
	FullSIM:     {"TSM-se-memory", "DEV-se-memory"},
	Unsupported: {"HS-301", "DEV-no-card-nfc", "DEV-old-system"},
	RevokedCard: {"TSM-signer-revoked"},
}

// obtain applies until there is a certificate, with PIN, or a refusal for good.
func (l *life) obtain(ctx context.Context) error {
	for try := 1; ; try++ {
		err := l.enrol(ctx, try)
		if err == nil {
			return nil
		}
		code, ok := catalogued(err)
		switch {
		case !ok:
			return err
		case slices.Contains(ends[l.Trouble], code):
			l.refused = code
			return err
		case try == trials:
			return err
		}
		l.met = append(l.met, code)
		if err := l.w.Pass(ctx, time.Duration(try)*beforeAgain); err != nil {
			return err
		}
	}
}

// enrol is one application.
func (l *life) enrol(ctx context.Context, try int) error {
	p := l.phone
	if l.Trouble == Cancelled && try == 1 {
		return l.giveUp(ctx)
	}
	if err := l.ask(ctx, uiapp.Apply); err != nil {
		return err
	}
	before := l.w.Now()
	if try == 1 {
		if err := l.interrupt(ctx); err != nil {
			return err
		}
	}
	if err := p.Follow(ctx, l.w.Patience()); err != nil {
		return err
	}
	l.resumed = l.Trouble == DeadNetwork || l.Trouble == SwitchedOff || l.Trouble == PowerCut
	if try == 1 && !l.resumed {
		l.download = l.w.Now().Sub(before)
	}
	return p.SetPIN(ctx, world.PIN)
}

// giveUp begins an application and cancels it.
func (l *life) giveUp(ctx context.Context) error {
	if err := l.phone.Begin(ctx, uiapp.Apply, tsmp.UsageHolder); err != nil {
		return err
	}
	return l.again(ctx, func() error {
		if l.phone.App.Step() == uiapp.Idle {
			return nil // the app has forgotten it, and the service will
		}
		return l.phone.App.Cancel(ctx)
	})
}

// interrupt is what happens to a phone in the middle of a download.
func (l *life) interrupt(ctx context.Context) error {
	p := l.phone
	after := 3 * time.Minute
	if l.Bearer != SMS {
		after = 4 * time.Second
	}
	switch l.Trouble {
	case DeadNetwork:
		if err := p.FollowFor(ctx, after); err != nil {
			return err
		}
		p.SetCoverage(false)
		p.SetWiFi(false)
		if err := l.w.Pass(ctx, 20*time.Minute); err != nil {
			return err
		}
		p.SetCoverage(true)
		p.SetWiFi(l.Bearer == RelayWiFi)
	case SwitchedOff:
		if err := p.FollowFor(ctx, after); err != nil {
			return err
		}
		if err := p.Stop(); err != nil {
			return err
		}
		if err := l.w.Pass(ctx, 10*time.Minute); err != nil {
			return err
		}
		return p.SwitchOn(ctx)
	}
	return nil
}
