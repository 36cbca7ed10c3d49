package world

import (
	"context"
	"errors"
	"time"

	"github.com/cockroachdb/pebble/v2/vfs"

	"inkan/core/tsmp"
)

// server is what a process runs.
type server interface {
	// Handle answers a signed message.
	Handle(ctx context.Context, request []byte) ([]byte, error)
	// Work does what is due; more: call again.
	Work(ctx context.Context, now time.Time) (more bool, err error)
	// NextDue is when to call again; zero: not before something comes.
	NextDue(ctx context.Context) (time.Time, error)
	Close() error
}

// process is a server that can die: all of it but what is on its disk is gone then.
type process struct {
	party tsmp.PartyID
	disk  disk
	open  func(ctx context.Context, disk vfs.FS, life int) (server, error)

	server server
	life   int  // how often it was started
	dead   bool // since the last kill, until it is started again
	after  disk
	lost   error // why nothing is found after the last kill
	faults int   // turns in a row that failed

	touched bool      // something has come since its last turn
	known   bool      // due is what NextDue says
	due     time.Time // zero: not before something comes
	worked  time.Time // its last turn
}

// touch notes that something has come.
func (p *process) touch() { p.touched, p.known = true, false }

// next is NextDue, which is asked once until something comes.
func (p *process) next(ctx context.Context) (time.Time, error) {
	if p.known {
		return p.due, nil
	}
	due, err := p.server.NextDue(ctx)
	p.due, p.known = due, err == nil
	return due, err
}

// idles bounds how long a server is left alone that says that nothing is due.
const idles = time.Minute

// idle reports whether a server has nothing to do.
func (p *process) idle(ctx context.Context, now time.Time) (bool, error) {
	if p.touched || p.faults > 0 || now.Sub(p.worked) >= idles {
		return false, nil
	}
	due, err := p.next(ctx)
	return due.IsZero() || due.After(now), err
}

// work is a turn of the server.
func (p *process) work(ctx context.Context, now time.Time) (more bool, err error) {
	p.touched, p.known, p.worked = false, false, now
	more, err = p.server.Work(ctx, now)
	p.known = false
	return more, err
}

// run starts a party's process.
func (w *World) run(ctx context.Context, p *process) error {
	p.disk = strict{vfs.NewCrashableMem()}
	if w.Config.LightDisks {
		p.disk = newLight()
	}
	w.processes[p.party], w.parties[p.party] = p, p
	w.order = append(w.order, p)
	return p.start(ctx)
}

func (p *process) start(ctx context.Context) (err error) {
	p.life++
	p.dead, p.faults = false, 0
	p.touch()
	if p.server, err = p.open(ctx, p.disk, p.life); err != nil {
		p.server = nil // and not a server of some type that is none
	}
	return err
}

// kill has the process die here and now: what its disk has kept is what it finds when
// it is started again. The program behind it goes on to the end of what it is at, and
// nobody hears of it.
func (p *process) kill() {
	if p.dead {
		return
	}
	p.dead = true
	p.after, p.lost = p.disk.crash()
}

// revive starts a dead process again, from its disk.
func (p *process) revive(ctx context.Context) error {
	if !p.dead {
		return nil
	}
	if p.lost != nil {
		return p.lost
	}
	old := p.server
	p.disk, p.after = p.after, nil
	err := p.start(ctx)
	return errors.Join(err, old.Close())
}

// handle implements handles.
func (p *process) handle(ctx context.Context, request []byte) ([]byte, error) {
	if p.dead {
		return nil, errDead
	}
	p.touch()
	life := p.life
	answer, err := p.server.Handle(ctx, request)
	if p.dead || p.life != life {
		return nil, errDead
	}
	return answer, err
}

// Kill has a party's process die and start again from its disk.
func (w *World) Kill(ctx context.Context, party tsmp.PartyID) error {
	p := w.processes[party]
	if p == nil {
		return errors.New("world: no process of " + string(party))
	}
	p.kill()
	return p.revive(ctx)
}
