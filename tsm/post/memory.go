package post

import (
	"time"

	"inkan/core/tsmp"
)

// take notes that a message is being sent; false: it is already. land is the end of that.
func (p *Post) take(call tsmp.CallID) bool {
	p.mutex.Lock()
	defer p.mutex.Unlock()
	if p.flying[call] {
		return false
	}
	p.flying[call] = true
	return true
}

// isFlying reports whether a message is being sent.
func (p *Post) isFlying(call tsmp.CallID) bool {
	p.mutex.Lock()
	defer p.mutex.Unlock()
	return p.flying[call]
}

func (p *Post) land(call tsmp.CallID) {
	p.mutex.Lock()
	defer p.mutex.Unlock()
	delete(p.flying, call)
}

// answers notes that a party has answered a request for good.
func (p *Post) answers(to tsmp.PartyID) {
	p.mutex.Lock()
	defer p.mutex.Unlock()
	p.answered[to] = p.config.Now()
}

// lastAnswer is when that was last.
func (p *Post) lastAnswer(to tsmp.PartyID) (at time.Time, ok bool) {
	p.mutex.Lock()
	defer p.mutex.Unlock()
	at, ok = p.answered[to]
	return at, ok
}

// silent is in how many rounds in succession a party answered nothing.
func (p *Post) silent(to tsmp.PartyID) int {
	p.mutex.Lock()
	defer p.mutex.Unlock()
	return p.silence[to]
}

// quiet counts one more such round, and heard none.
func (p *Post) quiet(to tsmp.PartyID) {
	p.mutex.Lock()
	defer p.mutex.Unlock()
	p.silence[to]++
}

func (p *Post) heard(to tsmp.PartyID) {
	p.mutex.Lock()
	defer p.mutex.Unlock()
	delete(p.silence, to)
}
