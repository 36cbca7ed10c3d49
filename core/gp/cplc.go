package gp

import (
	"inkan/core/tlv"
	"inkan/core/wire"
)

// CPLCLen is the length of card production life cycle data in bytes.
const CPLCLen = 42

// CPLC is card production life cycle data (GP Card Specification 2.0.1′ and
// Visa GlobalPlatform; GET DATA 9F7F). Dates are binary-coded decimals YDDD,
// year of the decade and day of the year; 0000 is none.
type CPLC struct {
	ICFabricator                uint16
	ICType                      uint16
	OperatingSystem             uint16
	OperatingSystemReleaseDate  uint16
	OperatingSystemReleaseLevel uint16
	ICFabricationDate           uint16
	ICSerialNumber              uint32
	ICBatch                     uint16
	ICModuleFabricator          uint16
	ICModulePackagingDate       uint16
	ICCManufacturer             uint16
	ICEmbeddingDate             uint16
	PrePersonalizer             uint16
	PrePersonalizationDate      uint16
	PrePersonalizationEquipment uint32
	Personalizer                uint16
	PersonalizationDate         uint16
	PersonalizationEquipment    uint32
}

// Append appends the answer to GET DATA 9F7F. Spec: SPEC-GP-073.
func (p *CPLC) Append(dst []byte) []byte {
	dst = tlv.AppendHeader(dst, TagCPLC, CPLCLen)
	u2 := func(v uint16) { dst = append(dst, byte(v>>8), byte(v)) }
	u4 := func(v uint32) { dst = append(dst, byte(v>>24), byte(v>>16), byte(v>>8), byte(v)) }
	u2(p.ICFabricator)
	u2(p.ICType)
	u2(p.OperatingSystem)
	u2(p.OperatingSystemReleaseDate)
	u2(p.OperatingSystemReleaseLevel)
	u2(p.ICFabricationDate)
	u4(p.ICSerialNumber)
	u2(p.ICBatch)
	u2(p.ICModuleFabricator)
	u2(p.ICModulePackagingDate)
	u2(p.ICCManufacturer)
	u2(p.ICEmbeddingDate)
	u2(p.PrePersonalizer)
	u2(p.PrePersonalizationDate)
	u4(p.PrePersonalizationEquipment)
	u2(p.Personalizer)
	u2(p.PersonalizationDate)
	u4(p.PersonalizationEquipment)
	return dst
}

// DecodeCPLC reads the answer to GET DATA 9F7F. Errors are *wire.DecodeError.
// Spec: SPEC-GP-073.
func DecodeCPLC(b []byte) (CPLC, error) {
	outer, err := only(b, TagCPLC)
	if err != nil {
		return CPLC{}, err
	}
	r := wire.Sub("CPLC", outer.Value(), outer.ValueOffset())
	u4 := func(path string) uint32 { return uint32(r.Uint16(path))<<16 | uint32(r.Uint16(path)) }
	p := CPLC{
		ICFabricator:                r.Uint16("IC fabricator"),
		ICType:                      r.Uint16("IC type"),
		OperatingSystem:             r.Uint16("operating system"),
		OperatingSystemReleaseDate:  r.Uint16("operating system release date"),
		OperatingSystemReleaseLevel: r.Uint16("operating system release level"),
		ICFabricationDate:           r.Uint16("IC fabrication date"),
		ICSerialNumber:              u4("IC serial number"),
		ICBatch:                     r.Uint16("IC batch"),
		ICModuleFabricator:          r.Uint16("IC module fabricator"),
		ICModulePackagingDate:       r.Uint16("IC module packaging date"),
		ICCManufacturer:             r.Uint16("ICC manufacturer"),
		ICEmbeddingDate:             r.Uint16("IC embedding date"),
		PrePersonalizer:             r.Uint16("pre-personalizer"),
		PrePersonalizationDate:      r.Uint16("pre-personalization date"),
		PrePersonalizationEquipment: u4("pre-personalization equipment"),
		Personalizer:                r.Uint16("personalizer"),
		PersonalizationDate:         r.Uint16("personalization date"),
		PersonalizationEquipment:    u4("personalization equipment"),
	}
	if err := r.End(); err != nil {
		return CPLC{}, err
	}
	return p, nil
}

// CPLCDate is the date that a CPLC field names, in the ten years that end with
// the given day: year and day of the year (1 to 366). ok is false for no date,
// digits beyond 9 and days that the year does not have.
// Spec: SPEC-GP-074.
func CPLCDate(field uint16, todayYear, todayYearDay int) (year, yearDay int, ok bool) {
	for shift := 0; shift < 16; shift += 4 {
		if field>>shift&0xF > 9 {
			return 0, 0, false
		}
	}
	digit := int(field >> 12)
	yearDay = int(field>>8&0xF)*100 + int(field>>4&0xF)*10 + int(field&0xF)
	year = todayYear - todayYear%10 + digit
	if year > todayYear || year == todayYear && yearDay > todayYearDay {
		year -= 10
	}
	last := 365
	if year%4 == 0 && (year%100 != 0 || year%400 == 0) {
		last = 366
	}
	if yearDay < 1 || yearDay > last {
		return 0, 0, false
	}
	return year, yearDay, true
}
