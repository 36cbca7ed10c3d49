package basic_test

import (
	"bytes"
	"encoding/hex"
	"strings"
	"testing"

	"inkan/core/gp"
	"inkan/core/iso7816"
	"inkan/core/jpki"
	vocabulary "inkan/core/jpki/basic"
	"inkan/sim/clock"
	"inkan/sim/nvm"
	"inkan/spec/req"
)

func hexOf(b []byte) string { return strings.ToUpper(hex.EncodeToString(b)) }

// cuts is what a power cut before each page update of a piece of work would leave.
func (r *rig) cuts(work func()) (all []*nvm.Flash) {
	r.Helper()
	r.flash.BeforeUpdate(func(uint32) { all = append(all, r.flash.ForkOn(new(clock.Clock), nil)) })
	work()
	r.flash.BeforeUpdate(nil)
	return append(all, r.flash.ForkOn(new(clock.Clock), nil))
}

// content is what a holder reads of a file, the PINs verified as far as they are
// known.
func (r *rig) content(common bool, ef byte, pins ...string) string {
	r.Helper()
	if common {
		r.want(selectCommon, "9000")
		data, sw := r.transmit([]byte{0, 0xB2, 1, 0x0C, 0})
		return hexOf(append(data, sw.SW1(), sw.SW2()))
	}
	r.want(selectText, "9000")
	for _, pin := range pins {
		if _, sw := r.transmit(append([]byte{0, 0x20, 0, 0x91, 4}, pin...)); sw == iso7816.OK {
			break
		}
	}
	out := []byte(nil)
	for offset := 0; ; {
		data, sw := r.transmit([]byte{0, 0xB0, byte(offset >> 8), byte(offset), 0})
		if offset == 0 {
			data, sw = r.transmit([]byte{0, 0xB0, 0x80 | ef, 0, 0})
		}
		out, offset = append(out, data...), offset+len(data)
		if sw != iso7816.OK || len(data) < 256 {
			return hexOf(out)
		}
	}
}

// memory is all of a memory.
func memory(f *nvm.Flash) []byte {
	b := make([]byte, f.Size())
	f.Read(0, b)
	return b
}

// Power is cut at every write while a file's content is replaced: the old or the
// new one is there whole, the same data group leads to the new one, and nothing is
// left of what does not count.
func TestTearingFile(t *testing.T) {
	req.Covers(t, "SPEC-IDCARD-053", "SPEC-IDCARD-054")
	newer := []byte(strings.Repeat("a NEW address, somewhat longer than before. ", 20))
	for _, c := range []struct {
		name       string
		to         gp.AID
		ef         byte
		old, value []byte
	}{
		{"attributes", vocabulary.AIDText, 2, anAttribute, newer}, {"number", vocabulary.AIDText, 1, aNumber, []byte("another number")},
		{"record", vocabulary.AIDCommon, 1, aRecord, []byte("another record, of another length")},
	} {
		t.Run(c.name, func(t *testing.T) {
			data := func() *vocabulary.Data { return new(vocabulary.Data).Put(jpki.EF(c.ef), c.value) }
			common := c.to == vocabulary.AIDCommon
			read := func(r *rig) string { return strings.TrimSuffix(r.content(common, c.ef, string(aPIN)), "9000") }
			r := issued(t, contact)
			card := r.personaliser(c.to, full)
			blocks, err := data().Blocks(100)
			if err != nil {
				t.Fatal(err)
			}
			forks := r.cuts(func() {
				for b := range blocks {
					if sw := r.status(card, b); sw != iso7816.OK {
						t.Fatal(sw)
					}
				}
			})
			old, after := 0, 0
			for i, f := range forks {
				cut := boot(t, f, contact)
				got := read(cut)
				left, gone := c.old, c.value
				if got == hexOf(c.value) {
					left, gone = gone, left
					after++
				} else if old++; got != hexOf(c.old) {
					t.Fatalf("cut %d: %s", i, got)
				}
				m := memory(cut.flash)
				if !bytes.Contains(m, left[:13]) || bytes.Contains(m, gone[:13]) {
					t.Fatalf("cut %d: rubbish is left", i)
				}
				if sw := cut.store(c.to, data(), 100); sw != iso7816.OK || read(cut) != hexOf(c.value) {
					t.Fatalf("cut %d: again: %v", i, sw)
				}
			}
			if old < 2 || after < 2 {
				t.Errorf("%d cuts leave the old content, %d the new one", old, after)
			}
			t.Logf("%d cuts: %d old, %d new", len(forks), old, after)
		})
	}
}

// Power is cut at every write of the whole personalisation: the card starts, and
// personalisation from the beginning gives a whole card.
func TestTearingAll(t *testing.T) {
	req.Covers(t, "SPEC-IDCARD-053", "SPEC-IDCARD-055")
	r := newRig(t)
	want := func(r *rig) {
		if got := r.content(false, 2, string(aPIN)); got != hexOf(anAttribute) {
			t.Fatalf("attributes %s", got)
		}
		r.want("002000940C"+hexOf(aCodeA), "9000")
		r.want("002000950E"+hexOf(aCodeB), "9000")
		if got := r.content(true, 1); got != hexOf(aRecord)+"9000" {
			t.Fatalf("record %s", got)
		}
	}
	all := func(r *rig) {
		for _, d := range []struct {
			to   gp.AID
			data *vocabulary.Data
		}{{vocabulary.AIDCommon, commonData()}, {vocabulary.AIDText, textData()}} {
			if sw := r.store(d.to, d.data, 223); sw != iso7816.OK {
				t.Fatal(sw)
			}
		}
	}
	forks := r.cuts(func() { all(r) })
	for i, f := range forks {
		cut := boot(t, f, contact)
		for _, ef := range []byte{1, 2, 3, 5} {
			cut.want(selectText, "9000")
			if _, sw := cut.transmit([]byte{0, 0xB0, 0x80 | ef, 0, 0}); sw != iso7816.OK && sw != iso7816.SecurityStatusNotSatisfied && sw != iso7816.WrongP1P2 {
				t.Fatalf("cut %d: EF %02X: %v", i, ef, sw)
			}
		}
		all(cut)
		want(cut)
	}
	t.Logf("%d cuts", len(forks))
}

// Power is cut at every write of a PIN's data group and of CHANGE REFERENCE DATA:
// the old or the new PIN is there, with tries.
func TestTearingPIN(t *testing.T) {
	req.Covers(t, "SPEC-IDCARD-055", "SPEC-IDCARD-043")
	for name, work := range map[string]func(r *rig) func(){
		"data group": func(r *rig) func() {
			card := r.personaliser(vocabulary.AIDText, full)
			return func() {
				if sw := r.status(card, block{0x88, 0, []byte("\xC0\x11\x040815")}); sw != iso7816.OK {
					t.Fatal(sw)
				}
			}
		},
		"change": func(r *rig) func() {
			r.want(selectText, "9000")
			r.want("0020009104"+hexOf(aPIN), "9000")
			return func() { r.want("002401910430383135", "9000") }
		},
	} {
		r := issued(t, contact)
		old, after := 0, 0
		for i, f := range r.cuts(work(r)) {
			cut := boot(t, f, contact)
			cut.want(selectText, "9000")
			cut.want("00200091", "63C3")
			_, isOld := cut.transmit([]byte("\x00\x20\x00\x91\x044711"))
			_, isNew := cut.transmit([]byte("\x00\x20\x00\x91\x040815"))
			if (isOld == iso7816.OK) == (isNew == iso7816.OK) {
				t.Fatalf("%s: cut %d: old PIN %v, new PIN %v", name, i, isOld, isNew)
			}
			if isOld == iso7816.OK {
				old++
			} else {
				after++
			}
		}
		if old == 0 || after == 0 {
			t.Errorf("%s: %d cuts leave the old PIN, %d the new one", name, old, after)
		}
	}
}

// A cut never gives a try back: behind the first write of a wrong VERIFY it is
// gone.
func TestTearingVerify(t *testing.T) {
	req.Covers(t, "SPEC-IDCARD-046")
	for _, c := range []struct{ p2, wrong, left string }{{"91", "0430303030", "63C2"}, {"94", "0C303030303030303030303030", "63C9"}, {"95", "0E3030303030303030303030303030", "63C9"}} {
		r := issued(t, contact)
		r.want(selectText, "9000")
		forks := r.cuts(func() { r.want("002000"+c.p2+c.wrong, c.left) })
		if len(forks) < 2 {
			t.Fatalf("%s: nothing is written", c.p2)
		}
		for _, f := range forks[1:] {
			cut := boot(t, f, contact)
			cut.want(selectText, "9000")
			cut.want("002000"+c.p2, c.left)
		}
	}
}
