// Package scp has what the GlobalPlatform secure channels share: security
// levels, key sets, the session interfaces of both sides and their errors. The
// protocols are its sub-packages scp02, scp03 and scp80.
//
// It must not know any instruction but those that open a channel. It implements
// the common parts of spec/SCP02.md and spec/SCP03.md.
package scp

import "inkan/core/iso7816"

// Level is the security level of a channel, the P1 of EXTERNAL AUTHENTICATE
// (GP Card Specification 2.3.1 table E-11, Amendment D 1.2 table 7-6).
type Level byte

// Bits of a Level.
const (
	CMAC        Level = 0x01 // commands carry a MAC
	CDecryption Level = 0x02 // command data is encrypted; needs CMAC
	RMAC        Level = 0x10 // responses carry a MAC
	REncryption Level = 0x20 // response data is encrypted; needs RMAC
)

// Failures as the peer sees them. The precise cause goes to the Observer only
// (spec/decisions/0001-observer.md).
const (
	// ErrAuthentication answers an EXTERNAL AUTHENTICATE that fails, whatever
	// the reason.
	ErrAuthentication = iso7816.SW(0x6300)
	// ErrSecurity answers a protected command that fails, whatever the reason.
	ErrSecurity = iso7816.SecurityStatusNotSatisfied
)

// Host is the off-card side of an open channel. Not for concurrent use. An
// error of Unwrap ends the session: later calls fail with ErrEnded.
type Host interface {
	// Level is the agreed security level.
	Level() Level
	// Wrap appends the protected form of a plain command APDU to dst. dst and
	// cmd must not overlap.
	Wrap(dst, cmd []byte) ([]byte, error)
	// Unwrap verifies and decrypts a response APDU and appends the plain one
	// (data and status word) to dst. dst and resp must not overlap.
	Unwrap(dst, resp []byte) ([]byte, error)
	// EncryptSensitive appends the form of sensitive data (a key, padded by the
	// caller to whole blocks) under the data encryption key.
	EncryptSensitive(dst, plain []byte) ([]byte, error)
	// Close ends the session and wipes its keys.
	Close()
}

// Card is the on-card side of an open channel. Not for concurrent use. After
// any failure the session is ended and only ErrSecurity comes out of it.
type Card interface {
	// Level is the agreed security level; 0 when the session has ended.
	Level() Level
	// Unwrap verifies and decrypts a command APDU and appends the plain one to
	// dst. The error is ErrSecurity. dst and cmd must not overlap.
	Unwrap(dst, cmd []byte) ([]byte, error)
	// Wrap appends the protected form of a plain response APDU to dst. dst and
	// resp must not overlap.
	Wrap(dst, resp []byte) ([]byte, error)
	// DecryptSensitive appends the plain form of data under the data
	// encryption key.
	DecryptSensitive(dst, enc []byte) ([]byte, error)
	// EncryptSensitive appends the form of data under the data encryption key:
	// the inverse.
	EncryptSensitive(dst, plain []byte) ([]byte, error)
	// Close ends the session and wipes its keys.
	Close()
}

// Counter is a sequence counter that outlives the power. Store returns only
// when the value is safe; it must be called before the value is used.
type Counter interface {
	Load() uint32
	Store(value uint32) error
}
