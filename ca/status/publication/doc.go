// Package publication puts what is published of an authority's certificates under
// one HTTP handler: revocation lists, OCSP, the authority's own certificates.
//
// It must not know how any of them comes about. It implements spec/STATUS.md
// §HTTP.
package publication
