// Package record is what the registry keeps: persons, cards, phones,
// certificates, applications, orders and the journal's entries, their encoding,
// and the keys under which they stand.
//
// It must not know the rules by which records change, or the store. It
// implements the section Formats of spec/CA-LIFECYCLE.md.
package record
