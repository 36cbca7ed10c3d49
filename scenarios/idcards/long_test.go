package idcards_test

import (
	"context"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"math/big"
	"testing"
	"time"

	"inkan/core/jpki"
	"inkan/scenarios/idcards"
	"inkan/sim/idcard"
	"inkan/spec/req"
)

// Certificates as long as the card has room for are taken, longer ones are not.
func TestLongCertificates(t *testing.T) {
	req.Covers(t, "SPEC-IDCARD-013")
	for _, c := range []struct {
		size int
		good bool
	}{{idcard.CertificateBytes - 40, true}, {idcard.CertificateBytes + 40, false}} {
		o := order(t, 50)
		key := keyOf(&o, jpki.Sign)
		template := &x509.Certificate{SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "TEST ONLY"},
			NotBefore: time.Unix(0, 0), NotAfter: time.Unix(1<<31, 0), IsCA: true, BasicConstraintsValid: true}
		ca, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
		if err != nil {
			t.Fatal(err)
		}
		o.Certify = func(_ context.Context, _ jpki.Role, public *rsa.PublicKey) (idcards.Certified, error) {
			leaf := &x509.Certificate{SerialNumber: big.NewInt(2), Subject: pkix.Name{CommonName: "holder"}, NotBefore: template.NotBefore,
				NotAfter: template.NotAfter, ExtraExtensions: []pkix.Extension{{Id: asn1.ObjectIdentifier{2, 999, 1}, Value: make([]byte, c.size-700)}}}
			der, err := x509.CreateCertificate(rand.Reader, leaf, template, public, key)
			if err != nil {
				return idcards.Certified{}, err
			}
			leaf.ExtraExtensions[0].Value = make([]byte, c.size-700+c.size-len(der))
			der, err = x509.CreateCertificate(rand.Reader, leaf, template, public, key)
			if err == nil && len(der) != c.size {
				t.Fatalf("%d bytes, want %d", len(der), c.size)
			}
			return idcards.Certified{Certificate: der, CA: ca}, err
		}
		card, err := maker(t).Make(t.Context(), o)
		if (err == nil) != c.good {
			t.Fatalf("certificates of %d bytes: %v", c.size, err)
		}
		if err == nil {
			checkCard(t, card, &o)
		}
	}
}
