package foreignhosts

import (
	"bytes"
	"crypto/rsa"
	"crypto/sha1"
	"math/big"
	"testing"

	"inkan/core/keys"
	system "inkan/sim/os"
	"inkan/spec/req"
)

// shellKey is a PEM file of gpshell: 1024 bits.
func shellKey(t testing.TB) *rsa.PublicKey {
	t.Helper()
	n := new(big.Int).SetBytes(append([]byte{0xC0}, append(bytes.Repeat([]byte{0x5A}, 126), 0x01)...))
	return &rsa.PublicKey{N: n, E: 65537}
}

// TestShell is gpshell in its mode 211: select without Le, open_sc, get_status of
// each element, put_sc_key, put_dm_keys' RSA key, install with limits, delete, which
// always asks for related objects, delete_key, getdata.
func TestShell(t *testing.T) {
	req.Covers(t, "SPEC-UICC-OS-010", "SPEC-UICC-OS-046", "SPEC-UICC-OS-047", "SPEC-UICC-OS-049", "SPEC-UICC-OS-060", "SPEC-UICC-OS-063", "SPEC-UICC-OS-065",
		"SPEC-GP-012", "SPEC-GP-CONTENT-111")
	each(t, 0xFF, func(t *testing.T, l *line, c *channel) {
		kind, size := keys.AES, len(c.dek)
		if c.scp == 2 {
			kind, size = keys.DES, 16
		}
		l.say(t, "00A4040008A000000003000000", 0x9000)
		shellRecognition(t, l.say(t, "80CA006600", 0x9000), c.scp)
		c = l.connect(t, 0, c.level, sameKeys(append(bytes.Clone(testKey), testKey...)[:size]), c.withLe)
		for _, element := range []byte{0x80, 0x40, 0x20, 0x10} {
			for _, form := range []byte{0x02, 0x00} {
				c.sendLe(t, 0xF2, element, form, unhex(t, "4F00"), true, 0x9000)
			}
		}
		c.sendLe(t, 0xF2, 0xE0, 2, unhex(t, "4F00"), true, 0x6A86) // more than one subset
		code := content(t)
		sum := sha1.Sum(code)
		limits := unhex(t, "EF0CC6020800C7020100C8020200")
		c.sendLe(t, 0xE6, 0x02, 0, append(lv(unhex(t, packageAID), unhex(t, "A000000003000000"), sum[:], limits), 0), true, 0x9000)
		file := object("C4", code)
		for number := byte(0); len(file) > 0; number++ {
			n := min(223, len(file))
			p1 := byte(0)
			if n == len(file) {
				p1 = 0x80
			}
			c.sendLe(t, 0xE8, p1, number, file[:n], p1 != 0, 0x9000) // Le with the last block only
			file = file[n:]
		}
		install := append(lv(unhex(t, packageAID), unhex(t, moduleAID), unhex(t, moduleAID), []byte{2}, unhex(t, "C90100EF08C7020100C8021000")), 0)
		c.sendLe(t, 0xE6, 0x0C, 0, install, true, 0x9000)
		c.sendLe(t, 0xE4, 0, 0x80, object("4F", unhex(t, moduleAID)), true, 0x9000)
		c.sendLe(t, 0xE6, 0x04, 0, install, true, 0x9000)
		c.sendLe(t, 0xE6, 0x08, 0, append(lv(nil, nil, unhex(t, moduleAID), []byte{2}, nil), 0), true, 0x9000)
		c.sendLe(t, 0xF0, 0x80, 0x07, unhex(t, issuerAID), false, 0x9000) // the issuer by its name
		c.sendLe(t, 0xE4, 0, 0x80, object("4F", unhex(t, packageAID)), true, 0x9000)
		shellKeys(t, c, kind, size)
	})
}

// shellRecognition reads the card data as libglobalplatform does: in the order 06,
// 60, 63, 64, and takes the first protocol.
func shellRecognition(t testing.TB, data []byte, protocol byte) {
	t.Helper()
	b := find(t, data, 0x66, 0x73)
	for _, tag := range []byte{0x06, 0x60, 0x63, 0x64} {
		if len(b) < 2 || b[0] != tag {
			t.Fatalf("%02X is not next in %X", tag, b)
		}
		if value := b[2 : 2+b[1]]; tag == 0x64 && value[len(value)-2] != protocol {
			t.Errorf("protocol %X", value)
		}
		b = b[2+b[1]:]
	}
}

// shellKeys puts keys: an RSA key whose modulus has the length 80 and a check value
// field of its own, and a key set; then it deletes one.
func shellKeys(t testing.TB, c *channel, kind keys.Type, size int) {
	t.Helper()
	k := shellKey(t)
	data := append([]byte{0x73, 0xA1, 0x80}, k.N.FillBytes(make([]byte, 128))...)
	c.sendLe(t, 0xD8, 0, 1, append(data, unhex(t, "00A00301000100")...), true, 0x9000)
	template := c.sendLe(t, 0xCA, 0, 0xE0, nil, true, 0x9000)
	if !bytes.Contains(template, unhex(t, "C0060173A180A003")) {
		t.Errorf("template %X", template)
	}
	set, kcvs := c.proKeys(t, kind, 0x10, keySet{bytes.Repeat([]byte{1}, size), bytes.Repeat([]byte{2}, size), bytes.Repeat([]byte{3}, size)})
	if out := c.sendLe(t, 0xD8, 0, 0x81, set, true, 0x9000); !bytes.Equal(out[1:], kcvs) {
		t.Errorf("PUT KEY: %X", out)
	}
	c.sendLe(t, 0xE4, 0, 0x80, unhex(t, "D00101D20173"), true, 0x9000)
	c.sendLe(t, 0xE4, 0, 0x80, unhex(t, "D20110"), true, 0x6985) // the last that opens a channel
	extended := c.sendLe(t, 0xCA, 0xFF, 0x21, nil, true, 0x9000)
	for _, tag := range []uint16{0x81, 0x82, 0x83} {
		if find(t, extended, 0xFF21, tag) == nil {
			t.Errorf("resources %X", extended)
		}
	}
}

// TestKeyComponents: what has a check value, or belongs to another key, is not
// joined.
func TestKeyComponents(t *testing.T) {
	req.Covers(t, "SPEC-GP-CONTENT-111")
	l := newCard(t, system.Config{})
	l.say(t, "00A4040000", 0x9000)
	c := l.connect(t, 0, cmac, sameKeys(testKey), true)
	n := append([]byte{0xA1, 0x80}, shellKey(t).N.FillBytes(make([]byte, 128))...)
	with := func(parts ...[]byte) []byte { return bytes.Join(append([][]byte{{0x73}}, parts...), nil) }
	e := unhex(t, "A003010001")
	c.send(t, 0xD8, 0, 1, with(n, []byte{0}), 0x6A80)
	c.send(t, 0xD8, 0, 1, with(e, []byte{0}, n, []byte{0}), 0x6A80)
	c.send(t, 0xD8, 0, 1, with(n, unhex(t, "03010203"), e, []byte{0}), 0x6A80)
	c.send(t, 0xD8, 0, 1, with(n, []byte{0}, e, []byte{0}, e, []byte{0}), 0x6A80)
	c.send(t, 0xD8, 0, 1, with(n, e, []byte{0}), 0x9000)
}
