package personalise

import (
	"bytes"
	"errors"
	"testing"

	"inkan/core/gp"
	"inkan/core/jpki"
	"inkan/core/keys"
	"inkan/core/wire"
	"inkan/spec/req"
)

// confirmation is the response data with a receipt of a counter.
func confirmation(t *testing.T, key byte, counter byte, domain string, context gp.ReceiptContext) []byte {
	t.Helper()
	signer, err := gp.NewContentMAC(keys.AES, bytes.Repeat([]byte{key}, 16))
	if err != nil {
		t.Fatal(err)
	}
	c := gp.Confirmation{Counter: []byte{0, counter}, SecurityDomainData: []byte(domain)}
	if err := c.Sign(context, signer); err != nil {
		t.Fatal(err)
	}
	b, err := c.Append(nil)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// A receipt is of the card, of the operation, and new.
func TestReceipts(t *testing.T) {
	req.Covers(t, "SPEC-GP-CONTENT-067", "SPEC-GP-CONTENT-068")
	verifier, err := gp.NewContentMAC(keys.AES, bytes.Repeat([]byte{1}, 16))
	if err != nil {
		t.Fatal(err)
	}
	context, other := gp.DeleteReceipt(jpki.AIDPackage), gp.DeleteReceipt(jpki.AIDInstance)
	r := &Receipts{Verifier: verifier, Domain: []byte("card")}
	changed := confirmation(t, 1, 9, "card", context)
	changed[4] ^= 1
	for i, c := range []struct {
		answer []byte
		want   error
	}{
		{confirmation(t, 1, 5, "card", context), nil},
		{confirmation(t, 1, 5, "card", context), ErrWrongReceipt},
		{confirmation(t, 1, 4, "card", context), ErrWrongReceipt},
		{confirmation(t, 1, 9, "card", other), ErrWrongReceipt},
		{confirmation(t, 2, 9, "card", context), ErrWrongReceipt},
		{confirmation(t, 1, 9, "another card", context), ErrWrongReceipt},
		{changed, ErrWrongReceipt},
		{[]byte{0}, ErrNoReceipt},
		{nil, ErrNoReceipt},
		{confirmation(t, 1, 6, "card", context), nil},
	} {
		if err := r.Check(c.answer, context); !errors.Is(err, c.want) {
			t.Errorf("%d: %v, want %v", i, err, c.want)
		}
	}
	var fault *wire.DecodeError
	if err := r.Check([]byte{3, 0, 1}, context); !errors.As(err, &fault) {
		t.Errorf("cut off: %v", err)
	}
	if r.Verified != 2 || r.Lost != 0 {
		t.Errorf("%d right, %d lost", r.Verified, r.Lost)
	}
}

// A bearer that lost an answer has lost its receipt; each time anew.
func TestLostReceipt(t *testing.T) {
	req.Covers(t, "SPEC-OTA-034")
	unanswered := 1
	r := &Receipts{Unanswered: func() int { return unanswered }}
	context := gp.DeleteReceipt(jpki.AIDPackage)
	if err := r.Check(nil, context); err != nil || r.Lost != 1 {
		t.Errorf("lost: %v", err)
	}
	for _, answer := range [][]byte{nil, {0}} {
		if err := r.Check(answer, context); err != ErrNoReceipt {
			t.Errorf("%X, nothing lost: %v", answer, err)
		}
	}
	if unanswered++; r.Check([]byte{0}, context) != ErrNoReceipt {
		t.Error("an answer that came is none that was lost")
	}
}
