package sp_test

import (
	"flag"
	"fmt"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"inkan/core/jpki/certificate"
	"inkan/core/tsmp"
	"inkan/spec/req"
	"inkan/tsm/sp"
	"inkan/tsm/store/row"
)

// Each run of the machine takes half a second: fewer of them where nobody asks for more
// with -rapid.checks.
func init() {
	if err := flag.Set("rapid.checks", "40"); err != nil {
		panic(err)
	}
}

// machine has three persons with six phones at two carriers do whatever they can, in
// any order, while parties are down, answers are lost and the process is killed.
type machine struct {
	w       *world
	holders []*holder
}

func (m *machine) any(t *rapid.T) *holder { return rapid.SampledFrom(m.holders).Draw(t, "holder") }

// tolerate lets refusals be: what holds is looked at afterwards.
func tolerate(t *rapid.T, err error) {
	if err != nil && refusalOf(err) == "" {
		t.Fatal(err)
	}
}

func (m *machine) apply(t *rapid.T) {
	h := m.any(t)
	purpose, about := tsmp.PurposeIssue, tsmp.PhoneID{}
	if other := m.any(t); other.card == h.card && other.phone != (tsmp.PhoneID{}) && other.se != h.se && rapid.Bool().Draw(t, "transfer") {
		purpose, about = tsmp.PurposeTransfer, other.phone
	}
	if err := h.begin(purpose, about); err != nil || !h.start.Eligible {
		tolerate(t, err)
		return
	}
	tolerate(t, h.submit(h.fields(purpose, about)))
}

func (m *machine) end(t *rapid.T) {
	h := m.any(t)
	if h.phone == (tsmp.PhoneID{}) {
		return
	}
	purpose := rapid.SampledFrom([]tsmp.Purpose{tsmp.PurposeRevocation, tsmp.PurposeSuspensionLift}).Draw(t, "purpose")
	phone := h.phone
	if err := h.begin(purpose, phone); err != nil {
		tolerate(t, err)
		return
	}
	tolerate(t, h.submit(h.fields(purpose, phone)))
}

func (m *machine) reset(t *rapid.T) {
	h := m.any(t)
	if h.phone == (tsmp.PhoneID{}) {
		return
	}
	if err := h.begin(tsmp.PurposePINReset, h.phone); err != nil {
		tolerate(t, err)
		return
	}
	m.w.settle()
	p := h.progress()
	if p.Order == nil {
		return
	}
	a := h.fields(tsmp.PurposePINReset, h.phone)
	a.Order.Hash, a.Order.Challenge = p.Order.Hash, p.Order.Challenge
	tolerate(t, h.submit(a))
}

func (m *machine) cancel(t *rapid.T) {
	h := m.any(t)
	if h.nonce == (tsmp.Nonce{}) {
		return
	}
	_, err := h.call(tsmp.CancelApplication, &tsmp.CancelApplicationRequest{Nonce: h.nonce})
	tolerate(t, err)
}

func (m *machine) event(t *rapid.T) {
	h := m.any(t)
	e := rapid.SampledFrom([]tsmp.PhoneEvent{tsmp.PhoneLost, tsmp.PhoneDisposed, tsmp.PhonePINSet}).Draw(t, "event")
	if h.phone != (tsmp.PhoneID{}) {
		_, err := h.call(tsmp.ReportEvent, &tsmp.ReportEventRequest{Phone: h.phone, Event: e})
		tolerate(t, err)
	}
}

// trouble turns something off or on again.
func (m *machine) trouble(t *rapid.T) {
	switch rapid.IntRange(0, 4).Draw(t, "trouble") {
	case 0:
		s := m.any(t).sim()
		s.off = !s.off
	case 1:
		c := m.any(t).carrier
		b := rapid.SampledFrom([]tsmp.Bearer{tsmp.BearerSMS, tsmp.BearerRelay}).Draw(t, "bearer")
		c.broken[b] = !c.broken[b]
	case 2:
		p := rapid.SampledFrom([]tsmp.PartyID{caName, mnoName, mvnName}).Draw(t, "party")
		m.w.down[p] = !m.w.down[p]
	case 3:
		n := rapid.IntRange(1, 9).Draw(t, "every")
		at := 0
		m.w.lose = func(tsmp.PartyID) bool { at++; return at%n == 0 && n > 1 }
	case 4:
		m.w.power.set(rapid.IntRange(1, 40).Draw(t, "kill"))
	}
}

func (m *machine) carrierEvent(t *rapid.T) {
	h := m.any(t)
	declared := false
	for _, d := range h.carrier.services {
		declared = declared || d.se == h.se
	}
	if !declared {
		return
	}
	s := rapid.SampledFrom([]tsmp.DeviceStatus{tsmp.DeviceLost, tsmp.DeviceInUse}).Draw(t, "status")
	h.carrier.notify(func(n tsmp.Notice) tsmp.Body {
		return &tsmp.HandleSEDeviceStatusChangeNotificationRequest{Notice: n, SE: h.se, Status: s}
	})
}

// authority has the authority hold what is active, or free what is held, on its own.
func (m *machine) authority(t *rapid.T) {
	h := m.any(t)
	p := m.w.ca.phones[h.phone]
	if p == nil || p.state != certificate.Active && p.state != certificate.Suspended {
		return
	}
	to := certificate.Active
	if p.state == to {
		to = certificate.Suspended
	}
	m.w.certify(m.w.decide(h.phone, to))
}

func (m *machine) steps(t *rapid.T) {
	for range rapid.IntRange(1, 12).Draw(t, "steps") {
		m.w.step()
	}
}

func (m *machine) wait(t *rapid.T) {
	m.w.pass(time.Duration(rapid.IntRange(1, 400).Draw(t, "minutes")) * time.Minute)
	for _, c := range m.w.carriers {
		c.run(true)
	}
}

// calm puts everything right and lets it come to an end.
func (m *machine) calm() {
	w := m.w
	w.down, w.lose = map[tsmp.PartyID]bool{}, nil
	w.power.set(0)
	for _, c := range w.carriers {
		c.broken = map[tsmp.Bearer]bool{}
		for _, s := range c.sims {
			s.off = false
		}
	}
	w.pass(4 * 24 * time.Hour)
}

// TestMachine: whatever happened, in the end there is one active certificate a person at
// most, each with its key, and no key, domain or order without one.
func TestMachine(t *testing.T) {
	req.Covers(t, "SPEC-SP-TSM-011", "SPEC-SP-TSM-030", "SPEC-SP-TSM-037", "SPEC-SP-TSM-050")
	rapid.Check(t, func(t *rapid.T) {
		m := &machine{w: newWorld(t)}
		for i := range 6 {
			m.holders = append(m.holders, m.w.holds(i%3, byte(i), []tsmp.PartyID{mnoName, mvnName}[i/3]))
		}
		model := rapid.SampledFrom([]tsmp.Model{tsmp.ModelSimple, tsmp.ModelDelegated, tsmp.ModelAuthorised}).Draw(t, "model")
		for _, c := range m.w.carriers {
			c.models = []tsmp.Model{model}
		}
		t.Repeat(map[string]func(*rapid.T){"apply": m.apply, "end": m.end, "reset": m.reset, "cancel": m.cancel, "event": m.event, "trouble": m.trouble,
			"carrier": m.carrierEvent, "authority": m.authority, "steps": m.steps, "wait": m.wait, "": func(t *rapid.T) { m.one(t) }})
		m.calm()
		m.one(t)
		m.final(t)
	})
}

// one is what holds at every moment.
func (m *machine) one(t *rapid.T) {
	for who, phones := range m.w.ca.active() {
		if len(phones) > 1 {
			t.Fatalf("person %v has %v active", who, phones)
		}
	}
}

// final compares authority, cards and store.
func (m *machine) final(t *rapid.T) {
	w := m.w
	w.check()
	on := map[tsmp.SEID]tsmp.PhoneID{}
	for id, p := range w.ca.phones {
		live := p.state == certificate.Active || p.state == certificate.Suspended
		if p.state == certificate.Pending || p.open && m.heard(id) {
			t.Fatalf("%v is still open: %+v", id, p)
		}
		if !live {
			continue
		}
		i, found, err := w.manager.Instance(ctx, id)
		if err != nil || !found || i.State != tsmp.ServiceDeployed || i.Busy != "" {
			t.Fatalf("live certificate of %v: %+v, %v\n%s", id, i, err, m.dump(i.SE))
		}
		on[i.SE] = id
	}
	for _, c := range w.carriers {
		for se, s := range c.sims {
			id, live := on[se]
			switch {
			case live && s.phase != map[certificate.State]string{certificate.Active: "active", certificate.Suspended: "suspended"}[w.ca.phones[id].state]:
				t.Fatalf("card %v: %+v, certificate %v\n%s", se, s, w.ca.phones[id].state, m.dump(se))
			case !live && (s.phase != "" || s.domain != "" || s.software):
				t.Fatalf("card %v has %+v and no certificate\n%s", se, s, m.dump(se))
			}
		}
	}
}

// heard reports whether the SP-TSM has ever had the authority's answer that names an
// instance: of another one the authority ends the application by itself in its time.
func (m *machine) heard(id tsmp.PhoneID) (yes bool) {
	for _, x := range m.w.ca.apps {
		if x.phone != id || !x.purpose.Issues() {
			continue
		}
		must(m.w.t, m.w.manager.Applications(ctx, func(p *sp.Progress) error {
			yes = yes || p.Nonce == x.signed.Nonce && p.Pseudonym != (tsmp.Pseudonym{})
			return nil
		}))
	}
	return yes
}

// dump is what the trail says about a SIM.
func (m *machine) dump(se tsmp.SEID) string {
	var b strings.Builder
	must(m.w.t, m.w.manager.Trail(ctx, 1, func(e *row.Entry) error {
		if e.Subject.SE == se {
			fmt.Fprintf(&b, "%s %s %q by %s, instance %v, workflow %v\n", e.At.Format(time.TimeOnly), e.Event, e.Refused, e.Actor, e.Subject.Service, e.Subject.Workflow)
		}
		return nil
	}))
	return b.String()
}
