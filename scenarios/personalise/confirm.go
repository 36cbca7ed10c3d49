package personalise

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"

	"inkan/core/gp"
	"inkan/core/keys"
	"inkan/sim/profile"
)

// Errors of Receipts.
var (
	// ErrNoReceipt: the card did what a token asked for and did not confirm it.
	ErrNoReceipt = errors.New("personalise: the card gives no receipt")
	// ErrWrongReceipt: the receipt is not one of this card and this operation, or was
	// seen before.
	ErrWrongReceipt = errors.New("personalise: the receipt is not that of the operation")
)

// Receipts checks what a card confirms of the operations that a carrier's token
// allowed. Not for concurrent use.
type Receipts struct {
	Verifier gp.ContentVerifier // of the card's receipts
	Domain   []byte             // IIN and CIN of the domain that makes them
	// Unanswered counts the answers that the bearer has lost, where it found out by
	// itself what the card had done; nil: it loses none.
	Unanswered func() int

	Verified int // receipts that are right
	Lost     int // with an answer

	highest    uint16 // counter of the last receipt
	unanswered int    // when the last answer was looked at
}

// ReceiptsOf are those of a profile's card; nil: it is not for delegated management.
func ReceiptsOf(p *profile.Profile, number uint32) (*Receipts, error) {
	if p.Model != profile.Delegated {
		return nil, nil
	}
	key, err := p.ReceiptKey(number)
	if err != nil {
		return nil, err
	}
	verifier, err := gp.NewContentMAC(keys.AES, key)
	if err != nil {
		return nil, err
	}
	domain, err := p.ReceiptDomain(number)
	if err != nil {
		return nil, err
	}
	return &Receipts{Verifier: verifier, Domain: domain}, nil
}

// Check looks at the response data to an operation that was done. Errors are
// ErrNoReceipt, ErrWrongReceipt and *wire.DecodeError.
// Spec: SPEC-GP-CONTENT-067, SPEC-GP-CONTENT-068.
func (r *Receipts) Check(answer []byte, context gp.ReceiptContext) error {
	if r.Unanswered != nil {
		before := r.unanswered
		if r.unanswered = r.Unanswered(); r.unanswered > before && len(answer) == 0 {
			r.Lost++
			return nil
		}
	}
	c, there, err := gp.DecodeConfirmation(answer)
	switch {
	case err != nil:
		return err
	case !there || len(c.Receipt) == 0:
		return ErrNoReceipt
	case !bytes.Equal(c.SecurityDomainData, r.Domain):
		return fmt.Errorf("%w: another domain's", ErrWrongReceipt)
	case !c.Verify(context, r.Verifier):
		return ErrWrongReceipt
	}
	counter := binary.BigEndian.Uint16(c.Counter)
	if counter <= r.highest {
		return fmt.Errorf("%w: counter %d after %d", ErrWrongReceipt, counter, r.highest)
	}
	r.highest = counter
	r.Verified++
	return nil
}
