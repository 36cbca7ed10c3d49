package jpki_test

import (
	"strings"
	"testing"

	"inkan/core/iso7816"
	"inkan/spec/req"
)

const fci = "6F0C840AD392F000260100000001 9000"

// TestSelection is SELECT by name and what it clears.
func TestSelection(t *testing.T) {
	req.Covers(t, "SPEC-JPKI-AP-001", "SPEC-JPKI-AP-002", "SPEC-JPKI-AP-003", "SPEC-JPKI-AP-008")
	a := issued(t, options{})
	for _, p2 := range []string{"0C"} {
		a.want("00A404"+p2+"0AD392F000260100000001", "9000")
		a.want("00A404"+p2+"0AD392F00026010000000100", "9000")
	}
	for _, p2 := range []string{"00", "04", "08"} {
		a.want("00A404"+p2+"0AD392F000260100000001", fci)
		a.want("00A404"+p2+"0AD392F00026010000000100", fci)
	}
	a.want("00A4040005D392F0002600", fci) // a part of the name
	a.want(verify(1, pins[1]), "9000")
	a.want("80440200", "9000") // needs the PIN verified
	a.want("0020 0080", "63C3")
	a.want("00A4020C020006", "9000")
	a.selectApplication()
	a.want("80440200", "6982")
	a.want("00B0000000", "6986")
	a.want("00200080", "6986")
	a.want(verify(1, pins[1]), "9000")
	a.get(selectDomain)
	a.selectApplication()
	a.want("80440200", "6982")
}

// TestClasses goes through all class bytes and instructions.
func TestClasses(t *testing.T) {
	req.Covers(t, "SPEC-JPKI-AP-004", "SPEC-JPKI-AP-005", "SPEC-JPKI-AP-006")
	inter := map[byte]bool{0xA4: true, 0xB0: true, 0x20: true, 0x24: true, 0x2C: true, 0x84: true}
	proprietary := map[byte]bool{0x2A: true, 0x44: true, 0x88: true, 0xCA: true, 0x50: true, 0x82: true, 0xE2: true}
	secured := map[byte]bool{0x50: true, 0x82: true, 0xE2: true}
	r := newRig(t, options{})
	for cla := range 0xFF {
		if channel := cla & 0x03; cla&0x40 != 0 || cla&0x60 != 0x20 && channel != 0 {
			continue // a logical channel that is not open: the card answers
		}
		if cla&0xE0 == 0x20 {
			continue // reserved: the card's business as well
		}
		for ins := range 0x100 {
			if ins == 0x70 && cla&0x80 == 0 || ins == 0xC0 || ins&0xF0 == 0x60 || ins&0xF0 == 0x90 {
				continue // MANAGE CHANNEL, GET RESPONSE, and what is none
			}
			i := byte(ins)
			_, sw := r.send([]byte{byte(cla), i, 0xFF, 0xFF})
			valid := cla == 0 || cla == 0x80 || cla == 0x84 && secured[i]
			switch {
			case !valid || inter[i] && cla != 0 || proprietary[i] && cla == 0:
				if sw != iso7816.CLANotSupported {
					t.Errorf("%02X %02X: %v, want 6E00", cla, i, sw)
				}
			case !inter[i] && !proprietary[i]:
				if sw != iso7816.INSNotSupported {
					t.Errorf("%02X %02X: %v, want 6D00", cla, i, sw)
				}
			case i == 0x50 || i == 0x82: // the session's answer
			case sw == iso7816.INSNotSupported || sw == iso7816.CLANotSupported:
				t.Errorf("%02X %02X: %v", cla, i, sw)
			}
		}
	}
	r.want("80880000", "6A81")
	r.want("8088010203AABBCC", "6A81")
}

// TestFurtherClasses are the class bytes of logical channels: the application
// takes them on the channel that it is selected on.
func TestFurtherClasses(t *testing.T) {
	req.Covers(t, "SPEC-JPKI-AP-004")
	r := newRig(t, options{})
	r.get(selectDomain)
	r.get("0070000001")
	r.want("01A4040C0AD392F000260100000001", "9000")
	r.want("01B0860010", fmtHex([]byte("JPKIAPSIMTOKEN  "))+"9000")
	r.want("81CADF3000", "DF3012 800100 810101 820400000000 830100 840100 9000")
	r.want("0DB0860001", "6E00") // secure messaging
	r.want("11B0860001", "6E00") // chaining
	r.want("85CADF3000", "6E00")
	r.want("85E2880000", "6982")
}

// TestParameters installs with parameters good and bad.
func TestParameters(t *testing.T) {
	req.Covers(t, "SPEC-JPKI-AP-007", "SPEC-JPKI-AP-008", "SPEC-JPKI-AP-040")
	label := strings.Repeat("5A", 32)
	for _, good := range []string{"", "810101", "810103", "820100", "820103", "830100", "830101", "840141", "8420" + label,
		"840120", "84017E", "850100", "850102", "860101", "86010F", "87020100", "87021000", "8702010086010F840141820101810103830100850100"} {
		r := blank(t, options{parameters: good})
		if err := r.install(); err != nil {
			t.Errorf("%s: %v", good, err)
		}
	}
	for _, bad := range []string{"81", "8101", "8100", "81020101", "810100", "810102", "810104", "8101FF", "820104", "8201FF", "82020000",
		"830102", "8400", "8421" + label + "5A", "84011F", "84017F", "8401FF", "850103", "860100", "860110", "87020000", "870200FF", "87021001",
		"8702FFFF", "870108", "800101", "880101", "010101", "FF00", "810101810101", "84014184 0142", "810103830101820"[:12] + "8201",
		"8401", "8702080000"} {
		r := blank(t, options{parameters: bad})
		if err := r.install(); !iso(err, iso7816.WrongData) {
			t.Errorf("%s: %v, want 6A80", bad, err)
		}
		if len(r.card.Applets()) != 0 {
			t.Errorf("%s: an instance is left", bad)
		}
	}
}

func iso(err error, want iso7816.SW) bool {
	e, ok := err.(interface{ Status() iso7816.SW })
	return ok && e.Status() == want
}

// TestSelectFile is SELECT of elementary files.
func TestSelectFile(t *testing.T) {
	req.Covers(t, "SPEC-JPKI-AP-030", "SPEC-JPKI-AP-031", "SPEC-JPKI-AP-032", "SPEC-JPKI-AP-033")
	each(t, func(t *testing.T, form string) {
		r := newRig(t, options{parameters: form})
		r.want("00A4020C020006", "9000")
		for id := range 0x20 {
			want := "6A82"
			switch id {
			case 0x06, 0x08, 0x0A, 0x0B, 0x17, 0x18, 0x1B:
				want = "9000"
			case 0x01, 0x02, 0x1A:
				if form == cardForm {
					want = "9000"
				}
			}
			r.want(command(0, 0xA4, 2, 0x0C, []byte{0, byte(id)}), want)
			r.want(command(0, 0xA4, 2, 0x00, []byte{0, byte(id)})+"00", want)
		}
		r.exchanges(`
00A4020C020006     -> 9000
00A4020C020106     -> 6A82  # the current EF stays
00B0000001         -> 4A 9000
00A4020C023F00     -> 6A82
00A4020C02FF06     -> 6A82
00A4020402000A     -> 6A86
00A4020D02000A     -> 6A86
00A4020C           -> 6700
00A4020C0106       -> 6700
00A4020C0300000A   -> 6700
00A404000AD392F000260100000002 -> 6A82
00A4040C07A0000002471001 -> 6A82
00A4040D0AD392F000260100000001 -> 6A82  # a P2 that the card does not take
00A40000023F00     -> 6A86
00A4010C020006     -> 6A86
00A4030C           -> 6A86
00A4080C020006     -> 6A86
00A4FF0C020006     -> 6A86
00B0000001         -> 4A 9000
`)
	})
}

// tokenInformation is EF 0006.
func tokenInformation(label, longest, shortest string) string {
	blanks := func(s string, n int) string { return fmtHex([]byte(s + strings.Repeat(" ", n-len(s)))) }
	return blanks(label, 32) + blanks("INKAN", 32) + blanks("INKAN-JPKI-01", 16) + strings.Repeat("30", 16) + "0000040D" +
		"00000001 00000000 00000001 00000000" + longest + shortest + strings.Repeat("FF", 16) + "30333031" + strings.Repeat("39", 16)
}

// TestRead is READ BINARY of files that need nothing.
func TestRead(t *testing.T) {
	req.Covers(t, "SPEC-JPKI-AP-034", "SPEC-JPKI-AP-035", "SPEC-JPKI-AP-037", "SPEC-JPKI-AP-038", "SPEC-JPKI-AP-039",
		"SPEC-JPKI-AP-040", "SPEC-JPKI-AP-041")
	r := newRig(t, options{parameters: cardForm})
	token := tokenInformation("JPKIAPICCTOKEN2", "00000010", "00000006")
	r.want("00B0860000", token+"9000")
	r.exchanges(`
00B00000A0 -> ` + token + `9000  # by SFI it became current
00B00000   -> ` + token + `9000
00B00000FF -> ` + token + `9000
00B0869F02 -> 39 9000
00B0869E02 -> 3939 9000
00B086A001 -> 6B00
00B000A001 -> 6B00
00B0010001 -> 6B00
00B07FFF01 -> 6B00
00B000 0000 -> ` + token + `9000
00B0880000 -> 000000 9000
00B0880101 -> 00 9000
00B0880301 -> 6B00
00B0860001AA -> 6700
00B0000001AA -> 6700
00B0A60001 -> 6A86
00B0C60001 -> 6A86
00B0E60001 -> 6A86
00B0800001 -> 6A86
00B09F0001 -> 6A86
00B08C0001 -> 6A82
00B0970001 -> 6981
00B0980001 -> 6981
00B09A0001 -> 6981
00B09B0001 -> 6981
00B0820001 -> 6B00
00B08B0001 -> 6B00
00B08A0001 -> 6B00  # card form: free on contact
00B0810001 -> 6982
00B0000001 -> 00 9000  # what was refused did not become current
`)
	r.selectApplication()
	r.want("00B0000001", "6986")
	r.want("00A4020C020017", "9000")
	r.want("00B0000001", "6981")
	s := newRig(t, options{parameters: "840441424344"})
	s.want("00B0860000", tokenInformation("ABCD", "00000004", "00000004")+"9000")
	s.want("00B0810001", "6A82")
	s.want("00B08A0001", "6B00") // SIM form: guarded over contactless only
}

// TestCertificates is READ BINARY of certificates, long ones and guarded ones.
func TestCertificates(t *testing.T) {
	req.Covers(t, "SPEC-JPKI-AP-034", "SPEC-JPKI-AP-036", "SPEC-JPKI-AP-037", "SPEC-JPKI-AP-038", "SPEC-JPKI-AP-041")
	a := issued(t, options{parameters: cardForm + "820101"})
	der := certificate(1, false, a.size)
	for _, offset := range []string{"00B08A0010", "00B08AFF10"} {
		a.want(offset, "6982")
	}
	a.want("00A4020C02000A", "9000")
	a.want("00B07FFF01", "6982")
	a.want(verify(1, pins[1]), "9000")
	a.want("00B08AFE04", fmtHex(der[0xFE:0x102])+"9000")
	a.want("00B005DA00", fmtHex(der[0x5DA:])+"9000")
	a.want("00B005DB00", fmtHex(der[0x5DB:])+"9000")
	a.want("00B005DC00", "6B00")
	a.want("00B0880000", "8F8F00 9000")
	a.want("00B0810001", "6982") // the auth PIN does not open it
	a.want(verify(2, pins[2]), "9000")
	a.want("00B0810004", fmtHex(certificate(2, false, a.size)[:4])+"9000")
	s := issued(t, options{})
	s.want("00B08A0004", fmtHex(der[:4])+"9000")
	s.want("00B0880000", "008F00 9000")
}

// TestObjects is GET CHALLENGE and GET DATA.
func TestObjects(t *testing.T) {
	req.Covers(t, "SPEC-JPKI-AP-080", "SPEC-JPKI-AP-081", "SPEC-JPKI-AP-082", "SPEC-JPKI-AP-083")
	r := newRig(t, options{})
	seen := map[string]bool{}
	for _, k := range []struct {
		cmd  string
		want int
	}{{"0084000008", 8}, {"0084000008", 8}, {"0084000000", 256}, {"00840000", 256}, {"0084000001", 1}, {"00840000FF", 255}} {
		b := r.get(k.cmd)
		if len(b) != k.want || len(b) >= 8 && seen[string(b)] {
			t.Errorf("%s: %X", k.cmd, b)
		}
		seen[string(b)] = true
	}
	r.exchanges(`
0084000108   -> 6A86
0084010008   -> 6A86
0084000001AA -> 6700
80CADF3000   -> DF3012 800100 810101 820400000000 830100 840100 9000
80CADF30     -> DF3012 800100 810101 820400000000 830100 840100 9000
80CADF3001AA -> 6700
80CADF3100   -> 6A88
80CADF3200   -> 6A88
80CADF3300   -> 6A88
80CA006600   -> 6A88
80CA006601AA -> 6700
`)
	a := issued(t, options{parameters: cardForm})
	a.want("80CADF3000", "DF3012 800103 810103 820400000005 830101 84010C 9000")
	a.want("80CADF3100", "DF310F"+fmtHex([]byte(limits[1]))+"9000")
	a.want("80CADF3200", "DF320F"+fmtHex([]byte(limits[2]))+"9000")
	s := issued(t, options{})
	s.want("80CADF3100", "DF310F"+fmtHex([]byte(limits[1]))+"9000")
	s.want("80CADF3200", "6A88")
	s.want("80CADF3000", "DF3012 800103 810101 820400000005 830100 840104 9000")
}

// TestT0 is the card edge under T=0, where commands with responses have no Lc.
func TestT0(t *testing.T) {
	req.Covers(t, "SPEC-JPKI-AP-051", "SPEC-JPKI-AP-070")
	a := issued(t, options{})
	b := boot(t, options{protocol: 0, choices: a.opt.choices}, a.flash)
	if err := b.card.SetProtocol(0); err != nil {
		t.Fatal(err)
	}
	b.reset()
	b.exchanges(`
` + selectName + ` -> 9000
00A4020C020018 -> 9000
0020008000     -> 63C3
00200080       -> 63C3
` + verify(1, pins[1]) + ` -> 9000
0020008000     -> 63C3
00B0880003     -> 008F00 9000
8044020001     -> 6700
80440200       -> 9000
80CADF3000     -> DF3012 800103 810101 820400000005 830102 840104 9000
`)
	if n := len(b.get(strings.TrimSuffix(sign(0, 1, []byte{1, 2, 3}), "00"))); n != 256 {
		t.Errorf("a signature of %d bytes", n)
	}
}
