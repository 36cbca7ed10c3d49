// Package pcsc serves a card to the machine's PC/SC programs: it dials vpcd, the
// virtual reader of pcscd, and answers the command APDUs that come through it. It
// keeps a card's non-volatile memory in a file between runs, and makes the card
// of a demonstration: the JPKI application loaded and personalised with a test
// certificate.
//
// It must not know any command: a card is an apdu.Terminal. It is the only
// package with a socket to a reader. It implements spec/PCSC.md.
package pcsc
