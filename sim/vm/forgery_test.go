package vm

import (
	"encoding/binary"
	"hash/crc32"
	"testing"
)

// TestForgedEntry: an array with the form of a journal entry is logged in one
// transaction; in the next a shorter entry ends where it begins, and the power
// is cut. The boot must not take it for an entry. It is tried at all distances
// from a page's end.
func TestForgedEntry(t *testing.T) {
	for pad := 6; pad < 140; pad++ {
		c := newTestCard(t)
		array, victim := c.NewArray(1, ByteArray, 200), c.NewArray(1, ByteArray, 4)
		c.AddRoot(array)
		c.AddRoot(victim)
		forged := make([]byte, 200)
		e := forged[pad:]
		binary.BigEndian.PutUint32(e, c.journal.epoch+2) // storing the array may take one more
		c.WriteBytes(array, 0, forged)
		binary.BigEndian.PutUint32(e, c.journal.epoch+2)
		binary.BigEndian.PutUint32(e[4:], c.objects[victim].at)
		binary.BigEndian.PutUint16(e[8:], 4)
		copy(e[10:], "evil")
		binary.BigEndian.PutUint32(e[14:], crc32.ChecksumIEEE(e[:14]))
		c.WriteBytesNonAtomic(array, 0, forged)
		epoch := c.journal.epoch
		if got := binary.BigEndian.Uint32(e); got != epoch+2 {
			t.Fatalf("epoch %d, forged %d", epoch, got)
		}
		c.Begin()
		c.WriteBytes(array, 0, make([]byte, 180))
		c.Commit()
		c.Begin()
		c.WriteBytes(victim, 0, []byte{1})
		c.Commit()
		c.Begin()
		c.WriteBytes(array, 0, make([]byte, pad-4))
		d := c.fork(t)
		var err error
		if d.Machine, err = New(testConfig(d.rom, d.flash, d.clk)); err != nil {
			t.Fatal(err)
		}
		var got [4]byte
		d.flash.Read(c.objects[victim].at, got[:])
		if got != [4]byte{1} {
			t.Fatalf("pad %d: the boot wrote %q", pad, got[:])
		}
	}
}
