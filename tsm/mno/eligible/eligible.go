package eligible

import (
	"slices"

	"inkan/core/tsmp"
)

// SIM is what is known of a SIM.
type SIM struct {
	Supported bool // a service can be put on its kind of card
	Blocked   bool // blocked, in stock or retired
	// NonVolatile and Volatile are the bytes that are free for this service: what the
	// card said, less what is kept for others.
	NonVolatile, Volatile uint64
	Slot                  int // of the device, from 1; 0: not known
	Bearers               []tsmp.Bearer
}

// Contract is what is known of a subscription.
type Contract struct {
	Status    tsmp.SubscriptionStatus
	Corporate bool // the holder is no natural person
	Users     bool // permitted users are registered
}

// Question is what is asked, with what is known.
type Question struct {
	Device   *Device   // nil: the carrier does not know it
	SIM      *SIM      // nil: no such SIM
	Contract *Contract // nil: no subscription is known
	Usage    tsmp.Usage
	Usages   []tsmp.Usage // that the service permits
	Touch    bool
	// NonVolatile and Volatile are the bytes that are needed.
	NonVolatile, Volatile uint64
	System                int
	Offered               bool // the service is agreed on, in some model of the card
	Present               bool // the SIM has another instance of the service
}

// Answer is the verdict.
type Answer struct {
	Reasons []tsmp.NonEligibilityReason // none: eligible
	Bearers []tsmp.Bearer               // that reach the SIM now
}

// Decide collects all reasons against. Spec: SPEC-MNO-TSM-020 to SPEC-MNO-TSM-025.
func Decide(q *Question) (a Answer) {
	if q.SIM == nil {
		return Answer{Reasons: []tsmp.NonEligibilityReason{tsmp.UnknownSIM}}
	}
	if q.Device == nil {
		a.Reasons = append(a.Reasons, tsmp.NoDevice)
	} else {
		a.Reasons = q.Device.Against(Need{Version: q.System, Touch: q.Touch, Slot: q.SIM.Slot})
	}
	a.Bearers = Bearers(q.Device, q.SIM, q.Contract)
	add := func(bad bool, r tsmp.NonEligibilityReason) {
		if bad && !slices.Contains(a.Reasons, r) {
			a.Reasons = append(a.Reasons, r)
		}
	}
	add(len(a.Bearers) == 0, tsmp.NoBearer)
	add(!q.SIM.Supported, tsmp.UnsupportedSIM)
	add(q.SIM.Blocked, tsmp.BlockedSIM)
	add(q.NonVolatile > q.SIM.NonVolatile || q.Volatile > q.SIM.Volatile, tsmp.FullSIM)
	a.Reasons = append(a.Reasons, q.Contract.Against(q.Usage, q.Usages)...)
	add(!q.Offered, tsmp.ServiceNotOffered)
	add(q.Present, tsmp.ServicePresent)
	return a
}

// Bearers are those that reach a SIM now: what its card, its device and its
// subscription all allow. A device that the carrier does not know is taken to get
// short messages. Spec: SPEC-MNO-TSM-026.
func Bearers(d *Device, s *SIM, c *Contract) (list []tsmp.Bearer) {
	for _, b := range s.Bearers {
		switch {
		case s.Blocked:
		case b == tsmp.BearerSMS && (c == nil || c.Status != tsmp.SubscriptionActive):
		case d == nil && b != tsmp.BearerSMS:
		case d != nil && !slices.Contains(d.Bearers(), b):
		default:
			list = append(list, b)
		}
	}
	return list
}

// Against are the reasons against a subscription and its user. The carrier knows
// its contract's holder and whether others may use it, not who applies: the
// SP-TSM compares names by its own means. Spec: SPEC-MNO-TSM-024.
func (c *Contract) Against(usage tsmp.Usage, permitted []tsmp.Usage) (list []tsmp.NonEligibilityReason) {
	switch {
	case c == nil:
		return []tsmp.NonEligibilityReason{tsmp.UnknownSubscription}
	case c.Status == tsmp.SubscriptionSuspended:
		list = append(list, tsmp.SuspendedSubscription)
	case c.Status == tsmp.SubscriptionEnded:
		list = append(list, tsmp.EndedSubscription)
	}
	if !slices.Contains(permitted, usage) || usage == tsmp.UsageHolder && c.Corporate || usage == tsmp.UsagePermittedUser && !c.Users {
		list = append(list, tsmp.UserNotPermitted)
	}
	return list
}
