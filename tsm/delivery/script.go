package delivery

import (
	"fmt"
	"slices"

	"inkan/core/gp"
	"inkan/core/scp/scp80"
	"inkan/core/tsmp"
)

// Script is what is brought to a card: packets by short messages, or commands by relay.
type Script struct {
	Form  tsmp.ScriptForm
	AID   []byte // of the application that commands are for
	Items [][]byte
}

// ScriptError says why a script cannot be delivered.
type ScriptError struct {
	Item int // number of the item, from 0; -1: the whole
	Err  error
}

// Error is "delivery: script: item 2: want a proof of receipt always, SPI 1600".
func (e *ScriptError) Error() string {
	if e.Item < 0 {
		return "delivery: script: " + e.Err.Error()
	}
	return fmt.Sprintf("delivery: script: item %d: %v", e.Item, e.Err)
}

// Unwrap is the cause: a *wire.DecodeError for a packet that is none.
func (e *ScriptError) Unwrap() error { return e.Err }

// Bearer is the bearer that can carry the script's form.
func (s *Script) Bearer() tsmp.Bearer {
	if s.Form == tsmp.FormPackets {
		return tsmp.BearerSMS
	}
	return tsmp.BearerRelay
}

// Check tells whether the script can be delivered: its number of items, their sizes,
// and that every packet asks for a proof of receipt always. Errors are *ScriptError.
// Spec: SPEC-DELIVERY-002.
func (s *Script) Check() error {
	if s.Form != tsmp.FormPackets && s.Form != tsmp.FormCommands {
		return &ScriptError{-1, fmt.Errorf("want commands or packets, got form %d", s.Form)}
	}
	if n := len(s.Items); n == 0 || n > tsmp.MaxCommands {
		return &ScriptError{-1, fmt.Errorf("want 1 to %d items, got %d", tsmp.MaxCommands, n)}
	}
	total := 0
	for i, item := range s.Items {
		err := s.item(item)
		if total += len(item); err == nil && total > tsmp.MaxScriptLen {
			err = fmt.Errorf("want at most %d bytes of items together", tsmp.MaxScriptLen)
		}
		if err != nil {
			return &ScriptError{i, err}
		}
	}
	if s.Form == tsmp.FormPackets {
		return nil
	}
	if _, err := gp.NewAID(s.AID); err != nil {
		return &ScriptError{-1, err}
	}
	return nil
}

func (s *Script) item(b []byte) error {
	if s.Form == tsmp.FormCommands {
		return unless(len(b) >= 4 && len(b) <= tsmp.MaxCommand, fmt.Errorf("want a command of 4 to %d bytes, got %d", tsmp.MaxCommand, len(b)))
	}
	if len(b) > tsmp.MaxPacket {
		return fmt.Errorf("want a packet of at most %d bytes, got %d", tsmp.MaxPacket, len(b))
	}
	c, err := scp80.DecodeCommandHeader(b)
	if err != nil {
		return err
	}
	return unless(c.SPI.PoRMode() == scp80.PoR, fmt.Errorf("want a proof of receipt always, SPI %v", c.SPI))
}

// bearer checks a job and chooses its bearer.
func (e *Engine) bearer(j *Job) (tsmp.Bearer, error) {
	if err := j.Script.Check(); err != nil {
		return 0, err
	}
	b := j.Script.Bearer()
	switch {
	case j.SE == tsmp.SEID{}:
		return 0, &ScriptError{-1, fmt.Errorf("want a SIM")}
	case !slices.Contains(j.Bearers, b):
		return 0, &ScriptError{-1, fmt.Errorf("%v go by %v, which is not among the bearers %v", j.Script.Form, b, j.Bearers)}
	case b == tsmp.BearerSMS && e.config.Bearer == nil:
		return 0, &ScriptError{-1, fmt.Errorf("there are no short messages")}
	}
	return b, nil
}
