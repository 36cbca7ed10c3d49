package sp_test

import (
	"sync"

	"github.com/cockroachdb/pebble/v2/vfs"
)

// power is when the process is to die: at which write to its disk. Pebble writes on
// goroutines of its own, those of processes that have died among them.
type power struct {
	mutex   sync.Mutex
	count   int // writes so far
	at      int // the write at which the process dies; 0: it lives
	crashed *vfs.MemFS
}

// wrote hears of a write to a disk, of which a copy is kept if it is the last one.
func (p *power) wrote(disk *vfs.MemFS) {
	p.mutex.Lock()
	defer p.mutex.Unlock()
	if p.count++; p.count == p.at && p.crashed == nil {
		p.crashed = disk.CrashClone(vfs.CrashCloneCfg{})
	}
}

// set has it die at a write, counted from the next one; 0: never.
func (p *power) set(at int) {
	p.mutex.Lock()
	defer p.mutex.Unlock()
	p.count, p.at = 0, at
}

// writes is how many there were since it was set.
func (p *power) writes() int {
	p.mutex.Lock()
	defer p.mutex.Unlock()
	return p.count
}

// dead reports whether the process has died.
func (p *power) dead() bool {
	p.mutex.Lock()
	defer p.mutex.Unlock()
	return p.crashed != nil
}

// found is the disk of a process that has died, once; nil: it lives.
func (p *power) found() *vfs.MemFS {
	p.mutex.Lock()
	defer p.mutex.Unlock()
	disk := p.crashed
	p.crashed = nil
	return disk
}
