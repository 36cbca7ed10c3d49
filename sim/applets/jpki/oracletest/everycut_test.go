package oracletest

import (
	"bytes"
	"slices"
	"testing"

	"inkan/core/jpki/oracle"
	"inkan/sim/nvm"
	"inkan/spec/req"
)

// stage is a step of a life whose every page update is a place for a cut.
type stage struct {
	name string
	run  func(d *driver)
}

// onEdge selects the application and sends commands, the last of which is the
// one that is cut.
func onEdge(raw ...[]byte) func(d *driver) {
	return func(d *driver) {
		k := d.cut
		d.cut = nil
		d.selectApplication(0x0C)
		for i, b := range raw {
			if i == len(raw)-1 {
				d.cut = k
			}
			d.send(b)
		}
	}
}

// cutGroups sends data groups, and again after a cut.
func (d *driver) cutGroups(payload []byte) {
	d.t.Helper()
	d.direct(payload)
	if d.wasCut {
		d.again(newChoice(0), payload)
	}
}

// life is the stages of an instance with a key that is made on the card or
// delivered, from the order to the erasure.
func life(origin byte) []stage {
	c := newChoice(7)
	order := func(purpose, origin, id, counter byte) []byte {
		v := make([]byte, 138)
		v[0], v[1], v[2], v[3], v[4], v[71], v[72] = 1, purpose, origin, 1, id, counter, 1
		copy(v[73:], contentKeys()[0].PublicKey().Bytes())
		return v
	}
	first, second, reset := order(1, origin, 1, 1), order(1, origin, 2, 2), order(2, 0, 3, 3)
	envelope := func(content ...[]byte) func(d *driver) {
		return func(d *driver) {
			open := d.model().Open()
			all := content
			if open.Order[1] == 2 {
				all = append([][]byte{item(0x0A, open.Challenge)}, content...)
			}
			s, err := newSealer(contentKeys()[0], open.Order, open.Point, instanceAID)
			if err != nil {
				d.fail("%v", err)
			}
			for _, i := range content {
				if len(i) != 3+15 { // the end of validity is no secret
					d.plant(i[3:])
				}
			}
			d.cutGroups(group(0xB003, s.seal(open.Sequence+1, open.Order[1], padded(bytes.Join(all, nil)))))
		}
	}
	groups := func(g []byte) func(d *driver) { return func(d *driver) { d.cutGroups(g) } }
	cert := item(0x01, append([]byte{0x30, 0x82}, c.secret(700)...))
	rest := [][]byte{cert, item(0x02, []byte("20310228145959Z")), item(0x03, []byte("CODE-ALPHA-1"))}
	id := second[4:20]
	stages := []stage{{"ORDER", groups(group(0xB001, first))}, {"ORDER again", groups(group(0xB001, second))}}
	if origin == 1 {
		stages = append(stages, stage{"GENERATE", groups(group(0xB002, []byte{1}))})
	} else {
		var parts [][]byte
		for i, part := range deliveredKeys()[0] {
			parts = append(parts, item(4+byte(i), part))
		}
		stages = append(stages, stage{"ENVELOPE, key", envelope(parts...)})
	}
	pin := func(head []byte, pin string) []byte { return append(append(head, byte(len(pin))), pin...) }
	verify := func(p string) []byte { return pin([]byte{0, 0x20, 0, 0x98}, p) }
	return append(stages, stage{"ENVELOPE", envelope(rest...)}, stage{"ENVELOPE, replaced", envelope(rest...)},
		stage{"CA CERT", groups(group(0xB004, append([]byte{1}, c.bytes(500)...)))}, stage{"ACTIVATE", groups(group(0xB005, id))},
		stage{"RESET RETRY COUNTER, wrong", onEdge(pin([]byte{0, 0x2C, 0, 0x98}, "CODE-ALPHA-28153"))},
		stage{"RESET RETRY COUNTER", onEdge(pin([]byte{0, 0x2C, 0, 0x98}, "CODE-ALPHA-18153"))},
		stage{"VERIFY, wrong", onEdge(verify("1111"))}, stage{"VERIFY", onEdge(verify("8153"))},
		stage{"CHANGE REFERENCE DATA", onEdge(verify("8153"), pin([]byte{0, 0x24, 1, 0x98}, "2746"))},
		stage{"VERIFY, wrong again", onEdge(verify("8153"))},
		stage{"ORDER, reset", groups(group(0xB001, reset))}, stage{"ENVELOPE, reset", envelope(item(0x03, []byte("CODE-DELTA-4")))},
		stage{"SUSPEND", groups(group(0xB006, id))}, stage{"RESUME", groups(group(0xB007, id))}, stage{"ERASE", groups(group(0xB008, id))})
}

// TestCutEverywhere cuts the power before every page update of every stage of a
// life. The card then has the old or the new state; a data group that is sent
// again has the effect and the answer that it would have had.
func TestCutEverywhere(t *testing.T) {
	req.Covers(t, "SPEC-PERSO-060", "SPEC-PERSO-046", "SPEC-PERSO-051", "SPEC-JPKI-AP-091", "SPEC-JPKI-AP-057")
	for origin, name := range map[byte]string{1: "made on the card", 2: "delivered"} {
		t.Run(name, func(t *testing.T) {
			s := &settings[0]
			d := newDriver(t, s, nil)
			cuts := 0
			for _, stage := range life(origin) {
				d.reset()
				flash, states := d.card.Machine().Flash(), d.states
				cuts += cutStage(t, s, stage, flash, states, d.secrets)
				stage.run(d)
				d.wasCut = false
			}
			d.probe()
			t.Logf("%d power cuts", cuts)
		})
	}
}

// cutStage runs a stage once for each of its page updates, with the power cut
// there.
func cutStage(t *testing.T, s *setting, stage stage, flash *nvm.Flash, states []*oracle.Model, secrets [][]byte) (cuts int) {
	t.Helper()
	for at := 0; ; at++ {
		d := &driver{t: t, setting: s, boots: at, secrets: slices.Clone(secrets)}
		card, err := s.boot(flash, 1000+at)
		if err != nil {
			t.Fatal(err)
		}
		d.card = card
		for _, m := range states {
			d.states = append(d.states, m.Clone())
		}
		d.note("%s, cut %d", stage.name, at)
		k := &cut{at: at, exact: true}
		d.cut = k
		stage.run(d)
		if !k.done {
			return cuts
		}
		cuts++
		d.probe()
	}
}
