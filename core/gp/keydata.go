package gp

import (
	"fmt"
	"strconv"

	"inkan/core/keys"
	"inkan/core/tlv"
	"inkan/core/wire"
)

// SensitiveCipher is scp.Card.DecryptSensitive or scp.Host.EncryptSensitive:
// it appends the other form of whole blocks to dst.
type SensitiveCipher func(dst, src []byte) ([]byte, error)

// Block sizes of the data encryption key, bytes.
const (
	DEKBlockDES = 8  // SCP02, and SCP80 with DES
	DEKBlockAES = 16 // SCP03, and SCP80 with AES
)

// KeyValue is one component of a key. In KeyField the value is as
// it travels; in Key it is in clear.
type KeyValue struct {
	Type  keys.Type
	Value []byte
}

// Key is one key of PUT KEY in clear: one symmetric value, or the components
// of an RSA or EC key in the order in which they travel.
type Key struct {
	Components []KeyValue
	CheckValue []byte // 3 bytes; empty: none sent
	Extended   bool   // extended format, with Usage and Access
	Usage      []byte
	Access     []byte
}

// KeyField is a key data field of PUT KEY as it travels: the values of secret
// components are enciphered.
type KeyField struct {
	Components []KeyValue // values are key component blocks
	CheckValue []byte
	Extended   bool
	Usage      []byte
	Access     []byte
	offset     int // of the field in the command's data
	kcvOffset  int
}

// KeyData is the data field of PUT KEY: the new key version number, and the
// keys, whose identifiers count up from P2.
type KeyData struct {
	Version byte
	Fields  []KeyField
}

const formatKeyData = "PUT KEY data"

// maxKeyFields bounds the keys and the components of a key in one command.
const maxKeyFields = 32

// DecodeKeyData reads the data field of PUT KEY. Values are borrowed and still
// enciphered: Open gives the keys. Errors are *wire.DecodeError.
// Spec: SPEC-GP-CONTENT-100, SPEC-GP-CONTENT-101, SPEC-GP-CONTENT-102, SPEC-GP-CONTENT-103.
func DecodeKeyData(b []byte) (KeyData, error) {
	r := wire.NewReader(formatKeyData, b)
	d := KeyData{Version: r.Byte("version")}
	if r.Err() == nil && !keys.ValidNewVersion(d.Version) {
		r.FailAt(0, "version", "01 to 7F", hexByte(d.Version))
	}
	d.Fields = readKeyFields(&r)
	if err := r.End(); err != nil {
		return KeyData{}, err
	}
	return d, nil
}

// DecodeKeyFields reads PutKey.Blocks: the data field without the key version
// number. Spec: SPEC-GP-CONTENT-101, SPEC-GP-CONTENT-102, SPEC-GP-CONTENT-103.
func DecodeKeyFields(blocks []byte) ([]KeyField, error) {
	r := wire.Sub(formatKeyData, blocks, 1)
	fields := readKeyFields(&r)
	if err := r.End(); err != nil {
		return nil, err
	}
	return fields, nil
}

func readKeyFields(r *wire.Reader) (fields []KeyField) {
	if r.Err() == nil && !r.More() {
		r.Fail("key", "a key", "end of input")
	}
	for r.More() {
		if len(fields) == maxKeyFields {
			r.Fail("key", "at most "+strconv.Itoa(maxKeyFields)+" keys", "one more")
			break
		}
		fields = append(fields, decodeKeyField(r))
	}
	return fields
}

// decodeKeyField reads one key: components, then the check value.
func decodeKeyField(r *wire.Reader) (f KeyField) {
	f.offset = r.Offset()
	t := keys.Type(r.Byte("type"))
	if t == keys.Extended && r.Err() == nil {
		f.Extended = true
		t = keys.Type(r.Byte("type"))
	}
	f.Components = append(f.Components, decodeComponent(r, t, f.offset))
	for r.Err() == nil {
		// A check value has at most 127 bytes; anything above is the type of
		// a further component of an RSA or EC key.
		offset := r.Offset()
		next := r.Byte("KCV")
		if next < 0x80 {
			f.kcvOffset = offset
			f.CheckValue = r.Bytes(int(next), "KCV")
			if next != 0 && next != keys.KCVSize {
				r.FailAt(offset, "KCV", "a check value of 0 or 3 bytes", strconv.Itoa(int(next)))
			}
			break
		}
		if len(f.Components) == maxKeyFields || !sameKey(t, keys.Type(next)) {
			r.FailAt(offset, "KCV", "a check value", "key type "+hexByte(next))
			break
		}
		f.Components = append(f.Components, decodeComponent(r, keys.Type(next), offset))
	}
	if f.Extended && r.Err() == nil {
		f.Usage = r.LV("usage")
		f.Access = r.LV("access")
	}
	return f
}

// JoinComponents makes one key of components that came as key data fields of their
// own, each with an empty check value: an RSA modulus and its exponent, or an EC
// point and its parameter reference. Spec: SPEC-GP-CONTENT-111.
func JoinComponents(fields []KeyField) []KeyField {
	var joined []KeyField
	for _, f := range fields {
		if n := len(joined) - 1; n >= 0 && joined[n].completedBy(&f) {
			joined[n].Components = append(joined[n].Components, f.Components[0])
			continue
		}
		joined = append(joined, f)
	}
	return joined
}

// completedBy reports whether f is the first half of a public key, and g the second.
func (f *KeyField) completedBy(g *KeyField) bool {
	if len(f.Components) != 1 || len(g.Components) != 1 || f.Extended || g.Extended || len(f.CheckValue) > 0 || len(g.CheckValue) > 0 {
		return false
	}
	first, second := f.Components[0].Type, g.Components[0].Type
	return first == keys.RSAPublicModulus && second == keys.RSAPublicExponent ||
		first == keys.ECPublic && second == keys.ECParameters
}

// sameKey reports whether a component of type next can follow one of type
// first in the same key.
func sameKey(first, next keys.Type) bool {
	a, ok := first.Info()
	b, known := next.Info()
	return ok && known && a.Form == b.Form && (a.Form == keys.RSAComponent || a.Form == keys.ECComponent)
}

func decodeComponent(r *wire.Reader, t keys.Type, offset int) KeyValue {
	if r.Err() == nil {
		if info, ok := t.Info(); !ok || info.Form == keys.Escape {
			r.FailAt(offset, "type", "a key type", hexByte(byte(t)))
		}
	}
	at := r.Offset()
	value := readField(r, "component")
	if r.Err() == nil && len(value) == 0 {
		r.FailAt(at, "component", "a value", "none")
	}
	return KeyValue{Type: t, Value: value}
}

// Append appends the data field as it is. Spec: SPEC-GP-CONTENT-100.
func (d *KeyData) Append(dst []byte) []byte {
	return AppendKeyFields(append(dst, d.Version), d.Fields)
}

// AppendKeyFields appends the key data fields as they are: PutKey.Blocks.
// Spec: SPEC-GP-CONTENT-100.
func AppendKeyFields(dst []byte, fields []KeyField) []byte {
	for i := range fields {
		f := &fields[i]
		if f.Extended {
			dst = append(dst, byte(keys.Extended))
		}
		for _, c := range f.Components {
			dst = tlv.AppendBERLV(append(dst, byte(c.Type)), c.Value)
		}
		dst = append(append(dst, byte(len(f.CheckValue))), f.CheckValue...)
		if f.Extended {
			dst = append(append(dst, byte(len(f.Usage))), f.Usage...)
			dst = append(append(dst, byte(len(f.Access))), f.Access...)
		}
	}
	return dst
}

// Format prints type and length only, whatever the verb: "AES (16 bytes)".
func (v KeyValue) Format(s fmt.State, _ rune) {
	fmt.Fprintf(s, "%v (%d bytes)", v.Type, len(v.Value))
}

// MarshalText is what Format prints, for JSON and logs.
func (v KeyValue) MarshalText() ([]byte, error) { return fmt.Append(nil, v), nil }

// Wipe overwrites the values of the key with zeros.
func (k *Key) Wipe() {
	for _, c := range k.Components {
		clear(c.Value)
	}
}
