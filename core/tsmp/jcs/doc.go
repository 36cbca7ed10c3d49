// Package jcs reads and writes the JSON of the messages between certificate
// authority and service managers: strictly in, canonically (RFC 8785) out.
//
// A document has objects, arrays, strings, booleans and integers of at most 53
// bits, and nothing else: no null, no fraction, no exponent. Names of an object
// are unique. Whoever reads gets a tree whose nodes know their offset, so that
// every fault of the layers above names its place, too.
//
// It must not know any message. It implements spec/TSM-PROTOCOL.md §JSON.
package jcs
