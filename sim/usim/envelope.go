package usim

import (
	"inkan/core/apdu"
	"inkan/core/iso7816"
	"inkan/core/sms"
	"inkan/core/tlv"
	"inkan/core/uicc"
)

// Message is a short message for the UICC, put together from all its parts. Slices
// are borrowed.
type Message struct {
	ServiceCentre []byte // as the terminal gave it; empty: it did not
	Origin        sms.Address
	PID, DCS      byte
	Header        sms.Header // without the concatenation
	// Secured: the header says that Body is a secured packet (3GPP TS 31.115 §4.2),
	// from CPL on.
	Secured bool
	Body    []byte
}

// Outcome is what became of a message.
type Outcome byte

// Outcomes.
const (
	Accepted Outcome = iota // 9000: the terminal acknowledges the message, with the response
	Refused                 // 6300: the terminal reports an error, with the response
	Busy                    // 9300: not processed now; the network sends it again
)

// Receipt is the answer to a message.
type Receipt struct {
	Outcome Outcome
	// Submit has the response sent as short message to the originator, instead of
	// with the acknowledgement.
	Submit bool
}

// OTA is who gets short messages: the operating system, with its secured packets
// and toolkit applets. It may execute Remote commands and call Enqueue.
type OTA interface {
	// Deliver takes a message and appends its response to dst: of a secured packet
	// the response packet from RPL on, else the user data. Nothing appended means
	// that there is no response.
	Deliver(dst []byte, m *Message) ([]byte, Receipt)
}

// EventOTA is an OTA that gets the other envelopes too.
type EventOTA interface {
	OTA
	// Event takes an ENVELOPE that is no SMS-PP download: its tag and its value.
	// It appends response data to dst; handled false is as if there was no Event.
	Event(dst []byte, tag tlv.Tag, value []byte) (out []byte, sw iso7816.SW, handled bool)
}

// envelope is ENVELOPE (ETSI TS 102 221 §11.2.2).
// Spec: SPEC-USIM-150, SPEC-USIM-151, SPEC-USIM-152.
func (u *UICC) envelope(_ *session, dst []byte, cmd *apdu.Command) ([]byte, iso7816.SW) {
	if cmd.P1 != 0 || cmd.P2 != 0 {
		return dst, iso7816.IncorrectP1P2
	}
	r := tlv.NewReader(cmd.Data)
	if !r.Next() {
		return dst, iso7816.WrongData
	}
	tag, value := r.Tag(), r.Value()
	if r.Next() || r.Err() != nil {
		return dst, iso7816.WrongData
	}
	switch {
	case tag == uicc.TagSMSPPDownload:
		return u.download(dst, cmd.Data)
	case tag < uicc.TagSMSPPDownload || tag > 0xDF:
		return dst, iso7816.WrongData
	}
	if e, ok := u.cfg.OTA.(EventOTA); ok {
		if out, sw, handled := e.Event(dst, tag, value); handled {
			return out, sw
		}
	}
	return dst, iso7816.OK
}

// download takes an SMS-PP download (3GPP TS 31.111 §7.1.1).
// Spec: SPEC-USIM-153 to SPEC-USIM-158.
func (u *UICC) download(dst, data []byte) ([]byte, iso7816.SW) {
	d, err := sms.DecodeDownload(data)
	if err != nil {
		return dst, iso7816.WrongData
	}
	t, err := sms.DecodeDeliver(d.TPDU)
	if err != nil {
		return dst, iso7816.WrongData
	}
	if u.kit.waiting == queueLength {
		return dst, iso7816.ToolkitBusy
	}
	m := &u.kit.message
	*m = Message{ServiceCentre: d.Address, Origin: t.OA, PID: t.PID, DCS: t.DCS, Body: t.UD}
	if t.UDHI {
		whole, done, err := u.kit.reassembler.Add(t.OA, t.UD)
		if err != nil {
			return dst, iso7816.WrongData
		}
		if !done {
			return dst, iso7816.OK
		}
		if m.Header, m.Body, err = sms.DecodeUserData(whole); err != nil {
			return dst, iso7816.WrongData
		}
		m.Secured = m.Header.Has(sms.IEICommandPacket)
	}
	if u.cfg.OTA == nil {
		return dst, iso7816.OK
	}
	return u.deliver(dst, m)
}

// responseHeader is the user data header of a response packet (3GPP TS 31.115
// §4.3).
var responseHeader = []byte{0x02, byte(sms.IEIResponsePacket), 0x00}

// deliver gives a message to the OTA and answers what it says.
func (u *UICC) deliver(dst []byte, m *Message) ([]byte, iso7816.SW) {
	n := len(dst)
	if m.Secured {
		dst = append(dst, responseHeader...)
	}
	start := len(dst)
	out, receipt := u.cfg.OTA.Deliver(dst, m)
	response := out[start:]
	sw := iso7816.OK
	switch {
	case receipt.Outcome == Busy:
		return out[:n], iso7816.ToolkitBusy
	case receipt.Outcome != Accepted:
		sw = iso7816.WarningStateChanged
	}
	if len(response) == 0 {
		return out[:n], sw
	}
	limit := sms.MaxReportUserData
	if sw != iso7816.OK {
		limit = sms.MaxErrorUserData
	}
	if len(out)-n <= limit && !(receipt.Submit && u.canSubmit()) {
		return out, sw
	}
	if !u.canSubmit() || !u.submit(m, response) {
		return out[:n], iso7816.WarningStateChanged
	}
	return out[:n], sw
}
