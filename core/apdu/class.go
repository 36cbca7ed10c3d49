package apdu

import (
	"fmt"

	"inkan/core/iso7816"
)

// Class is the class byte of a command (ISO/IEC 7816-4:2020 §5.4.1;
// GlobalPlatform Card Specification 2.3.1 §11.1.4 for the proprietary ones):
//
//	000c ssnn  interindustry, channel nn 0 to 3, secure messaging ss, chaining c
//	01sc nnnn  interindustry, channel nnnn+4, 4 to 19, secure messaging s
//	001x xxxx  reserved
//	100c ssnn  proprietary, as the first line
//	101x xxxx  proprietary without structure (A0 of 2G): channel 0
//	11sc nnnn  proprietary, as the second line; FF is never a class
type Class byte

// SecureMessaging is the secure messaging that a class byte indicates.
type SecureMessaging uint8

// Indications of the classes of channels 0 to 3; those of channels 4 to 19
// have NoSecureMessaging and one other, which reads as HeaderNotAuthenticated
// in an interindustry class and as ProprietaryMessaging in a proprietary one.
const (
	NoSecureMessaging      SecureMessaging = 0
	ProprietaryMessaging   SecureMessaging = 1 // GlobalPlatform: 84
	HeaderNotAuthenticated SecureMessaging = 2
	HeaderAuthenticated    SecureMessaging = 3
)

// MaxChannel is the largest logical channel number.
const MaxChannel = 19

// Class is the command's class byte with its meaning.
func (c *Command) Class() Class { return Class(c.CLA) }

// Valid reports whether the class is neither reserved (001x xxxx) nor FF.
// Spec: SPEC-APDU-011.
func (c Class) Valid() bool { return c != 0xFF && c&0xE0 != 0x20 }

// Proprietary reports bit b8.
func (c Class) Proprietary() bool { return c&0x80 != 0 }

// further reports the coding of channels 4 to 19.
func (c Class) further() bool { return c&0x40 != 0 }

// structured reports that the class has fields at all.
func (c Class) structured() bool { return c&0x60 != 0x20 && c != 0xFF }

// Channel is the logical channel, 0 to 19; 0 for a class without structure.
// Spec: SPEC-APDU-010.
func (c Class) Channel() int {
	switch {
	case !c.structured():
		return 0
	case c.further():
		return int(c&0x0F) + 4
	}
	return int(c & 0x03)
}

// SecureMessaging is the secure messaging indicated. Spec: SPEC-APDU-010.
func (c Class) SecureMessaging() SecureMessaging {
	switch {
	case !c.structured():
		return NoSecureMessaging
	case !c.further():
		return SecureMessaging(c >> 2 & 3)
	case c&0x20 == 0:
		return NoSecureMessaging
	case c.Proprietary():
		return ProprietaryMessaging
	}
	return HeaderNotAuthenticated
}

// Chained reports the chaining bit: more commands of the chain follow.
func (c Class) Chained() bool { return c.structured() && c&0x10 != 0 }

// WithChaining sets or clears the chaining bit; a class without structure
// stays as it is.
func (c Class) WithChaining(chained bool) Class {
	switch {
	case !c.structured():
		return c
	case chained:
		return c | 0x10
	}
	return c &^ 0x10
}

// WithChannel moves the class to a channel from 0 to 19. Between the codings
// of channels 0 to 3 and 4 to 19, secure messaging stays on or off, but its
// kind becomes the one that the new coding can say. It fails for another
// channel, and for a class without structure on any channel but 0.
// Spec: SPEC-APDU-010.
func (c Class) WithChannel(channel int) (Class, error) {
	if channel < 0 || channel > MaxChannel || !c.structured() && channel != 0 {
		return c, fmt.Errorf("apdu: class %02X has no channel %d", byte(c), channel)
	}
	if !c.structured() {
		return c, nil
	}
	base := c & 0x90 // b8 and chaining
	sm := c.SecureMessaging()
	if channel < 4 {
		return base | Class(sm)<<2 | Class(channel), nil
	}
	base |= 0x40 | Class(channel-4)
	if sm != NoSecureMessaging {
		base |= 0x20
	}
	if base == 0xFF {
		return c, fmt.Errorf("apdu: class %02X has no channel %d with secure messaging and chaining", byte(c), channel)
	}
	return base, nil
}

// WithSecureMessaging sets the secure messaging indication. It fails where the
// class cannot say it. Spec: SPEC-APDU-010.
func (c Class) WithSecureMessaging(sm SecureMessaging) (Class, error) {
	out := c
	switch {
	case !c.structured() || sm > HeaderAuthenticated:
	case c.further():
		out = c &^ 0x20
		if sm != NoSecureMessaging {
			out |= 0x20
		}
	default:
		out = c&^0x0C | Class(sm)<<2
	}
	if out.SecureMessaging() != sm {
		return c, fmt.Errorf("apdu: class %02X cannot indicate secure messaging %d", byte(c), sm)
	}
	return out, nil
}

// interindustry is the plain interindustry class of the same channel: that of
// GET RESPONSE and ENVELOPE.
func (c Class) interindustry() Class {
	if n := c.Channel(); n < 4 {
		return Class(n)
	} else {
		return 0x40 | Class(n-4)
	}
}

// HeaderStatus is the status word with which a card refuses the header before
// it looks at anything else, or 9000: 6E00 for a class that is not Valid, 6D00
// for an instruction that cannot be one. Spec: SPEC-APDU-011, SPEC-APDU-012.
func (c *Command) HeaderStatus() iso7816.SW {
	switch {
	case !c.Class().Valid():
		return iso7816.CLANotSupported
	case !iso7816.ValidINS(c.INS):
		return iso7816.INSNotSupported
	}
	return iso7816.OK
}
