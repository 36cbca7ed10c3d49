// Package relyingparty verifies what comes back from a login: the signature of a
// login statement, the certificate, its issuer among the generations of an
// authority, its purpose, its revocation, and which account it belongs to. A bank
// or another service can take it as it is: configure a Party, ask with
// Party.Challenge, verify with Party.Login; or verify a certificate alone with
// Party.Verify.
//
// It must not know how the certificate authority works: it reads certificates
// with crypto/x509, revocation lists and OCSP answers by their standards, and so
// is a second opinion on the authority's code. It implements
// spec/RELYING-PARTY.md.
package relyingparty
