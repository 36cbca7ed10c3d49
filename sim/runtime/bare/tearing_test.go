package bare

import (
	"bytes"
	"context"
	"encoding/hex"
	"fmt"
	"strings"
	"testing"

	"inkan/sim/clock"
	"inkan/sim/engine"
	"inkan/sim/nvm"
	"inkan/spec/req"
)

// forking makes a CREF card whose memory is forked before each page update, for
// as long as forks is not nil: what a power cut would leave there.
func forking(t *testing.T) (card *Card, forks *[]*nvm.Flash, stop func()) {
	cfg := CREF()
	cfg.Clock = new(clock.Clock)
	flash, err := nvm.NewFlash(engine.Reference().NVM, cfg.Clock, nil)
	if err != nil {
		t.Fatal(err)
	}
	cfg.Flash = flash
	if card, err = New(cfg); err != nil {
		t.Fatal(err)
	}
	forks = new([]*nvm.Flash)
	flash.BeforeUpdate(func(uint32) { *forks = append(*forks, flash.ForkOn(new(clock.Clock), nil)) })
	return card, forks, func() { flash.BeforeUpdate(nil) }
}

// revive boots a card on what a power cut left.
func revive(t *testing.T, flash *nvm.Flash) *Card {
	t.Helper()
	cfg := CREF()
	cfg.Clock = new(clock.Clock)
	cfg.Flash = flash.ForkOn(cfg.Clock, nil)
	card, err := New(cfg)
	if err != nil {
		t.Fatalf("after a power cut: %v", err)
	}
	return card
}

// TestTearingContent cuts the power at every page update of loading and
// installing. The card then has the package and the applet completely or not
// at all; what is missing is done again, and every answer is right.
func TestTearingContent(t *testing.T) {
	req.Covers(t, "SPEC-RUNTIME-011", "SPEC-RUNTIME-041")
	for _, theme := range []string{"arrays", "trans", "pin", "fields", "multi"} {
		t.Run(theme, func(t *testing.T) {
			card, forks, stop := forking(t)
			s := &script{t, theme, "305", card}
			var setup, rest []string
			for _, line := range lines(t, theme) {
				if strings.HasPrefix(line, "# load") || strings.HasPrefix(line, "# create") {
					setup = append(setup, line)
				} else {
					rest = append(rest, line)
				}
			}
			for _, line := range setup {
				if err := s.run(line); err != nil {
					t.Fatal(err)
				}
			}
			stop()
			card.Machine().Collect()
			free := card.Machine().FreeBytes()
			for i, flash := range *forks {
				again := &script{t, theme, "305", revive(t, flash)}
				if err := again.complete(setup); err != nil {
					t.Fatalf("cut %d: %v", i, err)
				}
				again.card.Machine().Collect()
				if got := again.card.Machine().FreeBytes(); got != free {
					t.Fatalf("cut %d: %d bytes free, %d without a cut", i, got, free)
				}
				for _, line := range rest {
					if err := again.run(line); err != nil {
						t.Fatalf("cut %d: %s: %v", i, line, err)
					}
				}
			}
			t.Logf("%d cuts", len(*forks))
		})
	}
}

// complete does the lines of the setup whose result is not on the card.
func (s *script) complete(setup []string) error {
	for _, line := range setup {
		words := strings.Fields(line)
		if words[1] == "create" && s.card.Applet(unhex(s.t, words[2])) != nil {
			continue
		}
		if words[1] == "load" && len(s.card.Machine().Packages()) > 0 {
			continue
		}
		if err := s.run(line); err != nil {
			return fmt.Errorf("%s: %w", line, err)
		}
	}
	return nil
}

// dumpOf asks an applet of the corpus for its state; the card was just reset.
func dumpOf(t *testing.T, card *Card, aid, command string) []byte {
	t.Helper()
	for _, c := range []string{"00A4040009" + aid, command} {
		got, err := card.Transmit(context.Background(), unhex(t, c), nil)
		if err != nil || !bytes.HasSuffix(got, []byte{0x90, 0}) {
			t.Fatalf("%s: %X, %v", c, got, err)
		}
		if c == command {
			return got
		}
	}
	return nil
}

// stepwise runs a script; for each command it gives the state before and after,
// and what each power cut within it left.
func stepwise(t *testing.T, theme, aid, dump string, check func(command string, before, after, torn []byte) error) {
	card, forks, stop := forking(t)
	defer stop()
	s := &script{t, theme, "305", card}
	cuts := 0
	for _, line := range lines(t, theme) {
		if strings.HasPrefix(line, "#") || strings.HasPrefix(line, "00A4") {
			if err := s.run(line); err != nil {
				t.Fatal(err)
			}
			continue
		}
		before := dumpOf(t, revive(t, card.Machine().Flash()), aid, dump)
		*forks = (*forks)[:0]
		if err := s.run(line); err != nil {
			t.Fatalf("%s: %v", line, err)
		}
		torn := append([]*nvm.Flash(nil), *forks...)
		after := dumpOf(t, revive(t, card.Machine().Flash()), aid, dump)
		for i, flash := range torn {
			if err := check(line, before, after, dumpOf(t, revive(t, flash), aid, dump)); err != nil {
				t.Fatalf("%s: cut %d of %d: %v", line, i, len(torn), err)
			}
			cuts++
		}
	}
	t.Logf("%d cuts", cuts)
}

// TestTearingTransactions cuts the power at every page update of the
// transactions' script. Commands that write in one transaction leave the old
// or the new state, but for what they write outside it (byte 2).
func TestTearingTransactions(t *testing.T) {
	req.Covers(t, "SPEC-RUNTIME-050")
	stepwise(t, "trans", "F0696E6B616E430901", "8030000016", func(command string, before, after, torn []byte) error {
		if strings.HasPrefix(command, "8010") {
			return nil // no transaction
		}
		for _, b := range [][]byte{before, after, torn} {
			b[2] = 0
		}
		if strings.HasPrefix(command, "8018") { // NonAtomic on a byte that the transaction wrote
			before[6], after[6], torn[6] = 0, 0, 0
		}
		if !bytes.Equal(torn, before) && !bytes.Equal(torn, after) {
			return fmt.Errorf("before %s\nafter  %s\ntorn   %s", hex.EncodeToString(before), hex.EncodeToString(after), hex.EncodeToString(torn))
		}
		return nil
	})
}

// TestTearingPIN cuts the power at every page update of the PIN script: a
// comparison never leaves more tries than there were, unless it was right.
func TestTearingPIN(t *testing.T) {
	req.Covers(t, "SPEC-RUNTIME-102", "SPEC-RUNTIME-103")
	stepwise(t, "pin", "F0696E6B616E430F01", "8030000006", func(command string, before, after, torn []byte) error {
		for _, i := range []int{0, 2} { // tries of PIN and of PUK
			if torn[i] != before[i] && torn[i] != after[i] && torn[i] != before[i]-1 {
				return fmt.Errorf("tries: before %d, after %d, torn %d", before[i], after[i], torn[i])
			}
			if torn[i+1] != 0 {
				return fmt.Errorf("validated after a power cut")
			}
		}
		return nil
	})
}
