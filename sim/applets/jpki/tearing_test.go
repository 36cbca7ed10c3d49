package jpki_test

import (
	"math/rand/v2"
	"testing"

	"inkan/core/apdu"
	"inkan/core/iso7816"
	vocabulary "inkan/core/jpki"
	"inkan/core/jpki/perso"
	"inkan/sim/clock"
	"inkan/sim/nvm"
	"inkan/spec/req"
)

// cutsOf runs something and gives what a power cut before each of its page
// updates leaves, and at the end what stays without one.
func (r *rig) cutsOf(run func()) []*nvm.Flash {
	r.Helper()
	var forks []*nvm.Flash
	r.flash.BeforeUpdate(func(uint32) { forks = append(forks, r.flash.ForkOn(new(clock.Clock), nil)) })
	run()
	r.flash.BeforeUpdate(nil)
	return append(forks, r.flash.ForkOn(new(clock.Clock), nil))
}

// eachCut sends a command and gives a card for each cut; done is for the one
// that was cut behind the last write.
func (r *rig) eachCut(cmd string, check func(torn *rig, done bool)) {
	r.Helper()
	forks := r.cutsOf(func() { r.send(unhex(r, cmd)) })
	for i, flash := range forks {
		check(boot(r.TB, r.opt, flash), i == len(forks)-1)
	}
}

// step is one of the steps of a life. It runs inside a session of the
// application's own, and again on a card that lost its power within it.
type step struct {
	name string
	run  func(a *authority, card apdu.Card)
	// torn: what a cut may leave of the content beside before and after, since
	// the step replaces it.
	torn string
}

// once runs a command that can't be repeated, where it was not executed.
func once(command func(a *authority) string, executed func(a *authority) bool) func(*authority, apdu.Card) {
	return func(a *authority, _ apdu.Card) {
		a.Helper()
		if !executed(a) {
			a.want(command(a), "9000")
		}
	}
}

func (a *authority) flags() byte { a.Helper(); b := a.get("80CADF3000"); return b[len(b)-1] }

// life is an issue from the first order to the last erasure, with what can
// happen in between.
func life(origin vocabulary.Origin) []step {
	place := func(purpose vocabulary.Purpose, origin vocabulary.Origin, counter uint32) func(*authority, apdu.Card) {
		return func(a *authority, card apdu.Card) {
			a.place(card, a.newOrder(purpose, origin, vocabulary.Auth, counter))
		}
	}
	envelope := func(a *authority, card apdu.Card) { a.do(card, groups().Envelope(a.seal(a.items(1)...))) }
	steps := []step{
		{"first order", place(vocabulary.PurposeIssue, origin, 1), ""},
		{"content of it", func(a *authority, card apdu.Card) { a.do(card, groups().Envelope(a.seal(a.items(1)[1:3]...))) }, ""},
		{"another order", place(vocabulary.PurposeIssue, origin, 2), ""},
		{"CA certificate", func(a *authority, card apdu.Card) {
			a.do(card, groups().CACertificate(1, certificate(1, true, 1200)))
		}, ""},
		{"envelope", envelope, "some"},
		{"envelope again", envelope, "some"},
		{"activation", func(a *authority, card apdu.Card) { a.activate(card) }, ""},
		{"first PIN", once(func(*authority) string { return resetRetry(1, codes[1], pins[1]) },
			func(a *authority) bool { return a.flags()&4 != 0 }), ""},
		{"change of PIN", func(a *authority, _ apdu.Card) {
			if a.try1(pins[1]) {
				a.want(change(1, "7777"), "9000")
			}
		}, ""},
		{"change back", func(a *authority, _ apdu.Card) {
			if a.try1("7777") {
				a.want(change(1, pins[1]), "9000")
			}
		}, ""},
		{"suspension", func(a *authority, card apdu.Card) { a.do(card, groups().Suspend(a.issueID())) }, ""},
		{"resumption", func(a *authority, card apdu.Card) { a.do(card, groups().Resume(a.issueID())) }, ""},
		{"reset order", place(vocabulary.PurposePINReset, vocabulary.OriginNone, 3), ""},
		{"reset envelope", func(a *authority, card apdu.Card) {
			c := a.session.Challenge()
			a.do(card, groups().Envelope(a.seal(perso.Item{Tag: perso.ItemChallenge, Value: c[:]}, perso.Item{Tag: perso.ItemCode, Value: []byte(codes[1])})))
		}, ""},
		{"reset PIN", once(func(*authority) string { return resetRetry(1, codes[1], pins[1]) },
			func(a *authority) bool { return a.flags()&1 == 0 }), ""},
		{"use", func(a *authority, _ apdu.Card) { a.order.Roles = vocabulary.Auth; a.working() }, ""},
		{"erasure", func(a *authority, card apdu.Card) { a.do(card, groups().Erase(a.issueID())) }, ""},
	}
	if origin == vocabulary.OriginOnCard {
		generate := step{"key", func(a *authority, card apdu.Card) { a.generate(card, 1) }, ""}
		steps = append(steps[:3:3], append([]step{generate}, steps[3:]...)...)
	}
	return steps
}

// try1 tells whether a PIN is the one that is set, without a try being lost.
func (a *authority) try1(pin string) bool {
	a.Helper()
	_, sw := a.send(unhex(a, verify(1, pin)))
	return sw == iso7816.OK
}

// issueID is the issue's, also while a reset is under way.
func (a *authority) issueID() perso.OrderID {
	a.Helper()
	return a.newOrder(vocabulary.PurposeIssue, vocabulary.OriginDelivered, 1, 2).ID
}

// seen is what a host can see of the state: DF30 and statement 09.
func (r *rig) seen() string {
	r.Helper()
	card := r.own(0x33)
	return fmtHex(r.get("80CADF3000")) + " " + fmtHex(r.do(card, groups().State()))
}

// survives checks what a cut of a step left, does the step again, and lives on
// to the end.
func survives(t *testing.T, before *authority, steps []step, i int, torn *rig, states [2]string) {
	t.Helper()
	b := *before
	b.rig = torn
	left := b.seen()
	if left != states[0] && left != states[1] && steps[i].torn == "" {
		t.Fatalf("%s:\nbefore %s\nafter  %s\nleft   %s", steps[i].name, states[0], states[1], left)
	}
	if left[:44] != states[0][:44] && left[:44] != states[1][:44] {
		t.Fatalf("%s: left %s", steps[i].name, left)
	}
	steps[i].run(&b, b.own(0x33))
	if again := b.seen(); again != states[1] {
		t.Fatalf("%s, again:\nwant %s\ngot  %s", steps[i].name, states[1], again)
	}
	for _, s := range steps[i+1:] {
		s.run(&b, b.own(0x33))
	}
}

// TestTearing cuts the power at every write of every step of a life. On the
// card that is left, the state is the one before or the one after; the same
// step again, in a new session, gives the one after; and life goes on.
func TestTearing(t *testing.T) {
	req.Covers(t, "SPEC-PERSO-060", "SPEC-PERSO-024", "SPEC-PERSO-046", "SPEC-PERSO-051", "SPEC-PERSO-047", "SPEC-PERSO-055",
		"SPEC-JPKI-AP-091", "SPEC-JPKI-AP-062")
	for _, origin := range []vocabulary.Origin{vocabulary.OriginDelivered, vocabulary.OriginOnCard} {
		t.Run(origin.String(), func(t *testing.T) {
			steps := life(origin)
			a := newRig(t, options{}).authority()
			cuts, tried := 0, 0
			for i, s := range steps {
				before := *a
				state := a.again().seen()
				card := a.own(0x33)
				forks := a.cutsOf(func() { s.run(a, card) })
				states := [2]string{state, a.again().seen()}
				every := 1
				if origin == vocabulary.OriginOnCard && i < 4 {
					every = 4 // what comes behind makes keys
				}
				for n, flash := range forks {
					if cuts++; n%every == 0 || n >= len(forks)-2 {
						tried++
						survives(t, &before, steps, i, boot(t, a.opt, flash), states)
					}
				}
			}
			t.Logf("%d cuts, %d of them tried", cuts, tried)
		})
	}
}

// TestCutCycles cuts the power at any cycle, which is also within a page update
// and within a computation.
func TestCutCycles(t *testing.T) {
	req.Covers(t, "SPEC-PERSO-060", "SPEC-JPKI-AP-091")
	random := rand.New(rand.NewPCG(3, 4))
	steps := life(vocabulary.OriginDelivered)
	a := newRig(t, options{}).authority()
	for i, s := range steps {
		before := *a
		base := a.again()
		state := a.again().seen()
		whole := *a
		whole.rig = base
		card := whole.own(0x33)
		start := base.clock.Now()
		s.run(&whole, card)
		length := base.clock.Now() - start
		states := [2]string{state, whole.again().seen()}
		for range 12 {
			b := before
			b.rig = boot(t, a.opt, a.flash)
			card := b.own(0x33)
			b.clock.CutAt(b.clock.Now() + 1 + random.Uint64N(length))
			cutShort(&b, card, s)
			torn := boot(t, a.opt, b.flash)
			survives(t, &before, steps, i, torn, states)
		}
		a = &whole
	}
}

// cutShort runs a step that the power may leave.
func cutShort(b *authority, card apdu.Card, s step) {
	b.TB = quiet{b.TB}
	defer func() {
		if e := recover(); e != nil && e != errCut {
			panic(e)
		}
	}()
	s.run(b, card)
}
