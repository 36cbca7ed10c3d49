package uicc

import (
	"inkan/core/tlv"
	"inkan/core/wire"
)

// Service is a service number of EF UST (3GPP TS 31.102 §4.2.8), from 1 on.
type Service byte

// Services that the file system of spec/USIM.md can have.
const (
	ServiceLocalPhoneBook  Service = 1
	ServiceSMSStorage      Service = 10
	ServiceSMSParameters   Service = 12
	ServiceAdviceOfCharge  Service = 13
	ServiceSPN             Service = 19
	ServiceMSISDN          Service = 21
	ServiceSMSPPDownload   Service = 28
	ServiceAlwaysOne       Service = 33
	ServiceEnabledServices Service = 34
)

// SetService sets a service's bit in the content of EF UST or EF EST, if the
// content has room for it. Spec: SPEC-USIM-039.
func SetService(table []byte, s Service) {
	if i := int(s-1) / 8; s > 0 && i < len(table) {
		table[i] |= 1 << ((s - 1) % 8)
	}
}

// HasService reports a service's bit. Spec: SPEC-USIM-039.
func HasService(table []byte, s Service) bool {
	i := int(s-1) / 8
	return s > 0 && i < len(table) && table[i]>>((s-1)%8)&1 != 0
}

// Application is a record of EF DIR (ETSI TS 102 221 §13.1).
type Application struct {
	AID   []byte
	Label []byte // 50; empty: absent
	Rest  []byte // other objects of the template, as they are
}

// Tags of EF DIR.
const (
	tagApplication tlv.Tag = 0x61
	tagAID         tlv.Tag = 0x4F
	tagLabel       tlv.Tag = 0x50
)

// Append appends a record of the given size in bytes, padded with FF.
// Spec: SPEC-USIM-040.
func (a *Application) Append(dst []byte, recordBytes int) ([]byte, error) {
	start := len(dst)
	dst, mark := tlv.Begin(dst, tagApplication)
	dst = tlv.Append(dst, tagAID, a.AID)
	if len(a.Label) > 0 {
		dst = tlv.Append(dst, tagLabel, a.Label)
	}
	return pad(tlv.End(append(dst, a.Rest...), mark), start, recordBytes, "application template")
}

// DecodeApplication reads a record; ok is false for an unused one. Slices are
// borrowed. Errors are *wire.DecodeError. Spec: SPEC-USIM-040.
func DecodeApplication(b []byte) (a Application, ok bool, err error) {
	b = trim(b)
	if len(b) == 0 {
		return a, false, nil
	}
	r := tlv.NewReader(b)
	if !r.Next() || r.Tag() != tagApplication {
		if r.Err() == nil {
			return a, false, &wire.DecodeError{Format: "EF DIR", Want: "template 61", Got: "tag " + r.Tag().String()}
		}
		return a, false, r.Err()
	}
	in, value := r.Children(), r.Value()
	known := 0 // bytes of 4F and 50, which come first
	for in.Next() {
		switch in.Tag() {
		case tagAID:
			a.AID = in.Value()
		case tagLabel:
			a.Label = in.Value()
		default:
			continue
		}
		known = in.ValueOffset() - r.ValueOffset() + len(in.Value())
	}
	if err := in.Err(); err != nil {
		return Application{}, false, err
	}
	if len(a.AID) < 5 || len(a.AID) > 16 {
		return Application{}, false, &wire.DecodeError{Format: "EF DIR", Path: "61/4F", Offset: r.ValueOffset(), Want: "an AID of 5 to 16 bytes", Got: "none"}
	}
	if r.Next() || r.Err() != nil {
		return Application{}, false, &wire.DecodeError{Format: "EF DIR", Offset: r.Offset(), Want: "padding FF", Got: "more bytes"}
	}
	a.Rest = value[known:]
	return a, true, nil
}

// HyperframeStart is the content of EF START-HFN (3GPP TS 31.102 §4.2.51).
type HyperframeStart struct{ CS, PS uint32 }

// Append appends the content, three bytes each. Spec: SPEC-USIM-041.
func (h HyperframeStart) Append(dst []byte) []byte {
	return append(dst, byte(h.CS>>16), byte(h.CS>>8), byte(h.CS), byte(h.PS>>16), byte(h.PS>>8), byte(h.PS))
}

// DecodeHyperframeStart reads it. Errors are *wire.DecodeError.
func DecodeHyperframeStart(b []byte) (h HyperframeStart, err error) {
	r := wire.NewReader("EF START-HFN", b)
	for _, v := range []*uint32{&h.CS, &h.PS} {
		*v = uint32(r.Byte("START"))<<16 | uint32(r.Uint16("START"))
	}
	return h, r.End()
}

// AccessClasses is the content of EF ACC (3GPP TS 31.102 §4.2.15): bit n is class
// n.
type AccessClasses uint16

// Append appends the content. Spec: SPEC-USIM-042.
func (a AccessClasses) Append(dst []byte) []byte { return append(dst, byte(a>>8), byte(a)) }

// DecodeAccessClasses reads it. Errors are *wire.DecodeError.
func DecodeAccessClasses(b []byte) (AccessClasses, error) {
	r := wire.NewReader("EF ACC", b)
	a := AccessClasses(r.Uint16("ACC"))
	return a, r.End()
}
