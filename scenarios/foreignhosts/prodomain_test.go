package foreignhosts

import (
	"bytes"
	"testing"

	"inkan/core/keys"
	system "inkan/sim/os"
	"inkan/spec/req"
)

// proFCI is what GlobalPlatformPro takes from the answer to SELECT of a named
// domain: the AID, an object identifier of GlobalPlatform, a version that it knows
// or none, the length of blocks.
func proFCI(t testing.TB, fci []byte) (aid []byte, block int) {
	t.Helper()
	if oid := find(t, fci, 0x6F, 0xA5, 0x73, 0x06); !bytes.Equal(oid, unhex(t, "2A864886FC6B01")) {
		t.Errorf("object identifier %X in %X", oid, fci)
	}
	switch version := find(t, fci, 0x6F, 0xA5, 0x73, 0x60, 0x06); {
	case version == nil, bytes.Equal(version, unhex(t, "2A864886FC6B02020101")), bytes.Equal(version, unhex(t, "2A864886FC6B020202")),
		bytes.Equal(version, unhex(t, "2A864886FC6B02020201")):
	default:
		t.Errorf("version %X, at which GlobalPlatformPro stops", version)
	}
	for _, b := range find(t, fci, 0x6F, 0xA5, 0x9F65) {
		block = block<<8 | int(b)
	}
	return find(t, fci, 0x6F, 0x84), block
}

// TestProInfo is GlobalPlatformPro's --info.
func TestProInfo(t *testing.T) {
	req.Covers(t, "SPEC-UICC-OS-010", "SPEC-UICC-OS-012", "SPEC-UICC-OS-065", "SPEC-UICC-OS-111")
	l := newCard(t, system.Config{Issuer: system.Issuer{IIN: []byte{0x81, 0x10}, CIN: []byte{1, 2, 3}}})
	for _, c := range []string{"00A4040000", "00A4040008" + issuerAID + "00", "00A4040007A000000151000000", "00A4040008A00000000300000000", "00A4040008A000000003000000"} {
		if aid, block := proFCI(t, l.say(t, c, 0x9000)); !bytes.Equal(aid, unhex(t, issuerAID)) || block != 255 {
			t.Errorf("%s: %X, blocks of %d", c, aid, block)
		}
	}
	if b := find(t, l.say(t, "80CA9F7F00", 0x9000), 0x9F7F); len(b) != 42 {
		t.Errorf("CPLC %X", b)
	}
	for tag, want := range map[uint16]string{0x42: "8110", 0x45: "010203", 0xCF: "00000000000000000000", 0xC1: "000000"} {
		if b := find(t, l.say(t, string([]byte("80CA00"))+hexByte(byte(tag))+"00", 0x9000), tag); !bytes.Equal(b, unhex(t, want)) {
			t.Errorf("%X: %X", tag, b)
		}
	}
	data := l.say(t, "80CA006600", 0x9000)
	if v := find(t, data, 0x66, 0x73, 0x60, 0x06); !bytes.Equal(v, unhex(t, "2A864886FC6B02020301")) {
		t.Errorf("version %X", v)
	}
	if s := find(t, data, 0x66, 0x73, 0x64, 0x06); !bytes.Equal(s, unhex(t, "2A864886FC6B040370")) {
		t.Errorf("channel %X", s)
	}
	capability := l.say(t, "80CA006700", 0x9000)
	for _, h := range find(t, capability, 0x67, 0x83) {
		if h < 1 || h > 4 {
			t.Errorf("hash %02X", h)
		}
	}
	l.say(t, "00A4040009A000000167413000FF00", 0x6A82) // JCOP's identification
}

func hexByte(b byte) string {
	return string([]byte{"0123456789ABCDEF"[b>>4], "0123456789ABCDEF"[b&15]})
}

// TestProDomain is GlobalPlatformPro's --domain, --move, --connect of the domain,
// --lock of it, and --store-data to an applet of it. In SCP02 the tool knows no i
// and writes 00 for it.
func TestProDomain(t *testing.T) {
	req.Covers(t, "SPEC-UICC-OS-034", "SPEC-UICC-OS-035", "SPEC-UICC-OS-037", "SPEC-UICC-OS-111", "SPEC-UICC-OS-112")
	each(t, 0x30, func(t *testing.T, l *line, c *channel) {
		i := c.i
		if c.scp == 2 {
			i = 0
		}
		c.proDomain(t, append(object("81", []byte{c.scp, i}), unhex(t, "8202202087022020")...))
		c.proLoad(t, nil)
		c.proInstall(t, moduleAID, []byte{0}, []byte{0xC9, 0})
		c.send(t, 0xE6, 0x10, 0, append(lv(unhex(t, domainAID), nil, unhex(t, moduleAID), nil, nil), 0), 0x9000)
		if d := find(t, c.proStatus(t, false)[moduleAID], 0xE3, 0xCC); !bytes.Equal(d, unhex(t, domainAID)) {
			t.Errorf("moved to %X", d)
		}
		connect := "00A4040009" + domainAID + "00"
		if aid, _ := proFCI(t, l.say(t, connect, 0x9000)); !bytes.Equal(aid, unhex(t, domainAID)) {
			t.Errorf("%X", aid)
		}
		kind, size := keys.AES, len(testKey)
		if c.scp == 2 {
			kind = keys.DES
		} else {
			size = len(c.dek)
		}
		root := sameKeys(append(bytes.Clone(testKey), testKey...)[:size])
		level, le := c.level, c.withLe
		own := l.connect(t, 0, level, root, le) // the issuer's keys, as long as it has none
		if template := find(t, own.sendLe(t, 0xCA, 0, 0xE0, nil, true, 0x9000), 0xE0); len(template) != 0 {
			t.Errorf("template %X", template)
		}
		mine := keySet{bytes.Repeat([]byte{9}, size), bytes.Repeat([]byte{8}, size), bytes.Repeat([]byte{7}, size)}
		data, _ := own.proKeys(t, kind, 0x30, mine)
		own.send(t, 0xD8, 0, 0x81, data, 0x9000)
		l.say(t, connect, 0x9000)
		own = l.connect(t, 0, level, mine, le)
		all := own.proStatus(t, false)
		if s := find(t, all[domainAID], 0xE3, 0x9F70); len(s) == 0 || s[0] != 0x0F || all[issuerAID] != nil || all[moduleAID] == nil {
			t.Errorf("%X", all)
		}
	})
}

// proDomain is --domain.
func (c *channel) proDomain(t testing.TB, parameters []byte) {
	t.Helper()
	c.send(t, 0xE6, 0x0C, 0, append(lv(unhex(t, "A0000001515350"), unhex(t, "A000000151535041"), unhex(t, domainAID), []byte{0x80}, object("C9", parameters)), 0), 0x9000)
}

// TestDomainProtocols: a domain whose parameters name no i offers the card's.
func TestDomainProtocols(t *testing.T) {
	req.Covers(t, "SPEC-UICC-OS-035", "SPEC-UICC-OS-112")
	cfg := system.Config{}
	l := newCard(t, cfg)
	l.say(t, "00A4040000", 0x9000)
	c := l.connect(t, 0, cmac, sameKeys(testKey), true)
	install := func(parameters string, want uint16) {
		t.Helper()
		c.send(t, 0xE6, 0x0C, 0, append(lv(unhex(t, "A0000001515350"), unhex(t, "A000000151535041"), unhex(t, domainAID), []byte{0x80}, object("C9", unhex(t, parameters))), 0), want)
	}
	install("81020100", 0x6A80)
	install("81020215", 0x6A80)
	install("81020310", 0x6A80)
	install("81020200", 0x9000)
	fci := l.say(t, "00A4040009"+domainAID+"00", 0x9000)
	if s := find(t, fci, 0x6F, 0xA5, 0x73, 0x64, 0x06); !bytes.Equal(s, unhex(t, "2A864886FC6B040255")) {
		t.Errorf("channel %X in %X", s, fci)
	}
	if _, sw := l.raw(t, unhex(t, "8050300008000000000000000000")); sw != 0x6A88 {
		t.Errorf("SCP03: %04X", sw)
	}
	l.connect(t, 0x20, cmac, sameKeys(testKey), true)
}

// TestProPersonal is GlobalPlatformPro's --set-pre-perso and --set-perso, which
// have the tags 9F67 and 9F66, --rename-isd, --lock-card and --unlock-card.
func TestProPersonal(t *testing.T) {
	req.Covers(t, "SPEC-UICC-OS-013", "SPEC-UICC-OS-067", "SPEC-UICC-OS-071", "SPEC-UICC-OS-072")
	each(t, 0x30, func(t *testing.T, l *line, c *channel) {
		k := sameKeys(append(bytes.Clone(testKey), testKey...)[:max(16, len(c.dek))])
		c.send(t, 0xE2, 0x80, 0, unhex(t, "9F67081111222233333333"), 0x9000)
		c.send(t, 0xE2, 0x80, 0, unhex(t, "9F66084444555566666666"), 0x9000)
		cplc := find(t, c.sendLe(t, 0xCA, 0x9F, 0x7F, nil, true, 0x9000), 0x9F7F)
		if len(cplc) != 42 || !bytes.Equal(cplc[26:], unhex(t, "11112222333333334444555566666666")) {
			t.Errorf("CPLC %X", cplc)
		}
		c.sendLe(t, 0xE2, 0x81, 0, unhex(t, "4504AABBCCDD"), true, 0x9000) // --store-data
		c.send(t, 0xE2, 0x90, 0, object("4F", unhex(t, "A00000015100AA")), 0x9000)
		if aid, _ := proFCI(t, l.say(t, "00A4040000", 0x9000)); !bytes.Equal(aid, unhex(t, "A00000015100AA")) {
			t.Errorf("%X", aid)
		}
		c = l.connect(t, 0, c.level, k, c.withLe)
		for _, state := range []byte{0x07, 0x0F, 0x7F} {
			c.send(t, 0xF0, 0x80, state, nil, 0x9000)
		}
		proFCI(t, l.say(t, "00A4040000", 0x6283))
		c = l.connect(t, 0, c.level, k, c.withLe)
		c.send(t, 0xF0, 0x80, 0x0F, nil, 0x9000)
		l.say(t, "00A4040000", 0x9000)
	})
}
