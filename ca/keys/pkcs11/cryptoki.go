package pkcs11

import "unsafe"

// The part of Cryptoki 2.40 that is in use: names are the standard's. A
// CK_ULONG has 8 bytes and structures are not packed, as on 64-bit Linux.

type ulong = uint64

type (
	ckAttribute struct {
		kind   ulong
		value  unsafe.Pointer
		length ulong
	}
	ckMechanism struct {
		mechanism ulong
		parameter unsafe.Pointer
		length    ulong
	}
	ckECDH1DeriveParams struct {
		kdf              ulong
		sharedDataLength ulong
		sharedData       unsafe.Pointer
		publicDataLength ulong
		publicData       unsafe.Pointer
	}
	ckCInitializeArgs struct {
		createMutex, destroyMutex, lockMutex, unlockMutex uintptr
		flags                                             ulong
		reserved                                          unsafe.Pointer
	}
	ckTokenInfo struct {
		label, manufacturerID [32]byte
		model, serialNumber   [16]byte
		_                     [11]ulong // flags, sessions, PIN lengths, memory
		_                     [4]byte   // versions
		_                     [16]byte  // time
		_                     [4]byte   // padding
	}
)

const (
	ckfOSLockingOK   ulong = 0x2
	ckfSerialSession ulong = 0x4

	ckuUser ulong = 1

	ckoPublicKey  ulong = 2
	ckoPrivateKey ulong = 3
	ckoSecretKey  ulong = 4

	ckkRSA           ulong = 0x0
	ckkEC            ulong = 0x3
	ckkGenericSecret ulong = 0x10

	ckaClass          ulong = 0x000
	ckaToken          ulong = 0x001
	ckaLabel          ulong = 0x003
	ckaValue          ulong = 0x011
	ckaKeyType        ulong = 0x100
	ckaSensitive      ulong = 0x103
	ckaModulus        ulong = 0x120
	ckaPublicExponent ulong = 0x122
	ckaValueLength    ulong = 0x161
	ckaExtractable    ulong = 0x162
	ckaECPoint        ulong = 0x181

	ckmRSAPKCS     ulong = 0x1
	ckmECDSA       ulong = 0x1041
	ckmECDH1Derive ulong = 0x1050
	ckdNull        ulong = 1
)

// Code is a return value of Cryptoki, CK_RV, other than CKR_OK.
type Code uint64

// Return values that callers tell apart.
const (
	PINIncorrect Code = 0xA0 // CKR_PIN_INCORRECT
	PINLocked    Code = 0xA4 // CKR_PIN_LOCKED

	ckrOK                         ulong = 0
	ckrUserAlreadyLoggedIn        Code  = 0x100
	ckrCryptokiAlreadyInitialized Code  = 0x191
)

var codeNames = map[Code]string{
	0x02: "CKR_HOST_MEMORY", 0x03: "CKR_SLOT_ID_INVALID", 0x05: "CKR_GENERAL_ERROR", 0x06: "CKR_FUNCTION_FAILED",
	0x07: "CKR_ARGUMENTS_BAD", 0x11: "CKR_ATTRIBUTE_SENSITIVE", 0x12: "CKR_ATTRIBUTE_TYPE_INVALID", 0x30: "CKR_DEVICE_ERROR",
	0x32: "CKR_DEVICE_REMOVED", 0x60: "CKR_KEY_HANDLE_INVALID", 0x63: "CKR_KEY_TYPE_INCONSISTENT",
	0x68: "CKR_KEY_FUNCTION_NOT_PERMITTED", 0x70: "CKR_MECHANISM_INVALID", 0x71: "CKR_MECHANISM_PARAM_INVALID",
	PINIncorrect: "CKR_PIN_INCORRECT", PINLocked: "CKR_PIN_LOCKED", 0xB3: "CKR_SESSION_HANDLE_INVALID",
	0xD1: "CKR_TEMPLATE_INCONSISTENT", 0xE0: "CKR_TOKEN_NOT_PRESENT", ckrUserAlreadyLoggedIn: "CKR_USER_ALREADY_LOGGED_IN",
	0x101: "CKR_USER_NOT_LOGGED_IN", 0x190: "CKR_CRYPTOKI_NOT_INITIALIZED",
	ckrCryptokiAlreadyInitialized: "CKR_CRYPTOKI_ALREADY_INITIALIZED",
}
