package jpki_test

import (
	"testing"

	vocabulary "inkan/core/jpki"
	"inkan/core/jpki/perso"
	"inkan/spec/req"
)

// TestContactlessOff is policy 00 before the holder acts.
func TestContactlessOff(t *testing.T) {
	req.Covers(t, "SPEC-JPKI-AP-020", "SPEC-JPKI-AP-021", "SPEC-JPKI-AP-025")
	a := issued(t, options{})
	a.over(contactless)
	a.exchanges(`
00B0860001 -> 6985
00A4020C020006 -> 6985
0020009B -> 6985
80CADF3000 -> 6985
0084000008 -> 6985
80880000 -> 6985
802A0097012200 -> 6985
00A40000023F00 -> 6985
00A4040C07A0000002471001 -> 6A82
00FF0000 -> 6D00
10B00000 -> 6E00
` + selectName + ` -> 6999
`)
	a.over(contact)
	a.selectApplication()
	a.want(verify(1, pins[1]), "9000")
	a.want("80440100", "9000")
	a.reset() // the state is lost
	a.over(contactless)
	a.want(selectName, "6999")
	b := boot(t, options{protocol: contactless}, a.flash)
	b.want(selectName, "6999")
}

// TestContactlessCommand is the command that opens the interface.
func TestContactlessCommand(t *testing.T) {
	req.Covers(t, "SPEC-JPKI-AP-023", "SPEC-JPKI-AP-024")
	r := newRig(t, options{})
	r.exchanges(`
80440000 -> 6985
80440100 -> 6985
80440300 -> 6A86
80440001 -> 6A86
8044FF00 -> 6A86
8044000001AA -> 6700
`)
	a := issued(t, options{})
	a.want("80440000", "9000")
	a.want("80440100", "6982")
	a.want("80440200", "6982")
	a.want(verify(1, pins[1]), "9000")
	for _, p1 := range []string{"01", "02", "00"} {
		a.want("8044"+p1+"00", "9000")
		a.want("80CADF3000", "DF3012 800103 810101 820400000005 8301"+p1+" 840104 9000")
	}
	c := issued(t, options{parameters: cardForm})
	c.want("80440000", "6985")
	c.want(verify(1, pins[1]), "9000")
	c.want("80440100", "6985")
}

// TestContactOnly are the commands that policy 00 has on contact only.
func TestContactOnly(t *testing.T) {
	req.Covers(t, "SPEC-JPKI-AP-022")
	a := issued(t, options{})
	card := a.own(0x33)
	a.do(card, groups().State())
	a.want(verify(1, pins[1]), "9000")
	a.want("80440100", "9000")
	a.over(contactless)
	a.get("00B0860001")
	for _, cmd := range []string{"00240198", "00240000", "002C0098", "80440000", "80500000080102030405060708", "84820000",
		"80E28800", "84E2880003B00900"} {
		a.want(cmd, "6985")
	}
	a.over(contact)
	forwarded := a.domain(0x33)
	a.over(contactless)
	if _, sw := store(t, forwarded, 0x88, 0, dgi(t, 0xB009, "")); sw != 0x6985 {
		t.Errorf("forwarded STORE DATA: %v", sw)
	}
}

// TestOneSignature is the state 02.
func TestOneSignature(t *testing.T) {
	req.Covers(t, "SPEC-JPKI-AP-026", "SPEC-JPKI-AP-027")
	a := issued(t, options{})
	a.want(verify(1, pins[1]), "9000")
	a.want("80440200", "9000")
	a.over(contactless)
	a.selectApplication()
	a.want("00B08A0001", "30 9000")
	a.want("00B08A0101", fmtHex(certificate(1, false, a.size)[1:2])+"9000")
	a.want("802A0097", "6700") // refused: the signature is still to come
	a.want("802A0297012200", "6700")
	a.want(sign(0, 2, []byte{1}), "6A82")
	data := []byte("login")
	if err := verifySignature(a.public[1], 0, data, a.get(sign(0, 1, data))); err != nil {
		t.Error(err)
	}
	a.want(sign(0, 1, data), "6985")
	a.want("00B08A0001", "6985")
	a.want(selectName, "6999")
	a.over(contact)
	a.selectApplication()
	a.want("80CADF3000", "DF3012 800103 810101 820400000005 830100 840104 9000")
}

// TestSpentBefore uses a delivered key that the card can't compute with: the
// one signature is spent all the same.
func TestSpentBefore(t *testing.T) {
	req.Covers(t, "SPEC-JPKI-AP-027")
	a := newRig(t, options{}).authority()
	card := a.own(0x33)
	a.place(card, a.newOrder(vocabulary.PurposeIssue, vocabulary.OriginDelivered, vocabulary.Auth, 1))
	items := a.items(1)
	for i := 3; i < len(items); i++ {
		items[i].Value = make([]byte, 128)
	}
	a.do(card, groups().Envelope(a.seal(items...)))
	a.activate(card)
	a.setPINs()
	a.want(verify(1, pins[1]), "9000")
	a.want("80440200", "9000")
	a.over(contactless)
	a.want("00B08A0001", "30 9000")
	a.want(sign(0, 1, []byte{1}), "6985")
	a.want("00B08A0001", "6985")
	a.want(selectName, "6999")
}

// TestContactlessPIN is the state 01: tries and verified state are apart from
// those of contact, and each verification gives one signature.
func TestContactlessPIN(t *testing.T) {
	req.Covers(t, "SPEC-JPKI-AP-028", "SPEC-JPKI-AP-036", "SPEC-JPKI-AP-059", "SPEC-JPKI-AP-060", "SPEC-JPKI-AP-074")
	a := issued(t, options{parameters: "860102"})
	a.want(verify(1, pins[1]), "9000")
	a.want("80440100", "9000")
	a.over(contactless)
	a.want("00200098", "63C2")
	a.want("00B08A0001", "6982") // contact's verified state does not count here
	a.want(sign(0, 1, []byte{1}), "6982")
	a.want(verify(1, pins[1]), "9000")
	a.want("00B08A0001", "30 9000")
	a.get(sign(0, 1, []byte{1}))
	a.want(sign(0, 1, []byte{1}), "6982")
	a.want("00B08A0001", "6982")
	a.over(contact)
	a.get(sign(0, 1, []byte{1})) // contact's is as it was
	a.get(sign(0, 1, []byte{1}))
	a.over(contactless)
	a.want(verify(1, "0000"), "63C1")
	a.want(verify(1, pins[1]), "9000")
	a.want("00200098", "63C2")
	a.want(verify(1, "0000"), "63C1")
	a.want(verify(1, "0000"), "63C0")
	a.want(verify(1, pins[1]), "6984")
	a.over(contact)
	a.want("00200098", "63C3") // contact's tries are as they were
	a.want(verify(1, "1111"), "63C2")
	a.over(contactless)
	a.want("00200098", "63C0")
	a.over(contact)
	a.want(verify(1, pins[1]), "9000") // sets both back
	a.over(contactless)
	a.want("00200098", "63C2")
	a.want(verify(1, "0000"), "63C1")
	a.over(contact)
	a.want(change(1, "8642"), "9000")
	a.over(contactless)
	a.want("00200098", "63C2")
	a.want(verify(1, pins[1]), "63C1")
	a.want(verify(1, "8642"), "9000")
}

// TestCardFormOnPhone is the card form under policy 00.
func TestCardFormOnPhone(t *testing.T) {
	req.Covers(t, "SPEC-JPKI-AP-029")
	a := issued(t, options{parameters: cardForm + "830100"})
	a.want(verify(2, pins[2]), "9000")
	a.want("00B0810001", "30 9000")
	a.want(verify(1, pins[1]), "9000")
	a.want("80440100", "9000")
	a.want("00A4020C020001", "9000")
	a.over(contactless)
	a.exchanges(`
00B0000001 -> 6986  # what is current on contact is not there
00B0810001 -> 6A82
00B0820001 -> 6A82
00A4020C020001 -> 6A82
00A4020C02001A -> 6A82
00A4020C02001B -> 9000
00200080 -> 63C0
0020009B06313233343536 -> 6984
802A009A012200 -> 6A82
80CADF3200 -> 6A88
`)
	a.get("80CADF3100")
	a.over(contact)
	a.want("00A4020C020001", "9000")
	a.want("00B0000001", "30 9000")
}

// TestPolicyCard is policy 01: always on, tries and verified state in common.
func TestPolicyCard(t *testing.T) {
	req.Covers(t, "SPEC-JPKI-AP-074")
	a := issued(t, options{parameters: cardForm})
	a.over(contactless)
	a.selectApplication()
	a.want(verify(1, pins[1]), "9000")
	a.get(sign(0, 1, []byte{1}))
	a.get(sign(0, 1, []byte{1}))
	a.want(verify(1, "1111"), "63C2")
	a.over(contact)
	a.want("00200098", "63C2")
	a.want(verify(1, pins[1]), "9000")
	a.over(contactless)
	a.want(change(1, "1357"), "9000")
	a.want("80440000", "6985")
}

// TestContactlessEnds are the events that turn the interface off.
func TestContactlessEnds(t *testing.T) {
	req.Covers(t, "SPEC-PERSO-054", "SPEC-PERSO-055")
	for name, event := range map[string]func(a *authority) *perso.Groups{
		"suspension": func(a *authority) *perso.Groups { return groups().Suspend(a.order.ID) },
		"erasure":    func(a *authority) *perso.Groups { return groups().Erase(a.order.ID) },
		"order": func(a *authority) *perso.Groups {
			return groups().Order(a.newOrder(vocabulary.PurposePINReset, vocabulary.OriginNone, 1, 9))
		},
	} {
		a := issued(t, options{})
		card := a.own(0x33)
		a.want(verify(1, pins[1]), "9000")
		a.want("80440100", "9000")
		a.do(card, event(a))
		if got := a.get("80CADF3000"); got[17] != 0 {
			t.Errorf("%s: %X", name, got)
		}
		a.over(contactless)
		a.want(selectName, "6999")
	}
}
