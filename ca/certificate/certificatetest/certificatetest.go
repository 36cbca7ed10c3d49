// Package certificatetest has authorities and requests for tests: the published
// test keys, fixed dates and serial numbers, so that the certificates are the
// same bytes every time.
//
// It must not know the package under test beyond its exported names. It
// implements the fixture of spec/vectors/cert-profile-certificates.json.
package certificatetest

import (
	"crypto"
	"crypto/rsa"
	"fmt"
	"testing"
	"time"

	"inkan/ca/certificate"
	"inkan/ca/keys"
	"inkan/ca/keys/testkeys"
	profile "inkan/core/jpki/certificate"
	"inkan/core/jpki/certificate/cvc"
)

// Issued is when the certificates of holders and responders are issued.
var Issued = time.Date(2026, 11, 28, 3, 4, 5, 0, time.UTC)

// generations are beginning and serial number of each generation.
var generations = []struct {
	from   time.Time
	serial uint64
}{
	{time.Date(2018, 10, 20, 3, 8, 13, 0, time.UTC), profile.FirstSerial},
	{time.Date(2023, 4, 14, 23, 41, 59, 0, time.UTC), 0x0133C349},
	{time.Date(2027, 7, 16, 1, 1, 4, 0, time.UTC), 0x06D18006},
}

// roles are the keys of the authorities.
var roles = map[profile.Authority]keys.Role{profile.SignatureAuthority: keys.SignatureCA, profile.AuthenticationAuthority: keys.AuthenticationCA}

// responders are the keys of their OCSP responders.
var responders = map[profile.Authority]keys.Role{profile.SignatureAuthority: keys.SignatureOCSP, profile.AuthenticationAuthority: keys.AuthenticationOCSP}

func public(signer crypto.Signer) *rsa.PublicKey { return signer.Public().(*rsa.PublicKey) }

// AuthorityRequest is the request of an authority's generation, 1 to 3.
func AuthorityRequest(a profile.Authority, generation int) *certificate.Request {
	g := generations[generation-1]
	r := &certificate.Request{Kind: a.Kind(), Serial: g.serial, PublicKey: public(testkeys.Signer(roles[a], generation))}
	r.SetValidity(g.from, nil)
	return r
}

// Issuer is an authority's generation, 1 to 3. The second is in force at Issued.
func Issuer(t testing.TB, a profile.Authority, generation int) *certificate.Issuer {
	t.Helper()
	signer := testkeys.Signer(roles[a], generation)
	der, err := certificate.SelfSign(nil, AuthorityRequest(a, generation), signer)
	if err != nil {
		t.Fatal(err)
	}
	i, err := certificate.NewIssuer(der, signer)
	if err != nil {
		t.Fatal(err)
	}
	return i
}

// Person is the holder of signature certificates, of no real person.
func Person() *profile.Person {
	p := &profile.Person{Name: "見本" + profile.Gap + "花子", Birth: profile.BirthOn(profile.Date{Year: 1990, Month: 2, Day: 17}), Sex: profile.Female,
		Address: "東京都清瀬市見本町一丁目２番地３"}
	p.NameSubstitutes, p.AddressSubstitutes = profile.Substitutes(p.Name), profile.Substitutes(p.Address)
	return p
}

// Request is a request for a certificate at Issued: a holder's, with the test key
// of a number from 1, or a responder's.
func Request(t testing.TB, kind profile.Kind, issuer *certificate.Issuer, number int) *certificate.Request {
	t.Helper()
	r := &certificate.Request{Kind: kind, Serial: 0x0705D990 + uint64(number)}
	switch {
	case kind == profile.OCSPResponder:
		r.PublicKey = public(testkeys.Signer(responders[issuer.Authority], 1))
	case kind.Holder():
		m, ok := profile.MunicipalityOf("13221")
		if !ok {
			t.Fatal("Kiyose-shi is not in the table")
		}
		r.PublicKey, r.Municipality = &testkeys.Holder(number).PublicKey, m
		r.Person = Person()
		r.Birth = r.Person.Birth.Date
		r.Identifier = fmt.Sprintf("997794E9AGCI%02d", number)
		if kind != profile.CardSignature {
			r.Person = nil
		}
	default:
		t.Fatalf("no request for %s", kind)
	}
	r.SetValidity(Issued, issuer)
	return r
}

// TerminalCA is the terminal CA's first generation.
func TerminalCA(t testing.TB) *certificate.TerminalIssuer {
	t.Helper()
	signer := testkeys.Signer(keys.TerminalCA, 1)
	c := &cvc.Certificate{Authority: "JPINKANT00001", Holder: "JPINKANT00001", PublicKey: public(signer), Role: cvc.TerminalCA,
		Purposes: cvc.AllPurposes, Effective: profile.Date{Year: 2026, Month: 4, Day: 1}, Expires: profile.Date{Year: 2036, Month: 3, Day: 31}}
	if _, err := c.Sign(nil, signer); err != nil {
		t.Fatal(err)
	}
	i, err := certificate.NewTerminalIssuer(c, signer)
	if err != nil {
		t.Fatal(err)
	}
	return i
}

// Terminal is a terminal's certificate to be, for which Holder 12 has the key.
func Terminal() *cvc.Certificate {
	return &cvc.Certificate{Holder: "JPKIYOSE200007", PublicKey: &testkeys.Holder(12).PublicKey, Purposes: cvc.InsuranceDesk | cvc.MunicipalCounter,
		Effective: profile.Date{Year: 2026, Month: 11, Day: 28}, Expires: profile.Date{Year: 2027, Month: 3, Day: 31}}
}
