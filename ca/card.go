package ca

import (
	"context"
	"crypto/rsa"
	"crypto/x509"
	"errors"
	"fmt"

	"inkan/ca/certificate"
	"inkan/ca/registry"
	"inkan/ca/registry/record"
	profile "inkan/core/jpki/certificate"
)

// ErrCSR is a certificate request that no certificate is made of.
var ErrCSR = errors.New("ca: certificate request")

// CardKey is a key of a card that wants a certificate: a request in PKCS #10, DER.
// Subject and attributes of the request mean nothing: the registry says who the
// holder is.
type CardKey struct {
	Kind    profile.Kind // CardSignature or CardAuthentication
	Request []byte
}

// Certified is a certificate in DER, and the generation that signed it.
type Certified struct {
	DER    []byte
	Issuer *certificate.Issuer
}

// CertifyCard is CertifyCards of one key.
func (a *Authority) CertifyCard(ctx context.Context, card record.CardID, kind profile.Kind, csr []byte, cause registry.Cause) ([]byte, error) {
	list, err := a.CertifyCards(ctx, card, cause, CardKey{kind, csr})
	if err != nil {
		return nil, err
	}
	return list[0].DER, nil
}

// CertifyCards makes the certificates of keys of a card, in their order: all of them
// or none, with one reservation and one completion. The same keys again are given
// the same certificates as long as those are active.
// Spec: SPEC-CA-080, SPEC-CA-081, SPEC-CA-085.
func (a *Authority) CertifyCards(ctx context.Context, card record.CardID, cause registry.Cause, keys ...CardKey) ([]Certified, error) {
	list := make([]cardKey, len(keys))
	requests := make([]registry.CardRequest, len(keys))
	for i := range keys {
		var err error
		if list[i], err = a.cardKey(&keys[i]); err != nil {
			return nil, err
		}
		requests[i] = list[i].request(card)
	}
	rows, err := a.config.Registry.ReserveCards(ctx, cause, requests...)
	if errors.Is(err, &registry.Refusal{Code: registry.KeyKnown}) {
		return a.certified(ctx, requests, err)
	}
	if err != nil {
		return nil, err
	}
	made, completions := make([]Certified, len(keys)), make([]registry.Completion, len(keys))
	for i := range rows {
		der, err := list[i].issuer.Sign(nil, a.request(&rows[i], list[i].public))
		if err != nil {
			return nil, err
		}
		made[i] = Certified{der, list[i].issuer}
		completions[i] = registry.Completion{Authority: rows[i].Authority, Serial: rows[i].Serial, DER: der, Evidence: requests[i].Evidence}
	}
	if _, err = a.config.Registry.CompleteAll(ctx, cause, completions...); err != nil {
		return nil, err
	}
	return made, nil
}

// cardKey is a key that was read, with who is to sign for it.
type cardKey struct {
	*CardKey
	public     *rsa.PublicKey
	hash       record.Hash
	issuer     *certificate.Issuer
	generation uint32
}

func (a *Authority) cardKey(k *CardKey) (c cardKey, err error) {
	if k.Kind != profile.CardSignature && k.Kind != profile.CardAuthentication {
		return c, fmt.Errorf("ca: a card has no %s certificate", k.Kind)
	}
	c.CardKey = k
	if c.public, c.hash, err = keyOfRequest(k.Request); err != nil {
		return c, err
	}
	c.issuer, c.generation, err = a.signing(k.Kind.Authority())
	return c, err
}

func (k *cardKey) request(card record.CardID) registry.CardRequest {
	return registry.CardRequest{Card: card, Kind: k.Kind, Generation: k.generation, Key: k.hash,
		Evidence: []registry.Evidence{{Name: "certificate request", Bytes: k.Request}}}
}

// certified are the active certificates that the card has for all of the keys
// already; otherwise the refusal stands.
func (a *Authority) certified(ctx context.Context, requests []registry.CardRequest, refusal error) ([]Certified, error) {
	s, err := a.config.Registry.Snapshot(ctx)
	if err != nil {
		return nil, err
	}
	defer s.Close()
	list := make([]Certified, len(requests))
	for i := range requests {
		if list[i], err = a.certifiedKey(s, &requests[i], refusal); err != nil {
			return nil, err
		}
	}
	return list, nil
}

func (a *Authority) certifiedKey(s *registry.Snapshot, q *registry.CardRequest, refusal error) (c Certified, err error) {
	authority, serial, known, err := s.KeyKnown(q.Key)
	if err != nil {
		return c, err
	}
	if !known {
		return c, refusal
	}
	row, err := s.Certificate(authority, serial)
	if err != nil {
		return c, err
	}
	if row.Card != q.Card || row.Kind != q.Kind || row.State != profile.Active {
		return c, refusal
	}
	der, found, err := s.DER(authority, serial)
	if err == nil && !found {
		err = refusal
	}
	return Certified{der, a.Issuers(authority).All()[row.Generation-1]}, err
}

// keyOfRequest reads the public key of a certificate request, with the hash of its
// SubjectPublicKeyInfo, and checks that it signed the request.
func keyOfRequest(csr []byte) (key *rsa.PublicKey, hash record.Hash, err error) {
	q, err := x509.ParseCertificateRequest(csr)
	if err != nil {
		return nil, hash, fmt.Errorf("%w: %w", ErrCSR, err)
	}
	key, ok := q.PublicKey.(*rsa.PublicKey)
	if !ok || key.N.BitLen() != 2048 || key.E != 65537 {
		return nil, hash, fmt.Errorf("%w: key: want RSA of 2048 bits with exponent 65537", ErrCSR)
	}
	if q.SignatureAlgorithm != x509.SHA256WithRSA {
		return nil, hash, fmt.Errorf("%w: signed with %s, want %s", ErrCSR, q.SignatureAlgorithm, x509.SHA256WithRSA)
	}
	if err := q.CheckSignature(); err != nil {
		return nil, hash, fmt.Errorf("%w: %w", ErrCSR, err)
	}
	return key, sum(q.RawSubjectPublicKeyInfo), nil
}

// personOf is what a signature certificate says of its holder.
func personOf(p *record.Person) *profile.Person {
	sex := profile.Sex('0' + byte(p.Sex))
	if !sex.Valid() {
		sex = profile.SexUnknown
	}
	return &profile.Person{Name: p.Name, NameSubstitutes: substitutes(p.NameSubstitutes, p.Name), Birth: profile.BirthOn(p.Birth), Sex: sex,
		Address: p.Address, AddressSubstitutes: substitutes(p.AddressSubstitutes, p.Address)}
}

// substitutes are the flags of a text; none were recorded: nothing is substituted.
func substitutes(flags, text string) string {
	if flags == "" {
		return profile.Substitutes(text)
	}
	return flags
}
