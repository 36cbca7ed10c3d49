package oracletest

import (
	"bytes"
	"testing"

	"inkan/spec/req"
)

// image is the card's non-volatile memory, all of it.
func (d *driver) image() []byte {
	flash := d.card.Machine().Flash()
	b := make([]byte, flash.Size())
	flash.Read(0, b)
	return b
}

// TestMemory looks for secrets in the card's memory: while they are there each
// is in one place at most, after an erasure none is there any more.
func TestMemory(t *testing.T) {
	req.Covers(t, "SPEC-PERSO-055", "SPEC-PERSO-061")
	d := newDriver(t, &settings[0], nil)
	d.issue(t)
	d.direct(group(0xB005, d.model().IssueID()))
	found := 0
	for _, s := range d.secrets {
		for at := 0; at+16 <= len(s); at += 16 {
			n := bytes.Count(d.image(), s[at:at+16])
			found += n
			if n > 1 {
				t.Errorf("16 bytes at %d of a secret of %d are in %d places", at, len(s), n)
			}
		}
	}
	if found == 0 {
		t.Error("no secret is found: the search is wrong")
	}
	d.direct(group(0xB008, make([]byte, 16)))
	for _, s := range d.secrets {
		for at := 0; at+8 <= len(s); at++ {
			if n := bytes.Count(d.image(), s[at:at+8]); n > 0 {
				t.Fatalf("8 bytes at %d of a secret of %d are still there after ERASE", at, len(s))
			}
		}
	}
}

// TestMemoryOfRefused sends envelopes that are refused: nothing of their
// content is in the memory.
func TestMemoryOfRefused(t *testing.T) {
	req.Covers(t, "SPEC-PERSO-044", "SPEC-PERSO-061")
	d := newDriver(t, &settings[0], nil)
	d.issue(t, 1)
	open := d.model().Open()
	s, err := newSealer(contentKeys()[0], open.Order, open.Point, instanceAID)
	if err != nil {
		t.Fatal(err)
	}
	cert := d.plant(newChoice(3).secret(800))
	for _, v := range [][]byte{s.seal(2, 1, padded(item(0x01, cert))), s.seal(2, 1, padded(append(item(0x01, cert), item(0x01, cert)...)))} {
		if len(v) < 1000 {
			v[len(v)-1] ^= 1 // the MAC
		}
		if _, ok := d.direct(group(0xB003, v)); ok {
			t.Fatal("the envelope is taken")
		}
		image := d.image()
		for at := 0; at+8 <= len(cert); at++ {
			if bytes.Contains(image, cert[at:at+8]) {
				t.Fatalf("8 bytes at %d of content that was refused are in the memory", at)
			}
		}
	}
}

// erased looks for what may not be in the memory in the phase EMPTY: anything that
// was planted.
func (d *driver) erased() {
	d.t.Helper()
	image := d.image()
	for _, s := range d.secrets {
		for at := 0; at+12 <= len(s); at += 12 {
			if bytes.Contains(image, s[at:at+12]) {
				d.fail("12 bytes at %d of a secret of %d are in the memory of an empty application", at, len(s))
			}
		}
	}
}
