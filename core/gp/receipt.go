package gp

import (
	"errors"
	"strconv"

	"inkan/core/tlv"
	"inkan/core/wire"
)

// Confirmation is what a card with receipt generation adds to the answer of a
// delegated-management command: a receipt and the data that it covers beside
// the operation itself (GP Card Specification 2.3.1 §11.1.6, §C.5).
type Confirmation struct {
	Receipt []byte // MAC or signature; empty when the card makes none
	Counter []byte // confirmation counter, two bytes; only rises
	// SecurityDomainData identifies the security domain that made the
	// receipt: IIN || CIN, the values of its data objects 42 and 45.
	SecurityDomainData []byte
	// TokenIdentifier and TokenDigest name the token that was used; nil:
	// the field is absent. TokenDigest comes with TokenIdentifier only.
	TokenIdentifier []byte
	TokenDigest     []byte
}

// confirmationCounterLen is the length of Counter, bytes.
const confirmationCounterLen = 2

// maxConfirmationField is the longest of the length-value fields in bytes: all
// of them have one length byte.
const maxConfirmationField = 127

func (c *Confirmation) check() error {
	switch {
	case len(c.Counter) != confirmationCounterLen:
		return errors.New("gp: confirmation counter of " + strconv.Itoa(len(c.Counter)) + " bytes, not 2")
	case len(c.SecurityDomainData) == 0 || len(c.SecurityDomainData) > maxConfirmationField:
		return errors.New("gp: confirmation without security domain data, or too long")
	case len(c.TokenIdentifier) > maxConfirmationField || len(c.TokenDigest) > maxConfirmationField:
		return errors.New("gp: confirmation with a field over 127 bytes")
	case c.TokenDigest != nil && c.TokenIdentifier == nil:
		return errors.New("gp: confirmation with token digest but no token identifier")
	case len(c.Receipt) > maxFieldLen:
		return errors.New("gp: confirmation with a receipt too long")
	}
	return nil
}

// AppendData appends the confirmation data, which the receipt covers: counter,
// security domain data, and the token's fields if present, each with its
// length. It fails when a field does not have a permitted length.
// Spec: SPEC-GP-CONTENT-060.
func (c *Confirmation) AppendData(dst []byte) ([]byte, error) {
	if err := c.check(); err != nil {
		return dst, err
	}
	for _, field := range [...][]byte{c.Counter, c.SecurityDomainData, c.TokenIdentifier, c.TokenDigest} {
		if field != nil {
			dst = append(append(dst, byte(len(field))), field...)
		}
	}
	return dst, nil
}

// Append appends the data field of the response: length, receipt with its
// length, confirmation data. Spec: SPEC-GP-CONTENT-061.
func (c *Confirmation) Append(dst []byte) ([]byte, error) {
	inner, err := c.AppendData(tlv.AppendBERLV(nil, c.Receipt))
	if err != nil {
		return dst, err
	}
	return tlv.AppendBERLV(dst, inner), nil
}

// AppendNoConfirmation appends the data field of a card that has nothing to
// confirm: one byte 00. Spec: SPEC-GP-CONTENT-062.
func AppendNoConfirmation(dst []byte) []byte { return append(dst, 0x00) }

// DecodeConfirmation reads the data field of the response to LOAD, INSTALL or
// DELETE. 00, and no data at all, mean that nothing is confirmed: ok is false.
// Slices are borrowed. Errors are *wire.DecodeError.
// Spec: SPEC-GP-CONTENT-061, SPEC-GP-CONTENT-062, SPEC-GP-CONTENT-063.
func DecodeConfirmation(b []byte) (c Confirmation, ok bool, err error) {
	if len(b) == 0 {
		return c, false, nil
	}
	r := wire.NewReader("confirmation", b)
	inner := readField(&r, "")
	if err := r.End(); err != nil {
		return c, false, err
	}
	if len(inner) == 0 {
		return c, false, nil
	}
	r = wire.Sub("confirmation", inner, len(b)-len(inner))
	c.Receipt = readField(&r, "receipt")
	c.Counter = confirmationField(&r, "counter", confirmationCounterLen)
	c.SecurityDomainData = confirmationField(&r, "security domain data", 0)
	if len(c.SecurityDomainData) == 0 {
		r.Fail("security domain data", "data", "none")
	}
	if r.More() {
		c.TokenIdentifier = confirmationField(&r, "token identifier", 0)
	}
	if r.More() {
		c.TokenDigest = confirmationField(&r, "token digest", 0)
	}
	if err := r.End(); err != nil {
		return Confirmation{}, false, err
	}
	return c, true, nil
}

// confirmationField reads a field with one length byte; size 0 is any length.
func confirmationField(r *wire.Reader, path string, size int) []byte {
	offset := r.Offset()
	n := int(r.Byte(path))
	switch {
	case r.Err() != nil:
		return nil
	case n > maxConfirmationField:
		r.FailAt(offset, path, "a length of 00 to 7F", hexByte(byte(n)))
	case size > 0 && n != size:
		r.FailAt(offset, path, strconv.Itoa(size)+" bytes", strconv.Itoa(n))
	}
	return r.Bytes(n, path)
}

// ReceiptContext says which operation a receipt confirms. Made by
// LoadReceipt, InstallReceipt, ExtraditionReceipt, RegistryUpdateReceipt,
// DeleteReceipt.
type ReceiptContext struct{ lvs []byte }

func contextOf(aids ...AID) (c ReceiptContext) {
	for _, a := range aids {
		c.lvs = a.AppendLV(c.lvs)
	}
	return c
}

// LoadReceipt is the context of a load: load file, and the security domain
// that it is associated with. Spec: SPEC-GP-CONTENT-064.
func LoadReceipt(loadFile, securityDomain AID) ReceiptContext {
	return contextOf(loadFile, securityDomain)
}

// InstallReceipt is the context of an installation, with or without making
// selectable: load file and application. Spec: SPEC-GP-CONTENT-064.
func InstallReceipt(loadFile, application AID) ReceiptContext {
	return contextOf(loadFile, application)
}

// ExtraditionReceipt is the context of an extradition: old security domain,
// application or load file, new security domain. Spec: SPEC-GP-CONTENT-064.
func ExtraditionReceipt(from, what, to AID) ReceiptContext { return contextOf(from, what, to) }

// RegistryUpdateReceipt is the context of a registry update: security domain,
// application, and the new privileges in three bytes. Spec: SPEC-GP-CONTENT-064.
func RegistryUpdateReceipt(securityDomain, application AID, privileges [3]byte) ReceiptContext {
	c := contextOf(securityDomain, application)
	c.lvs = append(append(c.lvs, 3), privileges[:]...)
	return c
}

// DeleteReceipt is the context of a deletion: what was deleted. Spec: SPEC-GP-CONTENT-064.
func DeleteReceipt(what AID) ReceiptContext { return contextOf(what) }

// ReceiptInput appends what a receipt covers: the confirmation data, then the
// AIDs of the operation, each with its length.
// Spec: SPEC-GP-CONTENT-060, SPEC-GP-CONTENT-064.
func ReceiptInput(dst []byte, c *Confirmation, context ReceiptContext) ([]byte, error) {
	dst, err := c.AppendData(dst)
	if err != nil {
		return dst, err
	}
	return append(dst, context.lvs...), nil
}

// Sign makes the receipt of an operation and puts it into the confirmation.
// Spec: SPEC-GP-CONTENT-065.
func (c *Confirmation) Sign(context ReceiptContext, signer ContentSigner) error {
	input, err := ReceiptInput(nil, c, context)
	if err != nil {
		return err
	}
	receipt, err := signer.AppendSignature(nil, input)
	if err != nil {
		return err
	}
	c.Receipt = receipt
	return nil
}

// Verify reports whether the confirmation has a receipt of the operation.
// Spec: SPEC-GP-CONTENT-065, SPEC-GP-CONTENT-066.
func (c *Confirmation) Verify(context ReceiptContext, verifier ContentVerifier) bool {
	input, err := ReceiptInput(nil, c, context)
	return err == nil && len(c.Receipt) > 0 && verifier.Verify(input, c.Receipt)
}
