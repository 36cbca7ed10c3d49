package channel

import (
	"encoding/hex"
	"strings"
)

// Hex is bytes that print in upper-case hex.
type Hex []byte

// String is the bytes in pairs with blanks between them: "00 A4 04 00".
func (h Hex) String() string {
	var b strings.Builder
	for i, v := range h {
		if i > 0 {
			b.WriteByte(' ')
		}
		b.WriteString(strings.ToUpper(hex.EncodeToString([]byte{v})))
	}
	return b.String()
}

// MarshalText is the form in JSON: hex without blanks.
func (h Hex) MarshalText() ([]byte, error) {
	return []byte(strings.ToUpper(hex.EncodeToString(h))), nil
}
