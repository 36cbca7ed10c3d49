package world

import (
	"context"
	"strings"
	"testing"

	"inkan/ca/registry/record"
	"inkan/core/jpki/certificate"
	"inkan/sim/handset/uiapp"
	"inkan/spec/req"
)

// broken makes sure that an error speaks of a requirement.
func broken(t *testing.T, err error, want string) {
	t.Helper()
	if err == nil || !strings.Contains(err.Error(), want) {
		t.Errorf("%v, want %s", err, want)
	}
}

// changed is the registry with something changed on its way to whoever looks.
type changed struct {
	register
	certificate func(*record.Certificate)
	again       bool // each certificate twice
	evidence    func([]byte) ([]byte, bool)
}

func (c changed) EachCertificate(au certificate.Authority, from uint64, each func(*record.Certificate) error) error {
	return c.register.EachCertificate(au, from, func(one *record.Certificate) error {
		copied := *one
		if c.certificate != nil {
			c.certificate(&copied)
		}
		if err := each(&copied); err != nil || !c.again {
			return err
		}
		copied.Serial++
		return each(&copied)
	})
}

func (c changed) Evidence(h record.Hash) ([]byte, bool, error) {
	b, found, err := c.register.Evidence(h)
	if c.evidence != nil {
		b, found = c.evidence(b)
	}
	return b, found, err
}

func TestTwoCertificatesOrNoReceiptAreFound(t *testing.T) {
	req.Covers(t, "SPEC-WORKFLOW-001", "SPEC-WORKFLOW-002")
	w, _ := deployed(t)
	b, err := w.books(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer b.register.Close()
	if err := certificates(changed{register: b.register}, w.Now()); err != nil {
		t.Fatal(err)
	}
	broken(t, certificates(changed{register: b.register, again: true}, w.Now()), "SPEC-WORKFLOW-001")
	if err := certificates(changed{register: b.register, again: true, certificate: func(c *record.Certificate) { c.State = certificate.Revoked }}, w.Now()); err != nil {
		t.Errorf("two revoked ones: %v", err)
	}
	broken(t, certificates(changed{register: b.register, evidence: func([]byte) ([]byte, bool) { return nil, false }}, w.Now()), "SPEC-WORKFLOW-002")
	broken(t, certificates(changed{register: b.register, evidence: func(b []byte) ([]byte, bool) { return b[1:], true }}, w.Now()), "SPEC-WORKFLOW-002")
	broken(t, certificates(changed{register: b.register, certificate: func(c *record.Certificate) { c.Receipt = record.Hash{} }}, w.Now()), "SPEC-WORKFLOW-002")
}

// amnesia has a process forget what it has done since a moment.
func amnesia(t *testing.T, w *World, p *process, since disk) {
	t.Helper()
	p.kill()
	p.after = since
	if err := p.revive(t.Context()); err != nil {
		t.Fatal(err)
	}
}

// forgotten makes a world in which some processes know nothing of what is on a SIM.
func forgotten(t *testing.T, who func(*World) []*process) *World {
	t.Helper()
	w, _ := deployed(t)
	before := map[*process]disk{}
	for _, p := range who(w) {
		d, err := p.disk.crash()
		if err != nil {
			t.Fatal(err)
		}
		before[p] = d
	}
	newcomer(t, w, 2)
	for _, p := range who(w) {
		amnesia(t, w, p, before[p])
	}
	return w
}

func TestKeyWithoutCertificateIsFound(t *testing.T) {
	req.Covers(t, "SPEC-WORKFLOW-003")
	w := forgotten(t, func(w *World) []*process { return []*process{w.processes[CA]} })
	err := w.Invariants(t.Context())
	broken(t, err, "SPEC-WORKFLOW-003: SIM 2")
	if strings.Contains(err.Error(), "SIM 1") {
		t.Errorf("the other SIM, too: %v", err)
	}
}

// A revoked certificate whose key nobody erases is found, and one that is being erased
// is none.
func TestRevokedKeyIsFound(t *testing.T) {
	req.Covers(t, "SPEC-WORKFLOW-003")
	w, p := deployed(t)
	before, err := w.processes[SPTSM].disk.crash()
	if err != nil {
		t.Fatal(err)
	}
	if err := p.Stop(); err != nil {
		t.Fatal(err)
	}
	if err := w.CallDesk(t.Context(), p.Owner, [16]byte(p.App.Instance), RevokeIt); err != nil {
		t.Fatal(err)
	}
	if err := w.Pass(t.Context(), 3600e9); err != nil {
		t.Fatal(err)
	}
	if err := w.Invariants(t.Context()); err != nil {
		t.Errorf("under way: %v", err)
	}
	amnesia(t, w, w.processes[SPTSM], before)
	broken(t, w.Invariants(t.Context()), "SPEC-WORKFLOW-003: SIM 1")
}

func TestOrphanedDomainIsFound(t *testing.T) {
	req.Covers(t, "SPEC-WORKFLOW-004")
	w := forgotten(t, func(w *World) []*process { return []*process{w.Carriers["minato"].process} })
	broken(t, w.Invariants(t.Context()), "SPEC-WORKFLOW-004: SIM 2")
	w = forgotten(t, func(w *World) []*process { return []*process{w.processes[SPTSM]} })
	broken(t, w.Invariants(t.Context()), "SPEC-WORKFLOW-004: SIM 2")
}

// wrong is a server whose own check fails.
type wrong struct{ server }

func (wrong) check(context.Context) error { return context.DeadlineExceeded }

func TestFailedCheckIsFound(t *testing.T) {
	req.Covers(t, "SPEC-WORKFLOW-005")
	w, p := deployed(t)
	for _, process := range w.order {
		was := process.server
		process.server = wrong{was}
		broken(t, w.Check(t.Context()), string(process.party))
		process.server = was
	}
	if err := p.Enrol(t.Context(), uiapp.Dispose); err != nil {
		t.Error(err)
	}
	if err := w.Invariants(t.Context()); err != nil {
		t.Error(err)
	}
}
