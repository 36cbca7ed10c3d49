package omapi

import (
	"bytes"
	"crypto/sha1"
	"crypto/sha256"

	"inkan/core/ara"
)

// Caller is an application of the handset, as the operating system knows it.
type Caller struct {
	// SHA1 and SHA256 are the hashes of the certificate that it was signed with.
	SHA1   [sha1.Size]byte
	SHA256 [sha256.Size]byte
	// Package is its name.
	Package string
}

// CallerOf is the application of a package name that was signed with a certificate,
// which is in DER.
func CallerOf(certificate []byte, packageName string) Caller {
	return Caller{SHA1: sha1.Sum(certificate), SHA256: sha256.Sum256(certificate), Package: packageName}
}

// signs tells whether a rule's hash is one of the caller's certificate.
func (c *Caller) signs(hash []byte) bool {
	return bytes.Equal(hash, c.SHA1[:]) || bytes.Equal(hash, c.SHA256[:])
}

// concerned tells whether a rule is for the caller by name: by hash, package, or
// both. anybody: it is for every caller.
func (c *Caller) concerned(t *ara.Target) (named, anybody bool) {
	if len(t.AppHash) == 0 && t.Package == "" {
		return false, true
	}
	return (len(t.AppHash) == 0 || c.signs(t.AppHash)) && (t.Package == "" || t.Package == c.Package), false
}
