package jpki_test

import (
	"bytes"
	"testing"

	"inkan/core/apdu"
	"inkan/core/iso7816"
	vocabulary "inkan/core/jpki"
	"inkan/core/jpki/perso"
	"inkan/spec/req"
)

// raw sends a data group with a raw value as a sequence of its own.
func raw(t testing.TB, card apdu.Card, id uint16, value []byte) ([]byte, iso7816.SW) {
	t.Helper()
	b := group(id, value)
	for p2 := byte(0); ; p2++ {
		n := min(len(b), 200)
		out, sw := store(t, card, 0x08, p2, b[:n])
		if b = b[n:]; len(b) == 0 || sw != iso7816.OK {
			return out, sw
		}
	}
}

func wantRaw(t testing.TB, card apdu.Card, id uint16, value []byte, want iso7816.SW) []byte {
	t.Helper()
	out, sw := raw(t, card, id, value)
	if sw != want {
		t.Fatalf("%04X %X: %v, want %v", id, value, sw, want)
	}
	return out
}

func (a *authority) bytes(o *perso.Order) []byte {
	a.Helper()
	b, err := o.Append(nil)
	if err != nil {
		a.Fatal(err)
	}
	return b
}

// changed is a copy with one byte set.
func changed(b []byte, at int, value byte) []byte {
	c := bytes.Clone(b)
	c[at] = value
	return c
}

// phaseOf is the phase and the highest counter, by GET DATA.
func (r *rig) phaseOf(card apdu.Card) string {
	r.Helper()
	return fmtHex(r.do(card, groups().State())[37:])
}

// TestOrderContent refuses orders that are malformed, before the phase counts.
func TestOrderContent(t *testing.T) {
	req.Covers(t, "SPEC-PERSO-020", "SPEC-PERSO-024")
	each(t, func(t *testing.T, form string) {
		a := newRig(t, options{parameters: form, noAuthority: form == cardForm}).authority()
		card := a.own(0x33)
		good := a.bytes(a.newOrder(vocabulary.PurposeIssue, vocabulary.OriginOnCard, 1, 1))
		before := a.phaseOf(card)
		bad := map[string][]byte{
			"version 00": changed(good, 0, 0), "version 02": changed(good, 0, 2), "purpose 00": changed(good, 1, 0), "purpose 03": changed(good, 1, 3),
			"purpose FF": changed(good, 1, 0xFF), "origin 00": changed(good, 2, 0), "origin 03": changed(good, 2, 3),
			"reset with origin": changed(good, 1, 2), "no roles": changed(good, 3, 0), "roles 04": changed(good, 3, 4),
			"roles 81": changed(good, 3, 0x81), "point off the curve": changed(good, 137, good[137]^1), "point 02": changed(good, 73, 2),
			"point 00": append(bytes.Clone(good[:73]), make([]byte, 65)...),
		}
		if form == simForm {
			bad["role 02"], bad["roles 03"] = changed(good, 3, 2), changed(good, 3, 3)
		}
		for name, order := range bad {
			if _, sw := raw(t, card, 0xB001, order); sw != 0x6A80 {
				t.Errorf("%s: %v", name, sw)
			}
		}
		if after := a.phaseOf(card); after != before {
			t.Errorf("%s became %s", before, after)
		}
		// In the wrong phase too: content goes first.
		b := issued(t, options{parameters: form})
		wantRaw(t, b.own(0x33), 0xB001, bad["point off the curve"], 0x6A80)
	})
}

// TestOrderPhase is which orders the phases take.
func TestOrderPhase(t *testing.T) {
	req.Covers(t, "SPEC-PERSO-021", "SPEC-PERSO-022", "SPEC-PERSO-029")
	a := newRig(t, options{parameters: cardForm}).authority()
	issue := func(counter uint32) []byte {
		return a.bytes(a.newOrder(vocabulary.PurposeIssue, vocabulary.OriginDelivered, vocabulary.Auth, counter))
	}
	reset := func(roles vocabulary.Role, counter uint32) []byte {
		return a.bytes(a.newOrder(vocabulary.PurposePINReset, vocabulary.OriginNone, roles, counter))
	}
	card := a.own(0x33)
	wantRaw(t, card, 0xB001, reset(1, 1), 0x6985) // EMPTY
	wantRaw(t, card, 0xB001, issue(1), 0x9000)
	wantRaw(t, card, 0xB001, reset(1, 2), 0x6985) // ORDERED
	a.place(card, a.newOrder(vocabulary.PurposeIssue, vocabulary.OriginDelivered, vocabulary.Auth, 2))
	a.fill(card)
	a.activate(card)
	a.setPINs()
	card = a.own(0x33)
	wantRaw(t, card, 0xB001, issue(3), 0x6985)    // ACTIVE
	wantRaw(t, card, 0xB001, reset(2, 3), 0x6985) // a role without content
	wantRaw(t, card, 0xB001, reset(3, 3), 0x6985)
	wantRaw(t, card, 0xB001, reset(1, 3), 0x9000)
	a.want(verify(1, pins[1]), "9000") // as it was
	a.do(card, groups().Suspend(a.order.ID))
	wantRaw(t, card, 0xB001, issue(4), 0x6985) // SUSPENDED
	wantRaw(t, card, 0xB001, reset(1, 4), 0x6985)
	a.do(card, groups().Resume(a.order.ID))
	a.working()
}

// TestCounter is the order counter.
func TestCounter(t *testing.T) {
	req.Covers(t, "SPEC-PERSO-023", "SPEC-PERSO-024", "SPEC-PERSO-025", "SPEC-PERSO-026", "SPEC-PERSO-057")
	a := newRig(t, options{}).authority()
	order := func(counter uint32) []byte {
		return a.bytes(a.newOrder(vocabulary.PurposeIssue, vocabulary.OriginOnCard, 1, counter))
	}
	card := a.own(0x33)
	wantRaw(t, card, 0xB001, order(0), 0x6985)
	for _, counter := range []uint32{1, 2, 0x7F, 0x80, 0xFF, 0x100, 0x7FFF, 0x8000, 0xFFFFFF, 0x7FFFFFFF, 0x80000000} {
		first := wantRaw(t, card, 0xB001, order(counter), 0x9000)
		again := wantRaw(t, card, 0xB001, order(counter), 0x9000)
		if !bytes.Equal(first[:2+37+81], again[:2+37+81]) {
			t.Errorf("counter %d: another answer", counter)
		}
		other := changed(order(counter), 20, 'X') // same counter, another SIM
		wantRaw(t, card, 0xB001, other, 0x6985)
		wantRaw(t, card, 0xB001, order(counter-1), 0x6985)
	}
	one := wantRaw(t, card, 0xB001, order(0x80000001), 0x9000)
	two := wantRaw(t, card, 0xB001, order(0x80000002), 0x9000)
	if bytes.Equal(one[39:104], two[39:104]) || bytes.Equal(one[104:120], two[104:120]) {
		t.Error("two orders have one point or challenge")
	}
	wantRaw(t, card, 0xB008, make([]byte, 16), 0x9000)
	wantRaw(t, card, 0xB001, order(0x80000002), 0x6985) // erased: it is not open any more
	wantRaw(t, card, 0xB001, order(0x7FFFFFFF), 0x6985)
	a.reset()
	card = a.domain(0x33)
	wantRaw(t, card, 0xB001, order(0x80000002), 0x6985)
	wantRaw(t, card, 0xB001, order(0xFFFFFFFF), 0x9000)
	wantRaw(t, card, 0xB001, order(0), 0x6985)
}

// TestNewOrder replaces an issue that is not finished.
func TestNewOrder(t *testing.T) {
	req.Covers(t, "SPEC-PERSO-026", "SPEC-PERSO-027", "SPEC-PERSO-042")
	a := newRig(t, options{}).authority()
	card := a.own(0x33)
	a.place(card, a.newOrder(vocabulary.PurposeIssue, vocabulary.OriginOnCard, 1, 1))
	a.generate(card, 1)
	first := a.public[1]
	envelope := a.seal(a.items(1)...)
	a.do(card, groups().CACertificate(1, certificate(1, true, 500)).Envelope(envelope))
	a.place(card, a.newOrder(vocabulary.PurposeIssue, vocabulary.OriginOnCard, 1, 2))
	if got := a.phaseOf(card); got[:8] != "01010000" {
		t.Errorf("state %s", got)
	}
	a.want("80CADF3000", "DF3012 800101 810101 820400000002 830100 840100 9000")
	wantRaw(t, card, 0xB003, envelope, 0x6988) // of the order before, sealed with its keys
	wantRaw(t, card, 0xB003, changed(envelope, 0, 0), 0x6985)
	a.generate(card, 1)
	if first.N.Cmp(a.public[1].N) == 0 {
		t.Error("the key stayed")
	}
	wantRaw(t, card, 0xB005, a.order.ID[:], 0x6985)
	a.do(card, groups().Envelope(a.seal(a.items(1)...)))
	a.activate(card)
	a.want("00B08B0001", "6B00") // the CA certificate went with the order before
}

// TestAuthorityNeeded is parameter 85.
func TestAuthorityNeeded(t *testing.T) {
	req.Covers(t, "SPEC-PERSO-028")
	a := newRig(t, options{noAuthority: true}).authority()
	card := a.own(0x33)
	order := a.bytes(a.newOrder(vocabulary.PurposeIssue, vocabulary.OriginOnCard, 1, 9))
	before := a.phaseOf(card)
	wantRaw(t, card, 0xB001, order, 0x6985)
	if after := a.phaseOf(card); after != before {
		t.Errorf("%s became %s", before, after)
	}
	wantRaw(t, card, 0xB001, changed(order, 0, 9), 0x6A80)
}

// TestGenerate is which roles GENERATE takes.
func TestGenerate(t *testing.T) {
	req.Covers(t, "SPEC-PERSO-030", "SPEC-PERSO-031")
	a := newRig(t, options{parameters: cardForm}).authority()
	card := a.own(0x33)
	for _, role := range []byte{0, 1, 2, 3} {
		wantRaw(t, card, 0xB002, []byte{role}, 0x6985) // no order
	}
	a.place(card, a.newOrder(vocabulary.PurposeIssue, vocabulary.OriginDelivered, vocabulary.Both, 1))
	wantRaw(t, card, 0xB002, []byte{1}, 0x6985) // delivered
	a.place(card, a.newOrder(vocabulary.PurposeIssue, vocabulary.OriginOnCard, vocabulary.Sign, 2))
	for _, role := range []byte{0, 3, 0x81, 0xFF} {
		wantRaw(t, card, 0xB002, []byte{role}, 0x6A80)
	}
	wantRaw(t, card, 0xB002, []byte{1}, 0x6985)
	a.generate(card, 2)
	key := a.public[2]
	a.reset()
	card = a.domain(0x33)
	a.generate(card, 2)
	if key.N.Cmp(a.public[2].N) != 0 {
		t.Error("another modulus after a reset")
	}
	a.fill(card)
	a.activate(card)
	wantRaw(t, card, 0xB002, []byte{2}, 0x6985) // the order has ended
	a.setPINs()
	a.working()
}

// TestCACertificate is CA CERT.
func TestCACertificate(t *testing.T) {
	req.Covers(t, "SPEC-PERSO-048")
	a := newRig(t, options{parameters: "87020100"}).authority()
	a.size = 200
	der := certificate(1, true, 256)
	value := append([]byte{1}, der...)
	card := a.own(0x33)
	wantRaw(t, card, 0xB004, value, 0x6985)
	a.place(card, a.newOrder(vocabulary.PurposeIssue, vocabulary.OriginDelivered, 1, 1))
	for _, role := range []byte{0, 2, 3, 0xFF} {
		wantRaw(t, card, 0xB004, changed(value, 0, role), 0x6985)
	}
	wantRaw(t, card, 0xB004, append(value, 0), 0x6A84)
	wantRaw(t, card, 0xB004, certificateValue(100), 0x9000)
	wantRaw(t, card, 0xB004, value, 0x9000)
	wantRaw(t, card, 0xB004, certificateValue(30), 0x9000) // replaces a longer one
	a.do(card, groups().Envelope(a.seal(a.items(1)...)))
	a.want("00B08B0001", "6B00") // nothing of a pending issue is shown
	a.want("00B08A0001", "6B00")
	a.want("00B0880000", "000000 9000")
	a.activate(card)
	a.want("00B08B0000", fmtHex(certificateValue(30)[1:])+"9000")
	wantRaw(t, card, 0xB004, value, 0x6985)
}

func certificateValue(n int) []byte { return append([]byte{1}, certificate(1, true, n)...) }
