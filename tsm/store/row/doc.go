// Package row is what service managers keep: applications, SIMs, subscribers,
// devices, service instances, workflows, messages that wait to be sent, calls
// with their answers, and the entries of the audit trail.
//
// A row names its own key. Key material is Wrapped, and nothing else. The
// package must not know how rows are stored, or the rules by which service
// managers change them. It implements the section Rows of spec/STORE.md.
package row
