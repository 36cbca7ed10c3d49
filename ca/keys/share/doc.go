// Package share splits a passphrase among persons so that some of them together
// have it and fewer know nothing of it: Shamir's scheme over the field of 256
// elements, with shares that can be written down and typed in again.
//
// It must not know what the secret opens. It implements spec/CA-KEYS.md §Shares.
package share
