package world

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"inkan/core/tsmp"
	"inkan/core/tsmp/jws"
)

// serverLatency is how long a message between two servers takes each way.
const serverLatency = 15 * time.Millisecond

// lateness is how long a message takes that is late.
const lateness = 20 * time.Second

// handles is who answers signed messages.
type handles interface {
	handle(ctx context.Context, request []byte) ([]byte, error)
}

// functionOf is the function that a signed request names; empty: it is none.
func functionOf(request []byte) tsmp.Function {
	m, err := jws.Parse(request)
	if err != nil {
		return ""
	}
	var named struct {
		Function tsmp.Function `json:"function"`
	}
	if json.Unmarshal(m.Payload, &named) != nil {
		return ""
	}
	return named.Function
}

// between is the way of signed messages from one party to another. from may be nil: a
// party without a process of its own.
func (w *World) between(from *process, sender, recipient tsmp.PartyID, travel func(up bool, sizeBytes int) error) tsmp.Exchange {
	own := 0
	if from != nil {
		own = from.life
	}
	return func(ctx context.Context, request []byte) (answer []byte, err error) {
		if from != nil && (from.dead || from.life != own) {
			return nil, errDead
		}
		m := &Message{From: sender, To: recipient, Request: request}
		fate := None
		if w.Plan.Message != nil {
			m.Function = functionOf(request)
			fate = w.Plan.Message(m)
		}
		if fate == KillSender && from != nil {
			from.kill()
			return nil, errDead
		}
		place := w.Record.Sent(w.lane(sender), w.lane(recipient), request)
		answer, err = w.deliver(ctx, m, fate, travel)
		if err != nil {
			w.Record.Unanswered(place, err)
		} else {
			w.Record.Answered(place, answer)
		}
		if fate == KillAnswered && from != nil {
			from.kill()
			return nil, errDead
		}
		return answer, err
	}
}

// deliver brings a message to its recipient and the answer back.
func (w *World) deliver(ctx context.Context, m *Message, fate Fault, travel func(up bool, sizeBytes int) error) ([]byte, error) {
	if err := travel(true, len(m.Request)); err != nil {
		return nil, err
	}
	to, ok := w.parties[m.To]
	if !ok {
		return nil, fmt.Errorf("world: nobody is called %s", m.To)
	}
	request := m.Request
	switch fate {
	case LoseRequest:
		return nil, errLost
	case KillBefore:
		if p := w.processes[m.To]; p != nil {
			p.kill()
			return nil, errLost
		}
	case Forge:
		request = append([]byte(nil), request...)
		request[len(request)/2] ^= 1
	}
	if fate == Late {
		w.pass(OnWaiting, lateness)
	}
	answer, err := to.handle(ctx, request)
	if fate == Double && err == nil {
		answer, err = to.handle(ctx, request)
	}
	if err != nil {
		return nil, err
	}
	switch fate {
	case LoseAnswer:
		return nil, errLost
	case KillAfter:
		if p := w.processes[m.To]; p != nil {
			p.kill()
			return nil, errLost
		}
	}
	return answer, travel(false, len(answer))
}

// onWire is the way between two servers.
func (w *World) onWire(bool, int) error {
	w.pass(OnServer, serverLatency)
	return nil
}

// caller is the asking end of a party without a process: municipality, help desk.
func (w *World) caller(identity tsmp.Identity, peer tsmp.PartyID) *tsmp.Caller {
	return &tsmp.Caller{Identity: identity, Peer: peer, Keys: w.directory, Exchange: w.between(nil, identity.Party, peer, w.onWire)}
}
