package scp03

import (
	"bytes"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"inkan/core/apdu"
	"inkan/core/mac"
	"inkan/core/scp"
	"inkan/core/wire"
	"inkan/spec/req"
	"inkan/spec/vectors"
)

// forge gives the command that a holder of the session keys would send with
// this data field, whatever the rules say.
func forge(b *bench, cla byte, data []byte) []byte {
	s := b.host.session
	c := apdu.Command{CLA: cla, INS: 0xE2, Data: data}
	s.commandMAC(&c, data)
	c.Data = append(bytes.Clone(data), s.tag[:s.macSize]...)
	out, err := c.Append(nil)
	if err != nil {
		panic(err)
	}
	return out
}

// encrypted is data under the ICV of the next command.
func encrypted(b *bench, data []byte) []byte {
	s := b.host.session
	s.counter++
	s.commandICV()
	s.counter--
	out := bytes.Clone(data)
	s.enc.Encrypt(out, out, s.icv[:])
	return out
}

func TestCommandRejected(t *testing.T) {
	req.Covers(t, "SPEC-SCP03-045", "SPEC-SCP03-047", "SPEC-SCP03-052", "SPEC-SCP03-053", "SPEC-SCP03-054",
		"SPEC-SCP03-056", "SPEC-SCP03-080", "SPEC-SCP03-082")
	wrapped := func(b *bench) []byte {
		out, err := b.host.Wrap(nil, unhex("80E2000003112233"))
		if err != nil {
			panic(err)
		}
		return out
	}
	block := append(bytes.Repeat([]byte{0x11}, 15), 0x80)
	for _, c := range []struct {
		name  string
		level scp.Level
		cmd   func(b *bench) []byte
		cause string
	}{
		{"MAC", 0x01, func(b *bench) []byte { c := wrapped(b); c[len(c)-1] ^= 1; return c }, "C-MAC differs"},
		{"data", 0x33, func(b *bench) []byte { c := wrapped(b); c[5] ^= 1; return c }, "C-MAC differs"},
		{"instruction", 0x33, func(b *bench) []byte { c := wrapped(b); c[1] ^= 2; return c }, "C-MAC differs"},
		{"plain command", 0x01, func(*bench) []byte { return unhex("80CA006600") }, "command without secure messaging"},
		{"plain command on channel 5", 0x01, func(*bench) []byte { return unhex("C1CA006600") }, "command without secure messaging"},
		{"ISO secure messaging with header", 0x01, func(b *bench) []byte { c := wrapped(b); c[0] = 0x8C; return c }, "command without secure messaging"},
		{"class FF", 0x01, func(b *bench) []byte { c := wrapped(b); c[0] = 0xFF; return c }, "command without secure messaging"},
		{"no room for a MAC", 0x01, func(*bench) []byte { return unhex("84E2000003112233") }, "command shorter than its C-MAC"},
		{"malformed", 0x01, func(*bench) []byte { return unhex("84E20000F0112233") }, "malformed command APDU"},
		{"empty", 0x01, func(*bench) []byte { return nil }, "malformed command APDU"},
		{"not whole blocks", 0x03, func(b *bench) []byte { return forge(b, 0x84, make([]byte, 17)) }, "encrypted data is not whole blocks"},
		{"no padding", 0x33, func(b *bench) []byte { return forge(b, 0x84, encrypted(b, bytes.Repeat([]byte{0x11}, 16))) }, "padding of the decrypted data"},
		{"all zeros", 0x33, func(b *bench) []byte { return forge(b, 0x84, encrypted(b, make([]byte, 16))) }, "padding of the decrypted data"},
		{"a whole block of padding too much", 0x33, func(b *bench) []byte { return forge(b, 0x84, encrypted(b, append(block, make([]byte, 16)...))) }, "padding of the decrypted data"},
		{"nothing, encrypted", 0x33, func(b *bench) []byte { return forge(b, 0x84, encrypted(b, append([]byte{0x80}, make([]byte, 15)...))) }, "padding of the decrypted data"},
		{"secure messaging at level 00", 0x00, func(*bench) []byte { return unhex("84CA0066 08 0000000000000000 00") }, "secure messaging at level 00"},
		{"ISO secure messaging at level 00", 0x00, func(*bench) []byte { return unhex("0CCA0066 08 0000000000000000 00") }, "secure messaging at level 00"},
	} {
		t.Run(c.name, func(t *testing.T) {
			b := open(t, 0x70, c.level)
			dst := bytes.Repeat([]byte{0x5A}, 600)
			out, err := b.card.Unwrap(dst[:1], c.cmd(b))
			if err != scp.ErrSecurity || len(out) != 1 {
				t.Errorf("%X, %v; want 6982 and nothing", out, err)
			}
			if b.traps.last() != c.cause || len(b.traps.causes) != 1 {
				t.Errorf("causes %q, want %q", b.traps.causes, c.cause)
			}
			if bytes.Contains(dst, []byte{0x11, 0x22, 0x33}) || bytes.Contains(dst, []byte{0x11, 0x11, 0x11, 0x11}) {
				t.Error("plain data is left in the caller's buffer")
			}
			b.ended(t)
		})
	}
	// The forger itself is right: good padding passes.
	b := open(t, 0x70, 0x33)
	if out, err := b.card.Unwrap(nil, forge(b, 0x84, encrypted(b, block))); err != nil || len(out) != 5+15 {
		t.Errorf("%X, %v", out, err)
	}
}

func TestReplay(t *testing.T) {
	req.Covers(t, "SPEC-SCP03-057", "SPEC-SCP03-048")
	for _, level := range []scp.Level{0x01, 0x03, 0x11, 0x13, 0x33} {
		b := open(t, 0x70, level)
		first, _ := b.host.Wrap(nil, unhex("80CA006600"))
		if _, err := b.card.Unwrap(nil, first); err != nil {
			t.Fatal(err)
		}
		if _, err := b.card.Unwrap(nil, first); err != scp.ErrSecurity {
			t.Errorf("level %02X: the same command again: %v", byte(level), err)
		}
		b.ended(t)
		// Nor in another session of the same keys.
		b.reopen(t, 0x70, level)
		if _, err := b.card.Unwrap(nil, first); err != scp.ErrSecurity {
			t.Errorf("level %02X: in the next session: %v", byte(level), err)
		}
	}
}

// A response that never arrives costs nothing; a command that never arrives
// ends the session at the next one.
func TestLostMessages(t *testing.T) {
	req.Covers(t, "SPEC-SCP03-046", "SPEC-SCP03-048")
	b := open(t, 0x70, 0x33)
	cmd, _ := b.host.Wrap(nil, unhex("80E2000003112233"))
	if _, err := b.card.Unwrap(nil, cmd); err != nil {
		t.Fatal(err)
	}
	b.card.Wrap(nil, unhex("01029000"))
	cmd, _ = b.host.Wrap(nil, unhex("80E2000003112233"))
	plain, err := b.card.Unwrap(nil, cmd)
	if err != nil || !bytes.Equal(plain, unhex("80E2000003112233")) {
		t.Fatalf("after a lost response: %X, %v", plain, err)
	}
	resp, _ := b.card.Wrap(nil, unhex("01029000"))
	if plain, err = b.host.Unwrap(nil, resp); err != nil || !bytes.Equal(plain, unhex("01029000")) {
		t.Fatalf("after a lost response: %X, %v", plain, err)
	}
	b.host.Wrap(nil, unhex("80CA006600")) // lost
	cmd, _ = b.host.Wrap(nil, unhex("80CA006600"))
	if _, err := b.card.Unwrap(nil, cmd); err != scp.ErrSecurity {
		t.Error(err)
	}
	b.ended(t)
}

// wrappedAnswer is the card's answer 11 22 33 to the command it unwrapped last.
func wrappedAnswer(b *bench) []byte {
	out, err := b.card.Wrap(nil, unhex("1122339000"))
	if err != nil {
		panic(err)
	}
	return out
}

func TestResponseRejected(t *testing.T) {
	req.Covers(t, "SPEC-SCP03-061", "SPEC-SCP03-063", "SPEC-SCP03-064", "SPEC-SCP03-065", "SPEC-SCP03-066",
		"SPEC-SCP03-067", "SPEC-SCP03-080", "SPEC-SCP03-082")
	sealed := func(b *bench, data []byte) []byte {
		s := b.card.session
		s.responseMAC(data, sw(0x90, 0x00))
		return slices.Concat(data, s.tag[:s.macSize], sw(0x90, 0x00))
	}
	crypted := func(b *bench, data []byte) []byte {
		s := b.card.session
		s.responseICV()
		out := bytes.Clone(data)
		s.enc.Encrypt(out, out, s.icv[:])
		return out
	}
	for _, c := range []struct {
		name  string
		level scp.Level
		resp  func(b *bench) []byte
	}{
		{"R-MAC", 0x11, func(b *bench) []byte { r := wrappedAnswer(b); r[len(r)-3] ^= 1; return r }},
		{"data", 0x33, func(b *bench) []byte { r := wrappedAnswer(b); r[0] ^= 1; return r }},
		{"status word", 0x33, func(b *bench) []byte { r := wrappedAnswer(b); r[len(r)-2], r[len(r)-1] = 0x63, 0x10; return r }},
		{"no R-MAC", 0x11, func(*bench) []byte { return unhex("9000") }},
		{"R-MAC too short", 0x13, func(*bench) []byte { return unhex("112233445566779000") }},
		{"warning without R-MAC", 0x33, func(*bench) []byte { return unhex("6310") }},
		{"plain data", 0x33, func(*bench) []byte { return unhex("11223344556677889900AABB9000") }},
		{"error with data", 0x11, func(*bench) []byte { return unhex("1122336A88") }},
		{"no status word at all", 0x11, func(*bench) []byte { return unhex("1122") }},
		{"one byte", 0x11, func(*bench) []byte { return unhex("90") }},
		{"nothing", 0x00, func(*bench) []byte { return nil }},
		{"not whole blocks", 0x33, func(b *bench) []byte { return sealed(b, make([]byte, 15)) }},
		{"no padding", 0x33, func(b *bench) []byte { return sealed(b, crypted(b, bytes.Repeat([]byte{0x11}, 16))) }},
		{"nothing, encrypted", 0x33, func(b *bench) []byte { return sealed(b, crypted(b, append([]byte{0x80}, make([]byte, 15)...))) }},
	} {
		t.Run(c.name, func(t *testing.T) {
			b := open(t, 0x70, c.level)
			cmd, _ := b.host.Wrap(nil, unhex("80CA006600"))
			if _, err := b.card.Unwrap(nil, cmd); err != nil {
				t.Fatal(err)
			}
			dst := bytes.Repeat([]byte{0x5A}, 600)
			out, err := b.host.Unwrap(dst[:1], c.resp(b))
			var de *wire.DecodeError
			if !errors.Is(err, ErrResponse) && !errors.As(err, &de) || len(out) != 1 {
				t.Errorf("%X, %v", out, err)
			}
			if bytes.Contains(dst, []byte{0x11, 0x22, 0x33}) || bytes.Contains(dst, []byte{0x11, 0x11, 0x11, 0x11}) {
				t.Error("plain data is left in the caller's buffer")
			}
			hostEnded(t, b.host)
		})
	}
}

// An error status comes plain and leaves the session; a response that no command
// asked for ends it.
func TestPlainErrorStatusAndSequence(t *testing.T) {
	req.Covers(t, "SPEC-SCP03-068")
	for _, plain := range []string{"6A88", "6982", "6CFF", "6110"} {
		b := open(t, 0x70, 0x33)
		b.host.Wrap(nil, unhex("80CA006600"))
		if out, err := b.host.Unwrap(nil, unhex(plain)); err != nil || !bytes.Equal(out, unhex(plain)) {
			t.Errorf("error status %s: %X, %v", plain, out, err)
		}
		if b.host.Level() != 0x33 {
			t.Errorf("error status %s ended the session", plain)
		}
	}
	// Twice the same response, or one before any command.
	b := open(t, 0x70, 0x33)
	if _, err := b.host.Unwrap(nil, unhex("9000")); err != ErrSequence {
		t.Error(err)
	}
	hostEnded(t, b.host)
	b.reopen(t, 0x70, 0x33)
	cmd, _ := b.host.Wrap(nil, unhex("80CA006600"))
	b.card.Unwrap(nil, cmd)
	resp := wrappedAnswer(b)
	if _, err := b.host.Unwrap(nil, resp); err != nil {
		t.Error(err)
	}
	if _, err := b.host.Unwrap(nil, resp); err != ErrSequence {
		t.Error(err)
	}
	hostEnded(t, b.host)
}

func hostEnded(t *testing.T, h *Host) {
	t.Helper()
	if h.session != nil || h.Level() != 0 {
		t.Error("the host has kept the session")
	}
	if _, err := h.Wrap(nil, unhex("80CA006600")); err != scp.ErrEnded {
		t.Errorf("Wrap after the end: %v", err)
	}
	if _, err := h.Unwrap(nil, unhex("9000")); err != scp.ErrEnded {
		t.Errorf("Unwrap after the end: %v", err)
	}
	if _, err := h.EncryptSensitive(nil, make([]byte, 16)); err != scp.ErrEnded {
		t.Errorf("EncryptSensitive after the end: %v", err)
	}
	h.Close()
}

// The ICV of a response comes from the command: a second response to it would
// be encrypted under the same one.
func TestOneResponse(t *testing.T) {
	req.Covers(t, "SPEC-SCP03-069")
	b := open(t, 0x70, 0x33)
	cmd, _ := b.host.Wrap(nil, unhex("80CA006600"))
	b.card.Unwrap(nil, cmd)
	if _, err := b.card.Wrap(nil, unhex("01029000")); err != nil {
		t.Fatal(err)
	}
	if out, err := b.card.Wrap(nil, unhex("03049000")); err != scp.ErrSecurity || out != nil {
		t.Errorf("%X, %v", out, err)
	}
	b.ended(t)
	b = open(t, 0x70, 0x33)
	cmd, _ = b.host.Wrap(nil, unhex("80CA006600"))
	b.card.Unwrap(nil, cmd)
	if _, err := b.card.Wrap(nil, append(make([]byte, 65535), 0x90, 0x00)); err != ErrTooLong || !b.card.IsOpen() {
		t.Errorf("a response too long: %v", err)
	}
	if out, err := b.card.Wrap(nil, unhex("6700")); err != nil || !bytes.Equal(out, unhex("6700")) {
		t.Errorf("the status after it: %X, %v", out, err)
	}
	if _, err := b.card.Wrap(nil, unhex("90")); err != scp.ErrSecurity {
		t.Error(err)
	}
}

func TestNoProtection(t *testing.T) {
	req.Covers(t, "SPEC-SCP03-055")
	b := open(t, 0x00, 0x00)
	for _, s := range []string{"80CA006600", "00A4040000", "C1CA0066", "80E2000003112233"} {
		cmd, err := b.host.Wrap(nil, unhex(s))
		if err != nil || !bytes.Equal(cmd, unhex(s)) {
			t.Errorf("%s: host %X, %v", s, cmd, err)
		}
		if cmd, err = b.card.Unwrap(nil, cmd); err != nil || !bytes.Equal(cmd, unhex(s)) {
			t.Errorf("%s: card %X, %v", s, cmd, err)
		}
		resp, err := b.card.Wrap(nil, unhex("016A88"))
		if err != nil || !bytes.Equal(resp, unhex("016A88")) {
			t.Errorf("%X, %v", resp, err)
		}
		if resp, err = b.host.Unwrap(nil, resp); err != nil || !bytes.Equal(resp, unhex("016A88")) {
			t.Errorf("%X, %v", resp, err)
		}
	}
	if !b.card.IsOpen() {
		t.Error("an open session at level 00 counts as closed")
	}
}

func TestCommandLimits(t *testing.T) {
	req.Covers(t, "SPEC-SCP03-049", "SPEC-SCP03-006")
	for _, c := range []struct {
		i           Options
		level       scp.Level
		cmd, resp   int // short
		xcmd, xresp int // extended
	}{
		{0x70, 0x00, 255, 256, 65535, 65536},
		{0x70, 0x01, 247, 256, 65527, 65536},
		{0x71, 0x01, 239, 256, 65519, 65536},
		{0x70, 0x03, 239, 256, 65519, 65536},
		{0x71, 0x03, 223, 256, 65503, 65536},
		{0x70, 0x13, 239, 248, 65519, 65528},
		{0x71, 0x13, 223, 240, 65503, 65520},
		{0x70, 0x33, 239, 239, 65519, 65519},
		{0x71, 0x33, 223, 239, 65503, 65519},
	} {
		for _, extended := range []bool{false, true} {
			most, mostResponse := c.cmd, c.resp
			if extended {
				most, mostResponse = c.xcmd, c.xresp
			}
			if got := MaxCommandData(c.i, c.level, extended); got != most {
				t.Errorf("i %02X level %02X: MaxCommandData %d, want %d", c.i, c.level, got, most)
			}
			if got := MaxResponseData(c.i, c.level, extended); got != mostResponse {
				t.Errorf("i %02X level %02X: MaxResponseData %d, want %d", c.i, c.level, got, mostResponse)
			}
			b := open(t, c.i, c.level)
			plain, _ := (&apdu.Command{CLA: 0x80, INS: 0xE2, Data: make([]byte, most), Extended: extended, Ne: 1}).Append(nil)
			cmd, err := b.host.Wrap(nil, plain)
			if err != nil {
				t.Fatal(err)
			}
			if back, err := b.card.Unwrap(nil, cmd); err != nil || !bytes.Equal(back, plain) {
				t.Errorf("i %02X level %02X: %d bytes do not come through: %v", c.i, c.level, most, err)
			}
			if c.level == 0 {
				continue
			}
			state := *b.host.session
			plain, _ = (&apdu.Command{CLA: 0x80, INS: 0xE2, Data: make([]byte, most+1), Extended: extended}).Append(nil)
			if out, err := b.host.Wrap(nil, plain); err != ErrTooLong || out != nil || b.host.session.counter != state.counter || b.host.session.mcv != state.mcv {
				t.Errorf("i %02X level %02X: %d bytes: %v", c.i, c.level, most+1, err)
			}
		}
	}
}

// A command that cannot be protected leaves the session usable.
func TestHostRefuses(t *testing.T) {
	req.Covers(t, "SPEC-SCP03-041", "SPEC-SCP03-049")
	b := open(t, 0x70, 0x33)
	for _, s := range []string{"84CA006600", "88CA006600", "8CCA006600", "E0CA006600", "80CA", "80CA006605112233", ""} {
		if out, err := b.host.Wrap(nil, unhex(s)); err == nil || out != nil {
			t.Errorf("%s: %X, %v", s, out, err)
		}
	}
	cmd, _ := b.host.Wrap(nil, unhex("80CA006600"))
	if _, err := b.card.Unwrap(nil, cmd); err != nil {
		t.Error(err)
	}
}

func TestClass(t *testing.T) {
	req.Covers(t, "SPEC-SCP03-041", "SPEC-SCP03-042")
	for _, c := range []struct{ plain, wire, mac byte }{
		{0x80, 0x84, 0x84}, {0x00, 0x04, 0x04}, {0x83, 0x87, 0x84}, {0x01, 0x05, 0x04}, {0x90, 0x94, 0x94}, {0xA0, 0xA4, 0xA4},
		{0xC0, 0xE0, 0x84}, {0xCF, 0xEF, 0x84}, {0x40, 0x60, 0x04}, {0x4F, 0x6F, 0x04}, {0xD2, 0xF2, 0x94}, {0x51, 0x71, 0x14},
	} {
		wire, ok := scp.ProtectClass(c.plain)
		plain, back := scp.UnprotectClass(wire)
		if !ok || !back || wire != c.wire || plain != c.plain || scp.MACClass(c.plain, true) != c.mac || scp.MACClass(wire, true) != c.mac {
			t.Errorf("%02X: wire %02X, back %02X, in the C-MAC %02X", c.plain, wire, plain, scp.MACClass(wire, true))
		}
	}
	for i := range 256 {
		wire, ok := scp.ProtectClass(byte(i))
		if _, sm := scp.UnprotectClass(byte(i)); ok && sm {
			t.Errorf("%02X is plain and protected", i)
		}
		if plain, back := scp.UnprotectClass(wire); ok && (!back || plain != byte(i)) {
			t.Errorf("%02X comes back as %02X", i, plain)
		}
	}
}

func TestSensitive(t *testing.T) {
	req.Covers(t, "SPEC-SCP03-070", "SPEC-SCP03-071", "SPEC-SCP03-073")
	b := open(t, 0x70, 0x33)
	key := unhex("404142434445464748494A4B4C4D4E4F 505152535455565758595A5B5C5D5E5F")
	enc, err := b.host.EncryptSensitive([]byte("x"), key)
	if err != nil {
		t.Fatal(err)
	}
	direct, _ := mac.NewCBC(b.keys.DEK)
	want := make([]byte, 32)
	direct.Encrypt(want, key, make([]byte, blockSize))
	if !bytes.Equal(enc[1:], want) {
		t.Errorf("%X, want %X", enc[1:], want)
	}
	if plain, err := b.card.DecryptSensitive([]byte("y"), enc[1:]); err != nil || !bytes.Equal(plain[1:], key) {
		t.Errorf("%X, %v", plain, err)
	}
	if enc, err := b.card.EncryptSensitive([]byte("y"), key); err != nil || !bytes.Equal(enc[1:], want) {
		t.Errorf("by the card: %X, %v", enc, err)
	}
	for _, n := range []int{0, 1, 15, 17, 31} {
		if out, err := b.host.EncryptSensitive(nil, make([]byte, n)); err != ErrSensitive || out != nil {
			t.Errorf("host, %d bytes: %v", n, err)
		}
		if b.host.Level() != 0x33 {
			t.Error("a wrong length ended the host's session")
		}
		b := open(t, 0x70, 0x33)
		if out, err := b.card.DecryptSensitive([]byte("x"), make([]byte, n)); err != scp.ErrSecurity || string(out) != "x" {
			t.Errorf("card, %d bytes: %v", n, err)
		}
		b.ended(t)
		b = open(t, 0x70, 0x33)
		if out, err := b.card.EncryptSensitive([]byte("x"), make([]byte, n)); err != scp.ErrSecurity || string(out) != "x" {
			t.Errorf("card encrypts %d bytes: %v", n, err)
		}
		b.ended(t)
	}
}

type kcvVector struct {
	vectors.Header
	Key vectors.Hex `json:"key"`
	KCV vectors.Hex `json:"kcv"`
}

func TestKeyCheckValues(t *testing.T) {
	req.Covers(t, "SPEC-SCP03-072")
	for _, v := range vectors.Load[kcvVector](t, "scp03-kcv.json") {
		c, err := mac.NewCBC(v.Key)
		if err != nil {
			t.Fatal(err)
		}
		one := [16]byte(bytes.Repeat([]byte{0x01}, 16))
		if c.Block(one[:], one[:]); !bytes.Equal(one[:3], v.KCV) {
			t.Errorf("%s: %X, want %X", v.Name, one[:3], v.KCV)
		}
	}
}

func TestWiped(t *testing.T) {
	req.Covers(t, "SPEC-SCP03-081")
	b := open(t, 0x70, 0x33)
	h, c := b.host.session, b.card.session
	b.host.Close()
	b.host.Close()
	b.card.Close()
	b.card.Close()
	if *h != (session{}) || *c != (session{}) {
		t.Error("Close leaves session state")
	}
	hostEnded(t, b.host)
	b.ended(t)
	for _, v := range []any{b.keys, *b.keys} {
		if s := fmt.Sprintf("%v %+v %#v %x", v, v, v, v); strings.Contains(s, "0102") {
			t.Error(s)
		}
	}
}
