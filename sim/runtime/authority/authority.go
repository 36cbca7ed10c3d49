// Package authority is the global service of a card's controlling authority: what
// its security domain (CASD) offers applets, as org.globalplatform.Authority.
//
// It must not know any platform: the platform finds it for its applets. It
// implements spec/RUNTIME.md §Global services.
package authority

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

// Name is the name of the service: family 83, identifier 00.
const Name = 0x8300

// SignatureBytes is the length of a signature: r and s.
const SignatureBytes = 64

// TestKey is the private key of cards that were not given one. It is public:
// SHA-256 of a label.
func TestKey() []byte {
	key := sha256.Sum256([]byte("inkan test key: controlling authority, ECDSA P-256"))
	return key[:]
}

// LoadFile is the SHA-256 of a load file data block as it was loaded, deciphered.
type LoadFile [sha256.Size]byte

// Message is what a signature of the service is over: LV instance AID of the
// applet that asked, the load file that its class came with, then the data that it
// gave. Spec: SPEC-RUNTIME-142.
func Message(applet []byte, file LoadFile, data []byte) []byte {
	return append(append(append([]byte{byte(len(applet))}, applet...), file[:]...), data...)
}

// Verify tells whether an authority signed data for an applet of a load file.
// Spec: SPEC-RUNTIME-142.
func Verify(key *ecdsa.PublicKey, applet []byte, file LoadFile, data, signature []byte) bool {
	if key == nil || len(signature) != SignatureBytes {
		return false
	}
	digest := sha256.Sum256(Message(applet, file, data))
	r, s := new(big.Int).SetBytes(signature[:32]), new(big.Int).SetBytes(signature[32:])
	return ecdsa.Verify(key, digest[:], r, s)
}

// Service is the global service: what each applet has begun, by its AID, is in
// RAM.
type Service struct {
	engines *engine.Engines
	curve   *engine.Curve
	private *ecdsa.PrivateKey
	files   LoadFiles
	begun   map[string]*engine.Digest
}

// LoadFiles is what a platform knows of the load files on its card.
type LoadFiles interface {
	// LoadFileOf is the load file that an applet's class came with; false: the
	// card does not know its hash.
	LoadFileOf(applet *runtime.Applet) (LoadFile, bool)
}

var (
	_ runtime.GlobalService = (*Service)(nil)
	_ runtime.Authority     = (*Service)(nil)
)

// New makes the service with a private key on P-256, 32 bytes, for applets of files.
func New(engines *engine.Engines, key []byte, files LoadFiles) (*Service, error) {
	private, err := ecdsa.ParseRawPrivateKey(elliptic.P256(), key)
	if err != nil {
		return nil, fmt.Errorf("authority: the key is no scalar of P-256 in 32 bytes: %w", err)
	}
	return &Service{engines: engines, curve: engine.DomainNamed("secp256r1").Curve(), private: private,
		files: files, begun: map[string]*engine.Digest{}}, nil
}

// PublicKey is the public key; nil of no service.
func (a *Service) PublicKey() *ecdsa.PublicKey {
	if a == nil {
		return nil
	}
	return &a.private.PublicKey
}

// Reset forgets what applets have begun.
func (a *Service) Reset() {
	if a != nil {
		clear(a.begun)
	}
}

// Forget forgets what one applet has begun.
func (a *Service) Forget(applet []byte) {
	if a != nil {
		delete(a.begun, string(applet))
	}
}

// Find finds the service as runtime.Platform.Service: as the unique one of its
// family, or by the AID of its security domain. Spec: SPEC-RUNTIME-140.
func (a *Service) Find(provider []byte, name uint16) runtime.GlobalService {
	if a == nil || name != Name || provider != nil && string(provider) != string(gp.AIDCASD.Append(nil)) {
		return nil
	}
	return a
}

// Request implements runtime.GlobalService: whoever asks is served.
func (a *Service) Request(*runtime.Applet, []byte) error { return nil }

// Authority implements runtime.GlobalService.
func (a *Service) Authority() runtime.Authority { return a }

// Init begins a signature, for an applet whose load file the card knows.
// Spec: SPEC-RUNTIME-143, SPEC-RUNTIME-145.
func (a *Service) Init(client *runtime.Applet, mode byte) error {
	switch mode {
	case runtime.AuthoritySign:
		return a.begin(client)
	case runtime.AuthorityKeyRecovery:
		return iso7816.FunctionNotSupported
	}
	return iso7816.WrongData
}

func (a *Service) begin(client *runtime.Applet) error {
	delete(a.begun, string(client.AID))
	file, ok := a.files.LoadFileOf(client)
	if !ok {
		return iso7816.ConditionsNotSatisfied
	}
	d := a.engines.NewDigest(crypto.SHA256)
	d.Write(Message(client.AID, file, nil))
	a.begun[string(client.AID)] = d
	return nil
}

// Update implements runtime.Authority.
func (a *Service) Update(client *runtime.Applet, data []byte) error {
	d := a.begun[string(client.AID)]
	if d == nil {
		return iso7816.ConditionsNotSatisfied
	}
	d.Write(data)
	return nil
}

// Sign appends r and s, 32 bytes each. A new signature may follow, as after
// Init. Spec: SPEC-RUNTIME-142, SPEC-RUNTIME-144.
func (a *Service) Sign(client *runtime.Applet, dst, data []byte) ([]byte, error) {
	if err := a.Update(client, data); err != nil {
		return dst, err
	}
	digest := a.begun[string(client.AID)].Sum(nil)
	if err := a.begin(client); err != nil {
		return dst, err
	}
	key, err := a.private.Bytes()
	if err != nil {
		return dst, iso7816.NoPreciseDiagnosis
	}
	defer clear(key)
	r, s, err := a.engines.ECDSASign(a.curve, crypto.SHA256, key, digest)
	if err != nil {
		return dst, iso7816.NoPreciseDiagnosis
	}
	signature := make([]byte, SignatureBytes)
	r.FillBytes(signature[:32])
	s.FillBytes(signature[32:])
	return append(dst, signature...), nil
}

// RecoverKey is not supported.
func (a *Service) RecoverKey(_ *runtime.Applet, dst, _ []byte) ([]byte, error) {
	return dst, iso7816.FunctionNotSupported
}
