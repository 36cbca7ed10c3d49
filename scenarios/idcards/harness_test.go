package idcards_test

import (
	"context"
	"crypto/rsa"
	"fmt"
	"sync"
	"testing"

	"inkan/core/apdu"
	"inkan/core/entropy"
	"inkan/core/gp"
	"inkan/core/iso7816"
	"inkan/core/jpki"
	"inkan/scenarios/idcards"
	"inkan/scenarios/personalise"
	"inkan/sim/idcard"
)

// once are a maker, keys and certificates that all tests share: making them takes
// longer than making a card.
var once = sync.OnceValues(func() (*idcards.Maker, error) {
	return idcards.NewMaker(context.Background(), entropy.Seeded(1, "idcards test"))
})

var orderOnce = sync.OnceValues(func() (idcards.Order, error) {
	h, err := idcards.HolderNamed("taro")
	if err != nil {
		return idcards.Order{}, err
	}
	o, err := h.Order()
	if err != nil {
		return o, err
	}
	return o, o.WithTestCA(1, personalise.DefaultNow)
})

// maker gives the maker.
func maker(t testing.TB) *idcards.Maker {
	t.Helper()
	m, err := once()
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// order is Taro's, for a body of another number.
func order(t testing.TB, number uint32) idcards.Order {
	t.Helper()
	o, err := orderOnce()
	if err != nil {
		t.Fatal(err)
	}
	o.Number = number
	return o
}

// body is a card that nobody has personalised.
func body(t testing.TB, parts idcard.Parts) *idcard.Card {
	t.Helper()
	c, err := maker(t).Body(parts)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// made is a whole card.
func made(t testing.TB, o idcards.Order) *idcard.Card {
	t.Helper()
	c, err := maker(t).Make(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// sw sends a command in bytes and gives the status word.
func sw(t testing.TB, card apdu.Card, cmd string) iso7816.SW {
	t.Helper()
	var raw []byte
	if _, err := fmt.Sscanf(cmd, "%X", &raw); err != nil {
		t.Fatal(err)
	}
	out, err := card.Transmit(t.Context(), raw, nil)
	if err != nil {
		t.Fatal(err)
	}
	r, err := apdu.DecodeResponse(out)
	if err != nil {
		t.Fatal(err)
	}
	return r.SW
}

// counted counts the commands to a card and keeps their class and instruction.
type counted struct {
	apdu.Card
	n        int
	commands []string // class and instruction, in hex
}

// Transmit implements apdu.Card.
func (c *counted) Transmit(ctx context.Context, cmd, dst []byte) ([]byte, error) {
	c.n++
	c.commands = append(c.commands, fmt.Sprintf("%X", cmd[:2]))
	return c.Card.Transmit(ctx, cmd, dst)
}

// tries are those of a PIN of the JPKI application.
func tries(t testing.TB, card apdu.Card, role jpki.Role) int {
	t.Helper()
	if _, err := gp.Exchange(t.Context(), card, jpki.SelectApplication{}, nil); err != nil {
		t.Fatal(err)
	}
	n, err := jpki.Tries(t.Context(), card, role.PIN().Reference())
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// keyOf is a delivered key.
func keyOf(o *idcards.Order, role jpki.Role) *rsa.PrivateKey { return o.Keys[role] }
