package sms

import (
	"bytes"
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"inkan/core/wire"
	"inkan/spec/req"
	"inkan/spec/vectors"
)

// concatVector is a vector of sms_concat.json.
type concatVector struct {
	vectors.Header
	Sets  int `json:"sets"`
	Steps []struct {
		Add     vectors.Hex `json:"add"`
		Message vectors.Hex `json:"message,omitempty"`
	} `json:"steps"`
	Pending int `json:"pending"`
}

func newReassembler(t interface{ Fatal(...any) }, cfg ReassemblerConfig) *Reassembler {
	r, err := NewReassembler(cfg)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func TestConcatVectors(t *testing.T) {
	for _, v := range vectors.Load[concatVector](t, "sms_concat.json") {
		t.Run(v.Name, func(t *testing.T) {
			r := newReassembler(t, ReassemblerConfig{Sets: v.Sets, Parts: 5})
			for i, s := range v.Steps {
				message, done, err := r.Add(Address{}, s.Add)
				if err != nil || done != (s.Message != nil) {
					t.Fatalf("step %d: done %v, %v", i, done, err)
				}
				if d := cmp.Diff(s.Message, vectors.Hex(message), hexEqual); d != "" {
					t.Errorf("step %d (-want +got):\n%s", i, d)
				}
			}
			if r.Pending() != v.Pending {
				t.Errorf("%d sets pending, want %d", r.Pending(), v.Pending)
			}
		})
	}
}

func part(c Concat, body string) []byte {
	h := c.Append(nil)
	out, err := AppendUserData(nil, h, []byte(body), MaxUserData)
	if err != nil {
		panic(err)
	}
	return out
}

func TestReassemblerRules(t *testing.T) {
	req.Covers(t, "SPEC-SMS-014", "SPEC-SMS-031", "SPEC-SMS-032", "SPEC-SMS-033", "SPEC-SMS-036", "SPEC-SMS-037")
	r := newReassembler(t, ReassemblerConfig{Sets: 2, Parts: 3})
	c1, c2 := Concat{Reference: 1, Total: 2, Sequence: 1}, Concat{Reference: 1, Total: 2, Sequence: 2}
	add := func(from Address, ud []byte) (string, bool) {
		t.Helper()
		m, done, err := r.Add(from, ud)
		if err != nil {
			t.Fatal(err)
		}
		return string(m), done
	}
	a, _ := NewAddress(TypeInternational, "8190")
	b, _ := NewAddress(TypeInternational, "8180")

	add(a, part(c1, "A"))
	add(a, part(c1, "A")) // the same again
	if _, done := add(b, part(c2, "X")); done {
		t.Error("parts of two originators made one message")
	}
	if r.Pending() != 2 {
		t.Errorf("%d pending, want 2", r.Pending())
	}

	var de *wire.DecodeError
	r = newReassembler(t, ReassemblerConfig{Sets: 2, Parts: 3})
	add(a, part(c1, "A"))
	if _, _, err := r.Add(a, part(c1, "B")); !errors.As(err, &de) {
		t.Errorf("conflicting part: %v", err)
	}
	if _, _, err := r.Add(a, part(Concat{Reference: 2, Total: 4, Sequence: 1}, "C")); !errors.As(err, &de) || r.Pending() != 1 {
		t.Errorf("too many parts: %v, %d pending", err, r.Pending())
	}
	if de.Path != "total" || de.Want != "at most 3 parts" || de.Got != "4" {
		t.Errorf("too many parts: %v", de)
	}
	long := append(part(c2, ""), make([]byte, MaxReportUserData)...)
	if _, _, err := r.Add(a, long); !errors.As(err, &de) || r.Pending() != 1 || de.Path != "user data" || de.Want != "at most 159 octets" || de.Got != "165" {
		t.Errorf("user data too long: %v, %d pending", err, r.Pending())
	}
	if _, _, err := r.Add(a, long[:160]); !errors.As(err, &de) || de.Got != "160" {
		t.Errorf("user data of 160: %v", err)
	}
	if m, done := add(a, part(c2, "Z")); !done || m != "\x00AZ" {
		t.Errorf("%q, %v: the first content stays", m, done)
	}
	twice := Concat{Reference: 5, Total: 2, Sequence: 2}.Append(c1.Append(nil))
	if c, _ := twice.Concat(); c.Reference != 5 {
		t.Errorf("of two elements %+v was taken", c)
	}
}

func TestReassemblerAge(t *testing.T) {
	req.Covers(t, "SPEC-SMS-035")
	whole := []byte{2, 0x70, 0}
	for others, want := range []bool{true, true, true, false} {
		r := newReassembler(t, ReassemblerConfig{Sets: 2, Parts: 3, Age: 3})
		r.Add(Address{}, part(Concat{Total: 2, Sequence: 1}, "A"))
		for range others {
			r.Add(Address{}, whole)
		}
		if _, done, _ := r.Add(Address{}, part(Concat{Total: 2, Sequence: 2}, "B")); done != want {
			t.Errorf("after %d others done is %v", others, done)
		}
	}
}

func TestSplitter(t *testing.T) {
	req.Covers(t, "SPEC-SMS-022", "SPEC-SMS-023", "SPEC-SMS-024")
	for _, tt := range []struct {
		n     int
		wide  bool
		parts int
	}{{0, false, 1}, {137, false, 1}, {138, false, 2}, {266, false, 2}, {267, false, 3}, {264, true, 2}, {265, true, 3}, {34168, false, 255}} {
		s, err := NewSplitter(make([]byte, tt.n), IEICommandPacket, 7, tt.wide, MaxUserData)
		if err != nil || s.Parts() != tt.parts {
			t.Errorf("%d bytes: %d parts, %v", tt.n, s.Parts(), err)
		}
		for i := range s.Parts() {
			ud := s.Append(nil, i)
			h, _, err := DecodeUserData(ud)
			_, concat := h.Concat()
			if err != nil || len(ud) > MaxUserData || h.Has(IEICommandPacket) != (i == 0) || concat != (s.Parts() > 1) {
				t.Errorf("part %d of %d: %X", i, s.Parts(), ud)
			}
		}
	}
	if _, err := NewSplitter(make([]byte, 34169), IEICommandPacket, 7, false, MaxUserData); err == nil {
		t.Error("256 parts were accepted")
	}
}

// TestConcatRoundTrip sends several messages interleaved, out of order and
// with duplicates.
func TestConcatRoundTrip(t *testing.T) {
	req.Covers(t, "SPEC-SMS-030", "SPEC-SMS-031")
	rapid.Check(t, func(t *rapid.T) {
		type piece struct {
			message int
			ud      []byte
		}
		var pieces []piece
		packets := rapid.SliceOfN(rapid.SliceOfN(rapid.Byte(), 0, 700), 1, 4).Draw(t, "packets")
		wide := rapid.Bool().Draw(t, "wide")
		missing := map[int]int{}
		for i, p := range packets {
			s, err := NewSplitter(p, IEIResponsePacket, uint16(i), wide, MaxUserData)
			if err != nil {
				t.Fatal(err)
			}
			for j := range s.Parts() {
				pieces = append(pieces, piece{i, s.Append(nil, j)})
				if s.Parts() > 1 && rapid.Bool().Draw(t, "duplicate") {
					pieces = append(pieces, pieces[len(pieces)-1])
				}
			}
			missing[i]++
		}
		r := newReassembler(t, ReassemblerConfig{Sets: 8, Parts: 6})
		for _, p := range rapid.Permutation(pieces).Draw(t, "order") {
			m, done, err := r.Add(Address{}, p.ud)
			if err != nil {
				t.Fatal(err)
			}
			if done {
				want := append([]byte{2, 0x71, 0}, packets[p.message]...)
				if !bytes.Equal(m, want) {
					t.Fatalf("message %d differs", p.message)
				}
				delete(missing, p.message)
			}
		}
		if len(missing) > 0 {
			t.Fatalf("missing %v", missing)
		}
	})
}

func TestAddDoesNotAllocate(t *testing.T) {
	r := newReassembler(t, ReassemblerConfig{Sets: 2, Parts: 3})
	one, two := part(Concat{Total: 2, Sequence: 1}, "A"), part(Concat{Total: 2, Sequence: 2}, "B")
	if n := testing.AllocsPerRun(100, func() {
		r.Add(Address{}, two)
		r.Add(Address{}, one)
	}); n != 0 {
		t.Errorf("%v allocations", n)
	}
}

func BenchmarkReassemble(b *testing.B) {
	r := newReassembler(b, ReassemblerConfig{Sets: 4, Parts: 8})
	s, _ := NewSplitter(make([]byte, 512), IEICommandPacket, 1, false, MaxUserData)
	var parts [][]byte
	for i := range s.Parts() {
		parts = append(parts, s.Append(nil, i))
	}
	b.SetBytes(512)
	for b.Loop() {
		for _, p := range parts {
			r.Add(Address{}, p)
		}
	}
}
