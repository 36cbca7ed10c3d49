package basic_test

import (
	"bytes"
	"errors"
	"testing"

	"inkan/core/wire"
)

// names puts the codecs into an order.
var names = []string{"card", "number", "attributes", "digests", "information"}

// FuzzDecode reads anything as every content: a fault within the input, or the
// same bytes again; the information's filler may be anything.
func FuzzDecode(f *testing.F) {
	for i, name := range names {
		f.Add(byte(i), contents(f)[name])
	}
	f.Fuzz(func(t *testing.T, which byte, b []byte) {
		name := names[int(which)%len(names)]
		got, err := codecs[name](b)
		if err != nil {
			var fault *wire.DecodeError
			if !errors.As(err, &fault) || fault.Offset < 0 || fault.Offset > len(b) {
				t.Fatalf("%s: %v", name, err)
			}
			return
		}
		if name != "information" && !bytes.Equal(got, b) {
			t.Fatalf("%s: %X is written as %X", name, b, got)
		}
	})
}
