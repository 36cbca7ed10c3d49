package crl_test

import (
	"bytes"
	"crypto/x509"
	"testing"
	"time"

	"inkan/ca/status/crl"
	"inkan/ca/status/double"
	"inkan/core/jpki/certificate"
)

const kiyose = "Tokyo-to/Kiyose-shi"

var noon = time.Date(2026, 11, 28, 3, 0, 0, 0, time.UTC)

func list(partition string) *crl.List {
	return &crl.List{Issuer: double.Issuer(certificate.AuthenticationAuthority, 1), Partition: partition, Number: 7, ThisUpdate: noon, NextUpdate: noon.Add(48 * time.Hour)}
}

// many gives n entries with a reason each.
func many(n int) crl.Entries {
	return func(each func(uint64, time.Time, certificate.Reason) error) error {
		for i := range n {
			if err := each(certificate.FirstSerial+uint64(i), noon.Add(-time.Duration(i)*time.Second), certificate.Superseded); err != nil {
				return err
			}
		}
		return nil
	}
}

func TestQuick(t *testing.T) {
	for _, n := range []int{0, 1, 3, 10000} {
		var out bytes.Buffer
		s, err := crl.NewWriter(0).Write(&out, list(kiyose), many(n))
		if err != nil {
			t.Fatal(err)
		}
		l, err := x509.ParseRevocationList(out.Bytes())
		if err != nil {
			t.Fatal(err)
		}
		if err := l.CheckSignatureFrom(list(kiyose).Issuer.Certificate); err != nil {
			t.Fatal(err)
		}
		if len(l.RevokedCertificateEntries) != n || int(s.Bytes) != out.Len() {
			t.Fatal(n, s, out.Len())
		}
	}
}
