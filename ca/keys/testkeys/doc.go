// Package testkeys has fixed keys for tests and for the demonstration, so that
// whatever they sign is the same bytes every time.
//
// TEST ONLY: every private key here is published. keys.RequireReal refuses each
// of them. It must not know what they sign. It implements spec/CA-KEYS.md
// §Test keys.
package testkeys
