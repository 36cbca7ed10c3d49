package scp02

// A class byte codes the logical channel and secure messaging in two ways
// (GP 2.3.1 §11.1.4, ISO/IEC 7816-4 §5.4.1): with bit 40 clear, channels 0 to 3
// in bits 03 and secure messaging in bits 0C, of which GlobalPlatform uses 04;
// with bit 40 set, channels 4 to 19 in bits 0F and secure messaging in bit 20.

const classFurther = 0x40 // channels 4 to 19

// classProtected reports how a class byte indicates secure messaging: plain,
// GlobalPlatform's, or in a way that is neither (ok false).
func classProtected(cla byte) (protected, ok bool) {
	switch {
	case cla == 0xFF: // invalid, ISO/IEC 7816-4 §5.4.1
		return false, false
	case cla&classFurther != 0:
		return cla&0x20 != 0, true
	}
	return cla&0x0C == 0x04, cla&0x08 == 0
}

// protectClass sets the secure-messaging bit of a plain class byte.
// Spec: SPEC-SCP02-040, SPEC-SCP02-041.
func protectClass(cla byte) byte {
	if cla&classFurther != 0 {
		return cla | 0x20
	}
	return cla | 0x04
}

// unprotectClass clears the secure-messaging bit.
func unprotectClass(cla byte) byte {
	if cla&classFurther != 0 {
		return cla &^ 0x20
	}
	return cla &^ 0x04
}

// macClass is the class byte that enters a MAC: that of the same command on
// the basic logical channel, with or without the secure-messaging bit.
// Spec: SPEC-SCP02-042.
func macClass(cla byte, protected bool) byte {
	if cla&classFurther != 0 {
		cla &= 0x90
	} else {
		cla &^= 0x07
	}
	if protected {
		cla |= 0x04
	}
	return cla
}
