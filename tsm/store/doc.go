// Package store keeps what a service manager knows: rows in typed tables with
// their indexes, and the audit trail, for several tenants that see nothing of one
// another.
//
// A Step is one batch: all of it or nothing survives a crash, and it returns only
// when it is on the disk. Steps run one after the other, and concurrent callers
// share the waits for the disk. Nothing else in tsm knows how rows are stored.
//
// It must not know workflows, cards or messages. It implements spec/STORE.md.
package store
