package idcards_test

import (
	"testing"
	"time"

	"inkan/core/jpki"
	"inkan/core/jpki/basic"
	"inkan/scenarios/idcards"
)

func TestOpen(t *testing.T) {
	start := time.Now()
	card, err := idcards.Open(t.Context(), "taro", 1)
	if err != nil {
		t.Fatal(err)
	}
	t.Log(time.Since(start), card.Chip.Milliseconds(card.Clock.Now()))
	c, err := basic.ReadCard(t.Context(), card)
	t.Log(c, err)
	if err := basic.Open(t.Context(), card, basic.EFPIN, []byte("1234")); err != nil {
		t.Fatal(err)
	}
	a, err := basic.ReadAttributes(t.Context(), card)
	t.Log(a.Name, a.Address, err)
	n, err := basic.ReadNumber(t.Context(), card)
	t.Log(n, err)
	_ = jpki.Auth
}
