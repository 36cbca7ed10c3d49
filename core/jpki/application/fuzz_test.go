package application

import (
	"bytes"
	"errors"
	"testing"

	"inkan/core/wire"
	"inkan/spec/req"
	"inkan/spec/vectors"
)

// FuzzParse: what is accepted is encoded alike; what is not is a fault within the
// input or a named contradiction.
func FuzzParse(f *testing.F) {
	req.Covers(f, "SPEC-APPLICATION-020", "SPEC-APPLICATION-002")
	for _, v := range vectors.Load[vector](f, "application.json") {
		f.Add([]byte(v.DER))
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		a, err := Parse(b)
		var fault *wire.DecodeError
		switch {
		case errors.As(err, &fault) && fault.Offset >= 0 && fault.Offset <= len(b), errors.Is(err, ErrInconsistent):
			return
		case err != nil:
			t.Fatal(err)
		}
		if again, err := a.Append(nil); err != nil || !bytes.Equal(again, b) {
			t.Fatalf("%v\n%X\n%X", err, b, again)
		}
	})
}

// FuzzOpen feeds any bytes where a signed application or a reply is expected.
func FuzzOpen(f *testing.F) {
	all := vectors.Load[vector](f, "application.json")
	f.Add([]byte(all[0].Signed), []byte(all[0].Reply))
	f.Add([]byte{0x30, 0x80}, []byte{1})
	a, private := all[0].application(f), all[0].private(f)
	f.Fuzz(func(t *testing.T, signed, reply []byte) {
		if s, err := Open(signed); err == nil && (s.Certificate == nil || s.Check() != nil) {
			t.Fatal("opened, and is none")
		}
		if _, codes, err := a.OpenReply(private, reply); err == nil && len(codes) == 0 {
			t.Fatal("a reply without a code")
		}
	})
}
