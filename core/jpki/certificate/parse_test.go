package certificate_test

import (
	"bytes"
	"crypto/x509"
	"errors"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/crypto/cryptobyte"
	tag "golang.org/x/crypto/cryptobyte/asn1"

	"inkan/core/jpki/certificate"
	"inkan/core/jpki/certificate/dertree"
	"inkan/core/wire"
	"inkan/spec/req"
	"inkan/spec/vectors"
)

type vector struct {
	vectors.Header
	Kind      string      `json:"kind"`
	Authority string      `json:"authority"`
	DER       vectors.Hex `json:"der"`
}

func load(t testing.TB) map[string]vector {
	t.Helper()
	all := map[string]vector{}
	for _, v := range vectors.Load[vector](t, "cert-profile-certificates.json") {
		all[v.Name] = v
	}
	return all
}

// TestParse reads the vectors and compares with crypto/x509.
func TestParse(t *testing.T) {
	req.Covers(t, "SPEC-CERT-PROFILE-041")
	for name, v := range load(t) {
		c, err := certificate.Parse(v.DER)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		x, err := x509.ParseCertificate(v.DER)
		if err != nil {
			t.Fatal(err)
		}
		if c.Kind.String() != v.Kind || c.Authority.String() != v.Authority {
			t.Errorf("%s: %s of %s, want %s of %s", name, c.Kind, c.Authority, v.Kind, v.Authority)
		}
		if c.Serial != x.SerialNumber.Uint64() || !c.NotBefore.Equal(x.NotBefore) || !c.NotAfter.Equal(x.NotAfter) || !c.PublicKey.Equal(x.PublicKey) {
			t.Errorf("%s: serial, validity or key differ from crypto/x509's", name)
		}
		if !bytes.Equal(c.TBS, x.RawTBSCertificate) || !bytes.Equal(c.Signature, x.Signature) || !bytes.Equal(c.Raw, x.Raw) {
			t.Errorf("%s: TBS, signature or raw bytes differ from crypto/x509's", name)
		}
		if !bytes.Equal(c.Issuer.AppendDER(nil), x.RawIssuer) || !bytes.Equal(c.Subject.AppendDER(nil), x.RawSubject) {
			t.Errorf("%s: names differ from crypto/x509's", name)
		}
		if !bytes.Equal(c.SubjectKeyID[:], x.SubjectKeyId) || !c.Kind.CA() && !bytes.Equal(c.AuthorityKeyID[:], x.AuthorityKeyId) {
			t.Errorf("%s: key identifiers differ from crypto/x509's", name)
		}
	}
}

// TestParseHolders reads what is in the certificates of holders.
func TestParseHolders(t *testing.T) {
	req.Covers(t, "SPEC-CERT-PROFILE-007", "SPEC-CERT-PROFILE-019", "SPEC-CERT-PROFILE-021", "SPEC-CERT-PROFILE-022", "SPEC-CERT-PROFILE-029")
	all := load(t)
	phone := parse(t, all["inkan/phone authentication"].DER)
	issuer := parse(t, all["inkan/auth generation 2"].DER)
	if phone.AuthorityKeyID != issuer.SubjectKeyID || phone.AuthoritySerial != issuer.Serial {
		t.Error("the phone's certificate does not name the second generation")
	}
	if phone.Identifier != "997794E9AGCI03" || phone.Area != "13221" || phone.Partition != "Tokyo-to/Kiyose-shi" || phone.OCSP != certificate.OCSPURI || phone.Person != nil {
		t.Errorf("phone: %+v", phone)
	}
	sign := parse(t, all["inkan/card signature"].DER)
	want := &certificate.Person{Name: "見本" + certificate.Gap + "花子", NameSubstitutes: "00000",
		Birth: certificate.BirthOn(certificate.Date{Year: 1990, Month: time.February, Day: 17}), Sex: certificate.Female,
		Address: "東京都清瀬市見本町一丁目２番地３", AddressSubstitutes: "0000000000000000"}
	if diff := cmp.Diff(want, sign.Person); diff != "" {
		t.Error(diff)
	}
	if sign.Area != "13221" || sign.Partition != "Tokyo-to/Kiyose-shi" || sign.OCSP != "" || sign.Identifier != "" {
		t.Errorf("card signature: %+v", sign)
	}
	if issuer.Partition != certificate.CAList || !issuer.Valid(issuer.NotAfter) || issuer.Valid(issuer.NotAfter.Add(time.Second)) || issuer.Valid(issuer.NotBefore.Add(-time.Second)) {
		t.Error("authority: partition or validity")
	}
}

func parse(t *testing.T, der []byte) *certificate.Certificate {
	t.Helper()
	c, err := certificate.Parse(der)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// rebuild puts a changed TBSCertificate into a certificate.
func rebuild(tbs *dertree.Node) []byte {
	var b cryptobyte.Builder
	b.AddASN1(tag.SEQUENCE, func(b *cryptobyte.Builder) {
		b.AddBytes(tbs.Encode())
		b.AddBytes([]byte{0x30, 13, 6, 9, 0x2A, 0x86, 0x48, 0x86, 0xF7, 13, 1, 1, 11, 5, 0})
		b.AddASN1BitString(make([]byte, 256))
	})
	return b.BytesOrPanic()
}

// refused fails unless der is refused by an error in the form of package wire, in
// a field, without any of the input's text.
func refused(t *testing.T, what string, der []byte, path string) {
	t.Helper()
	c, err := certificate.Parse(der)
	var fault *wire.DecodeError
	if c != nil && err == nil || !errors.As(err, &fault) {
		t.Errorf("%s: %v", what, err)
		return
	}
	if fault.Format != "Certificate" || fault.Path != path || fault.Offset < 0 || fault.Offset > len(der) || fault.Want == "" {
		t.Errorf("%s: %v, want a fault of %s", what, err, path)
	}
}

// TestCut: every certificate cut short at every byte, and with one more.
func TestCut(t *testing.T) {
	req.Covers(t, "SPEC-CERT-PROFILE-040")
	for name, v := range load(t) {
		for n := range v.DER {
			if c, err := certificate.Parse(v.DER[:n]); err == nil {
				t.Fatalf("%s cut to %d bytes: %v", name, n, c)
			}
		}
		refused(t, name+" and a byte", append(v.DER[:len(v.DER):len(v.DER)], 0), "certificate")
	}
}

// TestRefused makes one deviation at a time.
func TestRefused(t *testing.T) {
	req.Covers(t, "SPEC-CERT-PROFILE-040", "SPEC-CERT-PROFILE-041", "SPEC-CERT-PROFILE-042")
	all := load(t)
	for _, c := range refusals {
		tbs := dertree.ParseTBS(t, parse(t, all["inkan/"+c.of].DER).TBS)
		if _, err := certificate.Parse(rebuild(tbs)); err != nil {
			t.Fatalf("%s unchanged: %v", c.of, err)
		}
		c.change(tbs)
		refused(t, c.of+": "+c.what, rebuild(tbs), c.path)
	}
}

// TestForeignKind: a signature certificate that the authentication authority has
// issued, right in everything else.
func TestForeignKind(t *testing.T) {
	req.Covers(t, "SPEC-CERT-PROFILE-041")
	all := load(t)
	tbs := dertree.ParseTBS(t, parse(t, all["inkan/card signature"].DER).TBS)
	other := dertree.ParseTBS(t, parse(t, all["inkan/phone authentication"].DER).TBS)
	tbs.Children[dertree.Issuer] = other.At(dertree.Issuer)
	list := tbs.At(dertree.Extensions, 0).Children
	list[3], list[4], list[5] = other.Extension(3), other.Extension(4), other.Extension(6)
	refused(t, "signature certificate of auth", rebuild(tbs), "extensions")
}
