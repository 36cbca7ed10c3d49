package overtheair

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"flag"
	"testing"

	"inkan/core/apdu"
	"inkan/core/entropy"
	"inkan/core/gp"
	"inkan/core/jpki"
	"inkan/core/scp/scp80/remote"
	"inkan/scenarios/personalise"
	"inkan/sim/clock"
	"inkan/sim/profile"
	"inkan/spec/req"
)

// every is which writes of the memory TestCutPersonalisation cuts: 1 is all of them.
var every = flag.Int("every", 4, "cut each n-th write of a personalisation over the air")

// installed is the memory of a card whose application waits for its order, and the
// counter of the server by then.
type installed struct {
	profile  *profile.Profile
	snapshot []byte
	counter  Memory
}

// waiting makes such a card's memory.
func waiting(t *testing.T, p *profile.Profile) *installed {
	t.Helper()
	w := &installed{profile: p}
	c, _, _ := demo(t, p)
	counter := Memory(100)
	_, err := Run(t.Context(), Config{Card: c, Seed: seed, Delivered: true, Counter: &counter, Progress: func(name string, done *Step) {
		if name == "ORDER" && done == nil && w.snapshot == nil {
			var b bytes.Buffer
			if err := c.Flash.Snapshot(&b); err != nil {
				t.Fatal(err)
			}
			w.snapshot, w.counter = b.Bytes(), counter
		}
	}})
	if err != nil || w.snapshot == nil {
		t.Fatalf("%d bytes, %v", len(w.snapshot), err)
	}
	return w
}

// attempt is one personalisation of a card that waits for it.
type attempt struct {
	card    *profile.Card
	clock   *clock.Clock
	link    *Link
	handset *Handset
	report  *personalise.Report
	from    uint64 // cycle at which it begins
}

// personalise does it over the air; begin is called before the first packet, step
// before each step.
func (w *installed) personalise(t *testing.T, delivered bool, begin func(*attempt), step func(*attempt, string)) *attempt {
	t.Helper()
	k := new(clock.Clock)
	c, err := profile.New(w.profile, profile.Parts{Number: 1, Entropy: entropy.Seeded(seed, "cut card"), Clock: k, Snapshot: w.snapshot})
	if err != nil {
		t.Fatal(err)
	}
	counter := w.counter
	r := &run{Config: Config{Card: c, Seed: seed, Delivered: delivered, Counter: &counter}}
	if err := r.connect(); err != nil {
		t.Fatal(err)
	}
	if err := r.network.Handset.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	config, err := r.configuration()
	if err != nil {
		t.Fatal(err)
	}
	config.LoadHash, config.LoadFile = sha256.Sum256(config.LoadFile), nil
	a := &attempt{card: c, clock: k, link: r.link, handset: r.network.Handset, from: k.Now()}
	config.Progress = func(name string, done *personalise.Step) {
		if done == nil && step != nil {
			step(a, name)
		}
	}
	begin(a)
	if a.report, err = personalise.Run(t.Context(), config); err != nil {
		names := ""
		for _, s := range a.report.Steps {
			names += " " + s.Name
		}
		t.Fatalf("%v after%s", err, names)
	}
	return a
}

// usesPlainly names the first step that does not go over the air.
const usesPlainly = "SELECT"

// TestCutPersonalisation cuts the power in each write of the card's memory that a
// personalisation over the air makes: it is the same in the end.
func TestCutPersonalisation(t *testing.T) {
	req.Covers(t, "SPEC-OTA-035", "SPEC-OTA-023", "SPEC-PERSO-082", "SPEC-PERSO-060")
	for _, name := range []string{"test", "akebono"} {
		w := waiting(t, profile.Named(name))
		var at []uint64
		over := false
		clean := w.personalise(t, true, func(a *attempt) {
			a.card.Flash.BeforeUpdate(func(uint32) {
				if !over {
					at = append(at, a.clock.Now()-a.from)
				}
			})
		}, func(_ *attempt, step string) { over = over || step == usesPlainly })
		if len(at) < 100 {
			t.Fatalf("%d writes", len(at))
		}
		stride := *every
		if testing.Short() {
			stride = 23
		}
		recovered := 0
		for i := 0; i < len(at); i += stride {
			a := w.personalise(t, true, func(a *attempt) { a.clock.CutAt(a.from + at[i] + 1) }, nil)
			if a.handset.Resets != 1 {
				t.Errorf("%s, write %d of %d: %d resets", name, i, len(at), a.handset.Resets)
			}
			recovered += a.link.Recoveries
			issued(t, clean, a)
		}
		if recovered == 0 {
			t.Errorf("%s: nothing had to be recovered", name)
		}
		t.Logf("%s: %d writes, every %d of them cut, %d recoveries", name, len(at), stride, recovered)
	}
}

// issued compares what two personalisations ended in.
func issued(t *testing.T, want, got *attempt) {
	t.Helper()
	if len(got.report.Issued) != len(want.report.Issued) {
		t.Fatalf("%d certificates, want %d", len(got.report.Issued), len(want.report.Issued))
	}
	for i := range want.report.Issued {
		a, b := &got.report.Issued[i], &want.report.Issued[i]
		if !bytes.Equal(a.Certificate, b.Certificate) || !bytes.Equal(a.Signature, b.Signature) {
			t.Error("another certificate or signature than without a cut")
		}
	}
}

// TestNaming: a sequence that begins again has the command in front that names the
// application, once.
func TestNaming(t *testing.T) {
	req.Covers(t, "SPEC-OTA-036")
	c := newCard(t, "test")
	l := linkTo(t, c, target(t, c.Profile), new(Memory), remote.Expanded)
	instructions := func(commands []apdu.Command) (all []byte) {
		for _, c := range commands {
			all = append(all, c.INS)
		}
		return all
	}
	first := decoded(t, gp.StoreData{Structure: gp.StructureDGI, Data: []byte{1}})
	second := decoded(t, gp.StoreData{Structure: gp.StructureDGI, Number: 1, Data: []byte{1}})
	check := func(what string, c *apdu.Command, want ...byte) {
		t.Helper()
		got, size := l.with(c)
		sum := 0
		for i := range got {
			sum += l.cfg.Format.CommandBytes(&got[i])
		}
		if !bytes.Equal(instructions(got), want) || size != sum {
			t.Errorf("%s: %X of %d bytes, want %X of %d", what, instructions(got), size, want, sum)
		}
	}
	check("no application is named", &first, gp.InsStoreData)
	if _, err := l.Transmit(t.Context(), command(t, gp.Install{Purpose: gp.ForPersonalization, Application: jpki.AIDInstance}), nil); err != nil {
		t.Fatal(err)
	}
	check("the command is held", &first, gp.InsStoreData)
	l.held = nil
	check("it was sent", &first, gp.InsInstall, gp.InsStoreData)
	check("it goes on", &second, gp.InsStoreData)
}

// boundary switches the card off before one of its commands, as a handset that loses
// its battery.
type boundary struct {
	apdu.Terminal
	left int // commands until then; negative: never
	seen int
}

var errBattery = errors.New("no power")

func (b *boundary) Transmit(ctx context.Context, cmd, dst []byte) ([]byte, error) {
	b.seen++
	if b.left--; b.left == -1 {
		if err := b.Terminal.PowerOff(); err != nil {
			return dst, err
		}
		return dst, errBattery
	}
	return b.Terminal.Transmit(ctx, cmd, dst)
}

// TestCutBetweenMessages cuts the power before each command that the handset sends in
// a personalisation over the air: between messages, and between a message and what
// the card has sent for it.
func TestCutBetweenMessages(t *testing.T) {
	req.Covers(t, "SPEC-OTA-011", "SPEC-OTA-035", "SPEC-PERSO-082")
	w := waiting(t, profile.Test())
	through := func(delivered bool, left int) (*attempt, *boundary) {
		b := &boundary{left: left}
		over := false
		a := w.personalise(t, delivered, func(a *attempt) {
			b.Terminal = a.handset.Card
			a.handset.Card = b
		}, func(a *attempt, step string) {
			if over = over || step == usesPlainly; over {
				a.handset.Card = b.Terminal
			}
		})
		return a, b
	}
	for _, delivered := range []bool{true, false} {
		clean, counted := through(delivered, -1)
		stride := 1
		if testing.Short() || !delivered {
			stride = 7
		}
		for i := 0; i < counted.seen; i += stride {
			a, _ := through(delivered, i)
			if a.handset.Resets != 1 {
				t.Errorf("command %d of %d: %d resets", i, counted.seen, a.handset.Resets)
			}
			if delivered {
				issued(t, clean, a)
			} else if len(a.report.Issued) != len(clean.report.Issued) {
				t.Errorf("%d certificates", len(a.report.Issued))
			}
		}
		t.Logf("key delivered %v: %d commands, every %d of them cut", delivered, counted.seen, stride)
	}
}
