package scp03

import (
	"bytes"
	"context"
	"errors"
	"strings"
	"testing"

	"inkan/core/iso7816"
	"inkan/core/scp"
	"inkan/core/wire"
	"inkan/spec/req"
)

func TestHandshakeRejects(t *testing.T) {
	req.Covers(t, "SPEC-SCP03-002", "SPEC-SCP03-012", "SPEC-SCP03-027", "SPEC-SCP03-028", "SPEC-SCP03-029")
	noKeys := errors.New("no such card")
	for _, c := range []struct {
		name   string
		i      Options
		config func(*HostConfig)
		change func(resp []byte) []byte
		is     error // nil: any error
	}{
		{"card cryptogram", 0x70, nil, func(r []byte) []byte { r[21] ^= 1; return r }, ErrCardCryptogram},
		{"card challenge", 0x70, nil, func(r []byte) []byte { r[13] ^= 1; return r }, ErrCardCryptogram},
		{"sequence counter", 0x70, nil, func(r []byte) []byte { r[31] ^= 1; return r }, ErrCardChallenge},
		{"another AID", 0x70, func(c *HostConfig) { c.AID = testAID[:7] }, nil, ErrCardChallenge},
		{"another AID, S16", 0x71, func(c *HostConfig) { c.AID = testAID[:7] }, nil, ErrCardChallenge},
		{"other keys", 0x70, func(c *HostConfig) { c.Keys = FixedKeys(testKeys(0x30, 32)) }, nil, ErrCardCryptogram},
		{"no keys", 0x70, func(c *HostConfig) { c.Keys = FixedKeys(nil) }, nil, nil},
		{"Keys fails", 0x70, func(c *HostConfig) {
			c.Keys = func(*InitializeUpdateResponse) (*scp.KeySet, error) { return nil, noKeys }
		}, nil, noKeys},
		{"keys not AES", 0x70, func(c *HostConfig) { c.Keys = FixedKeys(testKeys(0x30, 20)) }, nil, nil},
		{"status word", 0x70, nil, func([]byte) []byte { return unhex("6A88") }, iso7816.ReferencedDataNotFound},
		{"i not defined", 0x70, nil, func(r []byte) []byte { r[12] = 0x40; return r }, nil},
		{"SCP02", 0x70, nil, func(r []byte) []byte { r[11] = 0x02; return r }, nil},
		{"another mode", 0x70, nil, func(r []byte) []byte { r[12] = 0x61; return r }, nil},
		{"S8 card, S16 host", 0x70, nil, func([]byte) []byte { return append(make([]byte, 11), 3, 1, 0x90, 0) }, nil},
		{"level that i lacks", 0x30, nil, nil, nil},
		{"empty", 0x70, nil, func([]byte) []byte { return nil }, nil},
		{"long", 0x70, nil, func(r []byte) []byte { return append(make([]byte, 400), r...) }, nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			b := cardOf(t, c.i)
			config := b.hostConfig(c.i, 0x33)
			if c.config != nil {
				c.config(&config)
			}
			h, err := NewHandshake(config)
			if err != nil {
				t.Fatal(err)
			}
			iu, err := h.InitializeUpdate(nil)
			if err != nil {
				t.Fatal(err)
			}
			resp := b.card.Handshake(nil, iu)
			if c.change != nil {
				resp = c.change(resp)
			}
			cmd, err := h.ExternalAuthenticate([]byte("x"), resp)
			if err == nil || string(cmd) != "x" || c.is != nil && !errors.Is(err, c.is) {
				t.Errorf("%X, %v; want %v", cmd, err, c.is)
			}
			if h.session != nil {
				t.Error("session keys are kept")
			}
			if _, err := h.Open(unhex("9000")); err != ErrSequence {
				t.Errorf("Open after the failure: %v", err)
			}
		})
	}
}

// A card of S8 mode refuses the 16-byte challenge; one that takes it but
// answers in S8 mode is refused by the host.
func TestModesDiffer(t *testing.T) {
	req.Covers(t, "SPEC-SCP03-029", "SPEC-SCP03-006")
	b := cardOf(t, 0x70)
	config := b.hostConfig(0x71, 0x33)
	if _, err := Open(context.Background(), pipe{card: b.card}, config); !errors.Is(err, iso7816.WrongLength) {
		t.Error(err)
	}
	h, _ := NewHandshake(config)
	h.InitializeUpdate(nil)
	if _, err := h.ExternalAuthenticate(nil, append(append(unhex("00000000000000000000 3003 60"), make([]byte, 16)...), 0x90, 0)); err == nil || !strings.Contains(err.Error(), "i 60 is not of the 16-byte mode") {
		t.Error(err, "an S8 response in an S16 handshake")
	}
	if h.session != nil {
		t.Error("a session key survives")
	}
}

func TestHandshakeEnd(t *testing.T) {
	req.Covers(t, "SPEC-SCP03-030", "SPEC-SCP03-033")
	for _, c := range []struct {
		resp string
		is   error
	}{{"6300", scp.ErrAuthentication}, {"6982", iso7816.SecurityStatusNotSatisfied}, {"6100", iso7816.SW(0x6100)}, {"00000000000000009000", ErrResponse}, {"90", nil}} {
		b := cardOf(t, 0x70)
		h, _ := NewHandshake(b.hostConfig(0x70, 0x33))
		iu, _ := h.InitializeUpdate(nil)
		ea, err := h.ExternalAuthenticate(nil, b.card.Handshake(nil, iu))
		if err != nil || len(ea) != 21 || !bytes.Equal(ea[:5], unhex("8482330010")) {
			t.Fatalf("EXTERNAL AUTHENTICATE %X, %v", ea, err)
		}
		if r := h.Response(); r.KeyVersion != 0x30 || r.Options != 0x70 || r.SequenceCounter != 1 {
			t.Errorf("%+v", r)
		}
		host, err := h.Open(unhex(c.resp))
		var de *wire.DecodeError
		if host != nil || c.is != nil && !errors.Is(err, c.is) || c.is == nil && !errors.As(err, &de) {
			t.Errorf("%s: %v", c.resp, err)
		}
		if h.session != nil {
			t.Error("session keys are kept")
		}
	}
}

func TestHandshakeOrder(t *testing.T) {
	b := cardOf(t, 0x70)
	fresh := func() *Handshake {
		h, err := NewHandshake(b.hostConfig(0x70, 0x33))
		if err != nil {
			t.Fatal(err)
		}
		return h
	}
	if _, err := fresh().ExternalAuthenticate(nil, unhex("9000")); err != ErrSequence {
		t.Error(err)
	}
	if _, err := fresh().Open(unhex("9000")); err != ErrSequence {
		t.Error(err)
	}
	h := fresh()
	h.InitializeUpdate(nil)
	if _, err := h.InitializeUpdate(nil); err != ErrSequence {
		t.Error(err)
	}
}

func TestHostConfig(t *testing.T) {
	req.Covers(t, "SPEC-SCP03-003", "SPEC-SCP03-010")
	b := cardOf(t, 0x70)
	for level := range 256 {
		_, err := NewHandshake(b.hostConfig(0x70, scp.Level(level)))
		if good := bytes.Contains(unhex("000103111333"), []byte{byte(level)}); (err == nil) != good {
			t.Errorf("level %02X: %v", level, err)
		}
	}
	for name, change := range map[string]func(*HostConfig){
		"no keys":    func(c *HostConfig) { c.Keys = nil },
		"no entropy": func(c *HostConfig) { c.Entropy = nil },
		"channel 20": func(c *HostConfig) { c.Channel = 20 },
	} {
		config := b.hostConfig(0x70, 0x33)
		change(&config)
		if _, err := NewHandshake(config); err == nil {
			t.Error(name)
		}
	}
	config := b.hostConfig(0x70, 0x33)
	config.Channel = 6
	h, err := NewHandshake(config)
	if err != nil {
		t.Fatal(err)
	}
	if got, err := h.InitializeUpdate(nil); err != nil || len(got) != 14 || !bytes.Equal(got[:5], unhex("C250000008")) || got[13] != 0 {
		t.Errorf("%X, %v", got, err)
	}
}

func TestAllows(t *testing.T) {
	req.Covers(t, "SPEC-SCP03-003", "SPEC-SCP03-004")
	for _, c := range []struct {
		i      Options
		levels string
	}{{0x00, "000103"}, {0x10, "000103"}, {0x20, "0001031113"}, {0x30, "0001031113"}, {0x60, "000103111333"}, {0x70, "000103111333"}} {
		for _, i := range []Options{c.i, c.i | S16} {
			for level := range 256 {
				if got, want := i.Allows(scp.Level(level)), bytes.Contains(unhex(c.levels), []byte{byte(level)}); got != want {
					t.Errorf("i %02X level %02X: %v", byte(i), level, got)
				}
			}
		}
	}
}

// A response of the handshake is not the session's to wrap; trying it does no
// harm.
func TestWrapWhileAuthenticating(t *testing.T) {
	b := cardOf(t, 0x70)
	h, _ := NewHandshake(b.hostConfig(0x70, 0x33))
	iu, _ := h.InitializeUpdate(nil)
	resp := b.card.Handshake(nil, iu)
	if out, err := b.card.Wrap(nil, resp); err != scp.ErrSecurity || out != nil {
		t.Errorf("%X, %v", out, err)
	}
	ea, err := h.ExternalAuthenticate(nil, resp)
	if err != nil {
		t.Fatal(err)
	}
	if resp = b.card.Handshake(nil, ea); !bytes.Equal(resp, sw(0x90, 0x00)) {
		t.Errorf("%X", resp)
	}
}
