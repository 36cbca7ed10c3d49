package world

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/sha256"

	"inkan/core/scp/confidential/casd"
)

// makerName is how certificates name the SIMs' maker.
const makerName = "INKAN TEST MAKER"

// makerKey is the key of the SIMs' maker: TEST ONLY, it follows from its name.
func makerKey() (*ecdsa.PrivateKey, error) {
	scalar := sha256.Sum256([]byte("TEST ONLY: key of " + makerName))
	return ecdsa.ParseRawPrivateKey(elliptic.P256(), scalar[:])
}

// makers are those whose certificates the SP-TSM believes.
func makers() ([]casd.Maker, error) {
	key, err := makerKey()
	if err != nil {
		return nil, err
	}
	return []casd.Maker{{Name: []byte(makerName), Key: &key.PublicKey}}, nil
}
