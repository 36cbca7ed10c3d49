package report

import (
	"fmt"
	"time"

	"inkan/core/sms"
)

// SMSType is the kind of a short message.
type SMSType string

// Kinds of short messages.
const (
	Deliver SMSType = "SMS-DELIVER"        // to the phone
	Submit  SMSType = "SMS-SUBMIT"         // of the card
	Report  SMSType = "SMS-DELIVER-REPORT" // of the phone, with the card's answer
)

// ShortMessage records a short message that is sent now, with what became of it. A text,
// such as one with a one-time code, is left out. Spec: SPEC-REPORT-014.
func (r *Recorder) ShortMessage(from, to PartyID, kind SMSType, tpdu []byte, took time.Duration, fate Fate) {
	if !r.lock() {
		return
	}
	defer r.mu.Unlock()
	m := SMS{Seq: r.next(), Step: r.step(), At: r.now(), Took: took, From: from, To: to, Type: kind, Size: len(tpdu), Fate: fate}
	m.describe(tpdu)
	r.run.SMS = append(r.run.SMS, m)
}

func (m *SMS) describe(tpdu []byte) {
	var err error
	switch m.Type {
	case Deliver:
		var d sms.Deliver
		if d, err = sms.DecodeDeliver(tpdu); err == nil {
			m.body(tpdu, d.UD, d.UDHI, sms.IsDataDownload(d.PID, d.DCS))
		}
	case Submit:
		var s sms.Submit
		if s, err = sms.DecodeSubmit(tpdu); err == nil {
			m.body(tpdu, s.UD, s.UDHI, s.UDHI)
		}
	case Report:
		var d sms.DeliverReport
		if d, err = sms.DecodeDeliverReport(tpdu, false); err != nil {
			d, err = sms.DecodeDeliverReport(tpdu, true)
		}
		if err == nil && !d.HasUD {
			m.Says = "report without data"
			return
		}
		if err == nil {
			m.body(tpdu, d.UD, d.UDHI, d.UDHI)
		}
	default:
		err = fmt.Errorf("type %q", m.Type)
	}
	if err != nil {
		m.Says = "cannot be read: " + printable(err.Error())
	}
}

// body says what user data is: a secured packet, or a text that nobody else is to read.
func (m *SMS) body(tpdu, ud []byte, header, packet bool) {
	if !packet {
		m.Says = "a text for the holder"
		return
	}
	m.TPDU = upper(tpdu)
	h, body := sms.Header(nil), ud
	if header {
		var err error
		if h, body, err = sms.DecodeUserData(ud); err != nil {
			m.Says = "secured packet whose header cannot be read"
			return
		}
	}
	c, ok := h.Concat()
	if ok {
		m.Reference, m.Part, m.Parts = int(c.Reference), int(c.Sequence), int(c.Total)
		m.Says = fmt.Sprintf("secured packet, part %d of %d, %d bytes", c.Sequence, c.Total, len(body))
		return
	}
	m.Says = fmt.Sprintf("secured packet, %d bytes", len(body))
}
