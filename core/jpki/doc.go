// Package jpki is the vocabulary of the JPKI application for whoever talks to
// it: application identifiers, elementary files, roles and phases, install
// parameters, the commands of the card edge, and the objects that it answers.
//
// Commands are structs with an APDU method, as in package gp: fill one, send it
// with gp.Exchange to any apdu.Card, through a secure channel or not. PINs and
// codes are never printed.
//
// It must not know any particular card, how content gets into the application
// (package perso), or what a certificate says. It implements the host's side of
// spec/JPKI-AP.md and the names of spec/PERSO.md.
package jpki
