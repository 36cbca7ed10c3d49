package channel

import (
	"context"

	"inkan/core/scp"
)

// handshake is the host's side of an opening: scp02.Handshake, scp03.Handshake.
type handshake interface {
	InitializeUpdate(dst []byte) ([]byte, error)
	ExternalAuthenticate(dst, resp []byte) ([]byte, error)
}

// opening is what differs between the protocols in what an opening shows.
type opening struct {
	response []part                                // of INITIALIZE UPDATE, before the status word
	context  func(command, response []byte) []byte // what session keys are derived from
	meaning  string                                // of the context
	keys     []derivation
	derive   func(key []byte, constant byte, context []byte) ([]byte, error)
}

// derivation is a session key: its base key, constant and name.
type derivation struct {
	key      []byte
	constant byte
	meaning  string
}

// open shows both commands of an opening and what both sides derive between
// them. The result is the card's answer to EXTERNAL AUTHENTICATE.
func (e *Exchange) open(ctx context.Context, pipe *domain, h handshake, o opening) ([]byte, error) {
	initialize, err := h.InitializeUpdate(nil)
	if err != nil {
		return nil, err
	}
	e.add(ToCard, "INITIALIZE UPDATE", cut(initialize, part{5, "header: P1 is the key version; Lc"}, part{8, "host challenge"}, part{-1, "Le"})...)
	answer, _ := pipe.Transmit(ctx, initialize, nil)
	e.add(FromCard, "INITIALIZE UPDATE response", cut(answer, append(o.response, part{-1, "status word"})...)...)
	authenticate, err := h.ExternalAuthenticate(nil, answer)
	if err != nil {
		return nil, err
	}
	from := o.context(initialize, answer)
	derived := []Field{{Bytes: from, Meaning: "context: " + o.meaning}}
	for _, k := range o.keys {
		session, err := o.derive(k.key, k.constant, from)
		if err != nil {
			return nil, err
		}
		derived = append(derived, Field{Bytes: session, Meaning: k.meaning})
	}
	e.add(Derived, "session keys, from the test keys 40 41 … 4F", derived...)
	e.add(ToCard, "EXTERNAL AUTHENTICATE", cut(authenticate, part{5, "header: P1 is the level; Lc"}, part{8, "host cryptogram: the host has the keys"}, part{8, "C-MAC"})...)
	answer, _ = pipe.Transmit(ctx, authenticate, nil)
	e.add(FromCard, "the channel is open", cut(answer, part{2, "status word"})...)
	return answer, nil
}

// opening02 is SCP02's: keys from the sequence counter.
func opening02(keys *scp.KeySet) opening {
	return opening{
		response: []part{{10, "key diversification data"}, {2, "key version, protocol 02"}, {2, "sequence counter"},
			{6, "card challenge, a MAC over the AID"}, {8, "card cryptogram: the card has the keys"}},
		context: func(_, response []byte) []byte { return append([]byte(nil), response[12:14]...) },
		meaning: "sequence counter",
		keys: []derivation{{keys.Enc, 0x82, "S-ENC (constant 0182)"}, {keys.MAC, 0x01, "S-MAC (constant 0101)"},
			{keys.DEK, 0x81, "S-DEK (constant 0181)"}},
		derive: deriveSCP02,
	}
}

// opening03 is SCP03's: keys from both challenges.
func opening03(keys *scp.KeySet) opening {
	return opening{
		response: []part{{10, "key diversification data"}, {3, "key version, protocol 03, i"},
			{8, "card challenge, from counter and AID"}, {8, "card cryptogram: the card has the keys"}, {3, "sequence counter"}},
		context: func(command, response []byte) []byte {
			return append(append([]byte(nil), command[5:13]...), response[13:21]...)
		},
		meaning: "host challenge, card challenge",
		keys: []derivation{{keys.Enc, 0x04, "S-ENC (constant 04)"}, {keys.MAC, 0x06, "S-MAC (constant 06)"},
			{keys.MAC, 0x07, "S-RMAC (constant 07)"}},
		derive: deriveSCP03,
	}
}
