package handset

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"inkan/core/apdu"
	"inkan/core/entropy"
	"inkan/core/iso7816"
	"inkan/core/sms"
	"inkan/core/uicc"
	"inkan/sim/handset/air"
	"inkan/sim/handset/device"
	"inkan/sim/handset/fault"
)

// atrT1 offers T=1.
var atrT1 = []byte{0x3B, 0x80, 0x01, 0x81}

// double is a UICC as far as a handset needs one.
type double struct {
	iccid, imsi string
	pin         string // PIN 1; "": not asked for
	tries       int
	verified    bool
	powered     bool
	cutIn       int // the power fails in that many commands; 0: never
	dead        bool
	interfaces  []byte
	face        byte
	log         []string // commands, as hex of the header
	near        []string // those by the contactless interface
	queue       [][]byte // proactive commands
	responses   []byte   // results of TERMINAL RESPONSE
	envelope    func(data []byte) ([]byte, iso7816.SW)
	took        time.Duration
	file        uicc.FileID
}

func newDouble(network string) *double {
	return &double{iccid: "8981110000000000017", imsi: network + "0000000001", tries: 3,
		envelope: func([]byte) ([]byte, iso7816.SW) { return []byte{0x02, 0x71, 0x00, 0xAB}, iso7816.OK }}
}

func (d *double) Reset(context.Context, bool) ([]byte, error) {
	if d.dead {
		return nil, errors.New("dead")
	}
	d.powered, d.verified, d.face, d.queue, d.cutIn = true, false, 1, nil, 0
	d.log = append(d.log, "reset")
	return atrT1, nil
}

func (d *double) PowerOff() error { d.powered = false; return nil }

func (d *double) Interface(p byte) error {
	d.face = p
	d.interfaces = append(d.interfaces, p)
	return nil
}

func (d *double) Transmit(_ context.Context, raw, dst []byte) ([]byte, error) {
	if !d.powered {
		return dst, errors.New("no power")
	}
	if d.cutIn > 0 {
		if d.cutIn--; d.cutIn == 0 {
			d.powered = false
			return dst, errors.New("cut")
		}
	}
	d.took += 10 * time.Millisecond
	c, err := apdu.DecodeCommand(raw)
	if err != nil {
		return dst, err
	}
	line := fmt.Sprintf("%X", raw)
	if d.face != 1 {
		d.near = append(d.near, line)
		return apdu.Response{SW: iso7816.OK}.Append(dst), nil
	}
	d.log = append(d.log, line)
	data, sw := d.answer(&c)
	if sw == iso7816.OK && len(d.queue) > 0 && c.INS != uicc.InsFetch {
		sw = iso7816.SW(0x9100 | len(d.queue[0]))
	}
	return apdu.Response{Data: data, SW: sw}.Append(dst), nil
}

func (d *double) answer(c *apdu.Command) ([]byte, iso7816.SW) {
	switch c.INS {
	case uicc.InsSelect:
		if c.P1 == 4 {
			f := uicc.FCP{Descriptor: uicc.Descriptor{Structure: uicc.Directory}, ID: uicc.ADF, AID: append([]byte(nil), uicc.AIDPrefixUSIM...), Size: -1}
			return f.Append(nil), iso7816.OK
		}
		d.file = uicc.FileID(c.Data[0])<<8 | uicc.FileID(c.Data[1])
		return nil, iso7816.OK
	case uicc.InsReadBinary:
		return d.read()
	case 0x20:
		if string(c.Data[:len(d.pin)]) != d.pin {
			d.tries--
			return nil, iso7816.WithTries(d.tries)
		}
		d.verified = true
	case uicc.InsEnvelope:
		return d.envelope(c.Data)
	case uicc.InsFetch:
		return d.queue[0], iso7816.OK
	case 0x14:
		d.queue = d.queue[1:]
		r, err := uicc.DecodeTerminalResponse(c.Data)
		if err != nil {
			return nil, iso7816.WrongData
		}
		d.responses = append(d.responses, r.Result)
	}
	return nil, iso7816.OK
}

func (d *double) read() ([]byte, iso7816.SW) {
	var b []byte
	var err error
	switch d.file {
	case uicc.EFICCID:
		b, err = uicc.AppendICCID(nil, d.iccid)
	case uicc.EFIMSI:
		if d.pin != "" && !d.verified {
			return nil, iso7816.SecurityStatusNotSatisfied
		}
		b, err = uicc.AppendIMSI(nil, d.imsi)
	case uicc.EFAD:
		b = []byte{0, 0, 0, 2}
	}
	if err != nil {
		return nil, iso7816.NoPreciseDiagnosis
	}
	return b, iso7816.OK
}

// config is a SIM-free handset with a card, seed 1.
func config(card apdu.Terminal, model string) Config {
	m, ok := device.Named(model)
	if !ok {
		panic(model)
	}
	return Config{Model: m, IMEI: device.NewIMEI(m.TAC, 1), Card: card, Entropy: entropy.Seeded(1, "handset")}
}

func started(t testing.TB, d *double) *Handset {
	t.Helper()
	c := config(d, "Sakura S1 Free")
	c.Elapsed = func() time.Duration { return d.took }
	h, err := New(c)
	if err != nil {
		t.Fatal(err)
	}
	if err := h.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	return h
}

func want(t testing.TB, err error, code fault.Code) {
	t.Helper()
	f := (*fault.Error)(nil)
	if errors.As(err, &f) && f.Code == code || code == "" && err == nil {
		return
	}
	t.Errorf("error %v, want %q", err, code)
}

// packet is an SMS-DELIVER; download: for the card.
func packet(t testing.TB, download bool, ud string) []byte {
	t.Helper()
	from, err := sms.NewAddress(sms.TypeInternational, "819000000000")
	if err != nil {
		t.Fatal(err)
	}
	d := sms.NewCommandDeliver(from, [7]byte{0x62, 0x11, 0x82, 0x12, 0, 0, 0x63}, []byte("\x02\x70\x00"+ud))
	if !download {
		d.PID = 0
	}
	b, err := d.Append(nil)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// toSend is SEND SHORT MESSAGE with a good SMS-SUBMIT.
func toSend(t testing.TB) (command, submit []byte) {
	t.Helper()
	to, err := sms.NewAddress(sms.TypeInternational, "819000000000")
	if err != nil {
		t.Fatal(err)
	}
	s := sms.NewResponseSubmit(to, []byte("\x02\x71\x00x"))
	if submit, err = s.Append(nil); err != nil {
		t.Fatal(err)
	}
	p := sms.SendShortMessage{Number: 1, TPDU: submit}
	return p.Append(nil), submit
}

// perfect is a bearer that loses nothing, with a jitter of nothing.
func perfect() map[air.Kind]air.Parameters {
	p := air.Default(air.SMS)
	p.Loss, p.Double, p.Late, p.Jitter = 0, 0, 0, 0
	return map[air.Kind]air.Parameters{air.SMS: p}
}
