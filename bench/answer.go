package main

import (
	"context"
	"crypto"
	"errors"

	"inkan/ca/status"
	"inkan/ca/status/ocsp"
)

var cachedPromise = Promise{
	Name:     "answer an OCSP request from the registry's cache, in process",
	Baseline: "the same with a nonce: signed when it is asked for",
	Limit:    1.0 / 50,
	MaxNanos: 10e3,
	Setup:    setupCached,
}

// desk is a responder on an authority's registry, and the question about one
// certificate.
type desk struct {
	responder       *ocsp.Responder
	question, nonce []byte
	dst             []byte
}

// newDesk asks once, so that the answer is kept.
func newDesk(a *authority) (*desk, error) {
	issuer, err := a.publisher()
	if err != nil {
		return nil, err
	}
	h, err := a.enrol()
	if err != nil {
		return nil, err
	}
	d := new(desk)
	if d.responder, err = ocsp.New(ocsp.Config{Registry: a.registry, Issuers: []*status.Issuer{issuer}, Now: a.now}); err != nil {
		return nil, err
	}
	serial := h.authentication.SerialNumber.Uint64()
	if d.question, err = ocsp.AppendRequest(nil, issuer.Certificate, crypto.SHA1, nil, serial); err != nil {
		return nil, err
	}
	if d.nonce, err = ocsp.AppendRequest(nil, issuer.Certificate, crypto.SHA1, []byte("16 bytes of it.."), serial); err != nil {
		return nil, err
	}
	return d, d.ask(d.question)
}

func (d *desk) ask(question []byte) error {
	var info ocsp.Info
	d.dst, info = d.responder.Respond(context.Background(), d.dst[:0], question)
	if info.Err == nil && info.Status != ocsp.Successful {
		return errDiffers
	}
	return info.Err
}

func setupCached() (operation, baseline func(), err error) {
	a, err := newAuthority("")
	if err != nil {
		return nil, nil, err
	}
	d, err := newDesk(a)
	if err != nil {
		return nil, nil, err
	}
	_, info := d.responder.Respond(context.Background(), nil, d.question)
	if !info.Cached {
		return nil, nil, errors.New("the answer is not from the cache")
	}
	return d.repeat(d.question), d.repeat(d.nonce), nil
}

func (d *desk) repeat(question []byte) func() {
	return func() {
		if err := d.ask(question); err != nil {
			panic(err)
		}
	}
}
