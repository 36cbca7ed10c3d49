package perso

import (
	"fmt"

	"inkan/core/jpki"
	"inkan/core/wire"
)

// ItemTag says what an item of content is. Tags below 10 are of the auth role,
// those of the sign role are 10 more.
type ItemTag byte

// Item tags of the auth role.
const (
	ItemCertificate ItemTag = 0x01 // DER
	ItemValidity    ItemTag = 0x02 // end of validity, YYYYMMDDhhmmssZ
	ItemCode        ItemTag = 0x03 // single-use code for the PIN
	ItemP           ItemTag = 0x04
	ItemQ           ItemTag = 0x05
	ItemDP          ItemTag = 0x06 // d mod (P − 1)
	ItemDQ          ItemTag = 0x07 // d mod (Q − 1)
	ItemQInv        ItemTag = 0x08 // Q⁻¹ mod P
	ItemChallenge   ItemTag = 0x0A // of the order, for either role
)

// PrimeLen is the length of each part of a delivered key in bytes.
const PrimeLen = 128

// For is the tag of the same item of a role.
func (t ItemTag) For(role jpki.Role) ItemTag {
	if role == jpki.Sign {
		return t | 0x10
	}
	return t
}

// role takes a tag apart.
func (t ItemTag) role() (jpki.Role, ItemTag) {
	switch t >> 4 {
	case 0:
		return jpki.Auth, t
	case 1:
		return jpki.Sign, t & 0x0F
	}
	return 0, t
}

// Item is one element of plain content.
type Item struct {
	Tag   ItemTag
	Value []byte
}

// Format prints tag and length, never the value, whatever the verb.
func (i Item) Format(s fmt.State, _ rune) {
	fmt.Fprintf(s, "item %02X (%d bytes)", byte(i.Tag), len(i.Value))
}

// MarshalText is what Format prints.
func (i Item) MarshalText() ([]byte, error) { return fmt.Append(nil, i), nil }

const itemHeaderLen = 3

// itemsLen is the length of items as AppendItems writes them.
func itemsLen(items []Item) (n int) {
	for i := range items {
		n += itemHeaderLen + len(items[i].Value)
	}
	return n
}

// AppendItems appends tag (1) ‖ length (2) ‖ value of each item. It panics when a
// value is longer than 65535 bytes.
func AppendItems(dst []byte, items []Item) []byte {
	for _, i := range items {
		if len(i.Value) > 0xFFFF {
			panic("perso: an item longer than its length field can say")
		}
		dst = append(dst, byte(i.Tag), byte(len(i.Value)>>8), byte(len(i.Value)))
		dst = append(dst, i.Value...)
	}
	return dst
}

// DecodeItems reads items; values are borrowed. Errors are *wire.DecodeError.
func DecodeItems(b []byte) (items []Item, err error) {
	r := wire.NewReader("PERSO content", b)
	for r.More() {
		i := Item{Tag: ItemTag(r.Byte("tag"))}
		i.Value = r.Bytes(int(r.Uint16("length")), "value")
		if r.Err() == nil {
			items = append(items, i)
		}
	}
	if r.Err() != nil {
		return nil, r.Err()
	}
	return items, nil
}
