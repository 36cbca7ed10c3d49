package usim

import (
	"bytes"
	"errors"
	"fmt"
	"testing"

	"inkan/core/apdu"
	"inkan/core/iso7816"
	"inkan/core/sms"
	"inkan/core/tlv"
	"inkan/core/uicc"
	"inkan/core/wire"
	"inkan/spec/req"
)

// inbox is an OTA that keeps what it gets.
type inbox struct {
	bodies   [][]byte
	last     Message
	response []byte
	receipt  Receipt
	events   []tlv.Tag
	act      func(m *Message) // before the response
}

func (b *inbox) Deliver(dst []byte, m *Message) ([]byte, Receipt) {
	b.bodies = append(b.bodies, bytes.Clone(m.Body))
	b.last = *m
	if b.act != nil {
		b.act(m)
	}
	return append(dst, b.response...), b.receipt
}

func (b *inbox) Event(dst []byte, tag tlv.Tag, value []byte) ([]byte, iso7816.SW, bool) {
	b.events = append(b.events, tag)
	return append(dst, value...), iso7816.OK, tag == uicc.TagCallControl
}

// answers is an Owner that keeps the responses.
type answers []uicc.TerminalResponse

func (a *answers) Responded(r *uicc.TerminalResponse) {
	c := *r
	c.Additional, c.Rest = bytes.Clone(r.Additional), bytes.Clone(r.Rest)
	*a = append(*a, c)
}

// display is DISPLAY TEXT with a text of n bytes.
func display(n int) []byte {
	body := []byte{0x81, 3, 0, byte(uicc.DisplayText), 0x80, 0x82, 2, 0x81, 0x02}
	body = tlv.AppendComprehension(body, 0x0D, true, append([]byte{4}, bytes.Repeat([]byte{'x'}, n)...))
	return tlv.Append(nil, uicc.TagProactive, body)
}

var profileWithSMS = []byte{0xFF, 0xFF, 0xFF, 0x02}

func TestProactive(t *testing.T) {
	req.Covers(t, "SPEC-USIM-131", "SPEC-USIM-133", "SPEC-USIM-134", "SPEC-USIM-136", "SPEC-USIM-137", "SPEC-USIM-138", "SPEC-USIM-139", "SPEC-USIM-140")
	c := newCard(t, options{})
	var a answers
	queue := func(n int) {
		t.Helper()
		if err := c.u.Enqueue(display(n), &a); err != nil {
			t.Fatal(err)
		}
	}
	queue(5)
	c.send("80F2000C -> 9000", "8012000000 -> 6985", "80100000 -> 6700", "8010010001FF -> 6A86")
	c.send("8010000004FFFFFF02 -> 9113")
	if !c.u.Supports(4, 2) || c.u.Supports(4, 1) || c.u.Supports(5, 1) || c.u.Supports(0, 1) || c.u.Supports(1, 9) {
		t.Error("the terminal's profile")
	}
	queue(3)
	c.send("80F2000C -> 9113", "00A4040402FFFF -> 6A82", "8014000001 00 -> 6985", "8012000012 -> 6C13", "80120100 -> 6A86", "80120000 -> 6700",
		"8012000013 -> D011 810301 21 80 82028102 8D06047878787878 9000",
		"80F2000C -> 9000", // one is under way
		"8012000000 -> D011…9000", "801400000C 810301211282028281830100 -> 6A80", "801400000C 810302218082028281830100 -> 6A80",
		"8014000005 8103012180 -> 6A80", "80140100 -> 6A86")
	r := uicc.TerminalResponse{Details: uicc.CommandDetails{Number: 1, Type: uicc.DisplayText, Qualifier: 0x80}, Result: 0x10, Additional: []byte{7}}
	c.do(r, iso7816.Proactive.Value|0x11) // the next one waits
	if len(a) != 1 || a[0].Result != 0x10 || !bytes.Equal(a[0].Additional, []byte{7}) {
		t.Errorf("%+v", a)
	}
	c.send("8012000011 -> D00F 810302 21 80 82028102 8D0404787878 9000")
	r.Details.Number = 2
	c.do(r, iso7816.OK)
	c.send("8012000000 -> 6985")
	queue(239)
	c.send("80F2000C -> 91FF")
	c.reset()
	c.send("80F2000C -> 9000", "8010000001FF -> 9000", "8012000000 -> 6985")
	for number := 1; number <= 600; number++ {
		queue(240) // 256 bytes
		c.send("80F2000C -> 9100")
		out := c.do(uicc.Fetch{Length: 256}, iso7816.OK)
		d, _, err := uicc.DecodeDetails(out)
		if err != nil || len(out) != 256 || int(d.Number) != (number-1)%254+1 {
			t.Fatalf("%d: %+v, %d bytes, %v", number, d, len(out), err)
		}
		c.do(uicc.TerminalResponse{Details: d}, iso7816.OK)
	}
}

func TestQueue(t *testing.T) {
	req.Covers(t, "SPEC-USIM-131", "SPEC-USIM-132", "SPEC-USIM-156")
	box := &inbox{}
	c := newCard(t, options{ota: box})
	var d *wire.DecodeError
	if err := c.u.Enqueue([]byte{0xD0, 0x02, 0x82, 0x00}, nil); !errors.As(err, &d) {
		t.Errorf("%v", err)
	}
	if err := c.u.Enqueue(display(241), nil); !errors.Is(err, ErrTooLong) {
		t.Errorf("%v", err)
	}
	for i := range queueLength {
		if c.u.Room() != queueLength-i {
			t.Errorf("room for %d", c.u.Room())
		}
		if err := c.u.Enqueue(display(1), nil); err != nil {
			t.Fatal(err)
		}
	}
	if err := c.u.Enqueue(display(1), nil); !errors.Is(err, ErrQueueFull) {
		t.Errorf("%v", err)
	}
	c.do(uicc.Envelope{Data: download(t, secured(t, []byte{1}, 0)[0])}, iso7816.ToolkitBusy)
	if len(box.bodies) != 0 {
		t.Error("the message was delivered")
	}
}

// secured is the user data of a secured packet, in as many messages as it needs.
func secured(t testing.TB, packet []byte, reference uint16) [][]byte {
	t.Helper()
	s, err := sms.NewSplitter(packet, sms.IEICommandPacket, reference, false, sms.MaxUserData)
	if err != nil {
		t.Fatal(err)
	}
	var parts [][]byte
	for i := range s.Parts() {
		parts = append(parts, s.Append(nil, i))
	}
	return parts
}

func sender(t testing.TB) sms.Address {
	t.Helper()
	a, err := sms.NewAddress(sms.TypeInternational, "819099990000")
	if err != nil {
		t.Fatal(err)
	}
	return a
}

// download is the object of an ENVELOPE with an SMS-DELIVER.
func download(t testing.TB, ud []byte) []byte {
	t.Helper()
	d := sms.NewCommandDeliver(sender(t), [7]byte{}, ud)
	tpdu, err := d.Append(nil)
	if err != nil {
		t.Fatal(err)
	}
	o := sms.Download{Address: []byte{0x91, 0x18, 0x09}, TPDU: tpdu}
	return o.Append(nil)
}

func (c *card) message(ud []byte, want iso7816.SW) []byte {
	c.t.Helper()
	return c.do(uicc.Envelope{Data: download(c.t, ud)}, want)
}

func TestDownload(t *testing.T) {
	req.Covers(t, "SPEC-USIM-153", "SPEC-USIM-155", "SPEC-USIM-156")
	box := &inbox{}
	c := newCard(t, options{ota: box})
	packet := unhex(t, "0020150619353 5B00011AABB")
	if got := c.message(secured(t, packet, 0)[0], iso7816.OK); len(got) != 0 {
		t.Errorf("%X", got)
	}
	if len(box.bodies) != 1 || !bytes.Equal(box.bodies[0], packet) || !box.last.Secured || box.last.Origin != sender(t) ||
		box.last.PID != sms.PIDDataDownload || box.last.DCS != sms.DCSClass2Data || !bytes.Equal(box.last.ServiceCentre, []byte{0x91, 0x18, 0x09}) {
		t.Errorf("%+v", box.last)
	}
	box.response = []byte{0, 3, 0x0A, 1, 2}
	if got := c.message(secured(t, packet, 0)[0], iso7816.OK); !bytes.Equal(got, unhex(t, "027100 00030A0102")) {
		t.Errorf("%X", got)
	}
	box.receipt.Outcome = Refused
	if got := c.message(secured(t, packet, 0)[0], iso7816.WarningStateChanged); !bytes.Equal(got, unhex(t, "027100 00030A0102")) {
		t.Errorf("%X", got)
	}
	box.receipt.Outcome = Busy
	c.message(secured(t, packet, 0)[0], iso7816.ToolkitBusy)
	box.receipt = Receipt{}
	d := sms.Deliver{OA: sender(t), UD: []byte("plain"), DCS: 0xF6}
	tpdu, err := d.Append(nil)
	if err != nil {
		t.Fatal(err)
	}
	plain := sms.Download{TPDU: tpdu}
	if got := c.do(uicc.Envelope{Data: plain.Append(nil)}, iso7816.OK); !bytes.Equal(got, box.response) || box.last.Secured || string(box.last.Body) != "plain" {
		t.Errorf("%X, %+v", got, box.last)
	}
	n := len(box.bodies)
	c.send("80C2000002D100 -> 6A80", "80C2000005 D1038B0100 -> 6A80", "80C2000008 D1068202 83818B00 -> 6A80", "80C200000B D109820283818B03010203 -> 6A80")
	if len(box.bodies) != n {
		t.Error("a broken message was delivered")
	}
	newCard(t, options{}).message(secured(t, packet, 0)[0], iso7816.OK) // nobody wants it
}

func TestConcatenated(t *testing.T) {
	req.Covers(t, "SPEC-USIM-154", "SPEC-USIM-153", "SPEC-USIM-003")
	box := &inbox{response: []byte{9}}
	c := newCard(t, options{ota: box})
	packet := bytes.Repeat([]byte{0x11, 0x22, 0x33}, 150)
	parts := secured(t, packet, 7)
	if len(parts) < 4 {
		t.Fatalf("%d parts", len(parts))
	}
	for i := len(parts) - 1; i > 0; i-- { // backwards, some twice
		if got := c.message(parts[i], iso7816.OK); len(got) != 0 {
			t.Errorf("part %d: %X", i, got)
		}
		c.message(parts[i], iso7816.OK)
		c.send("80C2000002D100 -> 6A80") // in between something broken
	}
	if len(box.bodies) != 0 {
		t.Fatal("delivered too early")
	}
	if got := c.message(parts[0], iso7816.OK); !bytes.Equal(got, unhex(t, "02710009")) {
		t.Errorf("%X", got)
	}
	if len(box.bodies) != 1 || !bytes.Equal(box.bodies[0], packet) || !box.last.Secured {
		t.Errorf("%d messages", len(box.bodies))
	}
	for _, p := range parts[1:] {
		c.message(p, iso7816.OK)
	}
	c.reset()
	c.message(parts[0], iso7816.OK)
	if len(box.bodies) != 1 {
		t.Error("parts survive a reset")
	}
}

func TestSubmit(t *testing.T) {
	req.Covers(t, "SPEC-USIM-157", "SPEC-USIM-158")
	box := &inbox{response: []byte{0, 3, 1}, receipt: Receipt{Submit: true}}
	c := newCard(t, options{ota: box})
	ud := secured(t, []byte{1, 2}, 0)[0]
	if got := c.message(ud, iso7816.OK); !bytes.Equal(got, unhex(t, "027100000301")) {
		t.Errorf("without a profile: %X", got)
	}
	c.do(uicc.TerminalProfile{Profile: profileWithSMS}, iso7816.OK)
	out, sw := c.raw(append(append([]byte{0x80, 0xC2, 0, 0, byte(len(download(t, ud)))}, download(t, ud)...), 0))
	if len(out) != 0 || sw>>8 != 0x91 {
		t.Fatalf("%X %04X", out, uint16(sw))
	}
	if got := fetchSubmit(c, int(sw&0xFF)); !bytes.Equal(got, unhex(t, "027100000301")) {
		t.Errorf("%X", got)
	}
	// Longer than a report: in parts, though not asked for.
	box.receipt.Submit, box.response = false, bytes.Repeat([]byte{0xAB}, 300)
	c.message(ud, 0x91AD) // D0 81 AA: details 5, identities 4, address 5, TPDU 3 and 153
	var whole []byte
	r, err := sms.NewReassembler(sms.ReassemblerConfig{Sets: 1, Parts: 8})
	if err != nil {
		t.Fatal(err)
	}
	for c.u.kit.waiting > 0 {
		m, done, err := r.Add(sender(t), fetchSubmit(c, c.u.kit.queue[c.u.kit.first].length))
		if err != nil {
			t.Fatal(err)
		}
		if done {
			whole = m
		}
	}
	if !bytes.Equal(whole, append(unhex(t, "027100"), box.response...)) {
		t.Errorf("%X", whole)
	}
	// No room in the queue for all parts: dropped, none is sent.
	for range queueLength - 2 {
		if err := c.u.Enqueue(display(1), nil); err != nil {
			t.Fatal(err)
		}
	}
	c.message(ud, iso7816.WarningStateChanged)
	if c.u.Room() != 2 {
		t.Errorf("room for %d", c.u.Room())
	}
	c.reset() // a terminal that cannot send: a short one goes with ENVELOPE, a long one is dropped
	c.message(ud, iso7816.WarningStateChanged)
}

// fetchSubmit takes a SEND SHORT MESSAGE and gives its user data.
func fetchSubmit(c *card, length int) []byte {
	c.t.Helper()
	out := c.do(uicc.Fetch{Length: length}, iso7816.OK)
	s, err := sms.DecodeSendShortMessage(out)
	if err != nil {
		c.t.Fatal(err)
	}
	m, err := sms.DecodeSubmit(s.TPDU)
	if err != nil {
		c.t.Fatal(err)
	}
	if m.DA != sender(c.t) || !bytes.Equal(s.Address, []byte{0x91, 0x18, 0x09}) {
		c.t.Errorf("to %v by %X", m.DA, s.Address)
	}
	a, err := uicc.TerminalResponse{Details: uicc.CommandDetails{Number: s.Number, Type: uicc.SendShortMessage, Qualifier: s.Qualifier}}.APDU(nil)
	if err != nil {
		c.t.Fatal(err)
	}
	b, err := a.Append(nil)
	if err != nil {
		c.t.Fatal(err)
	}
	if _, sw := c.raw(b); !sw.Normal() {
		c.t.Fatalf("TERMINAL RESPONSE: %04X", uint16(sw))
	}
	return m.UD
}

func TestEnvelope(t *testing.T) {
	req.Covers(t, "SPEC-USIM-150", "SPEC-USIM-151", "SPEC-USIM-152")
	box := &inbox{}
	c := newCard(t, options{ota: box})
	c.send("80C20000 -> 6A80", "80C2000001D6 -> 6A80", "80C2000003D60500 -> 6A80", "80C2000004D600D600 -> 6A80", "80C2000002D000 -> 6A80",
		"80C2000002E000 -> 6A80", "80C2000002 8100 -> 6A80", "80C2010002D600 -> 6A86", "80C2000002D600 -> 9000", "80C2000004D4020102 -> 01029000")
	if got := fmt.Sprint(box.events); got != "[D6 D4]" {
		t.Errorf("%v", got)
	}
	newCard(t, options{}).send("80C2000002D600 -> 9000")
}

func TestIsToolkit(t *testing.T) {
	for _, c := range []struct {
		cmd  apdu.Command
		want bool
	}{{apdu.Command{CLA: 0x80, INS: 0x10}, true}, {apdu.Command{CLA: 0x80, INS: 0x12}, true}, {apdu.Command{CLA: 0x80, INS: 0x14}, true},
		{apdu.Command{CLA: 0x80, INS: 0xC2}, true}, {apdu.Command{CLA: 0x00, INS: 0xC2}, false}, {apdu.Command{CLA: 0x80, INS: 0xF2}, false}, {apdu.Command{CLA: 0x81, INS: 0x12}, false}} {
		if IsToolkit(&c.cmd) != c.want {
			t.Errorf("%v", c.cmd)
		}
	}
}
