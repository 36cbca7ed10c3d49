package aram_test

import (
	"encoding/hex"
	"slices"
	"strings"
	"testing"

	"inkan/core/apdu"
	"inkan/core/ara"
	"inkan/core/gp"
	"inkan/core/iso7816"
	"inkan/spec/req"
	"inkan/spec/vectors"
)

// TestStore: a new rule, one beside it, the same, a contradiction.
func TestStore(t *testing.T) {
	req.Covers(t, "SPEC-ARAM-041", "SPEC-ARAM-042", "SPEC-ARAM-050", "SPEC-ARAM-060", "SPEC-ARAM-061", "SPEC-ARAM-062",
		"SPEC-ARAM-063", "SPEC-ARAM-064", "SPEC-ARAM-065")
	each(t, func(b *bench) {
		rule := func(target string, rights ...string) string { return do("e2", target, do("e3", rights...)) }
		nfc := rule(everything, "d10101")
		b.wantWrite(storeHex(others), iso7816.OK)
		before := b.state()
		if before.rules != do("ff40", others) {
			b.Fatalf("%v", before)
		}
		b.wantWrite(storeHex(others), ara.RuleExisted)
		// The same rule in other lengths and another order.
		b.wantWrite("f016e2820012e1820006c181004f8100e38105d082000100", ara.RuleExisted)
		b.wantWrite(do("f0", "e2840000000b"+everything+"e303"+never), ara.RuleExisted)
		b.wantWrite(storeHex(rule(everything, always)), ara.RuleConflict)
		b.wantWrite(storeHex(rule(everything, do("d0", "00a40400ffffff00"))), ara.RuleConflict)
		b.unchanged(before)
		b.wantWrite(storeHex(nfc), ara.RuleExisted)
		if now := b.state(); now.rules != do("ff40", others, nfc) || now.tag == before.tag {
			b.Fatalf("%v", now)
		}
		before = b.state()
		b.wantWrite(storeHex(rule(everything, "d10100")), ara.RuleConflict)
		b.unchanged(before)
		// What is not known of the rights is passed over.
		const standard = "e104c000c100"
		b.wantWrite(storeHex(rule(standard, always, "d202aaaa", "df210155")), ara.UnknownDiscarded)
		if now := b.state(); now.rules != do("ff40", others, nfc, rule(standard, always)) {
			b.Fatalf("%v", now)
		}
		// Parts that come in another order are stored in this one.
		b.wantWrite(storeHex(do("e2", do("e1", "ca01"+"61", "c100", anAID), do("e3", "db080000000000000001", "d10101", always))), iso7816.OK)
		last := rule(do("e1", anAID, "c100", "ca0161"), always, "d10101", "db080000000000000001")
		if now := b.state(); now.rules != do("ff40", others, nfc, rule(standard, always), last) {
			b.Fatalf("%v", now)
		}
	})
}

// TestMalformed: command data objects that are none leave everything as it was.
func TestMalformed(t *testing.T) {
	req.Covers(t, "SPEC-ARAM-052", "SPEC-ARAM-053", "SPEC-ARAM-002", "SPEC-ARAM-003", "SPEC-ARAM-004")
	each(t, func(b *bench) {
		b.wantWrite(storeHex(others), iso7816.OK)
		before := b.state()
		for _, object := range []string{"00", "f0", "f001", "f000", "f00100", "f0020000", "f201", "f20100", "f20000", "f10000", "f101ff",
			"f1024f01", "f1034f0101", "f102c001", "f103c00101", "f103e10100", "f102e100", "f104e1024f00", "f102e200", "f102e300", "f1044f004f00",
			"ef00", "5f2000", "f900", "ff4000", "d00101", "e20be1044f00c100e303d00101", "f0800000", "f08500000000", "1f00", "1f8000",
			"f00ce20ae1044f00c100e302d001", "f00de20be1044f00c100e303d00101ff", "f00ee20be1044f00c100e303d0010100"} {
			b.wantWrite(object, iso7816.WrongData)
		}
		// What is not known has to be well formed all the same.
		for _, unknown := range []string{"0000", "1f800100", "1fffff0100", "1f", "1f85", "d2", "d201", "d2800000", "d2850000000000", "d282ffff", "d2828000", "d28400010000"} {
			b.wantWrite(storeHex(do("e2", everything, do("e3", always, unknown))), iso7816.WrongData)
		}
		for _, tag := range []string{"f3", "f4", "f5", "f6", "f7", "f8", "e7"} {
			b.wantWrite(tag+"00", ara.NotSupported)
		}
		b.unchanged(before)
	})
}

type vector struct {
	vectors.Header
	Rule        vectors.Hex `json:"rule"`
	AIDRef      byte        `json:"aidRef"`
	AID         vectors.Hex `json:"aid"`
	Hash        vectors.Hex `json:"hash"`
	Package     string      `json:"package"`
	APDU        byte        `json:"apdu"`
	Filters     vectors.Hex `json:"filters"`
	NFC         byte        `json:"nfc"`
	Permissions vectors.Hex `json:"permissions"`
}

// TestVectors stores the rules of the vectors, each on an empty ARA-M.
func TestVectors(t *testing.T) {
	req.Covers(t, "SPEC-ARAM-002", "SPEC-ARAM-003", "SPEC-ARAM-004", "SPEC-ARAM-060", "SPEC-ARAM-065")
	b := newBench(t)
	for _, v := range vectors.Load[vector](t, "aram.json") {
		b.wantWrite(deleteHex(), iso7816.OK)
		rule := hex.EncodeToString(v.Rule)
		switch v.Fail {
		case "malformed":
			b.wantWrite(storeHex(rule), iso7816.WrongData)
			rule = ""
		case "rewritten":
			b.wantWrite(storeHex(rule), ara.UnknownDiscarded)
			known, err := ara.DecodeRule(v.Rule)
			if err != nil {
				t.Fatal(err)
			}
			rule = hex.EncodeToString(coded(t, known))
		default:
			b.wantWrite(storeHex(rule), iso7816.OK)
		}
		if now := b.state(); now.rules != do("ff40", rule) {
			t.Errorf("%s: %s", v.Name, now.rules)
		}
	}
}

// TestDelete: by nothing, AID, target, rule.
func TestDelete(t *testing.T) {
	req.Covers(t, "SPEC-ARAM-070", "SPEC-ARAM-071", "SPEC-ARAM-072")
	each(t, func(b *bench) {
		const standard = "e20be104c000c100e303" + never
		const noAID = "e209e102c100e303" + always
		const nfc = "e20b" + everything + "e303d10101"
		left := []string{others, aRule(1), aRule(2), nfc, standard, noAID}
		check := func(gone ...string) {
			b.Helper()
			left = slices.DeleteFunc(left, func(r string) bool { return slices.Contains(gone, r) })
			if got := b.state().rules; got != do("ff40", left...) {
				b.Fatalf("rules %s", got)
			}
		}
		for _, r := range left {
			b.write(unhex(b, storeHex(r)))
		}
		check()
		before := b.state()
		for _, none := range []string{"4f05a000000001", "4f0ad392f000260100000002", aTarget(3), aRule(3), do("e2", everything, do("e3", always))} {
			b.wantWrite(deleteHex(none), ara.ReferenceNotFound)
		}
		b.wantWrite(deleteHex(others, nfc), iso7816.WrongData)
		b.unchanged(before)
		b.wantWrite("f200", iso7816.OK)
		if now := b.state(); now.rules != before.rules || now.tag == before.tag {
			b.Fatalf("%v", now)
		}
		b.wantWrite(deleteHex(others), iso7816.OK)
		check(others)
		b.wantWrite(deleteHex(aTarget(1)), iso7816.OK)
		check(aRule(1))
		b.wantWrite(deleteHex("c000"), iso7816.OK)
		check(standard)
		b.wantWrite(deleteHex("4f00"), iso7816.OK)
		check(nfc)
		b.wantWrite(deleteHex("e102c100"), iso7816.OK)
		check(noAID)
		b.wantWrite(deleteHex(anAID), iso7816.OK)
		check(aRule(2))
		before = b.state()
		b.wantWrite(deleteHex(), iso7816.OK)
		b.unchanged(before)
		b.wantWrite(storeHex(others), iso7816.OK)
		b.wantWrite(storeHex(aRule(7)), iso7816.OK)
		left = []string{others, aRule(7)}
		b.wantWrite(deleteHex(), iso7816.OK)
		check(left...)
	})
}

// TestBlocks: order, number, owner and size of a sequence.
func TestBlocks(t *testing.T) {
	req.Covers(t, "SPEC-ARAM-050", "SPEC-ARAM-051", "SPEC-ARAM-052")
	each(t, func(b *bench) {
		card := b.writer()
		block := func(p1, number byte, data string, want iso7816.SW) {
			b.Helper()
			raw := apduOf(p1, number, unhex(b, data))
			if sw := status(b, card, raw); sw != want {
				b.Fatalf("P1 %02x, block %d: %v, want %v", p1, number, sw, want)
			}
		}
		object := storeHex(others)
		block(0x10, 1, object, iso7816.ConditionsNotSatisfied)
		block(0x10, 0, object[:8], iso7816.OK)
		block(0x10, 2, object[8:], iso7816.ConditionsNotSatisfied)
		block(0x90, 1, object[8:], iso7816.ConditionsNotSatisfied)
		block(0x10, 0, object[:8], iso7816.OK)
		block(0x10, 0, object[:4], iso7816.OK)
		block(0x10, 1, object[4:6], iso7816.OK)
		for _, p1 := range []byte{0x80, 0x88, 0x98, 0xB0, 0xF0, 0x92, 0x94} {
			block(p1, 0, object, iso7816.IncorrectP1P2)
		}
		block(0x10, 0, object[:4], iso7816.OK)
		block(0x11, 1, object[4:6], iso7816.OK)
		block(0x91, 2, object[6:], iso7816.OK)
		if !b.at.forwarded { // the domain forwards no more
			block(0x90, 3, object, iso7816.ConditionsNotSatisfied)
			block(0x90, 2, object, iso7816.ConditionsNotSatisfied)
		}
		card = b.writer()
		block(0x91, 0, object, ara.RuleExisted)
		card = b.writer()
		long := strings.Repeat("00", 128)
		for n := range 4 {
			block(0x10, byte(n), long, iso7816.OK)
		}
		block(0x10, 4, "00", iso7816.NotEnoughMemory)
		block(0x10, 5, "00", iso7816.ConditionsNotSatisfied)
	})
}

// rawStore is STORE DATA with any P1 and P2.
type rawStore struct {
	p1, p2 byte
	data   []byte
}

func apduOf(p1, p2 byte, data []byte) gp.Command { return rawStore{p1, p2, data} }

func (r rawStore) APDU([]byte) (apdu.Command, error) {
	return apdu.Command{CLA: 0x80, INS: gp.InsStoreData, P1: r.p1, P2: r.p2, Data: r.data}, nil
}
