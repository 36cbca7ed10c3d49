package handset

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"pgregory.net/rapid"

	"inkan/core/entropy"
	"inkan/core/iso7816"
	"inkan/sim/handset/air"
	"inkan/sim/handset/fault"
	"inkan/spec/req"
)

type ctx = context.Context

// joined is a handset in a network that has number 1 for it.
func joined(t testing.TB, d *double, bearers map[air.Kind]air.Parameters) (*Network, *Handset, *[]Inbound) {
	t.Helper()
	c := config(d, "Sakura S1 Free")
	c.Bearers, c.Elapsed = bearers, func() time.Duration { return d.took }
	h, err := New(c)
	if err != nil {
		t.Fatal(err)
	}
	want(t, h.Start(t.Context()), "")
	in := new([]Inbound)
	n := NewNetwork("akebono", func(_ ctx, i Inbound) error { *in = append(*in, i); return nil })
	want(t, n.Attach(h), "")
	n.Assign("1", h.Identity().ICCID)
	return n, h, in
}

func (n *Network) must(t testing.TB, to Number, tpdu []byte) uint64 {
	t.Helper()
	id, err := n.Send(t.Context(), to, tpdu)
	if err != nil {
		t.Fatal(err)
	}
	return id
}

func TestMessage(t *testing.T) {
	req.Covers(t, "SPEC-HANDSET-030", "SPEC-HANDSET-033", "SPEC-HANDSET-034")
	d := newDouble("00111")
	n, h, in := joined(t, d, perfect())
	_, err := n.Send(t.Context(), "2", packet(t, true, "x"))
	want(t, err, fault.UnknownNumber)
	command, submit := toSend(t)
	d.queue = [][]byte{command}
	tpdu := packet(t, true, "packet")
	id := n.must(t, "1", tpdu)
	want(t, n.Run(t.Context(), 0), "")
	if len(*in) != 2 || (*in)[0].Message != id || (*in)[0].From != h.Identity().ICCID || (*in)[1].Message != 0 || string((*in)[1].TPDU) != string(submit) || (*in)[1].Number != "1" {
		t.Fatalf("%+v", *in)
	}
	p := air.Default(air.SMS)
	bits := func(n int) time.Duration { return time.Duration((n+p.Header)*8) * time.Second / 9600 }
	const card = 30 * time.Millisecond // ENVELOPE, FETCH, TERMINAL RESPONSE
	if at := 2*p.Latency + bits(len(tpdu)) + bits(len((*in)[0].TPDU)) + card; (*in)[0].At != at {
		t.Errorf("the report came at %v, want %v", (*in)[0].At, at)
	}
	if n.Queue.Now() != (*in)[1].At {
		t.Errorf("time went on to %v", n.Queue.Now())
	}
}

func TestBusyCardGetsItAgain(t *testing.T) {
	req.Covers(t, "SPEC-HANDSET-033")
	d := newDouble("00111")
	n, _, in := joined(t, d, perfect())
	times := 0
	d.envelope = func([]byte) ([]byte, iso7816.SW) {
		if times++; times < 3 {
			return nil, iso7816.ToolkitBusy
		}
		return nil, iso7816.OK
	}
	n.must(t, "1", packet(t, true, "packet"))
	want(t, n.Run(t.Context(), 0), "")
	if times != 3 || len(*in) != 1 || (*in)[0].Error {
		t.Errorf("%d times, %+v", times, *in)
	}
}

func TestKeptUntilReachable(t *testing.T) {
	req.Covers(t, "SPEC-HANDSET-031")
	d := newDouble("00111")
	n, h, in := joined(t, d, perfect())
	for name, c := range map[string]struct{ away, back func() }{
		"coverage": {func() { h.SetCoverage(false) }, func() { h.SetCoverage(true) }},
		"off":      {func() { want(t, h.Stop(), "") }, func() { want(t, h.Start(t.Context()), "") }},
	} {
		*in = nil
		c.away()
		n.must(t, "1", packet(t, true, "packet"))
		want(t, n.Run(t.Context(), n.Queue.Now()+time.Hour), "")
		if len(*in) != 0 {
			t.Fatalf("%s: %+v", name, *in)
		}
		c.back()
		want(t, n.Run(t.Context(), 0), "")
		if len(*in) != 1 || (*in)[0].TPDU == nil {
			t.Errorf("%s: %+v", name, *in)
		}
	}
	*in = nil
	h.SetCoverage(false)
	id := n.must(t, "1", packet(t, true, "packet"))
	want(t, n.Run(t.Context(), n.Queue.Now()+25*time.Hour), "")
	if len(*in) != 1 || (*in)[0].TPDU != nil || (*in)[0].Message != id {
		t.Errorf("after its validity: %+v", *in)
	}
	h.SetCoverage(true)
	want(t, n.Run(t.Context(), 0), "")
	if len(*in) != 1 {
		t.Errorf("after it was given up: %+v", *in)
	}
}

func TestGivenUp(t *testing.T) {
	req.Covers(t, "SPEC-HANDSET-032")
	p := perfect()
	sms := p[air.SMS]
	sms.Loss = 1000
	p[air.SMS] = sms
	n, _, in := joined(t, newDouble("00111"), p)
	id := n.must(t, "1", packet(t, true, "packet"))
	want(t, n.Run(t.Context(), 0), "")
	if len(*in) != 1 || (*in)[0].TPDU != nil || (*in)[0].Message != id || n.Messages.Attempts != sms.Tries || n.Queue.Now() != time.Duration(sms.Tries)*sms.Again {
		t.Errorf("%+v, %+v at %v", *in, n.Messages, n.Queue.Now())
	}
}

// A number that somebody else has now brings the message there, whichever SIM it is
// meant for; a number that nobody has ends it.
func TestRecycledNumber(t *testing.T) {
	req.Covers(t, "SPEC-HANDSET-035")
	d := newDouble("00111")
	n, old, in := joined(t, d, perfect())
	other := newDouble("00111")
	other.iccid = "8981110000000000025"
	other.envelope = func([]byte) ([]byte, iso7816.SW) { return nil, 0x6300 }
	c := config(other, "Sakura S1")
	c.Bearers = perfect()
	h, err := New(c)
	if err != nil {
		t.Fatal(err)
	}
	want(t, h.Start(t.Context()), "")
	want(t, n.Attach(h), "")
	books := map[ICCID]Number{old.Identity().ICCID: "1"}
	bearer := Bearer{Network: n, Numbers: func(id ICCID) (Number, bool) { number, ok := books[id]; return number, ok }}
	before := len(d.log)
	n.Assign("1", h.Identity().ICCID)
	want(t, bearer.Send(t.Context(), old.Identity().ICCID, packet(t, true, "packet")), "")
	want(t, n.Run(t.Context(), 0), "")
	if len(d.log) != before || len(*in) != 1 || !(*in)[0].Error || (*in)[0].From != h.Identity().ICCID {
		t.Errorf("%+v", *in)
	}
	want(t, bearer.Send(t.Context(), h.Identity().ICCID, packet(t, true, "packet")), fault.UnknownNumber)
	n.must(t, "1", packet(t, true, "packet"))
	n.Withdraw("1")
	want(t, n.Run(t.Context(), 0), "")
	if len(*in) != 2 || (*in)[1].TPDU != nil {
		t.Errorf("%+v", (*in)[1:])
	}
	want(t, bearer.Send(t.Context(), old.Identity().ICCID, nil), fault.UnknownNumber)
	if _, ok := n.Holder("1"); ok {
		t.Error("the number is still assigned")
	}
}

// Whatever the network loses, every message ends once: with one report, or given up,
// and the same seed gives the same run.
func TestEveryMessageEndsOnce(t *testing.T) {
	req.Covers(t, "SPEC-HANDSET-011", "SPEC-HANDSET-032", "SPEC-HANDSET-033")
	rapid.Check(t, func(rt *rapid.T) {
		p := air.Default(air.SMS)
		p.Loss, p.Double, p.Late = rapid.IntRange(0, 700).Draw(rt, "loss"), rapid.IntRange(0, 700).Draw(rt, "double"), rapid.IntRange(0, 700).Draw(rt, "late")
		seed, count := rapid.Uint64().Draw(rt, "seed"), rapid.IntRange(1, 10).Draw(rt, "messages")
		run := func() string {
			d := newDouble("00111")
			c := config(d, "Sakura S1 Free")
			c.Bearers, c.Entropy = map[air.Kind]air.Parameters{air.SMS: p}, entropy.Seeded(seed, "handset")
			h, err := New(c)
			if err != nil {
				rt.Fatal(err)
			}
			if err := h.Start(t.Context()); err != nil {
				rt.Fatal(err)
			}
			ends, out, last := map[uint64]int{}, "", time.Duration(0)
			n := NewNetwork("n", func(_ ctx, i Inbound) error {
				if i.At < last {
					rt.Fatal("time went back")
				}
				last = i.At
				ends[i.Message]++
				out += fmt.Sprintf("%+v\n", i)
				return nil
			})
			if err := n.Attach(h); err != nil {
				rt.Fatal(err)
			}
			n.Assign("1", h.Identity().ICCID)
			for range count {
				if _, err := n.Send(t.Context(), "1", packet(t, true, "packet")); err != nil {
					rt.Fatal(err)
				}
			}
			if err := n.Run(t.Context(), 0); err != nil {
				rt.Fatal(err)
			}
			for id := uint64(1); id <= uint64(count); id++ {
				if ends[id] != 1 {
					rt.Fatalf("message %d ended %d times", id, ends[id])
				}
			}
			return out
		}
		if run() != run() {
			rt.Fatal("two runs differ")
		}
	})
}

func TestSinkFails(t *testing.T) {
	n, _, _ := joined(t, newDouble("00111"), perfect())
	bad := errors.New("full")
	n.Deliver = func(ctx, Inbound) error { return bad }
	n.must(t, "1", packet(t, true, "packet"))
	if err := n.Run(t.Context(), 0); !errors.Is(err, bad) {
		t.Error(err)
	}
	cancelled, cancel := context.WithCancel(t.Context())
	cancel()
	if err := n.Run(cancelled, 0); !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
}
