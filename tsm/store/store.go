package store

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"inkan/core/tsmp"
	"inkan/server/store"
	"inkan/tsm/store/codec"
	"inkan/tsm/store/row"
)

// Options are what a store takes from outside.
type Options struct {
	Path string   // the folder
	FS   store.FS // nil: the disk
	// Now is the clock; safe for concurrent use. Required.
	Now func() time.Time
}

// Store is safe for concurrent use.
type Store struct {
	store   *store.Store
	options Options

	work work // of the step under way

	mutex   sync.Mutex
	tenants map[tsmp.PartyID]*Tenant
}

// Open opens a store, or makes it. One of an earlier schema is brought to this
// one first, which an interruption does not harm. Otherwise what Open reads does
// not depend on how much the store holds. Spec: SPEC-STORE-061, SPEC-STORE-080.
func Open(ctx context.Context, o Options) (*Store, error) {
	if o.Now == nil || o.Path == "" {
		return nil, errors.New("store: Options needs Path and Now")
	}
	if o.FS == nil {
		o.FS = store.Disk()
	}
	opened, err := store.Open(o.Path, o.FS)
	if err != nil {
		return nil, corrupt(err)
	}
	s := &Store{store: opened, options: o, tenants: map[tsmp.PartyID]*Tenant{}}
	if err = s.migrate(ctx); err == nil {
		err = s.load(ctx)
	}
	if err != nil {
		return nil, errors.Join(err, opened.Close())
	}
	return s, nil
}

// OpenMemory makes a store that is gone when it is closed.
func OpenMemory(now func() time.Time) (*Store, error) {
	return Open(context.Background(), Options{Path: "store", FS: store.Memory(), Now: now})
}

// Close ends the use of the store; no step may be under way.
func (s *Store) Close() error { return s.store.Close() }

// Metrics looks at the store from outside.
func (s *Store) Metrics() (store.Metrics, error) { return s.store.Metrics() }

// load finds the tenants and checks where their audit trails end.
func (s *Store) load(ctx context.Context) error {
	snapshot, err := s.store.Snapshot(ctx)
	if err != nil {
		return corrupt(err)
	}
	defer snapshot.Close()
	err = snapshot.ScanPrefix(sysKey(codeTenants, ""), func(key, value []byte) error {
		name := tsmp.PartyID(key[tenantLen+1:])
		n, ok := number(value)
		if !ok || n == 0 || !name.Valid() {
			return corruptf("tenant %q without a number", name)
		}
		t := s.newTenant(name, n)
		head, err := readHead(snapshot.Reader, t.prefix)
		switch {
		case err != nil:
			return err
		case head.Tenant != name:
			return corruptf("tenant %s has the head of %s", name, head.Tenant)
		}
		return checkHead(&Snapshot{snapshot: snapshot, prefix: t.prefix, ended: make(chan struct{})}, &head)
	})
	for i, t := range s.sorted() {
		if err == nil && !bytes.Equal(t.prefix, tenantPrefix(uint32(i+1))) {
			err = corruptf("tenant %s has the number of another, or a number is missing", t.name)
		}
	}
	return corrupt(err)
}

// Tenant is a carrier, MVNO or service provider whose rows are its own.
type Tenant struct {
	name   tsmp.PartyID
	prefix []byte
	store  *Store

	// head is the tenant's, as the last step has left it; next is that of the step
	// under way. Of steps, and of views that look between two.
	head, next *row.Head
	applied    func()
	floors     floors
	fronts     fronts

	calling sync.Mutex
	running map[tsmp.CallKey]tsmp.Digest // calls being executed
}

func (s *Store) newTenant(name tsmp.PartyID, number uint32) *Tenant {
	t := &Tenant{name: name, prefix: tenantPrefix(number), store: s, next: new(row.Head), running: map[tsmp.CallKey]tsmp.Digest{},
		floors: floors{watches: map[*watch]bool{}}, fronts: fronts{of: map[string]front{}}}
	t.applied = func() {
		t.head, t.next = t.next, t.head
		t.fronts.apply(s.work.fronts)
	}
	s.tenants[name] = t
	return t
}

// Name is the tenant's name.
func (t *Tenant) Name() tsmp.PartyID { return t.name }

// Tenant opens the part of a tenant, or makes it. Spec: SPEC-STORE-020.
func (s *Store) Tenant(ctx context.Context, name tsmp.PartyID) (*Tenant, error) {
	if !name.Valid() {
		return nil, fmt.Errorf("store: tenant %q: not a party's name", name)
	}
	if nested() {
		return nil, ErrNested
	}
	s.mutex.Lock()
	defer s.mutex.Unlock()
	if t := s.tenants[name]; t != nil {
		return t, nil
	}
	next := uint32(len(s.tenants) + 1)
	head, err := codec.Append(nil, &row.Head{Tenant: name})
	if err != nil {
		return nil, err
	}
	err = s.store.Update(ctx, func(tx *store.Tx) error {
		return errors.Join(tx.Put(sysKey(codeTenants, string(name)), tenantPrefix(next)), tx.Put(headKey(tenantPrefix(next)), head))
	})
	if err != nil {
		return nil, corrupt(err)
	}
	return s.newTenant(name, next), nil
}

// Tenants are the names of all tenants.
func (s *Store) Tenants() (names []tsmp.PartyID) {
	for _, t := range s.sorted() {
		names = append(names, t.name)
	}
	return names
}

// Step runs fn on the tenant's rows and makes what it wrote durable, all of it or,
// when fn fails, nothing; then Step returns fn's error. In both cases whatever fn
// has read is durable when Step returns. Steps run one after the other. ctx is
// looked at before the start only. fn must not wait for other steps or views:
// those that it begins itself are refused. A call that joins it by ctx has begun with it.
// Spec: SPEC-STORE-020, SPEC-STORE-021,
// SPEC-STORE-022.
func (t *Tenant) Step(ctx context.Context, fn func(*Tx) error) error {
	if nested() {
		return ErrNested
	}
	call := joiningOf(ctx, t)
	err := t.store.store.Update(ctx, func(inner *store.Tx) error {
		return t.step(inner, func(tx *Tx) error {
			if err := fn(tx); err != nil || call == nil {
				return err
			}
			return call.begin(tx, call.answer)
		})
	})
	switch {
	case call == nil:
	case err == nil:
		call.begun = true
	default:
		call.answer = nil
	}
	return corrupt(err)
}

func (t *Tenant) step(inner *store.Tx, fn func(*Tx) error) error {
	tx := &Tx{tx: inner, prefix: t.prefix, work: &t.store.work, tenant: t}
	tx.work.clear() // what the step before has found was of use until it was applied
	defer tx.finish()
	if t.head == nil {
		head, err := readHead(inner.Reader, t.prefix)
		if err != nil {
			return err
		}
		t.head = &head
	}
	tx.begin(t.head, t.store.options.Now())
	stepping.Add(1)
	defer stepping.Add(-1)
	if err := inStep(fn, tx); err != nil {
		return err
	}
	if err := tx.end(); err != nil {
		return err
	}
	t.floors.lower(&tx.work.came)
	*t.next = tx.head
	inner.Applied(t.applied)
	return nil
}

// View runs fn on a snapshot of the tenant's rows. Spec: SPEC-STORE-023.
func (t *Tenant) View(ctx context.Context, fn func(*Snapshot) error) error {
	if nested() {
		return ErrNested
	}
	w := t.watch()
	defer w.end()
	s := &Snapshot{prefix: t.prefix, watch: w, ended: make(chan struct{})}
	known := false
	inner, err := t.store.store.SnapshotAt(ctx, func() {
		if known = t.head != nil; known {
			s.head = *t.head
		}
	})
	if err != nil {
		return corrupt(err)
	}
	s.snapshot = inner
	defer inner.Close()
	defer close(s.ended)
	if !known {
		if s.head, err = readHead(inner.Reader, t.prefix); err != nil {
			return err
		}
	}
	return fn(s)
}
