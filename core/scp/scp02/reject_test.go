package scp02

import (
	"bytes"
	"errors"
	"fmt"
	"slices"
	"testing"

	"inkan/core/observe"
	"inkan/core/scp"
	"inkan/spec/req"
	"inkan/spec/vectors"
)

// rejection is one command of spec/vectors/scp02-reject.json that a card
// refuses; Fail is the status word.
type rejection struct {
	vectors.Header
	Base string      `json:"base"` // the session of scp02.json that it is sent in
	Step string      `json:"step"` // what it is sent as; everything before is as in the session
	APDU vectors.Hex `json:"apdu"`
}

// causes collects traps.
type causes struct {
	observe.Nop
	heard []string
}

func (c *causes) Trap(t *observe.Trap) { c.heard = append(c.heard, t.Where+": "+t.Cause) }

func session02(t testing.TB, name string) *vector {
	t.Helper()
	all := vectors.Load[vector](t, "scp02.json")
	i := slices.IndexFunc(all, func(v vector) bool { return v.Name == name })
	if i < 0 {
		t.Fatalf("no vector %q", name)
	}
	return &all[i]
}

// TestRejections sends every negative vector and asserts status word, the end
// of the session, the counter and the observer's cause.
func TestRejections(t *testing.T) {
	for _, r := range vectors.Load[rejection](t, "scp02-reject.json") {
		t.Run(r.Name, func(t *testing.T) {
			v := session02(t, r.Base)
			h, card := v.pair(t)
			heard := &causes{}
			card.config.Observer = heard
			keys := card.config.Keys
			counter := counterOf(card)
			card.config.Keys = func(version byte) (*scp.KeySet, scp.Counter) {
				if version != v.InitializeUpdate[2] {
					return nil, nil
				}
				return keys(version)
			}
			before := counter.value
			var got []byte
			switch r.Step {
			case "initializeUpdate":
				v.open(t, h, card) // an open session has to end as well
				before = counter.value
				got = card.InitializeUpdate(nil, r.APDU)
			case "externalAuthenticate":
				card.InitializeUpdate(nil, v.InitializeUpdate)
				got = card.ExternalAuthenticate(nil, r.APDU)
				again := card.ExternalAuthenticate(nil, v.ExternalAuthenticate)
				wantBytes(t, "the right EXTERNAL AUTHENTICATE afterwards", again, []byte{0x63, 0x00})
			case "command":
				v.open(t, h, card)
				before = counter.value
				got = unwrapSW(t, card, r.APDU)
				again := unwrapSW(t, card, v.Commands[0].Protected)
				wantBytes(t, "the right command afterwards", again, []byte{0x69, 0x82})
			default:
				t.Fatalf("step %q", r.Step)
			}
			if s := fmt.Sprintf("%X", got); s != r.Fail {
				t.Errorf("answer %s, want %s", s, r.Fail)
			}
			if card.IsOpen() || card.Level() != 0 || card.session != nil {
				t.Error("a session survives")
			}
			if counter.value != before {
				t.Errorf("counter %04X, want %04X", counter.value, before)
			}
			if len(heard.heard) == 0 || heard.heard[0] == "scp02/card: " {
				t.Errorf("the observer heard %q", heard.heard)
			}
		})
	}
	req.Covers(t, "SPEC-SCP02-081", "SPEC-SCP02-090", "SPEC-SCP02-016")
}

// unwrapSW is the status word that a card answers a command with when Unwrap
// refuses it.
func unwrapSW(t *testing.T, card *Card, cmd []byte) []byte {
	t.Helper()
	room := make([]byte, 300)
	out, err := card.Unwrap(room[:0], cmd)
	if err == nil {
		t.Fatalf("accepted as %X", out)
	}
	if len(out) != 0 || !bytes.Equal(room, make([]byte, 300)) {
		t.Errorf("%d bytes came out with the error, or behind it", len(out))
	}
	if !errors.Is(err, scp.ErrSecurity) {
		t.Fatalf("error %v, want %v", err, scp.ErrSecurity)
	}
	sw := uint16(scp.ErrSecurity)
	return []byte{byte(sw >> 8), byte(sw)}
}
