// Package certificate is the vocabulary of the service's certificates: kinds,
// authorities, states, names, municipalities with the CRL partition of each,
// policies, the rule of validity, and the reading of a certificate back into
// these terms.
//
// Whoever issues, keeps, revokes, publishes or verifies certificates shares it.
// It must not know how a certificate is made, whether one is revoked, or any
// store. It implements the formats of spec/CERT-PROFILE.md.
package certificate
