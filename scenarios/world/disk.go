package world

import (
	"io"
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
// beginning to end, as Pebble's are.
type light struct {
	vfs.FS
	mutex *sync.RWMutex // held by crash, and for reading by everybody who writes
	files map[string]*extent
}

// extent is how much of a file there is, and how much of it lasts, in bytes.
type extent struct {
	mutex        sync.Mutex
	size, synced int64
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
	e := new(extent)
	d.files[name] = e
	return &lightFile{File: f, disk: d, extent: e}, nil
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
	n, err := f.File.Write(p)
	f.extent.mutex.Lock()
	f.extent.size += int64(n)
	f.extent.mutex.Unlock()
	return n, err
}

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
