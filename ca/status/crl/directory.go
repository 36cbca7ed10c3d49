package crl

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
)

// Directory is a Store of files below one folder, which any web server can serve
// too. A list is written beside its place and renamed into it; it is not forced
// to the disk, because after a crash it can be made again.
type Directory struct{ root *os.Root }

// OpenDirectory makes the folder if it is not there.
func OpenDirectory(folder string) (*Directory, error) {
	if err := os.MkdirAll(folder, 0o755); err != nil {
		return nil, fmt.Errorf("crl: store: %w", err)
	}
	root, err := os.OpenRoot(folder)
	if err != nil {
		return nil, fmt.Errorf("crl: store: %w", err)
	}
	return &Directory{root}, nil
}

// Close releases the folder.
func (d *Directory) Close() error { return d.root.Close() }

// Replace implements Store.
func (d *Directory) Replace(name string, write func(io.Writer) error) (err error) {
	if !fs.ValidPath(name) {
		return fmt.Errorf("crl: store: %q is no path", name)
	}
	beside := name + ".new"
	file, err := d.create(beside)
	if err != nil {
		return fmt.Errorf("crl: store: %w", err)
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, d.root.Remove(beside))
		}
	}()
	if err := write(file); err != nil {
		return errors.Join(err, file.Close())
	}
	if err := file.Close(); err != nil {
		return fmt.Errorf("crl: store: %w", err)
	}
	return d.root.Rename(beside, name)
}

// create opens a new file, with its folders if they are not there yet.
func (d *Directory) create(name string) (*os.File, error) {
	const flags = os.O_CREATE | os.O_TRUNC | os.O_WRONLY
	file, err := d.root.OpenFile(name, flags, 0o644)
	if !errors.Is(err, fs.ErrNotExist) {
		return file, err
	}
	if err := d.root.MkdirAll(path.Dir(name), 0o755); err != nil {
		return nil, err
	}
	return d.root.OpenFile(name, flags, 0o644)
}

// Open implements Store.
func (d *Directory) Open(name string) (File, error) {
	file, err := d.root.Open(name)
	if err != nil {
		return nil, err
	}
	stat, err := file.Stat()
	if err != nil {
		return nil, errors.Join(err, file.Close())
	}
	if !stat.Mode().IsRegular() {
		return nil, errors.Join(&fs.PathError{Op: "open", Path: name, Err: fs.ErrNotExist}, file.Close())
	}
	return diskFile{file, stat.Size()}, nil
}

type diskFile struct {
	*os.File
	size int64
}

func (f diskFile) Size() int64 { return f.size }
