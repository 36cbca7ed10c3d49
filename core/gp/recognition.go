package gp

import (
	"bytes"
	"strconv"

	"inkan/core/tlv"
)

// Tags of card recognition data (GP Card Specification 2.3.1 §H.2).
const (
	tagOID             tlv.Tag = 0x06
	tagCardManagement  tlv.Tag = 0x60
	tagIdentification  tlv.Tag = 0x63
	tagSecureChannel   tlv.Tag = 0x64
	tagConfiguration   tlv.Tag = 0x65
	tagChip            tlv.Tag = 0x66
	tagTrustPoint      tlv.Tag = 0x67
	tagCertificateInfo tlv.Tag = 0x68
)

// oidGlobalPlatform is 1.2.840.114283, the arc of all GlobalPlatform OIDs.
var oidGlobalPlatform = []byte{0x2A, 0x86, 0x48, 0x86, 0xFC, 0x6B}

// SecureChannel is a secure channel protocol and how the card implements it.
type SecureChannel struct {
	Protocol byte // SCP02, SCP03, …
	// Options are the OID bytes after the protocol: the one byte i, or a
	// base-128 number of more bytes.
	Options []byte
}

// I is the "i" parameter: the one byte as it is, more bytes as a base-128
// number.
func (c SecureChannel) I() int {
	if len(c.Options) == 1 {
		return int(c.Options[0])
	}
	n := 0
	for _, b := range c.Options {
		n = n<<7 | int(b&0x7F)
	}
	return n
}

// Recognition is card recognition data, the content of 73 within 66 or an FCI
// (GP Card Specification 2.3.1 tables H-1 and H-2). The byte slices are OID
// bytes or raw contents; nil when absent.
type Recognition struct {
	Universal      bool            // the universal tag {globalPlatform 1} is there
	Version        []byte          // the card specification's version: 02 03 01
	Identification bool            // the identification scheme {globalPlatform 3} is there
	Channels       []SecureChannel // in the card's order
	Configuration  []byte          // content of 65, card configuration details
	Chip           []byte          // content of 66, card or chip details
	TrustPoint     []byte          // content of 67
	Certificate    []byte          // content of 68
}

// VersionString is the version in dots: "2.3.1".
func (d *Recognition) VersionString() string {
	var s []byte
	for i, b := range d.Version {
		if i > 0 {
			s = append(s, '.')
		}
		s = strconv.AppendInt(s, int64(b), 10)
	}
	return string(s)
}

// Append appends the content of 73. Spec: SPEC-GP-070.
func (d *Recognition) Append(dst []byte) []byte {
	if d.Universal {
		dst = appendOID(dst, 1)
	}
	if d.Version != nil {
		dst = appendOIDIn(dst, tagCardManagement, 2, d.Version)
	}
	if d.Identification {
		dst = appendOIDIn(dst, tagIdentification, 3, nil)
	}
	for _, c := range d.Channels {
		var tail [8]byte
		dst = appendOIDIn(dst, tagSecureChannel, 4, append(append(tail[:0], c.Protocol), c.Options...))
	}
	for _, raw := range []struct {
		tag   tlv.Tag
		value []byte
	}{{tagConfiguration, d.Configuration}, {tagChip, d.Chip}, {tagTrustPoint, d.TrustPoint}, {tagCertificateInfo, d.Certificate}} {
		if raw.value != nil {
			dst = tlv.Append(dst, raw.tag, raw.value)
		}
	}
	return dst
}

// AppendCardData appends the answer to GET DATA 0066: 66{73{…}}.
func (d *Recognition) AppendCardData(dst []byte) []byte {
	dst, outer := tlv.Begin(dst, TagCardData)
	dst, inner := tlv.Begin(dst, tagRecognition)
	return tlv.End(tlv.End(d.Append(dst), inner), outer)
}

func appendOID(dst []byte, arc byte, tail ...byte) []byte {
	dst = tlv.AppendHeader(dst, tagOID, len(oidGlobalPlatform)+1+len(tail))
	return append(append(append(dst, oidGlobalPlatform...), arc), tail...)
}

func appendOIDIn(dst []byte, tag tlv.Tag, arc byte, tail []byte) []byte {
	dst, mark := tlv.Begin(dst, tag)
	return tlv.End(appendOID(dst, arc, tail...), mark)
}

// DecodeCardData reads the answer to GET DATA 0066. Errors are
// *wire.DecodeError. Spec: SPEC-GP-071.
func DecodeCardData(b []byte) (Recognition, error) {
	outer, err := only(b, TagCardData)
	if err != nil {
		return Recognition{}, err
	}
	var d Recognition
	r := outer.Children()
	for r.Next() {
		if r.Tag() != tagRecognition {
			continue
		}
		c := r.Children()
		if err := d.decode(&c); err != nil {
			return Recognition{}, err
		}
	}
	if r.Err() != nil {
		return Recognition{}, r.Err()
	}
	return d, nil
}

// DecodeRecognition reads the content of 73. Objects that Recognition does not
// name, and OIDs outside the GlobalPlatform arc, are passed over. Slices are
// borrowed. Errors are *wire.DecodeError. Spec: SPEC-GP-071.
func DecodeRecognition(b []byte) (Recognition, error) {
	var d Recognition
	r := tlv.NewReader(b)
	if err := d.decode(&r); err != nil {
		return Recognition{}, err
	}
	return d, nil
}

func (d *Recognition) decode(r *tlv.Reader) error {
	for r.Next() {
		switch r.Tag() {
		case tagOID:
			if tail, ok := gpOID(r.Value(), 1); ok && len(tail) == 0 {
				d.Universal = true
			}
		case tagCardManagement, tagIdentification, tagSecureChannel:
			if err := d.decodeOIDs(r); err != nil {
				return err
			}
		case tagConfiguration:
			d.Configuration = r.Value()
		case tagChip:
			d.Chip = r.Value()
		case tagTrustPoint:
			d.TrustPoint = r.Value()
		case tagCertificateInfo:
			d.Certificate = r.Value()
		}
	}
	return r.Err()
}

// decodeOIDs reads the OIDs in 60, 63 or 64.
func (d *Recognition) decodeOIDs(r *tlv.Reader) error {
	c := r.Children()
	for c.Next() {
		if c.Tag() != tagOID {
			continue
		}
		switch r.Tag() {
		case tagCardManagement:
			if tail, ok := gpOID(c.Value(), 2); ok {
				d.Version = tail
			}
		case tagIdentification:
			if tail, ok := gpOID(c.Value(), 3); ok && len(tail) == 0 {
				d.Identification = true
			}
		case tagSecureChannel:
			if tail, ok := gpOID(c.Value(), 4); ok && len(tail) >= 2 {
				d.Channels = append(d.Channels, SecureChannel{Protocol: tail[0], Options: tail[1:]})
			}
		}
	}
	return c.Err()
}

// gpOID returns what follows {globalPlatform arc} in an OID.
func gpOID(oid []byte, arc byte) ([]byte, bool) {
	tail, ok := bytes.CutPrefix(oid, oidGlobalPlatform)
	if !ok || len(tail) == 0 || tail[0] != arc {
		return nil, false
	}
	return tail[1:], true
}

// OIDString is the dotted form of the OID that the content of 65, 66, 67 or 68
// begins with; "" when it begins with none.
func OIDString(content []byte) string {
	r := tlv.NewReader(content)
	if !r.Next() || r.Tag() != tagOID || len(r.Value()) == 0 {
		return ""
	}
	var s []byte
	var n uint64
	for i, b := range r.Value() {
		if n > 1<<56 {
			return ""
		}
		n = n<<7 | uint64(b&0x7F)
		if b&0x80 != 0 {
			if i == len(r.Value())-1 {
				return ""
			}
			continue
		}
		if s == nil {
			first := min(n/40, 2)
			s = strconv.AppendUint(s, first, 10)
			n -= 40 * first
		}
		s = strconv.AppendUint(append(s, '.'), n, 10)
		n = 0
	}
	return string(s)
}
