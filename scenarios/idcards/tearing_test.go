package idcards_test

import (
	"testing"

	"inkan/core/jpki"
	"inkan/core/jpki/basic"
	"inkan/sim/clock"
	"inkan/sim/idcard"
	"inkan/sim/nvm"
	"inkan/spec/req"
)

// Power is cut at every write of a card's making: the card starts, has nothing by
// halves, and another attempt makes it whole.
func TestTearing(t *testing.T) {
	req.Covers(t, "SPEC-IDCARD-019", "SPEC-IDCARD-015", "SPEC-IDCARD-053")
	o := order(t, 20)
	card := body(t, idcard.Parts{Number: 20})
	var forks []*nvm.Flash
	card.Flash.BeforeUpdate(func(uint32) { forks = append(forks, card.Flash.ForkOn(new(clock.Clock), nil)) })
	if err := maker(t).Personalise(t.Context(), card, o); err != nil {
		t.Fatal(err)
	}
	card.Flash.BeforeUpdate(nil)
	forks = append(forks, card.Flash)
	phases := map[jpki.Phase]int{}
	for i, f := range forks {
		cut, err := idcard.New(idcard.Parts{Number: 20, Memory: f})
		if err != nil {
			t.Fatalf("cut %d: %v", i, err)
		}
		status, err := readStatus(t.Context(), cut)
		if err != nil {
			t.Fatalf("cut %d: %v", i, err)
		}
		phases[status.Phase]++
		if c, err := basic.ReadCard(t.Context(), cut); err == nil && c != o.Card {
			t.Fatalf("cut %d: %v", i, c)
		}
		again := o
		again.Attempt = 1
		if err := maker(t).Personalise(t.Context(), cut, again); err != nil {
			t.Fatalf("cut %d, %v: %v", i, status.Phase, err)
		}
		if i%10 == 0 || i+1 == len(forks) {
			checkCard(t, cut, &again)
		}
	}
	if phases[jpki.Empty] == 0 || phases[jpki.Ordered] == 0 || phases[jpki.Active] == 0 {
		t.Errorf("phases %v", phases)
	}
	t.Logf("%d cuts, %v", len(forks), phases)
}
