package jpki

import (
	"context"
	"errors"

	"inkan/core/apdu"
	"inkan/core/gp"
	"inkan/core/iso7816"
)

// ReadFile selects a file and appends all of its content to dst. Its errors are
// those of gp.Exchange: 6982 when its PIN is missing. An empty file is 6B00 from
// the card, and no error here.
func ReadFile(ctx context.Context, card apdu.Card, file EF, dst []byte) ([]byte, error) {
	if _, err := gp.Exchange(ctx, card, SelectFile{file}, nil); err != nil {
		return dst, err
	}
	start := len(dst)
	for len(dst)-start <= MaxOffset {
		n := len(dst)
		more, err := gp.Exchange(ctx, card, ReadBinary{Offset: n - start, Ne: apdu.MaxShortNe}, dst)
		if errors.Is(err, iso7816.WrongP1P2) {
			return dst[:n], nil
		}
		if err != nil {
			return dst[:n], err
		}
		dst = more
		if len(dst)-n < apdu.MaxShortNe {
			return dst, nil
		}
	}
	return dst, nil
}

// Tries asks how many tries a PIN has left; 0 when it is blocked or not set.
func Tries(ctx context.Context, card apdu.Card, pin Reference) (int, error) {
	_, err := gp.Exchange(ctx, card, RetryQuery{pin}, nil)
	var sw iso7816.SW
	if errors.As(err, &sw) {
		if n, ok := sw.Tries(); ok {
			return n, nil
		}
	}
	if err == nil {
		err = errors.New("jpki: retry query: 9000, want 63Cx")
	}
	return 0, err
}

// ReadStatus reads the status object DF30.
func ReadStatus(ctx context.Context, card apdu.Card) (Status, error) {
	return gp.Send(ctx, card, GetData{TagStatus}, DecodeStatus)
}
