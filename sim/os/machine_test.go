package os

import (
	"errors"
	"maps"
	"slices"
	"testing"

	"inkan/core/gp"
	"inkan/core/iso7816"
	"inkan/core/scp"
	"inkan/spec/req"

	"pgregory.net/rapid"
)

// thing is what the oracle knows of an entry.
type thing struct {
	kind   gp.Kind
	state  gp.LifeCycle
	domain string // AID; "": the issuer's
}

// oracle is the registry as it has to be.
type oracle struct {
	t      *rapid.T
	tb     testing.TB
	card   *Card
	host   *scp.Secured
	things map[string]thing
}

var (
	oracleApps    = []gp.AID{gp.MustAID("F0696E6B616E430F01"), gp.MustAID("F0696E6B616E430F02"), gp.MustAID("F0696E6B616E430F03")}
	oracleDomains = []gp.AID{gp.MustAID("A0000001515350BB01"), gp.MustAID("A0000001515350BB02"), gp.MustAID("A0000001515350BB03")}
)

// send sends a command; ok is what the oracle expects.
func (o *oracle) send(cmd gp.Command, ok bool) {
	_, err := gp.Exchange(ctx, o.host, cmd, nil)
	if (err == nil) != ok {
		o.t.Fatalf("%T %+v: %v, expected success: %v\n%+v", cmd, cmd, err, ok, o.things)
	}
	var sw iso7816.SW
	if err != nil && !errors.As(err, &sw) {
		o.t.Fatal(err)
	}
}

func (o *oracle) name(all []gp.AID) gp.AID { return rapid.SampledFrom(all).Draw(o.t, "AID") }

func (o *oracle) any() gp.AID {
	return o.name(slices.Concat(oracleApps, oracleDomains, []gp.AID{pinPackage}))
}

func (o *oracle) has(aid gp.AID) bool { _, ok := o.things[aid.String()]; return ok }

// below tells whether an entry is in the tree under a domain.
func (o *oracle) below(aid, domain string) bool {
	for at := o.things[aid].domain; ; at = o.things[at].domain {
		if at == domain {
			return true
		}
		if at == "" {
			return false
		}
	}
}

func (o *oracle) load(*rapid.T) {
	free := !o.has(pinPackage)
	o.send(gp.Install{Purpose: gp.ForLoad, LoadFile: pinPackage}, free)
	if free {
		transfer(o.tb, o.host, &gp.LoadFile{Content: corpus(o.tb, "pin")}, iso7816.OK)
		o.things[pinPackage.String()] = thing{kind: gp.KindLoadFile, state: gp.Loaded}
	}
}

func (o *oracle) install(*rapid.T) {
	aid := o.name(oracleApps)
	ok := o.has(pinPackage) && !o.has(aid)
	o.send(gp.Install{Purpose: gp.ForInstallAndMakeSelectable, LoadFile: pinPackage, Module: pinModule, Application: aid, Parameters: []byte{0xC9, 0}}, ok)
	if ok {
		o.things[aid.String()] = thing{kind: gp.KindApplication, state: gp.Selectable}
	}
}

func (o *oracle) addDomain(*rapid.T) {
	aid := o.name(oracleDomains)
	ok := !o.has(aid)
	o.send(ssd(aid, 0), ok)
	if ok {
		o.things[aid.String()] = thing{kind: gp.KindSecurityDomain, state: gp.Selectable}
	}
}

func (o *oracle) extradite(*rapid.T) {
	what, to := o.any(), o.name(oracleDomains)
	target := o.things[to.String()]
	cycle := what == to || o.has(what) && o.has(to) && o.below(to.String(), what.String())
	ok := o.has(what) && o.has(to) && !cycle && !target.state.Locked()
	o.send(gp.Install{Purpose: gp.ForExtradition, SecurityDomain: to, Application: what}, ok)
	if ok {
		t := o.things[what.String()]
		t.domain = to.String()
		o.things[what.String()] = t
	}
}

func (o *oracle) lock(*rapid.T) {
	what, lock := o.any(), rapid.Bool().Draw(o.t, "lock")
	t, known := o.things[what.String()]
	state := gp.Selectable
	if lock {
		state = gp.Locked
	}
	ok := known && t.kind != gp.KindLoadFile && t.state.Locked() != lock
	o.send(gp.SetStatus{Scope: gp.ScopeApplication, State: state, AID: what}, ok)
	if ok {
		t.state = t.state.Unlock()
		if lock {
			t.state = t.state.Lock()
		}
		o.things[what.String()] = t
	}
}

func (o *oracle) remove(*rapid.T) {
	what, related := o.any(), rapid.Bool().Draw(o.t, "related")
	t, ok := o.things[what.String()]
	var gone []string
	for name, other := range o.things {
		if t.kind == gp.KindSecurityDomain && other.domain == what.String() {
			ok = false
		}
		if t.kind == gp.KindLoadFile && other.kind == gp.KindApplication {
			ok = ok && related
			gone = append(gone, name)
		}
	}
	o.send(gp.Delete{AID: what, Related: related}, ok)
	if ok {
		for _, name := range append(gone, what.String()) {
			delete(o.things, name)
		}
	}
}

func (o *oracle) reset(*rapid.T) {
	if _, err := o.card.Reset(ctx, rapid.Bool().Draw(o.t, "warm")); err != nil {
		o.t.Fatal(err)
	}
	o.host = open(o.tb, o.card, gp.AID{}, channelOf{level: rapid.SampledFrom([]scp.Level{1, 3, 0x33}).Draw(o.t, "level")})
}

// check compares the registry with GET STATUS.
func (o *oracle) check(*rapid.T) {
	got := map[string]thing{}
	for _, subset := range []gp.Subset{gp.SubsetApplications, gp.SubsetLoadFiles} {
		for name, e := range statusOf(o.tb, o.host, subset) {
			if e.AID == gp.AIDCASD || e.AID == gp.AIDSecurityDomainPackage {
				continue
			}
			t := thing{kind: e.Kind, state: e.LifeCycle, domain: e.SecurityDomain.String()}
			if e.SecurityDomain == gp.AIDIssuerSecurityDomain {
				t.domain = ""
			}
			if subset == gp.SubsetLoadFiles {
				t.kind = gp.KindLoadFile
			} else if t.kind = gp.KindApplication; e.Privileges.Has(gp.SecurityDomain) {
				t.kind = gp.KindSecurityDomain
			}
			got[name] = t
		}
	}
	if !maps.Equal(got, o.things) {
		o.t.Fatalf("registry %+v, want %+v", got, o.things)
	}
}

// TestRegistry manages content at random and compares the registry with an oracle
// after each step.
func TestRegistry(t *testing.T) {
	req.Covers(t, "SPEC-UICC-OS-003", "SPEC-UICC-OS-037", "SPEC-UICC-OS-047", "SPEC-UICC-OS-048", "SPEC-UICC-OS-063", "SPEC-UICC-OS-073")
	rapid.Check(t, func(r *rapid.T) {
		card := newCard(t, Config{})
		o := &oracle{t: r, tb: t, card: card, things: map[string]thing{}, host: open(t, card, gp.AID{}, channelOf{})}
		r.Repeat(map[string]func(*rapid.T){"load": o.load, "install": o.install, "domain": o.addDomain, "extradite": o.extradite,
			"lock": o.lock, "delete": o.remove, "reset": o.reset, "": o.check})
	})
}
