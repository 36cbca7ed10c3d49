package world

import (
	"bytes"
	"context"
	"fmt"
	"math/rand/v2"
	"testing"

	"inkan/core/jpki"
	"inkan/core/tsmp"
	"inkan/sim/handset/uiapp"
	"inkan/spec/req"
)

// ends are where the audit trails of servers end, and what was refused in them.
func (w *World) ends(ctx context.Context) (map[tsmp.PartyID]uint64, error) {
	all := map[tsmp.PartyID]uint64{}
	for _, p := range w.order {
		err := w.trail(ctx, p.party, 1, func(e Entry) error {
			if e.Refused == "" {
				all[p.party]++
			}
			return nil
		})
		if err != nil {
			return nil, err
		}
	}
	return all, nil
}

// intruder sends messages of its own beside each that is sent: forged ones, and such as
// were sent before.
type intruder struct {
	t      *testing.T
	w      *World
	r      *rand.Rand
	taken  []Message
	forged int
	again  int
}

func (x *intruder) message(m *Message) Fault {
	x.taken = append(x.taken, *m)
	for range 2 {
		x.forge(m)
	}
	if sent := len(x.taken) - 1; sent > 0 && sent%3 == 0 {
		x.replay(x.taken[x.r.IntN(sent)])
	}
	return None
}

// forge changes a byte, anywhere.
func (x *intruder) forge(m *Message) {
	request := bytes.Clone(m.Request)
	at := x.r.IntN(len(request))
	request[at] ^= byte(1 << x.r.IntN(7))
	x.forged++
	x.send(m, request, fmt.Sprintf("byte %d of %s from %s", at, m.Function, m.From))
}

// replay sends what was sent before, out of its order.
func (x *intruder) replay(m Message) {
	x.again++
	x.send(&m, m.Request, fmt.Sprintf("%s from %s again", m.Function, m.From))
}

func (x *intruder) send(m *Message, request []byte, what string) {
	p := x.w.processes[m.To]
	if p == nil {
		return
	}
	before, err := x.w.ends(x.t.Context())
	if err != nil {
		x.t.Fatal(err)
	}
	_, _ = p.server.Handle(x.t.Context(), request)
	after, err := x.w.ends(x.t.Context())
	if err != nil {
		x.t.Fatal(err)
	}
	// An envelope is sealed anew for whoever asks again, and the authority notes that it was.
	sealed := m.Function == tsmp.Issue || m.Function == tsmp.SealPINReset
	for party, n := range after {
		if n != before[party] && !(sealed && party == CA && bytes.Equal(request, m.Request)) {
			x.t.Errorf("%s: something happened at %s", what, party)
		}
	}
}

// Beside each message of a download others arrive that nobody has signed, and old ones:
// nothing comes of them, and the download comes to its end.
func TestForgedAndOldMessagesChangeNothing(t *testing.T) {
	req.Covers(t, "SPEC-WORKFLOW-009")
	x := &intruder{t: t, r: rand.New(rand.NewPCG(1, 2))}
	c := Config{Seed: 1, Carriers: []string{"minato"}, Origin: jpki.OriginDelivered}
	w, err := New(t.Context(), c)
	if err != nil {
		t.Fatal(err)
	}
	defer w.Close()
	x.w = w
	who, err := w.Resident(t.Context(), 1)
	if err != nil {
		t.Fatal(err)
	}
	s, err := w.Carriers["minato"].Sell(t.Context(), who.Name)
	if err != nil {
		t.Fatal(err)
	}
	p, err := w.Phone(t.Context(), who, s, PhoneConfig{})
	if err != nil {
		t.Fatal(err)
	}
	w.Plan.Message = x.message
	for _, action := range []uiapp.Action{uiapp.Apply, uiapp.ResetPIN, uiapp.Dispose} {
		if err := p.Enrol(t.Context(), action); err != nil {
			t.Fatal(action, err)
		}
	}
	if err := w.Invariants(t.Context()); err != nil {
		t.Error(err)
	}
	t.Logf("%d messages, %d forged ones, %d again", len(x.taken), x.forged, x.again)
	if x.forged < 100 || x.again < 20 {
		t.Errorf("%d forged and %d old messages are few", x.forged, x.again)
	}
}

// Every message from the servers and to them is lost, doubled or late once, in the
// order of a seed, short messages too: what was wished comes true.
func TestRoughWeather(t *testing.T) {
	req.Covers(t, "SPEC-WORKFLOW-006", "SPEC-WORKFLOW-007")
	for seed := range uint64(4) {
		r, seen := rand.New(rand.NewPCG(seed, 3)), map[string]bool{}
		ways := []Fault{LoseRequest, LoseAnswer, Double, Late}
		w, err := New(t.Context(), Config{Seed: 1, Carriers: []string{"minato"}, Origin: jpki.OriginDelivered, Plan: Plan{
			Message: func(m *Message) Fault {
				if key := string(m.Request); m.From != City && m.From != Desk && !seen[key] && r.IntN(3) == 0 {
					seen[key] = true
					return ways[r.IntN(len(ways))]
				}
				return None
			},
			SMS: func(*SMS) Fault {
				if r.IntN(5) > 0 {
					return None
				}
				return []Fault{LoseRequest, Double, Late}[r.IntN(3)]
			},
		}})
		if err != nil {
			t.Fatal(err)
		}
		newcomer(t, w, 1)
		if err := w.Pass(t.Context(), 3600e9); err != nil {
			t.Error(seed, err)
		}
		if err := w.Invariants(t.Context()); err != nil {
			t.Error(seed, err)
		}
		if err := w.Close(); err != nil {
			t.Error(err)
		}
	}
}
