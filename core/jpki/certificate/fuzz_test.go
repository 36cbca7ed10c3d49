package certificate_test

import (
	"bytes"
	"crypto/x509"
	"errors"
	"testing"

	"inkan/core/jpki/certificate"
	"inkan/core/wire"
)

// FuzzParse: no panic, errors of the one type, and whatever is read is read by
// crypto/x509 too, and in the same way.
func FuzzParse(f *testing.F) {
	for _, v := range load(f) {
		f.Add([]byte(v.DER))
	}
	f.Fuzz(func(t *testing.T, der []byte) {
		c, err := certificate.Parse(der)
		if err != nil {
			var fault *wire.DecodeError
			if !errors.As(err, &fault) || fault.Offset < 0 || fault.Offset > len(der) {
				t.Fatalf("error %v", err)
			}
			return
		}
		x, err := x509.ParseCertificate(der)
		if err != nil {
			t.Fatalf("Parse reads what crypto/x509 does not: %v", err)
		}
		if !c.NotBefore.Equal(x.NotBefore) || !c.NotAfter.Equal(x.NotAfter) || x.SerialNumber.Uint64() != c.Serial ||
			!bytes.Equal(c.Subject.AppendDER(nil), x.RawSubject) || !c.PublicKey.Equal(x.PublicKey) || c.Kind.CA() != x.IsCA {
			t.Fatal("Parse and crypto/x509 disagree")
		}
	})
}

// FuzzParseName: what is read is written as the same bytes.
func FuzzParseName(f *testing.F) {
	for _, a := range certificate.Authorities() {
		f.Add(a.Name().AppendDER(nil))
		f.Add(a.JapaneseName().AppendDER(nil))
		f.Add(a.ResponderName().AppendDER(nil))
	}
	f.Fuzz(func(t *testing.T, der []byte) {
		if n, err := certificate.ParseName(der); err == nil && !bytes.Equal(n.AppendDER(nil), der) {
			t.Fatalf("%s is written differently", n)
		}
	})
}
