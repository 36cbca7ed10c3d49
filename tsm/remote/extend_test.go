package remote

import (
	"bytes"
	"testing"

	"pgregory.net/rapid"

	"inkan/core/gp"
	"inkan/core/iso7816"
	"inkan/core/scp"
	scripts "inkan/core/scp/scp80/remote"
	"inkan/core/tsmp"
	"inkan/spec/req"
	"inkan/tsm/hsm"
)

// parts is whole in runs, each of which belongs to nothing before it.
func parts(t testing.TB, blocks int) [][]Command {
	list := whole(t, blocks)
	made := 3 + blocks // the application
	return [][]Command{list[:1], list[1:made], list[made : made+1], list[made+1 : len(list)-1], list[len(list)-1:]}
}

// ahead carries a run out to its end, and tells how many scripts that were.
func ahead(t testing.TB, m hsm.Module, c *card, r *Run) (scripts int) {
	t.Helper()
	counter := uint64(0)
	for ; ; scripts++ {
		s, done, err := r.Next(t.Context(), m, tsmp.BearerRelay, &counter)
		if err != nil {
			t.Fatal(err)
		}
		if done {
			return scripts
		}
		if err := r.Take(t.Context(), m, c.deliver(t, s)); err != nil {
			t.Fatal(err)
		}
	}
}

// extended is a run by relay that is done with a command that reads and has been given
// others.
func extended(t *testing.T, m hsm.Module, c *card, commands []Command) *Run {
	t.Helper()
	r, err := New(domain(scripts.Expanded), parts(t, 1)[0])
	if err != nil {
		t.Fatal(err)
	}
	if n := ahead(t, m, c, r); n != 2 || !r.GoesOn() {
		t.Fatalf("%d scripts, %+v", n, r.Outcome())
	}
	r = again(t, r)
	if ok, err := r.Extend(domain(scripts.Expanded), commands); !ok || err != nil {
		t.Fatalf("Extend: %v, %v", ok, err)
	}
	return again(t, r)
}

// Commands go on in the session of those before, without a greeting, and are a run of
// their own.
func TestExtend(t *testing.T) {
	req.Covers(t, "SPEC-SCRIPTS-047")
	m, c := newModule(t), newCard(t)
	list := parts(t, 1)
	r := extended(t, m, c, list[1][1:])
	if o := r.Outcome(); o.State != Running || o.Index != 0 || len(r.Responses()) != 0 {
		t.Fatalf("%+v, %X", o, r.Responses())
	}
	if n := ahead(t, m, c, r); n != 1 || !c.files[file] {
		t.Errorf("%d scripts, file %v", n, c.files[file])
	}
	if o := r.Outcome(); o.State != Done || o.Index != len(list[1])-1 || len(r.Responses()) != len(list[1])-1 {
		t.Errorf("%+v, %X", o, r.Responses())
	}
	if ok, err := r.Extend(domain(scripts.Expanded), list[2]); !ok || err != nil {
		t.Fatalf("once more: %v, %v", ok, err)
	}
	c.refuse[gp.InsInstall] = 0x84
	ahead(t, m, c, r)
	if o := r.Outcome(); o.State != Refused || o.Index != 0 || o.SW != iso7816.NotEnoughMemory {
		t.Errorf("%+v", o)
	}
}

// Where nothing can go on, a run stays as it is.
func TestNotExtended(t *testing.T) {
	req.Covers(t, "SPEC-SCRIPTS-047")
	m := newModule(t)
	run := func(commands []Command, b tsmp.Bearer) *Run {
		c := newCard(t)
		r, err := New(domain(scripts.Expanded), commands)
		if err != nil {
			t.Fatal(err)
		}
		for counter := uint64(0); ; {
			s, done, err := r.Next(t.Context(), m, b, &counter)
			if err != nil {
				t.Fatal(err)
			}
			if done {
				return r
			}
			if err := r.Take(t.Context(), m, c.deliver(t, s)); err != nil {
				t.Fatal(err)
			}
		}
	}
	short, d := parts(t, 1), domain(scripts.Expanded)
	level, aid, key := d, d, d
	level.Level, aid.AID, key.ChannelKeys.Version = scp.CMAC, app, 0x31
	begun, err := New(d, short[0])
	if err != nil {
		t.Fatal(err)
	}
	for name, x := range map[string]struct {
		run *Run
		to  Domain
	}{
		"packets": {run(short[0], tsmp.BearerSMS), d}, "not begun": {begun, d}, "too much said": {run(parts(t, 70)[1], tsmp.BearerRelay), d},
		"refused": {run(short[4], tsmp.BearerRelay), d}, "another level": {run(short[0], tsmp.BearerRelay), level},
		"another domain": {run(short[0], tsmp.BearerRelay), aid}, "another key": {run(short[0], tsmp.BearerRelay), key},
	} {
		before, _ := x.run.Append(nil)
		if ok, err := x.run.Extend(x.to, short[0]); ok || err != nil {
			t.Errorf("%s: %v, %v", name, ok, err)
		}
		if after, _ := x.run.Append(nil); !bytes.Equal(before, after) {
			t.Errorf("%s: another run", name)
		}
	}
	r := run(short[0], tsmp.BearerRelay)
	if ok, err := r.Extend(Domain{}, short[0]); ok || err == nil {
		t.Error("a domain that is none")
	}
	if ok, err := r.Extend(d, []Command{{APDU: []byte{0, 0xA4, 4, 0}}}); ok || err == nil {
		t.Error("a command that is none")
	}
}

// A card that has lost the session says so in its own way: another one is opened. What it
// refuses in that one as well is refused.
func TestStaleSession(t *testing.T) {
	req.Covers(t, "SPEC-SCRIPTS-048", "SPEC-SCRIPTS-044")
	m := newModule(t)
	for _, sw := range [][]byte{{0x69, 0x82}, {0x69, 0x85}, {0x69, 0x88}, {0x6E, 0x00}, {0x6D, 0x00}} {
		c := newCard(t)
		r := extended(t, m, c, parts(t, 1)[1])
		c.close()
		counter := uint64(0)
		s, _, err := r.Next(t.Context(), m, tsmp.BearerRelay, &counter)
		if err != nil || len(s.Items) == 1 {
			t.Fatalf("%v, %d items", err, len(s.Items))
		}
		if err := r.Take(t.Context(), m, Answer{Responses: [][]byte{sw}}); err != nil {
			t.Fatal(err)
		}
		r = again(t, r)
		ahead(t, m, c, r)
		if o := r.Outcome(); o.State != Done || !c.files[file] || len(r.Responses()) != 3 {
			t.Errorf("%X: %+v, %d responses", sw, o, len(r.Responses()))
		}
	}
	c := newCard(t)
	r := extended(t, m, c, parts(t, 1)[2])
	c.refuse[gp.InsInstall] = 0x80
	ahead(t, m, c, r)
	if o := r.Outcome(); o.State != Refused || o.Index != 0 || o.SW != iso7816.WrongData {
		t.Errorf("%+v", o)
	}
}

// Whatever is lost, in whatever parts, each effect is there in the end, once.
func TestRoughParts(t *testing.T) {
	req.Covers(t, "SPEC-SCRIPTS-047", "SPEC-SCRIPTS-030")
	m := newModule(t)
	rapid.Check(t, func(rt *rapid.T) {
		c := newCard(t)
		d := domain(scripts.Expanded)
		var r *Run
		counter, calm := uint64(0), rapid.IntRange(2, 30).Draw(rt, "trouble")
		steps := 0
		for _, commands := range parts(t, rapid.IntRange(1, 6).Draw(rt, "blocks")) {
			if rapid.Bool().Draw(rt, "session lost") {
				c.close()
			}
			goesOn := false
			var err error
			if r != nil {
				if goesOn, err = r.Extend(d, commands); err != nil {
					rt.Fatal(err)
				}
			}
			if !goesOn {
				if r, err = New(d, commands); err != nil {
					rt.Fatal(err)
				}
			}
			for ; ; steps++ {
				r = again(rt, r)
				s, done, err := r.Next(t.Context(), m, tsmp.BearerRelay, &counter)
				if err != nil || steps > 600 {
					rt.Fatalf("%v at %+v", err, r.Outcome())
				}
				if done {
					break
				}
				a := Answer{}
				if steps < calm {
					a = roughly(t, rt, c, s)
				} else {
					a = c.deliver(t, s)
				}
				if err := r.Take(t.Context(), m, a); err != nil {
					rt.Fatalf("Take: %v", err)
				}
			}
			if o := r.Outcome(); o.State != Done || len(r.Responses()) != len(commands) {
				rt.Fatalf("%+v, %d responses", o, len(r.Responses()))
			}
		}
		if !c.files[file] || c.apps[app] || len(c.stored) != 5*60 {
			rt.Fatalf("file %v, application %v, %d bytes, log %X", c.files[file], c.apps[app], len(c.stored), c.log)
		}
	})
}
