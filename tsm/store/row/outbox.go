package row

import (
	"errors"
	"time"

	"inkan/core/tsmp"
	"inkan/tsm/store/codec"
)

// MessageKey is a message's place: messages to one destination leave in the order
// of their numbers.
type MessageKey struct {
	Destination string // a party, or any other lane in which order counts: "sms/" and a SIM
	Number      uint64 // from 1
}

// Message waits to be sent, or was sent and waits for its answer.
type Message struct {
	Key      MessageKey
	Call     tsmp.CallID // unique; the message's, at every attempt
	Workflow WorkflowID  // that waits for the answer; zero: none
	Bytes    []byte      // signed and sealed: the same at every attempt
	Attempts uint32
	At       time.Time // when it was put here
	Next     time.Time // not to be sent before
	Deadline time.Time // not to be sent after
}

// Format implements codec.Row.
func (*Message) Format() string { return "message row" }

// Version implements codec.Row.
func (*Message) Version() byte { return 1 }

// Fields implements codec.Row.
func (m *Message) Fields(f *codec.Fields) {
	codec.Text(f, "destination", &m.Key.Destination)
	f.Uint64("number", &m.Key.Number)
	f.Raw("call", m.Call[:])
	f.Raw("workflow", m.Workflow[:])
	f.Bytes("bytes", &m.Bytes)
	f.Uint32("attempts", &m.Attempts)
	f.Time("at", &m.At)
	f.Time("next", &m.Next)
	f.Time("deadline", &m.Deadline)
}

// Valid checks what holds of every message.
func (m *Message) Valid() error {
	switch {
	case m.Key.Number == 0:
		return errors.New("message without number")
	case m.Call == tsmp.CallID{}:
		return errors.New("message without call identifier")
	case len(m.Bytes) == 0:
		return errors.New("message without bytes")
	case m.At.IsZero() || m.Next.IsZero() || m.Deadline.IsZero():
		return errors.New("message without its times")
	}
	return name("destination", m.Key.Destination)
}

// Never is the next time of a message that nobody sends before somebody says so.
var Never = time.Date(2200, 1, 1, 0, 0, 0, 0, time.UTC)

// Lane is the queue of one destination.
type Lane struct {
	Destination string
	Last        uint64    // number given last
	Waiting     uint64    // messages in the queue
	Next        time.Time // the first message's; zero when there is none
}

// Format implements codec.Row.
func (*Lane) Format() string { return "lane row" }

// Version implements codec.Row.
func (*Lane) Version() byte { return 1 }

// Fields implements codec.Row.
func (l *Lane) Fields(f *codec.Fields) {
	codec.Text(f, "destination", &l.Destination)
	f.Uint64("last", &l.Last)
	f.Uint64("waiting", &l.Waiting)
	f.Time("next", &l.Next)
}

// Valid checks what holds of every lane.
func (l *Lane) Valid() error {
	if (l.Waiting == 0) != l.Next.IsZero() || l.Waiting > l.Last {
		return errors.New("lane: want a next time exactly while a message waits, and no more of them than numbers given")
	}
	return name("destination", l.Destination)
}
