package os

import (
	"bytes"
	"testing"

	"inkan/core/apdu"
	"inkan/core/gp"
	"inkan/core/iso7816"
	"inkan/core/keys"
	"inkan/core/scp"
	"inkan/sim/clock"
	"inkan/sim/engine"
	"inkan/sim/nvm"
	"inkan/spec/req"
)

// onFlash is a configuration on a memory of its own.
func onFlash(t testing.TB) (Config, *nvm.Flash) {
	t.Helper()
	k := new(clock.Clock)
	flash, err := nvm.NewFlash(engine.Reference().NVM, k, nil)
	if err != nil {
		t.Fatal(err)
	}
	return Config{Clock: k, Flash: flash}, flash
}

// revive boots a card on what a power cut left.
func revive(t testing.TB, flash *nvm.Flash) *Card {
	t.Helper()
	k := new(clock.Clock)
	return newCard(t, Config{Clock: k, Flash: flash.ForkOn(k, nil)})
}

// snapshot is what a card says of itself: registry and keys.
func snapshot(t testing.TB, card *Card) string {
	t.Helper()
	var b bytes.Buffer
	card.entries(func(e *entry) {
		e2 := card.reported(e)
		b.WriteString(e2.AID.String() + e2.LifeCycle.String() + e2.Privileges.String() + e2.SecurityDomain.String() + "\n")
		b.Write(e.hash)
		if e.isDomain() {
			for _, k := range card.keyList(e.own) {
				whole := card.key(e.own, k.version, k.id)
				b.WriteString(string([]byte{k.version, k.id}))
				for _, v := range whole.values {
					b.Write(v.Value)
				}
			}
		}
	})
	for _, p := range card.Machine().Packages() {
		b.Write(p.Info().AID)
	}
	for _, a := range card.Applets() {
		b.Write(a.AID)
		if _, ok := card.entry(aidOf(a.AID)); !ok {
			t.Error("an applet without an entry")
		}
	}
	for _, tag := range []uint32{0x42, 0x45} {
		v, _ := card.object(issuerID, tag)
		b.Write(v)
	}
	b.WriteByte(byte(card.state()))
	return b.String()
}

// TestTearing cuts the power at every page update of commands that change the
// card: the old state is there or the new one.
func TestTearing(t *testing.T) {
	req.Covers(t, "SPEC-UICC-OS-003", "SPEC-UICC-OS-045", "SPEC-UICC-OS-060", "SPEC-UICC-OS-144")
	cfg, flash := onFlash(t)
	card := newCard(t, cfg)
	first, second := keySet(0x31, 0x91), keySet(0x31, 0x13)
	host := func() *scp.Secured { return open(t, card, gp.AID{}, channelOf{}) }
	var secured *scp.Secured
	steps := []struct {
		name  string
		setup func()
		run   func()
		gone  [][]byte // keys that are not in the memory afterwards
	}{
		{"load", func() {
			secured = host()
			do(t, secured, gp.Install{Purpose: gp.ForLoad, LoadFile: pinPackage}, iso7816.OK)
		}, func() { transfer(t, secured, &gp.LoadFile{Content: corpus(t, "pin")}, iso7816.OK) }, nil},
		{"install", func() { secured = host() }, func() { installPIN(t, secured, pinModule) }, nil},
		{"domain", func() { secured = host() }, func() { do(t, secured, ssd(ssdAID, 0), iso7816.OK) }, nil},
		{"extradite", func() { secured = host() }, func() {
			do(t, secured, gp.Install{Purpose: gp.ForExtradition, SecurityDomain: ssdAID, Application: pinModule}, iso7816.OK)
		}, nil},
		{"put", func() { secured = open(t, card, ssdAID, channelOf{}) }, func() { putKeys(t, secured, keys.AES, 0, first, iso7816.OK) }, nil},
		{"replace", func() { secured = open(t, card, ssdAID, channelOf{keys: first}) }, func() { putKeys(t, secured, keys.AES, 0x31, second, iso7816.OK) },
			[][]byte{first.Enc, first.MAC, first.DEK}},
		{"store", func() { secured = host() }, func() {
			do(t, secured, gp.StoreData{Last: true, Data: unhex(t, "4203AABBCC4503DDEEFF")}, iso7816.OK)
		}, nil},
		{"lock", func() { secured = host() }, func() {
			do(t, secured, gp.SetStatus{Scope: gp.ScopeDomainAndContent, State: gp.Locked, AID: ssdAID}, iso7816.OK)
		}, nil},
		{"delete package", func() { secured = host() }, func() { do(t, secured, gp.Delete{AID: pinPackage, Related: true}, iso7816.OK) }, nil},
		{"load another under its AID", func() {
			secured = host()
			do(t, secured, gp.Install{Purpose: gp.ForLoad, LoadFile: pinPackage}, iso7816.OK)
		}, func() { transfer(t, secured, &gp.LoadFile{Content: another(t)}, iso7816.OK) }, nil},
		{"delete domain", func() { secured = host() }, func() { do(t, secured, gp.Delete{AID: ssdAID}, iso7816.OK) },
			[][]byte{second.Enc, second.MAC, second.DEK}},
	}
	cuts := 0
	for _, step := range steps {
		step.setup()
		before := snapshot(t, card)
		var forks []*nvm.Flash
		flash.BeforeUpdate(func(uint32) { forks = append(forks, flash.ForkOn(new(clock.Clock), nil)) })
		step.run()
		flash.BeforeUpdate(nil)
		after := snapshot(t, card)
		if before == after {
			t.Fatalf("%s changed nothing", step.name)
		}
		for i, fork := range forks {
			torn := revive(t, fork)
			got := snapshot(t, torn)
			if got != before && got != after {
				t.Fatalf("%s: cut %d of %d:\n%q\nbefore\n%q\nafter\n%q", step.name, i, len(forks), got, before, after)
			}
			if got == after {
				left(t, torn, step.name, i, step.gone)
			}
			cuts++
		}
		left(t, card, step.name, -1, step.gone)
	}
	t.Logf("%d cuts", cuts)
}

// another is the corpus package pin with another minor version.
func another(t testing.TB) []byte {
	t.Helper()
	b := corpus(t, "pin")
	magic := bytes.Index(b, []byte{0xDE, 0xCA, 0xFF, 0xED})
	b[magic+7] ^= 1 // behind magic, versions of the format and flags
	return b
}

func left(t *testing.T, card *Card, step string, cut int, gone [][]byte) {
	t.Helper()
	b := image(card)
	for _, key := range gone {
		if bytes.Contains(b, key) {
			t.Errorf("%s: cut %d: a key that is gone is in the memory", step, cut)
		}
	}
}

// TestTornFirstBoot cuts the power at every page update of a card's first boot.
func TestTornFirstBoot(t *testing.T) {
	req.Covers(t, "SPEC-UICC-OS-001", "SPEC-UICC-OS-002")
	cfg, flash := onFlash(t)
	var forks []*nvm.Flash
	flash.BeforeUpdate(func(uint32) { forks = append(forks, flash.ForkOn(new(clock.Clock), nil)) })
	card := newCard(t, cfg)
	flash.BeforeUpdate(nil)
	want := snapshot(t, card)
	for i, fork := range forks {
		torn := revive(t, fork)
		if got := snapshot(t, torn); got != want {
			t.Fatalf("cut %d of %d:\n%q\nwant\n%q", i, len(forks), got, want)
		}
		open(t, torn, gp.AID{}, channelOf{level: 0x33})
	}
	t.Logf("%d cuts", len(forks))
}

// TestTornAuthentication: a failure that was seen is a failure that counts.
func TestTornAuthentication(t *testing.T) {
	req.Covers(t, "SPEC-UICC-OS-022", "SPEC-UICC-OS-127")
	cfg, flash := onFlash(t)
	card := newCard(t, cfg)
	var forks []*nvm.Flash
	challenge := say(t, card, "8050300008000000000000000000", iso7816.OK)
	flash.BeforeUpdate(func(uint32) { forks = append(forks, flash.ForkOn(new(clock.Clock), nil)) })
	say(t, card, "8482010010"+"00000000000000000000000000000000", scp.ErrAuthentication)
	flash.BeforeUpdate(nil)
	if card.failures(issuerID) != 1 || len(forks) == 0 {
		t.Errorf("%d failures, %d updates", card.failures(issuerID), len(forks))
	}
	for _, fork := range forks {
		torn := revive(t, fork)
		if again := say(t, torn, "8050300008000000000000000000", iso7816.OK); bytes.Equal(again[:len(again)-3], challenge[:len(challenge)-3]) {
			t.Error("a pseudo-random challenge came twice")
		}
	}
}

var _ apdu.Card = (*Card)(nil)
