package basic_test

import (
	"bytes"
	"testing"

	"inkan/core/iso7816"
	vocabulary "inkan/core/jpki/basic"
	"inkan/core/scp"
	"inkan/core/tlv"
	"inkan/spec/req"
)

// A session without encryption is too weak, and ends a sequence.
func TestLevel(t *testing.T) {
	req.Covers(t, "SPEC-IDCARD-050")
	for _, level := range []scp.Level{scp.CMAC, scp.CMAC | scp.RMAC} {
		r := newRig(t)
		whole := tlv.AppendDGI(nil, 0xC005, information)
		card := r.personaliser(vocabulary.AIDText, full)
		if sw := r.status(card, block{0x08, 0, whole[:5]}); sw != iso7816.OK {
			t.Fatal(sw)
		}
		weak := r.personaliser(vocabulary.AIDText, level)
		if sw := r.status(weak, block{0x88, 1, whole[5:]}); sw != iso7816.SecurityStatusNotSatisfied {
			t.Errorf("level %02X: %v", byte(level), sw)
		}
		card = r.personaliser(vocabulary.AIDText, full)
		if sw := r.status(card, block{0x88, 1, whole[5:]}); sw != iso7816.IncorrectP1P2 {
			t.Errorf("the sequence goes on: %v", sw)
		}
		if sw := r.store(vocabulary.AIDText, textData(), 100); sw != iso7816.OK {
			t.Errorf("afterwards: %v", sw)
		}
	}
	r := newRig(t)
	r.want(selectText, "9000")
	r.want("80E28800 05 C005020102", "6E00") // to the selected application
	r.want("84E28800 05 C005020102", "6E00")
}

// One data group at a time, each of which breaks a rule; the next one is taken.
func TestGroupsRefused(t *testing.T) {
	req.Covers(t, "SPEC-IDCARD-051", "SPEC-IDCARD-052")
	value := func(n int) []byte { return bytes.Repeat([]byte{'7'}, n) }
	r := newRig(t)
	for _, c := range []struct {
		text bool
		b    []block
		want iso7816.SW
	}{
		{true, []block{{0x88, 0, tlv.AppendDGI(nil, 0xC004, value(4))}}, 0x6A88}, {true, []block{{0x88, 0, tlv.AppendDGI(nil, 0xB001, value(4))}}, 0x6A88},
		{false, []block{{0x88, 0, tlv.AppendDGI(nil, 0xC011, value(4))}}, 0x6A88}, {true, []block{{0x88, 0, []byte{0xC0, 1, 0}}}, 0x6A80},
		{true, []block{{0x88, 0, []byte{0xC0, 2, 0xFF, 0, 0xFE}}}, 0x6A80}, {true, []block{{0x88, 0, []byte{0xC0, 2, 0xFF, 4, 1}}}, 0x6A84},
		{true, []block{{0x88, 0, []byte{0xC0, 2, 0xFF, 0x80, 0}}}, 0x6A84}, {false, []block{{0x88, 0, []byte{0xC0, 1, 65}}}, 0x6A84},
		{true, []block{{0x88, 0, tlv.AppendDGI(nil, 0xC001, value(33))}}, 0x6A84}, {true, []block{{0x88, 0, tlv.AppendDGI(nil, 0xC011, value(5))}}, 0x6A80},
		{true, []block{{0x88, 0, tlv.AppendDGI(nil, 0xC011, []byte("12a4"))}}, 0x6A80}, {true, []block{{0x88, 0, tlv.AppendDGI(nil, 0xC015, []byte("1234567890123:"))}}, 0x6A80},
		{true, []block{{0x88, 0, tlv.AppendDGI(nil, 0xC014, value(11))}}, 0x6A80}, {true, []block{{0x80, 0, tlv.AppendDGI(nil, 0xC001, value(9))}}, 0x6A86},
		{true, []block{{0xA8, 0, tlv.AppendDGI(nil, 0xC001, value(9))}}, 0x6A86}, {true, []block{{0x88, 1, tlv.AppendDGI(nil, 0xC001, value(9))}}, 0x6A86},
		{true, []block{{0x08, 0, []byte{0xC0}}, {0x08, 2, []byte{1}}}, 0x6A86}, {true, []block{{0x08, 0, []byte{0xC0}}, {0x88, 1, []byte{1, 2, 7}}}, 0x6A80},
	} {
		to := vocabulary.AIDCommon
		if c.text {
			to = vocabulary.AIDText
		}
		card := r.personaliser(to, full)
		last := iso7816.OK
		for i, b := range c.b {
			if last = r.status(card, b); last != iso7816.OK && i+1 < len(c.b) {
				t.Fatalf("%X: block %d: %v", b.data, i, last)
			}
		}
		if last != c.want {
			t.Errorf("%v: %v, want %04X", c.b, last, uint16(c.want))
		}
		if sw := r.status(card, block{0x88, byte(len(c.b)), []byte{7}}); sw != iso7816.IncorrectP1P2 {
			t.Errorf("%v: the sequence goes on: %v", c.b, sw)
		}
	}
	r.want(selectCommon, "9000")
	r.want("00B2010C00", "6A83")
	r.want(selectText, "9000")
	r.want("00200091", "63C0")
}

// Data groups are cut anywhere, and their values are there afterwards.
func TestCutting(t *testing.T) {
	req.Covers(t, "SPEC-IDCARD-051", "SPEC-IDCARD-053", "SPEC-IDCARD-055")
	for size := range 223 {
		if size == 0 || size > 16 && size%31 != 0 && size < 220 {
			continue
		}
		r := newRig(t)
		data := textData()
		if size < 8 { // more than 256 blocks
			data = new(vocabulary.Data).Put(vocabulary.EFInformation, information).Put(vocabulary.EFPIN, aPIN)
		}
		if sw := r.store(vocabulary.AIDText, data, size); sw != iso7816.OK {
			t.Fatalf("blocks of %d bytes: %v", size, sw)
		}
		r.want(selectText, "9000")
		r.want("00B0850000", hexOf(information)+"9000")
		r.want("0020009104"+hexOf(aPIN), "9000")
		if size >= 8 {
			r.want("00B0810000", hexOf(aNumber)+"9000")
			r.want("00B0820000", hexOf(anAttribute[:256])+"9000")
		}
	}
}

// A new PIN has all its tries and is not verified; so has one that was blocked.
func TestNewPIN(t *testing.T) {
	req.Covers(t, "SPEC-IDCARD-055", "SPEC-IDCARD-043")
	r := issued(t, contact)
	r.want(selectText, "9000")
	for _, left := range "210" {
		r.want("002000910430303030", "63C"+string(left))
	}
	r.want("0020009104"+hexOf(aPIN), "6984")
	if sw := r.store(vocabulary.AIDText, new(vocabulary.Data).Put(vocabulary.EFPIN, []byte("0815")), 100); sw != iso7816.OK {
		t.Fatal(sw)
	}
	r.want(selectText, "9000")
	r.want("00200091", "63C3")
	r.want("00B0810000", "6982")
	r.want("002000910430383135", "9000")
	r.want("002401910439393939", "9000")
	r.want("00B0810000", "6982")
	r.want("002000910439393939", "9000")
}

// Over contactless everything is as on contact, the tries included.
func TestContactless(t *testing.T) {
	req.Covers(t, "SPEC-IDCARD-041")
	r := issued(t, contactless)
	r.want(selectText, "9000")
	r.want("002000910430303030", "63C2")
	if err := r.card.SetProtocol(contact); err != nil {
		t.Fatal(err)
	}
	if _, err := r.card.Reset(ctx, false); err != nil {
		t.Fatal(err)
	}
	r.want(selectText, "9000")
	r.want("00200091", "63C2")
}
