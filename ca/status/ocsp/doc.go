// Package ocsp answers questions for the state of single certificates: requests
// are read strictly, answers without nonce come pre-produced from the registry's
// cache, those with nonce are signed when asked for.
//
// It must not know certificates beyond their serial numbers, or any registry but
// by status.Registry. It implements spec/STATUS.md §OCSP (RFC 6960, RFC 8954, the
// profile of RFC 5019).
package ocsp
