package jpki_test

import (
	"bytes"
	"crypto/rsa"
	"crypto/sha256"
	"math/rand/v2"
	"testing"

	"inkan/core/iso7816"
	vocabulary "inkan/core/jpki"
	"inkan/core/jpki/perso"
	"inkan/spec/req"
)

// TestTornReplacement cuts the power at every write of an envelope and of a CA
// certificate that replace others. Whoever activates then, without sending them
// again, is refused or gets the old content or the new, and never a mixture.
func TestTornReplacement(t *testing.T) {
	req.Covers(t, "SPEC-PERSO-046", "SPEC-PERSO-050", "SPEC-PERSO-060")
	a := newRig(t, options{}).authority()
	card := a.own(0x33)
	a.place(card, a.newOrder(vocabulary.PurposeIssue, vocabulary.OriginDelivered, vocabulary.Auth, 1))
	a.fill(card)
	other := rsaKey(rand.New(rand.NewPCG(77, 7)))
	parts, err := perso.KeyItems(1, other)
	if err != nil {
		t.Fatal(err)
	}
	envelope := a.seal(append(parts, perso.Item{Tag: perso.ItemCertificate, Value: certificate(1, false, 900)})...)
	forks := a.cutsOf(func() { a.do(card, groups().CACertificate(1, certificate(1, true, 700)).Envelope(envelope)) })
	keys := [2]*rsa.PublicKey{a.public[1], &other.PublicKey}
	certificates := [2][]byte{certificate(1, false, a.size), certificate(1, false, 900)}
	activated := 0
	for n, flash := range forks {
		b := *a
		b.rig = boot(t, a.opt, flash)
		answer, sw := b.try(b.own(0x33), groups().Activate(a.order.ID))
		switch sw {
		case iso7816.ConditionsNotSatisfied:
			continue
		case iso7816.OK:
		default:
			t.Fatalf("cut %d: %v", n, sw)
		}
		activated++
		b.setPINs()
		b.want(verify(1, pins[1]), "9000")
		which := 0
		if hash := sha256.Sum256(certificates[1]); bytes.Equal(answer[38:70], hash[:]) {
			which = 1
		}
		if hash := sha256.Sum256(certificates[which]); !bytes.Equal(answer[38:70], hash[:]) {
			t.Errorf("cut %d: the receipt is of no certificate that was sent", n)
		}
		if err := verifySignature(keys[which], 3, []byte("x"), b.get(sign(3, 1, []byte("x")))); err != nil {
			t.Errorf("cut %d: certificate %d, and its key: %v", n, which, err)
		}
		ca, err := vocabulary.ReadFile(ctx, b.card, vocabulary.EFAuthCACertificate, nil)
		if err != nil || len(ca) > 0 && !bytes.Equal(ca, certificate(1, true, 1200)) && !bytes.Equal(ca, certificate(1, true, 700)) {
			t.Errorf("cut %d: CA certificate of %d bytes, %v", n, len(ca), err)
		}
	}
	if activated == 0 || activated == len(forks) {
		t.Errorf("%d of %d cuts could be activated", activated, len(forks))
	}
	t.Logf("%d cuts, %d of them activated", len(forks), activated)
}

// TestTornPIN cuts the power at every write of the commands that set a PIN: it
// is the old one with the code pending, or the new one without, on both
// interfaces.
func TestTornPIN(t *testing.T) {
	req.Covers(t, "SPEC-JPKI-AP-062", "SPEC-JPKI-AP-060", "SPEC-JPKI-AP-091")
	a := issued(t, options{})
	card := a.own(0x33)
	a.place(card, a.newOrder(vocabulary.PurposePINReset, vocabulary.OriginNone, vocabulary.Auth, 6))
	c := a.session.Challenge()
	a.do(card, groups().Envelope(a.seal(perso.Item{Tag: perso.ItemChallenge, Value: c[:]}, perso.Item{Tag: perso.ItemCode, Value: []byte(codes[1])})))
	check := func(torn *rig, cut string, changed bool) {
		t.Helper()
		pin := map[bool]string{false: pins[1], true: "8080"}[changed]
		torn.selectApplication()
		torn.want(verify(1, pin), "9000")
		torn.want("80440100", "9000")
		torn.over(contactless)
		if _, sw := torn.send(unhex(t, verify(1, pin))); sw != iso7816.OK {
			t.Errorf("%s: over contactless %v", cut, sw)
		}
	}
	b := *a
	b.rig = a.again()
	b.selectApplication()
	counts := [2]int{}
	b.eachCut(resetRetry(1, codes[1], "8080"), func(torn *rig, _ bool) {
		torn.selectApplication()
		status := torn.get("80CADF3000")
		used := status[len(status)-1]&1 == 0
		check(torn, "RESET RETRY COUNTER", used)
		counts[map[bool]int{false: 0, true: 1}[used]]++
	})
	b.rig = a.again()
	b.selectApplication()
	b.want(verify(1, pins[1]), "9000")
	b.eachCut(change(1, "8080"), func(torn *rig, _ bool) {
		torn.selectApplication()
		_, sw := torn.copied().send(unhex(t, verify(1, "8080")))
		check(torn, "CHANGE REFERENCE DATA", sw == iso7816.OK)
		counts[map[bool]int{false: 0, true: 1}[sw == iso7816.OK]]++
	})
	if counts[0] < 2 || counts[1] < 2 {
		t.Errorf("old and new after cuts: %v", counts)
	}
}

// copied is another card with a copy of the memory, the application selected.
func (r *rig) copied() *rig {
	r.Helper()
	c := r.again()
	c.selectApplication()
	return c
}

// TestSmallTransactions runs a life on a card whose journal is small: what is
// long is in no transaction of the application's own. The card's own ones, which
// set or clear a key, need 700 bytes.
func TestSmallTransactions(t *testing.T) {
	a := newRig(t, options{journal: 900}).authority()
	if n := a.card.Machine().MaxCommitCapacity(); n > 800 {
		t.Fatalf("%d bytes of commit capacity", n)
	}
	for _, origin := range []vocabulary.Origin{vocabulary.OriginDelivered, vocabulary.OriginOnCard} {
		b := *a
		b.rig = a.again()
		for _, s := range life(origin) {
			s.run(&b, b.own(0x33))
		}
	}
}
