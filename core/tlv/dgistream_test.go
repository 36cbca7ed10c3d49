package tlv

import (
	"bytes"
	"errors"
	"testing"

	"pgregory.net/rapid"

	"inkan/core/wire"
	"inkan/spec/req"
)

type grouping struct {
	DGI    uint16
	Offset int
	Data   []byte
}

func readDGIs(b []byte, m Mode) (out []grouping, err error) {
	r := NewDGIReaderMode(b, m)
	for r.Next() {
		out = append(out, grouping{r.DGI(), r.Offset(), bytes.Clone(r.Value())})
	}
	return out, r.Err()
}

// streamDGIs feeds b in chunks of the sizes that cuts say.
func streamDGIs(b []byte, m Mode, limit int, cuts []byte) (out []grouping, err error) {
	s := NewDGIStream(make([]byte, limit), m)
	for i := 0; len(b) > 0; i++ {
		n := len(b)
		if i < len(cuts) {
			n = min(n, int(cuts[i]))
		}
		s.Feed(b[:n])
		for s.Next() {
			out = append(out, grouping{s.DGI(), s.Offset(), bytes.Clone(s.Value())})
		}
		if s.Err() != nil {
			return out, s.Err()
		}
		b = b[n:]
	}
	return out, s.End()
}

func sameGroupings(a, b []grouping) bool {
	if len(a) != len(b) {
		return false
	}
	for i := range a {
		if a[i].DGI != b[i].DGI || a[i].Offset != b[i].Offset || !bytes.Equal(a[i].Data, b[i].Data) {
			return false
		}
	}
	return true
}

// However a sequence is cut into chunks, the stream gives what the reader of
// the whole gives.
func TestDGIStreamChunks(t *testing.T) {
	req.Covers(t, "SPEC-TLV-030", "SPEC-TLV-033")
	rapid.Check(t, func(t *rapid.T) {
		var b []byte
		for range rapid.IntRange(0, 5).Draw(t, "n") {
			n := rapid.OneOf(rapid.IntRange(0, 10), rapid.SampledFrom([]int{0xFD, 0xFE, 0xFF, 0x100, 700})).Draw(t, "len")
			b = AppendDGI(b, rapid.Uint16().Draw(t, "dgi"), bytes.Repeat([]byte{byte(n)}, n))
		}
		cuts := rapid.SliceOf(rapid.Byte()).Draw(t, "cuts")
		want, err := readDGIs(b, Strict)
		if err != nil {
			t.Fatal(err)
		}
		got, err := streamDGIs(b, Strict, 700, cuts)
		if err != nil || !sameGroupings(got, want) {
			t.Fatalf("got %v %v, want %v", got, err, want)
		}
	})
}

func TestDGIStreamLimit(t *testing.T) {
	req.Covers(t, "SPEC-TLV-034")
	var d *wire.DecodeError
	b := AppendDGI(nil, 0x8010, make([]byte, 9))
	if _, err := streamDGIs(b, 0, 8, nil); !errors.As(err, &d) || d.Path != "8010" || d.Offset != 2 {
		t.Errorf("9 bytes where 8 fit: %v", err)
	}
	if _, err := streamDGIs(b, 0, 9, []byte{1, 1, 1, 1}); err != nil {
		t.Errorf("9 bytes where 9 fit: %v", err)
	}
}

func TestDGIStreamEnd(t *testing.T) {
	req.Covers(t, "SPEC-TLV-035")
	b := AppendDGI(AppendDGI(nil, 0x0101, []byte{1}), 0x8010, make([]byte, 300))
	for n := range b {
		_, err := streamDGIs(b[:n], 0, 300, []byte{3})
		if n == 0 || n == 4 {
			if err != nil {
				t.Errorf("cut to %d: %v", n, err)
			}
			continue
		}
		var d *wire.DecodeError
		if !errors.As(err, &d) || d.Offset != n {
			t.Errorf("cut to %d: %v", n, err)
		}
	}
}

func TestDGIStreamReset(t *testing.T) {
	buf := make([]byte, 8)
	s := NewDGIStream(buf, 0)
	s.Feed([]byte{0x80, 0x10, 3, 0xAA, 0xBB})
	if s.Next() || !s.Pending() {
		t.Fatal("complete too early")
	}
	s.Reset()
	if s.Pending() || !bytes.Equal(buf, make([]byte, 8)) {
		t.Errorf("after Reset: pending %t, buffer % X", s.Pending(), buf)
	}
	s.Feed([]byte{0, 1, 1, 1, 0, 2, 0})
	s.Feed([]byte{0})
	if s.Next() || s.Err() == nil {
		t.Error("a second chunk before the first was used up")
	}
}
