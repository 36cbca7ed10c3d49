package store

import (
	"fmt"

	"github.com/cockroachdb/pebble/v2"
	"github.com/cockroachdb/pebble/v2/vfs"
)

// Sizes in bytes. A small memory table keeps the log short that has to be read
// again when the store is opened after a crash.
const (
	memTableBytes = 16 << 20
	cacheBytes    = 64 << 20
)

func options(fs vfs.FS, logger pebble.Logger) *pebble.Options {
	o := &pebble.Options{
		FS:                 freshLogs{fs},
		MemTableSize:       memTableBytes,
		CacheSize:          cacheBytes,
		FormatMajorVersion: pebble.FormatValueSeparation,
		Logger:             logger,
		// Corruption is an error of whoever reads it, not the end of the process.
		EventListener: &pebble.EventListener{DataCorruption: func(pebble.DataCorruptionInfo) {}},
		MaxOpenFiles:  1000,
	}
	o.EnsureDefaults()
	return o
}

// Bare are the settings of a store, for a database beside one that it is compared
// with.
func Bare(fs vfs.FS) *pebble.Options { return options(fs, stopLogger{}) }

// freshLogs is a file system on which Pebble's logs are never written over one
// another: a log that is no longer needed is removed, and what was in it with it.
type freshLogs struct{ vfs.FS }

// ReuseForWrite implements vfs.FS. Spec: SPEC-CA-LIFECYCLE-071.
func (f freshLogs) ReuseForWrite(oldname, newname string, category vfs.DiskWriteCategory) (vfs.File, error) {
	if err := f.Remove(oldname); err != nil {
		return nil, err
	}
	return f.Create(newname, category)
}

// Unwrap implements vfs.FS.
func (f freshLogs) Unwrap() vfs.FS { return f.FS }

// stopLogger says nothing of ordinary events and stops the process when the
// store cannot write: what is in memory then is ahead of the disk, and nothing
// may be answered from it. Spec: SPEC-CA-LIFECYCLE-072.
type stopLogger struct{}

func (stopLogger) Infof(string, ...any)  {}
func (stopLogger) Errorf(string, ...any) {}

// Fatalf implements pebble.Logger.
func (stopLogger) Fatalf(format string, args ...any) {
	panic("store: " + fmt.Sprintf(format, args...))
}
