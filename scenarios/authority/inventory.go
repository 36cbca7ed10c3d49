package authority

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/sha256"
	"crypto/x509"
	"encoding/hex"
	"encoding/json"
	"encoding/pem"
	"errors"
	"fmt"
	"os"
	"sync"

	"inkan/ca"
	"inkan/core/jpki/perso"
)

// Inventory knows the keys by which SIM cards attest, as carriers report them: a
// ca.Attesting in memory. The zero value is empty. It is for concurrent use.
type Inventory struct {
	mutex sync.RWMutex
	keys  map[entry]perso.Authority
	sims  map[[16]byte]bool // that have a key
}

var _ ca.Attesting = (*Inventory)(nil)

type entry struct {
	sim [16]byte
	key perso.Hash
}

// Report notes the key of a SIM's authority and gives its name: the SHA-256 of its
// SubjectPublicKeyInfo.
func (v *Inventory) Report(sim [16]byte, key *ecdsa.PublicKey) (perso.Hash, error) {
	spki, err := x509.MarshalPKIXPublicKey(key)
	if err != nil {
		return perso.Hash{}, err
	}
	id := perso.Hash(sha256.Sum256(spki))
	v.mutex.Lock()
	defer v.mutex.Unlock()
	if v.keys == nil {
		v.keys, v.sims = map[entry]perso.Authority{}, map[[16]byte]bool{}
	}
	v.keys[entry{sim, id}], v.sims[sim] = perso.ECDSAAuthority{Key: key}, true
	return id, nil
}

// sim is a SIM's key in a file.
type sim struct {
	SIM       string `json:"sim"`       // identifier as in orders, in hex, up to 16 bytes
	PublicKey string `json:"publicKey"` // SubjectPublicKeyInfo in PEM, of P-256
}

// ReadSIMs reports the keys in a file in JSON: a list of objects with sim, the
// identifier as in orders in hex, and publicKey in PEM.
func (v *Inventory) ReadSIMs(path string) error {
	text, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	var list []sim
	if err := json.Unmarshal(text, &list); err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	for i, s := range list {
		if err := v.read(&s); err != nil {
			return fmt.Errorf("%s: SIM %d: %w", path, i+1, err)
		}
	}
	return nil
}

func (v *Inventory) read(s *sim) error {
	var id [16]byte
	raw, err := hex.DecodeString(s.SIM)
	if err != nil || len(raw) == 0 || len(raw) > len(id) {
		return fmt.Errorf("identifier %q: want 1 to 16 bytes in hex", s.SIM)
	}
	copy(id[:], raw)
	block, _ := pem.Decode([]byte(s.PublicKey))
	if block == nil {
		return errors.New("the publicKey is no PEM")
	}
	public, err := x509.ParsePKIXPublicKey(block.Bytes)
	if err != nil {
		return err
	}
	key, ok := public.(*ecdsa.PublicKey)
	if !ok || key.Curve != elliptic.P256() {
		return errors.New("the publicKey is not of P-256")
	}
	_, err = v.Report(id, key)
	return err
}

// AttestationKey implements ca.Attestation.
func (v *Inventory) AttestationKey(sim [16]byte, id perso.Hash) perso.Authority {
	v.mutex.RLock()
	defer v.mutex.RUnlock()
	return v.keys[entry{sim, id}]
}

// Attests implements ca.Attesting.
func (v *Inventory) Attests(sim [16]byte) bool {
	v.mutex.RLock()
	defer v.mutex.RUnlock()
	return v.sims[sim]
}

// Len is how many SIMs have a key.
func (v *Inventory) Len() int {
	v.mutex.RLock()
	defer v.mutex.RUnlock()
	return len(v.sims)
}
