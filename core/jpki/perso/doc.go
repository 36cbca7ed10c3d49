// Package perso is the host's side of the personalisation of the JPKI
// application: orders, the card's signed statements, content encryption between
// certificate authority and applet, and the data groups in STORE DATA that carry
// all of it.
//
// The certificate authority opens a Session with the card's answer to ORDER,
// verifies the key, seals certificate and code, and verifies the receipt. Its
// static key is a ContentKey, behind which an HSM can stand. The SP-TSM, which
// has the secure channel and no content key, uses Transfer.
//
// It must not know how a certificate is made, how a secure channel is opened or
// what a server keeps. It implements spec/PERSO.md.
package perso
