// Package page makes one HTML file of the record of a run: a sequence chart between the
// parties, commands in words, where the time went, who was responsible, certificates,
// what the holder saw and the audit trails. The file is complete: it asks for no other,
// and can be read without scripts.
//
// It must not know how a run is recorded. What comes from a run is escaped, whatever it
// is. It implements spec/REPORT.md §Page.
package page
