package store_test

import (
	"context"
	"sync/atomic"
	"testing"
	"time"

	"github.com/cockroachdb/pebble/v2/vfs"

	"inkan/core/tsmp"
	"inkan/tsm/store"
	"inkan/tsm/store/row"
)

var ctx = context.Background()

var begin = time.Date(2026, 11, 28, 0, 0, 0, 0, time.UTC)

// clock goes on by a millisecond at each look.
type clock struct{ passed atomic.Int64 }

func (c *clock) now() time.Time {
	return begin.Add(time.Duration(c.passed.Add(int64(time.Millisecond))))
}

type fataler interface {
	Helper()
	Fatal(...any)
}

func open(t fataler, fs vfs.FS, c *clock) *store.Store {
	t.Helper()
	s, err := store.Open(ctx, store.Options{Path: "store", FS: fs, Now: c.now})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func tenantOf(t fataler, s *store.Store, name tsmp.PartyID) *store.Tenant {
	t.Helper()
	tenant, err := s.Tenant(ctx, name)
	if err != nil {
		t.Fatal(err)
	}
	return tenant
}

func id(b ...byte) (id [16]byte) {
	copy(id[:], b)
	return id
}

func aService(n byte) *row.Service {
	return &row.Service{Reference: id('s', n), Name: "jpki", Peer: "mno.example", SE: id('e', n%3+1), Subscriber: id('u', n),
		Phone: id('p', n), Model: tsmp.ModelDelegated, State: tsmp.ServiceDeclared, Domain: tsmp.DomainAbsent, Since: begin}
}

func aWorkflow(n byte) *row.Workflow {
	return &row.Workflow{ID: id('w', n), Kind: "download", Subject: id('s', n), State: row.WorkflowRunning, Begun: begin, Changed: begin,
		Next: begin.Add(time.Duration(n) * time.Minute), Deadline: begin.Add(24 * time.Hour)}
}

func aMessage(destination string, n byte) *row.Message {
	return &row.Message{Key: row.MessageKey{Destination: destination}, Call: id('c', n), Bytes: []byte("sealed"), At: begin, Next: begin, Deadline: begin.Add(time.Hour)}
}

func must(t fataler, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func check(t fataler, s *store.Store, anchors ...store.Anchor) store.Report {
	t.Helper()
	report, err := s.Check(ctx, anchors...)
	must(t, err)
	return report
}

func TestOneStep(t *testing.T) {
	s := open(t, vfs.NewMem(), new(clock))
	tenant := tenantOf(t, s, "sp.example")
	must(t, tenant.Step(ctx, func(tx *store.Tx) error {
		must(t, store.Services.Put(tx, aService(1)))
		must(t, store.Workflows.Put(tx, aWorkflow(1)))
		must(t, store.Enqueue(tx, aMessage("mno.example", 1)))
		return tx.Audit(store.Event{Event: "service-declared", Actor: "holder", Responsible: "SP-TSM", Subject: row.Subject{Service: id('s', 1)},
			Evidence: []store.Evidence{{Name: "request", Bytes: []byte("signed")}}})
	}))
	report := check(t, s)
	if r := report["sp.example"]; r.Rows["services"] != 1 || r.Entries != 1 || r.Evidence != 1 || r.Indexed != 8 {
		t.Errorf("%+v", r)
	}
	must(t, s.Close())
}

func newMem() *vfs.MemFS { return vfs.NewMem() }
