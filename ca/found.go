package ca

import (
	"context"
	"crypto"
	"crypto/rsa"
	"crypto/x509"
	"errors"
	"fmt"
	"time"

	"inkan/ca/certificate"
	"inkan/ca/registry"
	profile "inkan/core/jpki/certificate"
)

// NewGeneration registers the key of an authority's next generation and makes its
// self-signed certificate, valid from a time on. Of a generation that is there
// already it gives the certificate that it has, for the same key. It takes a
// registry, since before the first generations there is no Authority.
// Spec: SPEC-CA-002.
func NewGeneration(ctx context.Context, r *registry.Registry, of profile.Authority, generation int, signer crypto.Signer, from time.Time, cause registry.Cause) (*certificate.Issuer, error) {
	if i, err := Generation(ctx, r, of, generation, signer); !errors.Is(err, &registry.Refusal{Code: registry.UnknownGeneration}) {
		return i, err
	}
	q := certificate.Request{Kind: of.Kind()}
	q.SetValidity(from, nil)
	der, err := service(ctx, r, of, generation, &q, signer, cause, func() ([]byte, error) { return certificate.SelfSign(nil, &q, signer) })
	if err != nil {
		return nil, err
	}
	return certificate.NewIssuer(der, signer)
}

// Generation is a generation that the registry has, with its key.
func Generation(ctx context.Context, r *registry.Registry, of profile.Authority, generation int, signer crypto.Signer) (*certificate.Issuer, error) {
	s, err := r.Snapshot(ctx)
	if err != nil {
		return nil, err
	}
	defer s.Close()
	row, err := s.Generation(of, uint32(generation))
	if err != nil {
		return nil, err
	}
	der, found, err := s.DER(row.Authority, row.Serial)
	if err != nil {
		return nil, err
	}
	if !found {
		return nil, fmt.Errorf("ca: the certificate of %s generation %d is not in the registry", of, generation)
	}
	return certificate.NewIssuer(der, signer)
}

// NewResponder makes the certificate of an OCSP responder's key, signed by one
// generation. Called again with the same key it gives the certificate that there
// is. Spec: SPEC-CA-003.
func NewResponder(ctx context.Context, r *registry.Registry, issuer *certificate.Issuer, generation int, responder crypto.Signer, from time.Time, cause registry.Cause) (*x509.Certificate, error) {
	if der, err := responderOf(ctx, r, issuer.Authority, uint32(generation), responder); err != nil || der != nil {
		if err != nil {
			return nil, err
		}
		return x509.ParseCertificate(der)
	}
	q := certificate.Request{Kind: profile.OCSPResponder}
	q.SetValidity(from, issuer)
	der, err := service(ctx, r, issuer.Authority, generation, &q, responder, cause, func() ([]byte, error) { return issuer.Sign(nil, &q) })
	if err != nil {
		return nil, err
	}
	return x509.ParseCertificate(der)
}

// responderOf is the certificate in force that a generation has given a responder's
// key; nil when there is none. Spec: SPEC-CA-003, SPEC-CA-004.
func responderOf(ctx context.Context, r *registry.Registry, of profile.Authority, generation uint32, responder crypto.Signer) ([]byte, error) {
	spki, err := x509.MarshalPKIXPublicKey(responder.Public())
	if err != nil {
		return nil, err
	}
	s, err := r.Snapshot(ctx)
	if err != nil {
		return nil, err
	}
	defer s.Close()
	authority, serial, known, err := s.KeyKnown(sum(spki))
	if err != nil || !known || authority != of {
		return nil, err
	}
	row, err := s.Certificate(authority, serial)
	if err != nil || row.Kind != profile.OCSPResponder || row.State != profile.Active || row.Generation != generation {
		return nil, err // its key is used up, as the reservation will say
	}
	der, _, err := s.DER(authority, serial)
	return der, err
}

// service reserves, signs and completes a certificate of the service's own key.
func service(ctx context.Context, r *registry.Registry, of profile.Authority, generation int, q *certificate.Request, own crypto.Signer, cause registry.Cause,
	sign func() ([]byte, error)) ([]byte, error) {
	key, ok := own.Public().(*rsa.PublicKey)
	if !ok {
		return nil, fmt.Errorf("ca: %s key is %T, want RSA", q.Kind, own.Public())
	}
	q.PublicKey = key
	spki, err := x509.MarshalPKIXPublicKey(key)
	if err != nil {
		return nil, err
	}
	row, err := r.ReserveService(ctx, registry.ServiceRequest{Authority: of, Kind: q.Kind, Generation: uint32(generation), Key: sum(spki),
		NotBefore: q.NotBefore, NotAfter: q.NotAfter}, cause)
	if err != nil {
		return nil, err
	}
	q.Serial, q.NotBefore, q.NotAfter = row.Serial, row.NotBefore, row.NotAfter
	der, err := sign()
	if err != nil {
		return nil, err
	}
	_, err = r.Complete(ctx, registry.Completion{Authority: row.Authority, Serial: row.Serial, DER: der}, cause)
	return der, err
}
