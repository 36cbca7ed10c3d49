package handset

import (
	"context"
	"errors"
	"time"

	"inkan/core/apdu"
	"inkan/core/iso7816"
	"inkan/core/sms"
	"inkan/core/uicc"
	"inkan/sim/handset/fault"
)

// modem is the card as the modem has it: with 91xx.
type modem struct{ sim *SIM }

// Transmit implements apdu.Card. Behind a line by T=0 there are 61xx and 6Cxx.
func (m modem) Transmit(ctx context.Context, cmd, dst []byte) ([]byte, error) {
	k := apdu.Completer{Card: rawCard{m.sim}}
	return k.Transmit(ctx, cmd, dst)
}

type rawCard struct{ sim *SIM }

func (c rawCard) Transmit(ctx context.Context, cmd, dst []byte) ([]byte, error) {
	return c.sim.raw(ctx, cmd, dst)
}

// Delivery is what became of a short message at the handset.
type Delivery struct {
	Report  []byte        // SMS-DELIVER-REPORT; nil: none, the message counts as not delivered
	Error   bool          // the report goes in an RP-ERROR
	Submits [][]byte      // SMS-SUBMITs that the card had sent
	Took    time.Duration // the card's time
}

// Deliver hands an SMS-DELIVER to where it belongs: a secured packet to the card, and
// what the card asks for then is done; any other message to the holder. A card that
// has lost its power is started again and the message not acknowledged. Errors are
// those of Reachable, and of a card that does not come back.
// Spec: SPEC-HANDSET-020 to SPEC-HANDSET-023.
func (h *Handset) Deliver(ctx context.Context, tpdu []byte) (d Delivery, err error) {
	if err := h.Reachable(); err != nil {
		return d, err
	}
	m, err := sms.DecodeDeliver(tpdu)
	if err != nil {
		return Delivery{Report: []byte{0x00, causeUnspecified, 0x00}, Error: true}, nil
	}
	if !sms.IsDataDownload(m.PID, m.DCS) || !h.cfg.Model.SMSPP {
		h.Inbox = append(h.Inbox, append([]byte(nil), tpdu...))
		empty := sms.DeliverReport{}
		d.Report, err = empty.Append(nil)
		return d, err
	}
	if err := h.Recover(ctx); err != nil {
		return d, err
	}
	before := h.sim.spent()
	d, err = h.download(ctx, tpdu)
	if err != nil && ctx.Err() == nil && !h.sim.on {
		d, err = Delivery{}, h.Recover(ctx)
	}
	d.Took = h.sim.spent() - before
	return d, err
}

// download is SMS-PP download.
func (h *Handset) download(ctx context.Context, tpdu []byte) (d Delivery, err error) {
	object := sms.Download{Address: h.cfg.ServiceCentre, TPDU: tpdu}
	ud, sw, err := uicc.Exchange(ctx, modem{h.sim}, uicc.Envelope{Data: object.Append(nil)}, nil)
	if err != nil && !errors.As(err, new(iso7816.SW)) {
		return d, err
	}
	report := sms.NewResponseReport(ud)
	if len(ud) == 0 {
		report = sms.DeliverReport{}
	}
	switch {
	case sw == iso7816.ToolkitBusy:
		d.Error, report.FailureCause = true, causeBusy
	case sw != iso7816.OK && !iso7816.Proactive.Matches(sw):
		d.Error, report.FailureCause = true, sms.FailureCauseDataDownload
	}
	if d.Report, err = report.Append(nil); err != nil {
		d.Error = true
		d.Report = []byte{0x00, sms.FailureCauseDataDownload, 0x00}
	}
	d.Submits, err = h.requests(ctx, sw)
	return d, err
}

// causeBusy is TP-FCS "SIM application toolkit busy" (3GPP TS 23.040 §9.2.3.22).
const causeBusy byte = 0xD4

// causeUnspecified is TP-FCS "unspecified error cause", for what is no message.
const causeUnspecified byte = 0xFF

// maxProactive bounds how many commands a card can have done in a row.
const maxProactive = 32

// Results of TERMINAL RESPONSE (ETSI TS 102 223 §8.12).
const (
	resultDone   byte = 0x00
	resultNotNow byte = 0x21 // the network cannot process the command now
	resultBeyond byte = 0x30 // beyond the terminal's capabilities
	resultUnread byte = 0x32 // the command's data is not understood
)

// requests fetches and does what the card asks for as long as it says 91xx.
// Spec: SPEC-HANDSET-024, SPEC-HANDSET-025.
func (h *Handset) requests(ctx context.Context, sw iso7816.SW) (submits [][]byte, err error) {
	if h.sim.waiting != 0 && !iso7816.Proactive.Matches(sw) {
		sw = h.sim.waiting
	}
	h.sim.waiting = 0
	for n := 0; iso7816.Proactive.Matches(sw); n++ {
		if n == maxProactive {
			return submits, fault.New(fault.SIMUnread, "the card asks for more without end")
		}
		length := int(byte(sw))
		if length == 0 {
			length = apdu.MaxShortNe
		}
		command, got, err := uicc.Exchange(ctx, modem{h.sim}, uicc.Fetch{Length: length}, nil)
		if err != nil || got != iso7816.OK {
			return submits, fault.Wrap(fault.SIMUnread, "FETCH", err)
		}
		details, _, err := uicc.DecodeDetails(command)
		if err != nil {
			return submits, fault.Wrap(fault.SIMUnread, "proactive command", err)
		}
		h.commands = append(h.commands, details.Type)
		submit, result := h.perform(details.Type, command)
		if submit != nil {
			submits = append(submits, submit)
		}
		_, sw, err = uicc.Exchange(ctx, modem{h.sim}, uicc.TerminalResponse{Details: details, Result: result}, nil)
		if err != nil && !errors.As(err, new(iso7816.SW)) {
			return submits, err
		}
	}
	return submits, nil
}

// perform does a proactive command: a message to send is given back.
func (h *Handset) perform(kind uicc.CommandType, command []byte) (submit []byte, result byte) {
	if kind != uicc.SendShortMessage {
		return nil, resultBeyond
	}
	m, err := sms.DecodeSendShortMessage(command)
	if err != nil {
		return nil, resultUnread
	}
	if _, err := sms.DecodeSubmit(m.TPDU); err != nil {
		return nil, resultUnread
	}
	if h.Reachable() != nil {
		return nil, resultNotNow
	}
	return append([]byte(nil), m.TPDU...), resultDone
}

// Poll sends STATUS, as a handset does now and then, and does what the card asks for:
// messages of the card go to the network. Spec: SPEC-HANDSET-026.
func (h *Handset) Poll(ctx context.Context) error {
	if err := h.Recover(ctx); err != nil {
		return err
	}
	_, sw, err := uicc.Exchange(ctx, modem{h.sim}, uicc.Status{Return: 0x0C}, nil)
	if err != nil && !errors.As(err, new(iso7816.SW)) {
		return err
	}
	submits, err := h.requests(ctx, sw)
	if h.network != nil {
		for _, s := range submits {
			h.network.submit(h, s, 0)
		}
	}
	return err
}

// Performed are the types of the proactive commands that the card has had done.
func (h *Handset) Performed() []uicc.CommandType {
	return append([]uicc.CommandType(nil), h.commands...)
}
