package remote

import (
	"context"

	"inkan/core/apdu"
	"inkan/core/tsmp"
	"inkan/tsm/hsm"
)

// flightKind is what a script on its way is.
type flightKind byte

const (
	nothing  flightKind = iota
	packet              // SCP80
	greeting            // INITIALIZE UPDATE
	exchange            // commands of a session
)

// flight is a script on its way: as much as makes it again.
type flight struct {
	kind     flightKind
	audit    bool   // it asks what became of the command from
	from, to int    // commands of the run
	named    int    // a command, counted from 1, that goes in front: the one that names; 0: none
	counter  uint64 // of a packet
	// put is a command, counted from 1, under whose keys the script is, to see whether the
	// card has them; 0: none.
	put int
}

// place is where a card has what a load or a sequence of STORE DATA belongs to.
type place byte

const (
	nowhere   place = iota
	inPackets       // SCP80: it outlives a packet
	inSession
)

// Next is the next script: the same one again until Take has taken its answer. done:
// there is none, see Outcome. counter is the last SCP80 counter that was used with the
// domain's packet keys: a packet raises it, and the caller keeps it, and the run, before
// the script leaves. Spec: SPEC-SCRIPTS-010, SPEC-SCRIPTS-011.
func (r *Run) Next(ctx context.Context, m hsm.Module, bearer tsmp.Bearer, counter *uint64) (s Script, done bool, err error) {
	if !r.domain.Reaches(bearer) {
		return s, r.outcome.State != Running, ErrBearer
	}
	if r.flight.kind == nothing && r.outcome.State == Running {
		r.change(bearer)
		if err := r.plan(bearer); err != nil {
			return s, false, err
		}
	}
	if r.outcome.State != Running {
		return s, true, nil
	}
	if (r.flight.kind == packet) != (bearer == tsmp.BearerSMS) {
		return s, false, ErrOnItsWay
	}
	s, err = r.make(ctx, m, counter)
	return s, r.outcome.State != Running, err
}

// change goes over to a bearer: what the card knows by the other one is left behind.
// Spec: SPEC-SCRIPTS-014.
func (r *Run) change(bearer tsmp.Bearer) {
	to := inSession
	if bearer == tsmp.BearerSMS {
		to = inPackets
		r.drop()
	} else if r.kept.kind != nothing {
		r.unknown, r.kept = max(r.unknown, r.kept.to), flight{}
	}
	if r.place != to || to == inSession && !r.session.begun() {
		r.rewind()
	}
	r.place = to
	r.restore()
}

// restore takes up a packet that was silent: the same again, since the card may have
// it. When it puts keys that take the place of its own, the card can be silent because
// it has them: in turn with it the card is asked under those.
// Spec: SPEC-SCRIPTS-015, SPEC-SCRIPTS-037.
func (r *Run) restore() {
	if r.kept.kind == nothing {
		return
	}
	if p := r.superseding(r.kept.from, r.kept.to, forPackets); p >= 0 && !r.asked {
		r.asked = true
		r.flight = flight{kind: packet, audit: true, from: p, to: p, put: p + 1}
		return
	}
	r.flight, r.kept, r.asked = r.kept, flight{}, false
}

// superseding is the command among some that puts keys in the place of those that serve;
// -1: none does.
func (r *Run) superseding(from, to, which int) int {
	for i := from; i < to; i++ {
		if put := r.commands[i].Put; put != nil && r.supersedes(put, which) {
			return i
		}
	}
	return -1
}

// rewind goes back to where what the next command belongs to begins, since the card has
// forgotten it. Spec: SPEC-SCRIPTS-032, SPEC-SCRIPTS-033.
func (r *Run) rewind() {
	at := r.next
	if at == len(r.steps) || r.unknown > at && at >= r.redo {
		return
	}
	s := &r.steps[at]
	switch {
	case s.first == at:
		return
	case s.kind == loadPart || s.kind == loadEnd:
		r.back(s.first)
	case s.kind == stores && r.repeats(s.first, at+1):
		r.back(s.first)
	default:
		r.end(Outcome{State: Interrupted, Index: at})
		return
	}
	if r.unknown == at {
		r.unknown = r.next
	} else {
		r.redo = max(r.redo, at)
	}
}

// repeats tells whether commands may all be executed again.
func (r *Run) repeats(from, to int) bool {
	for i := from; i < to; i++ {
		if !r.steps[i].repeatable() && !r.commands[i].Repeat {
			return false
		}
	}
	return true
}

// plan decides what comes next: a question about what may have been done, or commands.
// Spec: SPEC-SCRIPTS-030.
func (r *Run) plan(bearer tsmp.Bearer) error {
	for r.outcome.State == Running && r.flight.kind == nothing {
		switch {
		case bearer == tsmp.BearerRelay && r.owed() < r.next && !r.harmless(r.next):
			r.flight = flight{kind: exchange, audit: true, from: len(r.commands), to: len(r.commands)}
		case r.next == len(r.commands):
			r.end(Outcome{State: Done, Index: r.next})
		case r.next < r.unknown && r.resolve(bearer):
		default:
			f := r.pack(bearer)
			if err := r.fits(&f); err != nil {
				return err
			}
			r.flight = f
		}
	}
	if r.flight.kind == exchange && !r.session.begun() {
		r.flight = flight{kind: greeting}
		r.session = session{put: r.taken[forChannels]}
		if r.try > 0 {
			r.session.put = r.try
		}
	}
	return nil
}

// resolve looks at the next command, which may have been executed. It tells whether it
// has decided something; if not, the command is to be sent. Spec: SPEC-SCRIPTS-030 to
// SPEC-SCRIPTS-036.
func (r *Run) resolve(bearer tsmp.Bearer) bool {
	s := &r.steps[r.next]
	if r.next < r.redo {
		return false
	}
	switch s.kind {
	case reads, names:
		return false
	case makes, deletes, loadEnd:
		return r.ask(r.next, bearer)
	case puts:
		if put := r.commands[r.next].Put; put.Replaced != put.Keys.Version {
			return r.ask(r.next, bearer)
		}
	case loadBegin, loadPart:
		return r.resolveLoad(bearer)
	case stores:
		if r.repeats(s.first, r.next+1) {
			r.redo = r.next
			for r.redo < r.unknown && r.steps[r.redo].kind == stores && r.steps[r.redo].first == s.first {
				r.redo++
			}
			r.back(s.first)
			return false
		}
	}
	if r.commands[r.next].Repeat {
		return false
	}
	r.end(Outcome{State: Interrupted, Index: r.next})
	return true
}

// ask puts the question what became of a command.
func (r *Run) ask(index int, bearer tsmp.Bearer) bool {
	r.flight = flight{kind: exchange, audit: true, from: index, to: index}
	if bearer == tsmp.BearerSMS {
		r.flight.kind = packet
	}
	return true
}

// resolveLoad is about a load that may have gone on. By packets it does, or the next
// LOAD tells; a session takes it away. Spec: SPEC-SCRIPTS-031, SPEC-SCRIPTS-032.
func (r *Run) resolveLoad(bearer tsmp.Bearer) bool {
	s := &r.steps[r.next]
	end := r.next
	for end < r.unknown && (r.steps[end].kind == loadBegin || r.steps[end].kind == loadPart) {
		end++
	}
	switch {
	case end < r.unknown && r.steps[end].kind == loadEnd:
		return r.ask(end, bearer)
	case bearer == tsmp.BearerSMS && r.doubt == inPackets && r.low < 2:
		for r.next < end {
			r.executed(okAnswer)
		}
	default:
		r.back(s.first)
		r.unknown = r.next
	}
	return true
}

// pack puts commands into a script, as many as have room.
// Spec: SPEC-SCRIPTS-012, SPEC-SCRIPTS-013.
func (r *Run) pack(bearer tsmp.Bearer) flight {
	f := flight{kind: exchange, from: r.next, to: r.next}
	room, most := r.domain.Bytes, r.domain.Commands-1 // EXTERNAL AUTHENTICATE
	size := func(i int) int { return 5 + r.size(i) + 32 }
	if bearer == tsmp.BearerSMS {
		f.kind, room, most = packet, r.domain.room(), MaxRun
		size = func(i int) int { return r.domain.Format.CommandBytes(r.sized(i)) }
	}
	if n := r.naming(bearer); n > 0 {
		f.named = n
		room, most = room-size(n-1), most-1
	}
	owing := r.owed() < r.next
	for f.to < len(r.steps) && f.to-f.from < most {
		if f.to > f.from && owing && !r.harmless(f.to) {
			break
		}
		if f.to > f.from && f.to < r.unknown && (!r.repeats(f.to, f.to+1) || r.steps[f.to].first < f.from) {
			break
		}
		if room -= size(f.to); room < 0 && f.to > f.from {
			break
		}
		f.to++
		if f.kind == packet && r.steps[f.to-1].answers() {
			break
		}
	}
	return f
}

// naming is the command, counted from 1, that has to name the application again before
// the next one: a sequence of STORE DATA that begins, for an application that the
// session or the packet does not know of. 0: none. Spec: SPEC-SCRIPTS-034.
func (r *Run) naming(bearer tsmp.Bearer) int {
	s := &r.steps[r.next]
	if s.kind != stores || s.named < 0 || s.first != r.next || bearer == tsmp.BearerRelay && r.session.knows(s.named) {
		return 0
	}
	return s.named + 1
}

// putBytes is what the data of PUT KEY with a key of so many bytes take, at most.
const putBytes = 1 + 3*(1+1+1+32+1+3)

// size is the most bytes of a command's data field.
func (r *Run) size(i int) int {
	if r.steps[i].kind == puts {
		return putBytes
	}
	return len(r.steps[i].apdu.Data)
}

// sized is a command as long as one will be at most.
func (r *Run) sized(i int) *apdu.Command {
	c := r.steps[i].apdu
	if r.steps[i].kind == puts {
		c.Data = make([]byte, putBytes)
	}
	return &c
}
