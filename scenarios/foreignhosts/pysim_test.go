package foreignhosts

import (
	"bytes"
	"fmt"
	"testing"

	"inkan/core/keys"
	"inkan/spec/req"
)

// TestPySimDomain is pySim-shell in ADF.ISD: select, get_data, establish_scp02 and
// establish_scp03, get_status, put_key, install_for_personalization, store_data,
// set_status, delete_card_content, delete_key.
func TestPySimDomain(t *testing.T) {
	req.Covers(t, "SPEC-UICC-OS-010", "SPEC-UICC-OS-060", "SPEC-UICC-OS-063", "SPEC-UICC-OS-066", "SPEC-UICC-OS-072", "SPEC-UICC-OS-073")
	each(t, 0x30, func(t *testing.T, l *line, c *channel) {
		kind, size := keys.AES, len(c.dek)
		if c.scp == 2 {
			kind, size = keys.DES, 16
		}
		k := sameKeys(append(bytes.Clone(testKey), testKey...)[:size])
		fci := l.say(t, "00A4040408A00000000300000000", 0x9000)
		if !bytes.Equal(find(t, fci, 0x6F, 0x84), unhex(t, issuerAID)) {
			t.Errorf("%X", fci)
		}
		for _, tag := range []string{"0066", "0067", "00E0", "00C1", "00C2", "00D3", "FF21"} {
			l.say(t, "80CA"+tag+"00", 0x9000)
		}
		c = l.connect(t, 0x30, c.level, k, false)
		for _, subset := range []byte{0x80, 0x40, 0x20, 0x10} {
			all := c.sendLe(t, 0xF2, subset, 2, unhex(t, "4F005C054F9F70C5CC"), true, 0x9000)
			if find(t, all, 0xE3, 0x4F) == nil || find(t, all, 0xE3, 0x9F70) == nil || find(t, all, 0xE3, 0xC4) != nil {
				t.Errorf("%02X: %X", subset, all)
			}
		}
		c.sendLe(t, 0xCA, 0x2F, 0, nil, true, 0x9000) // list_of_applications
		pySimKeys(t, c, kind, size)
		c.proLoad(t, nil)
		c.sendLe(t, 0xE6, 0x0C, 0, append(lv(unhex(t, packageAID), unhex(t, moduleAID), unhex(t, moduleAID), nil, nil), 0), true, 0x9000)
		c.proDomain(t, unhex(t, ""))
		c.sendLe(t, 0xE6, 0x20, 0, append(lv(nil, nil, unhex(t, domainAID), nil, nil), 0), true, 0x9000)
		c.sendLe(t, 0xE2, 0x80, 0, unhex(t, "4504AABBCCDD"), true, 0x9000)
		c.sendLe(t, 0xF0, 0x40, 0x83, unhex(t, moduleAID), false, 0x9000)
		c.sendLe(t, 0xF0, 0x40, 0x07, unhex(t, moduleAID), false, 0x9000)
		c.sendLe(t, 0xE4, 0, 0x80, object("4F", unhex(t, packageAID)), true, 0x9000)
		c.sendLe(t, 0xF0, 0x80, 0x07, nil, true, 0x9000)
		c.sendLe(t, 0xF0, 0x80, 0x0F, nil, true, 0x9000)
		l.say(t, "00A4040409"+domainAID+"00", 0x9000)
		if b := find(t, l.say(t, "80CA004500", 0x9000), 0x45); !bytes.Equal(b, unhex(t, "AABBCCDD")) {
			t.Errorf("45: %X", b)
		}
	})
}

// pySimKeys puts keys as pySim writes them: the block without a length where none
// is needed, check values or none, several keys over the air, a pre-shared key.
func pySimKeys(t testing.TB, c *channel, kind keys.Type, size int) {
	t.Helper()
	plain := func(key []byte, kcv bool) []byte {
		sealed := c.cipherKey(t, key)
		head := []byte{byte(kind), byte(len(sealed))}
		if kind == keys.AES && len(sealed) != len(key) {
			head = []byte{byte(kind), byte(len(sealed) + 1), byte(len(key))}
		}
		full := c.proKey(t, kind, key)
		if kcv {
			return append(append(head, sealed...), full[len(full)-4:]...)
		}
		return append(append(head, sealed...), 0)
	}
	key := func(b byte) []byte { return bytes.Repeat([]byte{b}, size) }
	set := func(version byte, kcv bool) []byte {
		data := []byte{version}
		for i := range byte(3) {
			data = append(data, plain(key(version+i), kcv)...)
		}
		return data
	}
	c.sendLe(t, 0xD8, 0, 0x81, set(1, true), true, 0x9000) // KIc, KID, KIK
	c.sendLe(t, 0xD8, 0, 0x81, set(2, false), true, 0x9000)
	c.sendLe(t, 0xD8, 2, 0x81, set(2, true), true, 0x9000)
	psk := append([]byte{0x85, 0x11, 0x10}, c.cipherKey(t, bytes.Repeat([]byte{0x30}, 16))...)
	c.sendLe(t, 0xD8, 0, 0x01, append(append([]byte{0x40}, psk...), 0), true, 0x9000)
	c.sendLe(t, 0xE4, 0, 0, unhex(t, "D00101D20140"), true, 0x9000)
	c.sendLe(t, 0xE4, 0, 0, unhex(t, fmt.Sprintf("D201%02X", 2)), true, 0x9000)
}
