package ocsp

import (
	"context"
	"errors"
	"fmt"
	"time"

	"inkan/ca/status"
	"inkan/core/jpki/certificate"
)

// errBusy says that more requests are under way than may.
var errBusy = errors.New("ocsp: too many requests wait for a signature")

// live answers by the registry and the responder's key. What can be kept of it is
// put into the cache. Spec: SPEC-STATUS-042, SPEC-STATUS-046.
func (r *Responder) live(ctx context.Context, dst []byte, g *generation, req *Request) ([]byte, Info) {
	defer r.waiting.Add(-1)
	if r.waiting.Add(1) > r.limit {
		return refuse(dst, TryLater, errBusy)
	}
	s, at, err := r.look(ctx, g, req)
	if err != nil {
		return refuse(dst, failure(ctx), fmt.Errorf("ocsp: registry: %w", err))
	}
	response, info, err := r.turn(ctx, dst, g, s, at)
	if err != nil {
		return refuse(dst, failure(ctx), err)
	}
	if a := &s.answers[0]; s.nonce == nil && len(s.answers) == 1 && a.known {
		// The answer is good whether it can be kept or not.
		_, info.Err = r.keep(ctx, g, a, response[len(dst):])
	}
	return response, info
}

// look takes what is asked for out of a snapshot.
func (r *Responder) look(ctx context.Context, g *generation, req *Request) (s *signed, at time.Time, err error) {
	view, err := r.registry.View(ctx)
	if err != nil {
		return nil, at, err
	}
	defer func() { err = errors.Join(err, view.Close()) }()
	s = &signed{nonce: req.Nonce, answers: make([]answer, 0, req.count)}
	for i := range req.IDs() {
		a, err := lookUp(view, g, req.ids[i].Serial)
		if err != nil {
			return nil, at, err
		}
		a.id = req.ids[i].Raw
		s.answers = append(s.answers, a)
	}
	return s, view.At(), nil
}

// turn is produce when it is the caller's turn to sign.
func (r *Responder) turn(ctx context.Context, dst []byte, g *generation, s *signed, at time.Time) ([]byte, Info, error) {
	select {
	case r.signing <- struct{}{}:
	case <-ctx.Done():
		return dst, Info{}, fmt.Errorf("ocsp: waiting for a signature: %w", ctx.Err())
	}
	defer func() { <-r.signing }()
	return r.produce(dst, g, s, at)
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
// SPEC-STATUS-047, SPEC-STATUS-056.
func (r *Responder) produce(dst []byte, g *generation, s *signed, at time.Time) ([]byte, Info, error) {
	r.clock.Raise(at)
	s.producedAt, s.thisUpdate = r.clock.Now(), at
	s.nextUpdate = at.Add(r.validity)
	for i := range s.answers {
		if s.answers[i].known && s.answers[i].State == certificate.Pending {
			s.nextUpdate = at.Add(min(r.validity, PendingValidity))
		}
	}
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

// failure is the response status of an answer that failed: it may be better later
// if only time ran out.
func failure(ctx context.Context) ResponseStatus {
	if ctx.Err() != nil {
		return TryLater
	}
	return InternalError
}
