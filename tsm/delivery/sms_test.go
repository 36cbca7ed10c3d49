package delivery_test

import (
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"inkan/core/scp/scp80"
	"inkan/core/sms"
	"inkan/core/tsmp"
	"inkan/spec/req"
	"inkan/tsm/delivery"
	"inkan/tsm/store"
	"inkan/tsm/store/row"
)

var first, second, third = row.WorkflowID{1}, row.WorkflowID{2}, row.WorkflowID{3}

// One packet in one message, and a packet of eight, with proofs in the report and in
// messages of the card.
func TestPackets(t *testing.T) {
	req.Covers(t, "SPEC-DELIVERY-001", "SPEC-DELIVERY-004", "SPEC-DELIVERY-020", "SPEC-DELIVERY-050", "SPEC-DELIVERY-051")
	w := newWorld(t)
	s := w.addSIM(1)
	w.start(first, s.job(0, "a"), s.job(900, "b", "c"))
	if w.air.count != 0 {
		t.Fatal("a message left before Work")
	}
	w.run(time.Hour)
	want(t, w.owner.of(first), "done by sms, 1 proofs, 0 responses;done by sms, 2 proofs, 0 responses;")
	if !slices.Equal(s.executed, []string{"a", "b", "c"}) {
		t.Errorf("%q", s.executed)
	}
	var totals delivery.Account
	must(t, w.tenant.View(ctx, func(r *store.Snapshot) (err error) {
		totals, err = delivery.Totals(r)
		return err
	}))
	bytes := uint64(0)
	for _, m := range w.air.sent {
		bytes += uint64(len(m))
	}
	wanted := delivery.Account{Jobs: 2, Done: 2, Packets: 3, Attempts: 3, Messages: 17, Bytes: bytes, Reports: totals.Reports, Submits: 14, Proofs: 3, InBytes: totals.InBytes}
	if totals != wanted || totals.InBytes < 1800 || totals.Reports < 15 || totals.Reports > 17 {
		t.Errorf("%+v\nwant\n%+v", totals, wanted)
	}
	w.wantClean()
	events := 0
	must(t, w.tenant.View(ctx, func(r *store.Snapshot) error {
		return store.EntriesOf(r, row.SubjectID(first), func(e *row.Entry) error {
			if events++; e.Event != "script-delivered" || len(e.Exhibits) != 1 || e.Subject.SE != s.se {
				t.Errorf("%+v", e)
			}
			return nil
		})
	}))
	if events != 2 {
		t.Errorf("%d entries of the audit trail", events)
	}
}

// wantClean: nothing is left of jobs that have ended.
func (w *world) wantClean() {
	w.t.Helper()
	w.check()
	must(w.t, w.tenant.View(ctx, func(r *store.Snapshot) error {
		err := store.Workflows.Scan(r, func(x *row.Workflow) error {
			if delivery.Owns(x) && x.State.Live() {
				w.t.Fatalf("a row of kind %s is left", x.Kind)
			}
			return nil
		})
		if err != nil {
			return err
		}
		return store.Messages.Scan(r, func(m *row.Message) error {
			w.t.Fatalf("a packet is left in %s", m.Key.Destination)
			return nil
		})
	}))
}

// Messages of a packet are the same bytes at every attempt, after pauses that double;
// parts that the card has acknowledged are not sent again before all are.
func TestAgain(t *testing.T) {
	req.Covers(t, "SPEC-DELIVERY-013", "SPEC-DELIVERY-014")
	w := newWorld(t)
	s := w.addSIM(1)
	w.air.silent = 100
	w.start(first, s.job(400, "a"))
	w.work()
	sent := slices.Clone(w.air.sent)
	if len(sent) != 4 {
		t.Fatalf("%d messages", len(sent))
	}
	at := w.now
	for _, pause := range []time.Duration{5 * time.Minute, 10 * time.Minute, 20 * time.Minute, 40 * time.Minute, 80 * time.Minute, 160 * time.Minute, 320 * time.Minute, 6 * time.Hour, 6 * time.Hour} {
		w.air.sent = nil
		w.run(pause - time.Second)
		if len(w.air.sent) != 0 {
			t.Fatalf("sent again before %v", pause)
		}
		w.run(time.Second)
		w.work()
		if at = at.Add(pause); !w.now.Equal(at) || !slices.EqualFunc(w.air.sent, sent, func(a, b []byte) bool { return string(a) == string(b) }) {
			t.Fatalf("at %v, want %v: %d messages, or others", w.now, at, len(w.air.sent))
		}
	}
	// Reports of three parts, then silence: the fourth alone is sent again.
	w.air.sent = nil
	for id := w.air.count - 3; id < w.air.count; id++ {
		report, _ := s.receive(sent[id-(w.air.count-3)])
		must(t, w.engine.Deliver(ctx, delivery.Inbound{From: s.iccid, Message: id, TPDU: report}))
	}
	w.run(6 * time.Hour)
	w.work()
	if len(w.air.sent) != 1 || string(w.air.sent[0]) != string(sent[3]) {
		t.Fatalf("%d messages, want the one that no report came of", len(w.air.sent))
	}
	report, submits := s.receive(sent[3])
	must(t, w.engine.Deliver(ctx, delivery.Inbound{From: s.iccid, Message: w.air.count, TPDU: report}))
	for _, m := range submits {
		must(t, w.engine.Deliver(ctx, delivery.Inbound{From: s.iccid, TPDU: m}))
	}
	want(t, w.owner.of(first), "done by sms, 1 proofs, 0 responses;")
}

// When all messages are settled without a proof the packet is sent whole, soon; under
// another reference when the card refused a part.
func TestSettledWithoutProof(t *testing.T) {
	req.Covers(t, "SPEC-DELIVERY-015")
	for name, how := range map[string]delivery.Inbound{"acknowledged": {TPDU: []byte{0, 0}}, "given up": {}, "refused": {TPDU: []byte{0, 0xD5, 0}, Error: true}} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			s := w.addSIM(1)
			w.air.silent = 100
			w.start(first, s.job(300, "a"))
			w.work()
			sent := w.air.sent
			w.air.sent = nil
			for i := range sent {
				how.From, how.Message = s.iccid, uint64(i+1)
				must(t, w.engine.Deliver(ctx, how))
			}
			w.run(3*time.Minute - time.Second)
			if len(w.air.sent) != 0 {
				t.Fatal("sent again too early")
			}
			w.run(time.Second)
			w.work()
			same := slices.EqualFunc(w.air.sent, sent, func(a, b []byte) bool { return string(a) == string(b) })
			if len(w.air.sent) != len(sent) || same == how.Error {
				t.Errorf("%d messages of %d, the same: %v", len(w.air.sent), len(sent), same)
			}
		})
	}
}

// Packets of several jobs to one SIM never overtake, whatever the network does; other
// SIMs do not wait.
func TestOrder(t *testing.T) {
	req.Covers(t, "SPEC-DELIVERY-011", "SPEC-DELIVERY-012")
	for seed := range uint64(20) {
		w := newWorld(t)
		w.seed(seed)
		s, other := w.addSIM(1), w.addSIM(2)
		w.start(first, s.job(300, "a", "b"), s.job(0, "f"))
		w.start(second, s.job(20, "c", "d", "e"))
		w.start(third, other.job(10, "x"))
		w.run(500 * time.Hour)
		// "f" has the earlier counter: the card refuses it.
		want(t, w.owner.of(second), "done by sms, 3 proofs, 0 responses;")
		want(t, w.owner.of(third), "done by sms, 1 proofs, 0 responses;")
		if !slices.Equal(s.executed, []string{"a", "b", "c", "d", "e"}) {
			t.Errorf("seed %d: %q", seed, s.executed)
		}
		w.wantClean()
	}
}

// seed makes the network lose, double and delay.
func (w *world) seed(seed uint64) {
	w.random = rand.New(rand.NewPCG(seed, 0))
	w.air.loss, w.air.double, w.air.late = 15, 10, 20
}

// A SIM whose handset is off gets its packets when it is on, and a job's time may be
// over before that.
func TestHandsetOff(t *testing.T) {
	req.Covers(t, "SPEC-DELIVERY-010", "SPEC-DELIVERY-012", "SPEC-DELIVERY-016")
	w := newWorld(t)
	s := w.addSIM(1)
	s.power(false)
	late := s.job(10, "late")
	late.Deadline = w.now.Add(2 * time.Hour)
	w.start(first, late)
	behind := s.job(10, "behind")
	behind.Deadline = w.now.Add(time.Hour)
	w.start(second, behind)
	w.start(third, s.job(10, "a", "b"))
	w.run(3 * time.Hour)
	want(t, w.owner.of(first), "unreachable by sms, 0 proofs, 0 responses;")
	want(t, w.owner.of(second), "unreachable by sms, 0 proofs, 0 responses;")
	if !w.owner.last[first].Began || w.owner.last[second].Began {
		t.Error("began: want the first job, not the one behind it")
	}
	want(t, w.owner.of(third), "")
	s.power(true)
	w.run(500 * time.Hour)
	want(t, w.owner.of(third), "done by sms, 2 proofs, 0 responses;")
	if n := len(s.executed); n < 2 || !slices.Equal(s.executed[n-2:], []string{"a", "b"}) {
		t.Errorf("%q", s.executed)
	}
	w.air.refuse = delivery.ErrNoSubscriber
	w.start(row.WorkflowID{9}, s.job(0, "z"))
	w.run(time.Second)
	want(t, w.owner.of(row.WorkflowID{9}), "unreachable by sms, 0 proofs, 0 responses;")
	w.wantClean()
}

// Cancel takes a job out, says whether it began, and the next one goes on.
func TestCancel(t *testing.T) {
	req.Covers(t, "SPEC-DELIVERY-003")
	w := newWorld(t)
	s := w.addSIM(1)
	w.air.silent = 100
	w.start(first, s.job(10, "a", "b"))
	w.start(second, s.job(10, "c"))
	w.work()
	for id, began := range map[row.WorkflowID]bool{first: true, third: false} {
		must(t, w.tenant.Step(ctx, func(tx *store.Tx) error {
			r, found, err := w.engine.Cancel(tx, id)
			if found != began || r.Began != began || found && r.Outcome != tsmp.OutcomeCancelled {
				t.Errorf("%v: %+v, %v", id, r, found)
			}
			return err
		}))
	}
	w.air.silent = 0
	w.run(time.Hour)
	want(t, w.owner.of(first), "")
	want(t, w.owner.of(second), "done by sms, 1 proofs, 0 responses;")
	w.wantClean()
}

// What a proof says that is not this packet's is never taken.
func TestForeignProofs(t *testing.T) {
	req.Covers(t, "SPEC-DELIVERY-020", "SPEC-DELIVERY-022", "SPEC-DELIVERY-025")
	w := newWorld(t)
	s, other := w.addSIM(1), w.addSIM(2)
	w.air.silent = 100
	w.start(first, s.job(0, "a", "b"))
	w.work()
	report, _ := s.receive(w.air.sent[0])
	stranger, _ := other.receive(w.air.sent[0])
	garbled := slices.Clone(report)
	garbled[len(garbled)-1] ^= 1
	submit := func(ud []byte) []byte {
		m := sms.NewResponseSubmit(w.config.From, ud)
		b, err := m.Append(nil)
		must(t, err)
		return b
	}
	bare := []byte{2, 0x71, 0, 0, 11, 10, tar[0], tar[1], tar[2], 0, 0, 0, 0, 0, 0, 9}
	wrongTAR := append([]byte{2, 0x71, 0, 0, 19, 18, 1, 2, 3}, make([]byte, 15)...)
	for name, in := range map[string]delivery.Inbound{
		"of another SIM":    {From: other.iccid, Message: 1, TPDU: report},
		"of nobody":         {From: "8981109999999999999", Message: 1, TPDU: report},
		"refusal":           {From: s.iccid, Message: 1, TPDU: stranger},
		"garbled":           {From: s.iccid, TPDU: submit(garbled[len(garbled)-20:])},
		"bare":              {From: s.iccid, TPDU: submit(bare)},
		"another TAR":       {From: s.iccid, TPDU: submit(wrongTAR)},
		"empty":             {From: s.iccid, TPDU: []byte{}},
		"malformed":         {From: s.iccid, Message: 1, TPDU: []byte{0xFF, 1, 2}},
		"malformed submit":  {From: s.iccid, TPDU: []byte{0x41, 1, 2}},
		"no proof":          {From: s.iccid, TPDU: submit([]byte{2, 0x70, 0, 1})},
		"contradicts later": {From: s.iccid, TPDU: submit([]byte{5, 0, 3, 7, 2, 1, 9, 9})},
		"contradicts":       {From: s.iccid, TPDU: submit([]byte{5, 0, 3, 7, 2, 1, 8, 8})},
	} {
		must(t, w.engine.Deliver(ctx, in))
		if got := w.owner.of(first); got != "" || w.owner.told > 0 {
			t.Errorf("%s: %s", name, got)
		}
	}
	must(t, w.engine.Deliver(ctx, delivery.Inbound{From: s.iccid, Message: 1, TPDU: report}))
	w.work()
	// The proof of the first packet again, in the report of its message and without one.
	for _, id := range []uint64{1, 99} {
		must(t, w.engine.Deliver(ctx, delivery.Inbound{From: s.iccid, Message: id, TPDU: report}))
	}
	want(t, w.owner.of(first), "")
	report, _ = s.receive(w.air.sent[1])
	must(t, w.engine.Deliver(ctx, delivery.Inbound{From: s.iccid, Message: 2, TPDU: report}))
	want(t, w.owner.of(first), "done by sms, 2 proofs, 0 responses;")
	if n := w.owner.last[first].Account.Ignored; n < 6 {
		t.Errorf("%d messages ignored", n)
	}
}

// A card that says it had the packet is believed when nothing better comes.
func TestHad(t *testing.T) {
	req.Covers(t, "SPEC-DELIVERY-023")
	for _, better := range []bool{false, true} {
		w := newWorld(t)
		s := w.addSIM(1)
		w.air.silent = 100
		w.start(first, s.job(0, "a"))
		w.work()
		done, _ := s.receive(w.air.sent[0])
		had, _ := s.receive(w.air.sent[0])
		must(t, w.engine.Deliver(ctx, delivery.Inbound{From: s.iccid, Message: 1, TPDU: had}))
		w.run(2 * time.Minute)
		again, _ := s.receive(w.air.sent[0])
		must(t, w.engine.Deliver(ctx, delivery.Inbound{From: s.iccid, Message: 78, TPDU: again})) // no later for that
		w.run(time.Minute - time.Second)
		want(t, w.owner.of(first), "")
		if better {
			must(t, w.engine.Deliver(ctx, delivery.Inbound{From: s.iccid, Message: 77, TPDU: done}))
		} else {
			w.run(2 * time.Second)
		}
		want(t, w.owner.of(first), "done by sms, 1 proofs, 0 responses;")
		_, r, err := s.host.Open(nil, s.tickets[string(s.onlyPacket())], w.owner.last[first].Proofs[0])
		if status := map[bool]scp80.Status{true: scp80.StatusOK, false: scp80.StatusCounterLow}[better]; err != nil || r.Status != status {
			t.Errorf("%v, %v, want status %v", r, err, status)
		}
	}
}

func (s *sim) onlyPacket() []byte {
	for p := range s.tickets {
		return []byte(p)
	}
	return nil
}

// Proofs that nobody can read are taken once each.
func TestOpaque(t *testing.T) {
	req.Covers(t, "SPEC-DELIVERY-022", "SPEC-DELIVERY-024")
	w := newWorld(t)
	w.config.Check = nil
	w.restart()
	s := w.addSIM(1)
	w.start(first, s.job(200, "a", "b"), s.job(200, "c"))
	w.air.double = 100
	w.run(time.Hour)
	want(t, w.owner.of(first), "done by sms, 2 proofs, 0 responses;done by sms, 1 proofs, 0 responses;")
	if !slices.Equal(s.executed, []string{"a", "b", "c"}) {
		t.Errorf("%q", s.executed)
	}
}

// What can be seen of a proof that nobody can read has to fit its packet.
func TestOpaqueForeign(t *testing.T) {
	req.Covers(t, "SPEC-DELIVERY-022")
	w := newWorld(t)
	w.config.Check = nil
	w.restart()
	s := w.addSIM(1)
	keys := keySet(w, 1, new(counter))
	var err error
	s.host, err = scp80.NewHost(scp80.HostConfig{SPI: fullSPI &^ (scp80.Cipher | scp80.PoRCipher), Integrity: keys})
	must(t, err)
	w.air.silent = 100
	w.start(first, s.job(0, "a", "b"))
	w.work()
	submit := func(proof []byte) []byte {
		m := sms.NewResponseSubmit(w.config.From, append([]byte{2, 0x71, 0}, proof...))
		b, err := m.Append(nil)
		must(t, err)
		return b
	}
	report, _ := s.receive(w.air.sent[0])
	r, err := sms.DecodeDeliverReport(report, false)
	must(t, err)
	proof := r.UD[3:]
	change := func(at int) []byte {
		p := slices.Clone(proof)
		p[at]++
		return p
	}
	bare := append([]byte{0, 11, 10}, proof[3:13]...)
	for name, p := range map[string][]byte{"another TAR": change(3), "another counter": change(10), "bare": bare, "another length": change(1)} {
		must(t, w.engine.Deliver(ctx, delivery.Inbound{From: s.iccid, TPDU: submit(p)}))
		if w.work(); len(w.air.sent) != 1 {
			t.Fatalf("%s: it was taken", name)
		}
	}
	must(t, w.engine.Deliver(ctx, delivery.Inbound{From: s.iccid, TPDU: submit(proof)}))
	if w.work(); len(w.air.sent) != 2 {
		t.Fatal("the genuine proof was not taken")
	}
}

// In the report of a message of an earlier packet a proof that nobody can read, and in
// which all is ciphered, is known by the message's number.
func TestReportOfThePast(t *testing.T) {
	req.Covers(t, "SPEC-DELIVERY-022", "SPEC-DELIVERY-024")
	w := newWorld(t)
	w.config.Check = nil
	w.restart()
	s := w.addSIM(1)
	w.air.silent = 100
	w.start(first, s.job(0, "a", "b"), s.job(0, "c"))
	w.work()
	report, _ := s.receive(w.air.sent[0])
	had, _ := s.receive(w.air.sent[0])
	must(t, w.engine.Deliver(ctx, delivery.Inbound{From: s.iccid, Message: 1, TPDU: report}))
	w.work()
	must(t, w.engine.Deliver(ctx, delivery.Inbound{From: s.iccid, Message: 1, TPDU: had}))
	r, err := sms.DecodeDeliverReport(report, false)
	must(t, err)
	m := sms.NewResponseSubmit(w.config.From, r.UD)
	twice, err := m.Append(nil)
	must(t, err)
	must(t, w.engine.Deliver(ctx, delivery.Inbound{From: s.iccid, TPDU: twice})) // the first packet's proof once more
	want(t, w.owner.of(first), "")
	report, _ = s.receive(w.air.sent[1])
	had, _ = s.receive(w.air.sent[1])
	must(t, w.engine.Deliver(ctx, delivery.Inbound{From: s.iccid, Message: 2, TPDU: report}))
	want(t, w.owner.of(first), "done by sms, 2 proofs, 0 responses;")
	w.work()
	must(t, w.engine.Deliver(ctx, delivery.Inbound{From: s.iccid, Message: 2, TPDU: had})) // of the job before
	want(t, w.owner.of(first), "done by sms, 2 proofs, 0 responses;")
}
