package jpki_test

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"testing"

	"inkan/core/apdu"
	vocabulary "inkan/core/jpki"
	"inkan/core/jpki/perso"
	"inkan/spec/req"
)

// watch looks for planted secrets in everything that the card sends.
type watch struct {
	testing.TB
	sent    [][]byte
	secrets map[string][]byte
}

// check looks for runs of 8 bytes of each secret, or all of a shorter one.
func (w *watch) check(where string) {
	w.Helper()
	runs := map[string]string{}
	for name, s := range w.secrets {
		for i := 0; i+8 <= len(s); i++ {
			runs[string(s[i:i+8])] = name
		}
	}
	for _, out := range w.sent {
		for i := 0; i+8 <= len(out); i++ {
			if name, ok := runs[string(out[i:i+8])]; ok {
				w.Errorf("%s: %s is in %X", where, name, out)
			}
		}
		for name, s := range w.secrets {
			if len(s) < 8 && bytes.Contains(out, s) {
				w.Errorf("%s: %s is in %X", where, name, out)
			}
		}
	}
	w.sent = nil
}

// prod sends commands of every kind, with parameters mostly near good ones.
func (r *rig) prod(random *rand.Rand, n int) {
	r.Helper()
	instructions := []byte{0xA4, 0xB0, 0xB0, 0xB0, 0x20, 0x24, 0x2C, 0x84, 0x2A, 0x44, 0x88, 0xCA, 0xCA, 0xCB, 0x50, 0x82, 0xE2, 0xC0}
	for range n {
		ins := instructions[random.IntN(len(instructions))]
		cmd := []byte{[]byte{0, 0, 0x80, 0x80, 0x84, 0x04}[random.IntN(6)], ins, byte(random.Uint32()), byte(random.Uint32())}
		switch ins {
		case 0xB0:
			cmd[2] = []byte{0x81, 0x82, 0x86, 0x88, 0x8A, 0x8B, 0x97, 0x98, 0x9A, 0x9B, 0, 1, 2, 5}[random.IntN(14)]
			cmd = append(cmd, byte(random.Uint32()))
		case 0xA4:
			cmd[2], cmd[3] = 2, 0x0C
			cmd = append(cmd, 2, 0, byte(random.IntN(0x1F)))
		case 0xCA:
			cmd[2], cmd[3] = 0xDF, byte(random.Uint32())
		case 0x20, 0x24, 0x2C, 0x2A, 0xE2:
			cmd[3] = []byte{0x80, 0x97, 0x98, 0x9A, 0x9B, 0}[random.IntN(6)]
			data := make([]byte, random.IntN(40))
			for i := range data {
				data[i] = byte(random.Uint32())
			}
			if len(data) > 0 && ins != 0x20 { // no try is to be lost
				cmd = append(append(cmd, byte(len(data))), data...)
			}
		}
		r.send(cmd)
	}
}

// TestSecrets plants keys, codes, PINs and certificates, asks the application
// for everything in every phase, and never finds them in a response before
// their condition holds.
func TestSecrets(t *testing.T) {
	req.Covers(t, "SPEC-JPKI-AP-090", "SPEC-PERSO-033", "SPEC-JPKI-AP-039", "SPEC-JPKI-AP-036")
	random := rand.New(rand.NewPCG(5, 6))
	a := newRig(t, options{parameters: cardForm + "820103"}).authority()
	w := &watch{TB: t, secrets: map[string][]byte{}}
	a.rig.sent = &w.sent
	for _, role := range roleList {
		w.secrets[fmt.Sprint(role, " code")] = []byte(codes[role])
		w.secrets[fmt.Sprint(role, " PIN")] = []byte(pins[role])
		w.secrets[fmt.Sprint(role, " certificate")] = certificate(role, false, a.size)
		w.secrets[fmt.Sprint(role, " CA certificate")] = certificate(role, true, 1200)
		items, err := perso.KeyItems(role, deliveredKeys()[role])
		if err != nil {
			t.Fatal(err)
		}
		for _, i := range items {
			w.secrets[fmt.Sprint(role, " key part ", i.Tag)] = i.Value
		}
		w.secrets[fmt.Sprint(role, " private exponent")] = deliveredKeys()[role].D.Bytes()
	}
	look := func(where string) {
		t.Helper()
		a.selectApplication()
		a.prod(random, 3000)
		w.check(where)
	}
	look("EMPTY")
	card := a.own(0x11) // responses are plain
	a.place(card, a.newOrder(vocabulary.PurposeIssue, vocabulary.OriginDelivered, vocabulary.Both, 1))
	a.fill(card)
	k := a.keysOf(card)
	w.secrets["Kenc"], w.secrets["Kmac"] = k.Enc[:], k.MAC[:]
	w.check("personalisation")
	look("ORDERED")
	a.activate(a.own(0x11))
	w.check("activation")
	for _, role := range roleList {
		delete(w.secrets, fmt.Sprint(role, " CA certificate")) // free from here on
	}
	look("ACTIVE, no PIN")
	a.setPINs()
	look("ACTIVE")
	a.selectApplication()
	a.want(verify(1, pins[1]), "9000")
	delete(w.secrets, "auth certificate")
	a.prod(random, 3000)
	w.check("auth PIN verified")
	a.do(a.own(0x11), groups().Suspend(a.order.ID))
	w.secrets["auth certificate"] = certificate(1, false, a.size)
	look("SUSPENDED")
	a.do(a.own(0x11), groups().Erase(a.order.ID))
	for _, role := range roleList {
		w.secrets[fmt.Sprint(role, " CA certificate")] = certificate(role, true, 1200)
	}
	look("EMPTY again")
}

// TestOverwritten looks into the memory, the card's journal included: what was
// erased is nowhere any more.
func TestOverwritten(t *testing.T) {
	req.Covers(t, "SPEC-PERSO-055", "SPEC-PERSO-061")
	a := issued(t, options{})
	secrets := map[string][]byte{"certificate": certificate(1, false, a.size), "CA certificate": certificate(1, true, 1200)}
	items, err := perso.KeyItems(1, deliveredKeys()[1])
	if err != nil {
		t.Fatal(err)
	}
	for _, i := range items {
		secrets[fmt.Sprint("key part ", i.Tag)] = i.Value
	}
	count := func(s []byte) int { return bytes.Count(a.memory(), s[16:48]) }
	for name, s := range secrets {
		if n := count(s); n != 1 {
			t.Errorf("%s is %d times in the memory", name, n)
		}
	}
	card := a.own(0x33)
	a.do(card, groups().Erase(a.order.ID))
	for name, s := range secrets {
		if n := count(s); n != 0 {
			t.Errorf("%s is %d times in the memory behind an erasure", name, n)
		}
	}
}

// memory is the card's non-volatile memory, all of it.
func (r *rig) memory() []byte {
	b := make([]byte, r.flash.Size())
	r.flash.Read(0, b)
	return b
}

// TestCodesOverwritten: a code that was used, and PINs and codes that were
// erased, are overwritten too.
func TestCodesOverwritten(t *testing.T) {
	req.Covers(t, "SPEC-JPKI-AP-062", "SPEC-PERSO-055")
	a := newRig(t, options{parameters: cardForm}).authority()
	card := a.own(0x33)
	there := func(want int, secrets ...string) {
		t.Helper()
		for _, s := range secrets {
			if got := bytes.Count(a.memory(), []byte(s)); got != want {
				t.Errorf("%q is %d times in the memory, want %d", s, got, want)
			}
		}
	}
	a.place(card, a.newOrder(vocabulary.PurposeIssue, vocabulary.OriginDelivered, vocabulary.Both, 1))
	a.fill(card)
	there(1, codes[1], codes[2])
	a.activate(card)
	a.want(resetRetry(1, codes[1], pins[1]), "9000")
	there(0, codes[1])
	a.want(resetRetry(2, codes[2], pins[2]), "9000")
	there(0, codes[2])
	there(1, pins[2])
	a.want(verify(2, pins[2]), "9000")
	a.want(change(2, "ANOTHERPIN01"), "9000")
	there(0, pins[2])
	a.place(card, a.newOrder(vocabulary.PurposePINReset, vocabulary.OriginNone, vocabulary.Sign, 2))
	c := a.session.Challenge()
	a.do(card, groups().Envelope(a.seal(perso.Item{Tag: perso.ItemChallenge, Value: c[:]},
		perso.Item{Tag: perso.ItemCode.For(2), Value: []byte(codes[2])})))
	there(1, codes[2], "ANOTHERPIN01")
	a.do(card, groups().Erase(perso.OrderID{}))
	there(0, codes[2], "ANOTHERPIN01")
}

// TestTornWrapKeys: an order that the power left has no wrap keys in the memory
// once the application was selected again.
func TestTornWrapKeys(t *testing.T) {
	req.Covers(t, "SPEC-PERSO-060", "SPEC-PERSO-024")
	a := newRig(t, options{}).authority()
	card := a.own(0x33)
	var k perso.Keys
	forks := a.cutsOf(func() {
		a.place(card, a.newOrder(vocabulary.PurposeIssue, vocabulary.OriginDelivered, vocabulary.Auth, 1))
	})
	k = a.keysOf(card)
	left := 0
	for n, flash := range forks {
		torn := boot(t, a.opt, flash)
		before := bytes.Count(torn.memory(), k.Enc[:])
		torn.selectApplication()
		after := bytes.Count(torn.memory(), k.Enc[:]) + bytes.Count(torn.memory(), k.MAC[:])
		ordered := torn.get("80CADF3000")[5] == 1
		if ordered != (after == 2) || !ordered && after != 0 {
			t.Errorf("cut %d: ordered %t, %d wrap keys", n, ordered, after)
		}
		if !ordered {
			left += before
		}
	}
	if left == 0 {
		t.Error("no cut left a wrap key")
	}
}

// TestWrapKeysErased looks for the wrap keys in the memory.
func TestWrapKeysErased(t *testing.T) {
	req.Covers(t, "SPEC-PERSO-051", "SPEC-PERSO-047", "SPEC-PERSO-055", "SPEC-PERSO-026")
	a := newRig(t, options{}).authority()
	card := a.own(0x33)
	var known []perso.Keys
	there := func(want ...int) {
		t.Helper()
		for i, k := range known {
			if got := bytes.Count(a.memory(), k.Enc[:]) + bytes.Count(a.memory(), k.MAC[:]); got != want[i] {
				t.Errorf("wrap keys of order %d are %d times in the memory, want %d", i, got, want[i])
			}
		}
	}
	place := func(purpose vocabulary.Purpose, origin vocabulary.Origin, counter uint32) {
		a.place(card, a.newOrder(purpose, origin, vocabulary.Auth, counter))
		known = append(known, a.keysOf(card))
	}
	place(vocabulary.PurposeIssue, vocabulary.OriginDelivered, 1)
	there(2)
	place(vocabulary.PurposeIssue, vocabulary.OriginDelivered, 2)
	there(0, 2)
	a.fill(card)
	a.activate(card)
	there(0, 0)
	place(vocabulary.PurposePINReset, vocabulary.OriginNone, 3)
	c := a.session.Challenge()
	a.do(card, groups().Envelope(a.seal(perso.Item{Tag: perso.ItemChallenge, Value: c[:]}, perso.Item{Tag: perso.ItemCode, Value: []byte(codes[1])})))
	there(0, 0, 0)
	place(vocabulary.PurposePINReset, vocabulary.OriginNone, 4)
	there(0, 0, 0, 2)
	a.do(card, groups().Erase(perso.OrderID{}))
	there(0, 0, 0, 0)
}

// FuzzGroups sends any bytes as data groups: the card answers, and what it
// answers is a status word of the specification.
func FuzzGroups(f *testing.F) {
	for _, seed := range []string{"B00900", "B00201 01", "B008 10 00000000000000000000000000000000", "B00322" + fmt.Sprintf("%068d", 1), "B00405 0130820001",
		"B0FF02 0000", "B001FF008A00", "B00900B00900B0"} {
		f.Add(unhex(f, seed), byte(7))
	}
	f.Fuzz(func(t *testing.T, payload []byte, size byte) {
		if len(payload) == 0 || len(payload) > 2000 {
			return
		}
		a := issued(t, options{})
		prodGroups(t, a, payload, int(size))
	})
}

func prodGroups(t *testing.T, a *authority, payload []byte, size int) {
	t.Helper()
	var card apdu.Card = a.own(0x13)
	size = max(1, size, len(payload)/250)
	for p2 := 0; len(payload) > 0 && p2 < 0x100; p2++ {
		n := min(size, len(payload), 200)
		_, sw := store(t, card, 0x08, byte(p2), payload[:n])
		payload = payload[n:]
		switch sw {
		case 0x9000:
			continue
		case 0x6982, 0x6985, 0x6988, 0x6A80, 0x6A84, 0x6A86, 0x6A88:
			return
		}
		t.Fatalf("status word %v", sw)
	}
}
