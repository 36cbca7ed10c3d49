package certificate

import (
	"crypto/rsa"
	"time"
)

// Certificate is a certificate of the service in the service's terms.
type Certificate struct {
	Kind      Kind
	Authority Authority // who issued it
	Serial    uint64
	Issuer    Name
	Subject   Name
	NotBefore time.Time
	NotAfter  time.Time
	PublicKey *rsa.PublicKey
	// SubjectKeyID is SHA-1 of the public key's bits.
	SubjectKeyID KeyID
	// AuthorityKeyID and AuthoritySerial name the generation that signed; both are
	// zero in an authority's own certificate.
	AuthorityKeyID  KeyID
	AuthoritySerial uint64

	Partition  string // of the list that it is revoked in; responders have none
	OCSP       string // "" where there is no pointer
	Person     *Person
	Identifier string // of an authentication certificate
	Area       string // of a holder's: the municipality's five digits

	Raw       []byte // the certificate
	TBS       []byte // what is signed, within Raw
	Signature []byte // within Raw
}

// KeyID is a key identifier.
type KeyID [20]byte

// Valid reports whether a time is within the certificate's validity, both ends
// included.
func (c *Certificate) Valid(at time.Time) bool {
	return !at.Before(c.NotBefore) && !at.After(c.NotAfter)
}
