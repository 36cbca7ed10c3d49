package ocsp

import (
	"bytes"
	"context"
	"crypto"
	"errors"
	"fmt"
	"runtime"
	"sync/atomic"
	"time"

	"golang.org/x/crypto/cryptobyte"

	"inkan/ca/status"
	"inkan/core/jpki/certificate"
)

// The service's rhythm: responses are made anew every 15 minutes, and hold for
// an hour; those about a pending certificate, which is soon another, for a minute.
const (
	Period          = 15 * time.Minute
	Validity        = time.Hour
	PendingValidity = time.Minute
)

// Config is what a responder needs.
type Config struct {
	Registry status.Registry
	Issuers  []*status.Issuer // those with a Responder are answered for
	Now      func() time.Time

	Validity time.Duration // from this update to next update; 0: Validity
	Live     int           // signatures made at the same time; 0: one for each processor
	Waiting  int           // requests that may wait for the registry or a signature; 0: 256
}

// Responder answers requests. It may be used concurrently.
type Responder struct {
	registry status.Registry
	issuers  []*generation
	clock    *status.Clock
	validity time.Duration

	signing chan struct{} // as many as may sign
	waiting atomic.Int64  // requests that are not answered from the cache
	limit   int64
}

// generation is an issuer with what requests name it by.
type generation struct {
	*status.Issuer
	responderID []byte
	sha1        issuerHash
	sha256      issuerHash
}

// New makes a responder. It fails for an issuer that status.Issuer.Check refuses,
// and when none has a responder's key.
func New(c Config) (*Responder, error) {
	r := &Responder{registry: c.Registry, clock: status.NewClock(c.Now), validity: c.Validity, limit: int64(c.Waiting)}
	if r.validity <= 0 {
		r.validity = Validity
	}
	if r.limit <= 0 {
		r.limit = 256
	}
	if c.Live <= 0 {
		c.Live = runtime.GOMAXPROCS(0)
	}
	r.signing = make(chan struct{}, c.Live)
	for _, issuer := range c.Issuers {
		if err := issuer.Check(); err != nil {
			return nil, err
		}
		if issuer.Responder == nil {
			continue
		}
		g, err := newGeneration(issuer)
		if err != nil {
			return nil, fmt.Errorf("ocsp: %s: %w", issuer, err)
		}
		r.issuers = append(r.issuers, g)
	}
	if len(r.issuers) == 0 {
		return nil, errors.New("ocsp: no issuer has a responder")
	}
	return r, nil
}

func newGeneration(issuer *status.Issuer) (*generation, error) {
	id, err := responderID(issuer.Responder.Certificate.RawSubjectPublicKeyInfo)
	if err != nil {
		return nil, err
	}
	g := &generation{Issuer: issuer, responderID: id}
	if g.sha1, err = hashIssuer(issuer.Certificate, crypto.SHA1); err != nil {
		return nil, err
	}
	g.sha256, err = hashIssuer(issuer.Certificate, crypto.SHA256)
	return g, err
}

// named reports whether a CertID names the generation as issuer.
func (g *generation) named(id *CertID) bool {
	h := &g.sha1
	switch id.Hash {
	case crypto.SHA1:
	case crypto.SHA256:
		h = &g.sha256
	default:
		return false
	}
	return bytes.Equal(id.NameHash, h.name) && bytes.Equal(id.KeyHash, h.key)
}

// certID is the CertID of a certificate of the generation's.
func (g *generation) certID(hash crypto.Hash, serial uint64) ([]byte, error) {
	h := &g.sha1
	if hash == crypto.SHA256 {
		h = &g.sha256
	}
	b := cryptobyte.NewBuilder(make([]byte, 0, 128))
	addCertID(b, hash, h, serial)
	return b.Bytes()
}

// Info is what a response is, for whoever transports or counts it.
type Info struct {
	Status ResponseStatus
	Cached bool // came from the cache
	Nonce  bool // is for one request only

	// Times of a successful response.
	ProducedAt, ThisUpdate, NextUpdate time.Time

	// Err says why the response is not successful, or why a successful one could
	// not be kept. Nothing of it is in the response.
	Err error
}

// Respond appends the response to a request: always one, if only to say what is
// wrong. The answer to a question without nonce for one certificate comes from the
// registry's cache, if it is there. Spec: SPEC-STATUS-041, SPEC-STATUS-042,
// SPEC-STATUS-043, SPEC-STATUS-044.
func (r *Responder) Respond(ctx context.Context, dst, request []byte) ([]byte, Info) {
	return r.respond(ctx, dst, request, 0)
}

// respond is Respond for the certificates of one authority only, or for all.
func (r *Responder) respond(ctx context.Context, dst, request []byte, ca certificate.Authority) ([]byte, Info) {
	var req Request
	if err := req.Parse(request); err != nil {
		return refuse(dst, MalformedRequest, err)
	}
	g := r.issuer(&req)
	if g == nil || ca != 0 && g.Authority != ca {
		return refuse(dst, Unauthorized, errNotOurs)
	}
	if req.Nonce == nil && req.count == 1 {
		if response, info, ok := r.cached(dst, g, &req.ids[0]); ok {
			return response, info
		}
	}
	return r.live(ctx, dst, g, &req)
}

var errNotOurs = errors.New("ocsp: the request names no issuer of this responder, or more than one")

func refuse(dst []byte, s ResponseStatus, err error) ([]byte, Info) {
	return appendError(dst, s), Info{Status: s, Err: err}
}

// issuer is the one generation that all CertIDs of a request name, or nil.
func (r *Responder) issuer(req *Request) *generation {
	for _, g := range r.issuers {
		if !g.named(&req.ids[0]) {
			continue
		}
		for i := range req.count {
			if !g.named(&req.ids[i]) {
				return nil
			}
		}
		return g
	}
	return nil
}
