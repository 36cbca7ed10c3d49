package capfile

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"strings"

	"inkan/core/apdu"
	"inkan/core/cap"
	"inkan/core/cap/verifier"
	"inkan/sim/clock"
	"inkan/sim/engine"
	"inkan/sim/profile"
	"inkan/sim/runtime/bare"
	"inkan/sim/vm"
)

// Session is a bare card on which CAP files are tried.
type Session struct {
	card  *bare.Card
	edge  apdu.Terminal // the card, or the reader that it is in
	files []loadable
}

// loadable is a file that may be loaded.
type loadable struct {
	name string // of the file
	raw  []byte
	file *cap.File
}

// NewSession makes a card and reads the files. cref makes the card answer as
// the reference simulator that the corpus' vectors come from; unverified makes
// it load what its verifier would refuse.
func NewSession(names []string, cref, unverified bool) (*Session, error) {
	cfg := bare.Config{}
	if cref {
		cfg = bare.CREF()
	}
	cfg.Options.NoVerification = unverified
	card, err := bare.New(cfg)
	if err != nil {
		return nil, err
	}
	s := &Session{card: card, edge: card}
	for _, name := range names {
		content, err := raw(name)
		if err != nil {
			return nil, err
		}
		f, err := cap.Open(content)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
		s.files = append(s.files, loadable{name, content, f})
	}
	return s, nil
}

// Insert puts the card into a reader, by T=1 or T=0: from now on commands travel
// over a line, with the answer to reset of a profile's cards (sim/profile). It is
// for a new session, and resets the card.
func (s *Session) Insert(slot profile.Slot, t0 bool) error {
	answer, err := profile.Test().ATR(t0)
	if err != nil {
		return err
	}
	s.card.SetATR(answer)
	if s.edge, err = profile.BehindLine(s.card, engine.Reference(), s.card.Clock(), slot, nil); err != nil {
		return err
	}
	_, err = s.edge.Reset(context.Background(), false)
	return err
}

// Verify refuses files that the verifier refuses; the error has all findings.
func (s *Session) Verify() error {
	var known []*cap.File
	for _, l := range s.files {
		known = append(known, l.file)
	}
	var all []error
	for _, l := range s.files {
		for _, e := range verifier.Verify(l.file, verifier.Standard(known...)).Findings {
			all = append(all, fmt.Errorf("%s: %w", l.name, e))
		}
	}
	return errors.Join(all...)
}

// Step is one thing done with the card.
type Step struct {
	What     string            `json:"what"`           // load, install, reset, apdu
	Name     string            `json:"name,omitempty"` // package, applet
	Command  string            `json:"command,omitempty"`
	Response string            `json:"response,omitempty"` // data and status word, or MUTE
	Want     string            `json:"want,omitempty"`     // what a script expected instead
	Error    string            `json:"error,omitempty"`
	Missing  []string          `json:"missing,omitempty"` // unresolved references of a load
	Cycles   uint64            `json:"cycles"`
	Causes   map[string]uint64 `json:"causes,omitempty"`
}

// Failed tells whether the step went otherwise than it had to.
func (s *Step) Failed() bool { return s.Error != "" || s.Want != "" }

// step does one thing and charges it with its cycles.
func (s *Session) step(what, name string, do func(*Step) error) Step {
	st := Step{What: what, Name: name}
	before, begin := s.card.Clock().Ledger(), s.card.Clock().Now()
	if err := do(&st); err != nil {
		st.Error = err.Error()
	}
	st.Cycles = s.card.Clock().Now() - begin
	spent := s.card.Clock().Ledger().Since(before)
	st.Causes = map[string]uint64{}
	for c, n := range spent {
		if n > 0 {
			st.Causes[clock.Cause(c).String()] = n
		}
	}
	return st
}

// load loads one file.
func (s *Session) load(l loadable) Step {
	return s.step("load", fmt.Sprintf("%X", l.file.Header.Package.AID), func(st *Step) error {
		_, err := s.card.Load(l.raw)
		var link *vm.LinkError
		if errors.As(err, &link) {
			for _, u := range link.Unresolved {
				st.Missing = append(st.Missing, u.Kind+" "+u.Name)
			}
			return fmt.Errorf("not linked: %d references are unresolved", len(link.Unresolved))
		}
		return err
	})
}

// Link loads all files, in their order.
func (s *Session) Link() (steps []Step) {
	for _, l := range s.files {
		steps = append(steps, s.load(l))
	}
	return steps
}

// Install creates an instance of an applet of any of the files.
func (s *Session) Install(aid, parameters []byte) Step {
	return s.step("install", fmt.Sprintf("%X", aid), func(*Step) error {
		for _, l := range s.files {
			for _, a := range l.file.Applets {
				if string(a.AID) == string(aid) {
					_, err := s.card.Install(l.file.Header.Package.AID, aid, aid, parameters)
					return err
				}
			}
		}
		return fmt.Errorf("no file has an applet %X", aid)
	})
}

// Transmit sends a command. want, if not empty, is the response that it has to
// have.
func (s *Session) Transmit(command []byte, want string) Step {
	return s.step("apdu", "", func(st *Step) error {
		st.Command = fmt.Sprintf("%X", command)
		response, err := s.edge.Transmit(context.Background(), command, nil)
		st.Response = fmt.Sprintf("%X", response)
		if err != nil {
			st.Response = "MUTE"
		}
		if want = strings.ToUpper(strings.ReplaceAll(want, " ", "")); want != "" && want != st.Response {
			st.Want = want
		}
		if want == "" {
			return err
		}
		return nil
	})
}

// Reset resets the card.
func (s *Session) Reset() Step {
	return s.step("reset", "", func(*Step) error {
		_, err := s.edge.Reset(context.Background(), true)
		return err
	})
}

// named finds a file by the name that a script has for it: "lib" is lib.cap or
// lib-305.cap.
func (s *Session) named(name string) (loadable, bool) {
	for _, l := range s.files {
		base := strings.TrimSuffix(filepath.Base(l.name), filepath.Ext(l.name))
		if base == name || strings.HasPrefix(base, name+"-") {
			return l, true
		}
	}
	return loadable{}, false
}
