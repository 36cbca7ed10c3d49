package basic_test

import (
	"testing"

	"inkan/core/iso7816"
	vocabulary "inkan/core/jpki/basic"
	"inkan/core/tlv"
	"inkan/spec/req"
)

// FuzzStore sends any bytes as data groups in blocks of a size, and any bytes as
// command data, to both applications; every answer has to be the oracle's.
func FuzzStore(f *testing.F) {
	f.Add(byte(0), byte(40), tlv.AppendDGI(nil, 0xC001, aRecord))
	f.Add(byte(1), byte(100), tlv.AppendDGI(tlv.AppendDGI(nil, 0xC002, anAttribute), 0xC011, aPIN))
	f.Add(byte(1), byte(3), []byte("\xC0\x03\xFF\x00\x01"))
	f.Add(byte(1), byte(9), []byte("\xC0\x14\x0C12345678901x"))
	f.Fuzz(func(t *testing.T, which, size byte, data []byte) {
		req.Covers(t, "SPEC-IDCARD-051", "SPEC-IDCARD-052")
		p := pairOf(t, contact)
		to, aid := p.common, vocabulary.AIDCommon
		if which&1 != 0 {
			to, aid = p.text, vocabulary.AIDText
		}
		card := p.personaliser(aid, full)
		n := int(size)%200 + 1
		for number := 0; len(data) > 0 && number < 256; number++ {
			b := block{0x08, byte(number), data[:min(n, len(data))]}
			if data = data[len(b.data):]; len(data) == 0 {
				b.p1 = 0x88
			}
			want := to.store(true, b)
			if sw := p.status(card, b); sw != want {
				t.Fatalf("STORE DATA %02X%02X %X: %v, want %04X", b.p1, b.p2, b.data, sw, uint16(want))
			}
			if want != iso7816.OK {
				break
			}
		}
		for _, text := range []bool{false, true} {
			p.choose(text)
			p.send(command{ins: 0xB2, p1: 1, p2: 0x0C})
			p.send(command{ins: 0x20, p2: 0x91, data: aPIN})
			for _, ef := range []byte{0x81, 0x82, 0x83, 0x85} {
				p.send(command{ins: 0xB0, p1: ef})
			}
		}
	})
}

// FuzzEdge sends any bytes as the fields of commands to an application.
func FuzzEdge(f *testing.F) {
	f.Add([]byte{1, 0, 0x20, 0, 0x91, 4, '4', '7', '1', '1', 0, 0xB0, 0x81, 0, 0})
	f.Add([]byte{0, 0, 0xB2, 1, 0x0C, 0})
	f.Fuzz(func(t *testing.T, program []byte) {
		req.Covers(t, "SPEC-IDCARD-022", "SPEC-IDCARD-023", "SPEC-IDCARD-056")
		p := pairOf(t, contact)
		if len(program) > 0 {
			p.choose(program[0]&1 != 0)
			program = program[1:]
		}
		for len(program) >= 5 {
			c := command{cla: program[0] & 0x8C, ins: program[1], p1: program[2], p2: program[3]}
			n := min(int(program[4])%20, len(program)-5)
			c.data, program = program[5:5+n], program[5+n:]
			if c.ins&0xF0 == 0x60 || c.ins&0xF0 == 0x90 || c.ins == 0xC0 || c.ins == 0x70 || c.ins == 0xA4 && c.p1 == 4 {
				continue // none, the card's own, and selection by name
			}
			p.send(c)
		}
	})
}

// Under T=0 the third parameter byte of the commands that read is Le.
func TestT0(t *testing.T) {
	req.Covers(t, "SPEC-IDCARD-030", "SPEC-IDCARD-032")
	r := issued(t, 0x00)
	r.want(selectCommon, "9000")
	r.want("00B2010C1E", hexOf(aRecord)+"9000")
	r.want("00B2010C04", hexOf(aRecord[:4])+"9000")
	r.want(selectText, "9000")
	r.want("0020009100", "63C3")
	r.want("0020009104"+hexOf(aPIN), "9000")
	r.want("00B0810011", hexOf(aNumber)+"9000")
}
