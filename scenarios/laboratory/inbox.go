package laboratory

import (
	"encoding/binary"
	"strings"
	"unicode/utf16"

	"inkan/core/jpki/application"
	"inkan/core/sms"
)

// TextOf is the text of a short message for the holder: UCS2, else as it is.
func TextOf(tpdu []byte) (string, error) {
	m, err := sms.DecodeDeliver(tpdu)
	if err != nil {
		return "", err
	}
	ud := m.UD
	if m.UDHI {
		if _, ud, err = sms.DecodeUserData(m.UD); err != nil {
			return "", err
		}
	}
	switch {
	case m.DCS&0x0C == 0x08:
		var units []uint16
		for ; len(ud) >= 2; ud = ud[2:] {
			units = append(units, binary.BigEndian.Uint16(ud))
		}
		return string(utf16.Decode(units)), nil
	case m.DCS&0x0C == 0:
		return string(septets(ud, int(m.UDL))), nil
	}
	return string(ud), nil
}

// septets unpacks the GSM alphabet's letters, digits and signs that ASCII has too.
func septets(packed []byte, count int) (out []byte) {
	for i := range count {
		at, shift := i*7/8, i*7%8
		if at >= len(packed) {
			break
		}
		v := uint16(packed[at]) >> shift
		if at+1 < len(packed) {
			v |= uint16(packed[at+1]) << (8 - shift)
		}
		out = append(out, byte(v&0x7F))
	}
	return out
}

// CodeIn finds the one-time code in a text: the first word behind what calls it a code
// that has a code's form. A code may be of letters only.
func CodeIn(text string) (string, bool) {
	at := max(strings.Index(text, "コード"), strings.Index(text, "code"))
	if at < 0 {
		return "", false
	}
	for _, word := range strings.FieldsFunc(text[at:], func(r rune) bool {
		return !(r == '-' || r >= '0' && r <= '9' || r >= 'A' && r <= 'Z')
	}) {
		if _, err := application.ParseCode(word); err == nil {
			return word, true
		}
	}
	return "", false
}
