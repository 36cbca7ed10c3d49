package fleet

import (
	"bufio"
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"

	"inkan/core/observe"
	"inkan/scenarios/world"
	"inkan/sim/profile"
)

// Operations of a card behind the boundary of its process. A message is a length of four
// bytes, big-endian, and so many bytes: an operation and what it needs; as an answer the
// ledger of the card's clock, eight bytes a cause, a byte 00, or 01 for an error, and what
// came of it.
const (
	opMake      byte = iota + 1 // seed 8, number 4, profile's name
	opTransmit                  // command
	opReset                     // 01: warm
	opPowerOff                  //
	opInterface                 // protocol
	opCut                       // cycles 8
	opSnapshot                  //
)

// maxFrame bounds a message in bytes: a card's memory is the longest.
const maxFrame = 16 << 20

func writeFrame(w io.Writer, b []byte) error {
	_, err := w.Write(append(binary.BigEndian.AppendUint32(nil, uint32(len(b))), b...))
	return err
}

func readFrame(r io.Reader) ([]byte, error) {
	var head [4]byte
	if _, err := io.ReadFull(r, head[:]); err != nil {
		return nil, err
	}
	n := binary.BigEndian.Uint32(head[:])
	if n == 0 || n > maxFrame {
		return nil, fmt.Errorf("fleet: message of %d bytes: want 1 to %d", n, maxFrame)
	}
	b := make([]byte, n)
	_, err := io.ReadFull(r, b)
	return b, err
}

// ServeCard is a process with one card in it, to the end of what comes in.
func ServeCard(ctx context.Context, in io.Reader, out io.Writer) error {
	r := bufio.NewReader(in)
	var card world.Here
	for {
		request, err := readFrame(r)
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		result, failed := serve(ctx, &card, request[0], request[1:])
		if card.Card == nil {
			return failed
		}
		var answer []byte
		for _, n := range card.Ledger() {
			answer = binary.BigEndian.AppendUint64(answer, n)
		}
		if failed != nil {
			answer = append(append(answer, 1), failed.Error()...)
		} else {
			answer = append(append(answer, 0), result...)
		}
		if err := writeFrame(out, answer); err != nil {
			return err
		}
	}
}

// serve carries out one operation.
func serve(ctx context.Context, card *world.Here, op byte, b []byte) (result []byte, err error) {
	switch {
	case op == opMake && card.Card == nil && len(b) > 12:
		p := profile.Named(string(b[12:]))
		if p == nil {
			return nil, fmt.Errorf("fleet: no profile is called %q", b[12:])
		}
		card.Card, err = world.NewCard(ctx, p, binary.BigEndian.Uint32(b[8:]), binary.BigEndian.Uint64(b), observe.Nop{}, nil)
		return nil, err
	case card.Card == nil:
		return nil, errors.New("fleet: there is no card yet")
	case op == opTransmit:
		return card.Transmit(ctx, b, nil)
	case op == opReset && len(b) == 1:
		return card.Reset(ctx, b[0] == 1)
	case op == opPowerOff:
		return nil, card.PowerOff()
	case op == opInterface && len(b) == 1:
		return nil, card.Interface(b[0])
	case op == opCut && len(b) == 8:
		card.Cut(binary.BigEndian.Uint64(b))
		return nil, nil
	case op == opSnapshot:
		var image bytes.Buffer
		err := card.Snapshot(&image)
		return image.Bytes(), err
	}
	return nil, fmt.Errorf("fleet: operation %d with %d bytes", op, len(b))
}
