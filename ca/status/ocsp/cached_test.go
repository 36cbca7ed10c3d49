package ocsp

import (
	"crypto"
	"crypto/rsa"
	"crypto/x509"
	"testing"
	"time"

	"inkan/ca/keys"
	"inkan/ca/keys/testkeys"
	"inkan/ca/status"
	"inkan/core/jpki/certificate"
	"inkan/spec/req"
)

// response makes one as the cache has it.
func response(t testing.TB, hash crypto.Hash, state certificate.State) []byte {
	t.Helper()
	signer := testkeys.Signer(keys.AuthenticationOCSP, 1)
	spki, err := x509.MarshalPKIXPublicKey(signer.Public().(*rsa.PublicKey))
	if err != nil {
		t.Fatal(err)
	}
	c := &x509.Certificate{RawSubject: []byte{0x30, 0}, RawSubjectPublicKeyInfo: spki, Raw: []byte{0x30, 0}}
	g := &generation{Issuer: &status.Issuer{Certificate: c}}
	for h, to := range map[crypto.Hash]*issuerHash{crypto.SHA1: &g.sha1, crypto.SHA256: &g.sha256} {
		if *to, err = hashIssuer(c, h); err != nil {
			t.Fatal(err)
		}
	}
	id, err := g.certID(hash, 0x01000010)
	if err != nil {
		t.Fatal(err)
	}
	at := time.Date(2026, 11, 28, 3, 0, 0, 0, time.UTC)
	s := &signed{producedAt: at.Add(2 * time.Second), thisUpdate: at, nextUpdate: at.Add(time.Hour),
		answers: []answer{{id: id, known: true, CertificateStatus: certificate.CertificateStatus{State: state, Since: at}}}}
	der, err := appendSigned(nil, s, make([]byte, 20), &status.Responder{Certificate: c, Signer: signer})
	if err != nil {
		t.Fatal(err)
	}
	return der
}

// TestReadKept: what was made is read, and nothing cut.
func TestReadKept(t *testing.T) {
	req.Covers(t, "SPEC-STATUS-044")
	for _, state := range []certificate.State{certificate.Active, certificate.Revoked} {
		der := response(t, crypto.SHA256, state)
		k, ok := readKept(der)
		at := time.Date(2026, 11, 28, 3, 0, 0, 0, time.UTC)
		if !ok || k.id.Hash != crypto.SHA256 || k.id.Serial != 0x01000010 || !k.thisUpdate.Equal(at) || !k.producedAt.Equal(at.Add(2*time.Second)) || !k.nextUpdate.Equal(at.Add(time.Hour)) {
			t.Errorf("%s: %t, %+v", state, ok, k)
		}
		for n := range der {
			if _, ok := readKept(der[:n]); ok {
				t.Fatalf("%s: %d of %d bytes are read", state, n, len(der))
			}
		}
	}
}

// FuzzKept: whatever the cache gives, what is found in it is a response of its own
// length about the certificate asked for.
func FuzzKept(f *testing.F) {
	one, other := response(f, crypto.SHA1, certificate.Active), response(f, crypto.SHA256, certificate.Revoked)
	f.Add(one)
	f.Add(append(append([]byte(nil), other...), one...))
	k, _ := readKept(one)
	f.Fuzz(func(t *testing.T, slot []byte) {
		got, about, ok := find(slot, &k.id)
		if !ok {
			return
		}
		if again, ok := readKept(got); !ok || about.id.Serial != k.id.Serial || !again.nextUpdate.Equal(about.nextUpdate) || about.nextUpdate.Year() > 9999 {
			t.Fatalf("found %X", got)
		}
	})
}
