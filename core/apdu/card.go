// Package apdu is the byte pipe to a card and the command and response APDUs
// that travel through it.
//
// Beside the codecs it has what lies between an APDU and the line: the class
// byte, command chaining, and the mapping to the TPDUs of T=0 as one pure state
// machine for each side.
//
// It must not know any instruction but those of transport itself (GET RESPONSE,
// ENVELOPE, MANAGE CHANNEL) and, in DefaultDirection, which of the standards'
// instructions read; the rest live in gp and in the applications. It implements
// spec/APDU.md (ISO/IEC 7816-4:2020 §5, ISO/IEC 7816-3:2006 §12).
package apdu

import "context"

// Card is the only way to talk to a card: the simulator, a PC/SC reader, a
// recording and a phone's OMAPI channel all are one. Not for concurrent use.
type Card interface {
	// Transmit sends one command APDU and appends response data and status
	// word to dst, so that it need not allocate. An error means that the
	// transport failed, never a status word.
	Transmit(ctx context.Context, cmd, dst []byte) ([]byte, error)
}

// Terminal is a card with its power switch.
type Terminal interface {
	Card
	// Reset resets the card, warm or cold, and returns its ATR.
	Reset(ctx context.Context, warm bool) (atr []byte, err error)
	// PowerOff cuts the card's power.
	PowerOff() error
}
