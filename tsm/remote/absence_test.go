package remote

import (
	"slices"
	"testing"

	"inkan/core/gp"
	"inkan/core/iso7816"
	"inkan/core/scp"
	scripts "inkan/core/scp/scp80/remote"
	"inkan/core/tsmp"
	"inkan/spec/req"
)

// The fewest commands of a script are enough for whatever has to go together, and each
// state on the way is one that a run can be in.
func TestFewestCommands(t *testing.T) {
	req.Covers(t, "SPEC-SCRIPTS-001", "SPEC-SCRIPTS-003")
	m, c, d, counter := newModule(t), newCard(t), domain(scripts.Expanded), uint64(0)
	d.Commands = minCommands
	r, err := New(d, whole(t, 3))
	if err != nil {
		t.Fatal(err)
	}
	for range 100 {
		s, done, err := r.Next(t.Context(), m, tsmp.BearerRelay, &counter)
		if err != nil {
			t.Fatal(err)
		}
		if r = again(t, r); done {
			break
		}
		a := c.deliver(t, s)
		if len(s.Items) > d.Commands {
			t.Errorf("a script of %d commands", len(s.Items))
		}
		if r.Outcome().Index%5 == 4 && len(a.Responses) > 0 {
			c.close()
			a.Responses, a.Interrupted = a.Responses[:len(a.Responses)-1], true
		}
		if err := r.Take(t.Context(), m, a); err != nil {
			t.Fatal(err)
		}
		r = again(t, r)
	}
	if r.Outcome().State != Done {
		t.Errorf("%+v", r.Outcome())
	}
}

// absent is what a card says of what is not there.
var absent = []byte{0x6A, 0x88}

// forgers make up absences, and do different things about the answers behind them.
var forgers = map[string]func(c *card, script int, s Script) Answer{
	"all that has no MAC": func(c *card, _ int, s Script) (a Answer) {
		for _, item := range s.Items {
			if item[1] == scp.InsInitializeUpdate || item[1] == scp.InsExternalAuthenticate {
				a.Responses = append(a.Responses, c.transmit(item))
			} else {
				a.Responses = append(a.Responses, absent)
			}
		}
		return a
	},
	"deletion alone": func(c *card, _ int, s Script) (a Answer) {
		for _, item := range s.Items {
			if item[1] == gp.InsDelete || item[1] == gp.InsGetStatus {
				a.Responses = append(a.Responses, absent)
			} else {
				a.Responses = append(a.Responses, c.transmit(item))
			}
		}
		return a
	},
	"and the channel is lost": func(c *card, n int, s Script) (a Answer) {
		for _, item := range s.Items {
			if item[1] == gp.InsDelete || item[1] == gp.InsGetStatus {
				a.Responses, a.Interrupted = append(a.Responses, absent), n < 30
			} else if !a.Interrupted {
				a.Responses = append(a.Responses, c.transmit(item))
			}
		}
		return a
	},
}

// What a relay says without a MAC is anybody's: an absence that it makes up does not
// count as a deletion, whatever it does about the answers behind it.
func TestForgedAbsence(t *testing.T) {
	req.Covers(t, "SPEC-SCRIPTS-045")
	for name, forge := range forgers {
		for _, behind := range []bool{false, true} {
			m, c, counter := newModule(t), newCard(t), uint64(0)
			c.apps[app] = true
			list := of(t, gp.Delete{AID: app})
			list[0].Accept = []iso7816.SW{iso7816.ReferencedDataNotFound}
			if behind {
				list = append(list, of(t, gp.GetData{Tag: gp.TagExtendedResources})...)
				list[1].Accept = list[0].Accept
			}
			r, err := New(domain(scripts.Expanded), list)
			if err != nil {
				t.Fatal(err)
			}
			for n := range 200 {
				s, done, err := r.Next(t.Context(), m, tsmp.BearerRelay, &counter)
				if err != nil {
					t.Fatal(err)
				}
				if r = again(t, r); done {
					break
				}
				a := forge(c, n, s)
				if last := slices.IndexFunc(a.Responses, func(b []byte) bool { return failed(b) }); last >= 0 { // as an app stops
					a.Responses = a.Responses[:last+1]
				}
				if err := r.Take(t.Context(), m, a); err != nil {
					t.Fatal(err)
				}
				r = again(t, r)
			}
			if o := r.Outcome(); o.State == Running || o.State == Done || !c.apps[app] {
				t.Errorf("%s, something behind %v: %+v", name, behind, o)
			}
		}
	}
}

// What the card itself does not find counts, with one question behind it at most.
func TestAbsence(t *testing.T) {
	req.Covers(t, "SPEC-SCRIPTS-045")
	list := of(t, gp.Delete{AID: app}, gp.Delete{AID: file, Related: true})
	for i := range list {
		list[i].Accept = []iso7816.SW{iso7816.ReferencedDataNotFound}
	}
	for _, b := range []tsmp.Bearer{tsmp.BearerSMS, tsmp.BearerRelay} {
		c := newCard(t)
		o, answers := finish(t, newModule(t), c, list, b)
		if o.State != Done || len(answers) != 2 || len(c.log) > 3 {
			t.Errorf("%v: %+v, %X, the card has executed %X", b, o, answers, c.log)
		}
	}
}
