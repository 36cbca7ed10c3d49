package remote

import (
	"bytes"
	"errors"
	"testing"

	"pgregory.net/rapid"

	"inkan/core/gp"
	"inkan/core/iso7816"
	"inkan/core/scp/scp80"
	scripts "inkan/core/scp/scp80/remote"
	"inkan/core/tsmp"
	"inkan/core/wire"
	"inkan/spec/req"
	"inkan/tsm/hsm"
)

// again is a run written and read.
func again(t rapid.TB, r *Run) *Run {
	t.Helper()
	b, err := r.Append(nil)
	if err != nil {
		t.Fatal(err)
	}
	p, err := Parse(b)
	if err != nil {
		t.Fatal(err)
	}
	if back, err := p.Append(nil); err != nil || !bytes.Equal(b, back) {
		t.Fatalf("written again it is another run: %v", err)
	}
	return p
}

// Whatever is lost, cut or interrupted, by whatever bearers, each effect is there in the
// end, and those that a card does not forgive have happened once.
func TestRough(t *testing.T) {
	req.Covers(t, "SPEC-SCRIPTS-002", "SPEC-SCRIPTS-010", "SPEC-SCRIPTS-014", "SPEC-SCRIPTS-015", "SPEC-SCRIPTS-016", "SPEC-SCRIPTS-023", "SPEC-SCRIPTS-030", "SPEC-SCRIPTS-031",
		"SPEC-SCRIPTS-032", "SPEC-SCRIPTS-033", "SPEC-SCRIPTS-034", "SPEC-SCRIPTS-043", "SPEC-SCRIPTS-044")
	m := newModule(t)
	rapid.Check(t, func(rt *rapid.T) {
		c := newCard(t)
		format := rapid.SampledFrom([]scripts.Format{scripts.Compact, scripts.Expanded}).Draw(rt, "format")
		r, err := New(domain(format), whole(t, rapid.IntRange(1, 12).Draw(rt, "blocks")))
		if err != nil {
			rt.Fatal(err)
		}
		counter, calm := uint64(rapid.IntRange(0, 3).Draw(rt, "counter")), rapid.IntRange(2, 30).Draw(rt, "trouble")
		c.counter = hold(rapid.IntRange(0, 40).Draw(rt, "card's counter"))
		bearer := tsmp.BearerSMS
		for steps := 0; ; steps++ {
			if steps > 600 {
				rt.Fatalf("no end: %+v", r.Outcome())
			}
			if steps < calm && rapid.Bool().Draw(rt, "other bearer") {
				bearer = tsmp.BearerSMS + tsmp.BearerRelay - bearer
			}
			r = again(rt, r)
			s, done, err := r.Next(t.Context(), m, bearer, &counter)
			if err != nil {
				rt.Fatalf("%v at %+v", err, r.Outcome())
			}
			if done {
				break
			}
			r = again(rt, r)
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
		o := r.Outcome()
		if o.State != Done || !c.files[file] || c.apps[app] || len(c.stored) != 5*60 || len(r.Responses()) != len(r.commands) {
			rt.Fatalf("%+v, file %v, application %v, %d bytes, log %X", o, c.files[file], c.apps[app], len(c.stored), c.log)
		}
	})
}

// roughly delivers a script with losses.
func roughly(t testing.TB, rt *rapid.T, c *card, s Script) (a Answer) {
	switch rapid.IntRange(0, 6).Draw(rt, "fate") {
	case 0:
		c.close()
		return Answer{}
	case 1:
		c.cut()
	case 2:
		c.deliver(t, s)
		c.close()
		return Answer{}
	case 3:
		if s.Form == tsmp.FormCommands {
			n := rapid.IntRange(0, len(s.Items)-1).Draw(rt, "interrupted after")
			a = c.deliver(t, Script{Form: s.Form, Items: s.Items[:n]})
			if len(a.Responses) == n && rapid.Bool().Draw(rt, "the next one too") {
				c.transmit(s.Items[n])
			}
			c.close()
			a.Interrupted = true
			return a
		}
	case 6:
		a = c.deliver(t, s)
		if n := len(a.Responses); n > 0 && c.tampered < maxSetbacks-1 {
			// A refusal has no MAC and can be forged: it would end the run.
			if b := a.Responses[rapid.IntRange(0, n-1).Draw(rt, "which")]; len(b) > 2 {
				c.tampered++
				b[rapid.IntRange(0, len(b)-1).Draw(rt, "byte")] ^= 0x04
			}
		}
		return a
	case 4:
		a = c.deliver(t, s)
		c.cut()
		return a
	}
	return c.deliver(t, s)
}

// start is a run by one bearer up to its n-th script.
func start(t *testing.T, m hsm.Module, c *card, commands []Command, bearer tsmp.Bearer, n int) (r *Run, s Script, counter uint64) {
	t.Helper()
	r, err := New(domain(scripts.Expanded), commands)
	if err != nil {
		t.Fatal(err)
	}
	for i := 0; ; i++ {
		var done bool
		if s, done, err = r.Next(t.Context(), m, bearer, &counter); err != nil || done {
			t.Fatalf("script %d: %v, %+v", i, err, r.Outcome())
		}
		if i == n {
			return r, s, counter
		}
		if err := r.Take(t.Context(), m, c.deliver(t, s)); err != nil {
			t.Fatal(err)
		}
	}
}

// What can be in no script is refused at once.
func TestNew(t *testing.T) {
	req.Covers(t, "SPEC-SCRIPTS-001")
	good := of(t, gp.GetData{Tag: gp.TagCIN})
	for what, change := range map[string]func(d *Domain){
		"AID":           func(d *Domain) { d.AID = gp.AID{} },
		"keys":          func(d *Domain) { d.PacketKeys, d.ChannelKeys = hsm.KeyRef{}, hsm.KeyRef{} },
		"format":        func(d *Domain) { d.Format = 0 },
		"block":         func(d *Domain) { d.BlockBytes = 12 },
		"parts":         func(d *Domain) { d.Parts = 9 },
		"data":          func(d *Domain) { d.MaxData = 256 },
		"commands":      func(d *Domain) { d.Commands = 2 },
		"bytes":         func(d *Domain) { d.Bytes = 1 << 20 },
		"level":         func(d *Domain) { d.Level = 0 },
		"packet keys":   func(d *Domain) { d.PacketKeys = d.ChannelKeys },
		"channel keys":  func(d *Domain) { d.ChannelKeys = d.PacketKeys },
		"reference":     func(d *Domain) { d.ChannelKeys.Master = "" },
		"key reference": func(d *Domain) { d.PacketKeys.Diversification = []byte{1} },
	} {
		d := domain(scripts.Compact)
		if change(&d); what != "" {
			if _, err := New(d, good); err == nil {
				t.Errorf("%s: a run", what)
			}
		}
	}
	for what, raw := range map[string][]byte{
		"none": {}, "channel 1": {0x81, 0xCA, 0, 0x45, 0}, "secure messaging": {0x84, 0xCA, 0, 0x45, 0}, "chaining": {0x90, 0xE2, 0, 0, 1, 1},
		"SELECT": {0, 0xA4, 4, 0, 0}, "INITIALIZE UPDATE": {0x80, 0x50, 0, 0, 0}, "EXTERNAL AUTHENTICATE": {0x80, 0x82, 0, 0, 1, 1},
		"extended": append([]byte{0x80, 0xE2, 0, 0, 0, 1, 0}, make([]byte, 256)...), "three bytes": {0x80, 0xCA, 0},
	} {
		if _, err := New(domain(scripts.Compact), []Command{{APDU: raw}}); err == nil {
			t.Errorf("%s: a run", what)
		}
	}
	both := good[0]
	both.Put = &PutKeys{Keys: domain(scripts.Compact).PacketKeys}
	for what, list := range map[string][]Command{"command and keys": {both}, "no keys": {{Put: new(PutKeys)}}, "too many": make([]Command, MaxRun+1)} {
		if _, err := New(domain(scripts.Compact), list); err == nil {
			t.Errorf("%s: a run", what)
		}
	}
	r, err := New(domain(scripts.Compact), nil)
	if err != nil {
		t.Fatal(err)
	}
	counter := uint64(0)
	if _, done, err := r.Next(t.Context(), newModule(t), tsmp.BearerSMS, &counter); err != nil || !done || r.Outcome().State != Done {
		t.Errorf("no commands: %v, %+v", err, r.Outcome())
	}
}

// A command that fits no script is an error with its number.
func TestTooLong(t *testing.T) {
	req.Covers(t, "SPEC-SCRIPTS-004")
	m, counter := newModule(t), uint64(0)
	r, err := New(domain(scripts.Compact), of(t, gp.Load{Last: true, Data: make([]byte, 250)}))
	if err != nil {
		t.Fatal(err)
	}
	for _, b := range []tsmp.Bearer{tsmp.BearerRelay, tsmp.BearerSMS} {
		_, _, err := r.Next(t.Context(), m, b, &counter)
		if (err == nil) != (b == tsmp.BearerSMS) {
			t.Errorf("%v: %v", b, err)
		}
	}
	d := domain(scripts.Expanded)
	d.Parts, d.MaxData = 2, 0
	for _, b := range []tsmp.Bearer{tsmp.BearerSMS, tsmp.BearerRelay} {
		n := d.DataBytes(b)
		r, err := New(d, of(t, gp.Load{Last: true, Data: make([]byte, n)}))
		if err != nil {
			t.Fatal(err)
		}
		if _, _, err := r.Next(t.Context(), m, b, &counter); err != nil || n < 64 {
			t.Errorf("%v: data of %d bytes: %v", b, n, err)
		}
	}
	big := domain(scripts.Expanded)
	big.Parts = 8
	r, err = New(big, whole(t, 40))
	if err != nil {
		t.Fatal(err)
	}
	for range 3 { // the reads and the deletion go alone
		s, _, err := r.Next(t.Context(), m, tsmp.BearerSMS, &counter)
		if err != nil || len(s.Items[0]) > tsmp.MaxPacket {
			t.Fatalf("%d bytes, %v", len(s.Items[0]), err)
		}
		if err := r.Take(t.Context(), m, newCard(t).deliver(t, s)); err != nil {
			t.Fatal(err)
		}
	}
}

// A packet ends behind the first command whose answer is wanted; a relayed script does
// not.
func TestPacking(t *testing.T) {
	req.Covers(t, "SPEC-SCRIPTS-012", "SPEC-SCRIPTS-013", "SPEC-SCRIPTS-041")
	m := newModule(t)
	for n, want := range map[int][]byte{0: {gp.InsGetData}, 1: {gp.InsDelete}, 2: {gp.InsInstall, gp.InsLoad, gp.InsLoad, gp.InsLoad}} {
		c := newCard(t)
		_, s, _ := start(t, m, c, whole(t, 6), tsmp.BearerSMS, n)
		c.log = nil
		if c.deliver(t, s); !bytes.Equal(c.log, want) || s.Form != tsmp.FormPackets || len(s.Items) != 1 {
			t.Errorf("packet %d: %X, want %X", n, c.log, want)
		}
	}
	c := newCard(t)
	_, s, _ := start(t, m, c, whole(t, 6), tsmp.BearerRelay, 1)
	if len(s.Items) != 5 || s.Form != tsmp.FormCommands || !bytes.Equal(s.AID, gp.AIDIssuerSecurityDomain.Append(nil)) || s.Items[0][1] != 0x82 {
		t.Errorf("%d commands, %X", len(s.Items), s.Items[0])
	}
}

// What is no answer changes nothing.
func TestForeignAnswers(t *testing.T) {
	req.Covers(t, "SPEC-SCRIPTS-020", "SPEC-SCRIPTS-021")
	m, c := newModule(t), newCard(t)
	r, s, counter := start(t, m, c, whole(t, 3), tsmp.BearerSMS, 1)
	before, _ := r.Append(nil)
	good := c.deliver(t, s)
	for i := range good.Proofs[0] {
		changed := bytes.Clone(good.Proofs[0])
		changed[i] ^= 4
		if err := r.Take(t.Context(), m, Answer{Proofs: [][]byte{changed}}); err == nil {
			t.Fatalf("byte %d of a proof changed", i)
		}
	}
	for _, a := range []Answer{{Responses: [][]byte{{0x90, 0}}}, {Proofs: [][]byte{{}}}, {Proofs: [][]byte{nil, {1, 2, 3}}}} {
		if err := r.Take(t.Context(), m, a); err == nil {
			t.Errorf("%+v: taken", a)
		}
	}
	if after, _ := r.Append(nil); !bytes.Equal(before, after) {
		t.Error("a refused answer has changed the run")
	}
	if status, err := r.Proof(t.Context(), m, good.Proofs[0]); err != nil || status != scp80.StatusOK {
		t.Errorf("the proof: %v, %v", status, err)
	}
	if _, err := r.Proof(t.Context(), m, []byte{9}); !errors.Is(err, scp80.ErrProof) {
		t.Errorf("no proof: %v", err)
	}
	if status, err := r.Proof(t.Context(), m, c.deliver(t, s).Proofs[0]); err != nil || status != scp80.StatusCounterLow {
		t.Errorf("the packet twice: %v, %v", status, err)
	}
	if err := r.Take(t.Context(), m, Answer{Proofs: [][]byte{{9}, good.Proofs[0]}}); err != nil {
		t.Errorf("the right one among others: %v", err)
	}
	if err := r.Take(t.Context(), m, good); !errors.Is(err, ErrNoScript) {
		t.Errorf("the same answer twice: %v", err)
	}
	if _, _, err := r.Next(t.Context(), m, tsmp.BearerSMS, &counter); err != nil {
		t.Fatal(err)
	}
	if _, _, err := r.Next(t.Context(), m, tsmp.BearerRelay, &counter); !errors.Is(err, ErrOnItsWay) {
		t.Errorf("the other bearer while a packet is on its way: %v", err)
	}
	c = newCard(t)
	r, s, _ = start(t, m, c, whole(t, 3), tsmp.BearerRelay, 1)
	for _, a := range []Answer{{Proofs: [][]byte{{1}}}, {Responses: make([][]byte, len(s.Items)+1)}} {
		if err := r.Take(t.Context(), m, a); err == nil {
			t.Errorf("%+v: taken", a)
		}
	}
	only := domain(scripts.Compact)
	only.PacketKeys = hsm.KeyRef{}
	if r, err := New(only, nil); err != nil {
		t.Error(err)
	} else if _, _, err := r.Next(t.Context(), m, tsmp.BearerSMS, &counter); !errors.Is(err, ErrBearer) {
		t.Errorf("no packet keys: %v", err)
	}
}

// A refusal ends a run, unless the command accepts it.
func TestRefusal(t *testing.T) {
	req.Covers(t, "SPEC-SCRIPTS-022", "SPEC-SCRIPTS-023")
	m := newModule(t)
	for _, b := range []tsmp.Bearer{tsmp.BearerSMS, tsmp.BearerRelay} {
		c := newCard(t)
		c.refuse[gp.InsInstall] = 0x84
		o, answers := finish(t, m, c, whole(t, 3), b)
		if o != (Outcome{State: Refused, Index: 2, SW: iso7816.NotEnoughMemory}) || len(answers) != 2 {
			t.Errorf("%v: %+v, %d answers", b, o, len(answers))
		}
		for ins, index := range map[byte]int{gp.InsLoad: 3, gp.InsStoreData: 8} {
			c := newCard(t)
			c.refuse[ins] = 0x86 // may mean that the card has lost what went before
			o, _ := finish(t, m, c, whole(t, 3), b)
			if o.State != Refused || o.Index != index || bytes.Count(c.log, []byte{ins}) != 1+maxAgain {
				t.Errorf("%v, INS %02X: %+v after %X", b, ins, o, c.log)
			}
		}
	}
}

// finish carries a run out.
func finish(t *testing.T, m hsm.Module, c *card, commands []Command, b tsmp.Bearer) (Outcome, [][]byte) {
	t.Helper()
	r, err := New(domain(scripts.Expanded), commands)
	if err != nil {
		t.Fatal(err)
	}
	counter := uint64(0)
	for range 200 {
		s, done, err := r.Next(t.Context(), m, b, &counter)
		if err != nil {
			t.Fatal(err)
		}
		if done {
			return r.Outcome(), r.Responses()
		}
		if err := r.Take(t.Context(), m, c.deliver(t, s)); err != nil {
			t.Fatal(err)
		}
	}
	t.Fatalf("no end: %+v", r.Outcome())
	return Outcome{}, nil
}

// A command that only the caller knows about stops the run when its answer is lost.
func TestInterrupted(t *testing.T) {
	req.Covers(t, "SPEC-SCRIPTS-036")
	m := newModule(t)
	for _, redo := range []bool{true, false} {
		c := newCard(t)
		commands := append(of(t, gp.GetData{Tag: gp.TagCIN}), Command{APDU: []byte{0x80, 0xF0, 0x40, 0x83, 1, 1}, Accept: []iso7816.SW{iso7816.INSNotSupported}})
		r, s, counter := start(t, m, c, commands, tsmp.BearerRelay, 1)
		a := c.deliver(t, s)
		a.Responses, a.Interrupted = a.Responses[:2], true
		if err := r.Take(t.Context(), m, a); err != nil {
			t.Fatal(err)
		}
		if _, done, err := r.Next(t.Context(), m, tsmp.BearerRelay, &counter); err != nil || !done || r.Outcome() != (Outcome{State: Interrupted, Index: 1}) {
			t.Fatalf("%v, %+v", err, r.Outcome())
		}
		r = again(t, r)
		var err error
		if redo {
			err = r.Redo()
		} else {
			err = r.Assume([]byte{7, 0x90, 0})
		}
		if err != nil || r.Redo() == nil || r.Assume([]byte{0x90, 0}) == nil {
			t.Errorf("%v", err)
		}
		for range 3 {
			s, done, err := r.Next(t.Context(), m, tsmp.BearerSMS, &counter)
			if err != nil {
				t.Fatal(err)
			}
			if done {
				break
			}
			if err := r.Take(t.Context(), m, c.deliver(t, s)); err != nil {
				t.Fatal(err)
			}
		}
		if o := r.Outcome(); o.State != Done || !redo && !bytes.Equal(r.Responses()[1], []byte{7, 0x90, 0}) || redo && bytes.Count(c.log, []byte{0xF0}) != 2 {
			t.Errorf("redo %v: %+v, %X", redo, o, c.log)
		}
	}
}

// The counter rises to the card's, in steps that double, and not without end; no value
// is used twice.
func TestCounter(t *testing.T) {
	req.Covers(t, "SPEC-SCRIPTS-011", "SPEC-SCRIPTS-016")
	m := newModule(t)
	for at, want := range map[hold]State{0: Done, 3: Done, 5000: Done, 1 << 21: Done, 1 << 24: Lost} {
		c := newCard(t)
		c.counter = at
		r, err := New(domain(scripts.Expanded), of(t, gp.GetData{Tag: gp.TagCIN}))
		if err != nil {
			t.Fatal(err)
		}
		counter, seen := uint64(0), map[uint64]bool{}
		for done := false; !done; {
			var s Script
			if s, done, err = r.Next(t.Context(), m, tsmp.BearerSMS, &counter); err != nil {
				t.Fatal(err)
			}
			if !done {
				if seen[counter] {
					t.Fatalf("counter %d twice", counter)
				}
				seen[counter] = true
				if err := r.Take(t.Context(), m, c.deliver(t, s)); err != nil {
					t.Fatal(err)
				}
			}
		}
		if o := r.Outcome(); o.State != want || want == Lost && o.Packet != scp80.StatusCounterLow {
			t.Errorf("card at %d: %+v", at, o)
		}
	}
}

// A card that opens no session is given up.
func TestNoSession(t *testing.T) {
	req.Covers(t, "SPEC-SCRIPTS-042")
	m := newModule(t)
	for what, answer := range map[string][]byte{"refused": {0x6A, 0x88}, "nonsense": {1, 2, 3, 0x90, 0}, "of another card": append(make([]byte, 29), 0x90, 0)} {
		r, err := New(domain(scripts.Expanded), whole(t, 2))
		if err != nil {
			t.Fatal(err)
		}
		counter, tries := uint64(0), 0
		for {
			_, done, err := r.Next(t.Context(), m, tsmp.BearerRelay, &counter)
			if err != nil {
				t.Fatal(err)
			}
			if done {
				break
			}
			tries++
			if err := r.Take(t.Context(), m, Answer{Responses: [][]byte{answer}}); err != nil {
				t.Fatal(err)
			}
		}
		if o := r.Outcome(); o.State != Lost || tries != 9 || what == "refused" && o.SW != iso7816.ReferencedDataNotFound {
			t.Errorf("%s: %+v after %d", what, o, tries)
		}
	}
}

// No byte of a key is in a run's encoding, and no session key.
func TestNoKeysInState(t *testing.T) {
	req.Covers(t, "SPEC-SCRIPTS-002", "SPEC-SCRIPTS-040")
	m, c := newModule(t), newCard(t)
	r, _, _ := start(t, m, c, whole(t, 3), tsmp.BearerRelay, 2)
	b, err := r.Append(nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, k := range [][]byte{packetKeys.Enc, packetKeys.MAC, packetKeys.DEK, channelKeys.Enc, channelKeys.MAC, channelKeys.DEK} {
		if bytes.Contains(b, k[:4]) {
			t.Error("a key in the state")
		}
	}
}

// Bytes that are no state, or one that a run cannot be in, are refused.
func TestParse(t *testing.T) {
	req.Covers(t, "SPEC-SCRIPTS-003")
	m, c := newModule(t), newCard(t)
	r, _, _ := start(t, m, c, whole(t, 3), tsmp.BearerRelay, 2)
	good, err := r.Append(nil)
	if err != nil {
		t.Fatal(err)
	}
	refused := func(what string, b []byte) {
		t.Helper()
		var d *wire.DecodeError
		if _, err := Parse(b); !errors.As(err, &d) {
			t.Errorf("%s: %v", what, err)
		}
	}
	for i := range good {
		refused("cut", good[:i])
	}
	refused("one byte more", append(bytes.Clone(good), 0))
	for what, change := range map[string]func(r *Run){
		"next beyond the end":              func(r *Run) { r.next = len(r.commands) + 1 },
		"fewer answers":                    func(r *Run) { r.answers = r.answers[:1] },
		"an answer without status word":    func(r *Run) { r.answers[0] = []byte{1} },
		"unknown before next":              func(r *Run) { r.unknown = 0 },
		"high before next":                 func(r *Run) { r.high = 0 },
		"redo beyond the end":              func(r *Run) { r.redo = 9999 },
		"a script of an ended run":         func(r *Run) { r.outcome.State = Done },
		"an index beyond the end":          func(r *Run) { r.outcome.Index = 9999 },
		"setbacks":                         func(r *Run) { r.setbacks = 99 },
		"keys of a command that puts none": func(r *Run) { r.taken[forPackets] = 1 },
		"a script from elsewhere":          func(r *Run) { r.flight.from-- },
		"an empty script":                  func(r *Run) { r.flight.audit, r.flight.to = false, r.flight.from },
		"a question about a read":          func(r *Run) { r.flight.audit, r.flight.from, r.flight.to = true, 0, 0 },
		"a command that names nothing":     func(r *Run) { r.flight.named = 1 },
		"an exchange without session":      func(r *Run) { r.session = session{} },
		"a log before authentication":      func(r *Run) { r.session.authenticated = false },
		"a log beyond the end":             func(r *Run) { r.session.log[0].index = 9999 },
		"a counter of no packet":           func(r *Run) { r.flight.counter = 7 },
		"a command that no run has":        func(r *Run) { r.commands[0].APDU = []byte{0, 0xA4, 4, 0} },
		"a domain without keys":            func(r *Run) { r.domain.PacketKeys, r.domain.ChannelKeys = hsm.KeyRef{}, hsm.KeyRef{} },
		"a domain without limits":          func(r *Run) { r.domain.Parts = 0 },
		"an AID that is none":              func(r *Run) { r.domain.AID = gp.AID{} },
	} {
		r, err := Parse(good)
		if err != nil {
			t.Fatal(err)
		}
		change(r)
		b, err := r.Append(nil)
		if err != nil {
			continue // it has no encoding
		}
		refused(what, b)
	}
}
