// Package handset is a telephone as the terminal of a SIM: it starts the card, hands
// short messages to it and sends those of the card, decides whether it takes the
// SIM at all, and lets applications (package omapi) and readers (package nfc) share
// the card with the modem. A Network brings messages to many handsets.
//
// It must not know the operating system of the card nor any application on it: a
// card is an apdu.Terminal. Time is simulated, nothing waits, and one seed gives
// the same run. It implements spec/HANDSET.md.
package handset
