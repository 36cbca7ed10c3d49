package device

import (
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"inkan/spec/req"
)

func yes(b bool) string {
	if b {
		return "yes"
	}
	return "no"
}

func TestModelsOfTheSpecification(t *testing.T) {
	req.Covers(t, "SPEC-HANDSET-060")
	text, err := os.ReadFile("../../../spec/HANDSET.md")
	if err != nil {
		t.Fatal(err)
	}
	_, table, _ := strings.Cut(string(text), "<!-- table: devices -->\n\n")
	table, _, _ = strings.Cut(table, "\n<!-- end")
	lines := strings.Split(strings.TrimSpace(table), "\n")
	if len(lines) != len(Models())+2 {
		t.Fatalf("%d lines, %d models", len(lines), len(Models()))
	}
	for i, m := range Models() {
		networks := strings.Join(m.Networks, " ")
		if networks != "" {
			networks += " "
		}
		row := fmt.Sprintf("| %s | %s | %s %d | %v | %s| %s | %s | %v | %v | %d | %d | %s | %s | %s |", m.Name, m.TAC, m.OS, m.Version, m.Sale, networks,
			yes(m.OMAPI), yes(m.Relay), m.CardNFC, m.ReadNFC, m.Slots, m.SIMSlot, yes(m.SMSPP), yes(m.UIApp), yes(!m.Withdrawn))
		if row != lines[i+2] {
			t.Errorf("the specification has\n%s, the code\n%s", lines[i+2], row)
		}
		if err := m.Check(); err != nil {
			t.Error(err)
		}
	}
}

func TestProfileID(t *testing.T) {
	req.Covers(t, "SPEC-HANDSET-061", "SPEC-HANDSET-062")
	base, ok := Named("Sakura S1 Free")
	if !ok {
		t.Fatal("no such model")
	}
	id := base.ProfileID()
	if len(id) != 16 || !strings.HasPrefix(id, "DCP-") {
		t.Errorf("identifier %q", id)
	}
	for i, change := range []func(*Model){
		func(m *Model) { m.OMAPI = false }, func(m *Model) { m.Relay = false }, func(m *Model) { m.CardNFC = NFCB }, func(m *Model) { m.ReadNFC = 0 },
		func(m *Model) { m.Version++ }, func(m *Model) { m.OS = ClosedOS }, func(m *Model) { m.Slots = 1 }, func(m *Model) { m.SIMSlot = 2 },
		func(m *Model) { m.Extended = false }, func(m *Model) { m.SMSPP = false }, func(m *Model) { m.UIApp = false }, func(m *Model) { m.Withdrawn = true },
	} {
		m := base
		change(&m)
		if m.ProfileID() == id {
			t.Errorf("change %d makes no difference", i)
		}
	}
	same := base
	same.Name, same.Maker, same.TAC, same.Sale, same.Networks = "X", "Y", "00000000", SIMLocked, []string{"00111"}
	if same.ProfileID() != id {
		t.Error("name or sale make a difference")
	}
	got, ok := CapabilityProfile(NewIMEI(base.TAC, 77))
	if !ok || got != id {
		t.Errorf("by IMEI: %s, %v", got, ok)
	}
	if _, ok := CapabilityProfile(NewIMEI("99999999", 1)); ok {
		t.Error("a model that nobody knows has a profile")
	}
}

func TestSIMLock(t *testing.T) {
	req.Covers(t, "SPEC-HANDSET-003", "SPEC-HANDSET-004")
	for _, m := range Models() {
		for _, network := range []string{"00111", "00112", "00113"} {
			if want := m.Sale != SIMLocked || slices.Contains(m.Networks, network); m.Takes(network) != want {
				t.Errorf("%s takes %s: %v", m.Name, network, !want)
			}
			if free := m.Free(); !free.Takes(network) || free.Check() != nil || free.Sale == SIMLocked {
				t.Errorf("%s, free: %v", m.Name, free.Check())
			}
		}
	}
}

func TestEligible(t *testing.T) {
	req.Covers(t, "SPEC-HANDSET-063", "SPEC-HANDSET-064")
	good, _ := Named("Sakura S1 Free")
	need := DefaultNeed()
	for reason, change := range map[Reason]func(*Model, *Need){
		LacksUIApp: func(m *Model, _ *Need) { m.UIApp = false }, LacksOMAPI: func(m *Model, _ *Need) { m.OMAPI = false },
		LacksBearer:  func(m *Model, _ *Need) { m.SMSPP, m.Relay = false, false },
		LacksContact: func(m *Model, _ *Need) { m.CardNFC = NFCF }, LacksReader: func(m *Model, _ *Need) { m.ReadNFC = NFCA },
		OldSystem: func(m *Model, _ *Need) { m.Version = 9 }, NoLongerUpdated: func(m *Model, _ *Need) { m.Withdrawn = true },
		WrongSlot: func(_ *Model, n *Need) { n.Slot = 2 },
	} {
		m, n := good, need
		if against := m.Eligible(n); len(against) != 0 {
			t.Fatal(against)
		}
		change(&m, &n)
		if against := m.Eligible(n); !slices.Equal(against, []Reason{reason}) {
			t.Errorf("%v, want %s", against, reason)
		}
	}
	lite, _ := Named("Momiji Lite")
	if lite.Eligible(need) == nil || lite.Eligible(Need{Version: 10, Apply: true}) != nil {
		t.Error("a device without contactless")
	}
	lite.ReadNFC = 0
	if lite.Eligible(Need{Version: 10}) != nil {
		t.Error("a device that reads no card")
	}
	eligible := []string{}
	for _, m := range Models() {
		if m.Eligible(need) == nil {
			eligible = append(eligible, m.Name)
		}
	}
	if !slices.Equal(eligible, []string{"Sakura S1", "Sakura S1 Free", "Momiji M", "Tsubaki T"}) {
		t.Errorf("eligible are %v", eligible)
	}
}

func TestIMEI(t *testing.T) {
	req.Covers(t, "SPEC-HANDSET-062")
	if _, err := ParseIMEI("490154203237518"); err != nil {
		t.Error(err) // the example of 3GPP TS 23.003 annex B
	}
	rapid.Check(t, func(t *rapid.T) {
		i := NewIMEI("35900101", rapid.Uint32().Draw(t, "serial"))
		if got, err := ParseIMEI(string(i)); err != nil || got != i || got.TAC() != "35900101" {
			t.Fatalf("%s: %v", i, err)
		}
		at := rapid.IntRange(0, 14).Draw(t, "at")
		bad := []byte(i)
		bad[at] = '0' + (bad[at]-'0'+byte(rapid.IntRange(1, 9).Draw(t, "by")))%10
		if _, err := ParseIMEI(string(bad)); err == nil {
			t.Fatalf("%s was taken", bad)
		}
	})
}

func FuzzIMEI(f *testing.F) {
	f.Add("490154203237518")
	f.Add("49015420323751")
	f.Fuzz(func(t *testing.T, s string) {
		if i, err := ParseIMEI(s); err == nil && string(i) != s {
			t.Errorf("%q became %q", s, i)
		}
	})
}

func TestCheck(t *testing.T) {
	for i, change := range []func(*Model){
		func(m *Model) { m.Name = "" }, func(m *Model) { m.TAC = "1234567x" }, func(m *Model) { m.Sale = 0 }, func(m *Model) { m.Networks = []string{"00111"} },
		func(m *Model) { m.Slots = 0 }, func(m *Model) { m.SIMSlot = 3 }, func(m *Model) { m.SIMSlot = 0 }, func(m *Model) { m.OMAPI = false },
	} {
		m, _ := Named("Sakura S1 Free")
		change(&m)
		if m.Check() == nil {
			t.Errorf("change %d was taken", i)
		}
	}
}
