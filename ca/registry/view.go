package registry

import (
	"context"
	"errors"
	"time"

	"inkan/ca/registry/record"
	"inkan/ca/status"
	"inkan/core/jpki/certificate"
	"inkan/server/store"
)

// Snapshot is the registry at one moment: everything that had happened by At and
// is durable. Safe for concurrent use; Close releases it.
type Snapshot struct {
	reader
	snapshot *store.Snapshot
	head     record.Head
}

var (
	_ status.Registry = (*Registry)(nil)
	_ status.View     = (*Snapshot)(nil)
)

// View is Snapshot for those who publish the status of certificates.
func (r *Registry) View(ctx context.Context) (status.View, error) {
	s, err := r.Snapshot(ctx)
	if err != nil {
		return nil, err
	}
	return s, nil
}

// Snapshot looks at the registry as of now. The time that it shows is recorded
// first, with what has become due, so that no later one, after a restart either,
// shows an earlier time. Spec: SPEC-CA-LIFECYCLE-001, SPEC-CA-LIFECYCLE-005.
func (r *Registry) Snapshot(ctx context.Context) (*Snapshot, error) {
	if r.clock().Unix() > r.seen.Load() {
		if err := r.commit(ctx, func(*act) error { return nil }); err != nil {
			return nil, err
		}
	}
	s, err := r.store.Snapshot(ctx)
	if err != nil {
		return nil, err
	}
	view := &Snapshot{reader: reader{Reader: s.Reader}, snapshot: s}
	if view.head, err = view.reader.head(); err != nil {
		return nil, errors.Join(err, s.Close())
	}
	return view, nil
}

// At is the registry's time.
func (s *Snapshot) At() time.Time { return s.head.Time }

// Close releases the snapshot.
func (s *Snapshot) Close() error { return s.snapshot.Close() }

// Status is what is known of a serial number. A reserved one is not known.
func (s *Snapshot) Status(au certificate.Authority, serial uint64) (st certificate.CertificateStatus, known bool, err error) {
	var c record.Certificate
	_, err = s.load(record.Certificates.Serial(au, serial), &c)
	if err != nil || c.Stage != record.Issued {
		return st, false, err
	}
	return c.Status(), true, nil
}

// Revoked walks over what a revocation list names, ascending by serial: revoked
// and suspended certificates that have not been past their end for longer than
// ListedAfterEnd. Spec: SPEC-CA-LIFECYCLE-005.
func (s *Snapshot) Revoked(au certificate.Authority, partition string, each func(serial uint64, since time.Time, reason certificate.Reason) error) error {
	oldest := s.At().Add(-ListedAfterEnd)
	return s.ScanPrefix(record.OfPartition(au, partition), func(key, value []byte) error {
		if err := atLeast(1+record.SerialLen, key); err != nil {
			return err
		}
		var l record.Listing
		if err := record.Decode(value, &l); err != nil {
			return errors.Join(ErrCorrupt, err)
		}
		if l.NotAfter.Before(oldest) {
			return nil
		}
		_, serial := record.CutSerial(key)
		return each(serial, l.Since, l.Reason)
	})
}

// Partitions walks over all partitions that certificates were ever assigned to.
func (s *Snapshot) Partitions(au certificate.Authority, each func(partition string) error) error {
	return s.ScanPrefix(record.Partitions.Key([]byte{byte(au)}), func(key, _ []byte) error {
		return each(string(key[2:]))
	})
}

// Certificates walks over an authority's certificates from a serial number on.
func (s *Snapshot) Certificates(au certificate.Authority, from uint64, each func(certificate.CertificateStatus) error) error {
	return s.EachCertificate(au, from, func(c *record.Certificate) error { return each(c.Status()) })
}

// EachCertificate is Certificates with all that the registry keeps; c is reused.
func (s *Snapshot) EachCertificate(au certificate.Authority, from uint64, each func(c *record.Certificate) error) error {
	var c record.Certificate
	return s.Scan(record.Certificates.Serial(au, from), record.Certificates.Key([]byte{byte(au) + 1}), func(key, value []byte) error {
		if _, err := decode(key, value, &c); err != nil {
			return err
		}
		if c.Stage != record.Issued {
			return nil
		}
		return each(&c)
	})
}
