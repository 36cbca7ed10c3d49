package perso

import (
	"crypto/subtle"

	"inkan/core/jpki"
	"inkan/core/mac"
	"inkan/core/wire"
)

// Receipt, type 05, answers ACTIVATE.
type Receipt struct {
	Header
	Roles           jpki.Role
	AuthCertificate Hash // zeros for a role that is not there
	SignCertificate Hash
	MAC             [mac.BlockSize]byte
}

// appendBody appends the statement without its MAC.
func (r *Receipt) appendBody(dst []byte) []byte {
	dst = append(r.Header.Append(dst), byte(r.Roles))
	return append(append(dst, r.AuthCertificate[:]...), r.SignCertificate[:]...)
}

// Append appends the statement.
func (r *Receipt) Append(dst []byte) []byte { return append(r.appendBody(dst), r.MAC[:]...) }

// DecodeReceipt reads an answer to ACTIVATE. Errors are *wire.DecodeError.
func DecodeReceipt(b []byte) (c Receipt, err error) {
	r := wire.NewReader("PERSO statement 05", b)
	c.Header = readHeader(&r, StatementReceipt, StatementReceipt)
	c.Roles = jpki.Role(r.Byte("roles"))
	if r.Err() == nil && (c.Roles == 0 || c.Roles > jpki.Both) {
		r.FailAt(r.Offset()-1, "roles", "01, 02 or 03", "another")
	}
	copy(c.AuthCertificate[:], r.Bytes(len(c.AuthCertificate), "auth certificate hash"))
	copy(c.SignCertificate[:], r.Bytes(len(c.SignCertificate), "sign certificate hash"))
	copy(c.MAC[:], r.Bytes(len(c.MAC), "MAC"))
	return c, r.End()
}

// receiptMAC is the MAC over LABEL ‖ header ‖ body.
func (c *Cipher) receiptMAC(r *Receipt) (sum [mac.BlockSize]byte) {
	c.cmac.Reset()
	c.cmac.Write(c.head[:len(label)])
	c.cmac.Write(r.appendBody(nil))
	c.cmac.Append(sum[:0])
	return sum
}

// SealReceipt is the card's side of Session.VerifyReceipt: it sets the MAC.
func (c *Cipher) SealReceipt(r *Receipt) { r.MAC = c.receiptMAC(r) }

// equal compares two receipts in a time that tells nothing.
func (r *Receipt) equal(other *Receipt) bool {
	return subtle.ConstantTimeCompare(r.Append(nil), other.Append(nil)) == 1
}
