package registry

import (
	"context"
	"errors"
	"fmt"
	"sync/atomic"
	"time"

	"github.com/cockroachdb/pebble/v2/vfs"

	"inkan/ca/registry/record"
	"inkan/core/entropy"
	"inkan/core/jpki/certificate"
	"inkan/server/store"
)

// Config is what a registry takes from outside. Both are required.
type Config struct {
	Now     func() time.Time // safe for concurrent use
	Entropy entropy.Source   // of identifiers; used by one operation at a time
}

// Registry is safe for concurrent use.
type Registry struct {
	store  *store.Store
	config Config
	seen   atomic.Int64 // the registry's time as far as it is durable, in seconds
	head   record.Head  // as the last operation left it; for one operation at a time
}

// Schema is the version of the store's layout, which a store names.
const Schema = "inkan registry 2"

var (
	schemaKey = record.Meta.Key([]byte("schema"))
	headKey   = record.Meta.Key([]byte("head"))
	markerKey = record.Meta.Key([]byte("scrub"))
)

// ErrCorrupt is wrapped by every error that says that the store is not what the
// registry left there.
var ErrCorrupt = errors.New("registry: corrupt store")

// Open opens the registry in a folder of the disk, or makes it there.
func Open(folder string, config Config) (*Registry, error) {
	return OpenFS(folder, vfs.Default, config)
}

// OpenMemory makes a registry that is gone when it is closed.
func OpenMemory(config Config) (*Registry, error) {
	return OpenFS("registry", vfs.NewMem(), config)
}

// OpenFS is Open on any file system. What it reads does not depend on how much
// the registry holds. Spec: SPEC-CA-LIFECYCLE-074, SPEC-CA-LIFECYCLE-075.
func OpenFS(folder string, fs vfs.FS, config Config) (*Registry, error) {
	if config.Now == nil || config.Entropy == nil {
		return nil, errors.New("registry: Config needs Now and Entropy")
	}
	s, err := store.OpenGathering(folder, fs, gatherOn(fs))
	if err != nil {
		return nil, corrupt(err)
	}
	r := &Registry{store: s, config: config}
	if err := s.Update(context.Background(), r.start); err != nil {
		return nil, errors.Join(err, s.Close())
	}
	return r, nil
}

// gather is how long operations are gathered at least for one wait for the disk:
// not longer than many a disk's wait takes.
const gather = 500 * time.Microsecond

// gatherOn is gather on the disk; memory has nothing to wait for.
func gatherOn(fs vfs.FS) time.Duration {
	if fs == vfs.Default {
		return gather
	}
	return 0
}

// Close ends the use of the registry; no call may be under way.
func (r *Registry) Close() error { return r.store.Close() }

// start writes the schema into an empty store, or checks that it and the
// journal's end are there.
func (r *Registry) start(tx *store.Tx) error {
	schema, found, err := tx.Get(schemaKey, nil)
	if err != nil {
		return corrupt(err)
	}
	if !found {
		return r.found(tx)
	}
	if string(schema) != Schema {
		return fmt.Errorf("registry: store has schema %q, want %q", schema, Schema)
	}
	if r.head, err = (reader{Reader: tx.Reader}).head(); err != nil {
		return err
	}
	r.seen.Store(r.head.Time.Unix())
	return reader{Reader: tx.Reader}.checkHead(&r.head)
}

// found makes the first state of a registry. Spec: SPEC-CA-LIFECYCLE-002.
func (r *Registry) found(tx *store.Tx) error {
	empty := true
	if err := tx.Scan(nil, nil, func([]byte, []byte) error { empty = false; return errStop }); err != nil && !errors.Is(err, errStop) {
		return corrupt(err)
	}
	if !empty {
		return fmt.Errorf("%w: no schema, though the store is not empty", ErrCorrupt)
	}
	head := record.Head{Time: r.clock()}
	for _, a := range certificate.Authorities() {
		head.Next[a] = certificate.FirstSerial
	}
	r.head = head
	r.seen.Store(head.Time.Unix())
	return errors.Join(tx.Put(schemaKey, []byte(Schema)), tx.Put(headKey, record.Append(nil, &head)))
}

// corrupt marks an error as ErrCorrupt when the store's own checks say so.
func corrupt(err error) error {
	if store.Corrupt(err) && !errors.Is(err, ErrCorrupt) {
		return fmt.Errorf("%w: %w", ErrCorrupt, err)
	}
	return err
}

var errStop = errors.New("stop")

// clock is the time outside, in whole seconds.
func (r *Registry) clock() time.Time { return r.config.Now().UTC().Truncate(time.Second) }

// Now is the registry's time: the latest of the clock and of what the registry
// has seen. Spec: SPEC-CA-LIFECYCLE-001.
func (r *Registry) Now() time.Time {
	return later(r.clock(), time.Unix(r.seen.Load(), 0).UTC())
}

func later(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}
