package scp

// The class byte says in two ways whether a command has secure messaging
// (ISO/IEC 7816-4 §5.4.1, GP Card Specification 2.3.1 §11.1.4): on channels 0 to
// 3 in b4 b3, of which GlobalPlatform uses b3; on channels 4 to 19, with b7 set,
// in b6. apdu.Class reads all that these bits can mean; a channel cares for one
// meaning and refuses the others.
const (
	classFurther    = 0x40 // b7: channels 4 to 19
	classFurtherSM  = 0x20 // b6, where b7 is set
	classSM         = 0x04 // b3: GlobalPlatform secure messaging
	classSMMask     = 0x0C // b4 b3
	classInvalid    = 0xFF
	classMACFurther = 0x90 // what enters a MAC: b8 and chaining, b5
	classMACFirst   = 0xF0
)

// ProtectClass gives the class byte on the wire for a plain one. ok is false
// when the plain class claims secure messaging already, or has no protected
// form. Spec: SPEC-SCP02-040, SPEC-SCP02-041, SPEC-SCP03-041.
func ProtectClass(plain byte) (class byte, ok bool) {
	if plain&classFurther != 0 {
		class = plain | classFurtherSM
		return class, plain&classFurtherSM == 0 && class != classInvalid
	}
	return plain | classSM, plain&classSMMask == 0
}

// UnprotectClass takes secure messaging out of a class byte on the wire. ok is
// false when the class does not claim it, or another kind of it.
// Spec: SPEC-SCP02-040, SPEC-SCP02-041, SPEC-SCP03-041.
func UnprotectClass(class byte) (plain byte, ok bool) {
	if class&classFurther != 0 {
		return class &^ classFurtherSM, class&classFurtherSM != 0 && class != classInvalid
	}
	return class &^ classSM, class&classSMMask == classSM
}

// PlainClass reports that a class byte claims no secure messaging of any kind.
func PlainClass(class byte) bool {
	if class&classFurther != 0 {
		return class&classFurtherSM == 0
	}
	return class&classSMMask == 0
}

// MACClass is the class byte as a MAC covers it: that of the same command on
// channel 0, so that the channel of a session can be remapped under it, with or
// without b3. Spec: SPEC-SCP02-042, SPEC-SCP03-042.
func MACClass(class byte, protected bool) byte {
	if class&classFurther != 0 {
		class &= classMACFurther
	} else {
		class &= classMACFirst
	}
	if protected {
		class |= classSM
	}
	return class
}
