package apdu

import (
	"bytes"
	"testing"

	"pgregory.net/rapid"

	"inkan/core/iso7816"
	"inkan/spec/req"
)

// What the splitter cuts, the reassembler puts together.
func TestChainRoundTrip(t *testing.T) {
	req.Covers(t, "SPEC-APDU-020", "SPEC-APDU-021", "SPEC-APDU-022")
	rapid.Check(t, func(t *rapid.T) {
		cmd := Command{
			CLA: byte(rapid.SampledFrom([]Class{0x00, 0x03, 0x0C, 0x40, 0x6F, 0x80, 0x84, 0xE1}).Draw(t, "CLA")),
			INS: 0xDB, P1: 0x3F, P2: rapid.Byte().Draw(t, "P2"),
			Data: rapid.SliceOfN(rapid.Byte(), 0, 900).Draw(t, "data"),
			Ne:   rapid.IntRange(0, MaxShortNe).Draw(t, "Ne"),
		}
		max := rapid.IntRange(1, 255).Draw(t, "max")
		s, err := NewSplitter(cmd, max)
		if err != nil {
			t.Fatal(err)
		}
		r := NewReassembler(make([]byte, 900))
		for {
			piece, ok := s.Next()
			if !ok {
				t.Fatal("the chain ended without a whole command")
			}
			raw, err := piece.Append(nil)
			if err != nil || piece.Extended || len(piece.Data) > max {
				t.Fatal(len(piece.Data), piece.Extended, err)
			}
			if piece, err = DecodeCommand(raw); err != nil {
				t.Fatal(err)
			}
			got, whole, sw := r.Add(piece)
			if sw != iso7816.OK {
				t.Fatal(sw)
			}
			if !whole {
				if piece.Ne != 0 || !piece.Class().Chained() || !r.Pending() {
					t.Fatal("a piece with Ne, without chaining bit, or not pending")
				}
				continue
			}
			if got.CLA != cmd.CLA || got.INS != cmd.INS || got.P1 != cmd.P1 || got.P2 != cmd.P2 ||
				!bytes.Equal(got.Data, cmd.Data) || got.Ne != cmd.Ne || got.Extended != (len(cmd.Data) > 255) {
				t.Fatalf("got %+v", got)
			}
			break
		}
		if _, more := s.Next(); more || r.Pending() {
			t.Fatal("more after the last")
		}
	})
}

func TestSplitterRefuses(t *testing.T) {
	long := make([]byte, 300)
	for _, c := range []struct {
		cla byte
		max int
	}{{0x00, 0}, {0x10, 255}, {0xA0, 255}, {0xEF, 255}, {0x00, 65536}} {
		if _, err := NewSplitter(Command{CLA: c.cla, Data: long}, c.max); err == nil {
			t.Errorf("class %02X, pieces of %d: accepted", c.cla, c.max)
		}
	}
}

func TestReassembler(t *testing.T) {
	req.Covers(t, "SPEC-APDU-023", "SPEC-APDU-024", "SPEC-APDU-025")
	part := Command{CLA: 0x10, INS: 0xE2, P1: 1, P2: 2, Data: []byte{0xAA, 0xBB}}
	last := part
	last.CLA = 0x00
	add := func(r *Reassembler, c Command, wantWhole bool, want iso7816.SW) {
		t.Helper()
		if _, whole, sw := r.Add(c); whole != wantWhole || sw != want {
			t.Errorf("whole %t SW %04X, want %t %04X", whole, uint16(sw), wantWhole, uint16(want))
		}
	}
	r := NewReassembler(nil)
	add(r, part, false, iso7816.ChainingNotSupported)
	add(r, last, true, iso7816.OK)

	for name, change := range map[string]func(*Command){
		"CLA": func(c *Command) { c.CLA ^= 1 }, "INS": func(c *Command) { c.INS++ },
		"P1": func(c *Command) { c.P1++ }, "P2": func(c *Command) { c.P2++ },
	} {
		buf := make([]byte, 4)
		r := NewReassembler(buf)
		add(r, part, false, iso7816.OK)
		other := last
		change(&other)
		add(r, other, false, iso7816.LastCommandExpected)
		if r.Pending() || !bytes.Equal(buf, make([]byte, 4)) {
			t.Errorf("%s changed: the chain survives: % X", name, buf)
		}
		add(r, other, true, iso7816.OK) // now it stands alone
	}

	buf := make([]byte, 5)
	r = NewReassembler(buf)
	add(r, part, false, iso7816.OK)
	add(r, part, false, iso7816.OK)
	add(r, part, false, iso7816.WrongLength)
	if r.Pending() || !bytes.Equal(buf, make([]byte, 5)) {
		t.Errorf("too long: the chain survives: % X", buf)
	}
}

// FuzzReassembler feeds commands of any kind, each a length and as many bytes:
// the result never exceeds the buffer and is the concatenation of what the
// chain was.
func FuzzReassembler(f *testing.F) {
	f.Add([]byte("\x07\x10\xE2\x00\x00\x02\xAA\xBB\x07\x00\xE2\x00\x00\x02\xCC\xDD"))
	f.Add([]byte("\x07\x10\xE2\x00\x00\x02\xAA\xBB\x07\x00\xE3\x00\x00\x02\xCC\xDD"))
	f.Add([]byte("\x04\x10\xE2\x00\x00\x04\x00\xE2\x00\x00"))
	f.Fuzz(func(t *testing.T, in []byte) {
		const limit = 16
		r := NewReassembler(make([]byte, limit))
		var model []byte
		open := false
		for len(in) > 0 {
			n := min(int(in[0]), len(in)-1)
			c, err := DecodeCommand(in[1 : 1+n])
			in = in[1+n:]
			if err != nil {
				continue
			}
			was := open
			got, whole, sw := r.Add(c)
			switch {
			case sw != iso7816.OK:
				if whole || r.Pending() {
					t.Fatal("an error with a result, or a chain that survives")
				}
				model, open = nil, false
			case whole:
				model = append(model, c.Data...)
				if !bytes.Equal(got.Data, model) || got.Class().Chained() || was && len(got.Data) > limit {
					t.Fatalf("got % X, want % X", got.Data, model)
				}
				model, open = nil, false
			default:
				model, open = append(model, c.Data...), true
			}
			if r.Pending() != open {
				t.Fatalf("pending %t, want %t", r.Pending(), open)
			}
		}
	})
}
