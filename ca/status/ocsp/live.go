package ocsp

import (
	"context"
	"crypto"
	"errors"
	"fmt"
	"time"

	"inkan/ca/status"
)

// errBusy says that more requests wait for a signature than may.
var errBusy = errors.New("ocsp: too many requests wait for a signature")

// sign answers by the registry and the responder's key. What can be kept of it is
// put into the cache. Spec: SPEC-STATUS-045, SPEC-STATUS-046.
func (r *Responder) sign(ctx context.Context, dst []byte, g *generation, req *Request) ([]byte, Info) {
	if err := r.enter(ctx); err != nil {
		return refuse(dst, TryLater, err)
	}
	defer r.leave()
	view, err := r.registry.View(ctx)
	if err != nil {
		return refuse(dst, failure(ctx), fmt.Errorf("ocsp: registry: %w", err))
	}
	s := &signed{nonce: req.Nonce, answers: make([]answer, 0, req.count)}
	for i := range req.IDs() {
		a, err := lookUp(view, g, req.ids[i].Serial)
		if err != nil {
			return refuse(dst, failure(ctx), errors.Join(fmt.Errorf("ocsp: registry: %w", err), view.Close()))
		}
		a.id = req.ids[i].Raw
		s.answers = append(s.answers, a)
	}
	at := view.At()
	if err := view.Close(); err != nil {
		return refuse(dst, InternalError, fmt.Errorf("ocsp: registry: %w", err))
	}
	response, info, err := r.produce(dst, g, s, at)
	if err != nil {
		return refuse(dst, InternalError, err)
	}
	if a := &s.answers[0]; s.nonce == nil && len(s.answers) == 1 && a.known && req.ids[0].Hash == crypto.SHA1 {
		// The answer is good whether it can be kept or not.
		info.Err = r.keep(ctx, g, a, response[len(dst):])
	}
	return response, info
}

// keep puts a response into the cache.
func (r *Responder) keep(ctx context.Context, g *generation, a *answer, response []byte) error {
	if _, err := r.registry.PutResponse(ctx, g.Authority, a.Serial, a.Version, response); err != nil {
		return fmt.Errorf("ocsp: cache: %w", err)
	}
	return nil
}

// lookUp asks a snapshot for one certificate. One that another generation signed
// is as unknown as one that nobody did. Spec: SPEC-STATUS-036.
func lookUp(view status.View, g *generation, serial uint64) (answer, error) {
	if serial == 0 {
		return answer{}, nil
	}
	s, known, err := view.Status(g.Authority, serial)
	if err != nil {
		return answer{}, err
	}
	return answer{known: known && s.Generation == g.Generation, CertificateStatus: s}, nil
}

// produce appends the response as of a snapshot's time. Spec: SPEC-STATUS-040,
// SPEC-STATUS-047.
func (r *Responder) produce(dst []byte, g *generation, s *signed, at time.Time) ([]byte, Info, error) {
	r.clock.Raise(at)
	s.producedAt, s.thisUpdate = r.clock.Now(), at
	s.nextUpdate = at.Add(r.validity)
	by := g.Responder
	if s.producedAt.Before(by.Certificate.NotBefore) || s.producedAt.After(by.Certificate.NotAfter) {
		return dst, Info{}, fmt.Errorf("ocsp: %s: its responder's certificate is not valid at %s", g.Issuer, s.producedAt.Format(time.RFC3339))
	}
	if s.nextUpdate.After(by.Certificate.NotAfter) {
		s.nextUpdate = by.Certificate.NotAfter
	}
	response, err := appendSigned(dst, s, g.responderID, by)
	if err != nil {
		return dst, Info{}, fmt.Errorf("ocsp: %s: %w", g.Issuer, err)
	}
	return response, Info{Nonce: s.nonce != nil, ProducedAt: s.producedAt, ThisUpdate: s.thisUpdate, NextUpdate: s.nextUpdate}, nil
}

// enter waits for its turn to sign. Spec: SPEC-STATUS-046.
func (r *Responder) enter(ctx context.Context) error {
	select {
	case r.live <- struct{}{}:
		return nil
	default:
	}
	defer r.waiting.Add(-1)
	if r.waiting.Add(1) > r.limit {
		return errBusy
	}
	select {
	case r.live <- struct{}{}:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

func (r *Responder) leave() { <-r.live }

// failure is the response status of a registry that fails: it may be better
// later if only time ran out.
func failure(ctx context.Context) ResponseStatus {
	if ctx.Err() != nil {
		return TryLater
	}
	return InternalError
}
