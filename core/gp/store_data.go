package gp

import (
	"fmt"

	"inkan/core/apdu"
)

// DataEncryption is how the data of STORE DATA is encrypted besides the secure
// channel: bits 7–6 of P1.
type DataEncryption byte

// Encryptions (GP Card Specification 2.3.1 table 11-89).
const (
	EncryptionNotSaid     DataEncryption = 0x00 // none, or not said
	EncryptionApplication DataEncryption = 0x20 // the application's own
	EncryptionDEK         DataEncryption = 0x60 // under the data encryption key
	encryptionReserved    DataEncryption = 0x40
)

// DataStructure is the structure of the data of STORE DATA: bits 5–4 of P1.
type DataStructure byte

// Structures.
const (
	StructureNotSaid  DataStructure = 0x00
	StructureDGI      DataStructure = 0x08
	StructureBERTLV   DataStructure = 0x10
	structureReserved DataStructure = 0x18
)

// StoreData is STORE DATA (GP Card Specification 2.3.1 §11.11): 80 E2 P1
// number, the next part of the data.
type StoreData struct {
	Last       bool // P1 bit 8
	Encryption DataEncryption
	Structure  DataStructure
	MayRespond bool // P1 bit 1: response data may come
	Number     byte // P2
	Data       []byte
}

// P1 is the reference control parameter that says all but the number.
func (s *StoreData) P1() byte {
	p1 := byte(s.Encryption) | byte(s.Structure)
	if s.Last {
		p1 |= 0x80
	}
	if s.MayRespond {
		p1 |= 0x01
	}
	return p1
}

// Format prints P1, number and how many bytes of data there are, which may be
// keys, whatever the verb. Spec: SPEC-GP-134.
func (s StoreData) Format(f fmt.State, _ rune) {
	fmt.Fprintf(f, "STORE DATA %02X%02X (%d bytes)", s.P1(), s.Number, len(s.Data))
}

// MarshalText is what Format prints, for JSON and logs.
func (s StoreData) MarshalText() ([]byte, error) { return fmt.Append(nil, s), nil }

// APDU implements Command. There is an Le field only when MayRespond.
func (s StoreData) APDU(buf []byte) (apdu.Command, error) {
	c := apdu.Command{CLA: ClassGlobalPlatform, INS: InsStoreData, P1: s.P1(), P2: s.Number}
	if s.Encryption&^EncryptionDEK != 0 || s.Encryption == encryptionReserved || s.Structure&^structureReserved != 0 || s.Structure == structureReserved {
		return c, errValue("STORE DATA", "P1")
	}
	if err := checkLen("STORE DATA block", len(s.Data), 1, apdu.MaxExtendedData); err != nil {
		return c, err
	}
	if s.MayRespond {
		c.Ne = apdu.MaxShortNe
	}
	c.Data = added(buf, append(buf, s.Data...))
	c.Extended = len(c.Data) > apdu.MaxShortData
	return c, nil
}

// DecodeStoreData reads STORE DATA. Errors are *wire.DecodeError.
// Spec: SPEC-GP-125, SPEC-GP-126.
func DecodeStoreData(c *apdu.Command) (StoreData, error) {
	r := data("STORE DATA", c, IsGlobalPlatformClass, InsStoreData)
	s := StoreData{
		Last:       c.P1&0x80 != 0,
		Encryption: DataEncryption(c.P1 & 0x60),
		Structure:  DataStructure(c.P1 & 0x18),
		MayRespond: c.P1&0x01 != 0,
		Number:     c.P2,
	}
	if c.P1&0x06 != 0 || s.Encryption == encryptionReserved || s.Structure == structureReserved {
		failP1(&r, "no reserved bit or value", c.P1)
	}
	someData(&r)
	s.Data = r.Rest()
	if r.Err() != nil {
		return StoreData{}, r.Err()
	}
	return s, nil
}
