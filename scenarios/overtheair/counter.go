package overtheair

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"inkan/core/scp/scp80"
)

// Memory is a counter that ends with the program.
type Memory uint64

// Load implements scp80.Counter.
func (m *Memory) Load() uint64 { return uint64(*m) }

// Store implements scp80.Counter.
func (m *Memory) Store(value uint64) error {
	*m = Memory(value)
	return nil
}

// FileCounter is a counter in a file of 8 bytes, big-endian. A file that is not
// there is 0.
type FileCounter struct {
	path  string
	value uint64
}

var _ scp80.Counter = (*FileCounter)(nil)

// OpenCounter reads the counter of a file.
func OpenCounter(path string) (*FileCounter, error) {
	b, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return &FileCounter{path: path}, nil
	}
	if err != nil {
		return nil, err
	}
	if len(b) != 8 || binary.BigEndian.Uint64(b) > scp80.MaxCounter {
		return nil, fmt.Errorf("%s: %d bytes, or too large: want a counter of 8 bytes, at most %X", path, len(b), scp80.MaxCounter)
	}
	return &FileCounter{path, binary.BigEndian.Uint64(b)}, nil
}

// Load implements scp80.Counter.
func (f *FileCounter) Load() uint64 { return f.value }

// Store implements scp80.Counter: the value is on the disk when it returns, and
// whatever happens the file has the old one or the new one.
// Spec: SPEC-OTA-005.
func (f *FileCounter) Store(value uint64) (err error) {
	next, err := os.CreateTemp(filepath.Dir(f.path), "."+filepath.Base(f.path)+".*")
	if err != nil {
		return err
	}
	_, err = next.Write(binary.BigEndian.AppendUint64(nil, value))
	if err = errors.Join(err, next.Sync(), next.Close()); err == nil {
		err = os.Rename(next.Name(), f.path)
	}
	if err != nil {
		return errors.Join(err, os.Remove(next.Name()))
	}
	f.value = value
	return nil
}
