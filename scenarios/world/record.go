package world

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"inkan/core/observe"
	"inkan/core/tsmp"
	"inkan/scenarios/laboratory"
	"inkan/scenarios/report"
	"inkan/sim/clock"
)

// lanes of the parties that have one name.
var lanes = map[tsmp.PartyID]report.Party{
	CA:       {ID: "ca", Kind: report.Authority, Name: report.Text{Japanese: "認証局", English: "authority"}},
	SPTSM:    {ID: "sp-tsm", Kind: report.SPTSM, Name: report.Text{Japanese: "SP-TSM", English: "SP-TSM"}},
	City:     {ID: "municipality", Kind: report.Municipality, Name: report.Text{Japanese: "市区町村", English: "municipality"}},
	Desk:     {ID: "help-desk", Kind: report.Authority, Name: report.Text{Japanese: "コールセンター", English: "help desk"}},
	bank:     {ID: "bank", Kind: report.Provider, Name: report.Text{Japanese: "銀行", English: "bank"}},
	notebook: {ID: "notebook", Kind: report.Provider, Name: report.Text{Japanese: "お薬手帳", English: "medication notebook"}},
}

// Holder is the lane of the person whose story it is.
const Holder report.PartyID = "holder"

// lane is a party's place in the record; it is there from its first use on.
func (w *World) lane(party tsmp.PartyID) report.PartyID {
	if id, ok := w.lanes[party]; ok {
		return id
	}
	p, ok := lanes[party]
	switch carrier, isManager := strings.CutSuffix(string(party), laboratory.ManagerSuffix); {
	case ok:
	case isManager:
		p = report.Party{ID: report.PartyID("mno-tsm-" + carrier), Kind: report.MNOTSM, Name: report.Text{Japanese: "MNO-TSM " + carrier, English: "MNO-TSM " + carrier},
			Note: "profile " + carrier}
	default:
		p = report.Party{ID: report.PartyID(party), Kind: report.Phone, Name: report.Text{English: string(party)}}
	}
	w.Record.Party(p)
	w.lanes[party] = p.ID
	return p.ID
}

// join gives a thing of the world a lane.
func (w *World) join(kind report.PartyKind, id, japanese, english, note string) report.PartyID {
	w.Record.Party(report.Party{ID: report.PartyID(id), Kind: kind, Name: report.Text{Japanese: japanese, English: english}, Note: note})
	return report.PartyID(id)
}

// costs are the record's names of causes.
var costs = map[Cause]struct {
	kind  report.CostKind
	cause string
}{
	OnSMS: {report.AirTime, "sms"}, OnData: {report.AirTime, "mobile-data"}, OnWiFi: {report.AirTime, "wifi"}, OnNFC: {report.AirTime, "nfc"},
	OnServer: {report.ServerTime, "messages"}, OnPerson: {report.PeopleTime, "reads, types"}, OnWaiting: {report.WaitTime, "until asked again"},
}

// pass lets time go by for a cause other than a card's work. What a card worked
// meanwhile, which the record has already, is no part of the cause.
func (w *World) pass(cause Cause, d time.Duration) {
	if d <= 0 {
		return
	}
	if w.task != nil {
		w.task.spend(cause, d)
		return
	}
	if cause == OnSMS || cause == OnWaiting || cause == OnPerson {
		worked := min(d, w.worked)
		w.worked -= worked
		w.Clock.pass(OnCard, worked)
		d -= worked
	}
	w.Clock.pass(cause, d)
	c := costs[cause]
	w.Record.Spend(c.kind, c.cause, d)
}

// work lets the time go by that a card has worked, which the record has already.
func (w *World) work(m *meter) {
	d := m.read(w)
	switch {
	case d <= 0:
	case w.task != nil:
		w.task.spend(OnCard, d)
	default:
		w.Clock.pass(OnCard, d)
	}
}

// meter reads what a card's clock has spent since it was read last.
type meter struct {
	ledger func() clock.Ledger
	hz     uint64
	last   clock.Ledger
}

// read puts the growth into the record, and is how long it took.
func (m *meter) read(w *World) time.Duration {
	now := m.ledger()
	grown := now
	for i := range grown {
		grown[i] -= m.last[i]
	}
	m.last = now
	n := grown.Sum()
	if n > 0 {
		w.Record.CardTime(grown, m.hz)
	}
	return cycles(n, m.hz)
}

// tap hears of a card's commands.
type tap struct {
	observe.Nop
	w    *World
	card string
	next observe.Observer // the record; nil: none
}

// tap is an observer for a card whose commands come from hosts.
func (w *World) tap(name string, lane report.PartyID, hz uint64, host func(*observe.APDUEvent) (report.PartyID, report.Bearer)) observe.Observer {
	return &tap{w: w, card: name, next: w.Record.Card(lane, hz, host)}
}

// NoBytecodes implements observe.NoBytecodes.
func (t *tap) NoBytecodes() {}

// APDU implements observe.Observer.
func (t *tap) APDU(e *observe.APDUEvent) {
	if t.w.quiet > 0 {
		return
	}
	if t.next != nil {
		t.next.APDU(e)
	}
	if t.w.Plan.APDU != nil {
		t.w.Plan.APDU(t.card, e)
	}
}

// Trap implements observe.Observer.
func (t *tap) Trap(e *observe.Trap) {
	if t.w.quiet == 0 && t.next != nil {
		t.next.Trap(e)
	}
}

// cycles is how long so many cycles of a clock take.
func cycles(n, hz uint64) time.Duration {
	return time.Duration(n/hz)*time.Second + time.Duration(n%hz*uint64(time.Second)/hz)
}

// Step does something as the story's next step: what the parties note meanwhile belongs
// to it.
func (w *World) Step(ctx context.Context, s report.Step, do func() error) error {
	w.steps++
	return w.Record.Step(s, func() error { return errors.Join(do(), w.audit(ctx)) })
}

// Say adds what came of the open step.
func (w *World) Say(format string, args ...any) { w.Record.Note("%s", fmt.Sprintf(format, args...)) }
