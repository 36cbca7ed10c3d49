package idcard_test

import (
	"bytes"
	"context"
	"encoding/hex"
	"strings"
	"testing"

	"inkan/core/apdu"
	"inkan/core/atr"
	"inkan/core/cap"
	"inkan/core/gp"
	"inkan/core/jpki"
	"inkan/core/jpki/basic"
	"inkan/core/keys"
	"inkan/sim/idcard"
	"inkan/sim/profile"
	"inkan/spec/req"
)

var ctx = context.Background()

func newCard(t *testing.T, parts idcard.Parts) *idcard.Card {
	t.Helper()
	c, err := idcard.New(parts)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// want sends a command in hex and compares the status word.
func want(t *testing.T, card apdu.Card, command, status string) {
	t.Helper()
	raw, err := hex.DecodeString(command)
	if err != nil {
		t.Fatal(err)
	}
	out, err := card.Transmit(ctx, raw, nil)
	if err != nil {
		t.Fatal(err)
	}
	if got := strings.ToUpper(hex.EncodeToString(out[len(out)-2:])); got != status {
		t.Errorf("%s: %s, want %s", command, got, status)
	}
}

// The answers to reset are well-formed and real cards'; the one over contacts says
// T=1 and what the card has.
func TestATR(t *testing.T) {
	req.Covers(t, "SPEC-IDCARD-010", "SPEC-IDCARD-011")
	for _, c := range []struct {
		contactless bool
		want        string
	}{{false, "3BC5FF8131FB458073C6010000"}, {true, "3B888001000041E0B381A1003B"}} {
		card := newCard(t, idcard.Parts{Contactless: c.contactless})
		got, err := card.Reset(ctx, false)
		if err != nil || strings.ToUpper(hex.EncodeToString(got)) != c.want {
			t.Fatalf("%X, %v", got, err)
		}
		a, err := atr.Decode(got)
		if err != nil || a.Offers(0) != c.contactless || !a.Offers(1) {
			t.Errorf("%+v, %v", a, err)
		}
	}
	a, err := atr.Decode(idcard.ContactATR())
	if err != nil {
		t.Fatal(err)
	}
	p, err := a.Params()
	if err != nil || p.IFSC != 251 || len(p.Protocols) != 1 || !bytes.Equal(a.Historical, []byte{0x80, 0x73, 0xC6, 0x01, 0x00}) {
		t.Errorf("%+v, %v", p, err)
	}
}

// A card that was reset knows its issuer's domain and no file.
func TestCold(t *testing.T) {
	req.Covers(t, "SPEC-IDCARD-012")
	for _, contactless := range []bool{false, true} {
		card := newCard(t, idcard.Parts{Contactless: contactless})
		want(t, card, "80CA9F7F00", "9000") // the domain's
		want(t, card, "00A4000C023F00", "6A82")
		want(t, card, "00A40004023F00", "6A82")
		want(t, card, "00A4040C06F00102030405", "6A82")
		want(t, card, "00A4040C0AD392F000260100000001", "6A82") // nothing is loaded
		want(t, card, "00A4040008A00000015100000000", "9000")
	}
}

// A card in a slot answers as one without.
func TestLine(t *testing.T) {
	req.Covers(t, "SPEC-IDCARD-010")
	card := newCard(t, idcard.Parts{Slot: new(profile.Slot)})
	if card.Line() == nil || !strings.Contains(card.Line().String(), "T=1") {
		t.Errorf("%v", card.Line())
	}
	want(t, card, "80CA9F7F00", "9000")
	if err := card.PowerOff(); err != nil {
		t.Fatal(err)
	}
	if got, err := card.Reset(ctx, false); err != nil || !bytes.Equal(got, idcard.ContactATR()) {
		t.Errorf("%X, %v", got, err)
	}
}

// Bodies share a memory, and one from a snapshot is the same card.
func TestMemory(t *testing.T) {
	req.Covers(t, "SPEC-IDCARD-014")
	card := newCard(t, idcard.Parts{Number: 5})
	var snapshot bytes.Buffer
	if err := card.Flash.Snapshot(&snapshot); err != nil {
		t.Fatal(err)
	}
	other, err := card.Another(idcard.Parts{Number: 6})
	if err != nil {
		t.Fatal(err)
	}
	if card.Flash.Writes() != 0 && other.Flash.Writes() > card.Flash.Writes() {
		t.Errorf("the copy was written again: %d updates", other.Flash.Writes())
	}
	restored := newCard(t, idcard.Parts{Number: 5, Snapshot: snapshot.Bytes()})
	for _, c := range []*idcard.Card{other, restored} {
		want(t, c, "80CA9F7F00", "9000")
	}
	for name, parts := range map[string]idcard.Parts{
		"number": {Number: idcard.MaxNumber + 1}, "two memories": {Memory: card.Flash, Snapshot: snapshot.Bytes()},
		"line without contacts": {Contactless: true, Slot: new(profile.Slot)}, "snapshot": {Snapshot: []byte("no snapshot")},
	} {
		if _, err := idcard.New(parts); err == nil {
			t.Errorf("%s: a card", name)
		}
	}
}

// The packages are what their AIDs say, JPKI in card form with the card's policy.
func TestPackages(t *testing.T) {
	req.Covers(t, "SPEC-IDCARD-013")
	all, err := idcard.Packages()
	if err != nil || len(all) != 2 {
		t.Fatal(err)
	}
	instances := map[string]bool{}
	for _, p := range all {
		f, err := cap.Open(p.CAP)
		if err != nil || !bytes.Equal(f.Header.Package.AID, p.AID.Append(nil)) {
			t.Errorf("%v: %v", p.AID, err)
		}
		for _, i := range p.Instances {
			instances[i.AID.String()] = true
		}
	}
	for _, aid := range []gp.AID{jpki.AIDInstance, basic.AIDCommon, basic.AIDText} {
		if !instances[aid.String()] {
			t.Errorf("no instance %v", aid)
		}
	}
	p, err := jpki.DecodeInstallParameters(all[0].Instances[0].Parameters)
	if err != nil || p.Form != jpki.FormCard || p.Policy != jpki.PolicyCard {
		t.Errorf("%+v, %v", p, err)
	}
}

// Keys, diversification data and card number follow from the number, and differ.
func TestKeys(t *testing.T) {
	req.Covers(t, "SPEC-IDCARD-015")
	seen := map[string]uint32{}
	for _, n := range []uint32{0, 1, 99, 100, 12345678, idcard.MaxNumber} {
		set, err := idcard.Keys(n)
		if err != nil || set.Version != idcard.Version || len(set.Enc) != idcard.KeyBytes || bytes.Equal(set.Enc, keys.TestKey()) {
			t.Fatalf("%v, %v", set, err)
		}
		kdd := idcard.KDD(n)
		for _, b := range [][]byte{set.Enc, set.MAC, set.DEK, kdd[:], idcard.CIN(n)} {
			if other, ok := seen[string(b)]; ok {
				t.Errorf("cards %d and %d have the same %X", n, other, b)
			}
			seen[string(b)] = n
		}
	}
	if got := idcard.CIN(12345678); !bytes.Equal(got, []byte{0x39, 0x2F, 0, 0, 0x12, 0x34, 0x56, 0x78}) {
		t.Errorf("card number %X", got)
	}
}
