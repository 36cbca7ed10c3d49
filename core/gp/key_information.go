package gp

import (
	"strconv"

	"inkan/core/keys"
	"inkan/core/tlv"
)

const tagKeyInformationData tlv.Tag = 0xC0

// KeyInformationComponent is the type and the length in bytes of a key component.
type KeyInformationComponent struct {
	Type      keys.Type
	SizeBytes int // 0 when the card does not say
}

// KeyInformation describes one key (GP Card Specification 2.3.1 §11.3.3.1.1):
// C0{KID KVN, components}. Basic form: type and length in a byte each, for up
// to 255 bytes. Extended form: FF, type, length in two bytes of each, then usage
// and access, each with a length byte.
type KeyInformation struct {
	KeyID, KeyVersion byte
	Components        []KeyInformationComponent
	Extended          bool
	Usage             []byte // key usage qualifier, extended form, 0 to 2 bytes
	Access            []byte // key access, extended form, 0 or 1 byte
}

// AppendKeyInformation appends the answer to GET DATA 00E0. It fails when a key
// cannot be written in its form. Spec: SPEC-GP-075.
func AppendKeyInformation(dst []byte, list []KeyInformation) ([]byte, error) {
	dst, outer := tlv.Begin(dst, TagKeyInformation)
	for i := range list {
		var inner int
		var err error
		dst, inner = tlv.Begin(dst, tagKeyInformationData)
		if dst, err = list[i].append(dst); err != nil {
			return dst, err
		}
		dst = tlv.End(dst, inner)
	}
	return tlv.End(dst, outer), nil
}

func (k *KeyInformation) append(dst []byte) ([]byte, error) {
	max := 0xFF
	if k.Extended {
		max = 0xFFFF
	}
	dst = append(dst, k.KeyID, k.KeyVersion)
	for _, c := range k.Components {
		if c.SizeBytes < 0 || c.SizeBytes > max || c.Type == keys.Extended {
			return dst, errValue("key information", "component")
		}
		if k.Extended {
			dst = append(dst, byte(keys.Extended), byte(c.Type), byte(c.SizeBytes>>8), byte(c.SizeBytes))
		} else {
			dst = append(dst, byte(c.Type), byte(c.SizeBytes))
		}
	}
	if !k.Extended {
		return dst, nil
	}
	if len(k.Usage) > 2 || len(k.Access) > 1 || len(k.Components) == 0 {
		return dst, errValue("key information", "usage or access")
	}
	dst = append(append(dst, byte(len(k.Usage))), k.Usage...)
	return append(append(dst, byte(len(k.Access))), k.Access...), nil
}

// DecodeKeyInformation reads the answer to GET DATA 00E0. Slices of bytes are
// borrowed. Errors are *wire.DecodeError. Spec: SPEC-GP-076, SPEC-GP-077.
func DecodeKeyInformation(b []byte) ([]KeyInformation, error) {
	outer, err := only(b, TagKeyInformation)
	if err != nil {
		return nil, err
	}
	var list []KeyInformation
	r := outer.Children()
	for r.Next() {
		if r.Tag() != tagKeyInformationData {
			return nil, r.Fault("tag C0", "another")
		}
		k, err := decodeKey(&r)
		if err != nil {
			return nil, err
		}
		list = append(list, k)
	}
	return list, r.Err()
}

func decodeKey(r *tlv.Reader) (k KeyInformation, err error) {
	v := r.Value()
	if len(v) < 4 {
		return k, r.Fault("KID KVN and a component", strconv.Itoa(len(v))+" bytes")
	}
	k.KeyID, k.KeyVersion = v[0], v[1]
	rest := v[2:]
	k.Extended = keys.Type(rest[0]) == keys.Extended
	if k.Extended {
		return decodeExtendedKey(r, k, rest)
	}
	if len(rest)%2 != 0 {
		return k, r.Fault("type and length of each component", "an odd byte")
	}
	for ; len(rest) > 0; rest = rest[2:] {
		if keys.Type(rest[0]) == keys.Extended {
			return k, r.Fault("one form for all components", "FF after the basic form")
		}
		k.Components = append(k.Components, KeyInformationComponent{keys.Type(rest[0]), int(rest[1])})
	}
	return k, nil
}

func decodeExtendedKey(r *tlv.Reader, k KeyInformation, rest []byte) (KeyInformation, error) {
	// FF stands before each component, or on some cards before the first only;
	// a length of the usage is below any key type.
	for len(rest) > 0 && rest[0] >= 0x80 {
		if keys.Type(rest[0]) == keys.Extended {
			rest = rest[1:]
		}
		if len(rest) < 3 || keys.Type(rest[0]) == keys.Extended {
			return k, r.Fault("type and two-byte length of a component", "others")
		}
		k.Components = append(k.Components, KeyInformationComponent{keys.Type(rest[0]), int(rest[1])<<8 | int(rest[2])})
		rest = rest[3:]
	}
	for i, field := range []*[]byte{&k.Usage, &k.Access} {
		if len(rest) == 0 || int(rest[0]) > 2-i || len(rest) < 1+int(rest[0]) {
			return k, r.Fault("lengths and values of usage and access", "others")
		}
		n := 1 + int(rest[0])
		if n > 1 {
			*field = rest[1:n:n]
		}
		rest = rest[n:]
	}
	if len(rest) != 0 {
		return k, r.Fault("end of the object", strconv.Itoa(len(rest))+" bytes")
	}
	return k, nil
}
