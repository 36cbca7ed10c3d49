package scp

import (
	"inkan/core/apdu"
	"inkan/core/iso7816"
)

// Instructions that open a channel.
const (
	InsInitializeUpdate     = 0x50
	InsExternalAuthenticate = 0x82
)

// InitializeClass is the class byte of INITIALIZE UPDATE on a logical channel,
// 0 to 19: 80 to 83, C0 to CF. It fails for another channel.
func InitializeClass(channel byte) (byte, error) {
	class, err := apdu.Class(0x80).WithChannel(int(channel))
	return byte(class), err
}

// IsInitializeClass reports whether a class byte is that of INITIALIZE UPDATE
// on some logical channel: proprietary, without secure messaging and chaining.
// Spec: SPEC-SCP02-027, SPEC-SCP03-036.
func IsInitializeClass(class byte) bool {
	return class&^0x03 == 0x80 || class&^0x0F == 0xC0
}

// IsAuthenticateClass reports whether a class byte is that of EXTERNAL
// AUTHENTICATE on some logical channel: 84 to 87, E0 to EF.
func IsAuthenticateClass(class byte) bool {
	plain, ok := UnprotectClass(class)
	return ok && IsInitializeClass(plain)
}

// HandshakeData is the data of a response APDU of the handshake, which has to
// end with 9000: any other status word is the error. Errors are iso7816.SW and
// *wire.DecodeError. Spec: SPEC-SCP02-011, SPEC-SCP02-015, SPEC-SCP03-033.
func HandshakeData(resp []byte) ([]byte, error) {
	r, err := apdu.DecodeResponse(resp)
	if err == nil && r.SW != iso7816.OK {
		err = r.SW
	}
	return r.Data, err
}
