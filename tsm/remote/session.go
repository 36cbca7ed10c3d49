package remote

import (
	"context"

	"inkan/core/apdu"
	"inkan/core/iso7816"
	"inkan/core/scp"
	"inkan/tsm/hsm"
)

// session is a secure channel by relay: what was said in it, from which the module makes
// it again. Spec: SPEC-SCRIPTS-040.
type session struct {
	put           int // the command, counted from 1, whose keys open it; 0: the domain's
	challenge     [8]byte
	greeting      []byte // answer to INITIALIZE UPDATE; nil: it has not begun
	authenticated bool   // EXTERNAL AUTHENTICATE was answered 9000
	log           []logged
}

// logged is a command of a session and its answer, as it came.
type logged struct {
	audit  bool // the question about the command
	index  int
	answer []byte
}

// begun tells whether the card has answered in the session.
func (s *session) begun() bool { return len(s.greeting) > 0 }

// knows tells whether a command was executed in the session.
func (s *session) knows(index int) bool {
	for i := range s.log {
		if !s.log[i].audit && s.log[i].index == index {
			return true
		}
	}
	return false
}

// owed is the first command that counts as done by an answer without MAC, with none
// behind it in the session that has one; the number of commands: there is none. Such an
// answer is anybody's. One with a MAC that follows says that the card was given the
// command: MACs of commands are a chain. Spec: SPEC-SCRIPTS-045.
func (r *Run) owed() int {
	first := len(r.commands)
	if r.domain.Level&scp.RMAC == 0 {
		return first
	}
	for i := len(r.session.log) - 1; i >= 0 && len(r.session.log[i].answer) == 2; i-- {
		first = min(first, r.session.log[i].index)
	}
	return first
}

// harmless tells whether a command may follow one that is owed an answer with a MAC: it
// makes nothing that the other one, in doubt again, would remove.
func (r *Run) harmless(i int) bool {
	if i == len(r.steps) {
		return false
	}
	return r.steps[i].kind == reads || r.steps[i].kind == deletes && r.accepts(i, iso7816.ReferencedDataNotFound)
}

// drop ends a session. What counted as done in it by answers that are anybody's is in
// doubt again. Spec: SPEC-SCRIPTS-045.
func (r *Run) drop() {
	first, next := r.owed(), r.next
	r.session = session{}
	if first < next {
		r.back(first)
		r.doubtful(next, inSession)
	}
}

// open makes the session's channel anew, up to where it is: authenticate is EXTERNAL
// AUTHENTICATE. greeting is the answer to INITIALIZE UPDATE; nil: there is none, and
// authenticate is INITIALIZE UPDATE. The caller closes it.
func (r *Run) open(ctx context.Context, m hsm.Module, greeting []byte) (c hsm.Channel, first []byte, err error) {
	k := r.domain.ChannelKeys
	if n := r.session.put; n > 0 {
		k = r.commands[n-1].Put.Keys
	}
	c, err = m.Channel(ctx, hsm.ChannelConfig{Keys: k, Options: r.domain.Options, Level: r.domain.Level, Initiate: r.session.challenge})
	if err != nil {
		return nil, nil, err
	}
	if first, err = c.Initialize(nil); err == nil && greeting != nil {
		first, err = c.Authenticate(nil, greeting)
	}
	if err != nil {
		c.Close()
		return nil, nil, err
	}
	return c, first, nil
}

// resume is open for a session that has begun, up to the last answer.
func (r *Run) resume(ctx context.Context, m hsm.Module) (c hsm.Channel, authenticate []byte, err error) {
	c, authenticate, err = r.open(ctx, m, r.session.greeting)
	if err != nil {
		return nil, nil, err
	}
	err = c.Open(okAnswer)
	for i := 0; err == nil && i < len(r.session.log); i++ {
		l := &r.session.log[i]
		_, _, err = r.say(ctx, c, l.audit, l.index, l.answer)
	}
	if err != nil {
		c.Close()
		return nil, nil, err
	}
	return c, authenticate, nil
}

// say protects a command of the run in a channel, or the question about it, and verifies
// the answer, if there is one.
func (r *Run) say(ctx context.Context, c hsm.Channel, audit bool, index int, answer []byte) (wrapped, plain []byte, err error) {
	var command apdu.Command
	if audit {
		command, err = r.question(index)
	} else {
		command, err = r.command(ctx, c, index)
	}
	if err != nil {
		return nil, nil, err
	}
	raw, err := command.Append(nil)
	defer clear(raw)
	if err != nil {
		return nil, nil, err
	}
	if wrapped, err = c.Wrap(nil, raw); err == nil && answer != nil {
		plain, err = c.Unwrap(nil, answer)
	}
	return wrapped, plain, err
}

// greet makes INITIALIZE UPDATE, with a challenge that is drawn once.
func (r *Run) greet(ctx context.Context, m hsm.Module) ([][]byte, error) {
	if r.session.challenge == [8]byte{} {
		if err := m.Random(ctx, r.session.challenge[:]); err != nil {
			return nil, err
		}
	}
	c, first, err := r.open(ctx, m, nil)
	if err != nil {
		return nil, err
	}
	c.Close()
	return [][]byte{first}, nil
}

// protected makes the commands on their way, behind EXTERNAL AUTHENTICATE if that has
// not been answered. Spec: SPEC-SCRIPTS-041.
func (r *Run) protected(ctx context.Context, m hsm.Module) (items [][]byte, err error) {
	c, authenticate, err := r.resume(ctx, m)
	if err != nil {
		return nil, err
	}
	defer c.Close()
	if !r.session.authenticated {
		items = append(items, authenticate)
	}
	for _, l := range r.flight.lines() {
		wrapped, _, err := r.say(ctx, c, l.audit, l.index, nil)
		if err != nil {
			return nil, err
		}
		items = append(items, wrapped)
	}
	return items, nil
}

// lines are the commands of a script on its way as a session logs them.
func (f *flight) lines() (list []logged) {
	if f.audit {
		return []logged{{audit: true, index: f.from}}
	}
	for _, i := range f.indexes() {
		list = append(list, logged{index: i})
	}
	return list
}
