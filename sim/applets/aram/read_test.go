package aram_test

import (
	"encoding/hex"
	"fmt"
	"strings"
	"testing"

	"inkan/core/ara"
	"inkan/core/iso7816"
	"inkan/spec/req"
)

// In hex: what a rule may be for, and rules.
const (
	everything = "e1044f00c100" // the target of no AID and no application of the phone
	never      = "d00100"
	always     = "d00101"
	anAID      = "4f0ad392f000260100000001"
	others     = "e20b" + everything + "e303" + never
)

// aTarget is an application of the phone by a number, with anAID.
func aTarget(n int) string { return do("e1", anAID, fmt.Sprintf("c114%040x", n)) }

// aRule allows it everything: 43 bytes.
func aRule(n int) string { return do("e2", aTarget(n), do("e3", always)) }

// storeHex stores a rule, deleteHex deletes what it is given.
func storeHex(rule string) string     { return do("f0", rule) }
func deleteHex(what ...string) string { return do("f1", what...) }

// TestDispatch: classes, instructions, P1-P2, selection.
func TestDispatch(t *testing.T) {
	req.Covers(t, "SPEC-ARAM-010", "SPEC-ARAM-011")
	b := newBench(t)
	b.want("00a4040007a000000151414300", "9000") // by the beginning of its AID
	for command, answer := range map[string]string{
		"00a4040009d392f00026010000ff00": "6a82",
		"00caff4000":                     "6e00",
		"90caff4000":                     "6e00",
		"a0caff4000":                     "6e00",
		"80f0000000":                     "6d00",
		"80b0000000":                     "6d00",
		"80caff4100":                     "6a86",
		"80ca000000":                     "6a86",
		"80caff7000":                     "6a86",
		"84caff4000":                     "6882",
		"80caff4000":                     "ff40009000",
	} {
		b.want(command, answer)
	}
	for channel := 1; channel <= 3; channel++ {
		if data, sw := b.send("0070000001"); sw != iso7816.OK || data[0] != byte(channel) {
			t.Fatalf("MANAGE CHANNEL: %X %v", data, sw)
		}
		b.want(fmt.Sprintf("0%d%s", channel, selectMaster[2:]), "9000")
		b.want(fmt.Sprintf("8%dcaff4000", channel), "ff40009000")
	}
	b.want("80caff4000", "ff40009000")
}

// TestReadPieces reads more than one response holds, by all kinds of Ne.
func TestReadPieces(t *testing.T) {
	req.Covers(t, "SPEC-ARAM-020", "SPEC-ARAM-021", "SPEC-ARAM-022", "SPEC-ARAM-023")
	for _, protocol := range []byte{0, 1} {
		cfg := config()
		cfg.Protocol = protocol
		readPieces(benchOf(t, cfg))
	}
}

func readPieces(b *bench) {
	b.want(selectMaster, "9000")
	b.want("80caff6000", "6985")
	b.want("80caff4000", "ff40009000")
	b.want("80caff6000", "6985")
	var all string
	for n := range 20 {
		b.wantWrite(storeHex(aRule(n)), iso7816.OK)
		all += aRule(n)
		whole := do("ff40", all)
		b.want(selectMaster, "9000")
		b.want("80caff6000", "6985")
		for _, ne := range []int{0, 1, 3, 5, 6, 100, 254, 255} {
			size := ne
			if ne == 0 {
				size = 255
			}
			p2 := "40"
			for rest := whole; rest != ""; rest = rest[min(2*size, len(rest)):] {
				b.want(fmt.Sprintf("80caff%s%02x", p2, ne), rest[:min(2*size, len(rest))]+"9000")
				p2 = "60"
			}
			b.want("80caff6000", "6985")
		}
	}
}

// TestReadChanged: a change of the rules outdates what was read on every
// channel; one of the refresh tag alone does not.
func TestReadChanged(t *testing.T) {
	req.Covers(t, "SPEC-ARAM-022", "SPEC-ARAM-023", "SPEC-ARAM-024")
	b := newBench(t)
	b.at = routes["domain"]
	for n := range 8 {
		b.wantWrite(storeHex(aRule(n)), iso7816.OK)
	}
	for _, channel := range []string{"1", "2"} {
		b.send("0070000001")
		b.want("0"+channel+selectMaster[2:], "9000")
		if data, _ := b.send("8" + channel + "caff4000"); len(data) != 255 {
			t.Fatal(len(data))
		}
	}
	b.wantWrite("f200", iso7816.OK)
	b.wantWrite(storeHex(aRule(0)), ara.RuleExisted) // nothing changes
	if data, _ := b.send("81caff6010"); len(data) != 16 {
		t.Fatal("the refresh tag alone")
	}
	b.wantWrite(storeHex(others), iso7816.OK)
	b.want("81caff6000", "6984")
	b.want("81caff6000", "6984")
	b.want("82caff6000", "6984")
	if data, sw := b.send("81caff4000"); sw != iso7816.OK || len(data) != 255 {
		t.Fatal("again")
	}
	if data, sw := b.send("81caff6000"); sw != iso7816.OK || len(data) != 5+8*43+13-255 {
		t.Fatal("again, next", len(data))
	}
	b.want("81caff6000", "6985")
	b.wantWrite("f100", iso7816.OK)
	b.want("81caff6000", "6985")
	b.want("82caff6000", "6984")
	b.want("02"+selectMaster[2:], "9000")
	b.want("82caff6000", "6985")
	b.want("82caff4000", "ff40009000")
}

// TestSpecific joins the rights of all rules of a target.
func TestSpecific(t *testing.T) {
	req.Covers(t, "SPEC-ARAM-025", "SPEC-ARAM-026", "SPEC-ARAM-029")
	b := newBench(t)
	const f1, f2, f3 = "00a40400ffffff00", "80ca0000ffff0000", "00b00000ffff0000"
	const permissions = "db080000000000000001"
	get := "80caff5006" + everything
	b.want(selectMaster, "9000")
	b.want(get+"00", "6a88")
	rule := func(rights ...string) string { return storeHex(do("e2", everything, do("e3", rights...))) }
	b.wantWrite(rule(do("d0", f1)), iso7816.OK)
	b.wantWrite(rule("d10101"), ara.RuleExisted)
	b.wantWrite(storeHex(aRule(1)), iso7816.OK)
	b.wantWrite(rule(do("d0", f2, f3), permissions), ara.RuleExisted)
	b.want(selectMaster, "9000")
	want := do("ff50", do("e3", do("d0", f1, f2, f3), "d10101", permissions)) + "9000"
	b.want(get+"00", want)
	b.want("80caff500ae181074f8100c182000000", want) // other lengths
	b.want(get+"2b", "6c2c")
	b.want(get+"2c", want)
	for _, malformed := range []string{"0a00004f00c100000000", "06e1044f00c101", "04e1024f00", "08e1064f00c100c000", "08e1044f00c1000000"} {
		b.want("80caff50"+malformed+"00", "6a80")
	}
	b.want("80caff5000", "6a80")
	b.want("80caff5004e102c10000", "6a88")
	b.want("80caff5006e104c000c10000", "6a88")
	b.want("80caff5024"+aTarget(1)+"00", "ff5005e303"+always+"9000")
}

// TestRefreshTag: fixed responses, and their Le.
func TestRefreshTag(t *testing.T) {
	req.Covers(t, "SPEC-ARAM-027", "SPEC-ARAM-028", "SPEC-ARAM-029")
	b := newBench(t)
	b.want(selectMaster, "9000")
	b.want("80cadf200a", "6c0b")
	if data, sw := b.send("80cadf200b"); sw != iso7816.OK || len(data) != 11 || !strings.HasPrefix(hex.EncodeToString(data), "df2008") {
		t.Fatalf("%X %v", data, sw)
	}
	b.want("80cadf2107e405e60300000100", "df2107e505e6030101009000")
	b.want("80cadf2107e405e60300000109", "6c0a")
	for _, bad := range []string{"00", "02e40000", "06e404e602000000", "07e505e60300000100", "07e405e50300000100", "08e405e6030000010000", "0ae408e603000001e6010000"} {
		b.want("80cadf21"+bad, "6a80")
	}
	seen := map[ara.RefreshTag]bool{}
	for n := range 6 {
		seen[b.state().tag] = true
		b.wantWrite(storeHex(aRule(n)), iso7816.OK)
		seen[b.state().tag] = true
		b.wantWrite("f200", iso7816.OK)
		seen[b.state().tag] = true
		b.wantWrite(deleteHex("4f00"), ara.ReferenceNotFound)
	}
	b.wantWrite("f100", iso7816.OK)
	seen[b.state().tag] = true
	if len(seen) != 1+2*6+1 {
		t.Errorf("%d refresh tags", len(seen))
	}
	// None comes again soon.
	card := b.writer()
	for range 300 {
		if sw := b.blocks(card, ara.UpdateRefreshTag()); sw != iso7816.OK {
			t.Fatal(sw)
		}
		data, _ := b.send("80cadf2000")
		tag, err := ara.DecodeRefreshTag(data)
		if err != nil || seen[tag] {
			t.Fatalf("%X again, %v", tag, err)
		}
		seen[tag] = true
	}
}
