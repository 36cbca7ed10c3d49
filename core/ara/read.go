package ara

import (
	"context"
	"errors"

	"inkan/core/apdu"
	"inkan/core/gp"
	"inkan/core/tlv"
	"inkan/core/wire"
)

var errNoAIDRef = errors.New("ara: Command-Delete by AID: the target has no AID-REF-DO")

// ErrUnsettled is what ReadAll gives up with when the rules change whenever it
// has read a part of them.
var ErrUnsettled = errors.New("ara: the rules keep changing while they are read")

// ErrNoProgress is a card that answers GET DATA [Next] without a byte.
var ErrNoProgress = errors.New("ara: GET DATA [Next] answered no data")

// maxAttempts is how often ReadAll begins.
const maxAttempts = 4

// ReadAll reads all rules of the ARA-M, which is selected on the card, with GET
// DATA [All] and [Next]. When the rules change meanwhile it begins again, a few
// times. Errors: the card's status word, *wire.DecodeError, ErrUnsettled,
// ErrNoProgress, and the transport's. Spec: SPEC-ARAM-030.
func ReadAll(ctx context.Context, card apdu.Card) ([]Rule, error) {
	for range maxAttempts {
		b, err := readAll(ctx, card)
		if errors.Is(err, RulesUpdated) {
			continue
		}
		if err != nil {
			return nil, err
		}
		return DecodeAll(b)
	}
	return nil, ErrUnsettled
}

func readAll(ctx context.Context, card apdu.Card) ([]byte, error) {
	b, err := gp.Exchange(ctx, card, GetAll(), nil)
	if err != nil {
		return nil, err
	}
	total, err := announced(b)
	if err != nil {
		return nil, err
	}
	for len(b) < total {
		before := len(b)
		if b, err = gp.Exchange(ctx, card, GetNext(), b); err != nil {
			return nil, err
		}
		if len(b) == before {
			return nil, ErrNoProgress
		}
	}
	return b, nil
}

// announced is how long the object is that begins with b: with a header that is
// all there, which is five bytes at most.
func announced(b []byte) (int, error) {
	r := wire.NewReader("Response-ALL-REF-AR-DO", b)
	if tag := r.Uint16(""); r.Err() == nil && tlv.Tag(tag) != TagResponseAll {
		r.FailAt(0, "", "tag FF40", "another")
	}
	n := int(r.Byte("FF40"))
	switch n {
	case 0x81:
		n = int(r.Byte("FF40"))
	case 0x82:
		n = int(r.Uint16("FF40"))
	default:
		if n >= 0x80 {
			r.FailAt(2, "FF40", "a length of at most 65535", "a longer form")
		}
	}
	return r.Offset() + n, r.Err()
}
