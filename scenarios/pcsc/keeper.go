package pcsc

import (
	"bytes"
	"sync"
	"time"

	"inkan/sim/nvm"
)

// Keeper writes a card's memory to its image file while the card works, without
// keeping it waiting: a fork of the memory goes to a goroutine, which writes the
// newest one it has.
type Keeper struct {
	file  *File
	image Image // what does not change
	flash *nvm.Flash
	saved uint64 // page updates of the memory when it was last taken

	pending chan nvm.Memory // at most one
	stop    chan struct{}
	done    sync.WaitGroup
	failed  func(error) // may be nil
	err     error       // of the last write
}

// settle is how long the keeper lets changes come together: what a crash of this
// process, unlike one of the card, can lose.
const settle = 50 * time.Millisecond

// Keep starts to keep the memory of a card. image says which card it is. The
// memory is written at once, and again whenever Note finds a change. failed is told when a write fails.
func Keep(f *File, image Image, flash *nvm.Flash, failed func(error)) *Keeper {
	k := &Keeper{file: f, image: Image{Profile: image.Profile, Number: image.Number}, flash: flash, pending: make(chan nvm.Memory, 1), stop: make(chan struct{}), failed: failed}
	k.done.Go(k.write)
	k.Note()
	return k
}

// Note has the memory written, if it was updated since the last call. It is to be
// called where the card is used. Spec: SPEC-PCSC-022.
func (k *Keeper) Note() {
	writes := k.flash.Writes()
	if writes == k.saved {
		return
	}
	k.saved = writes
	select {
	case <-k.pending:
	default:
	}
	k.pending <- k.flash.Fork()
}

// Close writes what is left and ends. The error is that of the last write.
func (k *Keeper) Close() error {
	k.Note()
	close(k.stop)
	k.done.Wait()
	return k.err
}

func (k *Keeper) write() {
	for {
		select {
		case m := <-k.pending:
			k.save(m)
		case <-k.stop:
			select {
			case m := <-k.pending:
				k.save(m)
			default:
			}
			return
		}
		select {
		case <-k.stop:
		case <-time.After(settle):
		}
	}
}

func (k *Keeper) save(m nvm.Memory) {
	var b bytes.Buffer
	k.err = m.Snapshot(&b)
	if k.err == nil {
		k.err = k.file.Write(&Image{Profile: k.image.Profile, Number: k.image.Number, Snapshot: b.Bytes()})
	}
	if k.err != nil && k.failed != nil {
		k.failed(k.err)
	}
}
