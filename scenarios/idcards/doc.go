// Package idcards makes My Number Cards as their issuer does: loads the packages,
// orders, delivers keys and certificates, writes number and attributes, gives the card
// keys of its own, and has the holder set the first PINs. It does so by commands
// through a secure channel; many cards share the memory of one body. Holders for
// demonstrations have names.
//
// It must not issue certificates: whoever orders a card brings them. It implements
// the host's side of spec/IDCARD.md.
package idcards
