package relay

import (
	"bytes"
	"context"
	"testing"
	"time"

	"inkan/core/entropy"
	"inkan/core/tsmp"
	"inkan/sim/handset/air"
	"inkan/spec/req"
)

// party is a manager with one script, which it wants to be asked for twice.
type party struct {
	asked   int
	calls   []tsmp.CallID
	answers []*tsmp.ReturnResponsesRequest
	end     bool // it says with its thanks that nothing more comes
}

func (p *party) FetchScript(_ context.Context, c *tsmp.Call, b *tsmp.FetchScriptRequest) (*tsmp.FetchScriptAnswer, error) {
	p.asked++
	a := &tsmp.FetchScriptAnswer{State: tsmp.RelayScript, Script: 1, AID: domain.Append(nil), Commands: [][]byte{command(1), command(2)}}
	switch {
	case p.asked == 1:
		a = &tsmp.FetchScriptAnswer{State: tsmp.RelayWait, Pause: 5}
	case b.Done == 1:
		a = &tsmp.FetchScriptAnswer{State: tsmp.RelayEnd}
	}
	_, err := tsmp.EncodeBody(a)
	return a, err
}

func (p *party) ReturnResponses(_ context.Context, c *tsmp.Call, b *tsmp.ReturnResponsesRequest) (*tsmp.ReturnResponsesAnswer, error) {
	p.calls, p.answers = append(p.calls, c.ID), append(p.answers, b)
	if len(p.calls) == 1 {
		return nil, context.DeadlineExceeded
	}
	return &tsmp.ReturnResponsesAnswer{End: p.end}, nil
}

func TestRemote(t *testing.T) {
	req.Covers(t, "SPEC-HANDSET-080", "SPEC-HANDSET-081")
	p, c := new(party), new(card)
	r := run(t, nil, c, air.Default(air.WiFi), 1)
	r.Server = Remote{Party: p, Ticket: tsmp.Ticket{1}, Entropy: entropy.Seeded(1, "relay"), Now: func() time.Time { return time.Unix(1_800_000_000, 0) }}
	if wait, err := r.Do(t.Context()); err != nil || wait != 5*time.Second {
		t.Fatal(wait, err)
	}
	if _, err := r.Do(t.Context()); err == nil {
		t.Fatal("no answer is a success")
	}
	if _, err := r.Do(t.Context()); err != nil || !r.Finished() {
		t.Fatal(err)
	}
	if !bytes.Equal(c.seen, []byte{1, 2}) || len(p.calls) != 2 || p.calls[0] != p.calls[1] || p.calls[0] == (tsmp.CallID{}) {
		t.Errorf("the card saw %x, calls %v", c.seen, p.calls)
	}
	for _, a := range p.answers {
		if a.Script != 1 || len(a.Responses) != 2 || !bytes.Equal(a.Responses[1], []byte{2, 0x90, 0}) || a.Interrupted {
			t.Errorf("%+v", a)
		}
	}
}

// TestRemoteEnd: an end that comes with the thanks for responses is not asked for.
func TestRemoteEnd(t *testing.T) {
	req.Covers(t, "SPEC-HANDSET-089")
	for end, asked := range map[bool]int{true: 2, false: 3} {
		p, c := &party{end: end, calls: make([]tsmp.CallID, 1)}, new(card)
		r := run(t, nil, c, air.Default(air.WiFi), 1)
		r.Server = Remote{Party: p, Ticket: tsmp.Ticket{1}, Entropy: entropy.Seeded(1, "relay"), Now: func() time.Time { return time.Unix(1_800_000_000, 0) }}
		for range 2 { // it has to wait once
			if _, err := r.Do(t.Context()); err != nil {
				t.Fatal(err)
			}
		}
		if !r.Finished() || p.asked != asked || !bytes.Equal(c.seen, []byte{1, 2}) {
			t.Errorf("end %v: finished %v, asked %d times, the card saw %x", end, r.Finished(), p.asked, c.seen)
		}
	}
}
