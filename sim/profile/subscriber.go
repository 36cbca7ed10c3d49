package profile

import (
	"fmt"

	"inkan/core/uicc"
	"inkan/core/uicc/milenage"
	"inkan/sim/usim"
)

// PIN1, PUK1, PIN2 and PUK2 of every card, and the administrative key: those of a
// card that nobody has personalised.
const (
	PIN1 = "0000"
	PIN2 = "0000"
	PUK1 = "00000000"
	PUK2 = "00000000"
	ADM1 = "12345678"
)

// MaxNumber is the highest number of a card.
const MaxNumber = 99_999_999

// ICCID is the identifier of a card, 19 digits with the check digit.
// Spec: SPEC-PROFILES-008.
func (p *Profile) ICCID(number uint32) string {
	s := fmt.Sprintf("89%s%012d", p.Issuer, p.Base+uint64(number))
	return s + string(rune('0'+luhn(s)))
}

// luhn is the check digit of ISO/IEC 7812-1 annex B.
func luhn(digits string) int {
	sum := 0
	for i := range len(digits) {
		d := int(digits[len(digits)-1-i] - '0')
		if i%2 == 0 {
			if d *= 2; d > 9 {
				d -= 9
			}
		}
		sum += d
	}
	return (10 - sum%10) % 10
}

// IMSI is the subscription of a card, 15 digits. Spec: SPEC-PROFILES-008.
func (p *Profile) IMSI(number uint32) string {
	return fmt.Sprintf("%s%s%010d", p.MCC, p.MNC, p.Base+uint64(number))
}

// USIM is the profile of a card's file system.
func (p *Profile) USIM(number uint32) (*usim.Profile, error) {
	pin := func(k uicc.KeyReference, digits, unblock string, fixed bool) (c usim.PINConfig, err error) {
		c = usim.PINConfig{Key: k, Tries: 3, Fixed: fixed}
		if c.Value, err = uicc.NewPIN(digits); err != nil || unblock == "" {
			return c, err
		}
		c.PUKTries = 10
		c.PUK, err = uicc.NewPIN(unblock)
		return c, err
	}
	u := &usim.Profile{
		ICCID: p.ICCID(number), IMSI: p.IMSI(number), MNCDigits: len(p.MNC), SPN: p.Carrier, SMSC: p.ServiceSC,
		Languages: []string{"ja", "en"}, Access: uicc.AccessClasses(1 << (number % 10)), Label: "USIM",
		USIM:      append(append([]byte(nil), uicc.AIDPrefixUSIM...), 0xFF, 0xFF, 0xFF, 0xFF, 0x89),
		Emergency: []uicc.EmergencyCode{{Digits: "110", Category: 1}, {Digits: "118", Category: 8}, {Digits: "119", Category: 6}},
	}
	for _, c := range []struct {
		key             uicc.KeyReference
		digits, unblock string
		fixed           bool
	}{{uicc.PIN1, PIN1, PUK1, false}, {uicc.PIN2, PIN2, PUK2, true}, {uicc.ADM1, ADM1, "", true}} {
		made, err := pin(c.key, c.digits, c.unblock, c.fixed)
		if err != nil {
			return nil, err
		}
		u.PINs = append(u.PINs, made)
	}
	u.PINs[0].Disabled = true // a new card asks for no PIN
	u.PINs[2].Tries = 10
	return u, nil
}

// Authentication is what a card's AUTHENTICATE works with.
func (p *Profile) Authentication(number uint32) *usim.Authentication {
	return &usim.Authentication{K: milenage.Block(p.secret(fmt.Sprintf("k/%d", number), 16)), OPc: milenage.Block(p.secret("opc", 16))}
}
