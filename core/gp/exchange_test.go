package gp

import (
	"bytes"
	"context"
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"

	"inkan/core/iso7816"
	"inkan/spec/req"
	"inkan/spec/vectors"
)

// scriptedCard answers with what it has, in order, and keeps the commands.
type scriptedCard struct {
	answers [][]byte
	sent    [][]byte
}

var errNoAnswer = errors.New("no answer left")

func (c *scriptedCard) Transmit(_ context.Context, cmd, dst []byte) ([]byte, error) {
	c.sent = append(c.sent, bytes.Clone(cmd))
	if len(c.answers) == 0 {
		return dst, errNoAnswer
	}
	dst = append(dst, c.answers[0]...)
	c.answers = c.answers[1:]
	return dst, nil
}

func answer(data []byte, sw uint16) []byte { return append(bytes.Clone(data), byte(sw>>8), byte(sw)) }

// TestStatusPages runs the listings of real cards page by page.
func TestStatusPages(t *testing.T) {
	req.Covers(t, "SPEC-GP-094")
	for _, v := range vectors.Load[statusVector](t, "gp-registry.json") {
		if v.Fail != "" {
			continue
		}
		t.Run(v.Name, func(t *testing.T) {
			card := &scriptedCard{}
			for i, p := range v.Pages {
				sw := uint16(0x6310)
				if i == len(v.Pages)-1 {
					sw = 0x9000
				}
				card.answers = append(card.answers, answer(p, sw))
			}
			count := 0
			g := v.request()
			if err := Status(t.Context(), card, g, func(e *Entry) error {
				compareFields(t, *e, v.Entries[count])
				count++
				return nil
			}); err != nil {
				t.Fatal(err)
			}
			if count != len(v.Entries) || len(card.sent) != len(v.Pages) {
				t.Errorf("%d entries from %d commands", count, len(card.sent))
			}
			for i, cmd := range card.sent {
				if next := cmd[3]&1 != 0; next != (i > 0) {
					t.Errorf("command %d is %X", i, cmd)
				}
			}
		})
	}
}

func TestStatusEmpty(t *testing.T) {
	req.Covers(t, "SPEC-GP-098", "SPEC-GP-099")
	none := func(*Entry) error { t.Error("an entry"); return nil }
	g := GetStatus{Subset: SubsetApplications}
	card := &scriptedCard{answers: [][]byte{answer(nil, 0x6A88)}}
	if err := Status(t.Context(), card, g, none); err != nil {
		t.Error(err)
	}
	card = &scriptedCard{answers: [][]byte{answer(nil, 0x6310), answer(nil, 0x6310)}}
	if err := Status(t.Context(), card, g, none); !errors.Is(err, ErrStatusEndless) || len(card.sent) != 1 {
		t.Errorf("%v after %d commands", err, len(card.sent))
	}
	card = &scriptedCard{}
	for range 2000 {
		card.answers = append(card.answers, answer([]byte{0xE3, 0x00}, 0x6310))
	}
	if err := Status(t.Context(), card, g, none); !errors.Is(err, ErrStatusEndless) || len(card.sent) > maxStatusPages+2 {
		t.Errorf("%v after %d commands", err, len(card.sent))
	}
	card = &scriptedCard{answers: [][]byte{answer(nil, 0x6982)}}
	if err := Status(t.Context(), card, g, none); !errors.Is(err, iso7816.SecurityStatusNotSatisfied) {
		t.Error(err)
	}
	stop := errors.New("stop")
	card = &scriptedCard{answers: [][]byte{answer([]byte{0xE3, 0x00, 0xE3, 0x00}, 0x9000)}}
	if err := Status(t.Context(), card, g, func(*Entry) error { return stop }); err != stop {
		t.Error(err)
	}
}

func TestSend(t *testing.T) {
	req.Covers(t, "SPEC-GP-007")
	fci := []byte{0x6F, 0x10, 0x84, 0x08, 0xA0, 0, 0, 0, 3, 0, 0, 0, 0xA5, 4, 0x9F, 0x65, 1, 0xFF}
	card := &scriptedCard{answers: [][]byte{answer(fci, 0x9000)}}
	got, err := Send(t.Context(), card, Select{}, DecodeFCI)
	if d := cmp.Diff(FCI{AID: AIDCardManager, MaxCommandData: 255}, got, cmp.AllowUnexported(AID{})); err != nil || d != "" {
		t.Error(err, d)
	}
	if !bytes.Equal(card.sent[0], []byte{0, 0xA4, 4, 0, 0}) {
		t.Errorf("sent %X", card.sent[0])
	}
	for name, c := range map[string]struct {
		answer []byte
		want   error
	}{
		"status word":  {answer(nil, 0x6A82), iso7816.FileNotFound},
		"more data":    {answer(fci, 0x6112), iso7816.SW(0x6112)},
		"no transport": {nil, errNoAnswer},
	} {
		card = &scriptedCard{}
		if c.answer != nil {
			card.answers = [][]byte{c.answer}
		}
		if _, err := Send(t.Context(), card, Select{}, DecodeFCI); !errors.Is(err, c.want) {
			t.Errorf("%s: %v", name, err)
		}
	}
	card = &scriptedCard{answers: [][]byte{{0x90}}}
	if out, err := Exchange(t.Context(), card, Select{}, []byte{1}); err == nil || len(out) != 1 {
		t.Errorf("%X, %v", out, err)
	}
	if _, err := Exchange(t.Context(), card, Select{Name: make([]byte, 17)}, nil); err == nil || len(card.sent) != 1 {
		t.Error("a command that cannot be encoded was sent")
	}
}

func TestSendChain(t *testing.T) {
	req.Covers(t, "SPEC-GP-107")
	in := Install{Purpose: ForLoad, LoadFile: AIDSecurityDomainPackage, Token: make([]byte, 256)}
	card := &scriptedCard{answers: [][]byte{answer(nil, 0x9000), answer([]byte{0}, 0x9000)}}
	out, err := SendChain(t.Context(), card, in, 247, []byte{0xEE})
	if err != nil || !bytes.Equal(out, []byte{0xEE, 0x00}) || len(card.sent) != 2 || card.sent[0][2] != 0x82 || card.sent[1][2] != 0x02 {
		t.Errorf("%X, %v, %X", out, err, card.sent)
	}
	card = &scriptedCard{answers: [][]byte{answer(nil, 0x6985), answer(nil, 0x9000)}}
	if _, err := SendChain(t.Context(), card, in, 247, nil); !errors.Is(err, iso7816.ConditionsNotSatisfied) || len(card.sent) != 1 {
		t.Errorf("%v after %d commands", err, len(card.sent))
	}
}
