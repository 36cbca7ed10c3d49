package store

// Metrics are counts since Open, and sizes in bytes as of now.
type Metrics struct {
	Updates   uint64 // that wrote something
	Keys      uint64 // that they wrote or deleted
	Bytes     uint64 // of their batches, which is what the log got
	DiskBytes uint64 // of all files
	LogBytes  uint64 // of the log that is read again after a crash
	Tables    int64  // sorted files
}

// Metrics looks at the store from outside.
func (s *Store) Metrics() (Metrics, error) {
	s.closing.RLock()
	defer s.closing.RUnlock()
	if s.closed {
		return Metrics{}, ErrClosed
	}
	m := s.db.Metrics()
	s.writing.Lock()
	defer s.writing.Unlock()
	return Metrics{Updates: s.applied, Keys: s.keys, Bytes: s.bytes, DiskBytes: m.DiskSpaceUsage(), LogBytes: m.WAL.Size, Tables: m.Total().TablesCount}, nil
}
