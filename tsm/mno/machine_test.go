package mno_test

import (
	"maps"
	"testing"
	"time"

	"pgregory.net/rapid"

	"inkan/core/gp"
	"inkan/core/tsmp"
	"inkan/spec/req"
)

// oracle is one service instance on one SIM, as the tables of spec/MNO-TSM.md have it.
type oracle struct {
	state   tsmp.ServiceState
	domain  tsmp.DomainState
	action  tsmp.Function // under way; "": none
	variant bool          // of the action: a resumption, a deployment with an owner
	changed bool          // another holder
	blocked bool
	off     bool
	queued  bool // erasure waits for a contact
}

// refusal is what a function is refused with; "": it is not.
func (o *oracle) refusal(f tsmp.Function, variant bool) tsmp.Code {
	if f == tsmp.TerminateService {
		if o.blocked && o.onCard() {
			return tsmp.CodeNoBearer
		}
		return ""
	}
	want := tsmp.ServiceDeployed
	switch {
	case f == tsmp.DeployService:
		want = tsmp.ServiceDeclared
	case f == tsmp.SuspendOrResumeService && variant:
		want = tsmp.ServiceSuspended
	}
	switch {
	case o.action != "":
		return tsmp.CodeActionInProgress
	case o.state != want:
		return tsmp.CodeWrongState
	case o.changed:
		return tsmp.CodeSubscriberChanged
	case o.blocked:
		return tsmp.CodeNoBearer
	}
	return ""
}

// onCard reports whether something may be on the card.
func (o *oracle) onCard() bool {
	return o.state != tsmp.ServiceDeclared && o.state != tsmp.ServiceTerminated
}

// begin is a function that was accepted.
func (o *oracle) begin(f tsmp.Function, variant bool) {
	if f == tsmp.TerminateService {
		o.queued = false
		if o.action == tsmp.DeployService { // cancelled: something may have arrived
			o.state, o.domain = tsmp.ServiceFailed, tsmp.DomainStart
		}
		if !o.onCard() {
			o.state, o.domain, o.action = tsmp.ServiceTerminated, tsmp.DomainAbsent, ""
			return
		}
		o.state = tsmp.ServiceTerminating
	}
	if f == tsmp.DeployService {
		o.state = tsmp.ServiceDeploying
	}
	o.action, o.variant = f, variant
}

// done is an action that the card has carried out.
func (o *oracle) done() {
	switch o.action {
	case tsmp.DeployService:
		if o.state, o.domain = tsmp.ServiceDeployed, tsmp.DomainStart; o.variant {
			o.domain = tsmp.DomainEnrolled
		}
	case tsmp.SuspendOrResumeService:
		if o.state = tsmp.ServiceSuspended; o.variant {
			o.state = tsmp.ServiceDeployed
		}
	case tsmp.EnrollSSDOwnerCertificate:
		o.domain = tsmp.DomainEnrolled
	case tsmp.TerminateService:
		o.state, o.domain = tsmp.ServiceTerminated, tsmp.DomainAbsent
	}
	o.action = ""
}

// unreached is an action whose time is over.
func (o *oracle) unreached() {
	switch o.action {
	case tsmp.DeployService:
		o.state, o.domain = tsmp.ServiceFailed, tsmp.DomainStart
	case tsmp.TerminateService:
		o.queued = true
	}
	o.action = ""
}

// machine is a world and its oracle.
type machine struct {
	*world
	*oracle
	c   customer
	ref tsmp.ServiceReference
}

// function is an action that does what the oracle says.
func (m *machine) function(f tsmp.Function, variant bool, do func(sp tsmp.RemoteMNO) error) func(*rapid.T) {
	return func(t *rapid.T) {
		want := m.refusal(f, variant)
		err := do(m.as(spName))
		if got := codeOf(err); got != want || err != nil && got == "" {
			t.Fatalf("%s: %v, want %q; at %+v", f, err, want, m.oracle)
		}
		if err == nil {
			m.begin(f, variant)
		}
		m.run()
		if !m.oracle.off && !m.blocked && m.action != "" {
			m.done()
		}
	}
}

// functions are those of an SP-TSM.
func (m *machine) functions() map[string]func(*rapid.T) {
	control, public := templates(gp.ScenarioKeyAgree)
	lock := func(resume bool) func(sp tsmp.RemoteMNO) error {
		return func(sp tsmp.RemoteMNO) error {
			_, err := sp.SuspendOrResumeService(ctx, m.call(), &tsmp.SuspendOrResumeServiceRequest{Reference: m.ref, Resume: resume, Bearers: bySMS})
			return err
		}
	}
	return map[string]func(*rapid.T){
		"deploy": m.function(tsmp.DeployService, false, func(sp tsmp.RemoteMNO) error {
			_, err := sp.DeployService(ctx, m.call(), deployment(m.ref, tsmp.ModelSimple, tsmp.BearerSMS))
			return err
		}),
		"deploy and agree": m.function(tsmp.DeployService, true, func(sp tsmp.RemoteMNO) error {
			_, err := sp.DeployService(ctx, m.call(), owned(deployment(m.ref, tsmp.ModelSimple, tsmp.BearerSMS)))
			return err
		}),
		"lock": m.function(tsmp.SuspendOrResumeService, false, lock(false)),
		"free": m.function(tsmp.SuspendOrResumeService, true, lock(true)),
		"enrol": m.function(tsmp.EnrollSSDOwnerCertificate, false, func(sp tsmp.RemoteMNO) error {
			_, err := sp.EnrollSSDOwnerCertificate(ctx, m.call(), &tsmp.EnrollSSDOwnerCertificateRequest{Reference: m.ref, Control: control, PublicKey: public, Bearers: bySMS})
			return err
		}),
		"terminate": m.function(tsmp.TerminateService, false, func(sp tsmp.RemoteMNO) error {
			_, err := sp.TerminateService(ctx, m.call(), &tsmp.TerminateServiceRequest{Reference: m.ref, Bearers: bySMS})
			return err
		}),
	}
}

// events are those of card, time and contract.
func (m *machine) events() map[string]func(*rapid.T) {
	return map[string]func(*rapid.T){
		"off": func(*rapid.T) { m.oracle.off, m.world.off[m.c.iccid] = true, true },
		"wait": func(*rapid.T) {
			m.pass(25 * time.Hour)
			if m.action != "" {
				m.unreached()
			}
		},
		"on": func(t *rapid.T) {
			m.oracle.off, m.world.off[m.c.iccid] = false, false
			m.pass(7 * time.Hour) // what is on its way is sent again
			if m.action != "" && !m.blocked {
				m.done()
			}
			must(t, m.mno.Seen(ctx, m.c.iccid))
			m.run()
			if m.queued && !m.blocked {
				m.queued, m.oracle.state, m.domain = false, tsmp.ServiceTerminated, tsmp.DomainAbsent
			}
		},
		"block": func(t *rapid.T) {
			if m.action != "" { // what left before may arrive
				return
			}
			d := m.mno.Desk("shop")
			if m.blocked = !m.blocked; m.blocked {
				must(t, d.BlockSIM(ctx, m.c.se))
			} else {
				must(t, d.FreeSIM(ctx, m.c.se))
			}
		},
		"holder": func(t *rapid.T) {
			if m.action == "" { // what is under way ends: see TestRenewal
				must(t, m.mno.Desk("shop").ChangeHolder(ctx, m.c.id, "another", false, nil))
				m.changed, m.queued = true, false
			}
		},
	}
}

// agree compares world and oracle.
func (m *machine) agree(t *rapid.T) {
	s := m.world.state(m.ref)
	if s.State != m.oracle.state || s.Domain != m.domain || (s.Action != tsmp.CallID{}) != (m.action != "") {
		t.Fatalf("%v, %v, action %v; want %+v", s.State, s.Domain, s.Action, m.oracle)
	}
	if m.oracle.state == tsmp.ServiceTerminated && len(m.c.card.registry) != 0 {
		t.Fatalf("on the card: %v", m.c.card.registry)
	}
	for i, n := range sequences(m.told[spName]) {
		if n != uint64(i+1) {
			t.Fatalf("notification %d has the number %d", i+1, n)
		}
	}
	m.check()
}

// TestMachine: whatever is asked in whatever order, and whatever the card and the
// contract do, the carrier says what the oracle says.
func TestMachine(t *testing.T) {
	req.Covers(t, "SPEC-MNO-TSM-013", "SPEC-MNO-TSM-053", "SPEC-MNO-TSM-054", "SPEC-TSM-PROTOCOL-091", "SPEC-TSM-PROTOCOL-092")
	rapid.Check(t, func(t *rapid.T) {
		w := newWorld(t)
		defer w.store.Close()
		m := &machine{world: w, oracle: &oracle{state: tsmp.ServiceDeclared, domain: tsmp.DomainAbsent}, c: w.customer(1)}
		m.ref = w.declare(m.c, 1, tsmp.ModelSimple)
		actions := m.functions()
		maps.Copy(actions, m.events())
		actions[""] = m.agree
		t.Repeat(actions)
	})
}
