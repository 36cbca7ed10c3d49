package personalise

import (
	"bytes"
	"os"
	"testing"

	"inkan/ca/keys/testkeys"
	"inkan/core/jpki"
	"inkan/core/jpki/certificate"
)

// The certificates of tries, for a fixed key, are those that are checked in: test
// authority and holder, as the service's own code makes them.
func TestCertificatesAreThoseCheckedIn(t *testing.T) {
	var made []byte
	for _, role := range []jpki.Role{jpki.Auth, jpki.Sign} {
		a, err := NewTestCA(role, DefaultNow)
		if err != nil {
			t.Fatal(err)
		}
		der, end, err := a.Issue(&testkeys.Holder(1).PublicKey, demoSubject(jpki.FormSIM, role), DefaultNow)
		if err != nil {
			t.Fatal(err)
		}
		c, err := certificate.Parse(der)
		if err != nil || !c.NotAfter.Equal(end) || c.AuthorityKeyID != a.Profile.SubjectKeyID {
			t.Errorf("%v: %v", role, err)
		}
		made = append(append(made, certificatePEM(a.Certificate.Raw)...), certificatePEM(der)...)
	}
	const name = "testdata/demo.pem"
	want, err := os.ReadFile(name)
	if err != nil || !bytes.Equal(want, made) {
		t.Errorf("%s is not what the code makes, which is (%v)\n%s", name, err, made)
	}
}
