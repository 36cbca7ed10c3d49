package pcsc

import (
	"bytes"
	"path/filepath"
	"strings"
	"testing"

	"inkan/core/jpki/basic"
	"inkan/core/uicc"
	"inkan/spec/req"
)

// A My Number Card is served, kept in its image with its number, and served again
// without being named.
func TestIDCard(t *testing.T) {
	req.Covers(t, "SPEC-IDCARD-018")
	image := filepath.Join(t.TempDir(), "card")
	seed := uint64(3)
	s := open(t, Options{IDCard: "hanako", Image: image, Seed: &seed})
	if s.Card != nil || !s.HasJPKI() || s.Known {
		t.Fatalf("%+v", s)
	}
	text := described(t, s)
	for _, want := range []string{"My Number Card, new", "900000000000002 of municipality 27100, until 2036-02-29", "PINs", "ABC123"} {
		if !strings.Contains(text, want) {
			t.Errorf("no %q in\n%s", want, text)
		}
	}
	closed(t, s)
	s = open(t, Options{Image: image, Contactless: true})
	if c, err := basic.ReadCard(t.Context(), s.Terminal()); err != nil || c.Serial != "900000000000002" || !s.Known || s.IDCard.Number != 2 {
		t.Errorf("%+v, %v", c, err)
	}
	if text := described(t, s); !strings.Contains(text, "from its image") || strings.Contains(text, "PINs") {
		t.Error(text)
	}
	closed(t, s)
}

func described(t *testing.T, s *Served) string {
	t.Helper()
	var b bytes.Buffer
	if err := s.Describe(&b); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// Options that do not go together, and images of another card.
func TestIDCardRefused(t *testing.T) {
	req.Covers(t, "SPEC-IDCARD-018")
	folder := t.TempDir()
	sim, card := filepath.Join(folder, "sim"), filepath.Join(folder, "card")
	closed(t, open(t, Options{Image: sim}))
	closed(t, open(t, Options{Image: card, IDCard: "kenta"}))
	for want, o := range map[string]Options{
		"profile":            {IDCard: "taro", Profile: "hayate"},
		"personalised as it": {IDCard: "taro", Demo: true},
		"T=1 only":           {IDCard: "taro", T0: true},
		"T=1 only ":          {Image: card, T0: true},
		"contacts":           {IDCard: "taro", Contactless: true, Line: true},
		"a SIM has contacts": {Contactless: true},
		"want one of taro":   {IDCard: "nobody"},
		"choose another":     {IDCard: "taro", Image: sim},
		"choose another ":    {Profile: "hayate", Image: card},
	} {
		s, err := Open(t.Context(), o)
		if err == nil {
			closed(t, s)
		}
		if err == nil || !strings.Contains(err.Error(), strings.TrimSpace(want)) {
			t.Errorf("%+v: %v, want %q", o, err, want)
		}
	}
}

// A My Number Card is no SIM: it has no file of a telephone.
func TestIDCardIsNoSIM(t *testing.T) {
	s := open(t, Options{IDCard: "kenta"})
	out, err := s.Terminal().Transmit(t.Context(), []byte{0, 0xA4, 0, 4, 2, byte(uicc.MF >> 8), byte(uicc.MF & 0xFF)}, nil)
	if err != nil || !bytes.Equal(out, []byte{0x6A, 0x82}) {
		t.Errorf("%X, %v", out, err)
	}
	closed(t, s)
}
