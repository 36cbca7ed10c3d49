package jpki_test

import (
	"bytes"
	"fmt"
	"testing"

	"inkan/core/apdu"
	"inkan/core/iso7816"
	vocabulary "inkan/core/jpki"
	"inkan/core/scp"
	"inkan/spec/req"
)

// wantStore sends a block and compares the status word.
func wantStore(t testing.TB, card apdu.Card, p1, p2 byte, data []byte, want iso7816.SW) []byte {
	t.Helper()
	out, sw := store(t, card, p1, p2, data)
	if sw != want {
		t.Fatalf("STORE DATA %02X %02X, %d bytes: %v, want %v", p1, p2, len(data), sw, want)
	}
	return out
}

// ways runs a test for both ways of STORE DATA.
func ways(t *testing.T, run func(t *testing.T, r *rig, open func(level scp.Level) apdu.Card)) {
	for _, own := range []bool{true, false} {
		t.Run(map[bool]string{true: "own", false: "forwarded"}[own], func(t *testing.T) {
			r := newRig(t, options{})
			if own {
				run(t, r, r.own)
			} else {
				run(t, r, r.domain)
			}
		})
	}
}

var stateGroup = []byte{0xB0, 0x09, 0x00}

// TestSession is what session a block needs.
func TestSession(t *testing.T) {
	req.Covers(t, "SPEC-PERSO-001", "SPEC-PERSO-002")
	r := newRig(t, options{})
	r.want("80E2880003B00900", "6982")
	r.want("84E2880003B00900", "6982")
	card := r.own(0)
	wantStore(t, card, 0x88, 0, stateGroup, 0x6982)
	card = r.own(0x01)
	wantStore(t, card, 0x08, 0, stateGroup, 0x9000)
	r.want("80E2080103B00900", "6982") // and the sequence ends
	card = r.own(0x01)
	wantStore(t, card, 0x08, 1, stateGroup, 0x6A86)
	out := wantStore(t, card, 0x88, 0, stateGroup, 0x9000)
	if len(out) != 2+61 {
		t.Errorf("%d bytes", len(out))
	}
	r.want("8050300008 0102030405060708", fmtHex(nil)+fmtHex(r.lastHandshake())+"9000")
	r.want("848233001001020304050607080102030405060708", "6300")
	r.want("80E2880003B00900", "6982")
}

// lastHandshake gives what the same INITIALIZE UPDATE is answered on a copy of
// the card.
func (r *rig) lastHandshake() []byte {
	r.Helper()
	c := r.again()
	c.selectApplication()
	return c.get("8050300008 0102030405060708")
}

// TestProtection is what needs R-MAC or an attestation.
func TestProtection(t *testing.T) {
	req.Covers(t, "SPEC-PERSO-003")
	r := newRig(t, options{noAuthority: true, parameters: "850101"})
	a := r.authority()
	order := a.newOrder(vocabulary.PurposeIssue, vocabulary.OriginOnCard, 1, 1)
	card := a.own(0x03)
	for _, g := range [][]byte{dgi(t, 0xB002, "01"), dgi(t, 0xB008, "00000000000000000000000000000000")} {
		wantStore(t, card, 0x88, 0, g, 0x6982)
	}
	if _, sw := a.try(card, groups().Order(order)); sw != 0x6982 {
		t.Errorf("ORDER: %v", sw)
	}
	wantStore(t, card, 0x88, 0, stateGroup, 0x9000)
	card = a.own(0x13)
	a.place(card, order)
	card = a.own(0x03)
	if _, sw := a.try(card, groups().Generate(1)); sw != 0x6982 {
		t.Errorf("GENERATE: %v", sw)
	}
	if _, sw := a.try(card, groups().Erase(order.ID)); sw != 0x6982 {
		t.Errorf("ERASE: %v", sw)
	}
	never := newRig(t, options{parameters: "850100"}).authority() // an authority that is not used
	if _, sw := never.try(never.own(0x03), groups().Order(order)); sw != 0x6982 {
		t.Errorf("ORDER: %v", sw)
	}
	answer := never.do(never.own(0x13), groups().Order(order))
	if len(answer) != 37+65+16+1 || answer[len(answer)-1] != 0 {
		t.Errorf("statement of %d bytes", len(answer))
	}
	attested := newRig(t, options{}).authority()
	attested.do(attested.own(0x01), groups().Order(order))
}

// TestBlocks is P1, P2 and what ends a sequence.
func TestBlocks(t *testing.T) {
	req.Covers(t, "SPEC-PERSO-004", "SPEC-PERSO-005", "SPEC-PERSO-009", "SPEC-PERSO-010", "SPEC-PERSO-013")
	ways(t, func(t *testing.T, r *rig, open func(scp.Level) apdu.Card) {
		card := open(0x33)
		send := func(p1, p2 byte, data []byte, want iso7816.SW) {
			t.Helper()
			wantStore(t, card, p1, p2, data, want)
			if want == 0x9000 && p1&0x80 != 0 {
				card = open(0x33) // the domain forgets who is named
			}
		}
		for p1 := range 0x100 {
			want := iso7816.IncorrectP1P2
			if p1&0x7E == 0x08 {
				want = iso7816.OK
			}
			send(byte(p1), 0, stateGroup, want)
		}
		first := stateGroup[:1]
		send(0x08, 0, first, 0x9000)
		send(0x08, 2, first, 0x6A86)
		send(0x08, 1, stateGroup[1:], 0x6A86) // it had ended
		send(0x08, 0, first, 0x9000)
		send(0x08, 1, stateGroup[1:], 0x9000)
		send(0x88, 2, stateGroup, 0x9000)
		send(0x08, 3, stateGroup, 0x6A86) // the last one ended it
		send(0x08, 0, first, 0x9000)
		send(0x08, 0, stateGroup, 0x9000) // P2 00 begins anew
		for _, bad := range []struct {
			group string
			want  iso7816.SW
		}{
			{"000000", 0x6A88}, {"B00000", 0x6A88}, {"B00A00", 0x6A88}, {"B0FE02", 0x6A88}, {"B10102", 0x6A88}, {"0001FF0001", 0x6A88},
			{"B00901", 0x6A80}, {"B0018900", 0x6A80}, {"B0018B00", 0x6A80}, {"B00200", 0x6A80}, {"B0020201", 0x6A80}, {"B0050F", 0x6A80},
			{"B00611", 0x6A80}, {"B00700", 0x6A80}, {"B008FF1000", 0x6A80}, {"B0FF01", 0x6A80}, {"B0FF03", 0x6A80}, {"B001FF008A", 0x6A80},
			{"B009FF0000", 0x6A80}, {"B00321", 0x6A80}, {"B00300", 0x6A80}, {"B00323", 0x6A80}, {"B003FF0113", 0x6A80}, {"B00401", 0x6A80},
			{"B00400", 0x6A80}, {"B004FF0801", 0x9000}, {"B004FF0802", 0x6A84}, {"B004FFFFFF", 0x6A84}, {"B004FF8000", 0x6A84},
			{"B003FF0C12", 0x9000}, {"B003FF0C22", 0x6A84}, {"B003FFFFF2", 0x6A84}, {"B001FFFFFF", 0x6A80}, {"B00322", 0x9000},
		} {
			b := unhex(t, bad.group)
			send(0x08, 0, b, bad.want)
			send(0x08, 1, stateGroup[:1], map[bool]iso7816.SW{true: 0x9000, false: 0x6A86}[bad.want == 0x9000])
			if bad.want != 0x9000 && len(b) <= 5 { // the same, a byte at a time
				for i := range b {
					_, sw := store(t, card, 0x08, byte(i), b[i:i+1])
					if sw != 0x9000 {
						if sw != bad.want {
							t.Errorf("%s: %v", bad.group, sw)
						}
						break
					}
				}
			}
		}
		send(0x08, 0xFF, stateGroup, 0x6A86)
		send(0x08, 0, first, 0x9000)
		r.selectApplication() // ends it
		card = open(0x33)
		send(0x08, 1, stateGroup[1:], 0x6A86)
	})
}

// TestManyBlocks counts P2 up to FF, behind which nothing comes.
func TestManyBlocks(t *testing.T) {
	req.Covers(t, "SPEC-PERSO-005")
	r := newRig(t, options{})
	card := r.own(0x01)
	for i := range 0x100 {
		wantStore(t, card, 0x08, byte(i), stateGroup, 0x9000)
	}
	wantStore(t, card, 0x08, 1, stateGroup, 0x6A86)
}

// TestIncomplete are last blocks within a data group.
func TestIncomplete(t *testing.T) {
	req.Covers(t, "SPEC-PERSO-008", "SPEC-PERSO-007", "SPEC-PERSO-024")
	ways(t, func(t *testing.T, r *rig, open func(scp.Level) apdu.Card) {
		a := r.authority()
		order, err := a.newOrder(vocabulary.PurposeIssue, vocabulary.OriginDelivered, 1, 1).Append(nil)
		if err != nil {
			t.Fatal(err)
		}
		card := open(0x33)
		whole := group(0xB001, order)
		for n := 1; n < len(whole); n++ {
			wantStore(t, card, 0x88, 0, whole[:n], 0x6A80)
		}
		wantStore(t, card, 0x88, 0, append(bytes.Clone(stateGroup), whole[:len(whole)-1]...), 0x6A80)
		out := wantStore(t, card, 0x88, 0, stateGroup, 0x9000)
		if out[2+37] != 0 {
			t.Errorf("the phase is %02X", out[2+37])
		}
		card = open(0x33)
		// What stands before a refusal stays executed.
		wantStore(t, card, 0x88, 0, append(whole, 0xB0, 0x02, 0x01, 0x01), 0x6985)
		out = wantStore(t, card, 0x88, 0, stateGroup, 0x9000)
		if out[2+37] != 1 {
			t.Errorf("the phase is %02X", out[2+37])
		}
	})
}

// TestCutsOfGroups cuts a sequence of data groups into two blocks at each byte,
// and into blocks of each size.
func TestCutsOfGroups(t *testing.T) {
	req.Covers(t, "SPEC-PERSO-006", "SPEC-PERSO-007", "SPEC-PERSO-011")
	base := newRig(t, options{})
	a := base.authority()
	a.size = 300
	card := a.own(0x33)
	a.place(card, a.newOrder(vocabulary.PurposeIssue, vocabulary.OriginDelivered, 1, 1))
	payload, err := groups().CACertificate(1, certificate(1, true, 60)).Envelope(a.seal(a.items(1)[1:3]...)).State().Bytes()
	if err != nil {
		t.Fatal(err)
	}
	for cut := 1; cut < len(payload); cut++ {
		r := base.again()
		c := r.own(0x33)
		first := wantStore(t, c, 0x08, 0, payload[:cut], 0x9000)
		out := wantStore(t, c, 0x88, 1, payload[cut:], 0x9000)
		if len(first) != 0 || len(out) != 2+61 || out[2+40] != 0x0C {
			t.Fatalf("cut at %d: %d and %d bytes", cut, len(first), len(out))
		}
	}
	a.next = 1
	envelope := a.seal(a.items(1)...)
	for _, size := range []int{1, 2, 3, 5, 16, 17, 64, 100, 200, 223} {
		r := base.again()
		c := r.domain(0x33)
		if _, sw := r.tryBlocks(c, groups().Envelope(envelope), max(size, len(envelope)/250)); sw != 0x9000 {
			t.Fatalf("blocks of %d: %v", size, sw)
		}
	}
}

// TestAnswers is how answers travel.
func TestAnswers(t *testing.T) {
	req.Covers(t, "SPEC-PERSO-011", "SPEC-PERSO-012", "SPEC-PERSO-059")
	for _, choices := range []bool{false, true} {
		opt := options{}
		opt.choices.OneBuffer = choices
		r := newRig(t, opt)
		a := r.authority()
		answer := func(offset int) []byte { return group(0xB0FF, []byte{byte(offset >> 8), byte(offset)}) }
		card := a.domain(0x33)
		wantStore(t, card, 0x08, 0, answer(0), 0x6985)
		a.place(card, a.newOrder(vocabulary.PurposeIssue, vocabulary.OriginOnCard, 1, 1))
		first := wantStore(t, card, 0x08, 0, dgi(t, 0xB002, "01"), 0x9000)
		if len(first) != 202 || fmtHex(first[:3]) != "026702" {
			t.Fatalf("%X", first)
		}
		whole := bytes.Clone(first[2:])
		for len(whole) < 0x267 {
			part := wantStore(t, card, 0x08, 0, answer(len(whole)), 0x9000)
			whole = append(whole, part[2:]...)
		}
		for _, offset := range []int{0, 1, 199, 414, 415, 416, 614} {
			part := wantStore(t, card, 0x08, 0, answer(offset), 0x9000)
			if want := whole[offset:min(len(whole), offset+200)]; !bytes.Equal(part[2:], want) || fmtHex(part[:2]) != "0267" {
				t.Errorf("from %d: %X", offset, part)
			}
		}
		wantStore(t, card, 0x08, 0, answer(615), 0x6A80)
		wantStore(t, card, 0x08, 0, answer(0xFFFF), 0x6A80)
		wantStore(t, card, 0x08, 0, answer(0x8000), 0x6A80)
		// A refused group leaves the last answer, a long one ends it.
		wantStore(t, card, 0x08, 0, dgi(t, 0xB002, "03"), 0x6A80)
		wantStore(t, card, 0x08, 0, answer(614), 0x9000)
		wantStore(t, card, 0x08, 0, unhex(t, "B00423"), 0x9000)
		wantStore(t, card, 0x08, 0, answer(0), 0x6985)
		// Of several groups the last one answers, and only in its own block.
		out := wantStore(t, card, 0x08, 0, append(dgi(t, 0xB002, "01"), stateGroup...), 0x9000)
		if len(out) != 2+61 || out[2] != 0x09 {
			t.Errorf("%X", out)
		}
		if out := wantStore(t, card, 0x08, 1, []byte{0xB0}, 0x9000); len(out) != 0 {
			t.Errorf("%X", out)
		}
		if out := wantStore(t, card, 0x08, 0, append(bytes.Clone(stateGroup), unhex(t, "B00402")...), 0x9000); len(out) != 0 {
			t.Errorf("an answer that a header ended: %X", out)
		}
		wantStore(t, card, 0x08, 0, stateGroup, 0x9000)
		r.selectApplication()
		card = r.own(0x33)
		wantStore(t, card, 0x08, 0, answer(0), 0x6985)
		wantStore(t, card, 0x08, 0, stateGroup, 0x9000)
		r.reset()
		card = r.domain(0x33)
		wantStore(t, card, 0x08, 0, answer(0), 0x6985)
	}
}

// TestState reads statement 09 along an issue.
func TestState(t *testing.T) {
	req.Covers(t, "SPEC-PERSO-059", "SPEC-PERSO-026")
	a := newRig(t, options{parameters: cardForm}).authority()
	card := a.own(0x33)
	state := func() string { return fmtHex(a.do(card, groups().State())[37:45]) }
	check := func(want string) {
		t.Helper()
		if got := state(); got != want {
			t.Errorf("%s, want %s", got, want)
		}
	}
	if got := fmtHex(a.do(card, groups().State())); got != "09"+fmt.Sprintf("%0120d", 0) {
		t.Errorf("%s", got)
	}
	a.place(card, a.newOrder(vocabulary.PurposeIssue, vocabulary.OriginDelivered, vocabulary.Both, 0x01020304))
	check("0101000001020304")
	a.do(card, groups().Envelope(a.seal(a.items(1)...)))
	check("0101010F01020304")
	a.do(card, groups().Envelope(a.seal(a.items(2)[:2]...)))
	check("0101026F01020304")
	a.do(card, groups().Envelope(a.seal(a.items(2)...)))
	check("010103FF01020304")
	a.activate(card)
	check("030003FF01020304")
	a.setPINs()
	card = a.own(0x33)
	check("0300037701020304")
	a.do(card, groups().Suspend(a.order.ID))
	check("0700037701020304")
	a.do(card, groups().Erase(a.order.ID))
	check("0000030001020304")
}
