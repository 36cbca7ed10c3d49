package personalise

import (
	"crypto/rsa"
	"fmt"
	"time"

	"inkan/ca/certificate"
	"inkan/ca/keys"
	"inkan/ca/keys/testkeys"
	"inkan/core/jpki"
	profile "inkan/core/jpki/certificate"
)

// TestCA issues certificates for tries, of the service's profile and by the published
// test key of the first generation: whoever has this source can sign in its name,
// and its name says so. It has no registry and publishes nothing.
type TestCA struct {
	*certificate.Issuer
	serial uint64
}

// Subject is whom a test certificate is of, and which kind it is.
type Subject struct {
	Kind         profile.Kind
	Identifier   string          // of authentication certificates
	Person       *profile.Person // of signature certificates
	Municipality profile.Municipality
	Birth        profile.Date
	Within       time.Time // of the card; zero: it sets no limit
}

// authorities are those of the roles, with their keys.
var authorities = map[jpki.Role]struct {
	of  profile.Authority
	key keys.Role
}{
	jpki.Auth: {profile.AuthenticationAuthority, keys.AuthenticationCA}, jpki.Sign: {profile.SignatureAuthority, keys.SignatureCA},
}

// NewTestCA makes the authority of a role with a self-signed certificate that is
// valid for ten years.
func NewTestCA(role jpki.Role, now time.Time) (*TestCA, error) {
	signer := testkeys.Signer(authorities[role].key, 1)
	public, ok := signer.Public().(*rsa.PublicKey)
	if !ok {
		return nil, fmt.Errorf("test CA: key is %T, want RSA", signer.Public())
	}
	q := &certificate.Request{Kind: authorities[role].of.Kind(), Serial: profile.FirstSerial, PublicKey: public}
	q.SetValidity(now, nil)
	der, err := certificate.SelfSign(nil, q, signer)
	if err != nil {
		return nil, fmt.Errorf("test CA: %w", err)
	}
	issuer, err := certificate.NewIssuer(der, signer)
	return &TestCA{issuer, profile.FirstSerial}, err
}

// Issue makes a certificate of a key, up to 23:59:59 in Japan of the subject's fifth
// birthday.
func (a *TestCA) Issue(public *rsa.PublicKey, s Subject, now time.Time) (der []byte, notAfter time.Time, err error) {
	a.serial++
	q := &certificate.Request{Kind: s.Kind, Serial: a.serial, PublicKey: public, Municipality: s.Municipality, Birth: s.Birth, Within: s.Within,
		Identifier: s.Identifier, Person: s.Person}
	q.SetValidity(now, a.Issuer)
	der, err = a.Sign(nil, q)
	return der, q.NotAfter, err
}

// From sets the serial number that the next certificate has.
func (a *TestCA) From(serial uint64) { a.serial = serial - 1 }

// demoBirth and demoIdentifier are of nobody.
var demoBirth = profile.Date{Year: 1984, Month: time.April, Day: 1}

const demoIdentifier = "INKAN0TEST0001"

// demoSubject is the holder of a role's certificate in tries.
func demoSubject(form jpki.Form, role jpki.Role) Subject {
	kiyose, _ := profile.MunicipalityOf("13221")
	s := Subject{Municipality: kiyose, Birth: demoBirth}
	switch {
	case role == jpki.Sign:
		name, address := "印鑑"+profile.Gap+"太郎", "東京都清瀬市見本町一丁目２番３号"
		s.Kind = profile.CardSignature
		s.Person = &profile.Person{Name: name, NameSubstitutes: profile.Substitutes(name), Birth: profile.BirthOn(demoBirth), Sex: profile.Male,
			Address: address, AddressSubstitutes: profile.Substitutes(address)}
	case form == jpki.FormCard:
		s.Kind, s.Identifier = profile.CardAuthentication, demoIdentifier
	default:
		s.Kind, s.Identifier = profile.PhoneAuthentication, demoIdentifier
	}
	return s
}
