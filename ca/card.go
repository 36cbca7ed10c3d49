package ca

import (
	"context"
	"crypto/rsa"
	"crypto/x509"
	"errors"
	"fmt"
	"slices"

	"inkan/ca/registry"
	"inkan/ca/registry/record"
	profile "inkan/core/jpki/certificate"
)

// ErrCSR is a certificate request that no certificate is made of.
var ErrCSR = errors.New("ca: certificate request")

// CertifyCard makes one of a card's certificates for the key of a
// request in PKCS #10, DER; subject and attributes of the request mean nothing:
// the registry says who the holder is. The same request again gives the same
// certificate as long as that is active. Spec: SPEC-CA-080, SPEC-CA-081.
func (a *Authority) CertifyCard(ctx context.Context, card record.CardID, kind profile.Kind, csr []byte, cause registry.Cause) ([]byte, error) {
	if kind != profile.CardSignature && kind != profile.CardAuthentication {
		return nil, fmt.Errorf("ca: a card has no %s certificate", kind)
	}
	key, err := keyOfRequest(csr)
	if err != nil {
		return nil, err
	}
	spki, err := x509.MarshalPKIXPublicKey(key)
	if err != nil {
		return nil, err
	}
	issuer, generation, err := a.signing(kind.Authority())
	if err != nil {
		return nil, err
	}
	cause.Evidence = append(slices.Clip(cause.Evidence), registry.Evidence{Name: "certificate request", Bytes: csr})
	row, err := a.config.Registry.ReserveCard(ctx, registry.CardRequest{Card: card, Kind: kind,
		Generation: generation, Key: sum(spki)}, cause)
	if errors.Is(err, &registry.Refusal{Code: registry.KeyKnown}) {
		return a.certified(ctx, card, kind, sum(spki), err)
	}
	if err != nil {
		return nil, err
	}
	der, err := issuer.Sign(nil, a.request(&row, key))
	if err != nil {
		return nil, err
	}
	_, err = a.config.Registry.Complete(ctx, registry.Completion{Authority: row.Authority, Serial: row.Serial, DER: der}, cause)
	return der, err
}

// certified is the active certificate of that kind which the card has for the key
// already; otherwise the refusal stands.
func (a *Authority) certified(ctx context.Context, card record.CardID, kind profile.Kind, key record.Hash, refusal error) ([]byte, error) {
	s, err := a.config.Registry.Snapshot(ctx)
	if err != nil {
		return nil, err
	}
	defer s.Close()
	authority, serial, _, err := s.KeyKnown(key)
	if err != nil {
		return nil, err
	}
	row, err := s.Certificate(authority, serial)
	if err != nil {
		return nil, err
	}
	if row.Card != card || row.Kind != kind || row.State != profile.Active {
		return nil, refusal
	}
	der, found, err := s.DER(authority, serial)
	if err == nil && !found {
		err = refusal
	}
	return der, err
}

// keyOfRequest reads the public key of a certificate request, and checks that it
// signed the request.
func keyOfRequest(csr []byte) (*rsa.PublicKey, error) {
	q, err := x509.ParseCertificateRequest(csr)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrCSR, err)
	}
	key, ok := q.PublicKey.(*rsa.PublicKey)
	if !ok || key.N.BitLen() != 2048 || key.E != 65537 {
		return nil, fmt.Errorf("%w: key: want RSA of 2048 bits with exponent 65537", ErrCSR)
	}
	if q.SignatureAlgorithm != x509.SHA256WithRSA {
		return nil, fmt.Errorf("%w: signed with %s, want %s", ErrCSR, q.SignatureAlgorithm, x509.SHA256WithRSA)
	}
	if err := q.CheckSignature(); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrCSR, err)
	}
	return key, nil
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
