package uicc

import (
	"inkan/core/tlv"
	"inkan/core/wire"
)

// LifeCycle is the life cycle status integer, object 8A of the FCP.
type LifeCycle byte

// Life cycle states (ETSI TS 102 221 §11.1.1.4.9).
const (
	Activated   LifeCycle = 0x05
	Deactivated LifeCycle = 0x04
)

// PINStatus is an entry of the PIN status template, object C6.
type PINStatus struct {
	Key     KeyReference
	Enabled bool
}

// RuleReference is object 8B: the record of an EF ARR that guards the file.
type RuleReference struct {
	File   FileID
	Record byte
}

// FCP is the file control parameters template that SELECT and STATUS return
// (ETSI TS 102 221 §11.1.1.3). Objects are written in the order of the fields.
type FCP struct {
	Descriptor  Descriptor    // 82
	ID          FileID        // 83
	AID         []byte        // 84: DF name of an ADF
	Proprietary []byte        // A5: the objects in it; nil: absent
	LifeCycle   LifeCycle     // 8A
	Rule        RuleReference // 8B; File 0: absent
	Size        int           // 80: bytes of an EF's content; -1: absent
	SFI         SFI           // 88
	PINs        []PINStatus   // C6 of a directory; nil: absent
}

// SFI is a short file identifier 1 to 30, or one of the two other forms of
// object 88.
type SFI int8

// Forms of object 88 beside a value.
const (
	SFIFromFileID SFI = 0  // the object is absent: the low five bits of the file identifier
	NoSFI         SFI = -1 // the object is empty
)

// Tags of the FCP template.
const (
	tagFCP         tlv.Tag = 0x62
	tagSize        tlv.Tag = 0x80
	tagDescriptor  tlv.Tag = 0x82
	tagFileID      tlv.Tag = 0x83
	tagName        tlv.Tag = 0x84
	tagSFI         tlv.Tag = 0x88
	tagLifeCycle   tlv.Tag = 0x8A
	tagRule        tlv.Tag = 0x8B
	tagProprietary tlv.Tag = 0xA5
	tagPINStatus   tlv.Tag = 0xC6
	tagPSDO        tlv.Tag = 0x90
	tagKey         tlv.Tag = 0x83
)

// MaxPINs is the most entries of a PIN status template that Append writes.
const MaxPINs = 16

// Append appends the template. Spec: SPEC-USIM-010, SPEC-USIM-012.
func (f *FCP) Append(dst []byte) []byte {
	dst, mark := tlv.Begin(dst, tagFCP)
	dst, inner := tlv.Begin(dst, tagDescriptor)
	dst = tlv.End(f.Descriptor.appendValue(dst), inner)
	dst = append(dst, byte(tagFileID), 2, byte(f.ID>>8), byte(f.ID))
	if len(f.AID) > 0 {
		dst = tlv.Append(dst, tagName, f.AID)
	}
	if f.Proprietary != nil {
		dst = tlv.Append(dst, tagProprietary, f.Proprietary)
	}
	dst = append(dst, byte(tagLifeCycle), 1, byte(f.LifeCycle))
	if f.Rule.File != 0 {
		dst = append(dst, byte(tagRule), 3, byte(f.Rule.File>>8), byte(f.Rule.File), f.Rule.Record)
	}
	if f.Size >= 0 {
		dst = append(dst, byte(tagSize), 2, byte(f.Size>>8), byte(f.Size))
	}
	switch {
	case f.SFI > 0:
		dst = append(dst, byte(tagSFI), 1, byte(f.SFI)<<3)
	case f.SFI == NoSFI:
		dst = append(dst, byte(tagSFI), 0)
	}
	if f.PINs != nil {
		dst = appendPINStatus(dst, f.PINs)
	}
	return tlv.End(dst, mark)
}

// appendPINStatus appends C6: one bit for each key, in the order of the key
// references behind it. Spec: SPEC-USIM-013.
func appendPINStatus(dst []byte, pins []PINStatus) []byte {
	pins = pins[:min(len(pins), MaxPINs)]
	var bits uint16
	for i, p := range pins {
		if p.Enabled {
			bits |= 0x8000 >> i
		}
	}
	dst, mark := tlv.Begin(dst, tagPINStatus)
	if len(pins) > 8 {
		dst = append(dst, byte(tagPSDO), 2, byte(bits>>8), byte(bits))
	} else {
		dst = append(dst, byte(tagPSDO), 1, byte(bits>>8))
	}
	for _, p := range pins {
		dst = append(dst, byte(tagKey), 1, byte(p.Key))
	}
	return tlv.End(dst, mark)
}

// DecodeFCP reads a template. Objects that it does not know are skipped. AID and
// Proprietary are borrowed. Errors are *wire.DecodeError. Spec: SPEC-USIM-010.
func DecodeFCP(b []byte) (FCP, error) {
	out := tlv.NewReader(b)
	if !out.Next() || out.Tag() != tagFCP {
		if err := out.Err(); err != nil {
			return FCP{}, err
		}
		return FCP{}, &wire.DecodeError{Format: "FCP", Want: "template 62", Got: "something else"}
	}
	f := FCP{Size: -1}
	in := out.Children()
	var seen [2]bool // 82, 83
	for in.Next() {
		r := wire.Sub("FCP", in.Value(), in.ValueOffset())
		f.object(in.Tag(), in.Value(), &r)
		seen[0] = seen[0] || in.Tag() == tagDescriptor
		seen[1] = seen[1] || in.Tag() == tagFileID
		if err := r.End(); err != nil {
			return FCP{}, err
		}
	}
	if err := in.Err(); err != nil {
		return FCP{}, err
	}
	if !seen[0] || !seen[1] {
		return FCP{}, &wire.DecodeError{Format: "FCP", Path: "62", Offset: len(b), Want: "objects 82 and 83", Got: "end of the template"}
	}
	if out.Next() || out.Err() != nil {
		return FCP{}, &wire.DecodeError{Format: "FCP", Offset: out.Offset(), Want: "one template", Got: "more bytes"}
	}
	return f, nil
}

func (f *FCP) object(tag tlv.Tag, value []byte, r *wire.Reader) {
	switch tag {
	case tagDescriptor:
		f.Descriptor.read(r)
	case tagFileID:
		f.ID = FileID(r.Uint16("file identifier"))
	case tagName:
		f.AID = r.Rest()
	case tagProprietary:
		f.Proprietary = r.Rest()
	case tagLifeCycle:
		f.LifeCycle = LifeCycle(r.Byte("life cycle status"))
	case tagRule:
		f.Rule.File = FileID(r.Uint16("EF ARR"))
		f.Rule.Record = r.Byte("record")
	case tagSize:
		f.Size = int(r.Uint16("file size"))
	case tagSFI:
		if f.SFI = NoSFI; len(value) > 0 {
			f.SFI = SFI(r.Byte("SFI") >> 3)
		}
	case tagPINStatus:
		f.pinStatus(r)
	default:
		r.Rest()
	}
}

func (f *FCP) pinStatus(r *wire.Reader) {
	in := tlv.NewReaderAt(r.Rest(), r.Offset(), 0)
	var bits uint16
	for in.Next() {
		v := in.Value()
		switch {
		case in.Tag() == tagPSDO && len(v) == 1:
			bits = uint16(v[0]) << 8
		case in.Tag() == tagPSDO && len(v) == 2:
			bits = uint16(v[0])<<8 | uint16(v[1])
		case in.Tag() == tagKey && len(v) == 1 && len(f.PINs) < MaxPINs:
			f.PINs = append(f.PINs, PINStatus{KeyReference(v[0]), bits&(0x8000>>len(f.PINs)) != 0})
		case in.Tag() != tagPSDO && in.Tag() != tagKey: // usage qualifiers
		default:
			r.FailAt(in.Offset(), "C6", "one or two bytes of 90, and keys 83", "another length")
			return
		}
	}
	if in.Err() != nil {
		r.FailAt(in.Offset(), "C6", "BER-TLV objects", "a broken object")
	}
}
