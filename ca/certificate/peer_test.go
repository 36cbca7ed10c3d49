package certificate_test

import (
	"encoding/pem"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"inkan/spec/peer"
	"inkan/spec/vectors"
)

// write puts certificates as PEM into a file of the test's own.
func write(t *testing.T, name string, ders ...[]byte) string {
	t.Helper()
	var text []byte
	for _, der := range ders {
		text = append(text, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})...)
	}
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, text, 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// at is Issued as openssl wants it.
const at = "1795835045"

// TestOpensslVerify: openssl finds the right one of three generations of one
// name, for the purpose of the kind.
func TestOpensslVerify(t *testing.T) {
	names, all := fixture(t)
	trusted := map[string]string{}
	for _, a := range []string{"auth", "sign"} {
		trusted[a] = write(t, a+".pem", all[a+" generation 1"].DER, all[a+" generation 2"].DER, all[a+" generation 3"].DER)
	}
	for _, name := range names {
		v := all[name]
		args := []string{"verify", "-CAfile", trusted[v.Authority], "-attime", at, "-x509_strict"}
		switch {
		case strings.Contains(name, "generation"):
			// An authority's own certificate names no key identifier of its issuer: among
			// several of one name openssl takes the first for it.
			args[2] = write(t, "own.pem", v.DER)
		case strings.HasPrefix(name, "card signature"):
			args = append(args, "-purpose", "any")
		case strings.Contains(name, "authentication"):
			args = append(args, "-purpose", "sslclient")
		case strings.Contains(name, "responder"):
			args = append(args, "-purpose", "ocsphelper")
		}
		if strings.Contains(name, "generation 3") {
			args[4] = "1823000000" // it begins in 2027
		}
		peer.Run(t, nil, "openssl", append(args, write(t, "certificate.pem", v.DER))...)
	}
}

// TestOpensslRefuses: a certificate against the other generations alone, against the
// other authority, a changed one, and one that has ended.
func TestOpensslRefuses(t *testing.T) {
	_, all := fixture(t)
	phone := all["phone authentication"].DER
	changed := append([]byte(nil), phone...)
	changed[200] ^= 1
	refuse := func(what, time string, der []byte, trusted ...[]byte) {
		_, stderr, status := peer.Try(t, nil, "openssl", "verify", "-CAfile", write(t, "trusted.pem", trusted...), "-attime", time, write(t, "certificate.pem", der))
		if status == 0 {
			t.Errorf("%s: openssl verifies it: %s", what, stderr)
		}
	}
	refuse("other generations", at, phone, all["auth generation 1"].DER, all["auth generation 3"].DER)
	refuse("other authority", at, phone, all["sign generation 2"].DER)
	refuse("changed", at, changed, all["auth generation 2"].DER)
	refuse("ended", "1929200400", phone, all["auth generation 2"].DER)
	if _, stderr, status := peer.Try(t, nil, "openssl", "verify", "-CAfile", write(t, "trusted.pem", all["auth generation 2"].DER),
		"-attime", at, "-purpose", "sslserver", write(t, "certificate.pem", phone)); status == 0 {
		t.Errorf("openssl takes a phone for a server: %s", stderr)
	}
}

// TestOpensslShape compares openssl's listing with the published structure, down
// to the extensions' values.
func TestOpensslShape(t *testing.T) {
	_, all := fixture(t)
	for _, v := range vectors.Load[shapeVector](t, "cert-profile-shape.json") {
		var want []string
		for _, line := range v.Shape {
			if depth := len(line) - len(strings.TrimLeft(line, " ")); depth <= extensionDepth {
				want = append(want, strings.Fields(line)[0])
			}
		}
		listing := peer.Run(t, all[v.Certificate].DER, "openssl", "asn1parse", "-inform", "DER")
		if diff := cmp.Diff(want, tags(t, string(listing))); diff != "" {
			t.Errorf("%s (-published +openssl):\n%s", v.Certificate, diff)
		}
	}
}

// names of types in openssl's listing.
var types = map[string]string{"SEQUENCE": "30", "SET": "31", "INTEGER": "02", "OBJECT": "06", "NULL": "05", "PRINTABLESTRING": "13", "UTF8STRING": "0C",
	"UTCTIME": "17", "BIT STRING": "03", "BOOLEAN": "01", "OCTET STRING": "04", "cont [ 0 ]": "A0", "cont [ 3 ]": "A3"}

// tags are the tags in a listing of openssl asn1parse.
func tags(t *testing.T, listing string) []string {
	t.Helper()
	var list []string
	for _, line := range strings.Split(strings.TrimSpace(listing), "\n") {
		_, rest, _ := strings.Cut(line, ": ")
		text, _, _ := strings.Cut(rest, ":")
		known := types[strings.TrimSpace(strings.TrimSuffix(text, "[HEX DUMP]"))]
		if known == "" {
			known = fmt.Sprintf("unknown %q", line)
		}
		list = append(list, known)
	}
	return list
}
