package apdu

import (
	"fmt"
	"strconv"

	"inkan/core/iso7816"
	"inkan/core/wire"
)

// T0Options chooses among what ISO/IEC 7816-3 leaves to the host.
type T0Options struct {
	// GetResponseAfterOK sends GET RESPONSE when a case 4 command was answered
	// 9000 without data: some cards keep their data back without 61xx.
	GetResponseAfterOK bool
	// GetResponseAfterWarning does so after 62xx and 63xx, as EMV asks. The
	// warning stays the status word of the response.
	GetResponseAfterWarning bool
	// NoEnvelope refuses commands that need ENVELOPE.
	NoEnvelope bool
}

// T0Host is the host's side of T=0, one command at a time, as a pure state
// machine (ISO/IEC 7816-3:2006 §12.2): Begin, then Next and Receive in turn
// until Next has no more; the data that each Receive returns, one after the
// other, and SW are the response APDU.
type T0Host struct {
	opt     T0Options
	cmd     Command
	apdu    []byte // the encoded command, sent by ENVELOPE; nil otherwise
	next    TPDU
	state   t0state
	got     int // response data bytes so far
	sw      iso7816.SW
	warning iso7816.SW // a warning, or 9000, whose data GET RESPONSE is asking for
	retried bool       // the present TPDU was sent again after 6Cxx
}

type t0state uint8

const (
	t0Idle     t0state = iota
	t0Command          // the command's own TPDU is next
	t0Envelope         // an ENVELOPE is next
	t0Get              // GET RESPONSE is next
	t0Done
)

// Begin starts a command. encoded is its encoding, needed only when it has to
// travel by ENVELOPE (more than 255 bytes of data); both are borrowed until the
// command is done. Spec: SPEC-APDU-030, SPEC-APDU-031.
func (h *T0Host) Begin(cmd *Command, encoded []byte, opt T0Options) error {
	*h = T0Host{opt: opt, cmd: *cmd, state: t0Command}
	h.next = TPDU{CLA: cmd.CLA, INS: cmd.INS, P1: cmd.P1, P2: cmd.P2, P3: byte(len(cmd.Data)), Data: cmd.Data}
	switch {
	case !iso7816.ValidINS(cmd.INS):
		h.state = t0Idle
		return fmt.Errorf("apdu: INS %02X cannot travel over T=0", cmd.INS)
	case len(cmd.Data) > MaxShortData:
		if opt.NoEnvelope || len(encoded) == 0 {
			h.state = t0Idle
			return fmt.Errorf("apdu: %d bytes of data need ENVELOPE over T=0", len(cmd.Data))
		}
		h.apdu, h.state = encoded, t0Envelope
		h.envelope()
	case len(cmd.Data) == 0: // cases 1 and 2; 00 stands for 256 and more
		h.next.P3 = byte(min(cmd.Ne, MaxShortNe))
	}
	return nil
}

// Next is the TPDU to send; more is false when the command is done.
func (h *T0Host) Next() (t TPDU, more bool) {
	return h.next, h.state != t0Idle && h.state != t0Done
}

// SW is the status word of the response APDU, once the command is done.
func (h *T0Host) SW() iso7816.SW { return h.sw }

// Receive takes the answer to the TPDU that Next gave, and returns the part of
// it that belongs to the response APDU's data, borrowed. A card that breaks
// T=0 is a *wire.DecodeError with format "R-TPDU", and the command is over.
// Spec: SPEC-APDU-032, SPEC-APDU-034, SPEC-APDU-035, SPEC-APDU-036.
func (h *T0Host) Receive(r Response) (data []byte, err error) {
	if err := h.check(r); err != nil {
		h.state = t0Done
		return nil, err
	}
	if h.state == t0Envelope {
		if len(h.next.Data) > 0 {
			h.afterSegment(r.SW)
			return nil, nil
		}
		h.state = t0Get // the empty ENVELOPE: its answer is the command's
	}
	h.got += len(r.Data)
	if !h.goOn(r) {
		h.state = t0Done
	}
	return r.Data, nil
}

// check refuses answers that T=0 does not allow.
func (h *T0Host) check(r Response) error {
	fault := func(offset int, want, got string) error {
		return &wire.DecodeError{Format: "R-TPDU", Offset: offset, Want: want, Got: got}
	}
	limit := 0
	if len(h.next.Data) == 0 && h.cmd.Ne > 0 {
		limit = h.next.Ne()
	}
	switch {
	case h.state == t0Idle || h.state == t0Done:
		return fault(0, "no answer, since nothing was sent", strconv.Itoa(len(r.Data)+2)+" bytes")
	case len(r.Data) > limit:
		return fault(limit, "at most "+strconv.Itoa(limit)+" bytes of data", strconv.Itoa(len(r.Data)))
	case h.state == t0Get && h.next.INS == iso7816.INSGetResponse && len(r.Data) == 0 && r.SW.SW1() == 0x61:
		return fault(0, "data from GET RESPONSE", "none, and 61xx again")
	}
	return nil
}

// goOn prepares the TPDU that follows an answer, if one does, and settles the
// status word if none does.
func (h *T0Host) goOn(r Response) bool {
	h.sw = r.SW
	if n, ok := r.SW.Remaining(); ok && h.got < h.cmd.Ne {
		h.getResponse(min(n, h.cmd.Ne-h.got))
		return true
	}
	if n, ok := r.SW.Available(); ok && h.canRepeat(n, r) {
		h.next.P3, h.retried = byte(n), true
		return true
	}
	if h.state == t0Command && h.keptBack(r) {
		h.warning = r.SW
		h.getResponse(min(h.cmd.Ne, MaxShortNe))
		return true
	}
	if h.warning != 0 && (h.got == 0 || h.warning.Warning()) {
		h.sw = h.warning // GET RESPONSE gave nothing, or its status is not the command's
	}
	return false
}

// canRepeat reports whether the TPDU goes out again with the P3 that 6Cxx asks
// for: once, only where the card sends, and only for what the host would take.
func (h *T0Host) canRepeat(n int, r Response) bool {
	reads := h.cmd.Ne > 0 && len(h.next.Data) == 0 && (h.state == t0Command || h.next.INS == iso7816.INSGetResponse)
	return reads && !h.retried && len(r.Data) == 0 && n != h.next.Ne() && n <= h.cmd.Ne-h.got
}

// keptBack reports that a case 4 command's data is to be asked for although
// the card did not announce it.
func (h *T0Host) keptBack(r Response) bool {
	if len(h.cmd.Data) == 0 || h.cmd.Ne == 0 {
		return false
	}
	return r.SW == iso7816.OK && h.opt.GetResponseAfterOK || r.SW.Warning() && h.opt.GetResponseAfterWarning
}

func (h *T0Host) getResponse(n int) {
	h.state, h.retried = t0Get, false
	h.next = TPDU{CLA: h.transportClass(), INS: iso7816.INSGetResponse, P3: byte(n)}
}

// transportClass is the class of GET RESPONSE and ENVELOPE: plain
// interindustry on the command's channel, but A0 for A0 (2G).
func (h *T0Host) transportClass() byte {
	if h.cmd.CLA == 0xA0 {
		return h.cmd.CLA
	}
	return byte(h.cmd.Class().interindustry())
}

// envelope makes the next ENVELOPE of what is left of the APDU; an empty one
// ends it.
func (h *T0Host) envelope() {
	n := min(len(h.apdu), MaxShortData)
	h.next = TPDU{CLA: h.transportClass(), INS: iso7816.INSEnvelope, P3: byte(n), Data: h.apdu[:n]}
	h.apdu = h.apdu[n:]
}

// afterSegment goes on after the answer to a segment, which is 9000 unless the
// card refuses the whole.
func (h *T0Host) afterSegment(sw iso7816.SW) {
	if sw == iso7816.OK {
		h.envelope()
		return
	}
	h.sw, h.state = sw, t0Done
}
