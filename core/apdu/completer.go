package apdu

import (
	"context"
	"fmt"
	"slices"
	"strconv"

	"inkan/core/iso7816"
	"inkan/core/wire"
)

// Completer is a Card for hosts that want one command to give one complete
// response, whatever reader and transmission protocol lie between: it fetches
// what 61xx announces with GET RESPONSE, repeats a command with the Le that
// 6Cxx asks for, and, when ChainAt is set, chains commands whose data is
// longer. Not for concurrent use.
type Completer struct {
	Card    Card
	ChainAt int // data bytes per command beyond which to chain; 0: never chain
	send    []byte
	answer  []byte
}

// Transmit sends one command and appends the whole response to dst: the data,
// and the last status word. GET RESPONSE asks for no more than Ne bytes in all;
// data that the card sends unasked is passed on. Errors are the card's transport
// errors, and a *wire.DecodeError when cmd or an answer is malformed. dst is
// returned as it was then. Spec: SPEC-APDU-070, SPEC-APDU-071, SPEC-APDU-072,
// SPEC-APDU-073, SPEC-APDU-074.
func (k *Completer) Transmit(ctx context.Context, cmd, dst []byte) ([]byte, error) {
	c, err := DecodeCommand(cmd)
	if err != nil {
		return dst, err
	}
	r, err := k.first(ctx, c)
	if err != nil {
		return dst, err
	}
	out := dst
	for got := 0; ; {
		got += len(r.Data)
		out = append(out, r.Data...)
		n, more := r.SW.Remaining()
		if !more || got >= c.Ne {
			return append(out, r.SW.SW1(), r.SW.SW2()), nil
		}
		get := Command{CLA: byte(c.Class().interindustry()), INS: iso7816.INSGetResponse, Ne: min(n, c.Ne-got)}
		if r, err = k.exactly(ctx, get); err != nil {
			return dst, err
		}
		if err := checkGetResponse(r, get.Ne); err != nil {
			return dst, err
		}
	}
}

// checkGetResponse refuses an answer that would let the card send without end.
func checkGetResponse(r Response, ne int) error {
	if len(r.Data) > ne {
		return &wire.DecodeError{Format: "R-APDU", Offset: ne, Want: "at most " + strconv.Itoa(ne) + " bytes of data", Got: strconv.Itoa(len(r.Data))}
	}
	if _, again := r.SW.Remaining(); again && len(r.Data) == 0 {
		return &wire.DecodeError{Format: "R-APDU", Want: "data from GET RESPONSE", Got: "none, and 61xx again"}
	}
	return nil
}

// first sends the command, as a chain when it is too long for one.
func (k *Completer) first(ctx context.Context, c Command) (Response, error) {
	if k.ChainAt <= 0 || len(c.Data) <= k.ChainAt {
		return k.exactly(ctx, c)
	}
	s, err := NewSplitter(c, k.ChainAt)
	if err != nil {
		return Response{}, err
	}
	for {
		piece, ok := s.Next()
		if !ok {
			return Response{}, fmt.Errorf("apdu: chain without a last command") // NewSplitter gives one
		}
		r, err := k.exactly(ctx, piece)
		if err != nil || r.SW != iso7816.OK || !piece.Class().Chained() {
			return r, err
		}
	}
}

// exactly sends a command, and once again with the right Le after 6Cxx.
func (k *Completer) exactly(ctx context.Context, c Command) (Response, error) {
	r, err := k.once(ctx, c)
	if err != nil {
		return r, err
	}
	if n, wrong := r.SW.Available(); wrong && len(r.Data) == 0 && n < c.Ne {
		c.Ne = n
		return k.once(ctx, c)
	}
	return r, nil
}

func (k *Completer) once(ctx context.Context, c Command) (Response, error) {
	var err error
	k.send = slices.Grow(k.send[:0], c.Len()) // so that Append leaves no array behind
	if k.send, err = c.Append(k.send[:0]); err != nil {
		return Response{}, err
	}
	k.answer, err = k.Card.Transmit(ctx, k.send, k.answer[:0])
	clear(k.send) // may hold a key or a PIN
	if err != nil {
		return Response{}, err
	}
	return DecodeResponse(k.answer)
}
