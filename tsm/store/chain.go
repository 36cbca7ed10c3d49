package store

import (
	"encoding/binary"
	"fmt"

	"inkan/tsm/store/codec"
	"inkan/tsm/store/row"
)

// chain is the verification of an audit trail under way.
type chain struct {
	next     uint64
	previous row.Hash
	e        row.Entry
	anchors  map[uint64]row.Hash
}

func (c *chain) entry(rest, value []byte) error {
	before := c.e.At
	if len(rest) != 8 || binary.BigEndian.Uint64(rest) != c.next {
		return corruptf("audit entry %d is missing", c.next)
	}
	if err := codec.Decode(value, &c.e); err != nil {
		return fmt.Errorf("%w: audit entry %d: %w", ErrCorrupt, c.next, err)
	}
	switch {
	case c.e.Number != c.next:
		return corruptf("audit entry %d calls itself %d", c.next, c.e.Number)
	case c.e.Previous != c.previous:
		return corruptf("audit entry %d does not follow on entry %d: chain broken", c.next, c.next-1)
	case c.e.At.Before(before):
		return corruptf("audit entry %d is earlier than the one before", c.next)
	}
	c.previous = row.HashOf(value)
	if noted, ok := c.anchors[c.next]; ok && noted != c.previous {
		return corruptf("audit entry %d is not the one that was noted outside", c.next)
	}
	c.next++
	return nil
}

func (c *chain) end(head *row.Head) error {
	switch {
	case c.next-1 > head.Number && c.e.Number != 0, c.next-1 < head.Number:
		return corruptf("the audit trail ends with entry %d, the head says %d", c.next-1, head.Number)
	case c.e.Number != 0 && c.previous != head.Hash:
		return corruptf("audit entry %d is not the one that the head names", head.Number)
	}
	for number := range c.anchors {
		if number > head.Number {
			return corruptf("the audit trail ends with entry %d, before entry %d that was noted outside", head.Number, number)
		}
	}
	return nil
}

// checkHead compares the last entry with the head.
func checkHead(r Reader, head *row.Head) error {
	if head.Number == 0 {
		return unlessCorrupt(head.Hash == row.Hash{} && head.At.IsZero(), "the head names an entry though it has none")
	}
	value, found, err := get(r, codeEntries, appendUint64(nil, head.Number))
	switch {
	case err != nil:
		return err
	case !found:
		return corruptf("the audit trail ends before entry %d, which the head names", head.Number)
	case row.HashOf(value) != head.Hash:
		return corruptf("audit entry %d is not the one that the head names", head.Number)
	}
	var e row.Entry
	if err := codec.Decode(value, &e); err != nil {
		return fmt.Errorf("%w: audit entry %d: %w", ErrCorrupt, head.Number, err)
	}
	return unlessCorrupt(e.At.Equal(head.At), "the head has another time than audit entry %d", head.Number)
}

func unlessCorrupt(ok bool, format string, args ...any) error {
	if ok {
		return nil
	}
	return corruptf(format, args...)
}
