package scp02

import (
	"bytes"
	"errors"
	"testing"

	"inkan/core/iso7816"
	"inkan/core/scp"
	"inkan/core/wire"
	"inkan/spec/req"
	"inkan/spec/vectors"
)

// opened is a pair in the middle of a vector's session, after its opening.
func opened(t testing.TB, name string) (*Host, *Card, *vector) {
	t.Helper()
	v := session02(t, name)
	h, card := v.pair(t)
	return v.open(t, h, card), card, v
}

const (
	pysimSession = "pysim/SCP02_Auth_Test+SCP02_Test"
	rmacSession  = "inkan/i35-level11"
	fullSession  = "inkan/i75-level13"
)

func TestHostRejectsCard(t *testing.T) {
	req.Covers(t, "SPEC-SCP02-011", "SPEC-SCP02-013", "SPEC-SCP02-014")
	v := session02(t, fullSession)
	good := append(bytes.Clone(v.Response), 0x90, 0)
	edit := func(i int, x byte) []byte { b := bytes.Clone(good); b[i] ^= x; return b }
	var malformed *wire.DecodeError
	for _, c := range []struct {
		name string
		resp []byte
		ok   func(error) bool
	}{
		{"protocol 03", edit(11, 1), func(err error) bool {
			return errors.As(err, &malformed) && malformed.Path == "SCP" && malformed.Offset == 11
		}},
		{"29 bytes", append(bytes.Clone(v.Response), 0, 0x90, 0), func(err error) bool { return errors.As(err, &malformed) && malformed.Offset == 28 }},
		{"27 bytes", append(bytes.Clone(v.Response[:27]), 0x90, 0), func(err error) bool { return errors.As(err, &malformed) && malformed.Path == "card cryptogram" }},
		{"one byte", good[:1], func(err error) bool { return errors.As(err, &malformed) && malformed.Format == "R-APDU" }},
		{"6A88", []byte{0x6A, 0x88}, func(err error) bool { return errors.Is(err, iso7816.ReferencedDataNotFound) }},
		{"cryptogram", edit(27, 1), func(err error) bool { return errors.Is(err, ErrCardCryptogram) }},
		{"challenge", edit(14, 1), func(err error) bool { return errors.Is(err, ErrCardCryptogram) }},
		{"counter", edit(13, 1), func(err error) bool { return errors.Is(err, ErrCardCryptogram) }},
	} {
		t.Run(c.name, func(t *testing.T) {
			h, _ := v.pair(t)
			begin(t, h)
			out, err := h.ExternalAuthenticate(nil, c.resp)
			if !c.ok(err) || len(out) != 0 {
				t.Errorf("%X, %v", out, err)
			}
			wantOver(t, h)
		})
	}
}

// A card that answers a challenge of its own choice, with a right cryptogram.
func TestHostChecksPseudoRandomChallenge(t *testing.T) {
	req.Covers(t, "SPEC-SCP02-014")
	v := session02(t, fullSession)
	h, card := v.pair(t)
	card.config.AID = unhex("A000000003000000")
	if _, err := h.ExternalAuthenticate(nil, card.InitializeUpdate(nil, begin(t, h))); !errors.Is(err, ErrCardChallenge) {
		t.Fatalf("error %v", err)
	}
	wantOver(t, h)
	h, _ = v.pair(t)
	h.config.AID = nil // nothing to compare with
	if _, err := h.ExternalAuthenticate(nil, card.InitializeUpdate(nil, begin(t, h))); err != nil {
		t.Fatal(err)
	}
}

// wantOver asserts that nothing is left of a handshake.
func wantOver(t testing.TB, h *Handshake) {
	t.Helper()
	if h.session != nil || h.challenge != [HostChallengeSize]byte{} {
		t.Error("the handshake leaves keys")
	}
	if _, err := h.InitializeUpdate(nil); !errors.Is(err, ErrSequence) {
		t.Errorf("InitializeUpdate afterwards: %v", err)
	}
	if _, err := h.ExternalAuthenticate(nil, unhex("9000")); !errors.Is(err, ErrSequence) {
		t.Errorf("ExternalAuthenticate afterwards: %v", err)
	}
	if host, err := h.Open(unhex("9000")); !errors.Is(err, ErrSequence) || host != nil {
		t.Errorf("Open afterwards: %v", err)
	}
}

func wantEnded(t testing.TB, host *Host) {
	t.Helper()
	if host.Level() != 0 || host.session != nil {
		t.Error("the host's session survives")
	}
	if _, err := host.Wrap(nil, unhex("80CA006600")); !errors.Is(err, scp.ErrEnded) {
		t.Errorf("Wrap afterwards: %v", err)
	}
	if _, err := host.Unwrap(nil, unhex("9000")); !errors.Is(err, scp.ErrEnded) {
		t.Errorf("Unwrap afterwards: %v", err)
	}
	if _, err := host.EncryptSensitive(nil, make([]byte, 8)); !errors.Is(err, scp.ErrEnded) {
		t.Errorf("EncryptSensitive afterwards: %v", err)
	}
}

func TestHostOpenNeeds9000(t *testing.T) {
	req.Covers(t, "SPEC-SCP02-015")
	v := session02(t, pysimSession)
	for _, resp := range []string{"6300", "6982", "6100", "009000", "90", ""} {
		h, card := v.pair(t)
		if _, err := h.ExternalAuthenticate(nil, card.InitializeUpdate(nil, begin(t, h))); err != nil {
			t.Fatal(err)
		}
		if host, err := h.Open(unhex(resp)); err == nil || host != nil {
			t.Errorf("%q opens the channel", resp)
		}
		wantOver(t, h)
	}
}

// TestHostRefusedRMACSession has a card that refuses BEGIN R-MAC SESSION: no
// R-MAC has begun then, so that the next response has none.
func TestHostRefusedRMACSession(t *testing.T) {
	req.Covers(t, "SPEC-SCP02-066")
	host, _, _ := opened(t, "inkan/i35-begin-each")
	if _, err := host.BeginRMACSession(nil, true, nil); err != nil {
		t.Fatal(err)
	}
	if out, err := host.Unwrap(nil, unhex("6985")); err != nil || !bytes.Equal(out, unhex("6985")) {
		t.Fatalf("%X, %v", out, err)
	}
	if host.Level()&scp.RMAC != 0 {
		t.Error("the R-MAC has begun")
	}
	if _, err := host.Wrap(nil, unhex("80CA006600")); err != nil {
		t.Fatal(err)
	}
	if out, err := host.Unwrap(nil, unhex("01029000")); err != nil || !bytes.Equal(out, unhex("01029000")) {
		t.Errorf("%X, %v", out, err)
	}
}

func TestHostRejectsResponses(t *testing.T) {
	req.Covers(t, "SPEC-SCP02-063", "SPEC-SCP02-064")
	v := session02(t, rmacSession)
	good := v.Commands[0].Response
	for i := range good {
		host, _, _ := opened(t, rmacSession)
		if _, err := host.Wrap(nil, v.Commands[0].Plain); err != nil {
			t.Fatal(err)
		}
		bad := bytes.Clone(good)
		bad[i] ^= 0x40
		if out, err := host.Unwrap(nil, bad); !errors.Is(err, ErrResponse) || len(out) != 0 {
			t.Fatalf("byte %d changed: %X, %v", i, out, err)
		}
		wantEnded(t, host)
	}
	host, _, _ := opened(t, rmacSession)
	if _, err := host.Wrap(nil, v.Commands[0].Plain); err != nil {
		t.Fatal(err)
	}
	var sw iso7816.SW
	if _, err := host.Unwrap(nil, unhex("6982")); !errors.As(err, &sw) || sw != scp.ErrSecurity {
		t.Errorf("a response without R-MAC: %v", err)
	}
	wantEnded(t, host)
	host, _, _ = opened(t, rmacSession)
	if _, err := host.Unwrap(nil, good); !errors.Is(err, ErrSequence) {
		t.Errorf("a response without a command: %v", err)
	}
	wantEnded(t, host)
}

// What a host refuses to wrap leaves its session as it was.
func TestHostWrapRefusals(t *testing.T) {
	req.Covers(t, "SPEC-SCP02-050", "SPEC-SCP02-051", "SPEC-SCP02-086")
	for name, most := range map[string]int{pysimSession: 247, "kaoh/install_mac_enc": 239, "inkan/i35-level10": 255} {
		host, card, v := opened(t, name)
		full := append([]byte{0x80, 0xE2, 0, 0, byte(most)}, make([]byte, most)...)
		refused := []string{"80", "84CA006600", "8CCA006600", "88CA006600", "E0CA006600", "FFCA006600", "DFCA006600", "80CA006600000000", "80E20000000001AA", "80E2000005AA"}
		for _, r := range refused {
			if out, err := host.Wrap(nil, unhex(r)); err == nil {
				t.Errorf("%s: %s wrapped as %X", name, r, out)
			}
		}
		if most < 255 {
			if _, err := host.Wrap(nil, append([]byte{0x80, 0xE2, 0, 0, byte(most + 1)}, make([]byte, most+1)...)); err != ErrTooLong {
				t.Errorf("%s: %d bytes: %v", name, most+1, err)
			}
		}
		if _, err := host.Wrap(nil, unhex("80E20000000001AA")); name == pysimSession && !errors.Is(err, ErrExtended) {
			t.Errorf("extended: %v", err)
		}
		for _, n := range []int{0, 9} {
			if _, err := host.EncryptSensitive(nil, make([]byte, n)); err != ErrSensitive {
				t.Errorf("%d bytes of sensitive data: %v", n, err)
			}
		}
		x := v.Commands[0]
		out, err := host.Wrap(nil, x.Plain)
		if err != nil {
			t.Fatal(err)
		}
		wantBytes(t, name+": the session went on", out, x.Protected)
		if _, err := card.Unwrap(nil, out); err != nil {
			t.Fatal(err)
		}
		if out, err = host.Wrap(nil, full); err != nil {
			t.Fatalf("%s: %d bytes: %v", name, most, err)
		}
		plain, err := card.Unwrap(nil, out)
		if err != nil {
			t.Fatal(err)
		}
		wantBytes(t, name, plain, full)
	}
}

func TestHostCallsOutOfSequence(t *testing.T) {
	v := session02(t, pysimSession)
	for name, call := range map[string]func(*Handshake) error{
		"ExternalAuthenticate": func(h *Handshake) error { _, err := h.ExternalAuthenticate(nil, unhex("9000")); return err },
		"Open":                 func(h *Handshake) error { _, err := h.Open(unhex("9000")); return err },
		"InitializeUpdate twice": func(h *Handshake) error {
			begin(t, h)
			_, err := h.InitializeUpdate(nil)
			return err
		},
	} {
		h, _ := v.pair(t)
		if err := call(h); !errors.Is(err, ErrSequence) {
			t.Errorf("%s: %v", name, err)
		}
		wantOver(t, h)
	}
}

// On a further logical channel the handshake has that channel's class bytes.
func TestHandshakeOnChannel(t *testing.T) {
	req.Covers(t, "SPEC-SCP02-012", "SPEC-SCP02-041")
	v := session02(t, pysimSession)
	for channel, class := range map[byte][2]byte{0: {0x80, 0x84}, 3: {0x83, 0x87}, 4: {0xC0, 0xE0}, 19: {0xCF, 0xEF}} {
		h, card := v.pair(t)
		h.config.Channel = channel
		iu := begin(t, h)
		ea, err := h.ExternalAuthenticate(nil, card.Handshake(nil, iu))
		if err != nil || iu[0] != class[0] || ea[0] != class[1] {
			t.Fatalf("channel %d: %X, %X, %v", channel, iu, ea, err)
		}
		if _, err := h.Open(card.Handshake(nil, ea)); err != nil {
			t.Errorf("channel %d: %v", channel, err)
		}
	}
	if _, err := NewHandshake(HostConfig{Options: 0x15, Keys: FixedKeys(nil), Entropy: fixed{1}, Channel: 20}); err == nil {
		t.Error("channel 20")
	}
}

// TestKeyComponentBlock is pysim's KeyComponentBlock_Test for SCP02: every
// length from 1 to 24 grows to whole blocks and comes back.
func TestKeyComponentBlock(t *testing.T) {
	type component struct {
		vectors.Header
		Session   string      `json:"session"`
		Key       vectors.Hex `json:"key"`
		Padded    vectors.Hex `json:"padded"`
		Encrypted vectors.Hex `json:"encrypted"`
	}
	for _, k := range vectors.Load[component](t, "scp02-sensitive.json") {
		host, card, _ := opened(t, k.Session)
		enc, err := host.EncryptSensitive([]byte{1}, k.Padded)
		if err != nil {
			t.Fatal(err)
		}
		wantBytes(t, k.Name, enc[1:], k.Encrypted)
		if !bytes.HasPrefix(k.Padded, k.Key) || len(k.Padded)%8 != 0 || len(k.Padded)-len(k.Key) >= 8 {
			t.Errorf("%s: padding", k.Name)
		}
		plain, err := card.DecryptSensitive([]byte{1}, k.Encrypted)
		if err != nil {
			t.Fatal(err)
		}
		wantBytes(t, k.Name, plain[1:], k.Padded)
	}
}
