package jpki_test

import (
	"bytes"
	"testing"

	"inkan/core/apdu"
	"inkan/core/gp"
	vocabulary "inkan/core/jpki"
	"inkan/core/jpki/perso"
	"inkan/spec/req"
)

// lifeCycle is the application's GlobalPlatform state.
func (r *rig) lifeCycle() byte {
	r.Helper()
	r.get(selectDomain)
	card := r.open(0x01)
	var state byte
	err := gp.Status(ctx, card, gp.GetStatus{Subset: gp.SubsetApplications}, func(e *gp.Entry) error {
		if e.AID == vocabulary.AIDInstance {
			state = byte(e.LifeCycle)
		}
		return nil
	})
	if err != nil || state == 0 {
		r.Fatalf("life cycle %02X, %v", state, err)
	}
	return state
}

// TestActivate is what activation needs, and what its repetition is answered.
func TestActivate(t *testing.T) {
	req.Covers(t, "SPEC-PERSO-050", "SPEC-PERSO-051", "SPEC-PERSO-052", "SPEC-PERSO-053", "SPEC-PERSO-058", "SPEC-JPKI-AP-039")
	a := newRig(t, options{parameters: cardForm}).authority()
	card := a.own(0x33)
	wantRaw(t, card, 0xB005, make([]byte, 16), 0x6985)
	a.place(card, a.newOrder(vocabulary.PurposeIssue, vocabulary.OriginDelivered, vocabulary.Both, 1))
	id := a.order.ID
	missing := func() { t.Helper(); wantRaw(t, card, 0xB005, id[:], 0x6985) }
	missing()
	for _, role := range roleList {
		items := a.items(role)
		a.do(card, groups().Envelope(a.seal(items[3:]...))) // the key
		missing()
		for i := range 3 {
			missing()
			a.do(card, groups().Envelope(a.seal(items[i])))
		}
	}
	wantRaw(t, card, 0xB005, changed(id[:], 15, id[15]^1), 0x6985)
	wantRaw(t, card, 0xB005, make([]byte, 16), 0x6985)
	a.want("00B08A0001", "6B00")
	receipt := a.activate(card)
	if got := a.activate(card); !bytes.Equal(got, receipt) {
		t.Error("another receipt")
	}
	if got := a.lifeCycle(); got != 0x0F {
		t.Errorf("life cycle %02X", got)
	}
	card = a.domain(0x33)
	if got := a.activate(card); !bytes.Equal(got, receipt) {
		t.Error("another receipt")
	}
	a.do(card, groups().Suspend(id))
	if got := a.activate(card); !bytes.Equal(got, receipt) {
		t.Error("another receipt")
	}
	wantRaw(t, card, 0xB005, changed(id[:], 0, id[0]^1), 0x6985)
	a.do(card, groups().Erase(id))
	wantRaw(t, card, 0xB005, id[:], 0x6985)
	if got := a.lifeCycle(); got != 0x07 {
		t.Errorf("life cycle %02X", got)
	}
}

// phase sends SUSPEND or RESUME and verifies the statement.
func (a *authority) phase(card apdu.Card, g *perso.Groups, want vocabulary.Phase) {
	a.Helper()
	s, err := perso.DecodePhaseStatement(a.do(card, g))
	c := a.cardOf()
	if err == nil {
		err = c.VerifyPhase(&a.order, &s)
	}
	if err != nil || s.Phase != want {
		a.Fatalf("phase %v, %v", s.Phase, err)
	}
}

// TestSuspend is suspension and what it stops.
func TestSuspend(t *testing.T) {
	req.Covers(t, "SPEC-PERSO-054", "SPEC-JPKI-AP-053", "SPEC-JPKI-AP-041", "SPEC-JPKI-AP-082")
	a := issued(t, options{})
	id := a.order.ID
	other := perso.OrderID{1}
	card := a.own(0x33)
	for range 2 {
		a.phase(card, groups().Suspend(id), vocabulary.Suspended)
	}
	a.want("00200098", "63C3")
	a.want(verify(1, pins[1]), "6985")
	a.want(verify(1, "0000"), "6985")
	a.want("00200098", "63C3")
	a.want(change(1, "1111"), "6985")
	a.want(resetRetry(1, codes[1], "1111"), "6985")
	a.want(sign(0, 1, []byte{1}), "6985")
	a.want("80440000", "6985")
	a.want("00B0880000", "008F00 9000")
	a.want("00B08A0001", "30 9000")
	a.want("80CADF3100", "DF310F"+fmtHex([]byte(limits[1]))+"9000")
	wantRaw(t, card, 0xB007, other[:], 0x6985)
	wantRaw(t, card, 0xB006, other[:], 0x6985)
	for range 2 {
		a.phase(card, groups().Resume(id), vocabulary.Active)
	}
	a.working()
	r := newRig(t, options{}).authority()
	card = r.own(0x33)
	wantRaw(t, card, 0xB006, make([]byte, 16), 0x6985)
	wantRaw(t, card, 0xB007, make([]byte, 16), 0x6985)
	r.place(card, r.newOrder(vocabulary.PurposeIssue, vocabulary.OriginOnCard, 1, 1))
	wantRaw(t, card, 0xB006, r.order.ID[:], 0x6985)
	wantRaw(t, card, 0xB007, r.order.ID[:], 0x6985)
}

// erase sends ERASE and verifies the statement.
func (a *authority) erase(card apdu.Card, id perso.OrderID, highest uint32) {
	a.Helper()
	s, err := perso.DecodeEraseStatement(a.do(card, groups().Erase(id)))
	c := a.cardOf()
	if err == nil {
		err = c.VerifyErase(&a.order, &s)
	}
	if err != nil || s.Highest != highest {
		a.Fatalf("highest counter %d, %v", s.Highest, err)
	}
}

// TestErase erases in every phase, and issues anew.
func TestErase(t *testing.T) {
	req.Covers(t, "SPEC-PERSO-055", "SPEC-PERSO-056", "SPEC-PERSO-057", "SPEC-PERSO-058", "SPEC-PERSO-024", "SPEC-JPKI-AP-039",
		"SPEC-JPKI-AP-041", "SPEC-JPKI-AP-051", "SPEC-JPKI-AP-054")
	r := newRig(t, options{parameters: cardForm}).authority()
	card := r.own(0x33)
	wantRaw(t, card, 0xB008, bytes.Repeat([]byte{1}, 16), 0x6985)
	first := wantRaw(t, card, 0xB008, make([]byte, 16), 0x9000)
	if !bytes.Equal(first[2:43], append([]byte{8}, make([]byte, 40)...)) {
		t.Errorf("%X", first)
	}
	a := issued(t, options{parameters: cardForm})
	id := a.order.ID
	card = a.own(0x33)
	a.want(verify(1, pins[1]), "9000")
	a.want(verify(2, pins[2]), "9000")
	wantRaw(t, card, 0xB008, changed(id[:], 3, 0), 0x6985)
	a.erase(card, id, 5)
	a.exchanges(`
80CADF3000 -> DF3012 800100 810103 820400000005 830101 840100 9000
80CADF3100 -> 6A88
80CADF3200 -> 6A88
00B0880000 -> 000000 9000
00B08A0001 -> 6B00
00B08B0001 -> 6B00
00B0820001 -> 6B00
00B0810001 -> 6982
00200098   -> 63C0
0020009B   -> 63C0
802A0097012200 -> 6985
802A009A012200 -> 6985
` + verify(1, pins[1]) + ` -> 6984
` + verify(2, pins[2]) + ` -> 6984
` + resetRetry(1, codes[1], "1234") + ` -> 6985
`)
	a.erase(card, id, 5)
	a.erase(card, perso.OrderID{}, 5)
	wantRaw(t, card, 0xB008, changed(id[:], 3, 0), 0x6985)
	// A new issue works, and an erasure of it while it is open.
	a.place(card, a.newOrder(vocabulary.PurposeIssue, vocabulary.OriginOnCard, vocabulary.Sign, 6))
	wantRaw(t, card, 0xB008, id[:], 0x6985) // the issue before
	a.generate(card, 2)
	a.erase(card, a.order.ID, 6)
	wantRaw(t, card, 0xB002, []byte{2}, 0x6985)
	a.place(card, a.newOrder(vocabulary.PurposeIssue, vocabulary.OriginDelivered, vocabulary.Both, 7))
	a.fill(card)
	a.activate(card)
	a.setPINs()
	a.working()
	card = a.domain(0x33)
	a.phase(card, groups().Suspend(a.order.ID), vocabulary.Suspended)
	a.erase(card, perso.OrderID{}, 7)
}
