package bare

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/sha256"
	"fmt"
	"math/big"

	"inkan/core/gp"
	"inkan/core/iso7816"
	"inkan/sim/engine"
	"inkan/sim/runtime"
)

// Authority configures the global service of the controlling authority: what
// its security domain (CASD) offers applets.
type Authority struct {
	Off bool   // there is none: GPSystem.getService gives null
	Key []byte // private key on P-256, 32 bytes; nil: TestAuthorityKey
}

// ServiceAuthority is the name of the service: family 83, identifier 00.
const ServiceAuthority = 0x8300

// AuthoritySignatureBytes is the length of a signature: r and s.
const AuthoritySignatureBytes = 64

// TestAuthorityKey is the private key of cards that were not given one. It is
// public: SHA-256 of a label.
func TestAuthorityKey() []byte {
	key := sha256.Sum256([]byte("inkan test key: controlling authority, ECDSA P-256"))
	return key[:]
}

// AuthorityMessage is what a signature of the authority's service is over: LV
// instance AID of the applet that asked, then the data that it gave.
// Spec: SPEC-RUNTIME-142.
func AuthorityMessage(applet, data []byte) []byte {
	return append(append([]byte{byte(len(applet))}, applet...), data...)
}

// AuthorityKey is the public key of the card's authority; nil: the card has
// none.
func (c *Card) AuthorityKey() *ecdsa.PublicKey {
	if c.authority.curve == nil {
		return nil
	}
	return &c.authority.private.PublicKey
}

// VerifyAuthority tells whether the card's authority signed data for an applet.
// Spec: SPEC-RUNTIME-142.
func (c *Card) VerifyAuthority(applet, data, signature []byte) bool {
	if c.AuthorityKey() == nil || len(signature) != AuthoritySignatureBytes {
		return false
	}
	digest := sha256.Sum256(AuthorityMessage(applet, data))
	r, s := new(big.Int).SetBytes(signature[:32]), new(big.Int).SetBytes(signature[32:])
	return ecdsa.Verify(c.AuthorityKey(), digest[:], r, s)
}

// authority is the global service: what each applet has begun, by its AID, is
// in RAM.
type authority struct {
	card    *Card
	curve   *engine.Curve // nil: there is no service
	private *ecdsa.PrivateKey
	begun   map[string]*engine.Digest
}

var (
	_ runtime.GlobalService = (*authority)(nil)
	_ runtime.Authority     = (*authority)(nil)
)

func (c *Card) newAuthority() error {
	cfg := c.cfg.Authority
	if cfg == nil {
		cfg = new(Authority)
	}
	c.authority = authority{card: c, begun: map[string]*engine.Digest{}}
	if cfg.Off {
		return nil
	}
	key := cfg.Key
	if key == nil {
		key = TestAuthorityKey()
	}
	private, err := ecdsa.ParseRawPrivateKey(elliptic.P256(), key)
	if err != nil {
		return fmt.Errorf("bare: the authority's key is no scalar of P-256 in 32 bytes: %w", err)
	}
	c.authority.private, c.authority.curve = private, engine.DomainNamed("secp256r1").Curve()
	return nil
}

// service finds the authority: as the unique one of its family, or by the AID
// of its security domain. Spec: SPEC-RUNTIME-140.
func (c *Card) service(provider []byte, name uint16) runtime.GlobalService {
	casd := gp.AIDCASD.Append(nil)
	if c.authority.curve == nil || name != ServiceAuthority || provider != nil && string(provider) != string(casd) {
		return nil
	}
	return &c.authority
}

// Request implements runtime.GlobalService: whoever asks is served.
func (a *authority) Request(*runtime.Applet, []byte) error { return nil }

// Authority implements runtime.GlobalService.
func (a *authority) Authority() runtime.Authority { return a }

// Init begins a signature. Spec: SPEC-RUNTIME-143.
func (a *authority) Init(client *runtime.Applet, mode byte) error {
	switch mode {
	case runtime.AuthoritySign:
		a.begin(client)
		return nil
	case runtime.AuthorityKeyRecovery:
		return iso7816.FunctionNotSupported
	}
	return iso7816.WrongData
}

func (a *authority) begin(client *runtime.Applet) *engine.Digest {
	d := a.card.Engines().NewDigest(crypto.SHA256)
	d.Write(AuthorityMessage(client.AID, nil))
	a.begun[string(client.AID)] = d
	return d
}

// Update implements runtime.Authority.
func (a *authority) Update(client *runtime.Applet, data []byte) error {
	d := a.begun[string(client.AID)]
	if d == nil {
		return iso7816.ConditionsNotSatisfied
	}
	d.Write(data)
	return nil
}

// Sign appends r and s, 32 bytes each. A new signature may follow, as after
// Init. Spec: SPEC-RUNTIME-142, SPEC-RUNTIME-144.
func (a *authority) Sign(client *runtime.Applet, dst, data []byte) ([]byte, error) {
	if err := a.Update(client, data); err != nil {
		return dst, err
	}
	digest := a.begun[string(client.AID)].Sum(nil)
	a.begin(client)
	key, err := a.private.Bytes()
	if err != nil {
		return dst, iso7816.NoPreciseDiagnosis
	}
	defer clear(key)
	r, s, err := a.card.Engines().ECDSASign(a.curve, crypto.SHA256, key, digest)
	if err != nil {
		return dst, iso7816.NoPreciseDiagnosis
	}
	signature := make([]byte, AuthoritySignatureBytes)
	r.FillBytes(signature[:32])
	s.FillBytes(signature[32:])
	return append(dst, signature...), nil
}

// RecoverKey is not supported.
func (a *authority) RecoverKey(_ *runtime.Applet, dst, _ []byte) ([]byte, error) {
	return dst, iso7816.FunctionNotSupported
}
