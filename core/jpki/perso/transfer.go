package perso

import (
	"context"
	"errors"
	"fmt"
	"strconv"

	"inkan/core/apdu"
	"inkan/core/gp"
	"inkan/core/iso7816"
	"inkan/core/jpki"
	"inkan/core/wire"
)

// MaxBlockBytes is the longest plain data of a STORE DATA that a secure channel
// with encryption and a MAC of 8 or 16 bytes can protect in a short command.
const MaxBlockBytes = 223

// MaxAnswerLen bounds what a card may announce as an answer, in bytes.
const MaxAnswerLen = 700

// Transfer sends data groups to the application and collects their answers. Card
// is behind a secure channel (scp.Secured): the domain's after INSTALL [for
// personalization], or the application's own. Not for concurrent use.
type Transfer struct {
	Card       apdu.Card
	BlockBytes int // of each STORE DATA; 0: MaxBlockBytes
	// More says that more comes: no block is marked as the last one, since that
	// ends what INSTALL [for personalization] began. Blocks are numbered on.
	More bool

	next int // number of the next block
}

// Error says at which block of a sequence the transfer ended. It wraps the
// card's status word or the transport's error.
type Error struct {
	Group string // name of the last data group
	Block int    // from 0
	Err   error
}

// Error has the form "perso: ACTIVATE, block 0: SW 6985 (…)".
func (e *Error) Error() string {
	return "perso: " + e.Group + ", block " + strconv.Itoa(e.Block) + ": " + e.Err.Error()
}

// Unwrap is the cause.
func (e *Error) Unwrap() error { return e.Err }

// maxRestarts bounds how often an answer is begun again.
const maxRestarts = 8

// Send sends the groups in STORE DATA and appends the answer of
// the last one to dst, if it has one. An answer of a group before it is lost:
// send that one by itself. Where the card has lost the rest of an answer, as by a
// loss of power that its bearer bridges, the last group is sent again and answered
// from the beginning. Errors are *Error, *wire.DecodeError and those of
// building the groups. What was sent may be sent again, in a new session too
// (SPEC-PERSO-060). Spec: SPEC-PERSO-082.
func (t *Transfer) Send(ctx context.Context, g *Groups, dst []byte) ([]byte, error) {
	data, err := g.Bytes()
	if err != nil {
		return dst, err
	}
	out, err := t.collect(ctx, g, data, dst)
	for n := 0; n < maxRestarts && g.last != jpki.DGIAnswer && lostAnswer(err); n++ {
		out, err = t.collect(ctx, g, data[g.from:], dst)
	}
	return out, err
}

// lostAnswer tells whether an error is that the card has no answer any more.
func lostAnswer(err error) bool {
	var e *Error
	return errors.As(err, &e) && e.Group == jpki.DGIAnswer.String() && errors.Is(e.Err, iso7816.ConditionsNotSatisfied)
}

// collect sends the groups of g in data and appends the answer of the last one.
func (t *Transfer) collect(ctx context.Context, g *Groups, data, dst []byte) ([]byte, error) {
	start := len(dst)
	part, err := t.send(ctx, g, data)
	if err != nil || len(part) == 0 {
		return dst, err
	}
	total, rest, err := splitAnswer(part)
	if err != nil {
		return dst, err
	}
	dst = append(dst, rest...)
	for len(dst)-start < total {
		offset := len(dst) - start
		again := new(Groups).Answer(uint16(offset))
		part, err := t.send(ctx, again, again.data)
		if err != nil {
			return dst[:start], err
		}
		n, more, err := splitAnswer(part)
		if err != nil {
			return dst[:start], err
		}
		if n != total || len(more) > total-offset || len(more) == 0 {
			return dst[:start], &wire.DecodeError{Format: "PERSO answer", Path: "part", Offset: offset,
				Want: strconv.Itoa(total-offset) + " bytes or the next of them", Got: strconv.Itoa(len(more)) + " of " + strconv.Itoa(n)}
		}
		dst = append(dst, more...)
	}
	return dst, nil
}

// splitAnswer reads total length (2) and a part.
func splitAnswer(b []byte) (total int, part []byte, err error) {
	r := wire.NewReader("PERSO answer", b)
	total = int(r.Uint16("total length"))
	if r.Err() == nil && (total == 0 || total > MaxAnswerLen || r.Len() == 0 || r.Len() > total) {
		r.FailAt(0, "total length", "1 to 700, and a part of it", strconv.Itoa(total)+" and "+strconv.Itoa(r.Len())+" bytes")
	}
	return total, r.Rest(), r.Err()
}

// maxBlocks is how many numbers P2 has.
const maxBlocks = 256

// send sends the blocks of some groups and returns the response to the last
// one. Numbers go on from the groups before in the same sequence, and begin
// again with 00 after a last block, after a refusal, and where they would run
// out within the groups.
func (t *Transfer) send(ctx context.Context, g *Groups, data []byte) (response []byte, err error) {
	size := t.BlockBytes
	if size == 0 {
		size = MaxBlockBytes
	}
	blocks, err := gp.StoreDataBlocks(data, size, gp.StoreData{Structure: gp.StructureDGI, MayRespond: true})
	if err != nil {
		return nil, fmt.Errorf("perso: %v: %w", g.last, err)
	}
	if t.next+(len(data)-1)/size >= maxBlocks {
		t.next = 0
	}
	first := t.next
	t.next = 0
	for block := range blocks {
		number := int(block.Number)
		block.Number += byte(first)
		block.Last = block.Last && !t.More
		if response, err = gp.Exchange(ctx, t.Card, block, response[:0]); err != nil {
			return nil, &Error{g.last.String(), number, err}
		}
		if t.More {
			t.next = first + number + 1
		}
	}
	return response, nil
}
