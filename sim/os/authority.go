package os

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/sha256"
	"fmt"

	"inkan/core/gp"
	"inkan/core/iso7816"
	"inkan/core/scp/confidential"
	"inkan/sim/engine"
	"inkan/sim/runtime"
	"inkan/sim/runtime/authority"
)

// TestAgreementKey is the private key for confidential key set-up of cards that
// were not given one. It is public: SHA-256 of a label.
func TestAgreementKey() []byte {
	key := sha256.Sum256([]byte("inkan test key: controlling authority, key agreement P-256"))
	return key[:]
}

// newAuthority makes the global service and the key agreement of the controlling
// authority's domain.
func (c *Card) newAuthority() (err error) {
	cfg := c.cfg.Authority
	if cfg.Off {
		return nil
	}
	signature, agreement := cfg.Signature, cfg.Agreement
	if signature == nil {
		signature = authority.TestKey()
	}
	if agreement == nil {
		agreement = TestAgreementKey()
	}
	if _, err := ecdsa.ParseRawPrivateKey(elliptic.P256(), agreement); err != nil {
		return fmt.Errorf("os: the authority's agreement key is no scalar of P-256 in 32 bytes: %w", err)
	}
	c.agreement = append([]byte(nil), agreement...)
	c.authority, err = authority.New(c.Engines(), signature, (*platform)(c))
	return err
}

// LoadFileOf implements authority.LoadFiles: what LOAD has put into the registry.
// Spec: SPEC-RUNTIME-142, SPEC-RUNTIME-145, SPEC-UICC-OS-144.
func (p *platform) LoadFileOf(a *runtime.Applet) (hash authority.LoadFile, ok bool) {
	e, ok := p.os().entry(aidOf(a.PackageAID))
	return hash, ok && e.kind == gp.KindLoadFile && copy(hash[:], e.hash) == len(hash)
}

// AgreementKey is the public key with which providers agree on keys, as an
// uncompressed point; nil: the card has no authority.
func (c *Card) AgreementKey() []byte {
	if c.agreement == nil {
		return nil
	}
	private, err := ecdsa.ParseRawPrivateKey(elliptic.P256(), c.agreement)
	if err != nil {
		return nil
	}
	point, _ := private.PublicKey.Bytes()
	return point
}

// setup is what STORE DATA said about a key set-up.
type setup struct{ control, public []byte }

// agree sets up a domain's keys by key agreement, scenario 3, when both groupings
// were there. An agreement to which the card adds nothing can be played back: it does
// not replace keys. Spec: SPEC-UICC-OS-080 to SPEC-UICC-OS-085, SPEC-UICC-OS-115.
func (s *session) agree(dst []byte, d *domain, a *setup) ([]byte, iso7816.SW) {
	switch {
	case a.control == nil && a.public == nil:
		return dst, iso7816.OK
	case a.control == nil || a.public == nil:
		return dst, iso7816.WrongData
	case d.card.agreement == nil:
		return dst, iso7816.ConditionsNotSatisfied
	}
	control, err := gp.DecodeConfidentialControl(a.control)
	if err != nil {
		return dst, gp.StatusOf(err)
	}
	public, err := gp.DecodeEphemeralPublicKey(a.public)
	if err != nil {
		return dst, gp.StatusOf(err)
	}
	plan, err := confidential.PlanOf(&control)
	if err != nil {
		return dst, gp.StatusOf(err)
	}
	if len(public.Parameters) > 0 && (len(public.Parameters) != 1 || public.Parameters[0] != 0) {
		return dst, iso7816.WrongData
	}
	c := d.card
	if !plan.Random && c.complete(d.id, plan.Version) {
		return dst, iso7816.ConditionsNotSatisfied
	}
	x, y, err := c.Engines().ECDH(engine.DomainNamed("secp256r1").Curve(), c.agreement, public.Point)
	if err != nil {
		return dst, iso7816.WrongData
	}
	defer clear(x)
	defer clear(y)
	var random []byte
	if plan.Random {
		random = make([]byte, confidential.RandomBytes)
		c.Engines().Fill(random)
	}
	agreed := plan.Derive(x, random, func() confidential.Digest { return c.Engines().NewDigest(crypto.SHA256) })
	defer agreed.Wipe()
	if err := d.storeAgreed(&plan, agreed); err != nil {
		return dst, errorStatus(err)
	}
	r := gp.ConfidentialResponse{DerivationRandom: random, Receipt: agreed.Receipt(a.control, random)}
	out, err := r.Append(dst)
	if err != nil {
		return dst, iso7816.NoPreciseDiagnosis
	}
	return out, iso7816.OK
}

// storeAgreed puts the keys in: new ones, or in the place of the version that is
// there.
func (d *domain) storeAgreed(plan *confidential.Plan, agreed *confidential.Keys) error {
	var stored []storedKey
	for i, value := range [][]byte{agreed.Enc, agreed.MAC, agreed.DEK} {
		stored = append(stored, storedKey{version: plan.Version, id: byte(i + 1), values: []gp.KeyValue{{Type: plan.Type, Value: value}}})
	}
	replaced := byte(0)
	if d.card.complete(d.id, plan.Version) {
		replaced = plan.Version
	}
	return d.storeKeys(replaced, stored, nil)
}
