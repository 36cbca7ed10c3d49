package keys

import (
	"fmt"
	"strconv"
	"strings"
)

// KDDSize is the length of the key diversification data that INITIALIZE
// UPDATE answers, bytes.
const KDDSize = 10

// Element is one byte of diversification input, as data: a constant (00 to FF),
// one byte of the diversification data, or the key identifier.
type Element uint16

// Elements that are not constants.
const (
	kddBase    Element = 0x100 // kddBase+i is KDD[i]
	KeyIDInput Element = 0x200 // the key identifier: 1, 2 or 3
)

// KDDByte is byte i (0 to 9) of the diversification data.
func KDDByte(i int) Element { return kddBase + Element(i) }

// Template is diversification input as data. Its text form, for card profiles,
// is one word per byte: two hex digits for a constant, d0 to d9 for a byte of
// the diversification data, k for the key identifier:
// "d4 d5 d6 d7 d8 d9 F0 k d4 d5 d6 d7 d8 d9 0F k".
type Template []Element

// Append appends the bytes that the template gives for a key identifier and
// diversification data. It fails when kdd has not KDDSize bytes.
func (t Template) Append(dst []byte, kdd []byte, id ID) ([]byte, error) {
	if len(kdd) != KDDSize {
		return dst, fmt.Errorf("keys: diversification data of %d bytes, want %d", len(kdd), KDDSize)
	}
	for _, e := range t {
		switch {
		case e < kddBase:
			dst = append(dst, byte(e))
		case e < kddBase+KDDSize:
			dst = append(dst, kdd[e-kddBase])
		case e == KeyIDInput:
			dst = append(dst, byte(id))
		default:
			return dst, fmt.Errorf("keys: template element %#x is undefined", uint16(e))
		}
	}
	return dst, nil
}

// MarshalText writes the text form.
func (t Template) MarshalText() ([]byte, error) {
	words := make([]string, len(t))
	for i, e := range t {
		switch {
		case e < kddBase:
			words[i] = fmt.Sprintf("%02X", uint16(e))
		case e < kddBase+KDDSize:
			words[i] = "d" + strconv.Itoa(int(e-kddBase))
		case e == KeyIDInput:
			words[i] = "k"
		default:
			return nil, fmt.Errorf("keys: template element %#x is undefined", uint16(e))
		}
	}
	return []byte(strings.Join(words, " ")), nil
}

// UnmarshalText reads the text form.
func (t *Template) UnmarshalText(text []byte) error {
	var read Template
	for _, word := range strings.Fields(string(text)) {
		switch {
		case word == "k":
			read = append(read, KeyIDInput)
		case len(word) == 2 && word[0] == 'd' && word[1] >= '0' && word[1] <= '9':
			// "d0" to "d9" are always data; the constants D0 to D9 are upper-case.
			read = append(read, KDDByte(int(word[1]-'0')))
		default:
			v, err := strconv.ParseUint(word, 16, 8)
			if err != nil || len(word) != 2 {
				return fmt.Errorf("keys: template word %q is none of two hex digits, d0 to d9, k", word)
			}
			read = append(read, Element(v))
		}
	}
	*t = read
	return nil
}
