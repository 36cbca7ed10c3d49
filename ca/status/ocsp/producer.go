package ocsp

import (
	"context"
	"crypto"
	"errors"
	"fmt"
	"runtime"
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/crypto/cryptobyte"

	"inkan/core/jpki/certificate"
)

// Production makes responses before anybody asks.
type Production struct {
	From    uint64        // serial number to begin with
	Left    time.Duration // a kept response that holds longer than this is left; 0: half of the validity
	Workers int           // responses under way at the same time, most of them in the registry's commit; 0: 16 for each processor
	Hash    crypto.Hash   // of the CertIDs: SHA1 or SHA256; 0: SHA1
	Batch   int           // certificates of one snapshot, all that is held in memory; 0: 1024

	// Progress, if set, is told after each batch.
	Progress func(Progress)
}

// Progress is how far a production is.
type Progress struct {
	Next     uint64 // serial number that is next: From of a production that goes on from here
	Produced int
	Fresh    int // left, because the response that is kept holds long enough
	Expired  int // left, because the certificate has expired
	Changed  int // not kept, because the certificate changed meanwhile
	Foreign  int // left, because its generation has no responder here
	Pending  int // left, because its response would hold for a minute only
}

// Produce walks over an authority's certificates in ascending order and puts a
// response of each that is neither pending nor expired into the cache. It stops at the first
// error, with Progress.Next as the place to go on from.
// Spec: SPEC-STATUS-048, SPEC-STATUS-049.
func (r *Responder) Produce(ctx context.Context, ca certificate.Authority, p Production) (Progress, error) {
	if p.Batch <= 0 {
		p.Batch = 1024
	}
	if p.Workers <= 0 {
		p.Workers = 16 * runtime.GOMAXPROCS(0)
	}
	if p.Hash == 0 {
		p.Hash = crypto.SHA1
	}
	if p.Hash != crypto.SHA1 && p.Hash != crypto.SHA256 {
		return Progress{Next: p.From}, fmt.Errorf("ocsp: production by %s: want SHA-1 or SHA-256", p.Hash)
	}
	if p.Left <= 0 {
		p.Left = r.validity / 2
	}
	done := Progress{Next: p.From}
	for more := true; more; {
		var err error
		if more, err = r.batch(ctx, ca, &p, &done); err != nil {
			return done, err
		}
		if p.Progress != nil {
			p.Progress(done)
		}
	}
	return done, nil
}

// errFull ends the walk of a batch.
var errFull = errors.New("ocsp: batch is full")

// batch produces the responses of one snapshot's next certificates.
func (r *Responder) batch(ctx context.Context, ca certificate.Authority, p *Production, done *Progress) (more bool, err error) {
	view, err := r.registry.View(ctx)
	if err != nil {
		return false, fmt.Errorf("ocsp: registry: %w", err)
	}
	work := make([]certificate.CertificateStatus, 0, p.Batch)
	at, next := view.At(), done.Next
	now := r.clock.Raise(at)
	err = view.Certificates(ca, next, func(s certificate.CertificateStatus) error {
		if len(work) == p.Batch {
			more = true
			return errFull
		}
		next = s.Serial + 1
		switch {
		case s.NotAfter.Before(now):
			done.Expired++
			return ctx.Err()
		case s.State == certificate.Pending:
			done.Pending++
			return ctx.Err()
		}
		work = append(work, s)
		return ctx.Err()
	})
	if errors.Is(err, errFull) {
		err = nil
	}
	if err := errors.Join(err, view.Close()); err != nil {
		return false, fmt.Errorf("ocsp: registry: %w", err)
	}
	if err := r.produceAll(ctx, ca, p, work, at, done); err != nil {
		return false, err
	}
	done.Next = next
	return more, nil
}

// produceAll produces responses with several workers.
func (r *Responder) produceAll(ctx context.Context, ca certificate.Authority, p *Production, work []certificate.CertificateStatus, at time.Time, done *Progress) error {
	var (
		wait  sync.WaitGroup
		next  atomic.Int64
		mu    sync.Mutex
		first error
	)
	for range min(p.Workers, len(work)) {
		wait.Go(func() {
			var buffer []byte
			for {
				i := int(next.Add(1)) - 1
				if i >= len(work) {
					return
				}
				var counter *int
				var err error
				counter, buffer, err = r.produceOne(ctx, ca, p, work[i], at, buffer, done)
				mu.Lock()
				if err != nil {
					next.Store(int64(len(work)))
					if first == nil {
						first = err
					}
				} else {
					*counter++
				}
				mu.Unlock()
			}
		})
	}
	wait.Wait()
	return first
}

// produceOne produces the response of one certificate, unless there is one that
// will do, and says which counter of done it belongs to.
func (r *Responder) produceOne(ctx context.Context, ca certificate.Authority, p *Production, s certificate.CertificateStatus, at time.Time, buffer []byte, done *Progress) (*int, []byte, error) {
	if err := ctx.Err(); err != nil {
		return nil, buffer, err
	}
	g := r.generation(ca, s.Generation)
	if g == nil {
		return &done.Foreign, buffer, nil
	}
	raw, err := g.certID(p.Hash, s.Serial)
	if err != nil {
		return nil, buffer, err
	}
	in, reader := cryptobyte.String(raw), parser{whole: raw}
	id := reader.certID(&in)
	buffer, found, err := r.registry.Response(ca, s.Serial, buffer[:0])
	if err != nil {
		return nil, buffer, fmt.Errorf("ocsp: cache: %w", err)
	}
	if _, k, ok := find(buffer, &id); found && ok && k.nextUpdate.Sub(r.clock.Now()) > p.Left {
		return &done.Fresh, buffer, nil
	}
	a := answer{id: raw, known: true, CertificateStatus: s}
	buffer, _, err = r.turn(ctx, buffer[:0], g, &signed{answers: []answer{a}}, at)
	if err != nil {
		return nil, buffer, err
	}
	stored, err := r.keep(ctx, g, &a, buffer)
	switch {
	case err != nil:
		return nil, buffer, err
	case !stored:
		return &done.Changed, buffer, nil
	}
	return &done.Produced, buffer, nil
}

func (r *Responder) generation(ca certificate.Authority, number int) *generation {
	for _, g := range r.issuers {
		if g.Authority == ca && g.Generation == number {
			return g
		}
	}
	return nil
}
