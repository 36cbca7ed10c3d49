package basic

import (
	"context"

	"inkan/core/apdu"
	"inkan/core/gp"
	"inkan/core/jpki"
)

// ReadCard selects the common application and reads which card it is. Errors are
// those of gp.Exchange and DecodeCard.
func ReadCard(ctx context.Context, card apdu.Card) (Card, error) {
	if _, err := gp.Exchange(ctx, card, jpki.SelectApplication{AID: AIDCommon}, nil); err != nil {
		return Card{}, err
	}
	return gp.Send(ctx, card, ReadRecord{File: EFCard, Number: 1, Ne: apdu.MaxShortNe}, DecodeCard)
}

// Open selects text input support and verifies PIN or code. Errors are those of
// gp.Exchange: 63Cx for a wrong value.
func Open(ctx context.Context, card apdu.Card, secret jpki.EF, value []byte) error {
	if _, err := gp.Exchange(ctx, card, jpki.SelectApplication{AID: AIDText}, nil); err != nil {
		return err
	}
	_, err := gp.Exchange(ctx, card, jpki.Verify{PIN: secret.Reference(), Value: value}, nil)
	return err
}

// ReadNumber reads the personal number, after Open. Errors are those of
// jpki.ReadFile and DecodeNumber.
func ReadNumber(ctx context.Context, card apdu.Card) (Number, error) {
	b, err := jpki.ReadFile(ctx, card, EFNumber, nil)
	if err != nil {
		return "", err
	}
	return DecodeNumber(b)
}

// ReadAttributes reads the four attributes, after Open. Errors are those of
// jpki.ReadFile and DecodeAttributes.
func ReadAttributes(ctx context.Context, card apdu.Card) (Attributes, error) {
	b, err := jpki.ReadFile(ctx, card, EFAttributes, nil)
	if err != nil {
		return Attributes{}, err
	}
	return DecodeAttributes(b)
}

// ReadDigests reads what the issuer signed, after Open. Errors are those of
// jpki.ReadFile and DecodeDigests.
func ReadDigests(ctx context.Context, card apdu.Card) (Digests, error) {
	b, err := jpki.ReadFile(ctx, card, EFDigests, nil)
	if err != nil {
		return Digests{}, err
	}
	return DecodeDigests(b)
}
