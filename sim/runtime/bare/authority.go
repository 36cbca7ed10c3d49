package bare

import (
	"crypto/ecdsa"

	"inkan/sim/runtime"
	"inkan/sim/runtime/authority"
)

// Authority configures the global service of the controlling authority: what
// its security domain (CASD) offers applets.
type Authority struct {
	Off bool   // there is none: GPSystem.getService gives null
	Key []byte // private key on P-256, 32 bytes; nil: TestAuthorityKey
}

// ServiceAuthority is the name of the service: family 83, identifier 00.
const ServiceAuthority = authority.Name

// AuthoritySignatureBytes is the length of a signature: r and s.
const AuthoritySignatureBytes = authority.SignatureBytes

// TestAuthorityKey is the private key of cards that were not given one. It is
// public: SHA-256 of a label.
func TestAuthorityKey() []byte { return authority.TestKey() }

// AuthorityMessage is what a signature of the authority's service is over: LV
// instance AID of the applet that asked, SHA-256 of the load file data block that it
// came with, then the data that it gave. Spec: SPEC-RUNTIME-142.
func AuthorityMessage(applet []byte, loadFile [32]byte, data []byte) []byte {
	return authority.Message(applet, loadFile, data)
}

// AuthorityKey is the public key of the card's authority; nil: the card has
// none.
func (c *Card) AuthorityKey() *ecdsa.PublicKey { return c.authority.PublicKey() }

// VerifyAuthority tells whether the card's authority signed data for an applet of a
// load file data block with that SHA-256. Spec: SPEC-RUNTIME-142.
func (c *Card) VerifyAuthority(applet []byte, loadFile [32]byte, data, signature []byte) bool {
	return authority.Verify(c.AuthorityKey(), applet, loadFile, data, signature)
}

func (c *Card) newAuthority() (err error) {
	cfg := c.cfg.Authority
	if cfg == nil {
		cfg = new(Authority)
	}
	if cfg.Off {
		return nil
	}
	key := cfg.Key
	if key == nil {
		key = authority.TestKey()
	}
	c.authority, err = authority.New(c.Engines(), key, (*platform)(c))
	return err
}

// service finds the authority. Spec: SPEC-RUNTIME-140.
func (c *Card) service(provider []byte, name uint16) runtime.GlobalService {
	return c.authority.Find(provider, name)
}
