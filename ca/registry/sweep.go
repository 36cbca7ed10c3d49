package registry

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"time"

	"inkan/ca/registry/record"
	"inkan/core/jpki/certificate"
)

// Sweep carries out what time has brought about, as every operation and view does
// before anything else, and says how many certificates it ended. Without it the
// next operation or view does the same. Spec: SPEC-CA-LIFECYCLE-035.
func (r *Registry) Sweep(ctx context.Context) (ended int, err error) {
	err = r.commit(ctx, func(a *act) error {
		ended = int(a.head.Number - a.loaded.Number)
		return nil
	})
	return ended, err
}

// endDue ends every pending certificate whose deadline has passed, each with a
// journal entry of its own. The head says whether there can be one. Spec: SPEC-CA-LIFECYCLE-035.
func (a *act) endDue() error {
	if a.head.NextDue.IsZero() || !a.now.After(a.head.NextDue) {
		return nil
	}
	var due [][]byte
	lower := record.Deadlines.Key()
	a.head.NextDue = time.Time{}
	err := a.ScanPrefix(lower, func(key, _ []byte) error {
		if err := atLeast(len(lower)+8+record.SerialLen, key); err != nil {
			return err
		}
		if t := record.CutTime(key[1:]); !a.now.After(t) {
			a.head.NextDue = t
			return errStop
		}
		due = append(due, append([]byte(nil), key...))
		return nil
	})
	if err != nil && err != errStop {
		return err
	}
	cause := Cause{Actor: Clock}
	for _, key := range due {
		au, serial := record.CutSerial(key)
		var c record.Certificate
		if found, err := a.load(record.Certificates.Serial(au, serial), &c); err != nil || !found {
			return errors.Join(err, fmt.Errorf("%w: deadline %X without certificate", ErrCorrupt, key))
		}
		a.open("end pending", &cause)
		a.entry.Subject = record.Subject{Person: c.Person, Phone: c.Phone, Order: c.Order, Authority: au, Serial: serial}
		if err := a.end(&c, certificate.CessationOfOperation); err != nil {
			return err
		}
		if err := a.close(&cause); err != nil {
			return err
		}
	}
	return nil
}

// Scrub removes erased envelopes from the store's files too, its logs included.
// An operator runs it at intervals. Spec: SPEC-CA-LIFECYCLE-071.
func (r *Registry) Scrub(ctx context.Context) error {
	lower := record.Envelopes.Key()
	return r.store.Scrub(ctx, lower, []byte{lower[0] + 1}, markerKey)
}

// responseDeadlineLen is the length of the time before a cached response.
const responseDeadlineLen = 8

// responseDeadline is the last second of a certificate's response; 0 when it has none.
func responseDeadline(c *record.Certificate) uint64 {
	if c.State == certificate.Pending {
		return uint64(c.Deadline.Unix())
	}
	return 0
}

// PutResponse keeps a pre-produced OCSP response of a certificate unless the
// certificate's version is another by now. It is no decision and not journaled.
// Spec: SPEC-CA-LIFECYCLE-046.
func (r *Registry) PutResponse(ctx context.Context, au certificate.Authority, serial, version uint64, der []byte) (stored bool, err error) {
	err = r.commit(ctx, func(a *act) error {
		var c record.Certificate
		_, err := a.load(record.Certificates.Serial(au, serial), &c)
		if stored = c.Stage == record.Issued && c.Version == version; err != nil || !stored {
			return err
		}
		value := append(binary.BigEndian.AppendUint64(nil, responseDeadline(&c)), der...)
		return a.tx.Put(record.Responses.Serial(au, serial), value)
	})
	return stored && err == nil, err
}

// Response appends the response that is kept of a certificate to dst. Every
// change of the certificate removes it in the same commit, and one of a pending
// certificate is not given after the deadline. Spec: SPEC-CA-LIFECYCLE-046.
func (r *Registry) Response(au certificate.Authority, serial uint64, dst []byte) (response []byte, found bool, err error) {
	var key [1 + record.SerialLen]byte
	key[0] = byte(record.Responses)
	value, _, err := r.store.Get(record.AppendSerial(key[:1], au, serial), dst)
	if err != nil || len(value) < len(dst)+responseDeadlineLen {
		return dst, false, err
	}
	until := binary.BigEndian.Uint64(value[len(dst):])
	if until != 0 && r.Now().Unix() > int64(until) {
		return dst, false, nil
	}
	return append(value[:len(dst)], value[len(dst)+responseDeadlineLen:]...), true, nil
}
