package basic_test

import (
	"bytes"
	"testing"

	"inkan/core/iso7816"
	vocabulary "inkan/core/jpki/basic"
	"inkan/sim/runtime/bare"
	"inkan/spec/req"
)

// pair is a card and what the oracle says about it.
type pair struct {
	*rig
	common, text *application
	at           *application // selected; nil: another
}

// pairOf is a card with everything in it, and the oracle of it.
func pairOf(t fatal, protocol byte) *pair {
	t.Helper()
	p := &pair{rig: issued(t, protocol), common: newApplication(false), text: newApplication(true)}
	p.common.content[1] = aRecord
	for ef, content := range map[byte][]byte{1: aNumber, 2: anAttribute, 3: aDigest, 5: information} {
		p.text.content[ef] = content
	}
	for ef, value := range map[byte][]byte{0x11: aPIN, 0x14: aCodeA, 0x15: aCodeB} {
		p.text.secrets[ef].set(value)
	}
	return p
}

// choose selects an application by name.
func (p *pair) choose(text bool) {
	p.Helper()
	command, next := selectCommon, p.common
	if text {
		command, next = selectText, p.text
	}
	p.want(command, "9000")
	if p.at != nil {
		p.at.leave()
	}
	next.leave()
	p.at = next
}

// send sends a command to the selected application and compares the answers.
func (p *pair) send(c command) {
	p.Helper()
	raw := []byte{c.cla, c.ins, c.p1, c.p2}
	if len(c.data) > 0 {
		raw = append(append(raw, byte(len(c.data))), c.data...)
	}
	if c.ne > 0 {
		raw = append(raw, byte(c.ne))
	} else {
		c.ne = 256
	}
	data, sw := p.transmit(raw)
	wantData, want := p.at.answer(c)
	if sw != want || !bytes.Equal(data, wantData) {
		p.Fatalf("%X: %X %04X, want %X %04X", raw, data, uint16(sw), wantData, uint16(want))
	}
}

// Every instruction under every class that reaches the application.
func TestInstructions(t *testing.T) {
	req.Covers(t, "SPEC-IDCARD-022", "SPEC-IDCARD-023")
	p := pairOf(t, contact)
	for _, text := range []bool{false, true} {
		p.choose(text)
		for cla := range 0xFF {
			if cla&0x40 != 0 || cla&0x60 != 0x20 && cla&0x03 != 0 || cla&0xE0 == 0x20 {
				continue // channels that are not open, and reserved classes: the card answers
			}
			for ins := range 0x100 {
				if ins == 0x70 && cla&0x80 == 0 || ins == 0xC0 || ins&0xF0 == 0x60 || ins&0xF0 == 0x90 {
					continue // MANAGE CHANNEL, GET RESPONSE, and what is none
				}
				p.send(command{cla: byte(cla), ins: byte(ins), p1: 0xFF, p2: 0xFF})
			}
		}
	}
}

// The applications take the class bytes of the channel that they are selected on.
func TestChannels(t *testing.T) {
	req.Covers(t, "SPEC-IDCARD-022")
	r := issued(t, contact)
	r.want("0070000001", "019000")
	r.want("01"+selectText[2:], "9000")
	r.want("01B0850004", "776861749000")
	r.want("0DB0850001", "6E00")
	r.want("11B0850001", "6E00")
	r.want("81B0850001", "6E00")
}

// Every P1 and every P2 of each instruction, with data of several lengths, in
// several states.
func TestParameters(t *testing.T) {
	req.Covers(t, "SPEC-IDCARD-025", "SPEC-IDCARD-026", "SPEC-IDCARD-030", "SPEC-IDCARD-031", "SPEC-IDCARD-032", "SPEC-IDCARD-033",
		"SPEC-IDCARD-040", "SPEC-IDCARD-041", "SPEC-IDCARD-042", "SPEC-IDCARD-043", "SPEC-IDCARD-044", "SPEC-IDCARD-045")
	some := []byte{0x00, 0x01, 0x02, 0x0C, 0x91, 0x94}
	data := [][]byte{nil, {0, 5}, aPIN, aCodeA, make([]byte, 17)}
	p := pairOf(t, contact)
	states := []func(){
		func() { p.choose(false) }, func() { p.choose(true) },
		func() { p.choose(true); p.send(command{ins: 0x20, p2: 0x91, data: aPIN}) },
		func() { p.choose(true); p.send(command{ins: 0x20, p2: 0x94, data: aCodeA}) },
		func() { p.choose(true); p.send(command{ins: 0x20, p2: 0x95, data: aCodeB}) },
		func() { p.choose(true); p.send(command{ins: 0xA4, p1: 2, p2: 0xC, data: []byte{0, 0x11}}) },
		func() { p.choose(false); p.send(command{ins: 0xA4, p1: 2, data: []byte{0, 1}}) },
	}
	n := 0
	for _, state := range states {
		for _, ins := range []byte{0xA4, 0xB0, 0xB2, 0x20, 0x24} {
			for _, d := range data {
				state()
				for x := range 0x100 {
					for _, y := range some {
						for _, c := range []command{{ins: ins, p1: byte(x), p2: y, data: d}, {ins: ins, p1: y, p2: byte(x), data: d}} {
							if ins == 0xA4 && c.p1 == 4 {
								continue // names go to the card
							}
							if c.ne = x; ins == 0xA4 || ins == 0x20 || ins == 0x24 {
								c.ne = 0
							}
							p.send(c)
							n++
						}
					}
				}
				p.refresh()
			}
		}
	}
	t.Logf("%d commands", n)
}

// refresh sets the tries back that a sweep used up.
func (p *pair) refresh() {
	p.Helper()
	fresh := pairOf(p.fatal, contact)
	*p = *fresh
}

// SELECT by name, with and without response.
func TestSelect(t *testing.T) {
	req.Covers(t, "SPEC-IDCARD-020", "SPEC-IDCARD-021", "SPEC-IDCARD-026")
	r := issued(t, contact)
	for _, aid := range []string{"D3921000310001010100", "D3921000310001010408"} {
		r.want("00A4040C0A"+aid, "9000")
		r.want("00A404000A"+aid+"00", "6F0C840A"+aid+"9000")
		r.want("00A404040A"+aid+"00", "6F0C840A"+aid+"9000")
		r.want("00A4040C05F001020304", "6A82")
	}
}

// Selection ends what was verified and which file was current.
func TestSelectClears(t *testing.T) {
	req.Covers(t, "SPEC-IDCARD-021")
	r := issued(t, contact)
	verify := func() {
		r.want(selectText, "9000")
		r.want("0020009104"+"34373131", "9000")
		r.want("00B0810001", "FF9000")
	}
	for name, end := range map[string]func(){
		"selection": func() { r.want(selectText, "9000") },
		"another":   func() { r.want(selectCommon, "9000"); r.want(selectText, "9000") },
		"reset": func() {
			if _, err := r.card.Reset(ctx, true); err != nil {
				t.Fatal(err)
			}
			r.want(selectText, "9000")
		},
	} {
		verify()
		end()
		r.want("00B0000001", "6986")
		r.want("00B0810001", "6982")
		if t.Failed() {
			t.Fatal(name)
		}
	}
}

// Install parameters are refused; without them both applications are there.
func TestInstallParameters(t *testing.T) {
	req.Covers(t, "SPEC-IDCARD-024")
	flash, err := installed()
	if err != nil {
		t.Fatal(err)
	}
	r := boot(t, flash, contact)
	for _, module := range []string{"01", "02"} {
		err := install(r.card, module, []byte{0})
		e, ok := err.(interface{ Status() iso7816.SW })
		if !ok || e.Status() != iso7816.WrongData {
			t.Errorf("module %s: %v, want 6A80", module, err)
		}
		if err := install(r.card, module, nil); err != nil {
			t.Errorf("module %s: %v", module, err)
		}
	}
}

func install(card *bare.Card, module string, parameters []byte) error {
	m := append(vocabulary.AIDPackage.Append(nil), module[1]-'0')
	_, err := card.Install(vocabulary.AIDPackage.Append(nil), m, append([]byte{0xF0, 1, 2, 3, 4}, m[8:]...), parameters)
	return err
}

// A card that nobody has personalised has files and nothing in them.
func TestEmpty(t *testing.T) {
	req.Covers(t, "SPEC-IDCARD-031", "SPEC-IDCARD-033", "SPEC-IDCARD-040", "SPEC-IDCARD-042")
	r := newRig(t)
	r.want(selectCommon, "9000")
	r.want("00B2010C00", "6A83")
	r.want(selectText, "9000")
	r.want("00B0850000", "6B00")
	r.want("00B0810000", "6982")
	for _, p2 := range []string{"91", "94", "95"} {
		r.want("002000"+p2, "63C0")
		r.want("002000"+p2+"0430303030", "6984")
	}
}
