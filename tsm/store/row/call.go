package row

import (
	"errors"
	"time"

	"inkan/core/tsmp"
	"inkan/tsm/store/codec"
)

// Call is a call that was begun, with the signed answer once it was answered.
type Call struct {
	Key      tsmp.CallKey
	Function tsmp.Function
	Digest   tsmp.Digest // of the payload
	Request  []byte      // as it was signed: evidence
	Answer   []byte      // as it was signed; nil: not answered yet
	Begun    time.Time
	Answered time.Time // zero: not answered yet
}

// Format implements codec.Row.
func (*Call) Format() string { return "call row" }

// Version implements codec.Row.
func (*Call) Version() byte { return 1 }

// Fields implements codec.Row.
func (c *Call) Fields(f *codec.Fields) {
	codec.Text(f, "sender", &c.Key.Sender)
	f.Raw("call", c.Key.ID[:])
	codec.Text(f, "function", &c.Function)
	f.Raw("digest", c.Digest[:])
	f.Bytes("request", &c.Request)
	f.Bytes("answer", &c.Answer)
	f.Time("begun", &c.Begun)
	f.Time("answered", &c.Answered)
}

// Valid checks what holds of every call.
func (c *Call) Valid() error {
	switch {
	case c.Begun.IsZero():
		return errors.New("call that never began")
	case (len(c.Answer) == 0) != c.Answered.IsZero():
		return errors.New("call: want an answer and its time, or neither")
	case c.Function == "" || len(c.Request) == 0:
		return errors.New("call without function or request")
	}
	return party("sender", c.Key.Sender)
}
