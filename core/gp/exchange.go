package gp

import (
	"context"
	"errors"
	"fmt"

	"inkan/core/apdu"
	"inkan/core/iso7816"
)

// Exchange sends one typed command and appends the response data to dst. A
// status word other than 9000 comes back as the error, together with the data;
// any other error is the transport's or the encoder's. 61xx and 6Cxx are the
// card's business: wrap it in apdu's decorator. Spec: SPEC-GP-007.
func Exchange(ctx context.Context, card apdu.Card, cmd Command, dst []byte) ([]byte, error) {
	c, err := cmd.APDU(nil)
	if err != nil {
		return dst, err
	}
	return transmit(ctx, card, &c, dst)
}

func transmit(ctx context.Context, card apdu.Card, c *apdu.Command, dst []byte) ([]byte, error) {
	raw, err := c.Append(nil)
	if err != nil {
		return dst, err
	}
	n := len(dst)
	out, err := card.Transmit(ctx, raw, dst)
	if err != nil {
		return dst, err
	}
	if len(out) < n+2 {
		return dst, fmt.Errorf("gp: INS %02X: a response of %d bytes", c.INS, len(out)-n)
	}
	end := len(out) - 2
	sw := iso7816.SW(out[end])<<8 | iso7816.SW(out[end+1])
	if sw != iso7816.OK {
		return out[:end], sw
	}
	return out[:end], nil
}

// Send sends one typed command and decodes its response data.
func Send[T any](ctx context.Context, card apdu.Card, cmd Command, decode func([]byte) (T, error)) (T, error) {
	b, err := Exchange(ctx, card, cmd, nil)
	if err != nil {
		var none T
		return none, err
	}
	return decode(b)
}

// SendChain sends a command of at most sizeBytes of data as it is, and a longer
// INSTALL, DELETE or PUT KEY as a chain of short commands. It appends the
// response data of the last one to dst. Spec: SPEC-GP-107.
func SendChain(ctx context.Context, card apdu.Card, cmd Command, sizeBytes int, dst []byte) ([]byte, error) {
	c, err := cmd.APDU(nil)
	if err != nil {
		return dst, err
	}
	if len(c.Data) <= sizeBytes {
		return transmit(ctx, card, &c, dst)
	}
	parts, err := Split(c, sizeBytes)
	if err != nil {
		return dst, err
	}
	n := len(dst)
	for part := range parts {
		if dst, err = transmit(ctx, card, &part, dst[:n]); err != nil {
			return dst, err
		}
	}
	return dst, nil
}

// maxStatusPages bounds how long a card can go on answering 6310.
const maxStatusPages = 1024

// ErrStatusEndless is the error of Status when a card never ends its list.
var ErrStatusEndless = errors.New("gp: GET STATUS: the card announces more without end")

// Status sends GET STATUS, continues as long as the card answers 6310, and
// calls each with every entry, in the card's order; the entry is valid during
// the call. 6A88 is an empty list. An error of each ends it.
// Spec: SPEC-GP-094, SPEC-GP-098, SPEC-GP-099.
func Status(ctx context.Context, card apdu.Card, g GetStatus, each func(*Entry) error) error {
	var list []byte
	for pages := 0; ; pages++ {
		n := len(list)
		var err error
		list, err = Exchange(ctx, card, g, list)
		if errors.Is(err, iso7816.ReferencedDataNotFound) && n == len(list) {
			break
		}
		if err == nil {
			break
		}
		if !errors.Is(err, iso7816.MoreData) {
			return err
		}
		if len(list) == n || pages == maxStatusPages {
			return ErrStatusEndless
		}
		g.Next = true
	}
	r := NewStatusReader(&g, list)
	var e Entry
	for r.Next(&e) {
		if err := each(&e); err != nil {
			return err
		}
	}
	return r.Err()
}
