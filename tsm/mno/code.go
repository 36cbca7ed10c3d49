package mno

import (
	"context"
	"errors"
	"time"
	"unicode/utf16"

	"inkan/core/sms"
	"inkan/core/tsmp"
	"inkan/tsm/delivery"
	"inkan/tsm/store"
	"inkan/tsm/store/codec"
	"inkan/tsm/store/row"
)

// codes are when a SIM was sent one-time codes.
type codes struct{ At []time.Time }

// Format implements codec.Row.
func (*codes) Format() string { return "one-time codes" }

// Version implements codec.Row.
func (*codes) Version() byte { return 1 }

// Fields implements codec.Row.
func (c *codes) Fields(f *codec.Fields) {
	codec.List(f, "times", &c.At, func(f *codec.Fields, t *time.Time) { f.Time("time", t) })
}

// letter is a short message for the eyes of the user.
type letter struct {
	SE       tsmp.SEID
	Contract row.SubscriberID // that the code is for
	TPDU     []byte           // gone when it was sent, or its time is over
}

// Format implements codec.Row.
func (*letter) Format() string { return "short message" }

// Version implements codec.Row.
func (*letter) Version() byte { return 2 }

// Fields implements codec.Row.
func (l *letter) Fields(f *codec.Fields) {
	f.Raw("SE", l.SE[:])
	f.Raw("contract", l.Contract[:])
	f.Bytes("TPDU", &l.TPDU)
}

// DeliverOneTimeCode implements tsmp.MNO: a short message to the SIM of that
// subscription and no other. The audit trail has no code. Spec: SPEC-MNO-TSM-033.
func (m *Manager) DeliverOneTimeCode(ctx context.Context, call *tsmp.Call, b *tsmp.DeliverOneTimeCodeRequest) (*tsmp.RecordedAnswer, error) {
	return m.write(ctx, call, "code-ordered", &text{b.SE, b.Subscriber, b.Until, kindCode, codesID(call.Sender, b.SE),
		func(now time.Time) ([]byte, error) { return codeMessage(m.c.From, now, b) }})
}

// text is a short message for the user of a SIM that an SP-TSM orders.
type text struct {
	se         tsmp.SEID
	subscriber tsmp.Subscriber
	until      time.Time
	kind       string         // kindCode: the request is not kept; kindNews
	budget     row.WorkflowID // that it is counted in
	message    func(now time.Time) ([]byte, error)
}

// write keeps a short message that is to be sent. The same call finds it again.
func (m *Manager) write(ctx context.Context, call *tsmp.Call, event string, t *text) (a *tsmp.RecordedAnswer, err error) {
	err = m.serve(ctx, call, event, row.Subject{SE: t.se}, t.kind == kindCode, func() tsmp.Body { return a }, func(tx *store.Tx) error {
		id := actionID(call)
		if w, found, err := store.Workflows.Get(tx, id); err != nil || found {
			a = &tsmp.RecordedAnswer{RecordedAt: whole(w.Begun)}
			return err
		}
		contract, err := m.admitText(tx, call, t)
		if err != nil {
			return err
		}
		tpdu, err := t.message(tx.Now())
		if err != nil {
			return err
		}
		w := row.Workflow{ID: id, Kind: t.kind, Subject: row.SubjectID(t.se), State: row.WorkflowRunning, Begun: tx.Now(), Next: tx.Now(), Deadline: t.until}
		a = &tsmp.RecordedAnswer{RecordedAt: whole(tx.Now())}
		return put(tx, &w, &letter{SE: t.se, Contract: contract, TPDU: tpdu})
	})
	if err != nil {
		return nil, err
	}
	return a, nil
}

// admitText is the contract that a message is for, if it may be sent.
func (m *Manager) admitText(tx *store.Tx, call *tsmp.Call, t *text) (contract row.SubscriberID, err error) {
	sim, _, err := simOf(tx, t.se)
	if err != nil {
		return contract, err
	}
	p, err := contractBehind(tx, call.Sender, t.subscriber)
	switch {
	case err != nil:
		return contract, err
	case p.Ended || sim.Subscriber != p.Subscriber:
		return contract, tsmp.Refuse(tsmp.CodeSubscriberChanged, "")
	case !tx.Now().Before(t.until):
		return contract, tsmp.Refuse(tsmp.CodeTermOver, "")
	}
	var c codes
	if _, err := kept(tx, t.budget, &c); err != nil {
		return contract, err
	}
	recent := c.At[:0:0]
	for _, at := range c.At {
		if tx.Now().Sub(at) < time.Hour {
			recent = append(recent, at)
		}
	}
	if len(recent) >= m.c.Policy.Codes {
		return contract, tsmp.Refuse(tsmp.CodeRateLimited, "")
	}
	return p.Subscriber, keep(tx, t.budget, kindCodes, &codes{append(recent, tx.Now())})
}

// codeMessage is the short message that shows a code: class 0, not kept by the
// phone, in UCS-2.
func codeMessage(from sms.Address, now time.Time, b *tsmp.DeliverOneTimeCodeRequest) ([]byte, error) {
	text := "Your My Number application code: " + b.Code
	if b.Language == tsmp.Japanese {
		text = "マイナンバー申請の確認コード: " + b.Code
	}
	const dcsUCS2Class0 = 0x18
	return shown(from, now, dcsUCS2Class0, text)
}

// shown is a short message of a text in UCS-2, of 70 characters at most.
func shown(from sms.Address, now time.Time, dcs byte, text string) ([]byte, error) {
	d := sms.Deliver{MMS: true, OA: from, DCS: dcs, SCTS: timeStamp(now)}
	for _, u := range utf16.Encode([]rune(text)) {
		d.UD = append(d.UD, byte(u>>8), byte(u))
	}
	return d.Append(nil)
}

// timeStamp is TP-SCTS in UTC: two digits a byte, the first in the low nibble.
func timeStamp(t time.Time) (s [7]byte) {
	t = t.UTC()
	for i, v := range []int{t.Year() % 100, int(t.Month()), t.Day(), t.Hour(), t.Minute(), t.Second(), 0} {
		s[i] = byte(v%10<<4 | v/10)
	}
	return s
}

// sendCode gives a one-time code to the network, and again later where that failed: as long
// as the SIM is that contract's.
func (m *Manager) sendCode(ctx context.Context, w row.Workflow) error {
	var l letter
	if err := codec.Decode(w.Data, &l); err != nil {
		return err
	}
	var iccid string
	err := m.c.Tenant.View(ctx, func(s *store.Snapshot) error {
		sim, found, err := store.SIMs.Get(s, l.SE)
		if found && sim.State == row.SIMActive && sim.Subscriber == l.Contract {
			iccid = sim.ICCID
		}
		return err
	})
	if err != nil {
		return err
	}
	sent := errors.New("no bearer")
	now := m.c.Now()
	if m.c.Bearer != nil && iccid != "" && now.Before(w.Deadline) {
		_, sent = m.c.Bearer.Send(ctx, iccid, l.TPDU)
	}
	return m.c.Tenant.Step(ctx, func(tx *store.Tx) error {
		return codeSent(tx, w.ID, &l, sent)
	})
}

// codeSent notes what became of sending a code, and forgets it unless it is sent again.
func codeSent(tx *store.Tx, id row.WorkflowID, l *letter, failure error) error {
	w, found, err := store.Workflows.Get(tx, id)
	if err != nil || !found || !w.State.Live() {
		return err
	}
	e := store.Event{Event: w.Kind + "-sent", Actor: "MNO-TSM", Responsible: "MNO-TSM", Subject: row.Subject{SE: l.SE, Workflow: id}}
	again := tx.Now().Add(10 * time.Second)
	switch {
	case failure == nil:
		end(&w, row.WorkflowDone, "")
		l.TPDU = nil
	case errors.Is(failure, delivery.ErrNoSubscriber) || !again.Before(w.Deadline):
		end(&w, row.WorkflowFailed, tsmp.OutcomeUnreachable.String())
		l.TPDU, e.Refused = nil, tsmp.OutcomeUnreachable.String()
	default:
		w.Next, w.Attempts = again, w.Attempts+1
		return put(tx, &w, l)
	}
	if err := put(tx, &w, l); err != nil {
		return err
	}
	return tx.Audit(e)
}
