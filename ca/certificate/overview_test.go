package certificate_test

import (
	"bytes"
	"encoding/hex"
	"os"
	"strings"
	"testing"

	profile "inkan/core/jpki/certificate"
)

// TestOverview compares the overview of the spec with the certificate that it
// shows.
func TestOverview(t *testing.T) {
	text, err := os.ReadFile("../../spec/CERT-PROFILE.md")
	if err != nil {
		t.Fatal(err)
	}
	_, block, _ := strings.Cut(string(text), "```\n")
	block, _, _ = strings.Cut(block, "```")
	var shown []byte
	for _, line := range strings.Split(strings.TrimSpace(block), "\n") {
		if strings.HasPrefix(line, "#") {
			continue
		}
		b, err := hex.DecodeString(line)
		if err != nil {
			t.Fatalf("%q: %v", line, err)
		}
		shown = append(shown, b...)
	}
	_, all := fixture(t)
	c, err := profile.Parse(all["phone authentication"].DER)
	if err != nil {
		t.Fatal(err)
	}
	if len(shown) < 700 || !bytes.HasSuffix(c.TBS, shown) {
		t.Errorf("the overview's %d bytes are not the end of the TBSCertificate", len(shown))
	}
}
