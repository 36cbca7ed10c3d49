package transport

import "errors"

// Errors of the line. After ErrResynchronised and ErrAborted the next command may
// be sent; after the others, and after a power cut, the card is off until it is
// reset. Whether the command under way was executed is not known, but not twice.
var (
	// ErrOff: the card has no power.
	ErrOff = errors.New("transport: the card is off")
	// ErrMute: the card did not answer, or never intelligibly.
	ErrMute = errors.New("transport: the card is mute")
	// ErrProtocol: the card broke T=0 or T=1.
	ErrProtocol = errors.New("transport: the card broke the protocol")
	// ErrParity: a character arrived wrong however often it was repeated.
	ErrParity = errors.New("transport: parity error")
	// ErrResynchronised: the reader gave up on a command and resynchronised T=1.
	ErrResynchronised = errors.New("transport: T=1 was resynchronised")
	// ErrAborted: the card or the reader aborted a chain of blocks.
	ErrAborted = errors.New("transport: a chain of blocks was aborted")
	// ErrEndless: the card asked for more time once too often.
	ErrEndless = errors.New("transport: the card asks for time without end")
	// ErrATR: there was no answer to reset, or not one that can be used.
	ErrATR = errors.New("transport: no usable answer to reset")
	// ErrPPS: the card did not agree to protocol and rate.
	ErrPPS = errors.New("transport: the card refused PPS")
	// ErrUnsupported: the command can't travel over the protocol in use.
	ErrUnsupported = errors.New("transport: the command can't travel over this protocol")
)
