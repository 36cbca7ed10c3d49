package gp

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"testing"

	"inkan/core/iso7816"
	"inkan/spec/req"
)

// A command of this package goes out with the class byte of its channel and is
// otherwise the same.
func TestOnChannel(t *testing.T) {
	req.Covers(t, "SPEC-APDU-010")
	for channel, class := range map[int]byte{0: 0x80, 3: 0x83, 4: 0xC0, 19: 0xCF} {
		card := &scriptedCard{answers: [][]byte{{0x6A, 0x88}}}
		on := &OnChannel{Card: card, Channel: channel}
		_, err := Exchange(t.Context(), on, GetStatus{Subset: SubsetApplications}, nil)
		if !errors.Is(err, iso7816.ReferencedDataNotFound) {
			t.Fatal(err)
		}
		if want := []byte{class, 0xF2, 0x40, 0x02, 0x02, 0x4F, 0x00, 0x00}; !bytes.Equal(card.sent[0], want) {
			t.Errorf("channel %d: %X, want %X", channel, card.sent[0], want)
		}
		if !bytes.Equal(on.cmd, make([]byte, len(on.cmd))) {
			t.Errorf("channel %d: the command is kept", channel)
		}
		if s := fmt.Sprintf("%+v", on); s != fmt.Sprintf("card on channel %d", channel) {
			t.Error(s)
		}
	}
	for _, c := range []struct {
		channel int
		cmd     []byte
	}{{20, []byte{0x80, 0xCA, 0, 0}}, {-1, []byte{0x80, 0xCA, 0, 0}}, {1, []byte{0xA0, 0xA4, 0, 0}}, {1, nil}} {
		card := &scriptedCard{}
		out, err := (&OnChannel{Card: card, Channel: c.channel}).Transmit(t.Context(), c.cmd, []byte{0xFE})
		if err == nil || len(card.sent) != 0 || !bytes.Equal(out, []byte{0xFE}) {
			t.Errorf("channel %d, %X: %v, sent %X", c.channel, c.cmd, err, card.sent)
		}
	}
	on := &OnChannel{Card: &fixedCard{}, Channel: 2}
	cmd, dst := []byte{0x80, 0xCA, 0, 0}, make([]byte, 0, 8)
	if n := testing.AllocsPerRun(100, func() { dst, _ = on.Transmit(t.Context(), cmd, dst[:0]) }); n != 0 {
		t.Errorf("%v allocations", n)
	}
}

// fixedCard answers 9000 to everything.
type fixedCard struct{}

func (fixedCard) Transmit(_ context.Context, _, dst []byte) ([]byte, error) {
	return append(dst, 0x90, 0x00), nil
}
