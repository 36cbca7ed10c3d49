package foreignhosts

import (
	"bytes"
	"crypto/sha1"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"inkan/core/cap"
	"inkan/core/gp"
	"inkan/core/keys"
	"inkan/core/scp"
	system "inkan/sim/os"
	"inkan/spec/req"
)

// AIDs of the corpus package that is loaded.
const (
	packageAID = "F0696E6B616E430F"
	moduleAID  = "F0696E6B616E430F01"
	issuerAID  = "A000000151000000"
	domainAID  = "A0000001515350AA01"
)

// content is the corpus package as GlobalPlatformPro sends it: the components in
// the order of installation, without debug and descriptor.
func content(t testing.TB) []byte {
	t.Helper()
	b, err := os.ReadFile(filepath.Join("..", "..", "spec", "corpus", "pin", "pin-305.cap"))
	if err != nil {
		t.Fatal(err)
	}
	f, err := cap.Open(b)
	if err != nil {
		t.Fatal(err)
	}
	return f.LoadFile(nil, false)
}

// issuerKeys are the initial keys of a card.
func issuerKeys(t keys.Type, version byte, key []byte) []system.Key {
	return system.KeySet(t, &scp.KeySet{Version: version, Enc: key, MAC: key, DEK: key})
}

// protocols that the hosts are run with.
var protocols = []struct {
	scp, i byte
	bytes  int
	levels []byte
}{
	{2, 0x15, 16, []byte{0x01, 0x03}},
	{2, 0x55, 16, []byte{0x01, 0x03}},
	{2, 0x35, 16, []byte{0x01, 0x03, 0x11, 0x13}},
	{3, 0x00, 16, []byte{0x01, 0x03}},
	{3, 0x10, 16, []byte{0x01, 0x03}},
	{3, 0x60, 24, []byte{0x01, 0x03, 0x11, 0x13, 0x33}},
	{3, 0x70, 16, []byte{0x01, 0x03, 0x11, 0x13, 0x33}},
	{3, 0x70, 24, []byte{0x01, 0x33}},
	{3, 0x70, 32, []byte{0x01, 0x03, 0x11, 0x13, 0x33}},
}

// each runs a host in all protocols and levels, with and without Le everywhere:
// GlobalPlatformPro's later versions send it with every command, the earlier ones
// with those only whose answer they read.
func each(t *testing.T, version byte, run func(t *testing.T, l *line, c *channel)) {
	for _, p := range protocols {
		for _, level := range p.levels {
			for _, le := range []bool{false, true} {
				t.Run(fmt.Sprintf("SCP%02X/%02X/%d/%02X/%v", p.scp, p.i, p.bytes, level, le), func(t *testing.T) {
					kind := keys.AES
					if p.scp == 2 {
						kind = keys.DES
					}
					key := append(bytes.Clone(testKey), testKey...)[:p.bytes]
					l := newCard(t, system.Config{Protocols: []gp.SCPOption{{Protocol: p.scp, I: p.i}}, Issuer: system.Issuer{Keys: issuerKeys(kind, version, key)}})
					l.say(t, "00A4040000", 0x9000)
					c := l.connect(t, 0, level, sameKeys(key), le)
					if c.version != version || c.scp != p.scp || c.scp == 3 && c.i != p.i {
						t.Fatalf("SCP%02X %02X version %02X", c.scp, c.i, c.version)
					}
					run(t, l, c)
				})
			}
		}
	}
}

// proStatus is GlobalPlatformPro's reading of the registry: entries by AID.
func (c *channel) proStatus(t testing.TB, legacy bool) map[string][]byte {
	t.Helper()
	all := map[string][]byte{}
	p2 := byte(2)
	if legacy {
		p2 = 0
	}
	for _, p1 := range []byte{0x80, 0x40, 0x10, 0x20} {
		for next := byte(0); ; next = 1 {
			command := c.seal(t, 0x80, 0xF2, p1, p2|next, []byte{0x4F, 0})
			out, sw := c.card.raw(t, append(command, 0))
			out = c.open(t, out, sw)
			if sw == 0x6A88 {
				break
			}
			if sw != 0x9000 && sw != 0x6310 {
				t.Fatalf("GET STATUS %02X: %04X", p1, sw)
			}
			for len(out) > 0 {
				n := int(out[1]) + 2
				if legacy {
					if n = int(out[0]) + 3; p1 == 0x10 {
						modules := int(out[n])
						for n++; modules > 0; modules-- {
							n += int(out[n]) + 1
						}
					}
					all[hex.EncodeToString(out[1:1+out[0]])] = out[1+out[0] : n]
				} else {
					if out[0] != 0xE3 || out[1] >= 0x80 {
						t.Fatalf("entry %X", out)
					}
					all[fmt.Sprintf("%X", find(t, out[:n], 0xE3, 0x4F))] = out[:n]
				}
				out = out[n:]
			}
			if sw == 0x9000 {
				break
			}
		}
	}
	return all
}

// proLoad is --load: INSTALL [for load] and the blocks as long as they can be.
func (c *channel) proLoad(t testing.TB, hash []byte) {
	t.Helper()
	code := content(t)
	c.send(t, 0xE6, 0x02, 0, append(lv(unhex(t, packageAID), unhex(t, issuerAID), hash, nil), 0), 0x9000)
	room := 255
	if c.level&cmac != 0 {
		room -= 8
	}
	if c.level&cenc != 0 {
		block := 8
		if c.scp == 3 {
			block = 16
		}
		room = room/block*block - 1
	}
	file := object("C4", code)
	for number := byte(0); len(file) > 0; number++ {
		n, p1 := min(room, len(file)), byte(0)
		if n == len(file) {
			p1 = 0x80
		}
		c.send(t, 0xE8, p1, number, file[:n], 0x9000)
		file = file[n:]
	}
}

func (c *channel) proInstall(t testing.TB, aid string, privileges, parameters []byte) {
	t.Helper()
	c.send(t, 0xE6, 0x0C, 0, append(lv(unhex(t, packageAID), unhex(t, moduleAID), unhex(t, aid), privileges, parameters), 0), 0x9000)
}

// TestProContent is GlobalPlatformPro's --list, --load, --install, --create,
// --make-default, --lock-applet, --delete.
func TestProContent(t *testing.T) {
	req.Covers(t, "SPEC-UICC-OS-014", "SPEC-UICC-OS-033", "SPEC-UICC-OS-042", "SPEC-UICC-OS-046", "SPEC-UICC-OS-047", "SPEC-UICC-OS-063", "SPEC-UICC-OS-073")
	sum := sha256.Sum256(content(t))
	old := sha1.Sum(content(t))
	each(t, 0xFF, func(t *testing.T, _ *line, c *channel) {
		before := c.proStatus(t, false)
		issuer := before[issuerAID]
		if p := find(t, issuer, 0xE3, 0xC5); len(p) != 3 || p[0]&0x80 == 0 {
			t.Errorf("issuer %X", issuer)
		}
		c.proLoad(t, sum[:])
		c.send(t, 0xE4, 0, 0x80, object("4F", unhex(t, packageAID)), 0x9000)
		c.proLoad(t, old[:])
		c.send(t, 0xE4, 0, 0, object("4F", unhex(t, packageAID)), 0x9000)
		c.proLoad(t, nil)
		c.proInstall(t, moduleAID, []byte{0}, []byte{0xC9, 0})
		c.proInstall(t, moduleAID+"02", []byte{0, 0, 0}, unhex(t, "C903112233"))
		c.proInstall(t, moduleAID+"03", nil, unhex(t, "C900EF08C7020100C8021000"))
		c.send(t, 0xE6, 0x08, 0, append(lv(nil, nil, unhex(t, moduleAID), []byte{4}, nil), 0), 0x9000)
		c.send(t, 0xF0, 0x40, 0x80, unhex(t, moduleAID+"02"), 0x9000)
		all := c.proStatus(t, false)
		for aid, state := range map[string]byte{moduleAID: 7, moduleAID + "02": 0x87, moduleAID + "03": 7} {
			e := all[aid]
			if s := find(t, e, 0xE3, 0x9F70); len(s) == 0 || s[0] != state || !bytes.Equal(find(t, e, 0xE3, 0xC4), unhex(t, packageAID)) ||
				!bytes.Equal(find(t, e, 0xE3, 0xCC), unhex(t, issuerAID)) {
				t.Errorf("%s: %X", aid, e)
			}
		}
		if p := find(t, all[moduleAID], 0xE3, 0xC5); len(p) == 0 || p[0] != 4 {
			t.Errorf("privileges %X", p)
		}
		if n := len(c.proStatus(t, true)); n != len(all) {
			t.Errorf("%d entries without tags, %d with", n, len(all))
		}
		c.send(t, 0xF0, 0x40, 0x00, unhex(t, moduleAID+"02"), 0x9000)
		c.send(t, 0xE4, 0, 0, object("4F", unhex(t, packageAID)), 0x6985)
		c.send(t, 0xE4, 0, 0, object("4F", unhex(t, moduleAID)), 0x9000)
		c.send(t, 0xE4, 0, 0x80, object("4F", unhex(t, packageAID)), 0x9000)
		if after := c.proStatus(t, false); len(after) != len(before) {
			t.Errorf("%d entries, were %d", len(after), len(before))
		}
	})
}

// proKeys is the data field of --lock: three keys as GlobalPlatformPro writes them.
func (c *channel) proKeys(t testing.TB, kind keys.Type, version byte, k keySet) (data, kcvs []byte) {
	t.Helper()
	data = []byte{version}
	for _, key := range k {
		data = append(data, c.proKey(t, kind, key)...)
		kcvs = append(kcvs, data[len(data)-3:]...)
	}
	return data, kcvs
}

func (c *channel) proKey(t testing.TB, kind keys.Type, key []byte) []byte {
	t.Helper()
	if kind == keys.AES {
		sealed := c.cipherKey(t, key)
		kcv := make([]byte, 16)
		aesBlock(t, key).Encrypt(kcv, bytes.Repeat([]byte{1}, 16))
		return append(append(append([]byte{0x88, byte(len(sealed) + 1), byte(len(key))}, sealed...), 3), kcv[:3]...)
	}
	kcv := make([]byte, 8)
	tripleDES(t, key).Encrypt(kcv, kcv)
	return append(append(append([]byte{0x80, 0x10}, c.cipherKey(t, key)...), 3), kcv[:3]...)
}

// TestProLock is GlobalPlatformPro's --lock of a virgin card, which has version FF
// and gets version 01, --key-ver, --lock again, --put-key, --delete-key, --unlock.
func TestProLock(t *testing.T) {
	req.Covers(t, "SPEC-UICC-OS-020", "SPEC-UICC-OS-049", "SPEC-UICC-OS-060", "SPEC-UICC-OS-061")
	each(t, 0xFF, func(t *testing.T, l *line, c *channel) {
		kind, size := keys.AES, len(c.dek)
		if c.scp == 2 {
			kind, size = keys.DES, 16
		}
		key := func(b byte) []byte { return append(bytes.Repeat([]byte{b}, size-1), b^0x5A) }
		put := func(replaced, version byte, k keySet) {
			t.Helper()
			data, kcvs := c.proKeys(t, kind, version, k)
			out := c.send(t, 0xD8, replaced, 0x81, data, 0x9000)
			if !bytes.Equal(out, append([]byte{version}, kcvs...)) && c.withLe {
				t.Errorf("PUT KEY: %X, want %02X%X", out, version, kcvs)
			}
		}
		again := func(version byte, k keySet) {
			t.Helper()
			level, le := c.level, c.withLe
			l.say(t, "00A4040000", 0x9000)
			c = l.connect(t, version, level, k, le)
		}
		template := func() []byte {
			t.Helper()
			return find(t, c.sendLe(t, 0xCA, 0, 0xE0, nil, true, 0x9000), 0xE0)
		}
		if b := template(); len(b) != 3*6 || b[3] != 0xFF {
			t.Errorf("template %X", b)
		}
		first := keySet{key(1), key(2), key(3)}
		put(0, 1, first)
		if b := template(); len(b) != 3*6 || b[3] != 1 {
			t.Errorf("template %X", b)
		}
		again(0, first)
		again(1, first)
		second := keySet{key(4), key(5), key(6)}
		put(1, 1, second)
		again(0, second)
		put(0, 0x20+c.scp, first)
		again(0x20+c.scp, first)
		c.send(t, 0xE4, 0, 0, unhex(t, "D20101"), 0x9000)
		c.send(t, 0xE4, 0, 0, unhex(t, "D20101"), 0x6A88)
		again(0, first)
		data := append([]byte{0x71}, c.proKey(t, kind, key(7))...)
		c.send(t, 0xD8, 0, 1, data, 0x9000)
		c.send(t, 0xD8, 0x71, 1, data, 0x9000)
	})
}
