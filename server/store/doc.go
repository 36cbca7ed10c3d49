// Package store keeps ordered keys and values in Pebble, on disk or in memory.
//
// An Update is one batch: all of it or nothing survives a crash, and it returns
// only when the batch is on the disk. Updates run one after the other, and the
// updates of concurrent callers share the waits for the disk (group commit).
// A Snapshot shows only what is already durable.
//
// It must not know what keys and values mean. It implements the section Store of
// spec/CA-LIFECYCLE.md and the section Backup of spec/STORE.md.
package store
