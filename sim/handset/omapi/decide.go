package omapi

import (
	"inkan/core/ara"
	"inkan/core/gp"
)

// Access is what a caller may do with an application of the card.
type Access struct {
	Allowed bool         // to open a channel
	Filters []ara.Filter // of commands; none: all commands
	NFC     bool         // to hear of its transactions with readers
}

// Decide is what rules let a caller do with the application of an AID; the zero AID is
// the one that is selected when none is named. The rules of the longest AID that
// the application's begins with count, and those for all others when there are none;
// among them those that name the caller, and those for everybody only when none names
// anybody. Without rules nothing is allowed.
// Spec: SPEC-HANDSET-045 to SPEC-HANDSET-049.
func Decide(rules []ara.Rule, aid gp.AID, caller *Caller) Access {
	level := 0
	var at []*ara.Rule
	for i := range rules {
		n := levelOf(&rules[i].Target, aid)
		if n == 0 || n < level {
			continue
		}
		if n > level {
			level, at = n, nil
		}
		at = append(at, &rules[i])
	}
	var named, anybody []*ara.Rule
	others := false
	for _, r := range at {
		switch mine, all := caller.concerned(&r.Target); {
		case mine:
			named = append(named, r)
		case all:
			anybody = append(anybody, r)
		default:
			others = true
		}
	}
	switch {
	case len(named) > 0:
		return combine(named)
	case others:
		return Access{}
	}
	return combine(anybody)
}

// levelOf is how closely a target means an application: 0 not at all, 1 among all
// others, above it the length of its AID and 1.
func levelOf(t *ara.Target, aid gp.AID) int {
	switch {
	case t.AIDRef == ara.OtherApplications:
		return 1
	case t.AIDRef == ara.DefaultApplication && aid.IsZero():
		return 2
	case t.AIDRef == ara.NamedApplication && !aid.IsZero() && aid.HasPrefix(t.AID.Append(nil)):
		return 1 + t.AID.Len()
	}
	return 0
}

// combine joins the rights of rules for one target: never wins over all else, always
// over filters.
func combine(rules []*ara.Rule) (a Access) {
	var apdu, nfc ara.Access
	for _, r := range rules {
		apdu = stricter(apdu, r.Rights.APDU)
		nfc = stricter(nfc, r.Rights.NFC)
		a.Filters = append(a.Filters, r.Rights.Filters...)
	}
	a.Allowed = apdu == ara.Always || apdu == ara.Unsaid && len(a.Filters) > 0
	if !a.Allowed || apdu == ara.Always {
		a.Filters = nil
	}
	a.NFC = nfc == ara.Always || nfc == ara.Unsaid && a.Allowed
	return a
}

func stricter(a, b ara.Access) ara.Access {
	switch {
	case a == ara.Never || b == ara.Never:
		return ara.Never
	case a == ara.Unsaid:
		return b
	}
	return a
}

// Permits tells whether a command may be sent: its header under a filter's mask is the
// filter's, its class that of the basic channel. Spec: SPEC-HANDSET-050.
func (a *Access) Permits(header [4]byte) bool {
	if !a.Allowed {
		return false
	}
	for _, f := range a.Filters {
		match := true
		for i, b := range header {
			match = match && b&f.Mask[i] == f.Header[i]
		}
		if match {
			return true
		}
	}
	return len(a.Filters) == 0
}
