package sms

import (
	"bytes"
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"

	"inkan/core/wire"
	"inkan/spec/vectors"
)

func seed(f *testing.F, kinds ...string) {
	for _, v := range vectors.Load[tpduVector](f, "sms_tpdu.json") {
		for _, k := range kinds {
			if v.Kind == k {
				f.Add([]byte(v.Bytes))
			}
		}
	}
}

// decodeError fails unless err is nil or a *wire.DecodeError within b.
func decodeError(t *testing.T, err error) bool {
	t.Helper()
	var de *wire.DecodeError
	if err != nil && !errors.As(err, &de) {
		t.Fatalf("%T is not a DecodeError: %v", err, err)
	}
	return err == nil
}

func FuzzDeliver(f *testing.F) {
	seed(f, "deliver")
	f.Fuzz(func(t *testing.T, b []byte) {
		d, err := DecodeDeliver(b)
		if !decodeError(t, err) {
			return
		}
		again, err := d.Append(nil)
		if err != nil {
			t.Fatal(err)
		}
		if len(again) != len(b) || again[0]|0x10 != b[0]|0x10 || !bytes.Equal(again[1:], b[1:]) {
			t.Fatalf("%X became %X", b, again)
		}
	})
}

func FuzzSubmit(f *testing.F) {
	seed(f, "submit")
	f.Fuzz(func(t *testing.T, b []byte) {
		s, err := DecodeSubmit(b)
		if !decodeError(t, err) {
			return
		}
		if again, err := s.Append(nil); err != nil || !bytes.Equal(again, b) {
			t.Fatalf("%X became %X, %v", b, again, err)
		}
	})
}

func FuzzDeliverReport(f *testing.F) {
	seed(f, "report")
	f.Add([]byte{0x40, 0x87, 0x80, 0x7F, 0x7F, 0xF6, 0x01, 0x02, 0xEE})
	f.Add([]byte{0x40, 0x49, 0x7F, 0xEE})
	f.Fuzz(func(t *testing.T, b []byte) {
		for _, rpError := range []bool{false, true} {
			d, err := DecodeDeliverReport(b, rpError)
			if !decodeError(t, err) {
				continue
			}
			again, err := d.Append(nil)
			if err != nil {
				t.Fatal(err)
			}
			d2, err := DecodeDeliverReport(again, rpError)
			if diff := cmp.Diff(d, d2, cmp.AllowUnexported(Address{})); err != nil || diff != "" {
				t.Fatalf("%v %s", err, diff)
			}
		}
	})
}

func FuzzUserData(f *testing.F) {
	seed(f, "userData")
	f.Fuzz(func(t *testing.T, b []byte) {
		h, body, err := DecodeUserData(b)
		if !decodeError(t, err) {
			return
		}
		var again Header
		for e, rest, ok := h.Next(); ok; e, rest, ok = rest.Next() {
			again = again.AppendElement(e.ID, e.Data)
		}
		if out, err := AppendUserData(nil, again, body, len(b)); err != nil || !bytes.Equal(out, b) {
			t.Fatalf("%X became %X, %v", b, out, err)
		}
		if c, ok := h.Concat(); ok && (c.Sequence == 0 || c.Sequence > c.Total) {
			t.Fatalf("concatenation %+v", c)
		}
	})
}

// FuzzReassembler feeds a stream of length-prefixed user data.
func FuzzReassembler(f *testing.F) {
	f.Add([]byte("\x09\x05\x00\x03\x01\x02\x01abc\x09\x05\x00\x03\x01\x02\x02def"))
	f.Add([]byte("\x0a\x06\x08\x04\x12\x34\x03\x03xyz"))
	f.Fuzz(func(t *testing.T, b []byte) {
		r, err := NewReassembler(ReassemblerConfig{Sets: 2, Parts: 4, Age: 5})
		if err != nil {
			t.Fatal(err)
		}
		for in := wire.NewReader("stream", b); in.More(); {
			ud := in.LV("user data")
			message, done, err := r.Add(Address{}, ud)
			if !decodeError(t, err) {
				continue
			}
			if !done && message != nil {
				t.Fatal("a message before it is done")
			}
			if done && len(message) > 4*MaxReportUserData && len(message) > len(ud) {
				t.Fatalf("%d bytes", len(message))
			}
			if r.Pending() > 2 {
				t.Fatal("too many sets")
			}
		}
	})
}

func FuzzDownload(f *testing.F) {
	seed(f, "download")
	f.Fuzz(func(t *testing.T, b []byte) {
		d, err := DecodeDownload(b)
		if !decodeError(t, err) {
			return
		}
		again, err := DecodeDownload(d.Append(nil))
		if err != nil || !bytes.Equal(again.TPDU, d.TPDU) || !bytes.Equal(again.Address, d.Address) {
			t.Fatalf("%X: %v", b, err)
		}
	})
}

func FuzzSendShortMessage(f *testing.F) {
	seed(f, "proactive")
	f.Fuzz(func(t *testing.T, b []byte) {
		s, err := DecodeSendShortMessage(b)
		if !decodeError(t, err) {
			return
		}
		again, err := DecodeSendShortMessage(s.Append(nil))
		if err != nil || !bytes.Equal(again.TPDU, s.TPDU) || again.Number != s.Number {
			t.Fatalf("%X: %v", b, err)
		}
	})
}
