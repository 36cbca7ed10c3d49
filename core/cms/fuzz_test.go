package cms

import (
	"errors"
	"testing"

	"inkan/core/wire"
	"inkan/spec/req"
	"inkan/spec/vectors"
)

// FuzzParse feeds any bytes: what is refused is a fault within the input, what is
// accepted can be verified or is refused by a named error.
func FuzzParse(f *testing.F) {
	req.Covers(f, "SPEC-APPLICATION-002")
	// Fixed bytes: workers of a fuzzer make keys of their own.
	for _, v := range vectors.Load[vector](f, "cms.json") {
		f.Add([]byte(v.Signed))
	}
	f.Add([]byte{0x30, 0x80, 0, 0})
	f.Fuzz(func(t *testing.T, b []byte) {
		s, err := Parse(b)
		var fault *wire.DecodeError
		switch {
		case err != nil && (!errors.As(err, &fault) || fault.Offset < 0 || fault.Offset > len(b)):
			t.Fatal(err)
		case err != nil:
			return
		}
		if c, err := s.Verify(); err == nil && c == nil {
			t.Fatal("verified, and no certificate")
		}
	})
}
