package store

import "sync"

// fronts know of lanes a number before which no message waits: what has left a
// lane costs whoever looks for its first message a walk over it. They are of
// memory only, and of some lanes only. Spec: SPEC-STORE-017.
type fronts struct {
	mutex sync.Mutex
	steps uint64 // of the tenant that were applied
	of    map[string]front
}

// front is what the step of a number has found: numbers only rise while a lane is
// there, so that it holds from that step on.
type front struct{ number, step uint64 }

// laneFront is a front that a step has found; number 0: the lane has gone.
type laneFront struct {
	destination string
	number      uint64
}

// maxFronts is how many lanes are known.
const maxFronts = 4096

// apply takes over what a step has found, after it was applied and before anything
// else is read.
func (f *fronts) apply(found []laneFront) {
	f.mutex.Lock()
	defer f.mutex.Unlock()
	f.steps++
	for _, x := range found {
		if x.number == 0 {
			delete(f.of, x.destination)
			continue
		}
		if len(f.of) >= maxFronts {
			clear(f.of)
		}
		f.of[x.destination] = front{x.number, f.steps}
	}
}

// count is how many steps were applied.
func (f *fronts) count() uint64 {
	f.mutex.Lock()
	defer f.mutex.Unlock()
	return f.steps
}

// get is the front of a lane that so many steps have found; 0: none is known.
func (f *fronts) get(destination string, steps uint64) uint64 {
	f.mutex.Lock()
	defer f.mutex.Unlock()
	if x := f.of[destination]; x.step <= steps {
		return x.number
	}
	return 0
}

// frontOf is a number before which a reader finds no message of a lane.
func frontOf(r Reader, destination string) uint64 {
	switch r := r.(type) {
	case *Tx:
		for i := len(r.work.fronts) - 1; i >= 0; i-- {
			if r.work.fronts[i].destination == destination {
				return r.work.fronts[i].number
			}
		}
		return r.tenant.fronts.get(destination, r.tenant.fronts.count())
	case *Snapshot:
		if r.watch != nil {
			return r.watch.tenant.fronts.get(destination, r.watch.steps)
		}
	}
	return 0
}
