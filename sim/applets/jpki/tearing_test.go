package jpki_test

import (
	"inkan/sim/clock"
	"inkan/sim/nvm"
)

// cutsOf runs something and gives what a power cut before each of its page
// updates leaves, and at the end what stays without one.
func (r *rig) cutsOf(run func()) []*nvm.Flash {
	r.Helper()
	var forks []*nvm.Flash
	r.flash.BeforeUpdate(func(uint32) { forks = append(forks, r.flash.ForkOn(new(clock.Clock), nil)) })
	run()
	r.flash.BeforeUpdate(nil)
	return append(forks, r.flash.ForkOn(new(clock.Clock), nil))
}

// eachCut sends a command and gives a card for each cut; done is for the one
// that was cut behind the last write.
func (r *rig) eachCut(cmd string, check func(torn *rig, done bool)) {
	r.Helper()
	forks := r.cutsOf(func() { r.send(unhex(r, cmd)) })
	for i, flash := range forks {
		check(boot(r.TB, r.opt, flash), i == len(forks)-1)
	}
}
