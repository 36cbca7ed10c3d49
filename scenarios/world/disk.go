package world

import (
	"errors"
	"io"
	"slices"
	"sync"

	"github.com/cockroachdb/pebble/v2/vfs"
)

// disk is what a process keeps when it dies.
type disk interface {
	vfs.FS
	// crash is a copy of what is found after the process has died here and now.
	crash() (disk, error)
}

// strict forgets files and parts of files of which nobody has said that they have to
// last.
type strict struct{ *vfs.MemFS }

func (d strict) crash() (disk, error) { return strict{d.CrashClone(vfs.CrashCloneCfg{})}, nil }

// light forgets only the parts of files of which nobody has said that they have to
// last: that takes no copy each time that somebody does. Files are written from
// beginning to end, as Pebble's are, and what is written is copied once more only when
// somebody reads it, as a log that grows is read after a crash.
type light struct {
	vfs.FS
	mutex *sync.RWMutex // held by crash, and for reading by everybody who writes
	files map[string]*extent
}

// extent is how much of a file there is, and how much of it lasts, in bytes.
type extent struct {
	mutex        sync.Mutex
	size, synced int64
	file         vfs.File // that is being written
	pending      [][]byte // what it does not have yet
	closed       bool     // by the one who writes; file is open as long as something is pending
}

// Sizes in bytes of the pieces of what is pending.
const (
	leastPiece = 4 << 10
	mostPiece  = 256 << 10
)

// add takes what is written to the file.
func (e *extent) add(p []byte) {
	e.mutex.Lock()
	defer e.mutex.Unlock()
	e.size += int64(len(p))
	last := len(e.pending) - 1
	if last < 0 || cap(e.pending[last])-len(e.pending[last]) < len(p) {
		size := leastPiece
		if last >= 0 {
			size = min(2*cap(e.pending[last]), mostPiece)
		}
		e.pending = append(e.pending, make([]byte, 0, max(size, len(p))))
		last++
	}
	e.pending[last] = append(e.pending[last], p...)
}

// settle gives the file what it does not have yet.
func (e *extent) settle() error {
	e.mutex.Lock()
	defer e.mutex.Unlock()
	if len(e.pending) == 0 {
		return nil
	}
	_, err := e.file.Write(slices.Concat(e.pending...))
	e.pending = nil
	if e.closed {
		err = errors.Join(err, e.file.Close())
	}
	return err
}

// end closes the file, or leaves that to whoever reads it first: most logs are removed
// before anybody does.
func (e *extent) end() error {
	e.mutex.Lock()
	defer e.mutex.Unlock()
	e.closed = true
	if len(e.pending) > 0 {
		return nil
	}
	return e.file.Close()
}

func newLight() *light {
	return &light{FS: vfs.NewMem(), mutex: new(sync.RWMutex), files: map[string]*extent{}}
}

// crash implements disk.
func (d *light) crash() (disk, error) {
	d.mutex.Lock()
	defer d.mutex.Unlock()
	c := newLight()
	for name, e := range d.files {
		if err := c.take(d, name, e.synced); err != nil {
			return nil, err
		}
	}
	return c, nil
}

// take copies the beginning of a file.
func (d *light) take(from *light, name string, size int64) error {
	if err := from.files[name].settle(); err != nil {
		return err
	}
	source, err := from.FS.Open(name)
	if err != nil {
		return err
	}
	defer source.Close()
	content := make([]byte, size)
	if _, err := io.ReadFull(source, content); err != nil {
		return err
	}
	if err := d.MkdirAll(d.PathDir(name), 0o755); err != nil {
		return err
	}
	target, err := d.FS.Create(name, vfs.WriteCategoryUnspecified)
	if err != nil {
		return err
	}
	d.files[name] = &extent{size: size, synced: size}
	if _, err := target.Write(content); err != nil {
		return err
	}
	return target.Close()
}

// Create implements vfs.FS.
func (d *light) Create(name string, category vfs.DiskWriteCategory) (vfs.File, error) {
	d.mutex.Lock()
	defer d.mutex.Unlock()
	f, err := d.FS.Create(name, category)
	if err != nil {
		return nil, err
	}
	e := &extent{file: f}
	d.files[name] = e
	return &lightFile{File: f, disk: d, extent: e}, nil
}

// Open implements vfs.FS.
func (d *light) Open(name string, opts ...vfs.OpenOption) (vfs.File, error) {
	if err := d.settle(name); err != nil {
		return nil, err
	}
	return d.FS.Open(name, opts...)
}

// Stat implements vfs.FS.
func (d *light) Stat(name string) (vfs.FileInfo, error) {
	if err := d.settle(name); err != nil {
		return nil, err
	}
	return d.FS.Stat(name)
}

// settle has a file that is being written whole, for somebody who looks at it.
func (d *light) settle(name string) error {
	d.mutex.RLock()
	defer d.mutex.RUnlock()
	if e := d.files[name]; e != nil {
		return e.settle()
	}
	return nil
}

// Link implements vfs.FS.
func (d *light) Link(oldname, newname string) error {
	d.mutex.Lock()
	defer d.mutex.Unlock()
	err := d.FS.Link(oldname, newname)
	if err == nil {
		d.files[newname] = d.files[oldname]
	}
	return err
}

// Remove implements vfs.FS.
func (d *light) Remove(name string) error {
	d.mutex.Lock()
	defer d.mutex.Unlock()
	err := d.FS.Remove(name)
	if err == nil {
		delete(d.files, name)
	}
	return err
}

// Rename implements vfs.FS.
func (d *light) Rename(oldname, newname string) error {
	d.mutex.Lock()
	defer d.mutex.Unlock()
	err := d.FS.Rename(oldname, newname)
	if e, there := d.files[oldname]; err == nil && there {
		delete(d.files, oldname)
		d.files[newname] = e
	}
	return err
}

// ReuseForWrite implements vfs.FS: the file of before is gone.
func (d *light) ReuseForWrite(oldname, newname string, category vfs.DiskWriteCategory) (vfs.File, error) {
	if err := d.Remove(oldname); err != nil {
		return nil, err
	}
	return d.Create(newname, category)
}

// Unwrap implements vfs.FS.
func (d *light) Unwrap() vfs.FS { return d.FS }

// lightFile is a file that is being written.
type lightFile struct {
	vfs.File
	disk   *light
	extent *extent
}

// Write implements vfs.File.
func (f *lightFile) Write(p []byte) (int, error) {
	f.disk.mutex.RLock()
	defer f.disk.mutex.RUnlock()
	f.extent.add(p)
	return len(p), nil
}

// Stat implements vfs.File.
func (f *lightFile) Stat() (vfs.FileInfo, error) {
	if err := f.extent.settle(); err != nil {
		return nil, err
	}
	return f.File.Stat()
}

// Close implements vfs.File.
func (f *lightFile) Close() error { return f.extent.end() }

// Sync implements vfs.File.
func (f *lightFile) Sync() error {
	f.disk.mutex.RLock()
	defer f.disk.mutex.RUnlock()
	f.extent.mutex.Lock()
	f.extent.synced = f.extent.size
	f.extent.mutex.Unlock()
	return nil
}

// SyncData implements vfs.File.
func (f *lightFile) SyncData() error { return f.Sync() }

// SyncTo implements vfs.File.
func (f *lightFile) SyncTo(int64) (fullSync bool, err error) { return false, nil }
