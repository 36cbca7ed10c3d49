package perso

import (
	"crypto/sha256"
	"errors"
	"fmt"

	"inkan/core/jpki"
)

// Session is the certificate authority's side of one order. Not for concurrent
// use.
type Session struct {
	order     Order
	card      Card
	challenge [ChallengeLen]byte
	cipher    *Cipher
}

// Open verifies the card's answer to an order and agrees on the wrap keys. It
// refuses a statement of another order (ErrHeader), without a good attestation
// (ErrAttestation), or with a point off the curve (ErrPoint).
// Spec: SPEC-PERSO-070, SPEC-PERSO-071.
func Open(order *Order, card Card, s *OrderStatement, key ContentKey) (*Session, error) {
	switch {
	case order.CAKeyVersion != key.Version() || order.CAPoint != key.Point():
		return nil, errors.New("perso: the order names another content key")
	case !order.made(&s.Header):
		return nil, ErrHeader
	}
	if err := card.verify(order, s.signed(nil), s.Attestation); err != nil {
		return nil, err
	}
	if !s.Point.valid() {
		return nil, ErrPoint
	}
	z, err := key.ECDH(s.Point[:])
	if err != nil {
		return nil, err
	}
	keys := DeriveKeys(z, card.AID, s.OrderHash, &s.Point)
	clear(z)
	c := &Session{order: *order, card: card, challenge: s.Challenge, cipher: NewCipher(&keys)}
	keys = Keys{}
	return c, nil
}

// Order is the order of the session.
func (s *Session) Order() Order { return s.order }

// Challenge is the order's challenge, which a PIN reset begins with.
func (s *Session) Challenge() [ChallengeLen]byte { return s.challenge }

// Format prints the order's ID, whatever the verb.
func (s Session) Format(f fmt.State, _ rune) { fmt.Fprintf(f, "session of order %X", s.order.ID[:]) }

// MarshalText is what Format prints.
func (s Session) MarshalText() ([]byte, error) { return fmt.Append(nil, s), nil }

// Close forgets the wrap keys. The session must not be used again.
func (s *Session) Close() { s.cipher.Wipe() }

// VerifyKey checks the answer to GENERATE. Spec: SPEC-PERSO-070, SPEC-PERSO-072.
func (s *Session) VerifyKey(k *KeyStatement) error { return s.card.VerifyKey(&s.order, k) }

// Seal appends the value of ENVELOPE with these items. Sequences begin with 1
// and rise by 1; the same items under the same sequence give the same bytes. It
// refuses what the card would (CheckItems). Spec: SPEC-PERSO-074.
func (s *Session) Seal(dst []byte, sequence byte, items []Item) ([]byte, error) {
	if sequence == 0 {
		return dst, errors.New("perso: sequences begin with 1")
	}
	if err := CheckItems(&s.order, &s.challenge, items); err != nil {
		return dst, err
	}
	return s.cipher.Seal(dst, sequence, s.order.Purpose, items)
}

// CertificateHash is what a receipt has of a certificate.
func CertificateHash(der []byte) Hash { return sha256.Sum256(der) }

// VerifyReceipt checks the answer to ACTIVATE: MAC, order, roles, and the
// hashes of the certificates that were issued, auth and sign; zeros for a role
// that the order does not have. Spec: SPEC-PERSO-073.
func (s *Session) VerifyReceipt(r *Receipt, auth, sign Hash) error {
	want := Receipt{Header: Header{StatementReceipt, s.order.Hash(), s.order.Counter}, Roles: s.order.Roles,
		AuthCertificate: auth, SignCertificate: sign}
	if s.order.Roles.Has(jpki.Auth) == (auth == Hash{}) || s.order.Roles.Has(jpki.Sign) == (sign == Hash{}) {
		return errors.New("perso: certificate hashes that are not of the order's roles")
	}
	want.MAC = s.cipher.receiptMAC(&want)
	if !want.equal(r) {
		return ErrReceipt
	}
	return nil
}
