// Package ca is the certificate authority, the JPKI system of the model: it
// carries out the functions of spec/TSM-PROTOCOL.md for service managers, help
// desk and municipalities, in one process; server/binding carries them over HTTP.
//
// An Authority ties the rooms below it together: package registry decides and
// keeps, package certificate writes what is issued, package keys holds the keys,
// package status publishes. Applications are verified here, orders made, card
// statements checked, envelopes sealed.
//
// It must not know a bearer, a card's channel, or what a service manager does
// with an answer. It implements spec/CA.md and the authority's part of
// spec/TSM-PROTOCOL.md and spec/PERSO.md.
package ca
