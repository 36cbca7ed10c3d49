package profile

// historical are the historical bytes of all profiles' cards: compact TLV with card
// service data (31), card capabilities (73: logical channels 0 to 3, assigned by
// the card) and the issuer's data (6x). No known card has them, so that a program
// that knows cards by their ATR asks this one what it is.
var historical = []byte("\x80\x31\xE0\x73\xFE\x21\x13\x65inkan")

// ATR is a card's answer to reset, by T=1 or T=0: F=512, D=32, information fields
// of 254 bytes under T=1, clock stop and all classes of voltage.
// Spec: SPEC-PROFILES-009.
func ATR(t0 bool) []byte {
	atr := []byte{0x3B, 0x90 | byte(len(historical)), 0x96}
	if t0 {
		atr = append(atr, 0x80, 0x1F, 0xC7)
	} else {
		atr = append(atr, 0x81, 0xB1, 0xFE, 0x45, 0x1F, 0xC7)
	}
	atr = append(atr, historical...)
	check := byte(0)
	for _, b := range atr[1:] {
		check ^= b
	}
	return append(atr, check)
}
