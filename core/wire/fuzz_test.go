package wire_test

import (
	"bytes"
	"errors"
	"testing"

	"inkan/core/wire"
	"inkan/spec/req"
)

// FuzzReader runs a sequence of reads over some bytes, beside an oracle that
// only counts. Each byte of script is one read: the low three bits say which,
// the high five how long.
func FuzzReader(f *testing.F) {
	req.Covers(f, "SPEC-ERRORS-002", "SPEC-ERRORS-004", "SPEC-ERRORS-005")
	f.Add([]byte{}, []byte{}, uint16(0))
	f.Add([]byte{0, 1, 3, 2 | 3<<3, 4}, []byte{1, 2, 3, 1, 4, 5, 6, 7, 8}, uint16(9))
	f.Add([]byte{3, 3, 3}, []byte{0, 1, 9, 250, 1}, uint16(65535))
	f.Add([]byte{5, 0, 6, 7}, []byte{1}, uint16(1))
	f.Fuzz(func(t *testing.T, script, in []byte, base uint16) {
		r := wire.Sub("F", in, int(base))
		o := oracle{t: t, in: in}
		for _, op := range script {
			o.step(&r, op)
			if r.Offset() != int(base)+o.pos {
				t.Fatalf("offset %d, want %d", r.Offset(), int(base)+o.pos)
			}
			if left := len(in) - o.pos; o.failed && r.Len() != 0 || !o.failed && r.Len() != left || r.More() != (r.Len() > 0) {
				t.Fatalf("%d bytes left, want %d (failed: %v)", r.Len(), left, o.failed)
			}
			if o.failed != (r.Err() != nil) {
				t.Fatalf("failed: %v, error: %v", o.failed, r.Err())
			}
		}
		whole := !o.failed && o.pos == len(in)
		err := r.End()
		var e *wire.DecodeError
		switch {
		case whole && err != nil:
			t.Fatalf("all was read, but: %v", err)
		case !whole && !errors.As(err, &e):
			t.Fatalf("want a *DecodeError, got %v", err)
		case !whole && (e.Offset < int(base) || e.Offset > int(base)+len(in) || e.Format != "F" || e.Want == ""):
			t.Fatalf("imprecise: %+v", e)
		}
	})
}

// oracle knows where a correct reader stands.
type oracle struct {
	t      *testing.T
	in     []byte
	pos    int
	failed bool
}

// take moves the oracle by n bytes if it can, and says what they are.
func (o *oracle) take(n int) []byte {
	if o.failed || n > len(o.in)-o.pos {
		o.failed = true
		return nil
	}
	o.pos += n
	return o.in[o.pos-n : o.pos]
}

func (o *oracle) step(r *wire.Reader, op byte) {
	n := int(op >> 3)
	var got, want []byte
	switch op & 7 {
	case 0:
		want = o.take(1)
		got = []byte{r.Byte("p")}
	case 1:
		want = o.take(2)
		v := r.Uint16("p")
		got = []byte{byte(v >> 8), byte(v)}
	case 2:
		want, got = o.take(n), r.Bytes(n, "p")
	case 3:
		if l := o.take(1); l != nil {
			want = o.take(int(l[0]))
		}
		got = r.LV("p")
	case 4:
		want, got = o.take(len(o.in)-o.pos), r.Rest()
	case 5:
		o.failed = true
		r.Fail("p", "w", "g")
	case 6:
		o.failed = true
		r.FailAt(r.Offset(), "p", "w", "g")
	case 7:
		o.failed = true
		got = r.Bytes(-1-n, "p")
	}
	if want == nil { // nothing, or zero of an integer
		want = make([]byte, len(got))
	}
	if !bytes.Equal(got, want) {
		o.t.Fatalf("read %d returned %X, want %X", op&7, got, want)
	}
}
