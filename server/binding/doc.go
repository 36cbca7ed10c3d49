// Package binding carries signed requests and answers of package tsmp over HTTP:
// a handler for the serving end, an exchange for the asking end, and the TLS of
// both, which authenticates either side.
//
// It must not know what a message says. It implements spec/TSM-PROTOCOL.md §HTTP.
package binding
