package oracletest

import (
	"inkan/core/jpki/oracle"
	"inkan/sim/clock"
	"inkan/sim/nvm"
	"inkan/sim/runtime/bare"
)

// cut is a loss of power within a command: before one of its page updates, or
// behind the last one.
type cut struct {
	at    int  // modulo the number of updates
	skip  int  // commands before
	exact bool // at this update, counted over all commands to come
	done  bool
	flash *nvm.Flash
	forks []*nvm.Flash
}

// begin has the memory kept before each page update of the next command.
func (k *cut) begin(card *bare.Card) {
	k.flash = card.Machine().Flash()
	k.flash.BeforeUpdate(func(uint32) { k.forks = append(k.forks, k.flash.ForkOn(new(clock.Clock), nil)) })
}

// end boots a card on what the cut left; false: the command has written
// nothing.
func (k *cut) end(d *driver) bool {
	d.t.Helper()
	k.flash.BeforeUpdate(nil)
	n := len(k.forks)
	if n == 0 || k.exact && k.at >= n {
		k.at -= n
		k.forks = nil
		return false
	}
	k.done = true
	k.forks = append(k.forks, k.flash)
	at := k.at % len(k.forks)
	d.boots++
	card, err := d.setting.boot(k.forks[at], d.boots)
	if err != nil {
		d.fail("after a power cut: %v", err)
	}
	d.card = card
	d.note("power cut %d of %d", at, len(k.forks)-1)
	d.covered.add("cut")
	return true
}

// torn makes the states those that a cut may leave.
func (d *driver) torn(expected []*oracle.Expected) {
	var states []*oracle.Model
	for i, e := range expected {
		states = append(states, d.states[i].AfterCut(e)...)
	}
	d.states = states
	d.forget()
	d.wasCut = true
}

// query finds out what a cut has left: phase, counter, tries.
func (d *driver) query() {
	d.t.Helper()
	d.wasCut, d.cut = false, nil
	d.selectApplication(0x0C)
	d.send(command(0x80, 0xCA, 0xDF, 0x30, nil, 0))
	d.send(command(0, 0x20, 0, 0x98, nil, -1))
	d.send(command(0, 0x20, 0, 0x9B, nil, -1))
}

// again sends a data group again whose execution was cut, in a new session: it
// has the effect that it would have had. Spec: SPEC-PERSO-060.
func (d *driver) again(c choice, payload []byte) ([]byte, bool) {
	d.t.Helper()
	d.query()
	if n := len(payload); n < 3 || payload[2] != 0xFF && n != 3+int(payload[2]) ||
		payload[2] == 0xFF && (n < 5 || n != 5+int(payload[3])<<8+int(payload[4])) {
		return nil, false
	}
	d.openDomain(0x33)
	d.name()
	for number := byte(0); ; number++ {
		n := min(len(payload), 239)
		p1 := byte(0x09)
		if n == len(payload) {
			p1 |= 0x80
		}
		data, ok := d.store(p1, number, payload[:n])
		if payload = payload[n:]; !ok || len(payload) == 0 {
			return data, ok
		}
	}
}
