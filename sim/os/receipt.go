package os

import (
	"encoding/binary"

	"inkan/core/gp"
	"inkan/core/iso7816"
	"inkan/core/keys"
)

// confirm appends the answer to a command of card content management: with a
// receipt when the domain acted by a token and the card has a key for receipts.
// The operation is done by then; the counter is stored before the receipt exists.
// token is the identifier of the token, if it has one.
// Spec: SPEC-UICC-OS-054, SPEC-UICC-OS-110, SPEC-UICC-OS-124.
func (s *session) confirm(dst []byte, context gp.ReceiptContext, delegated bool, token []byte) ([]byte, error) {
	c := s.d.card
	if !delegated {
		return gp.AppendNoConfirmation(dst), nil
	}
	holder, ok := c.holder(gp.ReceiptGeneration)
	if !ok {
		return gp.AppendNoConfirmation(dst), nil
	}
	identity := c.identity(holder.own)
	if len(identity) == 0 { // nobody could tell whose receipt it is
		return gp.AppendNoConfirmation(dst), nil
	}
	signer := c.receiptSigner(holder.own)
	if signer == nil {
		return gp.AppendNoConfirmation(dst), nil
	}
	defer signer.Wipe()
	counter, err := c.nextConfirmation(holder.own)
	if err != nil {
		return dst, err
	}
	confirmation := gp.Confirmation{Counter: counter, SecurityDomainData: identity, TokenIdentifier: token}
	if confirmation.Sign(context, signer) != nil {
		return dst, iso7816.NoPreciseDiagnosis
	}
	return confirmation.Append(dst)
}

// receiptBytes is about what a receipt covers, for the time that it takes.
const receiptBytes = 48

// receiptSigner is the key of version 71; nil: there is none.
func (c *Card) receiptSigner(id domainID) *gp.ContentMAC {
	for _, k := range c.keyList(id) {
		if keys.UseOf(k.version) != keys.UseReceipt {
			continue
		}
		stored := c.key(id, k.version, k.id)
		defer stored.wipe()
		if m, err := gp.NewContentMAC(stored.values[0].Type, stored.values[0].Value); err == nil {
			c.chargeCipher(stored, receiptBytes)
			return m
		}
	}
	return nil
}

// confirmations is the confirmation counter; nextConfirmation stores it one higher
// and gives it. 6985 at its end.
func (c *Card) confirmations(id domainID) uint16 {
	if b, ok := c.Machine().Record(recordReceipt, keyID(id, 0, 0)[:2]); ok && len(b) == 2 {
		return binary.BigEndian.Uint16(b)
	}
	return 0
}

// receiptsExhausted tells whether a receipt would be due and the counter of those who
// make them has no next value: what it would confirm must not be done.
// Spec: SPEC-UICC-OS-122.
func (c *Card) receiptsExhausted() bool {
	holder, ok := c.holder(gp.ReceiptGeneration)
	return ok && c.confirmations(holder.own) == lastConfirmation
}

// lastConfirmation is where the confirmation counter ends.
const lastConfirmation = 0xFFFF

func (c *Card) nextConfirmation(id domainID) ([]byte, error) {
	now := c.confirmations(id)
	if now == lastConfirmation {
		return nil, iso7816.ConditionsNotSatisfied
	}
	b := binary.BigEndian.AppendUint16(nil, now+1)
	if c.Machine().PutOwnRecord(recordReceipt, keyID(id, 0, 0)[:2], b) != nil {
		return nil, iso7816.NotEnoughMemory
	}
	return b, nil
}

// identity is IIN and CIN of a domain, one after the other, or those of the
// issuer's; nil: there are none.
func (c *Card) identity(id domainID) []byte {
	iin, _ := c.object(id, uint32(gp.TagIIN))
	cin, _ := c.object(id, uint32(gp.TagCIN))
	if both := append(iin, cin...); len(both) > 0 || id == issuerID {
		return both
	}
	return c.identity(issuerID)
}
