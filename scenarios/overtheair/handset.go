package overtheair

import (
	"context"
	"errors"
	"fmt"

	"inkan/core/apdu"
	"inkan/core/iso7816"
	"inkan/core/sms"
	"inkan/core/uicc"
)

// Handset is the telephone between the network and the card: it hands short
// messages to the card and sends those of the card. Not for concurrent use.
type Handset struct {
	Card apdu.Terminal
	// ServiceCentre is what the handset says of where a message came from; empty:
	// nothing.
	ServiceCentre []byte
	// Resets counts how often the handset found the card without power.
	Resets int

	profiled bool // the card knows the handset's profile
}

// Delivery is what became of a message at the handset.
type Delivery struct {
	Report  []byte   // SMS-DELIVER-REPORT; nil: none, the message counts as not delivered
	Error   bool     // the report goes in an RP-ERROR
	Submits [][]byte // SMS-SUBMITs that the card had sent
}

// terminalProfile says: profile download, SMS-PP download, and SEND SHORT MESSAGE
// (ETSI TS 102 223 §5.2).
var terminalProfile = []byte{0x03, 0x00, 0x00, 0x02}

// Deliver hands an SMS-DELIVER to the card and does what the card asks for. A card
// that has lost its power is reset, and the message is not acknowledged.
// Spec: SPEC-OTA-010, SPEC-OTA-011.
func (h *Handset) Deliver(ctx context.Context, tpdu []byte) (Delivery, error) {
	d, err := h.deliver(ctx, tpdu)
	if err == nil || errors.Is(err, errHandset) {
		return d, err
	}
	if ctx.Err() != nil {
		return Delivery{}, ctx.Err()
	}
	h.profiled = false
	h.Resets++
	if _, reset := h.Card.Reset(ctx, false); reset != nil {
		return Delivery{}, fmt.Errorf("the card does not answer to a reset after %w: %w", err, reset)
	}
	return Delivery{}, nil
}

// errHandset marks answers of the card that the handset does not understand.
var errHandset = errors.New("handset")

// Start switches the handset on: the card is reset, and no application is selected
// that somebody used before.
func (h *Handset) Start(ctx context.Context) error {
	h.profiled = false
	_, err := h.Card.Reset(ctx, false)
	return err
}

func (h *Handset) deliver(ctx context.Context, tpdu []byte) (d Delivery, err error) {
	if !h.profiled {
		_, sw, err := h.exchange(ctx, uicc.TerminalProfile{Profile: terminalProfile}, nil)
		if err != nil {
			return d, err
		}
		if sw != iso7816.OK && !iso7816.Proactive.Matches(sw) {
			return d, fmt.Errorf("%w: TERMINAL PROFILE: %w", errHandset, sw)
		}
		h.profiled = true
	}
	download := sms.Download{Address: h.ServiceCentre, TPDU: tpdu}
	ud, sw, err := h.exchange(ctx, uicc.Envelope{Data: download.Append(nil)}, nil)
	if err != nil {
		return d, err
	}
	d.Error = sw != iso7816.OK && !iso7816.Proactive.Matches(sw)
	report := sms.NewResponseReport(ud)
	if len(ud) == 0 {
		report = sms.DeliverReport{}
	}
	if d.Error {
		report.FailureCause = sms.FailureCauseDataDownload
	}
	if d.Report, err = report.Append(nil); err != nil {
		return d, fmt.Errorf("%w: response to ENVELOPE: %w", errHandset, err)
	}
	d.Submits, err = h.requests(ctx, sw)
	return d, err
}

// maxProactive bounds how many commands a card can have done after one message.
const maxProactive = 32

// requests fetches and does what the card asks for as long as it says 91xx.
func (h *Handset) requests(ctx context.Context, sw iso7816.SW) (submits [][]byte, err error) {
	for n := 0; iso7816.Proactive.Matches(sw); n++ {
		if n == maxProactive {
			return submits, fmt.Errorf("%w: the card asks for more without end", errHandset)
		}
		length := int(byte(sw))
		if length == 0 {
			length = apdu.MaxShortNe
		}
		command, got, err := h.exchange(ctx, uicc.Fetch{Length: length}, nil)
		if err != nil {
			return submits, err
		}
		if got != iso7816.OK {
			return submits, fmt.Errorf("%w: FETCH: %w", errHandset, got)
		}
		details, _, err := uicc.DecodeDetails(command)
		if err != nil {
			return submits, fmt.Errorf("%w: %w", errHandset, err)
		}
		result := byte(0x30) // beyond the terminal's capabilities
		if details.Type == uicc.SendShortMessage {
			m, err := sms.DecodeSendShortMessage(command)
			if err != nil {
				return submits, fmt.Errorf("%w: %w", errHandset, err)
			}
			submits, result = append(submits, append([]byte(nil), m.TPDU...)), 0
		}
		if _, sw, err = h.exchange(ctx, uicc.TerminalResponse{Details: details, Result: result}, nil); err != nil {
			return submits, err
		}
	}
	return submits, nil
}

// exchange sends a command; a status word is no error.
func (h *Handset) exchange(ctx context.Context, c uicc.Command, dst []byte) ([]byte, iso7816.SW, error) {
	out, sw, err := uicc.Exchange(ctx, h.Card, c, dst)
	if status := iso7816.SW(0); errors.As(err, &status) {
		err = nil
	}
	return out, sw, err
}
