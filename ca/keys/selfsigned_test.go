package keys_test

import (
	"crypto"
	"crypto/rsa"
	"path/filepath"
	"testing"
	"time"

	"inkan/ca/certificate"
	"inkan/ca/keys"
	profile "inkan/core/jpki/certificate"
	"inkan/spec/req"
)

// TestCeremonyOfAnAuthority has the certificate authority's own code make the
// certificate, and uses key and certificate from the directory.
func TestCeremonyOfAnAuthority(t *testing.T) {
	req.Covers(t, "SPEC-CA-KEYS-060")
	c := ceremony(1)
	c.Keys = []keys.Name{{Role: keys.SignatureCA, Generation: 1}}
	c.Certify = func(_ keys.Name, signer crypto.Signer) ([]byte, error) {
		r := &certificate.Request{Kind: profile.SignatureCA, Serial: profile.FirstSerial, PublicKey: signer.Public().(*rsa.PublicKey)}
		r.SetValidity(time.Date(2026, 11, 28, 0, 0, 0, 0, time.UTC), nil)
		return certificate.SelfSign(nil, r, signer)
	}
	d, err := c.Run(filepath.Join(t.TempDir(), "keys"), passphrase)
	if err != nil {
		t.Fatal(err)
	}
	signer, err := d.Signer(c.Keys[0])
	if err != nil {
		t.Fatal(err)
	}
	if _, err := certificate.NewIssuer(d.Certificates[c.Keys[0]], signer); err != nil {
		t.Error(err)
	}
}
