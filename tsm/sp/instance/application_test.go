package instance_test

import (
	"bytes"
	"errors"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"inkan/core/iso7816"
	"inkan/core/jpki"
	"inkan/core/jpki/perso"
	"inkan/core/tsmp"
	"inkan/spec/req"
	"inkan/tsm/sp/instance"
)

// drive goes on with a program until it needs nothing, through a store at every step.
// cuts says where the power fails, batch by batch; nil entries and the end: nowhere.
func drive(t testing.TB, p instance.Program, a *applet, c *authority, cuts ...*cut) (instance.Program, error) {
	t.Helper()
	for range 60 {
		p = kept(t, p, instance.Resources{})
		n, err := p.Need()
		if err != nil {
			return p, err
		}
		switch n.Kind {
		case instance.NeedNothing:
			return p, nil
		case instance.NeedCommands:
			var at *cut
			if len(cuts) > 0 {
				at, cuts = cuts[0], cuts[1:]
			}
			err = p.Take(ctx, a.run(n.Commands, at))
		case instance.NeedHolder:
			if n.Order.Hash != c.order.Hash() || n.Order.Challenge != challengeOf(&c.order) {
				t.Fatalf("the holder is to sign %X", n.Order)
			}
			err = p.Answer(ctx, &tsmp.VerifyApplicationAnswer{ApplicationID: tsmp.ApplicationID{9}})
		default:
			err = p.Answer(ctx, c.answer(t, &n))
		}
		if err != nil {
			return p, err
		}
	}
	t.Fatalf("still at %s after 60 steps", p.Stage())
	return nil, nil
}

// TestIssue issues on-card and delivered keys of each role, and counts what goes out:
// one batch to the card before each call.
func TestIssue(t *testing.T) {
	req.Covers(t, "SPEC-INSTANCE-030", "SPEC-INSTANCE-031", "SPEC-INSTANCE-032", "SPEC-INSTANCE-041", "SPEC-INSTANCE-043", "SPEC-INSTANCE-044")
	for _, roles := range []jpki.Role{jpki.Auth, jpki.Sign, jpki.Both} {
		for _, origin := range []jpki.Origin{jpki.OriginOnCard, jpki.OriginDelivered} {
			for _, attested := range []bool{false, true} {
				c := &authority{order: order(jpki.PurposeIssue, origin, roles, 3), size: 1600}
				a := newApplet(attested, c.envelopes())
				p, err := instance.NewIssue(target(200, attested), placed(t, &c.order))
				if err != nil {
					t.Fatal(err)
				}
				done, err := drive(t, p, a, c)
				if err != nil {
					t.Fatalf("%v %v: %v", roles, origin, err)
				}
				want := []jpki.DGI{jpki.DGIOrder}
				for range len(roleList(roles)) {
					if origin == jpki.OriginOnCard {
						want = append(want, jpki.DGIGenerate)
					}
				}
				for range len(roleList(roles)) {
					want = append(want, jpki.DGICACertificate)
				}
				for range c.envelopes() {
					want = append(want, jpki.DGIEnvelope)
				}
				if want = append(want, jpki.DGIActivate); !slices.Equal(a.taken, want) || !slices.Equal(c.calls, []tsmp.Function{tsmp.Issue, tsmp.Activate}) {
					t.Errorf("%v %v: the card took %v, calls %v", roles, origin, a.taken, c.calls)
				}
				if r, err := perso.DecodeReceipt(c.receipt); err != nil || r.OrderHash != c.order.Hash() || a.phase != jpki.Active {
					t.Errorf("%v %v: receipt %v, phase %v", roles, origin, err, a.phase)
				}
				if app := done.(*instance.Application); !bytes.Equal(app.Order(), placed(t, &c.order).Order) || !bytes.Equal(app.Receipt(), c.receipt) || app.Stage() != "done" {
					t.Errorf("%v %v: what is left of it is not the issue", roles, origin)
				}
			}
		}
	}
}

func roleList(r jpki.Role) (list []jpki.Role) {
	for _, one := range []jpki.Role{jpki.Auth, jpki.Sign} {
		if r.Has(one) {
			list = append(list, one)
		}
	}
	return list
}

// TestIssueCutEverywhere loses power at every command of every batch, before and after
// it was executed, with the bearer noticing or not: the issue ends the same.
func TestIssueCutEverywhere(t *testing.T) {
	req.Covers(t, "SPEC-INSTANCE-001", "SPEC-INSTANCE-033", "SPEC-INSTANCE-034", "SPEC-INSTANCE-035", "SPEC-INSTANCE-037", "SPEC-INSTANCE-038", "SPEC-INSTANCE-044")
	for _, origin := range []jpki.Origin{jpki.OriginOnCard, jpki.OriginDelivered} {
		issue := func(cuts ...*cut) (*applet, *authority) {
			c := &authority{order: order(jpki.PurposeIssue, origin, jpki.Both, 3), size: 704, two: true}
			a := newApplet(true, c.envelopes())
			p, err := instance.NewIssue(target(120, true), placed(t, &c.order))
			if err != nil {
				t.Fatal(err)
			}
			if _, err := drive(t, p, a, c, cuts...); err != nil {
				t.Errorf("%v, %+v: %v", origin, cuts[len(cuts)-1], err)
			}
			return a, c
		}
		whole, _ := issue()
		if len(whole.batches) != 2 || whole.batches[1] < 30 {
			t.Fatalf("batches of %v commands", whole.batches)
		}
		for batch, commands := range whole.batches {
			for after := range commands {
				for _, k := range []cut{{after: after}, {after: after, before: true}, {after: after, before: true, quiet: true}, {after: after, answered: true}} {
					a, c := issue(append(make([]*cut, batch), &k)...)
					if a.phase != jpki.Active || c.receipt == nil || len(c.calls) != 2 {
						t.Errorf("%v, batch %d, %+v: phase %v, calls %v", origin, batch, k, a.phase, c.calls)
					}
				}
			}
		}
	}
}

// TestIssueProperty loses power as often as chance wants.
func TestIssueProperty(t *testing.T) {
	req.Covers(t, "SPEC-INSTANCE-001", "SPEC-INSTANCE-004", "SPEC-INSTANCE-033", "SPEC-INSTANCE-037", "SPEC-INSTANCE-044")
	rapid.Check(t, func(rt *rapid.T) {
		origin := rapid.SampledFrom([]jpki.Origin{jpki.OriginOnCard, jpki.OriginDelivered}).Draw(rt, "origin")
		roles := rapid.SampledFrom([]jpki.Role{jpki.Auth, jpki.Sign, jpki.Both}).Draw(rt, "roles")
		attested := rapid.Bool().Draw(rt, "attested")
		c := &authority{order: order(jpki.PurposeIssue, origin, roles, 3), size: 16 * rapid.IntRange(1, 192).Draw(rt, "blocks"), two: rapid.Bool().Draw(rt, "two")}
		a := newApplet(attested, c.envelopes())
		size := rapid.IntRange(instance.MinBlockBytes, instance.MaxBlockBytes).Draw(rt, "size")
		p, err := instance.NewIssue(target(size, attested), placed(t, &c.order))
		if err != nil {
			rt.Fatal(err)
		}
		var cuts []*cut
		for i := range rapid.IntRange(0, 12).Draw(rt, "cuts") {
			// Three refusals in a row would be the card's answer: one is had by each of these.
			unnoticed := i%6 == 0
			cuts = append(cuts, &cut{after: rapid.IntRange(0, 40).Draw(rt, "after"), before: rapid.Bool().Draw(rt, "before"),
				answered: unnoticed && rapid.Bool().Draw(rt, "answered"), quiet: unnoticed && rapid.Bool().Draw(rt, "quiet")})
		}
		if _, err := drive(t, p, a, c, cuts...); err != nil {
			rt.Fatal(err)
		}
		if a.phase != jpki.Active || len(c.calls) != 2 {
			rt.Fatalf("phase %v, calls %v", a.phase, c.calls)
		}
	})
}

// TestOtherContent has the card in a state in which the order cannot go on.
func TestOtherContent(t *testing.T) {
	req.Covers(t, "SPEC-INSTANCE-035", "SPEC-INSTANCE-038")
	issue := func(a *applet, counter uint32, cuts ...*cut) error {
		c := &authority{order: order(jpki.PurposeIssue, jpki.OriginDelivered, jpki.Auth, counter), size: 160}
		p, err := instance.NewIssue(target(200, false), placed(t, &c.order))
		if err != nil {
			t.Fatal(err)
		}
		_, err = drive(t, p, a, c, cuts...)
		return err
	}
	a := newApplet(false, 1)
	if err := issue(a, 3); err != nil {
		t.Fatal(err)
	}
	if err := issue(a, 4); !errors.Is(err, instance.ErrOccupied) {
		t.Errorf("over another issue: %v", err)
	}
	a.phase, a.open = jpki.Empty, 0
	if err := issue(a, 2); !errors.Is(err, instance.ErrSuperseded) {
		t.Errorf("with a counter that was used: %v", err)
	}
	c := &authority{order: order(jpki.PurposeIssue, jpki.OriginDelivered, jpki.Auth, 9), size: 160}
	p, err := instance.NewIssue(target(200, false), placed(t, &c.order))
	if err != nil {
		t.Fatal(err)
	}
	n, _ := p.Need()
	if err := p.Take(ctx, a.run(n.Commands, nil)); err != nil {
		t.Fatal(err)
	}
	n, _ = p.Need()
	if err := p.Answer(ctx, c.answer(t, &n)); err != nil {
		t.Fatal(err)
	}
	a.phase, a.open = jpki.Empty, 0 // erased by somebody
	if _, err := drive(t, p, a, c); !errors.Is(err, instance.ErrOrderGone) {
		t.Errorf("after an erasure: %v", err)
	}
	a.phase, a.open, a.highest = jpki.Ordered, jpki.PurposeIssue, 20
	a.order.ID[0], a.order.Counter = 99, 20
	if _, err := drive(t, p, a, c); !errors.Is(err, instance.ErrSuperseded) {
		t.Errorf("after a later order: %v", err)
	}
	var refused *instance.RefusedError
	gone := instance.Outcome{Responses: [][]byte{{0x6A, 0x88}}}
	if err := p.Take(ctx, gone); !errors.As(err, &refused) || refused.Group != "INSTALL [for personalization]" || refused.SW != iso7816.ReferencedDataNotFound {
		t.Errorf("without an application: %v", err)
	}
	if err := p.Take(ctx, instance.Outcome{Responses: [][]byte{{0x90, 0}, {0x69, 0x82}}}); !errors.As(err, &refused) || refused.SW != iso7816.SecurityStatusNotSatisfied {
		t.Errorf("too weak a session: %v", err)
	}
}
