package perso

import (
	"bytes"
	"context"
	"errors"
	"testing"

	"inkan/core/wire"
	"inkan/spec/vectors"
)

// FuzzDecode feeds any bytes to every decoder of what comes from a card, and of
// orders and content: what is accepted is encoded alike.
func FuzzDecode(f *testing.F) {
	for _, v := range vectors.Load[vector](f, "perso.json") {
		f.Add([]byte(v.Bytes))
		f.Add([]byte(v.Order))
		f.Add([]byte(v.Plain))
	}
	all := []func([]byte) ([]byte, error){
		decoderOf("envelope", nil),
		func(b []byte) ([]byte, error) {
			o, err := DecodeOrder(b)
			if err != nil {
				return nil, err
			}
			return o.Append(nil)
		},
		func(b []byte) ([]byte, error) {
			items, err := DecodeItems(b)
			return AppendItems(nil, items), err
		},
		func(b []byte) ([]byte, error) {
			total, part, err := splitAnswer(b)
			return append([]byte{byte(total >> 8), byte(total)}, part...), err
		},
	}
	for _, d := range statementDecoders {
		all = append(all, d)
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		for _, decode := range all {
			again, err := decode(b)
			var fault *wire.DecodeError
			switch {
			case err != nil && (!errors.As(err, &fault) || fault.Offset > len(b)):
				t.Fatal(err)
			case err == nil && !bytes.Equal(again, b):
				t.Fatalf("%X, then %X", b, again)
			}
		}
	})
}

// FuzzOpen feeds any content to the card's side of an envelope, under a right
// MAC and under a wrong one.
func FuzzOpen(f *testing.F) {
	for _, v := range load(f, "envelope") {
		f.Add([]byte(v.Bytes), []byte(v.Plain))
	}
	c := NewCipher(&Keys{})
	f.Fuzz(func(t *testing.T, envelope, plain []byte) {
		if _, _, _, err := c.Open(envelope); err == nil {
			t.Fatal("accepted")
		}
		items, err := DecodeItems(plain)
		if err != nil || CiphertextLen(len(plain)) > MaxCiphertextLen {
			return
		}
		sealed, err := c.Seal(nil, 1, 1, items)
		if err != nil {
			t.Fatal(err)
		}
		_, _, back, err := c.Open(sealed)
		if err != nil || !bytes.Equal(AppendItems(nil, back), plain) {
			t.Fatal(err)
		}
	})
}

// scripted answers each command with the next LV of the script, and then with
// nothing.
type scripted struct {
	script wire.Reader
	sent   int
}

func (s *scripted) Transmit(_ context.Context, _, dst []byte) ([]byte, error) {
	s.sent++
	return append(dst, s.script.LV("")...), nil
}

// FuzzTransfer feeds any responses to the collection of an answer: it ends after
// as many commands as there are responses and one, and an answer is as long as
// it was announced.
func FuzzTransfer(f *testing.F) {
	f.Add([]byte{5, 0, 1, 9, 0x90, 0})
	f.Add([]byte{6, 0, 4, 1, 2, 0x90, 0, 6, 0, 4, 3, 4, 0x90, 0})
	f.Add([]byte{2, 0x69, 0x85})
	f.Fuzz(func(t *testing.T, script []byte) {
		card := &scripted{script: wire.NewReader("script", script)}
		answer, err := (&Transfer{Card: card}).Send(t.Context(), new(Groups).State(), nil)
		if len(answer) > MaxAnswerLen || err != nil && len(answer) > 0 {
			t.Fatalf("%d bytes, %v", len(answer), err)
		}
		if card.sent > len(script)+1 {
			t.Fatalf("%d commands for %d bytes", card.sent, len(script))
		}
		if err == nil && len(answer) > 0 && len(answer) != int(script[1])<<8|int(script[2]) {
			t.Fatalf("%d bytes", len(answer))
		}
	})
}
