package handset

import (
	"bytes"
	"slices"
	"testing"

	"inkan/core/iso7816"
	"inkan/core/sms"
	"inkan/sim/handset/fault"
	"inkan/spec/req"
)

func TestDownload(t *testing.T) {
	req.Covers(t, "SPEC-HANDSET-020", "SPEC-HANDSET-021", "SPEC-HANDSET-022")
	d := newDouble("00111")
	h := started(t, d)
	var got sms.Download
	tpdu := packet(t, true, "packet")
	for _, c := range []struct {
		data  []byte
		sw    iso7816.SW
		cause byte // 0: RP-ACK
	}{
		{[]byte{2, 0x71, 0, 1, 2}, iso7816.OK, 0}, {nil, iso7816.OK, 0}, {[]byte{2, 0x71, 0, 3}, 0x6300, 0xD5},
		{nil, iso7816.ToolkitBusy, 0xD4}, {nil, iso7816.WrongData, 0xD5},
	} {
		d.envelope = func(b []byte) ([]byte, iso7816.SW) {
			x, err := sms.DecodeDownload(b)
			if err != nil {
				t.Fatal(err)
			}
			got = sms.Download{TPDU: bytes.Clone(x.TPDU)}
			return c.data, c.sw
		}
		x, err := h.Deliver(t.Context(), tpdu)
		if err != nil || x.Error != (c.cause != 0) || !bytes.Equal(got.TPDU, tpdu) {
			t.Fatalf("%v: %+v, %v", c.sw, x, err)
		}
		r, err := sms.DecodeDeliverReport(x.Report, x.Error)
		if err != nil || r.FailureCause != c.cause || !bytes.Equal(r.UD, c.data) {
			t.Errorf("%v: report %+v, %v", c.sw, r, err)
		}
		if x.Took <= 0 {
			t.Error("the card took no time")
		}
	}
	before := len(d.log)
	x, err := h.Deliver(t.Context(), packet(t, false, "hello"))
	if err != nil || x.Error || x.Report == nil || len(h.Inbox) != 1 || len(d.log) != before {
		t.Errorf("a message for the holder: %+v, %v", x, err)
	}
	x, err = h.Deliver(t.Context(), []byte{0x44, 0x01})
	if err != nil || !x.Error || len(d.log) != before {
		t.Errorf("no message: %+v, %v", x, err)
	}
	want(t, h.Stop(), "")
	_, err = h.Deliver(t.Context(), tpdu)
	want(t, err, fault.SwitchedOff)
}

func TestPowerLostInEnvelope(t *testing.T) {
	req.Covers(t, "SPEC-HANDSET-023")
	d := newDouble("00111")
	h := started(t, d)
	d.cutIn = 1
	x, err := h.Deliver(t.Context(), packet(t, true, "packet"))
	if err != nil || x.Report != nil || h.Resets != 1 {
		t.Errorf("%+v, %v, %d resets", x, err, h.Resets)
	}
	if last := d.log[len(d.log)-1]; last[:4] != "8010" {
		t.Errorf("after the reset: %s", last)
	}
	x, err = h.Deliver(t.Context(), packet(t, true, "packet"))
	if err != nil || x.Report == nil {
		t.Errorf("again: %+v, %v", x, err)
	}
	d.powered = false // between messages
	x, err = h.Deliver(t.Context(), packet(t, true, "packet"))
	if err != nil || h.Resets != 2 {
		t.Errorf("%+v, %v, %d resets", x, err, h.Resets)
	}
	d.cutIn, d.dead = 1, true
	_, err = h.Deliver(t.Context(), packet(t, true, "packet"))
	want(t, err, fault.SIMSilent)
}

func TestProactive(t *testing.T) {
	req.Covers(t, "SPEC-HANDSET-024", "SPEC-HANDSET-025", "SPEC-HANDSET-026")
	d := newDouble("00111")
	h := started(t, d)
	send, submit := toSend(t)
	display := []byte{0xD0, 0x0C, 0x81, 3, 2, 0x21, 0, 0x82, 2, 0x81, 2, 0x8D, 1, 4}
	noSubmit := sms.SendShortMessage{Number: 3, TPDU: []byte{0x00, 0x01}}
	queue := [][]byte{send, display, noSubmit.Append(nil), send}
	d.queue = queue
	x, err := h.Deliver(t.Context(), packet(t, true, "packet"))
	if err != nil || len(x.Submits) != 2 || !bytes.Equal(x.Submits[0], submit) || !bytes.Equal(x.Submits[1], submit) {
		t.Errorf("%+v, %v", x, err)
	}
	if !slices.Equal(d.responses, []byte{0, 0x30, 0x32, 0}) {
		t.Errorf("results %x", d.responses)
	}
	d.responses = nil
	var in []Inbound
	n := NewNetwork("n", func(_ ctx, i Inbound) error { in = append(in, i); return nil })
	want(t, n.Attach(h), "")
	d.queue = queue[:1]
	want(t, h.Poll(t.Context()), "")
	want(t, n.Run(t.Context(), 0), "")
	if len(in) < 1 || !bytes.Equal(in[0].TPDU, submit) || in[0].Message != 0 || in[0].From != h.Identity().ICCID {
		t.Errorf("the network got %+v", in)
	}
	h.SetCoverage(false)
	d.queue = queue[:1]
	want(t, h.Poll(t.Context()), "")
	if !slices.Equal(d.responses, []byte{0, 0x21}) {
		t.Errorf("results %x", d.responses)
	}
	h.SetCoverage(true)
	for range 40 {
		d.queue = append(d.queue, display)
	}
	want(t, h.Poll(t.Context()), fault.SIMUnread)
	if len(d.queue) != 8 {
		t.Errorf("%d commands are left", len(d.queue))
	}
}

// What a card answers never brings the handset down.
func FuzzCardAnswers(f *testing.F) {
	f.Add([]byte{0xD0, 0x0C, 0x81, 3, 2, 0x21, 0, 0x82, 2, 0x81, 2, 0x8D, 1, 4}, []byte{2, 0x71, 0, 1}, uint16(0x9000))
	f.Add([]byte{0xD0}, []byte{}, uint16(0x91FF))
	f.Fuzz(func(t *testing.T, proactive, answer []byte, sw uint16) {
		if len(answer) > 256 || len(proactive) == 0 || len(proactive) > 255 {
			return
		}
		d := newDouble("00111")
		h := started(t, d)
		d.queue = [][]byte{proactive}
		d.envelope = func([]byte) ([]byte, iso7816.SW) { return answer, iso7816.SW(sw) }
		x, err := h.Deliver(t.Context(), packet(t, true, "packet"))
		if err == nil && x.Report != nil {
			if _, err := sms.DecodeDeliverReport(x.Report, x.Error); err != nil {
				t.Errorf("a report that is none: %v", err)
			}
		}
		for _, s := range x.Submits {
			if _, err := sms.DecodeSubmit(s); err != nil {
				t.Errorf("a message that is none: %v", err)
			}
		}
	})
}
