package perso

import (
	"crypto/ecdsa"
	"crypto/sha256"
	"errors"
	"math/big"

	"inkan/core/gp"
)

// What is wrong with a statement that is well formed.
var (
	ErrHeader      = errors.New("perso: statement of another order or counter")
	ErrAttestation = errors.New("perso: attestation missing or wrong")
	ErrPoint       = errors.New("perso: ephemeral point is not on P-256")
	ErrRole        = errors.New("perso: a role that the order does not have")
	ErrModulus     = errors.New("perso: modulus is not of 2048 bits and odd")
	ErrProof       = errors.New("perso: proof of possession is wrong")
	ErrReceipt     = errors.New("perso: receipt is not that of the issue")
)

// Authority verifies signatures of a card's controlling authority.
type Authority interface {
	// Verify tells whether the signature over the message is the authority's.
	Verify(message, signature []byte) bool
}

// ECDSAAuthority is an authority that signs with ECDSA on P-256 and SHA-256.
// Signatures are r ‖ s, 32 bytes each (SPEC-RUNTIME-142).
type ECDSAAuthority struct{ Key *ecdsa.PublicKey }

// Verify implements Authority.
func (a ECDSAAuthority) Verify(message, signature []byte) bool {
	if a.Key == nil || len(signature) != 64 {
		return false
	}
	digest := sha256.Sum256(message)
	r, s := new(big.Int).SetBytes(signature[:32]), new(big.Int).SetBytes(signature[32:])
	return ecdsa.Verify(a.Key, digest[:], r, s)
}

// Card is what the certificate authority knows of the application that it
// speaks with.
type Card struct {
	AID gp.AID // of the instance
	// Authority verifies attestations. Unattested says that this card has none
	// and that statements are taken without; one of the two has to be set.
	Authority  Authority
	Unattested bool
}

// AuthorityPrefix is what a card's authority puts in front of the data that an instance
// has it sign: LV(AID of the instance, 5 to 16 bytes) ‖ SHA-256 of the load file that it
// came with. Spec: SPEC-PERSO-083.
func AuthorityPrefix(aid []byte, loadFile Hash) []byte {
	return append(append([]byte{byte(len(aid))}, aid...), loadFile[:]...)
}

// verify checks an attestation over LV(AID) ‖ hash of the order's load file ‖ LABEL ‖
// statement: an instance of another load file than the order names does not pass.
// Spec: SPEC-PERSO-070, SPEC-PERSO-083.
func (c *Card) verify(order *Order, statement, attestation []byte) error {
	if c.Unattested {
		return nil
	}
	message := append(append(AuthorityPrefix(c.AID.Append(nil), order.LoadFile), label...), statement...)
	if c.Authority == nil || len(attestation) == 0 || !c.Authority.Verify(message, attestation) {
		return ErrAttestation
	}
	return nil
}

// VerifyPhase checks an answer to SUSPEND or RESUME of the issue that an order
// made.
func (c *Card) VerifyPhase(order *Order, s *PhaseStatement) error {
	if !order.made(&s.Header) {
		return ErrHeader
	}
	return c.verify(order, s.signed(nil), s.Attestation)
}

// VerifyErase checks an answer to ERASE of the issue that an order made.
func (c *Card) VerifyErase(order *Order, s *EraseStatement) error {
	if !order.made(&s.Header) || s.Highest < s.Counter {
		return ErrHeader
	}
	return c.verify(order, s.signed(nil), s.Attestation)
}

// made reports whether a header is of this order.
func (o *Order) made(h *Header) bool {
	return h.OrderHash == o.Hash() && h.Counter == o.Counter
}
