package authority

import (
	"context"
	"crypto"
	"crypto/x509"
	"fmt"
	"time"

	"inkan/ca"
	"inkan/ca/certificate"
	"inkan/ca/keys"
	"inkan/ca/status"
	profile "inkan/core/jpki/certificate"
)

// generations are those of the keys that there are; a key without a certificate
// gets one that is valid from now on.
func (a *CA) generations(ctx context.Context, of profile.Authority) (*certificate.Generations, error) {
	var issuers []*certificate.Issuer
	for i, name := range a.named(roles[of].authority) {
		if name.Generation != i+1 {
			return nil, fmt.Errorf("authority: %s without the generation before it", name)
		}
		signer, err := a.config.Keys.Signer(name)
		if err != nil {
			return nil, err
		}
		issuer, err := ca.NewGeneration(ctx, a.registry, of, name.Generation, signer, a.registry.Now(), operator)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
		issuers = append(issuers, issuer)
		a.status = append(a.status, &status.Issuer{Authority: of, Generation: name.Generation, Certificate: issuer.Certificate, Signer: signer})
	}
	g, err := certificate.NewGenerations(issuers...)
	if err != nil {
		return nil, fmt.Errorf("authority: %s: %w", roles[of].authority, err)
	}
	return g, nil
}

// renewal is how long before the end of a responder's certificate the next key takes
// its place, where there is one.
const renewal = 14 * 24 * time.Hour

// responders gives each valid generation of an authority a responder. A key's
// certificate is by one generation and lasts three months: keys without one are the
// supply. A generation that gets none is not answered for.
func (a *CA) responders(ctx context.Context, of profile.Authority, issuers []*certificate.Issuer) error {
	now := a.registry.Now()
	var supply []crypto.Signer
	for _, name := range a.named(roles[of].responder) {
		signer, err := a.config.Keys.Signer(name)
		if err != nil {
			return err
		}
		c, revoked, err := a.certified(ctx, signer)
		if err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
		if c == nil {
			supply = append(supply, signer)
			continue
		}
		for _, i := range a.status {
			if !revoked && i.Authority == of && c.CheckSignatureFrom(i.Certificate) == nil && now.Before(c.NotAfter) {
				i.Responder = &status.Responder{Certificate: c, Signer: signer}
			}
		}
	}
	for g := len(issuers); g > 0 && len(supply) > 0; g-- {
		i := a.statusOf(of, g)
		if !i.ValidAt(now) || i.Responder != nil && i.Responder.Certificate.NotAfter.Sub(now) > renewal {
			continue
		}
		c, err := ca.NewResponder(ctx, a.registry, issuers[g-1], g, supply[0], now, operator)
		if err != nil {
			return err
		}
		i.Responder, supply = &status.Responder{Certificate: c, Signer: supply[0]}, supply[1:]
	}
	if newest := a.statusOf(of, len(issuers)); newest.Responder == nil {
		return fmt.Errorf("authority: no key for the OCSP responder of %s: hold a ceremony for the next %s", newest, roles[of].responder)
	}
	return nil
}

func (a *CA) statusOf(of profile.Authority, generation int) *status.Issuer {
	for _, i := range a.status {
		if i.Authority == of && i.Generation == generation {
			return i
		}
	}
	return nil
}

// certified is the certificate that the registry has of a key; nil: none. A key
// whose certificate is revoked is no responder's any more: those who ask do not ask
// whether the responder's own is.
func (a *CA) certified(ctx context.Context, signer crypto.Signer) (c *x509.Certificate, revoked bool, err error) {
	key, err := keys.FingerprintOf(signer.Public())
	if err != nil {
		return nil, false, err
	}
	s, err := a.registry.Snapshot(ctx)
	if err != nil {
		return nil, false, err
	}
	defer s.Close()
	authority, serial, known, err := s.KeyKnown([32]byte(key))
	if err != nil || !known {
		return nil, false, err
	}
	row, err := s.Certificate(authority, serial)
	if err != nil {
		return nil, false, err
	}
	der, found, err := s.DER(authority, serial)
	if err != nil || !found {
		return nil, false, err
	}
	c, err = x509.ParseCertificate(der)
	return c, row.State == profile.Revoked, err
}
