package idcards_test

import (
	"context"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"inkan/core/apdu"
	"inkan/core/gp"
	"inkan/core/jpki"
	"inkan/scenarios/personalise"
	"inkan/sim/clock"
	"inkan/sim/idcard"
	"inkan/sim/profile"
	"inkan/spec/req"
)

var update = flag.Bool("update", false, "write the generated part of spec/IDCARD.md")

// weighed counts bytes, both ways.
type weighed struct {
	apdu.Card
	commands, bytes int
}

// Transmit implements apdu.Card.
func (w *weighed) Transmit(ctx context.Context, cmd, dst []byte) ([]byte, error) {
	n := len(dst)
	out, err := w.Card.Transmit(ctx, cmd, dst)
	w.commands, w.bytes = w.commands+1, w.bytes+len(cmd)+len(out)-n
	return out, err
}

// row measures a piece of work on a card.
func row(t *testing.T, name string, card *idcard.Card, meter *personalise.ModelMeter, do func(apdu.Card) error) string {
	t.Helper()
	w := &weighed{Card: card}
	meter.Begin()
	if err := do(w); err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	var f personalise.Figures
	meter.End(&f)
	return fmt.Sprintf("| %s | %d | %d | %.0f | %d |\n", name, w.commands, w.bytes, f.Milliseconds, f.NVM.Writes)
}

// What a card costs stands in the specification.
func TestCosts(t *testing.T) {
	req.Covers(t, "SPEC-IDCARD-070")
	m, o := maker(t), order(t, 40)
	var b strings.Builder
	b.WriteString("| Work, keys delivered | APDUs | bytes | ms | writes |\n|---|---|---|---|---|\n")
	for _, slot := range []*profile.Slot{nil, new(profile.Slot)} {
		k := new(clock.Clock)
		meter := personalise.NewMeter(m.Chip(), k)
		card, err := m.Body(idcard.Parts{Number: 40, Clock: k, Observer: meter, Slot: slot})
		if err != nil {
			t.Fatal(err)
		}
		where := "without line"
		if slot != nil {
			where = "over a line of " + card.Line().String()
		}
		b.WriteString(row(t, "personalisation, "+where, card, meter, func(c apdu.Card) error { return m.Personalise(t.Context(), c, o) }))
		b.WriteString(row(t, "signature: SELECT, VERIFY, sign, "+where, card, meter, func(c apdu.Card) error { return signed(t, c, o.PINs.Sign) }))
		if ledger := k.Ledger(); ledger.Sum() != k.Now() {
			t.Errorf("%s: the ledger has %d cycles of %d", where, ledger.Sum(), k.Now())
		}
	}
	section(t, "costs", b.String())
}

func signed(t *testing.T, c apdu.Card, pin string) error {
	t.Helper()
	for _, command := range []gp.Command{jpki.SelectApplication{}, jpki.Verify{PIN: jpki.EFSignPIN.Reference(), Value: []byte(pin)},
		jpki.Signature{Key: jpki.EFSignKey.Reference(), Mode: jpki.SignDigest, Data: make([]byte, 32)}} {
		if _, err := gp.Exchange(t.Context(), c, command, nil); err != nil {
			return err
		}
	}
	return nil
}

// section replaces or compares a generated part of spec/IDCARD.md.
func section(t *testing.T, name, want string) {
	t.Helper()
	path := filepath.Join("..", "..", "spec", "IDCARD.md")
	raw, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	begin, end := "<!-- generated: "+name+" -->\n", "<!-- end: "+name+" -->\n"
	pattern := regexp.MustCompile("(?s)" + regexp.QuoteMeta(begin) + ".*?" + regexp.QuoteMeta(end))
	whole := begin + "\n" + strings.TrimSpace(want) + "\n\n" + end
	if string(pattern.Find(raw)) == whole {
		return
	}
	if !*update {
		t.Fatalf("part %q of spec/IDCARD.md is not what the code computes, which is\n%s\nrun: go test ./scenarios/idcards -update", name, want)
	}
	if err := os.WriteFile(path, []byte(pattern.ReplaceAllLiteralString(string(raw), whole)), 0o644); err != nil {
		t.Fatal(err)
	}
}
