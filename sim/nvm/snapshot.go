package nvm

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"io"

	"inkan/core/observe"
	"inkan/core/wire"
	"inkan/sim/clock"
)

// A snapshot is, big-endian: "inkanNVM", version 01, SizeBytes(4),
// PageBytes(4); then for each page that is worn: number(4), wear(4), content;
// then FFFFFFFF and the SHA-256 of all before. Pages that were never updated
// are erased and left out.
const (
	snapshotFormat = "NVM snapshot"
	snapshotMagic  = "inkanNVM\x01"
	snapshotEnd    = 0xFFFFFFFF
)

// Snapshot writes content and wear in the form that Restore reads.
func (f *Flash) Snapshot(w io.Writer) error {
	sum := sha256.New()
	out := io.MultiWriter(w, sum)
	head := binary.BigEndian.AppendUint32([]byte(snapshotMagic), f.geometry.SizeBytes)
	head = binary.BigEndian.AppendUint32(head, f.geometry.PageBytes)
	if _, err := out.Write(head); err != nil {
		return err
	}
	record := make([]byte, 8+f.geometry.PageBytes)
	for page, wear := range f.wear {
		if wear == 0 {
			continue
		}
		binary.BigEndian.PutUint32(record, uint32(page))
		binary.BigEndian.PutUint32(record[4:], wear)
		f.image.read(uint32(page)*f.geometry.PageBytes, record[8:])
		if _, err := out.Write(record); err != nil {
			return err
		}
	}
	if _, err := out.Write(binary.BigEndian.AppendUint32(nil, snapshotEnd)); err != nil {
		return err
	}
	_, err := w.Write(sum.Sum(nil))
	return err
}

// Restore makes a memory of geometry g from a snapshot of a memory of the same
// size and page size. Errors are *wire.DecodeError or the geometry's.
func Restore(snapshot []byte, g Geometry, k *clock.Clock, o observe.Observer) (*Flash, error) {
	f, err := NewFlash(g, k, o)
	if err != nil {
		return nil, err
	}
	r := wire.NewReader(snapshotFormat, snapshot)
	if !bytes.Equal(r.Bytes(len(snapshotMagic), "magic"), []byte(snapshotMagic)) {
		r.FailAt(0, "magic", fmt.Sprintf("%q", snapshotMagic), "something else")
	}
	expect(&r, "size", g.SizeBytes)
	expect(&r, "page size", g.PageBytes)
	for next := uint32(0); ; {
		page := number(&r, "page")
		if r.Err() != nil || page == snapshotEnd {
			break
		}
		if page < next || page >= uint32(len(f.wear)) {
			r.Fail("page", fmt.Sprintf("a page from %d to %d", next, len(f.wear)-1), fmt.Sprint(page))
			break
		}
		if f.wear[page] = number(&r, "wear"); f.wear[page] == 0 {
			r.Fail("wear", "at least 1", "0")
		}
		f.image.write(page*g.PageBytes, r.Bytes(int(g.PageBytes), "content"))
		next = page + 1
	}
	end := r.Offset()
	if sum := sha256.Sum256(snapshot[:end]); r.Err() == nil && !bytes.Equal(sum[:], r.Bytes(len(sum), "sum")) {
		r.FailAt(end, "sum", "the SHA-256 of the snapshot", "something else")
	}
	if err := r.End(); err != nil {
		return nil, err
	}
	return f, nil
}

func number(r *wire.Reader, path string) uint32 {
	return uint32(r.Uint16(path))<<16 | uint32(r.Uint16(path))
}

func expect(r *wire.Reader, path string, want uint32) {
	at := r.Offset()
	if got := number(r, path); got != want {
		r.FailAt(at, path, fmt.Sprint(want), fmt.Sprint(got))
	}
}
