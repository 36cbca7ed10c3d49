package tsmcards

import (
	"bytes"
	"maps"
	"testing"

	"inkan/core/entropy"
	"inkan/core/gp"
	"inkan/core/jpki"
	"inkan/core/jpki/certificate"
	"inkan/core/tsmp"
	"inkan/sim/profile"
	"inkan/spec/req"
	"inkan/tsm/sp/instance"
)

// copied is the place as it is now, on a card of its own.
func (w *instancePlace) copied(t testing.TB) *instancePlace {
	t.Helper()
	var image bytes.Buffer
	if err := w.card.Flash.Snapshot(&image); err != nil {
		t.Fatal(err)
	}
	card, err := profile.New(w.card.Profile, profile.Parts{Number: w.card.Number, Entropy: entropy.Seeded(2, "card"), Snapshot: image.Bytes()})
	if err != nil {
		t.Fatal(err)
	}
	c, s := *w, *w.station
	s.t, s.card, s.counter, s.scripts, s.disturb, s.selected = t, card, maps.Clone(w.counter), 0, nil, gp.AID{}
	c.station, c.keys, c.commands, c.receipts = &s, maps.Clone(w.keys), 0, 0
	return &c
}

// TestInstanceTroubles has each script of a take-over and of an issue go wrong in each
// way, once: the end is the same.
func TestInstanceTroubles(t *testing.T) {
	req.Covers(t, "SPEC-INSTANCE-023", "SPEC-INSTANCE-024", "SPEC-INSTANCE-037", "SPEC-INSTANCE-044", "SPEC-INSTANCE-072")
	for _, c := range []struct {
		profile string
		bearer  tsmp.Bearer
		origin  jpki.Origin
		stride  int
	}{
		{"test", tsmp.BearerRelay, jpki.OriginOnCard, 6}, {"hayate", tsmp.BearerSMS, jpki.OriginDelivered, 1},
		{"akebono", tsmp.BearerSMS, jpki.OriginDelivered, 4}, {"minato", tsmp.BearerRelay, jpki.OriginDelivered, 1}, {"suzume", tsmp.BearerRelay, jpki.OriginDelivered, 4},
	} {
		t.Run(c.profile+"/"+c.bearer.String()+"/"+c.origin.String(), func(t *testing.T) {
			fresh := newInstancePlace(t, profile.Named(c.profile), c.bearer)
			fresh.few = true // so that trouble comes at each command
			taken := fresh.copied(t)
			if err := taken.handover(); err != nil {
				t.Fatal(err)
			}
			loaded := taken.copied(t)
			if err := loaded.deploy(); err != nil {
				t.Fatal(err)
			}
			stride := c.stride
			if testing.Short() {
				stride *= 5
			}
			fresh.each(t, "take-over", stride, func(w *instancePlace) error {
				err := w.handover()
				if err == nil {
					w.owner()
				}
				return err
			})
			loaded.each(t, "issue", stride, func(w *instancePlace) error {
				ca := newInstanceCA(w.t)
				p := programOf[*instance.Application](w.t)(instance.NewIssue(w.target(), ca.place(w, c.origin)))
				if _, err := w.drive(p, w.owned, ca.ask); err != nil {
					return err
				}
				if s := ca.state(); s != certificate.Active {
					w.t.Errorf("the certificate is %v", s)
				}
				w.disturb = nil
				w.phase(ca, jpki.Active)
				w.use(ca)
				return nil
			})
		})
	}
}

// each does something again and again, on a copy of the place, with each of its scripts
// in each kind of trouble.
func (w *instancePlace) each(t *testing.T, name string, stride int, do func(*instancePlace) error) {
	t.Helper()
	clean := w.copied(t)
	if err := do(clean); err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	runs := 0
	for n := 0; n < clean.scripts; n += stride {
		for what := unsent; what < troubles; what++ {
			if w.bearer == tsmp.BearerSMS && what >= halfDone {
				continue
			}
			c := w.copied(t)
			c.disturb = func(i int) trouble {
				if i == n {
					return what
				}
				return fine
			}
			runs++
			if err := do(c); err != nil {
				t.Errorf("%s, script %d of %d, trouble %d: %v", name, n, clean.scripts, what, err)
			}
		}
	}
	t.Logf("%s: %d scripts, %d runs", name, clean.scripts, runs)
}

// owner looks that the domain has the provider's keys and no other, under these keys.
func (w *instancePlace) owner() {
	w.t.Helper()
	w.disturb = nil
	r := w.must("key information", w.run(w.owned(), w.of(gp.GetData{Tag: gp.TagKeyInformation})))
	answer := r.Responses()[0]
	list, err := gp.DecodeKeyInformation(answer[:len(answer)-2])
	if err != nil {
		w.t.Fatal(err)
	}
	ours := map[byte]bool{}
	for _, s := range w.sets() {
		ours[s.Version] = true
	}
	for _, k := range list {
		if !ours[k.KeyVersion] {
			w.t.Errorf("a key of version %02X", k.KeyVersion)
		}
	}
	if len(list) != 3*len(ours) {
		w.t.Errorf("%d keys", len(list))
	}
}
