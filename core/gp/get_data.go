package gp

import (
	"inkan/core/apdu"
	"inkan/core/tlv"
)

// Tags of the data objects that GET DATA reads (GP Card Specification 2.3.1
// §11.3, §H.1, Amendment A, ETSI TS 102 226 §8.2.1.7).
const (
	TagIIN                      tlv.Tag = 0x42   // issuer identification number
	TagCIN                      tlv.Tag = 0x45   // card image number
	TagCardData                 tlv.Tag = 0x66   // card data, with card recognition data
	TagCardCapability           tlv.Tag = 0x67   // card capability information
	TagSequenceCounter          tlv.Tag = 0xC1   // sequence counter of the default key version
	TagConfirmationCounter      tlv.Tag = 0xC2   // confirmation counter
	TagDiversificationData      tlv.Tag = 0xCF   // key diversification data
	TagSecurityLevel            tlv.Tag = 0xD3   // current security level
	TagKeyInformation           tlv.Tag = 0xE0   // key information template
	TagApplications             tlv.Tag = 0x2F00 // list of applications
	TagSecurityDomainManagerURL tlv.Tag = 0x5F50 // security domain manager URL
	TagCertificate              tlv.Tag = 0x7F21 // certificate of the CASD
	TagCPLC                     tlv.Tag = 0x9F7F // card production life cycle data
	TagExtendedResources        tlv.Tag = 0xFF21 // extended card resources information
)

// GetData is GET DATA (GP Card Specification 2.3.1 §11.3): 80 CA tag.
type GetData struct {
	Tag tlv.Tag // one or two bytes, in P1-P2
	// Data is the data field; empty for most objects. The list of applications
	// is read with the empty tag list 5C00.
	Data []byte
	Odd  bool // instruction CB instead of CA
}

// APDU implements Command.
func (g GetData) APDU(buf []byte) (apdu.Command, error) {
	c := apdu.Command{CLA: ClassGlobalPlatform, INS: InsGetData, P1: byte(g.Tag >> 8), P2: byte(g.Tag), Ne: apdu.MaxShortNe}
	if g.Tag > 0xFFFF {
		return c, errValue("GET DATA", "tag")
	}
	if g.Odd {
		c.INS = InsGetDataOdd
	}
	c.Data = added(buf, append(buf, g.Data...))
	return c, nil
}

// DecodeGetData reads GET DATA, of interindustry or GlobalPlatform class and
// of either instruction byte. Errors are *wire.DecodeError. Spec: SPEC-GP-065.
func DecodeGetData(c *apdu.Command) (GetData, error) {
	ins := InsGetData
	if c.INS == InsGetDataOdd {
		ins = InsGetDataOdd
	}
	r := data("GET DATA", c, anyClass, ins)
	g := GetData{Tag: tlv.Tag(c.P1)<<8 | tlv.Tag(c.P2), Data: r.Rest(), Odd: c.INS == InsGetDataOdd}
	if r.Err() != nil {
		return GetData{}, r.Err()
	}
	return g, nil
}

// DecodeDataObject returns the value of the one data object that the response
// data of GET DATA must be, borrowed. Errors are *wire.DecodeError.
// Spec: SPEC-GP-066.
func DecodeDataObject(b []byte, tag tlv.Tag) ([]byte, error) {
	r, err := only(b, tag)
	if err != nil {
		return nil, err
	}
	return r.Value(), nil
}

// DecodeCounter reads a sequence counter (C1) or confirmation counter (C2) of
// 2 to 4 bytes. Errors are *wire.DecodeError.
func DecodeCounter(b []byte, tag tlv.Tag) (uint32, error) {
	r, err := only(b, tag)
	if err != nil {
		return 0, err
	}
	return uintValue(&r, 4)
}

// AppendCounter appends a counter object of the given size in bytes, 2 to 4.
func AppendCounter(dst []byte, tag tlv.Tag, value uint32, sizeBytes int) []byte {
	return appendUint(dst, tag, value, sizeBytes)
}
