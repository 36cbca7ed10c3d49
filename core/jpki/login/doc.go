// Package login is what a holder signs to log in somewhere: the statement that
// the relying party makes, that the holder's phone shows, and whose hash the
// authentication key signs.
//
// It must not know who signs, certificates, or which nonces are in use. It
// implements spec/RELYING-PARTY.md §Login statement.
package login
