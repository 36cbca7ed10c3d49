package profile

import (
	"encoding/binary"
	"fmt"

	"inkan/core/entropy"
	"inkan/core/keys"
	"inkan/core/scp"
)

// OTAVersion is the version of the keys for secured packets (SCP80).
const OTAVersion = 0x01

// secret is a key of a carrier that follows from its name: for a simulation, and
// secret to nobody.
func (p *Profile) secret(label string, n int) []byte {
	b := make([]byte, n)
	entropy.Seeded(0, "profile/"+p.issuer()+"/"+label).Fill(b)
	return b
}

// issuer is the profile of whom the issuer's keys are: the host of an MVNO.
func (p *Profile) issuer() string {
	if p.Host != "" {
		return p.Host
	}
	return p.Name
}

// Masters are the issuer's master keys of the secure channel; those of a profile
// without diversification are the test keys of the laboratory. The caller wipes
// them. Spec: SPEC-PROFILES-006.
func (p *Profile) Masters() scp.KeySet {
	set := scp.KeySet{Version: p.KeyVersion}
	if p.Method.Function == keys.NoDiversification {
		set.Enc, set.MAC, set.DEK = keys.TestKey(), keys.TestKey(), keys.TestKey()
		return set
	}
	label := fmt.Sprintf("master/%02X/", p.KeyVersion)
	set.Enc, set.MAC, set.DEK = p.secret(label+"enc", p.KeyBytes), p.secret(label+"mac", p.KeyBytes), p.secret(label+"dek", p.KeyBytes)
	return set
}

// KDD is the key diversification data of a card: issuer and model of chip, two
// bytes each, the card's number, four, and a batch, two. Spec: SPEC-PROFILES-007.
func (p *Profile) KDD(number uint32) (kdd [keys.KDDSize]byte) {
	copy(kdd[:2], p.secret("kdd", 2))
	copy(kdd[2:4], "\x47\x33")
	binary.BigEndian.PutUint32(kdd[4:], number)
	copy(kdd[8:], p.secret("batch", 2))
	return kdd
}

// Keys are the secure channel keys of a card's issuer domain, diversified as the
// profile says. The caller wipes them. Spec: SPEC-PROFILES-006.
func (p *Profile) Keys(number uint32) (scp.KeySet, error) {
	masters, kdd := p.Masters(), p.KDD(number)
	defer masters.Wipe()
	return p.Method.KeySet(masters, kdd[:])
}

// OTAKeys are the keys of a card for secured packets: KIc, KID and KIK, of 16
// bytes, AES or triple DES as the secure channel has. Spec: SPEC-PROFILES-006.
func (p *Profile) OTAKeys(number uint32) (scp.KeySet, error) {
	masters := scp.KeySet{Version: OTAVersion, Enc: p.secret("ota/kic", 16), MAC: p.secret("ota/kid", 16), DEK: p.secret("ota/kik", 16)}
	defer masters.Wipe()
	kdd := p.KDD(number)
	return p.Method.KeySet(masters, kdd[:])
}
