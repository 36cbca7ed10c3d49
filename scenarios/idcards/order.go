package idcards

import (
	"bytes"
	"context"
	"crypto"
	"crypto/rsa"
	"crypto/x509"
	"errors"
	"fmt"

	"inkan/core/jpki"
	"inkan/core/jpki/basic"
)

// Order is a card to be made.
type Order struct {
	Number         uint32 // of the body: keys of the issuer follow from it
	Card           basic.Card
	Attributes     basic.Attributes
	PersonalNumber basic.Number
	SecurityCode   string // 4 digits on the card's face
	PINs           PINs

	// Roles are jpki.Both, or jpki.Auth for a holder who gets no signature
	// certificate; 0: jpki.Both.
	Roles jpki.Role
	// Certify has a role's certificate, once the key is there.
	Certify Certifier
	// Keys are made outside and delivered; a role without one has its key made on
	// the card, which has to be so for all roles or for none.
	Keys map[jpki.Role]*rsa.PrivateKey

	// Signer signs number and attributes, RSA with 2048 bits; nil: a test key.
	Signer crypto.Signer
	// Attempt counts those that ended early on the same body, by a loss of power say: what
	// they left is erased, and the card made from the start. 0: it is a new body.
	Attempt uint32
	// Seed is what challenges, codes and the CA's content key follow from.
	Seed uint64
}

// PINs are the holder's.
type PINs struct {
	Auth string // 4 digits
	Sign string // 6 to 16 of 0-9 and A-Z; not used without the role
	Text string // 4 digits
}

// DemoPINs are those of demonstrations. They stand in the manual.
var DemoPINs = PINs{Auth: "1234", Sign: "ABC123", Text: "1234"}

// Format prints asterisks, whatever the verb.
func (p PINs) Format(s fmt.State, _ rune) { fmt.Fprint(s, "PINs") }

// MarshalText is what Format prints.
func (p PINs) MarshalText() ([]byte, error) { return fmt.Append(nil, p), nil }

// Certified is what an authority gives for a public key, both DER.
type Certified struct {
	Certificate []byte
	CA          []byte // certificate of the authority that issued it
}

// Certifier issues the certificate of a role. It is called once for each role, the
// signature's last.
type Certifier func(ctx context.Context, role jpki.Role, public *rsa.PublicKey) (Certified, error)

// Given is the certifier of certificates that are there already.
func Given(all map[jpki.Role]Certified) Certifier {
	return func(_ context.Context, role jpki.Role, _ *rsa.PublicKey) (Certified, error) {
		c, ok := all[role]
		if !ok {
			return c, fmt.Errorf("idcards: no %v certificate", role)
		}
		return c, nil
	}
}

// roles are those of the order, one by one.
func (o *Order) roles() (roles []jpki.Role) {
	for _, r := range []jpki.Role{jpki.Auth, jpki.Sign} {
		if o.Roles.Has(r) {
			roles = append(roles, r)
		}
	}
	return roles
}

// complete fills in the defaults and refuses what no card gets.
func (o *Order) complete() error {
	if o.Roles == 0 {
		o.Roles = jpki.Both
	}
	switch {
	case !o.Roles.Has(jpki.Auth) || !jpki.Both.Has(o.Roles):
		return fmt.Errorf("idcards: roles %v: want auth, or auth and sign", o.Roles)
	case o.Certify == nil:
		return errors.New("idcards: nobody to issue the certificates")
	case !basic.ValidSecret(basic.EFPIN, []byte(o.PINs.Text)):
		return errors.New("idcards: the PIN of text input support has 4 digits")
	}
	for _, role := range o.roles() {
		if !jpki.ValidPIN(role, []byte(o.pin(role))) {
			return fmt.Errorf("idcards: the %v PIN has 4 digits, or 6 to 16 of 0-9 and A-Z for sign", role)
		}
		if (o.Keys[role] != nil) != (o.Keys[jpki.Auth] != nil) {
			return errors.New("idcards: some keys are delivered and some are not")
		}
	}
	return nil
}

func (o *Order) pin(role jpki.Role) string {
	if role == jpki.Sign {
		return o.PINs.Sign
	}
	return o.PINs.Auth
}

// delivered reports whether keys come from outside.
func (o *Order) delivered() bool { return o.Keys[jpki.Auth] != nil }

// certify has a certificate and looks whether it is the key's.
// Spec: SPEC-IDCARD-017.
func (o *Order) certify(ctx context.Context, role jpki.Role, public *rsa.PublicKey) (c Certified, parsed *x509.Certificate, err error) {
	if c, err = o.Certify(ctx, role, public); err != nil {
		return c, nil, err
	}
	if parsed, err = x509.ParseCertificate(c.Certificate); err != nil {
		return c, nil, fmt.Errorf("idcards: %v certificate: %w", role, err)
	}
	if !public.Equal(parsed.PublicKey) {
		return c, nil, fmt.Errorf("idcards: the %v certificate is of another key", role)
	}
	authority, err := x509.ParseCertificate(c.CA)
	if err != nil {
		return c, nil, fmt.Errorf("idcards: certificate of the authority for %v: %w", role, err)
	}
	if !bytes.Equal(authority.RawSubject, parsed.RawIssuer) {
		return c, nil, fmt.Errorf("idcards: the %v certificate is another authority's", role)
	}
	return c, parsed, nil
}
