package mno_test

import (
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
	resume  bool
	changed bool // another holder
	blocked bool
	off     bool
	queued  bool // erasure waits for a contact
}

// refusal is what a function is refused with; "": it is not.
func (o *oracle) refusal(f tsmp.Function, resume bool) tsmp.Code {
	if f == tsmp.TerminateService {
		if o.blocked && !o.changed && o.onCard() {
			return tsmp.CodeNoBearer
		}
		return ""
	}
	want := tsmp.ServiceDeployed
	switch {
	case f == tsmp.DeployService:
		want = tsmp.ServiceDeclared
	case f == tsmp.SuspendOrResumeService && resume:
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
func (o *oracle) begin(f tsmp.Function, resume bool) {
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
	o.action, o.resume = f, resume
}

// done is an action that the card has carried out.
func (o *oracle) done() {
	switch o.action {
	case tsmp.DeployService:
		o.state, o.domain = tsmp.ServiceDeployed, tsmp.DomainStart
	case tsmp.SuspendOrResumeService:
		if o.state = tsmp.ServiceSuspended; o.resume {
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

// TestMachine: whatever is asked in whatever order, and whatever the card and the
// contract do, the carrier says what the oracle says.
func TestMachine(t *testing.T) {
	req.Covers(t, "SPEC-MNO-TSM-013", "SPEC-MNO-TSM-053", "SPEC-MNO-TSM-054", "SPEC-TSM-PROTOCOL-091", "SPEC-TSM-PROTOCOL-092")
	rapid.Check(t, func(t *rapid.T) {
		w := newWorld(t)
		defer w.store.Close()
		c := w.customer(1)
		o := &oracle{state: tsmp.ServiceDeclared, domain: tsmp.DomainAbsent}
		ref := w.declare(c, 1, tsmp.ModelSimple)
		d := w.mno.Desk("shop")
		control, public := templates(gp.ScenarioKeyAgree)
		function := func(f tsmp.Function, resume bool, do func(sp tsmp.RemoteMNO) error) func(*rapid.T) {
			return func(t *rapid.T) {
				want := o.refusal(f, resume)
				err := do(w.as(spName))
				if got := codeOf(err); got != want || err != nil && got == "" {
					t.Fatalf("%s: %v, want %q; at %+v", f, err, want, o)
				}
				if err == nil {
					o.begin(f, resume)
				}
				w.run()
				if !o.off && !o.blocked && o.action != "" {
					o.done()
				}
			}
		}
		t.Repeat(map[string]func(*rapid.T){
			"deploy": function(tsmp.DeployService, false, func(sp tsmp.RemoteMNO) error {
				_, err := sp.DeployService(ctx, w.call(), deployment(ref, tsmp.ModelSimple, tsmp.BearerSMS))
				return err
			}),
			"lock": function(tsmp.SuspendOrResumeService, false, func(sp tsmp.RemoteMNO) error {
				_, err := sp.SuspendOrResumeService(ctx, w.call(), &tsmp.SuspendOrResumeServiceRequest{Reference: ref, Bearers: bySMS})
				return err
			}),
			"free": function(tsmp.SuspendOrResumeService, true, func(sp tsmp.RemoteMNO) error {
				_, err := sp.SuspendOrResumeService(ctx, w.call(), &tsmp.SuspendOrResumeServiceRequest{Reference: ref, Resume: true, Bearers: bySMS})
				return err
			}),
			"enrol": function(tsmp.EnrollSSDOwnerCertificate, false, func(sp tsmp.RemoteMNO) error {
				_, err := sp.EnrollSSDOwnerCertificate(ctx, w.call(), &tsmp.EnrollSSDOwnerCertificateRequest{Reference: ref, Control: control, PublicKey: public, Bearers: bySMS})
				return err
			}),
			"terminate": function(tsmp.TerminateService, false, func(sp tsmp.RemoteMNO) error {
				_, err := sp.TerminateService(ctx, w.call(), &tsmp.TerminateServiceRequest{Reference: ref, Bearers: bySMS})
				return err
			}),
			"off": func(*rapid.T) { o.off, w.off[c.iccid] = true, true },
			"wait": func(*rapid.T) {
				w.pass(25 * time.Hour)
				if o.action != "" {
					o.unreached()
				}
			},
			"on": func(*rapid.T) {
				o.off, w.off[c.iccid] = false, false
				w.pass(7 * time.Hour) // what is on its way is sent again
				if o.action != "" {
					o.done()
				}
				must(t, w.mno.Seen(ctx, c.iccid))
				w.run()
				if o.queued && !o.blocked {
					o.queued, o.state, o.domain = false, tsmp.ServiceTerminated, tsmp.DomainAbsent
				}
			},
			"holder": func(*rapid.T) {
				if o.action == "" { // what is under way ends: see TestRenewal
					must(t, d.ChangeHolder(ctx, c.id, "another", false, nil))
					o.changed, o.queued = true, false
				}
			},
			"": func(t *rapid.T) {
				s := w.state(ref)
				if s.State != o.state || s.Domain != o.domain || (s.Action != tsmp.CallID{}) != (o.action != "") {
					t.Fatalf("%v, %v, action %v; want %+v", s.State, s.Domain, s.Action, o)
				}
				if o.state == tsmp.ServiceTerminated && o.domain == tsmp.DomainAbsent && o.action == "" && len(c.card.registry) != 0 {
					t.Fatalf("on the card: %v", c.card.registry)
				}
				for i, n := range sequences(w.told[spName]) {
					if n != uint64(i+1) {
						t.Fatalf("notification %d has the number %d", i+1, n)
					}
				}
				w.check()
			},
		})
	})
}
