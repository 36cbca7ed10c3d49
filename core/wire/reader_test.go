package wire_test

import (
	"errors"
	"runtime"
	"testing"

	"github.com/google/go-cmp/cmp"

	"inkan/core/wire"
	"inkan/spec/req"
)

func TestReaderReads(t *testing.T) {
	r := wire.NewReader("T", []byte{1, 2, 3, 2, 0xAA, 0xBB, 0, 7, 8, 9})
	if r.Offset() != 0 || r.Len() != 10 || !r.More() {
		t.Fatal("wrong at the start")
	}
	if b := r.Byte("a"); b != 1 {
		t.Error("Byte:", b)
	}
	if v := r.Uint16("b"); v != 0x0203 {
		t.Errorf("Uint16: %X", v)
	}
	if v := r.LV("c"); !cmp.Equal(v, []byte{0xAA, 0xBB}) {
		t.Errorf("LV: %X", v)
	}
	if v := r.LV("d"); v == nil || len(v) != 0 {
		t.Errorf("an empty LV is %#v, want empty and not nil", v)
	}
	if v := r.Bytes(0, "e"); v == nil || len(v) != 0 || r.Offset() != 7 {
		t.Errorf("no bytes are %#v", v)
	}
	if v := r.Bytes(1, "f"); !cmp.Equal(v, []byte{7}) || cap(v) != 1 {
		t.Errorf("Bytes: %X, capacity %d", v, cap(v))
	}
	if v := r.Rest(); !cmp.Equal(v, []byte{8, 9}) {
		t.Errorf("Rest: %X", v)
	}
	if r.More() || r.Offset() != 10 || r.Err() != nil || r.End() != nil {
		t.Error("wrong at the end")
	}
}

func TestReaderFaults(t *testing.T) {
	req.Covers(t, "SPEC-ERRORS-001", "SPEC-ERRORS-002", "SPEC-ERRORS-007")
	in := []byte{3, 0xAA, 0xBB}
	cases := []struct {
		name string
		read func(*wire.Reader)
		want wire.DecodeError
	}{
		{"byte at the end", func(r *wire.Reader) { r.Rest(); r.Byte("p") }, wire.DecodeError{Path: "p", Offset: 103, Want: "1 byte", Got: "0 left"}},
		{"half an integer", func(r *wire.Reader) { r.Bytes(2, ""); r.Uint16("p") }, wire.DecodeError{Path: "p", Offset: 102, Want: "2 bytes", Got: "1 left"}},
		{"too many bytes", func(r *wire.Reader) { r.Bytes(4, "p") }, wire.DecodeError{Path: "p", Offset: 100, Want: "4 bytes", Got: "3 left"}},
		{"largest length", func(r *wire.Reader) { r.Byte(""); r.Bytes(1<<31-1, "p") }, wire.DecodeError{Path: "p", Offset: 101, Want: "2147483647 bytes", Got: "2 left"}},
		{"negative length", func(r *wire.Reader) { r.Bytes(-1, "p") }, wire.DecodeError{Path: "p", Offset: 100, Want: "-1 bytes", Got: "3 left"}},
		{"LV without value", func(r *wire.Reader) { r.LV("p") }, wire.DecodeError{Path: "p", Offset: 101, Want: "3 bytes", Got: "2 left"}},
		{"LV without length", func(r *wire.Reader) { r.Rest(); r.LV("p") }, wire.DecodeError{Path: "p", Offset: 103, Want: "1 byte", Got: "0 left"}},
		{"one byte left", func(r *wire.Reader) { r.Bytes(2, "") }, wire.DecodeError{Offset: 102, Want: "end of input", Got: "1 byte"}},
		{"two bytes left", func(r *wire.Reader) { r.Bytes(1, "") }, wire.DecodeError{Offset: 101, Want: "end of input", Got: "2 bytes"}},
		{"the format's own", func(r *wire.Reader) { r.Byte(""); r.Fail("p", "w", "g") }, wire.DecodeError{Path: "p", Offset: 101, Want: "w", Got: "g"}},
		{"the format's own, elsewhere", func(r *wire.Reader) { r.Byte(""); r.FailAt(100, "p", "w", "g") }, wire.DecodeError{Path: "p", Offset: 100, Want: "w", Got: "g"}},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			r := wire.Sub("T", in, 100)
			c.read(&r)
			c.want.Format = "T"
			var got *wire.DecodeError
			if !errors.As(r.End(), &got) {
				t.Fatalf("error is %v", r.Err())
			}
			if d := cmp.Diff(c.want, *got); d != "" {
				t.Error(d)
			}
			if r.Len() != 0 || r.More() {
				t.Error("bytes are left after a fault")
			}
		})
	}
}

func TestFirstFaultSticks(t *testing.T) {
	req.Covers(t, "SPEC-ERRORS-004")
	r := wire.NewReader("T", []byte{1, 2})
	r.Fail("first", "x", "y")
	r.Fail("second", "x", "y")
	r.FailAt(1, "third", "x", "y")
	if r.Byte("") != 0 || r.Uint16("") != 0 || r.LV("") != nil || r.Bytes(0, "") != nil || r.Rest() != nil {
		t.Error("a read after a fault returned something")
	}
	if r.Offset() != 0 || r.End() != r.Err() {
		t.Error("moved after a fault")
	}
	if want := "T: first at offset 0: want x, got y"; r.Err().Error() != want {
		t.Errorf("%q, want %q", r.Err(), want)
	}
}

func TestReaderAllocatesNothing(t *testing.T) {
	req.Covers(t, "SPEC-ERRORS-006")
	in := []byte{1, 2, 3, 1, 4, 5}
	sum := 0
	allocs := testing.AllocsPerRun(100, func() {
		r := wire.Sub("T", in, 7)
		sum += int(r.Byte("a")) + int(r.Uint16("b")) + len(r.LV("c")) + len(r.Rest())
		if r.End() != nil {
			t.Error(r.Err())
		}
	})
	if allocs != 0 {
		t.Errorf("%v allocations on the good path", allocs)
	}
}

func TestForgedLengthAllocatesNoBuffer(t *testing.T) {
	req.Covers(t, "SPEC-ERRORS-006")
	in := make([]byte, 8)
	var before, after runtime.MemStats
	const runs = 100
	runtime.ReadMemStats(&before)
	for range runs {
		r := wire.NewReader("T", in)
		if r.Bytes(1<<20, "p") != nil {
			t.Fatal("read what is not there")
		}
	}
	runtime.ReadMemStats(&after)
	if got := (after.TotalAlloc - before.TotalAlloc) / runs; got > 4096 {
		t.Errorf("a forged length of 1 MiB costs %d bytes", got)
	}
}
