package gp

import (
	"slices"
	"testing"

	"inkan/spec/req"
)

func TestValidStates(t *testing.T) {
	req.Covers(t, "SPEC-GP-030")
	count := map[Kind]int{}
	for s := range 256 {
		for k := KindIssuerSecurityDomain; k <= KindLoadFile; k++ {
			if k.Valid(LifeCycle(s)) {
				count[k]++
			}
		}
	}
	// Applications: 03, sixteen of the form 0xxxx111, and all of them locked.
	want := map[Kind]int{KindIssuerSecurityDomain: 5, KindSecurityDomain: 6, KindApplication: 34, KindLoadFile: 1}
	for k, n := range want {
		if count[k] != n {
			t.Errorf("%v: %d states, want %d", k, count[k], n)
		}
	}
	for _, s := range []LifeCycle{0x00, 0x01, 0x05, 0x0B, 0x80, 0x81} {
		if KindApplication.Valid(s) {
			t.Errorf("application in state %02X", byte(s))
		}
	}
}

// TestCardSteps has the whole table of the card's life cycle.
func TestCardSteps(t *testing.T) {
	req.Covers(t, "SPEC-GP-031", "SPEC-GP-032")
	steps := map[LifeCycle][]LifeCycle{
		CardOpReady:     {CardInitialized, CardTerminated},
		CardInitialized: {CardSecured, CardTerminated},
		CardSecured:     {CardLocked, CardTerminated},
		CardLocked:      {CardSecured, CardTerminated},
		CardTerminated:  nil,
	}
	checkSteps(t, KindIssuerSecurityDomain, steps)
}

func TestSecurityDomainSteps(t *testing.T) {
	req.Covers(t, "SPEC-GP-033", "SPEC-GP-034")
	checkSteps(t, KindSecurityDomain, map[LifeCycle][]LifeCycle{
		Installed:    {Selectable, 0x83},
		Selectable:   {Personalized, 0x87},
		Personalized: {0x8F},
		0x83:         {Installed},
		0x87:         {Selectable},
		0x8F:         {Personalized},
	})
}

func checkSteps(t *testing.T, k Kind, steps map[LifeCycle][]LifeCycle) {
	t.Helper()
	for from := range 256 {
		for to := range 256 {
			want := slices.Contains(steps[LifeCycle(from)], LifeCycle(to))
			if got := k.CanBecome(LifeCycle(from), LifeCycle(to)); got != want {
				t.Errorf("%v: %02X to %02X: %v", k, from, to, got)
			}
		}
	}
}

func TestApplicationSteps(t *testing.T) {
	req.Covers(t, "SPEC-GP-034", "SPEC-GP-035")
	for _, step := range []struct {
		from, to LifeCycle
		want     bool
	}{
		{Installed, Selectable, true}, {Installed, 0x0F, false}, {Installed, 0x83, true},
		{Selectable, Installed, false}, {Selectable, 0x0F, true}, {Selectable, 0x7F, true},
		{0x0F, 0x1F, true}, {0x1F, 0x0F, true}, {0x0F, Selectable, true}, {0x0F, Installed, false},
		{0x0F, 0x8F, true}, {0x8F, 0x0F, true}, {0x8F, 0x1F, false}, {0x0F, 0x83, false},
		{0x8F, 0x87, false}, {Selectable, Selectable, false}, {Selectable, 0x0B, false},
	} {
		if got := KindApplication.CanBecome(step.from, step.to); got != step.want {
			t.Errorf("%02X to %02X: %v", byte(step.from), byte(step.to), got)
		}
	}
	if KindLoadFile.CanBecome(Loaded, Selectable) {
		t.Error("a load file has no steps")
	}
}

func TestLifeCycleNames(t *testing.T) {
	for _, c := range []struct {
		k    Kind
		s    LifeCycle
		want string
	}{
		{KindIssuerSecurityDomain, 0x0F, "SECURED"}, {KindIssuerSecurityDomain, 0x03, "03"},
		{KindSecurityDomain, 0x0F, "PERSONALIZED"}, {KindSecurityDomain, 0x8F, "LOCKED"},
		{KindApplication, 0x03, "INSTALLED"}, {KindApplication, 0x07, "SELECTABLE"},
		{KindApplication, 0x0F, "application-specific 0F"}, {KindLoadFile, 0x01, "LOADED"}, {KindLoadFile, 0x02, "02"},
	} {
		if got := c.k.LifeCycleName(c.s); got != c.want {
			t.Errorf("%v %02X: %q, want %q", c.k, byte(c.s), got, c.want)
		}
	}
}
