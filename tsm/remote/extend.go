package remote

import (
	"bytes"

	"inkan/tsm/hsm"
)

// maxReplay bounds what a session that goes on has to say again at each script, in
// bytes of its commands and answers.
const maxReplay = 6144

// Extend has a run that is done go on with more commands in the session that it had by
// relay, without a greeting. Outcome and Responses are about these then. The domain may
// have got other keys meanwhile, but for those of the session. false: there is no session that
// could go on, or too much was said in it, and the run is as it was; make a new one.
// The errors are New's. Spec: SPEC-SCRIPTS-047.
func (r *Run) Extend(d Domain, commands []Command) (bool, error) {
	d, err := d.withDefaults()
	if err != nil {
		return false, err
	}
	if !r.GoesOn() || !r.sameChannel(&d) || len(r.commands)+len(commands) > MaxRun {
		return false, nil
	}
	more, err := steps(commands)
	if err != nil {
		return false, err
	}
	all := append(r.commands[:len(r.commands):len(r.commands)], commands...)
	list, err := steps(all)
	if err != nil {
		return false, err
	}
	at := len(r.commands)
	for i := range more {
		if one := &list[at+i]; one.first != more[i].first+at || one.named >= 0 && one.named < at {
			return false, nil // it belongs to what came before
		}
	}
	n := Run{domain: d, commands: all, steps: list, first: at, next: at, unknown: at, high: at, answers: r.answers, place: inSession, session: r.session}
	n.outcome.State = Running
	for i := range n.session.log { // a question about the end is about the end
		if l := &n.session.log[i]; l.audit && l.index == at {
			l.index = len(all)
		}
	}
	*r = n
	return true, nil
}

// GoesOn tells whether the run is done with a session that Extend can go on in: by
// relay, under the domain's own keys, with little said in it.
func (r *Run) GoesOn() bool {
	s := &r.session
	if r.outcome.State != Done || !s.authenticated || s.put != 0 || r.taken[forChannels] != 0 || r.owed() < r.next {
		return false
	}
	size := 0
	for i := range r.commands {
		size += 5 + r.size(i)
	}
	for i := range s.log {
		size += len(s.log[i].answer)
	}
	return size <= maxReplay
}

// sameChannel tells whether a domain is the run's, with the keys of its session.
func (r *Run) sameChannel(d *Domain) bool {
	return d.AID == r.domain.AID && d.Options == r.domain.Options && d.Level == r.domain.Level && sameKeys(&d.ChannelKeys, &r.domain.ChannelKeys)
}

func sameKeys(a, b *hsm.KeyRef) bool {
	return a.Use == b.Use && a.Version == b.Version && a.Master == b.Master && bytes.Equal(a.Diversification, b.Diversification) &&
		a.Wrapped.Label == b.Wrapped.Label && bytes.Equal(a.Wrapped.Blob, b.Wrapped.Blob)
}

// stale tells whether a status word without a MAC, in answer to the first command after
// Extend, can mean that the card has no session any more. Spec: SPEC-SCRIPTS-048.
func (r *Run) stale(l *logged, plain []byte) bool {
	return r.first > 0 && len(plain) == 2 && failed(plain) && l.index == r.first && !r.session.knows(l.index) && r.session.knows(r.first-1)
}
