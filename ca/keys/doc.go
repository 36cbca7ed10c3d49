// Package keys holds the private keys of the certificate authority: which there
// are, where they lie, how they come about, and what may be done with them.
//
// Whoever signs sees a crypto.Signer, and whoever opens what an applet encrypted
// sees a perso.ContentKey; behind either may be a key in memory, from a key
// directory (Open), or one in a hardware module (package keys/pkcs11). Keys come
// about in a ceremony (Ceremony.Run), which leaves a signed record.
//
// It must not know certificates, persons or messages: what a certificate of a
// new authority looks like is a callback of the ceremony. It implements
// spec/CA-KEYS.md.
package keys
