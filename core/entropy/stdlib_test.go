package entropy

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"testing"
)

// reader makes a Source look like what the standard library wants.
type reader struct{ Source }

func (r reader) Read(b []byte) (int, error) {
	r.Fill(b)
	return len(b), nil
}

// TestStandardLibraryIgnoresReaders holds the fact on which decision 2 rests,
// in every build: a seeded reader doesn't make the standard library's keys
// reproducible, so the card generates its own.
func TestStandardLibraryIgnoresReaders(t *testing.T) {
	var keys [2]*ecdsa.PrivateKey
	for i := range keys {
		var err error
		if keys[i], err = ecdsa.GenerateKey(elliptic.P256(), reader{Seeded(1, "x")}); err != nil {
			t.Fatal(err)
		}
	}
	if keys[0].Equal(keys[1]) {
		t.Error("ecdsa.GenerateKey used the reader: is GODEBUG=cryptocustomrand=1 set, or go.mod older than go 1.26?")
	}
}
