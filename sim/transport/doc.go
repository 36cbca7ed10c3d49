// Package transport is the byte transport of a card with contacts: answer to
// reset, PPS, T=0 and T=1, with both ends of the line, the reader and the card,
// stepped in one thread by simulated time.
//
// Terminal puts a reader, a line and an apdu.Terminal (sim/runtime.Card,
// sim/os.Card) together and is an apdu.Terminal itself, so host code need not know
// of it. Every cycle of the line is spent on the card's clock as clock.Line, those
// of the card's work on what the card says; a card at work is interrupted when
// the line needs it: to send a NULL byte or a waiting time extension, or to
// receive.
//
// It must not know an instruction, nor what bits look like on the line: an End
// sends and receives characters, so that a line of bits can stand between two of
// them. It implements spec/TRANSPORT.md (ISO/IEC 7816-3:2006).
package transport
