package scp03

// The class byte has its secure-messaging bit in one of two places: first
// interindustry and proprietary classes (channels 0 to 3) in b3, further ones
// (b7 set, channels 4 to 19) in b6. The C-MAC is computed over the class as if
// on channel 0, so that the channel of a session can be remapped under it.

const (
	classFurther   = 0x40 // b7: channels 4 to 19
	furtherSM      = 0x20 // b6 of a further class
	firstSM        = 0x04 // b3 of a first class: GlobalPlatform secure messaging
	firstSMMask    = 0x0C // b4 b3
	classInvalid   = 0xFF
	furtherKeep    = 0x90 // b8 and command chaining, in the C-MAC
	firstKeep      = 0xF0
	firstChannels  = 4 // channels that a first class can name
	maximumChannel = 19
)

// protectedClass gives the class byte on the wire for a plain one. ok is false
// when the plain class already claims secure messaging.
// Spec: SPEC-SCP03-041.
func protectedClass(plain byte) (class byte, ok bool) {
	if plain&classFurther != 0 {
		class = plain | furtherSM
		return class, plain&furtherSM == 0 && class != classInvalid
	}
	return plain | firstSM, plain&firstSMMask == 0
}

// plainClass takes the secure-messaging bit out of a class byte on the wire.
// ok is false when it is not set, or says something else.
// Spec: SPEC-SCP03-041.
func plainClass(class byte) (plain byte, ok bool) {
	if class&classFurther != 0 {
		return class &^ furtherSM, class&furtherSM != 0 && class != classInvalid
	}
	return class &^ firstSM, class&firstSMMask == firstSM
}

// macClass is the class byte as the C-MAC covers it: channel 0, secure
// messaging in b3.
// Spec: SPEC-SCP03-042.
func macClass(class byte) byte {
	if class&classFurther != 0 {
		return class&furtherKeep | firstSM
	}
	return class&firstKeep | firstSM
}

// channelClass is the proprietary class byte 8x or Cx of a logical channel.
func channelClass(channel byte) byte {
	if channel < firstChannels {
		return 0x80 | channel
	}
	return 0xC0 | (channel - firstChannels)
}
