package fleet

import (
	"context"
	"errors"
	"fmt"
	"time"

	"inkan/core/jpki/certificate"
	"inkan/core/tsmp"
	"inkan/scenarios/world"
	"inkan/sim/handset/uiapp"
)

// life is a phone's.
type life struct {
	*fleet
	*Draft
	who      *world.Person
	phone    *world.Phone
	download time.Duration // of the first certificate; 0: there was none
	refused  string        // the code that the life ended with; empty: it ended as it was wished
	met      []string      // codes that were met on the way, and overcome
	resumed  bool          // a download that was interrupted came to its end
}

// How long people wait.
const (
	beforeAgain = 5 * time.Minute
	trials      = 4
	longest     = 4 * 24 * time.Hour
)

// live is the whole life. The error is what must not be: neither what was wished nor a
// refusal with a code of the catalogue.
func (l *life) live(ctx context.Context) (err error) {
	if l.who, err = l.w.Resident(ctx, uint32(l.Number)); err != nil {
		return fmt.Errorf("register: %w", err)
	}
	s, err := l.w.Carriers[l.Carrier].Sell(ctx, l.who.Name)
	if err != nil {
		return fmt.Errorf("SIM: %w", err)
	}
	if l.phone, err = l.w.Phone(ctx, l.who, s, world.PhoneConfig{Model: l.Model}); err != nil {
		return fmt.Errorf("phone: %w", err)
	}
	l.phone.SetWiFi(l.Bearer == RelayWiFi)
	if err := l.prepare(ctx); err != nil {
		return fmt.Errorf("%s: %w", l.Trouble, err)
	}
	switch err = l.obtain(ctx); {
	case err != nil && l.refused == "":
		return fmt.Errorf("download: %w", err)
	case err == nil && l.Trouble != Cancelled:
		if err := l.use(ctx); err != nil {
			return err
		}
	}
	return l.leave(ctx)
}

// prepare makes what is wrong from the beginning wrong.
func (l *life) prepare(ctx context.Context) error {
	switch l.Trouble {
	case FullSIM:
		return l.phone.SIM.Fill(ctx, l.phone)
	case RevokedCard:
		return l.w.LoseCard(ctx, l.who)
	case PowerCut:
		l.weather.cards[l.phone.SIM.Name] = &cut{left: l.CutAt, sim: l.phone.SIM, cycles: l.Cycles}
	}
	return nil
}

// use is what comes after the download.
func (l *life) use(ctx context.Context) error {
	if err := l.login(ctx, world.PIN); err != nil {
		return fmt.Errorf("login: %w", err)
	}
	if l.Trouble == WrongPIN {
		if err := l.lock(ctx); err != nil {
			return fmt.Errorf("wrong PIN: %w", err)
		}
	}
	if err := l.happen(ctx); err != nil {
		return fmt.Errorf("%s: %w", l.Event, err)
	}
	return nil
}

// leave ends the life when everything about it is at rest, and looks at what is left.
func (l *life) leave(ctx context.Context) error {
	delete(l.weather.cards, l.phone.SIM.Name)
	if err := l.rest(ctx, l.phone.SIM); err != nil {
		return err
	}
	return l.phone.Retire(ctx)
}

// rest waits until no server is at work on a SIM.
func (l *life) rest(ctx context.Context, s *world.SIM) error {
	came, err := l.w.Until(ctx, longest, func() (bool, error) { return s.AtRest(ctx) })
	if err == nil && !came {
		err = fmt.Errorf("%s does not come to rest within %v", s.Name, longest)
	}
	return err
}

// login is one at the bank.
func (l *life) login(ctx context.Context, pin string) error {
	return l.again(ctx, func() error { _, err := l.phone.Login(ctx, l.w.Bank, "残高照会", pin); return err })
}

// again does something that has to come about in the end: what is refused with a code
// is done again later.
func (l *life) again(ctx context.Context, do func() error) (err error) {
	for range trials {
		if err = do(); err == nil {
			return nil
		}
		code, ok := catalogued(err)
		if !ok {
			return err
		}
		l.met = append(l.met, code)
		if err := l.w.Pass(ctx, beforeAgain); err != nil {
			return err
		}
	}
	return err
}

// ask has the holder apply for something: what the service has already is not asked for
// again, and anything else that was begun is given up.
func (l *life) ask(ctx context.Context, action uiapp.Action) error {
	switch step := l.phone.App.Step(); {
	case step == uiapp.Submitted:
		return nil
	case step != uiapp.Idle && step != uiapp.Replied:
		if err := l.phone.App.Cancel(ctx); err != nil {
			return err
		}
	}
	return l.phone.Apply(ctx, action, tsmp.UsageHolder)
}

// isRefused is something that has to be refused with one of some codes.
func isRefused(err error, codes ...string) error {
	if err == nil {
		return errors.New("it was not refused")
	}
	got, _ := catalogued(err)
	for _, c := range codes {
		if got == c {
			return nil
		}
	}
	return fmt.Errorf("refused with %q, want %v: %w", got, codes, err)
}

// catalogued is the code of an error; ok is false when the catalogue says no more than
// that something is wrong.
func catalogued(err error) (code string, ok bool) {
	if errors.Is(err, world.ErrNoCode) {
		return "no code came", true // the holder sees that, and begins again
	}
	code = uiapp.Explain(err).ID
	return code, code != "UI-000" && code != "TSM-internal-error"
}

// certificateIs makes sure of the state of a certificate at the authority.
func (l *life) certificateIs(ctx context.Context, instance tsmp.PhoneID, want certificate.State) error {
	all, err := l.w.Certificates(ctx, instance)
	if err != nil {
		return err
	}
	if len(all) != 1 || all[0].State != want {
		return fmt.Errorf("the authority has %+v, want one certificate that is %v", all, want)
	}
	return nil
}

// instance is the service instance that the app knows of.
func (l *life) instance() tsmp.PhoneID { return tsmp.PhoneID(l.phone.App.Instance) }
