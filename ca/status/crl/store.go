package crl

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"sync"
)

// Store is where lists are kept for serving, by path. It may be used
// concurrently, by one writer for each path.
type Store interface {
	// Replace puts what write writes in the place of a path's list, all at once
	// and only if write does not fail. Whoever has the old list open keeps it.
	Replace(path string, write func(io.Writer) error) error
	// Open opens a list; the error is fs.ErrNotExist if there is none.
	Open(path string) (File, error)
}

// File is a list that is open.
type File interface {
	io.ReadSeekCloser
	io.ReaderAt
	// Size is in bytes.
	Size() int64
}

// Path is where the list of one generation stands in a Store, and below
// certificate.CRLBase with a slash before it: "crl/<key identifier in lower-case
// hex>/auth/Tokyo-to/Kiyose-shi.crl". The path of certificate.CRLPath, without
// the identifier, leads to the newest generation's list.
// Spec: SPEC-STATUS-022.
func Path(keyID []byte, crlPath string) string {
	const root = "/crl/"
	return fmt.Sprintf("crl/%x/%s", keyID, crlPath[len(root):])
}

// Memory is a Store in memory. The zero value is empty.
type Memory struct {
	mu    sync.RWMutex
	lists map[string][]byte
}

// Replace implements Store.
func (m *Memory) Replace(path string, write func(io.Writer) error) error {
	if !fs.ValidPath(path) {
		return fmt.Errorf("crl: store: %q is no path", path)
	}
	var b bytes.Buffer
	if err := write(&b); err != nil {
		return err
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.lists == nil {
		m.lists = map[string][]byte{}
	}
	m.lists[path] = bytes.Clone(b.Bytes())
	return nil
}

// Open implements Store.
func (m *Memory) Open(path string) (File, error) {
	m.mu.RLock()
	defer m.mu.RUnlock()
	list, ok := m.lists[path]
	if !ok {
		return nil, &fs.PathError{Op: "open", Path: path, Err: fs.ErrNotExist}
	}
	return memoryFile{bytes.NewReader(list)}, nil
}

type memoryFile struct{ *bytes.Reader }

func (memoryFile) Close() error { return nil }

// info reads what the list of a path says of itself; found is false without one.
func info(s Store, path string) (i Info, found bool, err error) {
	file, err := s.Open(path)
	if errors.Is(err, fs.ErrNotExist) {
		return Info{}, false, nil
	}
	if err != nil {
		return Info{}, false, err
	}
	defer file.Close()
	i, err = ReadInfo(file, file.Size())
	return i, true, err
}
