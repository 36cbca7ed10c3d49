package store

import "github.com/cockroachdb/pebble/v2/vfs"

// FS is a file system that stores live on.
type FS = vfs.FS

// Disk is the machine's file system.
func Disk() FS { return vfs.Default }

// Memory is a new, empty file system in memory.
func Memory() FS { return vfs.NewMem() }
