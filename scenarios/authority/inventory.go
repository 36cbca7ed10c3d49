package authority

import (
	"crypto/ecdsa"
	"crypto/sha256"
	"crypto/x509"
	"sync"

	"inkan/core/jpki/perso"
)

// Inventory knows the keys by which SIM cards attest, as carriers report them: a
// ca.Attestation in memory. The zero value is empty. It is for concurrent use.
type Inventory struct {
	mutex sync.RWMutex
	keys  map[entry]perso.Authority
}

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
		v.keys = map[entry]perso.Authority{}
	}
	v.keys[entry{sim, id}] = perso.ECDSAAuthority{Key: key}
	return id, nil
}

// AttestationKey implements ca.Attestation.
func (v *Inventory) AttestationKey(sim [16]byte, id perso.Hash) perso.Authority {
	v.mutex.RLock()
	defer v.mutex.RUnlock()
	return v.keys[entry{sim, id}]
}
