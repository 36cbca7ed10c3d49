package instance_test

import (
	"bytes"
	"errors"
	"testing"

	"inkan/core/iso7816"
	"inkan/core/jpki"
	"inkan/core/jpki/perso"
	"inkan/core/tsmp"
	"inkan/core/wire"
	"inkan/spec/req"
	"inkan/tsm/sp/instance"
)

// TestLifeOfAnIssue suspends, resumes, resets, looks and erases, whatever answer is lost.
func TestLifeOfAnIssue(t *testing.T) {
	req.Covers(t, "SPEC-INSTANCE-050", "SPEC-INSTANCE-060", "SPEC-INSTANCE-061")
	for _, k := range []*cut{nil, {after: 0}, {after: 1}, {after: 1, before: true}, {after: 1, before: true, quiet: true}, {after: 0, answered: true}} {
		c := &authority{order: order(jpki.PurposeIssue, jpki.OriginOnCard, jpki.Auth, 3), size: 160}
		a := newApplet(true, 1)
		issue, err := instance.NewIssue(target(200, true), placed(t, &c.order))
		if err != nil {
			t.Fatal(err)
		}
		if _, err := drive(t, issue, a, c); err != nil {
			t.Fatal(err)
		}
		raw := issue.Order()
		id := c.order.ID
		play := func(p *instance.Application, err error) *instance.Application {
			t.Helper()
			if err != nil {
				t.Fatal(err)
			}
			done, err := drive(t, p, a, c, k)
			if err != nil {
				t.Fatalf("%v, %+v: %v", p.Kind(), k, err)
			}
			return done.(*instance.Application)
		}
		if play(instance.NewSuspend(target(200, true), id, raw)); a.phase != jpki.Suspended {
			t.Errorf("%+v: phase %v", k, a.phase)
		}
		if play(instance.NewResume(target(200, true), id, nil)); a.phase != jpki.Active {
			t.Errorf("%+v: phase %v", k, a.phase)
		}
		whole := c.order
		c.order = order(jpki.PurposePINReset, jpki.OriginNone, jpki.Auth, 4)
		c.calls = nil
		if play(instance.NewPINReset(target(200, true), placed(t, &c.order))); a.open != 0 || a.seq != 1 || len(c.calls) != 1 {
			t.Errorf("%+v: open %v, sequence %d, calls %v", k, a.open, a.seq, c.calls)
		}
		if s, err := play(instance.NewAudit(target(200, true))).State(); err != nil || s.Phase != jpki.Active || s.Order != c.order.ID {
			t.Errorf("%+v: state %+v, %v", k, s, err)
		}
		erased := play(instance.NewErase(target(200, true), id, raw, tsmp.PhoneID{8}))
		if a.phase != jpki.Empty || !bytes.Equal(c.reported, erased.Statement()) {
			t.Errorf("%+v: phase %v", k, a.phase)
		}
		c.calls = nil
		if play(instance.NewErase(target(200, true), perso.OrderID{}, nil, tsmp.PhoneID{})); len(c.calls) != 0 {
			t.Errorf("calls %v of an instance that the authority does not know", c.calls)
		}
		c.order = whole
	}
}

// TestOrdersThatAreNone has orders that a program is not made of.
func TestOrdersThatAreNone(t *testing.T) {
	req.Covers(t, "SPEC-INSTANCE-040")
	o := order(jpki.PurposeIssue, jpki.OriginOnCard, jpki.Auth, 3)
	p := placed(t, &o)
	if _, err := instance.NewPINReset(target(200, true), p); err == nil {
		t.Error("a reset by the order of an issue")
	}
	other := *p
	other.OrderID[0]++
	if _, err := instance.NewIssue(target(200, true), &other); err == nil {
		t.Error("an order with another identifier")
	}
	short := *p
	short.Order = p.Order[:137]
	var d *wire.DecodeError
	if _, err := instance.NewIssue(target(200, true), &short); !errors.As(err, &d) {
		t.Errorf("137 bytes: %v", err)
	}
	for _, size := range []int{0, 95, 256} {
		if _, err := instance.NewIssue(target(size, true), p); err == nil {
			t.Errorf("blocks of %d bytes", size)
		}
	}
	if _, err := instance.NewSuspend(target(200, true), perso.OrderID{}, nil); err == nil {
		t.Error("a suspension of nothing")
	}
	reset := order(jpki.PurposePINReset, jpki.OriginNone, jpki.Auth, 3)
	if _, err := instance.NewErase(target(200, true), reset.ID, placed(t, &reset).Order, tsmp.PhoneID{}); err == nil {
		t.Error("an erasure by the order of a reset")
	}
}

// TestOutcomesThatDoNotFit: a program is as it was after what does not fit it.
func TestOutcomesThatDoNotFit(t *testing.T) {
	req.Covers(t, "SPEC-INSTANCE-002", "SPEC-INSTANCE-003", "SPEC-INSTANCE-036")
	c := &authority{order: order(jpki.PurposeIssue, jpki.OriginOnCard, jpki.Auth, 3), size: 160}
	a := newApplet(true, 1)
	p, err := instance.NewIssue(target(200, true), placed(t, &c.order))
	if err != nil {
		t.Fatal(err)
	}
	n, err := p.Need()
	if err != nil {
		t.Fatal(err)
	}
	good := a.run(n.Commands, nil)
	spoil := func(i, at int) instance.Outcome {
		o := instance.Outcome{}
		for _, r := range good.Responses {
			o.Responses = append(o.Responses, bytes.Clone(r))
		}
		o.Responses[i][at]++
		return o
	}
	before, _ := instance.Append(nil, p)
	for name, o := range map[string]instance.Outcome{
		"too many":              {Responses: append(good.Responses[:len(good.Responses):len(good.Responses)], []byte{0x90, 0})},
		"one byte":              {Responses: [][]byte{{0x90}}},
		"total length":          spoil(1, 1),
		"statement type":        spoil(1, 2),
		"another order":         spoil(1, 3),
		"another counter":       spoil(1, 2+36),
		"a key of another role": spoil(2, 2+37),
		"part of other length":  {Responses: [][]byte{good.Responses[0], append(good.Responses[1][:20:20], 0x90, 0)}},
	} {
		if err := p.Take(ctx, o); err == nil {
			t.Errorf("%s: taken", name)
		}
		if after, _ := instance.Append(nil, p); !bytes.Equal(before, after) {
			t.Fatalf("%s: the program changed", name)
		}
	}
	for _, b := range []tsmp.Body{&tsmp.IssueAnswer{}, &tsmp.ActivateAnswer{}, &tsmp.VerifyApplicationAnswer{}, &tsmp.SealPINResetAnswer{}, &tsmp.ReportEraseAnswer{}, &tsmp.RecordedAnswer{}} {
		if err := p.Answer(ctx, b); !errors.Is(err, instance.ErrNotNeeded) {
			t.Errorf("%T: %v", b, err)
		}
	}
	if err := p.Take(ctx, good); err != nil {
		t.Fatal(err)
	}
	if err := p.Take(ctx, good); !errors.Is(err, instance.ErrNotNeeded) {
		t.Errorf("an outcome when a call is needed: %v", err)
	}
}

// TestSealedContent has answers of an authority that are not this order's.
func TestSealedContent(t *testing.T) {
	req.Covers(t, "SPEC-INSTANCE-042")
	c := &authority{order: order(jpki.PurposeIssue, jpki.OriginDelivered, jpki.Auth, 3), size: 160}
	p, err := instance.NewIssue(target(200, false), placed(t, &c.order))
	if err != nil {
		t.Fatal(err)
	}
	n, _ := p.Need()
	if err := p.Take(ctx, newApplet(false, 1).run(n.Commands, nil)); err != nil {
		t.Fatal(err)
	}
	one := envelope(1, jpki.PurposeIssue, 160)
	for name, b := range map[string]*tsmp.IssueAnswer{
		"sequence 2":        {Envelopes: [][]byte{envelope(2, jpki.PurposeIssue, 160)}},
		"the same again":    {Envelopes: [][]byte{one, one}},
		"a reset's":         {Envelopes: [][]byte{envelope(1, jpki.PurposePINReset, 160)}},
		"17 bytes":          {Envelopes: [][]byte{one[:17]}},
		"another role's CA": {Envelopes: [][]byte{one}, CACertificates: []tsmp.CACertificate{{Role: jpki.Sign, Certificate: []byte{1}}}},
	} {
		if err := p.Answer(ctx, b); err == nil {
			t.Errorf("%s: taken", name)
		}
	}
	if p.Stage() != "seal" {
		t.Errorf("at %s", p.Stage())
	}
}

// TestRefusalsCount: the third refusal in a row is the card's answer.
func TestRefusalsCount(t *testing.T) {
	req.Covers(t, "SPEC-INSTANCE-035")
	p, err := instance.NewSuspend(target(200, false), perso.OrderID{1}, nil)
	if err != nil {
		t.Fatal(err)
	}
	for i := range 3 {
		err := p.Take(ctx, instance.Outcome{Responses: [][]byte{{0x90, 0}, {0x69, 0x85}}})
		var refused *instance.RefusedError
		if i < 2 && err != nil || i == 2 && (!errors.As(err, &refused) || refused.Group != "SUSPEND" || !errors.Is(err, iso7816.ConditionsNotSatisfied)) {
			t.Errorf("refusal %d: %v", i+1, err)
		}
	}
}
