package jpki

import (
	"bytes"
	"errors"
	"testing"

	"inkan/core/wire"
	"inkan/spec/vectors"
)

// FuzzObjects feeds any bytes to a decoder: what it accepts, encoded and
// decoded again, is the same.
func FuzzObjects(f *testing.F) {
	kinds := []string{"status", "validity", "install", "token", "availability"}
	for _, v := range vectors.Load[vector](f, "jpki-ap.json") {
		for i, k := range kinds {
			if v.Kind == k {
				f.Add(byte(i), []byte(v.Bytes))
			}
		}
	}
	f.Fuzz(func(t *testing.T, kind byte, b []byte) {
		k := kinds[int(kind)%len(kinds)]
		before := bytes.Clone(b)
		fields, again, err := decoders[k](b)
		if !bytes.Equal(b, before) {
			t.Fatal("the input changed")
		}
		if err != nil {
			var fault *wire.DecodeError
			if !errors.As(err, &fault) || fault.Offset > len(b) {
				t.Fatal(err)
			}
			return
		}
		second, _, err := decoders[k](again)
		if err != nil || second != fields {
			t.Fatalf("%q, then %q, %v", fields, second, err)
		}
		if k != "install" && !bytes.Equal(again, b) {
			t.Fatalf("%X, then %X", b, again)
		}
	})
}
