package gp

import (
	"errors"
	"fmt"
	"iter"

	"inkan/core/iso7816"
	"inkan/core/tlv"
	"inkan/core/wire"
)

// MaxStoreDataBlocks is how many STORE DATA commands one sequence has: P2
// counts from 00 to FF and does not start again.
const MaxStoreDataBlocks = 256

// StoreDataBlocks splits data into the STORE DATA commands of one sequence,
// sizeBytes (1 to 255) each; form says encryption, structure and MayRespond.
// Leave room for the secure channel's MAC and padding. A data grouping or
// object may go on in the next block. Spec: SPEC-GP-127.
func StoreDataBlocks(data []byte, sizeBytes int, form StoreData) (iter.Seq[StoreData], error) {
	if sizeBytes < 1 || sizeBytes > 255 || len(data) == 0 || (len(data)-1)/sizeBytes >= MaxStoreDataBlocks {
		return nil, errors.New("gp: STORE DATA: no data, or more than 256 blocks")
	}
	return func(yield func(StoreData) bool) {
		form.Number, form.Last = 0, false
		for rest := data; len(rest) > 0; form.Number++ {
			k := min(sizeBytes, len(rest))
			form.Data, rest = rest[:k:k], rest[k:]
			form.Last = len(rest) == 0
			if !yield(form) {
				return
			}
		}
	}, nil
}

// StoreDataSequence joins the STORE DATA commands of one sequence on the card.
// Its buffer grows with what arrives and never beyond the limit. Not for
// concurrent use.
type StoreDataSequence struct {
	limit  int
	data   []byte
	blocks int // taken so far
	form   StoreData
	done   bool
}

// NewStoreDataSequence makes a sequence that takes at most limitBytes.
func NewStoreDataSequence(limitBytes int) *StoreDataSequence {
	return &StoreDataSequence{limit: limitBytes}
}

// Reset makes the sequence wait for block 00, and wipes what it held.
func (s *StoreDataSequence) Reset() {
	clear(s.data[:cap(s.data)])
	*s = StoreDataSequence{limit: s.limit, data: s.data[:0]}
}

// Format prints how many bytes are held, never which, whatever the verb.
func (s StoreDataSequence) Format(f fmt.State, _ rune) {
	fmt.Fprintf(f, "StoreDataSequence(%d blocks, %d bytes)", s.blocks, len(s.data))
}

// Active reports whether a sequence has begun and its last block is missing.
func (s *StoreDataSequence) Active() bool { return s.blocks > 0 && !s.done }

// Add takes the next command; done says that it was the last. A block 00 after
// the last one begins a new sequence. On an error the sequence is reset; the
// error is a *wire.DecodeError for a number out of order (P2), for another
// structure or encryption than the first block's (P1) and for data that is not
// what the structure says, and 6A84 when the limit is passed.
// Spec: SPEC-GP-128, SPEC-GP-129, SPEC-GP-130, SPEC-GP-131, SPEC-GP-132.
func (s *StoreDataSequence) Add(c *StoreData) (done bool, err error) {
	if s.done {
		s.Reset()
	}
	if err := s.add(c); err != nil {
		s.Reset()
		return false, err
	}
	return s.done, nil
}

func (s *StoreDataSequence) add(c *StoreData) error {
	switch {
	case int(c.Number) != s.blocks:
		want := "no more than 256 blocks"
		if s.blocks < MaxStoreDataBlocks {
			want = hexByte(byte(s.blocks))
		}
		return &wire.DecodeError{Format: "STORE DATA", Path: "P2", Offset: 3, Want: want, Got: hexByte(c.Number)}
	case s.blocks > 0 && (c.Structure != s.form.Structure || c.Encryption != s.form.Encryption):
		return &wire.DecodeError{Format: "STORE DATA", Path: "P1", Offset: 2, Want: "structure and encryption of the first block", Got: "others"}
	case len(c.Data) > s.limit-len(s.data):
		return iso7816.NotEnoughMemory
	}
	s.form = *c
	s.form.Data = nil
	s.data = appendWiping(s.data, c.Data, s.limit)
	s.blocks++
	s.done = c.Last
	if s.done {
		return s.check()
	}
	return nil
}

// check walks over the joined data when it is not encrypted as a whole.
func (s *StoreDataSequence) check() error {
	switch s.form.Structure {
	case StructureDGI:
		r := tlv.NewDGIReader(s.data)
		for r.Next() {
		}
		return r.Err()
	case StructureBERTLV:
		r := tlv.NewReader(s.data)
		for r.Next() {
		}
		return r.Err()
	}
	return nil
}

// Data is the joined data, valid until the next Add or Reset.
func (s *StoreDataSequence) Data() []byte { return s.data }

// Form is the last command without its data: structure and encryption are
// those of all blocks.
func (s *StoreDataSequence) Form() StoreData { return s.form }
