package eligible_test

import (
	"slices"
	"testing"

	"pgregory.net/rapid"

	"inkan/core/tsmp"
	"inkan/spec/req"
	"inkan/tsm/mno/eligible"
)

// fine is a question with the answer yes.
func fine() *eligible.Question {
	both := []tsmp.Bearer{tsmp.BearerSMS, tsmp.BearerRelay}
	return &eligible.Question{
		Device:   &eligible.Device{Open: true, Version: 14, OMAPI: true, Relay: true, CardNFC: true, ReadNFC: true, SIMSlot: 1, SMSPP: true, UIApp: true},
		SIM:      &eligible.SIM{Supported: true, NonVolatile: 100, Volatile: 10, Slot: 1, Bearers: both},
		Contract: &eligible.Contract{Status: tsmp.SubscriptionActive, Users: true}, Usage: tsmp.UsageHolder,
		Usages: []tsmp.Usage{tsmp.UsageHolder, tsmp.UsagePermittedUser}, Touch: true, NonVolatile: 100, Volatile: 10, System: 10, Offered: true}
}

// faults are each one thing that is wrong, and the reasons that say so.
var faults = []struct {
	name    string
	spoil   func(q *eligible.Question)
	reasons []tsmp.NonEligibilityReason
}{
	{"no UI app", func(q *eligible.Question) { q.Device.UIApp = false }, []tsmp.NonEligibilityReason{tsmp.NoUIApp}},
	{"no OMAPI", func(q *eligible.Question) { q.Device.OMAPI = false }, []tsmp.NonEligibilityReason{tsmp.NoOMAPI}},
	{"no NFC", func(q *eligible.Question) { q.Device.CardNFC = false }, []tsmp.NonEligibilityReason{tsmp.NoCardNFC}},
	{"no reader", func(q *eligible.Question) { q.Device.ReadNFC = false }, []tsmp.NonEligibilityReason{tsmp.NoReaderNFC}},
	{"old", func(q *eligible.Question) { q.Device.Version = 9 }, []tsmp.NonEligibilityReason{tsmp.OldSystem}},
	{"withdrawn", func(q *eligible.Question) { q.Device.Withdrawn = true }, []tsmp.NonEligibilityReason{tsmp.DeviceWithdrawn}},
	{"slot", func(q *eligible.Question) { q.SIM.Slot = 2 }, []tsmp.NonEligibilityReason{tsmp.OtherSIMSlot}},
	{"kind of card", func(q *eligible.Question) { q.SIM.Supported = false }, []tsmp.NonEligibilityReason{tsmp.UnsupportedSIM}},
	{"memory", func(q *eligible.Question) { q.NonVolatile = 101 }, []tsmp.NonEligibilityReason{tsmp.FullSIM}},
	{"volatile memory", func(q *eligible.Question) { q.Volatile = 11 }, []tsmp.NonEligibilityReason{tsmp.FullSIM}},
	{"company", func(q *eligible.Question) { q.Contract.Corporate = true }, []tsmp.NonEligibilityReason{tsmp.UserNotPermitted}},
	{"usage", func(q *eligible.Question) { q.Usages = nil }, []tsmp.NonEligibilityReason{tsmp.UserNotPermitted}},
	{"not offered", func(q *eligible.Question) { q.Offered = false }, []tsmp.NonEligibilityReason{tsmp.ServiceNotOffered}},
	{"present", func(q *eligible.Question) { q.Present = true }, []tsmp.NonEligibilityReason{tsmp.ServicePresent}},
	{"bearers", func(q *eligible.Question) { q.SIM.Bearers = nil }, []tsmp.NonEligibilityReason{tsmp.NoBearer}},
	{"blocked", func(q *eligible.Question) { q.SIM.Blocked = true }, []tsmp.NonEligibilityReason{tsmp.NoBearer, tsmp.BlockedSIM}},
	{"suspended", func(q *eligible.Question) { q.Contract.Status = tsmp.SubscriptionSuspended }, []tsmp.NonEligibilityReason{tsmp.SuspendedSubscription}},
	{"ended", func(q *eligible.Question) { q.Contract.Status = tsmp.SubscriptionEnded }, []tsmp.NonEligibilityReason{tsmp.EndedSubscription}},
}

func TestReasons(t *testing.T) {
	req.Covers(t, "SPEC-MNO-TSM-020", "SPEC-MNO-TSM-021", "SPEC-MNO-TSM-024", "SPEC-MNO-TSM-025", "SPEC-MNO-TSM-026")
	a := eligible.Decide(fine())
	if len(a.Reasons) != 0 || !slices.Equal(a.Bearers, []tsmp.Bearer{tsmp.BearerSMS, tsmp.BearerRelay}) {
		t.Fatalf("%+v", a)
	}
	for _, f := range faults {
		q := fine()
		f.spoil(q)
		if a := eligible.Decide(q); !slices.Equal(a.Reasons, f.reasons) {
			t.Errorf("%s: %v, want %v", f.name, a.Reasons, f.reasons)
		}
	}
	for name, x := range map[string]struct {
		spoil   func(q *eligible.Question)
		reasons []tsmp.NonEligibilityReason
		bearers []tsmp.Bearer
	}{
		"unknown SIM":      {func(q *eligible.Question) { q.SIM = nil }, []tsmp.NonEligibilityReason{tsmp.UnknownSIM}, nil},
		"unknown device":   {func(q *eligible.Question) { q.Device = nil }, []tsmp.NonEligibilityReason{tsmp.NoDevice}, []tsmp.Bearer{tsmp.BearerSMS}},
		"unknown contract": {func(q *eligible.Question) { q.Contract = nil }, []tsmp.NonEligibilityReason{tsmp.UnknownSubscription}, []tsmp.Bearer{tsmp.BearerRelay}},
		"no touch":         {func(q *eligible.Question) { q.Touch, q.Device.CardNFC, q.SIM.Slot = false, false, 2 }, nil, []tsmp.Bearer{tsmp.BearerSMS, tsmp.BearerRelay}},
		"closed system":    {func(q *eligible.Question) { q.Device.Open, q.Device.Version = false, 1 }, nil, []tsmp.Bearer{tsmp.BearerSMS, tsmp.BearerRelay}},
		"SMS alone":        {func(q *eligible.Question) { q.Device.Relay = false }, nil, []tsmp.Bearer{tsmp.BearerSMS}},
		"relay alone":      {func(q *eligible.Question) { q.Device.SMSPP = false }, nil, []tsmp.Bearer{tsmp.BearerRelay}},
		"no users":         {func(q *eligible.Question) { q.Usage, q.Contract.Users = tsmp.UsagePermittedUser, false }, []tsmp.NonEligibilityReason{tsmp.UserNotPermitted}, []tsmp.Bearer{tsmp.BearerSMS, tsmp.BearerRelay}},
		"users": {func(q *eligible.Question) { q.Usage, q.Contract.Corporate = tsmp.UsagePermittedUser, true }, nil,
			[]tsmp.Bearer{tsmp.BearerSMS, tsmp.BearerRelay}},
	} {
		q := fine()
		x.spoil(q)
		if a := eligible.Decide(q); !slices.Equal(a.Reasons, x.reasons) || !slices.Equal(a.Bearers, x.bearers) {
			t.Errorf("%s: %+v", name, a)
		}
	}
}

// Whatever else is wrong, each fault is among the reasons, and no reason comes twice.
func TestAllReasons(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		q := fine()
		var want []tsmp.NonEligibilityReason
		for _, f := range faults {
			if rapid.Bool().Draw(t, f.name) {
				f.spoil(q)
				want = append(want, f.reasons...)
			}
		}
		a := eligible.Decide(q)
		for _, r := range want {
			superseded := r == tsmp.SuspendedSubscription && q.Contract.Status == tsmp.SubscriptionEnded
			if !superseded && !slices.Contains(a.Reasons, r) {
				t.Errorf("%v is not among %v", r, a.Reasons)
			}
		}
		slices.Sort(a.Reasons)
		if len(slices.Compact(slices.Clone(a.Reasons))) != len(a.Reasons) || len(a.Reasons) > tsmp.MaxReasons {
			t.Errorf("%v", a.Reasons)
		}
		if (len(want) == 0) != (len(a.Reasons) == 0) {
			t.Errorf("%v, want %v", a.Reasons, want)
		}
	})
}
