package uiapp

import (
	"errors"
	"fmt"

	"inkan/core/iso7816"
	"inkan/core/jpki/application"
	"inkan/core/tsmp"
	"inkan/sim/handset/device"
	"inkan/sim/handset/fault"
)

// Desk is whom the holder calls.
type Desk byte

// Desks.
const (
	Nobody       Desk = iota // the holder can do it
	Service                  // コールセンター of the service
	Carrier                  // 携帯電話会社
	Municipality             // 市区町村の窓口
	Provider                 // the bank or other party where the holder logs in
)

var desks = [...]pair{
	{"", ""},
	{"公的個人認証サービス コールセンター", "the help desk of the JPKI service"},
	{"契約している携帯電話会社", "your mobile carrier"},
	{"住民票のある市区町村の窓口", "the office of your municipality"},
	{"ログイン先のサービス提供者", "the service that you log in to"},
}

// Name is what the holder calls it, in a language; empty: nobody.
func (d Desk) Name(l application.Language) string { return desks[min(int(d), len(desks)-1)].in(l) }

// Entry is what the catalogue says about an error.
type Entry struct {
	ID   string // that the help desk asks for: HS-302, TSM-sim-mismatch, SW-6A84, DEV-no-omapi
	Desk Desk
	what pair
	do   pair
}

// What is what happened, Do what the holder can do.
func (e *Entry) What(l application.Language) string { return e.what.in(l) }

// Do is explained at What.
func (e *Entry) Do(l application.Language) string { return e.do.in(l) }

// Text is all of it for the screen.
func (e *Entry) Text(l application.Language) string {
	s := e.What(l) + "\n" + e.Do(l)
	if name := e.Desk.Name(l); name != "" {
		call := pair{"お問い合わせ先: ", "Call: "}
		s += "\n" + call.in(l) + name
	}
	return s + fmt.Sprintf("\n[%s]", e.ID)
}

// Explain finds the entry for an error: the first reason of NotEligible, a fault of the
// handset, a code of the protocol or a card's status word, in this order. There is always one.
// Spec: SPEC-HANDSET-122, SPEC-HANDSET-123.
func Explain(err error) Entry {
	var n *NotEligible
	var f *fault.Error
	var t *tsmp.Error
	var sw iso7816.SW
	switch {
	case errors.As(err, &n) && len(n.Reasons) > 0:
		return ExplainDevice(device.Reason(n.Reasons[0]))
	case errors.As(err, &f):
		return ExplainFault(f.Code)
	case errors.As(err, &t):
		return ExplainCode(t.Code)
	case errors.As(err, &sw):
		return ExplainStatus(sw)
	}
	return entry("UI-000", "unknown")
}

func entry(id string, about reason) Entry {
	x, ok := explanations[about]
	if !ok {
		x = explanations["unknown"]
	}
	return Entry{ID: id, Desk: x.desk, what: pair{x.whatJa, x.whatEn}, do: pair{x.doJa, x.doEn}}
}

// ExplainFault is the entry of a fault.
func ExplainFault(c fault.Code) Entry { return entry(string(c), faultReasons[c]) }

// ExplainCode is the entry of a code of the protocol between managers and authority.
func ExplainCode(c tsmp.Code) Entry { return entry("TSM-"+string(c), codeReasons[string(c)]) }

// ExplainStatus is the entry of a card's status word.
func ExplainStatus(sw iso7816.SW) Entry {
	id := fmt.Sprintf("SW-%04X", uint16(sw))
	if r, ok := statusReasons[sw]; ok {
		return entry(id, r)
	}
	for _, p := range statusPatterns {
		if p.pattern.Matches(sw) {
			return entry(id, p.reason)
		}
	}
	return entry(id, "card-failed")
}

// ExplainDevice is the entry of a reason why a device, SIM or contract is not
// eligible: one of device.Reason, or a NonEligibilityReason of the protocol.
func ExplainDevice(r device.Reason) Entry { return entry("DEV-"+string(r), deviceReasons[string(r)]) }
