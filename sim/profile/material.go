package profile

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"encoding/binary"
	"fmt"

	"inkan/core/entropy"
	"inkan/core/gp"
	"inkan/core/keys"
	"inkan/core/scp"
	"inkan/core/uicc"
	"inkan/sim/os"
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
	binary.BigEndian.PutUint16(kdd[2:], chipType)
	binary.BigEndian.PutUint32(kdd[4:], number)
	copy(kdd[8:], p.secret("batch", 2))
	return kdd
}

// chipType is the model of chip that cards name.
const chipType = 0x4733

// cplc is the production data of a card: what is in its diversification data, and
// the day of this document. Nobody made it.
func (p *Profile) cplc(number uint32) gp.CPLC {
	kdd := p.KDD(number)
	const day = 0x6332 // 2026, day 332
	return gp.CPLC{ICFabricator: binary.BigEndian.Uint16(kdd[:]), ICType: chipType, ICFabricationDate: day, ICSerialNumber: number,
		ICBatch: binary.BigEndian.Uint16(kdd[8:]), OperatingSystemReleaseDate: day, PersonalizationDate: day}
}

// Keys are the secure channel keys of a card's issuer domain, diversified as the
// profile says. The caller wipes them. Spec: SPEC-PROFILES-006.
func (p *Profile) Keys(number uint32) (scp.KeySet, error) {
	masters, kdd := p.Masters(), p.KDD(number)
	defer masters.Wipe()
	return p.Method.KeySet(masters, kdd[:])
}

// OTAMasters are the issuer's master keys for secured packets. The caller wipes them.
// Spec: SPEC-PROFILES-006.
func (p *Profile) OTAMasters() scp.KeySet {
	return scp.KeySet{Version: OTAVersion, Enc: p.secret("ota/kic", 16), MAC: p.secret("ota/kid", 16), DEK: p.secret("ota/kik", 16)}
}

// OTAKeys are the keys of a card for secured packets: KIc, KID and KIK, of 16
// bytes, AES or triple DES as the secure channel has. Spec: SPEC-PROFILES-006.
func (p *Profile) OTAKeys(number uint32) (scp.KeySet, error) {
	masters := p.OTAMasters()
	defer masters.Wipe()
	kdd := p.KDD(number)
	return p.Method.KeySet(masters, kdd[:])
}

// ProviderVersion is the key version of the provider's domain: behind the issuer's.
func (p *Profile) ProviderVersion() byte { return p.KeyVersion + 8 }

// ProviderKeys are the first keys of the provider's domain on a card, which the
// carrier sets: as long as its own. The caller wipes them.
// Spec: SPEC-PROFILES-006.
func (p *Profile) ProviderKeys(number uint32) scp.KeySet {
	key := func(use string) []byte { return p.secret(fmt.Sprintf("provider/%d/%s", number, use), p.KeyBytes) }
	return scp.KeySet{Version: p.ProviderVersion(), Enc: key("enc"), MAC: key("mac"), DEK: key("dek")}
}

// ProviderOTAKeys are the keys of the provider's domain on a card for secured
// packets, of 16 bytes. The caller wipes them. Spec: SPEC-PROFILES-014.
func (p *Profile) ProviderOTAKeys(number uint32) scp.KeySet {
	key := func(use string) []byte { return p.secret(fmt.Sprintf("provider/%d/ota/%s", number, use), 16) }
	return scp.KeySet{Version: OTAVersion, Enc: key("kic"), MAC: key("kid"), DEK: key("kik")}
}

// TokenKey is the carrier's key that signs tokens, on P-256.
func (p *Profile) TokenKey() (*ecdsa.PrivateKey, error) {
	return ecdsa.ParseRawPrivateKey(elliptic.P256(), p.secret("token", 32))
}

// ReceiptVersion is the version of the key of receipts.
const ReceiptVersion = receiptVersion

// ReceiptMaster is the issuer's master key of receipts, Enc alone: the keys of cards
// follow from it as those of the channel do. The caller wipes it.
func (p *Profile) ReceiptMaster() scp.KeySet {
	return scp.KeySet{Version: receiptVersion, Enc: p.secret("receipt", 16)}
}

// ReceiptKey is the key of a card's receipts, AES with 16 bytes.
func (p *Profile) ReceiptKey(number uint32) ([]byte, error) {
	master, kdd := p.ReceiptMaster(), p.KDD(number)
	defer master.Wipe()
	return p.Method.Append(nil, master.Enc, kdd[:], keys.IDEnc)
}

// issuerNumbers are IIN and CIN of a card's issuer domain: both are of the ICCID.
func (p *Profile) issuerNumbers(number uint32) (iin, cin []byte, err error) {
	cin, err = uicc.AppendICCID(nil, p.ICCID(number))
	if err != nil {
		return nil, nil, err
	}
	return cin[:3:3], cin, nil
}

// ReceiptDomain is IIN and CIN of the domain whose receipts a card gives, as receipts
// have them.
func (p *Profile) ReceiptDomain(number uint32) ([]byte, error) {
	iin, cin, err := p.issuerNumbers(number)
	return append(iin, cin...), err
}

// Versions and identifier of the keys of delegated management.
const (
	tokenVersion   = 0x70
	receiptVersion = 0x71
	delegationID   = 0x01
)

// delegation are the keys of an issuer's domain that admits delegated management.
func (p *Profile) delegation(number uint32) ([]os.Key, error) {
	if p.Model != Delegated {
		return nil, nil
	}
	key, err := p.TokenKey()
	if err != nil {
		return nil, err
	}
	point, err := key.PublicKey.Bytes()
	if err != nil {
		return nil, err
	}
	receipt, err := p.ReceiptKey(number)
	if err != nil {
		return nil, err
	}
	return []os.Key{
		{Version: tokenVersion, ID: delegationID, Values: []gp.KeyValue{{Type: keys.ECPublic, Value: point}, {Type: keys.ECParameters, Value: []byte{0}}}},
		{Version: receiptVersion, ID: delegationID, Values: []gp.KeyValue{{Type: keys.AES, Value: receipt}}},
	}, nil
}
