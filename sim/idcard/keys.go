package idcard

import (
	"encoding/binary"

	"inkan/core/entropy"
	"inkan/core/gp"
	"inkan/core/keys"
	"inkan/core/scp"
)

// The issuer's secure channel: SCP03 with AES-128, R-MAC and R-ENCRYPTION.
const (
	KeyType  = keys.AES
	KeyBytes = 16
	channelI = 0x70

	BatchVersion byte = 0x30 // keys of all cards before personalisation
	Version      byte = 0x31 // keys of one card
)

// chipType is the model of chip that cards name.
const chipType = 0x4733

// BatchKeys are the keys of a card that nobody has personalised: the laboratory's
// test keys. The caller wipes them.
func BatchKeys() scp.KeySet {
	return scp.KeySet{Version: BatchVersion, Enc: keys.TestKey(), MAC: keys.TestKey(), DEK: keys.TestKey()}
}

// BatchKDD is the key diversification data of a card that nobody has personalised.
func BatchKDD() [keys.KDDSize]byte { return KDD(0) }

// KDD is the key diversification data of a card: issuer and model of chip, two
// bytes each, the card's number, four, and two bytes of the batch.
func KDD(number uint32) (kdd [keys.KDDSize]byte) {
	copy(kdd[:], "\x4A\x4C") // JL
	binary.BigEndian.PutUint16(kdd[2:], chipType)
	binary.BigEndian.PutUint32(kdd[4:], number)
	binary.BigEndian.PutUint16(kdd[8:], 1)
	return kdd
}

// CIN is the card image number: 392, the country, and the card's number in digits,
// eight bytes.
func CIN(number uint32) []byte {
	cin := make([]byte, 8)
	cin[0], cin[1] = 0x39, 0x2F
	for i := 7; i > 1; i-- {
		cin[i] = byte(number%10 | number/10%10<<4)
		number /= 100
	}
	return cin
}

// Keys are the issuer's keys of a card, which follow from master keys that are
// secret to nobody. The caller wipes them. Spec: SPEC-IDCARD-015.
func Keys(number uint32) (scp.KeySet, error) {
	masters := scp.KeySet{Version: Version, Enc: master("enc"), MAC: master("mac"), DEK: master("dek")}
	defer masters.Wipe()
	kdd := KDD(number)
	return keys.KDF3.KeySet(masters, kdd[:])
}

func master(use string) []byte {
	b := make([]byte, KeyBytes)
	entropy.Seeded(0, "idcard/master/"+use).Fill(b)
	return b
}

// cplc is the production data of a body. Nobody made it.
func cplc(number uint32) gp.CPLC {
	const day = 0x6332 // 2026, day 332
	return gp.CPLC{ICFabricator: 0x4A4C, ICType: chipType, ICFabricationDate: day, ICSerialNumber: number, ICBatch: 1,
		OperatingSystemReleaseDate: day, PersonalizationDate: day}
}
