package scp03

import (
	"bytes"
	"errors"
	"slices"
	"testing"

	"inkan/core/apdu"
	"inkan/core/scp"
	"inkan/spec/req"
)

func sw(b ...byte) []byte { return b }

func TestInitializeUpdateRejected(t *testing.T) {
	req.Covers(t, "SPEC-SCP03-013", "SPEC-SCP03-014", "SPEC-SCP03-015", "SPEC-SCP03-017")
	for _, c := range []struct {
		name, cmd string
		i         Options
		want      []byte
		cause     string
	}{
		{"7-byte challenge", "80503000 07 00000000000000 00", 0x70, sw(0x67, 0x00), "INITIALIZE UPDATE: length of the host challenge"},
		{"9-byte challenge", "80503000 09 000000000000000000 00", 0x70, sw(0x67, 0x00), "INITIALIZE UPDATE: length of the host challenge"},
		{"S16 challenge to S8", "80503000 10 00000000000000000000000000000000 00", 0x70, sw(0x67, 0x00), "INITIALIZE UPDATE: length of the host challenge"},
		{"S8 challenge to S16", "80503000 08 0000000000000000 00", 0x71, sw(0x67, 0x00), "INITIALIZE UPDATE: length of the host challenge"},
		{"no data", "80503000 00", 0x70, sw(0x67, 0x00), "INITIALIZE UPDATE: length of the host challenge"},
		{"Lc beyond the end", "80503000 09 0000000000000000", 0x70, sw(0x67, 0x00), "INITIALIZE UPDATE: malformed command APDU"},
		{"P2", "80503001 08 0000000000000000 00", 0x70, sw(0x6A, 0x86), "INITIALIZE UPDATE: key identifier"},
		{"key version", "80503100 08 0000000000000000 00", 0x70, sw(0x6A, 0x88), "INITIALIZE UPDATE: no such key version"},
		{"secure messaging class", "84503000 08 0000000000000000 00", 0x70, sw(0x6E, 0x00), "INITIALIZE UPDATE: class"},
		{"interindustry class", "00503000 08 0000000000000000 00", 0x70, sw(0x6E, 0x00), "INITIALIZE UPDATE: class"},
	} {
		t.Run(c.name, func(t *testing.T) {
			b := open(t, c.i, 0x33)
			counter := b.counter.value
			if got := b.card.Handshake(nil, unhex(c.cmd)); !bytes.Equal(got, c.want) {
				t.Errorf("%X, want %X", got, c.want)
			}
			if b.traps.last() != c.cause {
				t.Errorf("cause %q, want %q", b.traps.last(), c.cause)
			}
			if b.counter.value != counter {
				t.Error("a refused command moved the sequence counter")
			}
			b.ended(t)
		})
	}
}

// INITIALIZE UPDATE has a proprietary class byte without secure messaging and
// chaining, on any channel; everything else is 6E00 and spends nothing.
func TestInitializeUpdateClass(t *testing.T) {
	req.Covers(t, "SPEC-SCP03-036")
	for class := range 256 {
		b := open(t, 0x70, 0x33)
		counter := b.counter.value
		resp := b.card.Handshake(nil, append([]byte{byte(class)}, unhex("503000 08 0102030405060708 00")...))
		if class>>2 == 0x80>>2 || class>>4 == 0xC {
			if len(resp) != 34 || !b.card.Authenticating() {
				t.Errorf("%02X: %X", class, resp)
			}
			continue
		}
		if !bytes.Equal(resp, sw(0x6E, 0x00)) || b.counter.value != counter {
			t.Errorf("%02X: %X, counter %06X", class, resp, b.counter.value)
		}
		b.ended(t)
	}
}

func TestInitializeUpdateEndsSession(t *testing.T) {
	req.Covers(t, "SPEC-SCP03-017", "SPEC-SCP03-016")
	b := open(t, 0x70, 0x33)
	old := b.card.session
	resp := b.card.Handshake(nil, unhex("80500000 08 0102030405060708 00"))
	if len(resp) != 34 || b.card.IsOpen() || !b.card.Authenticating() || b.card.Level() != 0 {
		t.Fatalf("response %X", resp)
	}
	if resp[10] != 0x30 {
		t.Errorf("key version %02X in the response to version 00, want that of the first set, 30", resp[10])
	}
	if old.enc != nil || old.cmac != nil || old.rmac != nil || old.dek != nil || old.mcv != [blockSize]byte{} || old.counter != 0 {
		t.Error("the old session's keys are not wiped")
	}
	// A command in between ends the handshake too.
	if _, err := b.card.Unwrap(nil, unhex("80CA006600")); err != scp.ErrSecurity {
		t.Error(err)
	}
	b.ended(t)
}

func TestSequenceCounter(t *testing.T) {
	req.Covers(t, "SPEC-SCP03-018", "SPEC-SCP03-019", "SPEC-SCP03-026")
	iu := unhex("80503000 08 0102030405060708 00")
	b := cardOf(t, 0x70)
	b.counter.value = maximumSequence - 2
	var seen [][]byte
	for i := range 2 {
		resp := b.card.Handshake(nil, iu)
		r, err := DecodeInitializeUpdateResponse(resp[:len(resp)-2])
		if err != nil || r.SequenceCounter != uint32(maximumSequence-1+i) || b.counter.value != r.SequenceCounter {
			t.Fatalf("sequence %06X, stored %06X, %v", r.SequenceCounter, b.counter.value, err)
		}
		if slices.ContainsFunc(seen, func(c []byte) bool { return bytes.Equal(c, r.CardChallenge) }) {
			t.Error("a challenge comes twice")
		}
		seen = append(seen, r.CardChallenge)
	}
	for range 3 {
		if resp := b.card.Handshake(nil, iu); !bytes.Equal(resp, sw(0x69, 0x83)) {
			t.Errorf("counter FFFFFF: %X, want 6983", resp)
		}
		b.ended(t)
	}
	if !slices.Equal(b.counter.stores, []uint32{0xFFFFFE, 0xFFFFFF}) {
		t.Errorf("stored %06X", b.counter.stores)
	}

	// What cannot be stored is not used: no challenge leaves the card.
	b = cardOf(t, 0x70)
	b.counter.err = errors.New("worn out")
	if resp := b.card.Handshake(nil, iu); !bytes.Equal(resp, sw(0x69, 0x82)) {
		t.Errorf("failing store: %X, want 6982", resp)
	}
	b.ended(t)
}

// With the counter of two cards at the same value and the same keys, the
// challenge still depends on the AID; without PseudoRandom on neither.
func TestCardChallengeKinds(t *testing.T) {
	req.Covers(t, "SPEC-SCP03-024", "SPEC-SCP03-025")
	iu := unhex("80503000 08 0102030405060708 00")
	challenge := func(i Options, aid []byte) []byte {
		b := cardOf(t, i, func(c *CardConfig) { c.AID = aid })
		resp := b.card.Handshake(nil, iu)
		if i&PseudoRandom == 0 && (b.counter.stores != nil || len(resp) != 29+2) {
			t.Error("a random challenge used the sequence counter")
		}
		return resp[13:21]
	}
	if bytes.Equal(challenge(0x70, testAID), challenge(0x70, testAID[:7])) {
		t.Error("the AID does not matter")
	}
	if got := challenge(0x60, testAID); !bytes.Equal(got, unhex("C0C1C2C3C4C5C6C7")) {
		t.Errorf("random challenge %X is not the source's", got)
	}
}

// rightAuthenticate is an EXTERNAL AUTHENTICATE that proves the keys, for any
// level, also one that a host would refuse to ask for.
func rightAuthenticate(t *testing.T, b *bench, level scp.Level) []byte {
	t.Helper()
	h, err := NewHandshake(b.hostConfig(b.card.config.Options, 0))
	if err != nil {
		t.Fatal(err)
	}
	iu, _ := h.InitializeUpdate(nil)
	h.config.Level = 0
	if _, err := h.ExternalAuthenticate(nil, b.card.Handshake(nil, iu)); err != nil {
		t.Fatal(err)
	}
	// Made by hand: the host refuses levels that the card does not allow.
	size := h.size()
	s := h.session
	s.mcv = [16]byte{}
	c := append(unhex("8482 00 00"), byte(2*size))
	c[2] = byte(level)
	c = append(c, b.card.derived.hostCryptogram[:size]...)
	s.cmac.Reset()
	s.cmac.Write(make([]byte, blockSize))
	s.cmac.Write(c)
	return append(c, s.cmac.Append(nil)[:size]...)
}

func TestExternalAuthenticateRejected(t *testing.T) {
	req.Covers(t, "SPEC-SCP03-004", "SPEC-SCP03-031", "SPEC-SCP03-032")
	b := cardOf(t, 0x70)
	if resp := b.card.Handshake(nil, rightAuthenticate(t, b, 0x33)); !bytes.Equal(resp, sw(0x90, 0x00)) || b.card.Level() != 0x33 {
		t.Fatalf("the unchanged command: %X", resp)
	}
	for _, c := range []struct {
		name   string
		i      Options
		level  scp.Level
		levels []scp.Level
		change func(cmd []byte) []byte
	}{
		{"C-MAC", 0x70, 0x33, nil, func(c []byte) []byte { c[20] ^= 1; return c }},
		{"host cryptogram", 0x70, 0x33, nil, func(c []byte) []byte { c[5] ^= 0x80; return c }},
		{"level changed on the way", 0x70, 0x33, nil, func(c []byte) []byte { c[2] = 0x01; return c }},
		{"P2", 0x70, 0x33, nil, func(c []byte) []byte { c[3] = 1; return c }},
		{"no secure messaging", 0x70, 0x33, nil, func(c []byte) []byte { c[0] = 0x80; return c }},
		{"interindustry class", 0x70, 0x33, nil, func(c []byte) []byte { c[0] = 0x04; return c }},
		{"short", 0x70, 0x33, nil, func(c []byte) []byte { c[4]--; return c[:len(c)-1] }},
		{"truncated", 0x70, 0x33, nil, func(c []byte) []byte { return c[:len(c)-1] }},
		{"extended", 0x70, 0x33, nil, func(c []byte) []byte { return slices.Concat(c[:4], []byte{0, 0}, c[4:]) }},
		{"header only", 0x70, 0x33, nil, func(c []byte) []byte { return c[:4] }},
		{"level not defined", 0x70, 0x02, nil, nil},
		{"level 21", 0x70, 0x21, nil, nil},
		{"level 33 without R-ENCRYPTION", 0x30, 0x33, nil, nil},
		{"level 11 without R-MAC", 0x10, 0x11, nil, nil},
		{"level below the policy", 0x70, 0x01, []scp.Level{0x33}, nil},
		{"level 00 against the policy", 0x70, 0x00, []scp.Level{0x03, 0x33}, nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			b := cardOf(t, c.i, func(config *CardConfig) { config.Levels = c.levels })
			right := rightAuthenticate(t, b, c.level)
			cmd := bytes.Clone(right)
			if c.change != nil {
				cmd = c.change(cmd)
			}
			if resp := b.card.Handshake([]byte("x"), cmd); !bytes.Equal(resp, []byte("x\x63\x00")) {
				t.Errorf("%X, want 6300", resp)
			}
			if len(b.traps.causes) != 1 {
				t.Errorf("causes %q", b.traps.causes)
			}
			// The handshake is spent: the right command comes too late.
			if resp := b.card.Handshake(nil, right); !bytes.Equal(resp, sw(0x63, 0x00)) {
				t.Errorf("second try: %X, want 6300", resp)
			}
			b.ended(t)
		})
	}
}

// A right MAC does not help a form that is not allowed.
func TestExternalAuthenticateRightMACWrongForm(t *testing.T) {
	req.Covers(t, "SPEC-SCP03-031")
	// An extended form is refused also when its MAC is right.
	b := cardOf(t, 0x70)
	short := rightAuthenticate(t, b, 0x33)
	b.card.session.commandMAC(&apdu.Command{CLA: 0x84, INS: 0x82, P1: 0x33, Extended: true}, short[5:13])
	forged := slices.Concat(short[:4], []byte{0, 0, 16}, short[5:13], b.card.session.tag[:8])
	if resp := b.card.Handshake(nil, forged); !bytes.Equal(resp, sw(0x63, 0x00)) {
		t.Errorf("extended: %X, want 6300", resp)
	}
	// And so is an interindustry class.
	b = cardOf(t, 0x70)
	short = rightAuthenticate(t, b, 0x33)
	b.card.session.commandMAC(&apdu.Command{CLA: 0x04, INS: 0x82, P1: 0x33}, short[5:13])
	forged = slices.Concat([]byte{0x04}, short[1:13], b.card.session.tag[:8])
	if resp := b.card.Handshake(nil, forged); !bytes.Equal(resp, sw(0x63, 0x00)) {
		t.Errorf("interindustry class: %X, want 6300", resp)
	}
	// And so are P2 and a cryptogram that are wrong under a right C-MAC.
	for _, wrong := range []struct{ p2, cryptogram byte }{{1, 0}, {0, 1}} {
		b = cardOf(t, 0x70)
		short = rightAuthenticate(t, b, 0x33)
		short[3], short[5] = wrong.p2, short[5]^wrong.cryptogram
		b.card.session.commandMAC(&apdu.Command{CLA: 0x84, INS: 0x82, P1: 0x33, P2: wrong.p2}, short[5:13])
		copy(short[13:], b.card.session.tag[:8])
		if resp := b.card.Handshake(nil, short); !bytes.Equal(resp, sw(0x63, 0x00)) {
			t.Errorf("%+v: %X, want 6300", wrong, resp)
		}
		b.ended(t)
	}
	// In an open session, it ends the session.
	b = open(t, 0x70, 0x33)
	if resp := b.card.Handshake(nil, unhex("8482330010 00000000000000000000000000000000")); !bytes.Equal(resp, sw(0x63, 0x00)) {
		t.Errorf("in a session: %X, want 6300", resp)
	}
	b.ended(t)
}

func TestCardConfig(t *testing.T) {
	req.Covers(t, "SPEC-SCP03-001", "SPEC-SCP03-005")
	keys := func(byte) (*scp.KeySet, scp.Counter) { return nil, nil }
	for i := range 256 {
		_, err := NewCard(CardConfig{Options: Options(i), Keys: keys, AID: testAID, Entropy: fixed{1}})
		if (err == nil) != slices.Contains([]int{0x00, 0x10, 0x20, 0x30, 0x60, 0x70, 0x01, 0x11, 0x21, 0x31, 0x61, 0x71}, i) {
			t.Errorf("i %02X: %v", i, err)
		}
	}
	for name, c := range map[string]CardConfig{
		"no keys":                     {Options: 0x70, AID: testAID},
		"no AID":                      {Options: 0x70, Keys: keys},
		"AID of 4 bytes":              {Options: 0x70, Keys: keys, AID: make([]byte, 4)},
		"AID of 17 bytes":             {Options: 0x70, Keys: keys, AID: make([]byte, 17)},
		"no entropy":                  {Options: 0x60, Keys: keys},
		"level that i does not allow": {Options: 0x30, Keys: keys, AID: testAID, Levels: []scp.Level{0x33}},
	} {
		if _, err := NewCard(c); err == nil {
			t.Error(name)
		}
	}
	// A key set that is not AES is as good as none.
	for _, size := range []int{0, 15, 17, 33} {
		b := cardOf(t, 0x70)
		b.keys = testKeys(0x30, size)
		if resp := b.card.Handshake(nil, unhex("80503000 08 0102030405060708 00")); !bytes.Equal(resp, sw(0x6A, 0x88)) {
			t.Errorf("keys of %d bytes: %X", size, resp)
		}
		b.ended(t)
	}
	if resp := cardOf(t, 0x70).card.Handshake(nil, unhex("80CA006600")); !bytes.Equal(resp, sw(0x6D, 0x00)) {
		t.Errorf("another instruction: %X", resp)
	}
}
