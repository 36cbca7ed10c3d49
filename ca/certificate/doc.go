// Package certificate makes the service's certificates: it writes the
// TBSCertificate of a request byte for byte as the profile says, has it judged by
// package lint, and only then uses the key. Keys are crypto.Signers; one that
// takes randomness gets none, the signatures are PKCS #1 v1.5.
//
// It must not know who is entitled to a certificate, which serial number is next,
// or what time it is. It implements spec/CERT-PROFILE.md.
package certificate
