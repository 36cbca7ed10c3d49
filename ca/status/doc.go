// Package status is what the world may know of a certificate's state, and what
// the publication of it needs from the registry: revocation lists (package crl),
// answers to single questions (package ocsp), both over HTTP (package
// publication).
//
// It must not know how a certificate is made, who holds it, or any store. It
// implements spec/STATUS.md.
package status
