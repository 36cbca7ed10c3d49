package vm

import (
	"testing"

	"inkan/spec/req"
)

// The number of the records changes with them, and with what takes a change back.
func TestRecordsNumber(t *testing.T) {
	req.Covers(t, "SPEC-JCVM-012", "SPEC-JCVM-042")
	c := newTestCard(t)
	last := c.RecordsNumber()
	changed := func(what string, want bool, do func()) {
		t.Helper()
		do()
		now := c.RecordsNumber()
		if (now != last) != want || now == 0 {
			t.Errorf("%s: number %d, before %d", what, now, last)
		}
		last = now
	}
	put := func(value byte) {
		if err := c.PutRecord(1, []byte{1}, []byte{value}); err != nil {
			t.Fatal(err)
		}
	}
	changed("put", true, func() { put(1) })
	changed("read", false, func() { c.Record(1, []byte{1}) })
	changed("an object", false, func() { c.NewArray(JCRE, ByteArray, 5) })
	changed("replaced in a transaction", true, func() { c.Begin(); put(2) })
	changed("aborted", true, c.Abort)
	if b, _ := c.Record(1, []byte{1}); string(b) != "\x01" {
		t.Errorf("after the abort %X", b)
	}
	changed("reset", true, func() {
		if err := c.Reset(); err != nil {
			t.Fatal(err)
		}
	})
	changed("deleted", true, func() { c.DeleteRecord(1, []byte{1}) })
}
