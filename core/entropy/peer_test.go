package entropy

import (
	"bytes"
	"fmt"
	"testing"

	"inkan/spec/peer"
)

// TestSeededAgainstOpenSSL compares streams with those of another AES.
func TestSeededAgainstOpenSSL(t *testing.T) {
	for _, c := range []struct {
		seed  uint64
		label string
		size  int
	}{{1, "card", 32}, {99, "", 100_000}, {1 << 40, "tsm/sp", 4097}} {
		key := seededKey(c.seed, c.label)
		want := peer.Run(t, make([]byte, c.size), "openssl", "enc", "-aes-256-ctr", "-K", fmt.Sprintf("%X", key), "-iv", fmt.Sprintf("%032X", 0))
		if got := take(Seeded(c.seed, c.label), c.size); !bytes.Equal(got, want) {
			t.Errorf("%v: OpenSSL's stream differs", c)
		}
	}
}
