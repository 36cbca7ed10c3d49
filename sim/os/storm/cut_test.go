package storm_test

import (
	"fmt"
	"strings"
	"testing"

	"inkan/core/gp"
	"inkan/core/iso7816"
	"inkan/core/jpki"
	"inkan/core/jpki/perso"
	"inkan/core/keys"
	"inkan/core/scp"
	"inkan/core/scp/scp80"
	"inkan/core/scp/scp80/remote"
	"inkan/sim/clock"
	"inkan/sim/nvm"
	cardos "inkan/sim/os"
	"inkan/sim/runtime"
	"inkan/spec/req"
)

// Kinds of records that make up the registry: entries, card, keys, data objects.
// The others are counters, which rise in any case.
var registryKinds = []byte{0, 1, 2, 6}

// registry is what content management decides on a card.
func registry(card *cardos.Card) string {
	var b strings.Builder
	for _, kind := range registryKinds {
		card.Machine().EachRecord(runtime.FirstPlatformRecord+kind, func(id, data []byte) { fmt.Fprintf(&b, "%d %X: %X\n", kind, id, data) })
	}
	for _, p := range card.Machine().Packages() {
		fmt.Fprintf(&b, "package %X\n", p.Info().AID)
	}
	for _, a := range card.Applets() {
		fmt.Fprintf(&b, "applet %X\n", a.AID)
	}
	return b.String()
}

// revive boots a card on what a cut left.
func (r *rig) revive(flash *nvm.Flash) *cardos.Card {
	r.Helper()
	k := new(clock.Clock)
	card, err := r.boot(flash.ForkOn(k, nil), k, 0x01)
	if err != nil {
		r.Fatal(err)
	}
	if found := memory(card); found != "" {
		r.Fatal(found)
	}
	return card
}

// on is a rig on a memory whose updates it can be told of.
func on(t testing.TB, from func(*world) *nvm.Flash) (*rig, *nvm.Flash) {
	t.Helper()
	w, err := master()
	if err != nil {
		t.Fatal(err)
	}
	k := new(clock.Clock)
	flash := from(w).ForkOn(k, nil)
	card, err := w.boot(flash, k, 0x01)
	if err != nil {
		t.Fatal(err)
	}
	return &rig{t, w, card}, flash
}

// cuts runs something and gives what a power cut before each page update leaves.
func cuts(flash *nvm.Flash, run func()) (forks []*nvm.Flash) {
	flash.BeforeUpdate(func(uint32) { forks = append(forks, flash.ForkOn(new(clock.Clock), nil)) })
	run()
	flash.BeforeUpdate(nil)
	return forks
}

// managed is what the power is cut in: commands, and the domain that does them.
type managed struct {
	name     string
	commands [][]byte
}

// life is content management from a load to a deletion.
func (r *rig) life(seal func(*scp.KeySet, keys.Type, byte) gp.PutKey) []managed {
	second := gp.MustAID("F0696E6B616E430F02")
	fresh := gp.MustAID("A0000001515350BB01")
	file, err := (&gp.LoadFile{Content: corpusContent()}).Append(nil)
	if err != nil {
		r.Fatal(err)
	}
	load := encode(gp.Delete{AID: corpusPackage, Related: true}, gp.Install{Purpose: gp.ForLoad, LoadFile: corpusPackage})
	blocks, err := gp.LoadBlocks(file, 100)
	if err != nil {
		r.Fatal(err)
	}
	all := []managed{{"delete load file", load[:1]}, {"begin load", load[1:]}}
	for b := range blocks {
		all = append(all, managed{"load", encode(b)})
	}
	again := freshSets[0]
	again.Enc, again.MAC, again.DEK = secret("again/enc", 16), secret("again/mac", 16), secret("again/dek", 16)
	return append(all,
		managed{"install", encode(gp.Install{Purpose: gp.ForInstallAndMakeSelectable, LoadFile: corpusPackage, Module: corpusModule, Application: second, Parameters: []byte{0xC9, 0}})},
		managed{"install domain", encode(domainInstall(fresh, 0))},
		managed{"extradite and lock", encode(gp.Install{Purpose: gp.ForExtradition, SecurityDomain: fresh, Application: second},
			gp.SetStatus{Scope: gp.ScopeDomainAndContent, State: gp.Locked, AID: fresh}, gp.SetStatus{Scope: gp.ScopeApplication, State: gp.Selectable, AID: second})},
		managed{"new keys", encode(seal(&freshSets[0], keys.AES, 0))},
		managed{"replaced keys", encode(seal(&again, keys.AES, 0x31))},
		managed{"deleted keys", lines("80E4000003 D20131 00")},
		managed{"objects", encode(gp.StoreData{Last: true, Data: []byte{0x42, 2, 1, 2, 0x45, 1, 3}})},
		managed{"contactless", lines("80F001010B 4F09 F0696E6B616E430F02")},
		managed{"registry update", encode(gp.Install{Purpose: gp.ForRegistryUpdate, SecurityDomain: gp.AIDIssuerSecurityDomain, Application: second, Privileges: gp.GlobalRegistry, HasPrivileges: true})},
		managed{"delete", encode(gp.Delete{AID: second}, gp.Delete{AID: fresh})},
		managed{"lock card", lines("80F0807F00")[:1]})
}

// otaSeal enciphers keys under the key encryption key of the packets.
func (r *rig) otaSeal(set *scp.KeySet, kind keys.Type, replaced byte) gp.PutKey {
	r.Helper()
	var fields []gp.KeyField
	block, err := r.card.Engines().AES(r.ota.DEK)
	if err != nil {
		r.Fatal(err)
	}
	for _, value := range [][]byte{set.Enc, set.MAC, set.DEK} {
		k := gp.Key{Components: []gp.KeyValue{{Type: kind, Value: value}}}
		f, err := k.Seal(func(dst, src []byte) ([]byte, error) {
			out := make([]byte, len(src)) // one block: CBC with a zero initial value
			block.Encrypt(out, src)
			return append(dst, out...), nil
		}, gp.DEKBlockAES, true)
		if err != nil {
			r.Fatal(err)
		}
		fields = append(fields, f)
	}
	return gp.PutKey{KeyVersion: replaced, KeyID: 1, Multiple: true, NewKeyVersion: set.Version, Blocks: gp.AppendKeyFields(nil, fields)}
}

// sealScript makes a packet of commands.
func (r *rig) sealScript(s *server, commands [][]byte) ([]byte, scp80.Ticket) {
	r.Helper()
	var script remote.Script
	b := script.Begin(nil, remote.Definite)
	for _, c := range commands {
		b = script.Command(b, c)
	}
	packet, ticket, err := s.host.Seal(nil, scp80.TARIssuerSD, script.End(b))
	if err != nil {
		r.Fatal(err)
	}
	return packet, ticket
}

// TestTornPackets cuts the power at every page update of content management by
// secured packets: what a script did up to some command is there and nothing of the
// next, and a packet that did anything does nothing again.
func TestTornPackets(t *testing.T) {
	req.Covers(t, "SPEC-UICC-OS-003", "SPEC-UICC-OS-045", "SPEC-UICC-OS-060", "SPEC-UICC-OS-093", "SPEC-UICC-OS-095")
	r, flash := on(t, func(w *world) *nvm.Flash { return w.flash })
	s, err := newServer(&r.ota, scp80.AES, fullSPI)
	if err != nil {
		t.Fatal(err)
	}
	total, changed := 0, 0
	for _, step := range r.life(r.otaSeal) {
		start := registry(r.card)
		allowed := map[string]bool{start: true}
		packet, ticket := r.sealScript(s, step.commands)
		forks := cuts(flash, func() {
			out, err := r.card.Receive(packet)
			if err != nil || out.Status != scp80.StatusOK {
				t.Fatalf("%s: %+v, %v", step.name, out, err)
			}
			r.wantAll(step.name, s, ticket, out.Packet)
		})
		allowed[registry(r.card)] = true
		if len(step.commands) > 1 { // what the first commands alone make of it
			for n := 1; n < len(step.commands); n++ {
				card := r.revive(forks[0])
				own := *s
				part, _ := r.sealScript(&own, step.commands[:n])
				if _, err := card.Receive(part); err != nil {
					t.Fatal(err)
				}
				allowed[registry(card)] = true
			}
		}
		for i, fork := range forks {
			torn := r.revive(fork)
			got := registry(torn)
			if !allowed[got] {
				t.Fatalf("%s: cut %d of %d leaves\n%s\nbefore\n%s", step.name, i, len(forks), got, start)
			}
			out, err := torn.Receive(packet)
			if err != nil {
				t.Fatal(err)
			}
			if got != start {
				if changed++; out.Status != scp80.StatusCounterLow || registry(torn) != got {
					t.Fatalf("%s: cut %d of %d: the packet again: %v", step.name, i, len(forks), out.Status)
				}
			}
		}
		total += len(forks)
	}
	if changed == 0 {
		t.Error("no cut came behind a change")
	}
	t.Logf("%d cuts, %d behind a change", total, changed)
}

// wantAll wants 9000 for every command of a script.
func (r *rig) wantAll(name string, s *server, ticket scp80.Ticket, packet []byte) {
	r.Helper()
	data, _, err := s.host.Open(nil, ticket, packet)
	if err != nil {
		r.Fatalf("%s: %v", name, err)
	}
	e, err := remote.DecodeExpandedResponse(data)
	if err != nil {
		r.Fatalf("%s: %v", name, err)
	}
	for a := range e.Responses() {
		if a.SW != iso7816.OK {
			r.Fatalf("%s: %v", name, a.SW)
		}
	}
}

// TestTornConfidential cuts the power in confidential key set-up, where keys are
// made and where they replace others: all of the set is there or none.
func TestTornConfidential(t *testing.T) {
	req.Covers(t, "SPEC-UICC-OS-080", "SPEC-UICC-OS-085")
	r, flash := on(t, func(w *world) *nvm.Flash { return w.flash })
	i, err := newIssue(nil, nil, 7)
	if err != nil {
		t.Fatal(err)
	}
	data := lines("00A612 A610 90020301 95015C 800188 810110 830133 7F4949 7F4946 B041")[0]
	data = append(append(data, i.order.CAPoint[:]...), 0xF0, 1, 0)
	total := 0
	for range 2 {
		s := r.session(gp.AIDIssuerSecurityDomain, &r.issuer03, 0x33, 0)
		r.do(s, gp.Install{Purpose: gp.ForPersonalization, Application: delegatedDomain}, iso7816.OK)
		before := registry(r.card)
		forks := cuts(flash, func() {
			r.do(s, gp.StoreData{Last: true, Structure: gp.StructureDGI, MayRespond: true, Data: data}, iso7816.OK)
		})
		after := registry(r.card)
		if before == after || len(forks) < 4 {
			t.Fatalf("%d updates change nothing", len(forks))
		}
		for n, fork := range forks {
			if got := registry(r.revive(fork)); got != before && got != after {
				t.Fatalf("cut %d of %d leaves\n%s", n, len(forks), got)
			}
		}
		total += len(forks)
	}
	t.Logf("%d cuts", total)
}

// resumed is an issue on a card that lost its power: a new session, the same order.
func (r *rig) resumed(card *cardos.Card, old *issue) *issue {
	r.Helper()
	s, err := r.open(card, opening{aid: jpki.AIDProviderDomain, keys: &r.provider, level: 0x33, seed: 21})
	if err != nil {
		r.Fatal(err)
	}
	r.do(s, gp.Install{Purpose: gp.ForPersonalization, Application: jpki.AIDInstance}, iso7816.OK)
	i := *old
	i.card, i.transfer = card, &perso.Transfer{Card: s, More: true}
	return &i
}

// restEvery is after how many cuts the whole rest of an issue is done, and not the
// step alone that was cut.
const restEvery = 40

// goOn repeats the step that was cut, and what follows; an issue that is done has
// the application in use.
func (r *rig) goOn(torn *nvm.Flash, old *issue, steps []func(*issue) error, where string, whole bool) {
	r.Helper()
	card := r.revive(torn)
	again := r.resumed(card, old)
	for m, step := range steps {
		if err := step(again); err != nil {
			r.Fatalf("%s: %d steps on: %v", where, m, err)
		}
	}
	if !whole {
		return
	}
	r.do(card, jpki.SelectApplication{}, iso7816.OK)
	if status, err := jpki.ReadStatus(ctx, card); err != nil || status.Phase != jpki.Active {
		r.Fatalf("%s: %+v, %v", where, status, err)
	}
}

// TestTornIssue cuts the power at every page update of a personalisation through
// the provider's domain: whoever goes on with the step that was cut ends with an
// application in use.
func TestTornIssue(t *testing.T) {
	req.Covers(t, "SPEC-UICC-OS-066", "SPEC-PERSO-060")
	r, flash := on(t, func(w *world) *nvm.Flash { return w.blank })
	made, err := newIssue(r.card, nil, 9)
	if err != nil {
		t.Fatal(err)
	}
	i := r.resumed(r.card, made)
	steps := []func(*issue) error{(*issue).place, func(i *issue) error { return i.authority(jpki.Auth) }, func(i *issue) error { return i.content(jpki.Auth) },
		func(i *issue) error { return i.authority(jpki.Sign) }, func(i *issue) error { return i.content(jpki.Sign) }, (*issue).activate}
	total := 0
	for n, step := range steps {
		before := *i
		forks := cuts(flash, func() {
			if err := step(i); err != nil {
				t.Fatalf("step %d: %v", n, err)
			}
		})
		for cut, fork := range forks {
			rest := steps[n:]
			if cut%restEvery != 0 && cut != len(forks)-1 {
				rest = rest[:1]
			}
			r.goOn(fork, &before, rest, fmt.Sprintf("step %d, cut %d of %d", n, cut, len(forks)), len(rest) == len(steps)-n)
			total++
		}
	}
	t.Logf("%d cuts", total)
}
