package scp02

import (
	"bytes"
	"fmt"
	"strings"
	"testing"

	"inkan/core/scp"
	"inkan/spec/req"
)

func TestOptions(t *testing.T) {
	req.Covers(t, "SPEC-SCP02-001", "SPEC-SCP02-030")
	usable := 0
	for i := range 256 {
		o := Options(i)
		want := i&0x80 == 0 && i&0x04 != 0 && i&0x08 == 0
		if got := o.Check() == nil; got != want {
			t.Errorf("i=%02X usable: %t", i, got)
		}
		if want {
			usable++
			for l := range 256 {
				allowed := l == 0 || l == 1 || l == 3 || i&0x20 != 0 && (l == 0x10 || l == 0x11 || l == 0x13)
				if o.Allows(scp.Level(l)) != allowed {
					t.Errorf("i=%02X level %02X: %t", i, l, !allowed)
				}
			}
			continue
		}
		if _, err := NewCard(CardConfig{Options: o}); err == nil || !strings.Contains(err.Error(), fmt.Sprintf("i %02X", i)) {
			t.Errorf("NewCard i=%02X: %v", i, err)
		}
		if _, err := NewHandshake(HostConfig{Options: o}); err == nil || !strings.Contains(err.Error(), "bit") {
			t.Errorf("NewHandshake i=%02X: %v", i, err)
		}
	}
	if usable != 32 {
		t.Errorf("%d usable options, spec says 32", usable)
	}
}

func TestConfigurationErrors(t *testing.T) {
	keys := oneSet(nil, nil)
	for name, config := range map[string]CardConfig{
		"no keys":    {Options: 0x15, Entropy: fixed{1}},
		"no entropy": {Options: 0x15, Keys: keys},
		"no AID":     {Options: 0x55, Keys: keys},
		"level 11":   {Options: 0x15, Keys: keys, Entropy: fixed{1}, Levels: []scp.Level{0x11}},
	} {
		if _, err := NewCard(config); err == nil {
			t.Errorf("%s: accepted", name)
		}
	}
	for name, config := range map[string]HostConfig{
		"no keys":    {Options: 0x15, Entropy: fixed{1}},
		"no entropy": {Options: 0x15, Keys: FixedKeys(nil)},
		"level 11":   {Options: 0x15, Keys: FixedKeys(nil), Entropy: fixed{1}, Level: 0x11},
	} {
		if _, err := NewHandshake(config); err == nil {
			t.Errorf("host, %s: accepted", name)
		}
	}
	v := session02(t, "inkan/i14-level03")
	_, card := v.pair(t)
	ks, _ := card.config.Keys(0)
	for name, edit := range map[string]func(){
		"a key of 15 bytes":              func() { ks.Enc = ks.Enc[:15] },
		"a second key with one base key": func() { ks.Enc, ks.MAC = v.Enc, unhex("00112233445566778899AABBCCDDEEFF") },
	} {
		h, _ := v.pair(t)
		h.config.Keys = FixedKeys(ks)
		edit()
		wantBytes(t, name, card.InitializeUpdate(nil, v.InitializeUpdate), []byte{0x6A, 0x88})
		begin(t, h)
		if _, err := h.ExternalAuthenticate(nil, append(bytes.Clone(v.Response), 0x90, 0)); err == nil || strings.Contains(err.Error(), "0011") {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestCounterEnd(t *testing.T) {
	req.Covers(t, "SPEC-SCP02-084", "SPEC-SCP02-034")
	v := session02(t, pysimSession)
	for _, c := range []struct {
		value uint32
		want  []byte
	}{{0xFFFE, nil}, {0xFFFF, []byte{0x69, 0x83}}, {0x10000, []byte{0x69, 0x83}}} {
		h, card := v.pair(t)
		counter := counterOf(card)
		counter.value = c.value
		resp := card.InitializeUpdate(nil, begin(t, h))
		if c.want != nil {
			wantBytes(t, "INITIALIZE UPDATE", resp, c.want)
			if counter.stores != 0 || card.session != nil {
				t.Error("something happened")
			}
			continue
		}
		ea, err := h.ExternalAuthenticate(nil, resp)
		if err != nil {
			t.Fatal(err)
		}
		wantBytes(t, "EXTERNAL AUTHENTICATE", card.ExternalAuthenticate(nil, ea), []byte{0x90, 0})
		if counter.value != 0xFFFF {
			t.Errorf("counter %X", counter.value)
		}
	}
}

// A counter that cannot be stored, or that another channel has spent since
// INITIALIZE UPDATE, opens no session.
func TestCounterNotStored(t *testing.T) {
	req.Covers(t, "SPEC-SCP02-035", "SPEC-SCP02-037")
	v := session02(t, pysimSession)
	for name, spoil := range map[string]func(*memory){
		"Store fails":    func(m *memory) { m.failing = true },
		"spent meantime": func(m *memory) { m.value++ },
	} {
		_, card := v.pair(t)
		card.InitializeUpdate(nil, v.InitializeUpdate)
		spoil(counterOf(card))
		wantBytes(t, name, card.ExternalAuthenticate(nil, v.ExternalAuthenticate), []byte{0x63, 0x00})
		if card.IsOpen() || card.session != nil {
			t.Errorf("%s: a session survives", name)
		}
	}
}

// Two key sets with a counter each: a session spends its own only.
func TestCounterPerKeySet(t *testing.T) {
	req.Covers(t, "SPEC-SCP02-034", "SPEC-SCP02-017", "SPEC-SCP02-023")
	v := session02(t, pysimSession)
	h, card := v.pair(t)
	counters := map[byte]*memory{0x20: {value: 7}, 0x21: {value: 1000}}
	card.config.Keys = func(version byte) (*scp.KeySet, scp.Counter) {
		if version == 0 {
			version = 0x20
		}
		if m := counters[version]; m != nil {
			return v.keySet(version), m
		}
		if version == 0x22 {
			return v.keySet(version), nil
		}
		return nil, nil
	}
	initialize := func(version byte) (*Handshake, []byte) {
		config := h.config
		config.KeyVersion, config.Level = version, scp.CMAC
		h, err := NewHandshake(config)
		if err != nil {
			t.Fatal(err)
		}
		return h, card.Handshake(nil, begin(t, h))
	}
	for _, version := range []byte{0x00, 0x20, 0x21} {
		h, resp := initialize(version)
		if !card.Authenticating() || resp[10] != max(version, 0x20) {
			t.Fatalf("version %02X: %X", version, resp)
		}
		ea, err := h.ExternalAuthenticate(nil, resp)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := h.Open(card.Handshake(nil, ea)); err != nil {
			t.Fatal(err)
		}
	}
	if counters[0x20].value != 9 || counters[0x21].value != 1001 {
		t.Errorf("counters %d and %d", counters[0x20].value, counters[0x21].value)
	}
	for version, want := range map[byte][]byte{0x22: {0x69, 0x82}, 0x23: {0x6A, 0x88}} {
		_, resp := initialize(version)
		wantBytes(t, fmt.Sprintf("key version %02X", version), resp, want)
	}
	wantBytes(t, "another instruction", card.Handshake(nil, unhex("80CA006600")), []byte{0x6D, 0x00})
	wantBytes(t, "one byte", card.Handshake(nil, unhex("80")), []byte{0x6D, 0x00})
}

// INITIALIZE UPDATE has a proprietary class byte without secure messaging and
// chaining, on any channel; everything else is 6E00 and spends nothing.
func TestInitializeUpdateClass(t *testing.T) {
	req.Covers(t, "SPEC-SCP02-027")
	v := session02(t, pysimSession)
	for class := range 256 {
		h, card := v.pair(t)
		v.open(t, h, card)
		stores := counterOf(card).stores
		cmd := bytes.Clone(v.InitializeUpdate)
		cmd[0] = byte(class)
		resp := card.Handshake(nil, cmd)
		if class>>2 == 0x80>>2 || class>>4 == 0xC {
			if len(resp) != InitializeUpdateSize+2 || !card.Authenticating() {
				t.Errorf("%02X: %X", class, resp)
			}
		} else if !bytes.Equal(resp, []byte{0x6E, 0x00}) || card.Authenticating() || card.IsOpen() || card.session != nil {
			t.Errorf("%02X: %X, a session survives: %v", class, resp, card.session != nil)
		}
		if counterOf(card).stores != stores {
			t.Errorf("%02X: the sequence counter moved", class)
		}
	}
}

func TestAllowedLevels(t *testing.T) {
	req.Covers(t, "SPEC-SCP02-031")
	v := session02(t, pysimSession)
	_, card := v.pair(t)
	card.config.Levels = []scp.Level{scp.CMAC | scp.CDecryption}
	card.InitializeUpdate(nil, v.InitializeUpdate)
	wantBytes(t, "level 01 where only 03 is allowed", card.ExternalAuthenticate(nil, v.ExternalAuthenticate), []byte{0x63, 0x00})
}

func TestInitializeUpdateEndsSession(t *testing.T) {
	req.Covers(t, "SPEC-SCP02-016", "SPEC-SCP02-092")
	_, card, v := opened(t, pysimSession)
	old := card.session
	card.InitializeUpdate(nil, v.InitializeUpdate)
	if card.IsOpen() || old.enc != nil || old.cmac != nil || old.dek != nil || old.chain != [8]byte{} {
		t.Error("the old session's keys survive")
	}
	wantBytes(t, "a command of the old session", unwrapSW(t, card, v.Commands[0].Protected), []byte{0x69, 0x82})
	host, card, _ := opened(t, pysimSession)
	mine := host.session
	host.Close()
	card.Close()
	if mine.enc != nil || host.session != nil || card.session != nil || card.challenge != [8]byte{} {
		t.Error("Close leaves keys")
	}
}

// At levels without C-MAC a command passes plain, and only plain.
func TestProtectedCommandAtPlainLevel(t *testing.T) {
	req.Covers(t, "SPEC-SCP02-087")
	for _, name := range []string{"inkan/i15-level00", "inkan/i35-level10"} {
		_, card, _ := opened(t, name)
		if card.Level()&scp.CMAC != 0 || !card.IsOpen() {
			t.Errorf("%s: level %02X", name, card.Level())
		}
		wantBytes(t, name, unwrapSW(t, card, unhex("84F220020814DB34FA4341DCA8")), []byte{0x69, 0x82})
		if card.IsOpen() {
			t.Error("a session survives")
		}
	}
}

func TestReplay(t *testing.T) {
	req.Covers(t, "SPEC-SCP02-083", "SPEC-SCP02-036")
	_, card, v := opened(t, pysimSession)
	first := v.Commands[0].Protected
	if _, err := card.Unwrap(nil, first); err != nil {
		t.Fatal(err)
	}
	wantBytes(t, "the same command again", unwrapSW(t, card, first), []byte{0x69, 0x82})
	card.InitializeUpdate(nil, v.InitializeUpdate)
	wantBytes(t, "the same EXTERNAL AUTHENTICATE again", card.ExternalAuthenticate(nil, v.ExternalAuthenticate), []byte{0x63, 0})
}

// A failed authentication spends nothing: the next try has the same sequence
// counter, and a random challenge of its own.
func TestFailedAuthenticationSpendsNothing(t *testing.T) {
	req.Covers(t, "SPEC-SCP02-036", "SPEC-SCP02-028")
	v := session02(t, pysimSession)
	_, card := v.pair(t)
	card.config.Entropy = &rising{}
	one := card.InitializeUpdate(nil, v.InitializeUpdate)
	card.ExternalAuthenticate(nil, v.ExternalAuthenticate)
	two := card.InitializeUpdate(nil, v.InitializeUpdate)
	if !bytes.Equal(one[12:14], two[12:14]) || counterOf(card).stores != 0 {
		t.Error("the sequence counter moved")
	}
	if bytes.Equal(one[14:20], two[14:20]) {
		t.Error("the card challenge repeats")
	}
}

// rising is an entropy source whose bytes count up.
type rising struct{ n byte }

func (r *rising) Fill(dst []byte) {
	for i := range dst {
		r.n++
		dst[i] = r.n
	}
}

func TestResponseTooLongForRMAC(t *testing.T) {
	req.Covers(t, "SPEC-SCP02-088")
	for n, ok := range map[int]bool{248: true, 249: false} {
		_, card, v := opened(t, rmacSession)
		if _, err := card.Unwrap(nil, v.Commands[0].Protected); err != nil {
			t.Fatal(err)
		}
		out, err := card.Wrap(nil, append(make([]byte, n), 0x90, 0))
		if (err == nil) != ok || !ok && (err != error(scp.ErrSecurity) || len(out) != 0 || card.IsOpen()) {
			t.Errorf("%d bytes: %v", n, err)
		}
	}
	_, card, _ := opened(t, rmacSession)
	if out, err := card.Wrap(nil, unhex("9000")); err == nil {
		t.Errorf("a response without a command: %X", out)
	}
}

func TestSensitiveRefusals(t *testing.T) {
	req.Covers(t, "SPEC-SCP02-071")
	_, card, _ := opened(t, pysimSession)
	if out, err := card.DecryptSensitive(nil, make([]byte, 15)); err != error(scp.ErrSecurity) || len(out) != 0 || card.IsOpen() {
		t.Errorf("15 bytes: %X, %v", out, err)
	}
	if _, err := card.DecryptSensitive(nil, make([]byte, 16)); err != error(scp.ErrSecurity) {
		t.Errorf("no session: %v", err)
	}
	_, card, _ = opened(t, pysimSession)
	if out, err := card.DecryptSensitive(nil, nil); err != error(scp.ErrSecurity) || len(out) != 0 || card.IsOpen() {
		t.Errorf("nothing: %X, %v", out, err)
	}
	for _, n := range []int{0, 7, 9} {
		_, card, _ = opened(t, pysimSession)
		if out, err := card.EncryptSensitive(nil, make([]byte, n)); err != error(scp.ErrSecurity) || len(out) != 0 || card.IsOpen() {
			t.Errorf("card encrypts %d bytes: %X, %v", n, out, err)
		}
	}
	if _, err := card.EncryptSensitive(nil, make([]byte, 8)); err != error(scp.ErrSecurity) {
		t.Errorf("no session: %v", err)
	}
}

func TestRMACSessionRefusals(t *testing.T) {
	req.Covers(t, "SPEC-SCP02-067", "SPEC-SCP02-068")
	for _, c := range []struct{ session, begin, end string }{
		{"inkan/i15-level00", "6D00", "6D00"},      // option without R-MAC
		{rmacSession, "6985", "6985"},              // R-MAC on since EXTERNAL AUTHENTICATE
		{"inkan/i35-begin-each", "9000", "6985"},   // END without BEGIN
		{"inkan/i25-begin-silent", "9000", "6985"}, // END without BEGIN
	} {
		_, card, _ := opened(t, c.session)
		wantBytes(t, c.session+" END", card.EndRMACSession(nil, unhex("8078000300")), unhex(c.end))
		wantBytes(t, c.session+" BEGIN", card.BeginRMACSession(nil, unhex("807A10010100")), unhex(c.begin))
		if !card.IsOpen() {
			t.Errorf("%s: the session ended", c.session)
		}
	}
	_, card, _ := opened(t, "inkan/i35-begin-each")
	long := append([]byte{0x80, 0x7A, 0x10, 1, 26, 25}, make([]byte, 25)...)
	for want, cmds := range map[string][][]byte{
		"6A86": {unhex("807A11010100"), unhex("807A30010100"), unhex("807A10020100"), unhex("807B10010100")},
		"6A80": {unhex("807A1001"), unhex("807A10010101"), unhex("807A1001020000"), long},
		"6700": {unhex("807A"), unhex("807A100102AA")},
	} {
		for _, cmd := range cmds {
			wantBytes(t, fmt.Sprintf("%X", cmd), card.BeginRMACSession(nil, cmd), unhex(want))
		}
	}
	wantBytes(t, "data with END", card.EndRMACSession(nil, unhex("8078000301AA")), unhex("6700"))
	card.Close()
	wantBytes(t, "BEGIN without a session", card.BeginRMACSession(nil, unhex("807A10010100")), unhex("6985"))
	host, _, _ := opened(t, "inkan/i35-begin-each")
	if _, err := host.EndRMACSession(nil); err != ErrSequence {
		t.Error(err)
	}
	if _, err := host.BeginRMACSession(nil, true, make([]byte, 25)); err == nil {
		t.Error("25 bytes of data")
	}
}

// A padding of more than one block is refused although the C-MAC is right, and
// so is none at all.
func TestPaddingForm(t *testing.T) {
	req.Covers(t, "SPEC-SCP02-053")
	for _, c := range []struct {
		data, padding string
		ok            bool
	}{
		{"010203", "8000000000", true},
		{"010203", "80000000000000000000000000", false},
		{"010203", "0000000000", false},
		{"01020304050607", "80", true},
		{"01020304050607", "00", false}, // the C-MAC of what unpad falls back to is right
		{"01020304050607", "81", false},
		{"", "", true},                 // no data at all
		{"", "8000000000000000", true}, // a block of padding alone, as some hosts send
	} {
		host, card, _ := opened(t, "kaoh/install_mac_enc")
		data := unhex(c.data)
		host.session.commandMAC(0x80, 0xE2, 0, 0, data)
		body := append(bytes.Clone(data), unhex(c.padding)...)
		host.session.enc.Encrypt(body, body, nil)
		cmd := append([]byte{0x84, 0xE2, 0, 0, byte(len(body) + MACSize)}, body...)
		cmd = append(cmd, host.session.tag[:]...)
		if c.ok {
			plain, err := card.Unwrap(nil, cmd)
			if err != nil || len(data) > 0 && !bytes.Equal(plain[5:], data) || len(data) == 0 && len(plain) != 4 {
				t.Errorf("padding %q: %X, %v", c.padding, plain, err)
			}
			continue
		}
		wantBytes(t, "padding "+c.padding, unwrapSW(t, card, cmd), []byte{0x69, 0x82})
	}
}
