// Package registry is the certificate authority's memory and its rules: persons,
// cards, phones, applications, orders and certificates, when a certificate may be
// issued, what revokes it, and a journal of every decision with its evidence.
//
// Every operation is one commit that survives a crash whole or not at all. A
// certificate is issued in two steps, Reserve for the serial number and its
// limits, Complete with what was signed; a crash between them leaves a
// reservation that the same request finds again.
//
// It must not know how a certificate is made or signed, what a message looks
// like, or who is allowed to call it; it verifies no signature. It implements
// spec/CA-LIFECYCLE.md.
package registry
