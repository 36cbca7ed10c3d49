package scp80

import (
	"bytes"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"testing"

	"inkan/spec/req"
)

func TestKeySetRules(t *testing.T) {
	req.Covers(t, "SPEC-SCP80-009", "SPEC-SCP80-010", "SPEC-SCP80-011")
	same := append(seq(1, 8), seq(1, 8)...)
	parity := append(seq(2, 8), seq(2, 8)...)
	for i := range 8 {
		parity[i] ^= 1
	}
	for _, tt := range []struct {
		name    string
		version byte
		key     Key
		ccSize  int
		allow   bool
		want    string // "": accepted
	}{
		{"AES-128", 1, Key{AES, seq(0, 16)}, 0, false, ""},
		{"AES-256, CC 4", 15, Key{AES, seq(0, 32)}, 4, false, ""},
		{"3DES", 1, Key{TDES2, seq(0, 16)}, 0, false, ""},
		{"3DES, three keys", 1, Key{TDES3, seq(0, 24)}, 8, false, ""},
		{"version 0", 0, Key{AES, seq(0, 16)}, 0, false, "key version"},
		{"version 16", 16, Key{AES, seq(0, 16)}, 0, false, "key version"},
		{"DES", 1, Key{DES, seq(0, 8)}, 0, false, "single DES"},
		{"DES allowed", 1, Key{DES, seq(0, 8)}, 0, true, ""},
		{"3DES of equal keys", 1, Key{TDES2, same}, 0, false, "single DES"},
		{"3DES of keys equal but for parity", 1, Key{TDES2, parity}, 0, false, "single DES"},
		{"3DES of equal last keys", 1, Key{TDES3, append(seq(0x40, 8), same...)}, 0, false, "single DES"},
		{"3DES of equal keys allowed", 1, Key{TDES2, same}, 0, true, ""},
		{"DES-ECB", 1, Key{DESECB, seq(0, 8)}, 0, true, "not supported"},
		{"implicit", 1, Key{Implicit, seq(0, 16)}, 0, true, "not supported"},
		{"AES length", 1, Key{AES, seq(0, 17)}, 0, false, "17"},
		{"3DES length", 1, Key{TDES2, seq(0, 24)}, 0, false, "24"},
		{"DES length", 1, Key{DES, seq(0, 16)}, 0, true, "16"},
		{"CC of 6", 1, Key{AES, seq(0, 16)}, 6, false, "4 or 8"},
		{"DES CC of 4", 1, Key{TDES2, seq(0, 16)}, 4, false, "8 bytes"},
	} {
		cfg := KeySetConfig{Version: tt.version, KID: tt.key, CCSize: tt.ccSize, AllowDES: tt.allow}
		if tt.ccSize == 0 || tt.want == "" {
			cfg.KIc = tt.key
		}
		_, err := NewKeySet(cfg)
		if (err == nil) != (tt.want == "") || err != nil && !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%s: %v", tt.name, err)
		}
	}
}

func TestWipe(t *testing.T) {
	k, _ := fuzzKeys(t)
	k[1].Wipe()
	k[1].Wipe()
	if k[1].cipher.size != 0 || k[1].mac.size != 0 || k[1].cipher.cbc != nil {
		t.Error("the key set still has keys")
	}
	card := NewCard(CardConfig{Keys: k, Applications: apps{someTAR: 0}})
	p := newPair(t, 1, full, 0, PoRSilent)
	packet, _ := p.seal(t, "x")
	if _, _, err := card.Open(nil, packet); !errors.Is(err, StatusSecurityError) {
		t.Errorf("%v", err)
	}
}

// noTime leaves the time out of a log: its digits are not the data's.
var noTime = &slog.HandlerOptions{ReplaceAttr: func(_ []string, a slog.Attr) slog.Attr {
	if a.Key == slog.TimeKey {
		return slog.Attr{}
	}
	return a
}}

func TestNothingSecretIsPrinted(t *testing.T) {
	req.Covers(t, "SPEC-SCP80-076")
	value := seq(0xC1, 16)
	k, err := NewKeySet(KeySetConfig{Version: 1, KIc: Key{AES, value}, KID: Key{AES, value}})
	if err != nil {
		t.Fatal(err)
	}
	_, short := NewKeySet(KeySetConfig{Version: 1, KIc: Key{AES, value[:15]}})
	for _, v := range []any{k, *k, Key{AES, value}, &Key{AES, value}, []Key{{AES, value}}, KeySetConfig{Version: 1, KIc: Key{AES, value}}, short} {
		var log bytes.Buffer
		slog.New(slog.NewTextHandler(&log, noTime)).Info("", "v", v)
		slog.New(slog.NewJSONHandler(&log, noTime)).Info("", "v", v)
		asJSON, err := json.Marshal(v)
		if err != nil {
			t.Fatal(err)
		}
		s := strings.ToLower(log.String() + string(asJSON))
		for _, form := range []string{hex.EncodeToString(value[:4]), "193 194", strings.ToLower(base64.StdEncoding.EncodeToString(value[:3]))} {
			if strings.Contains(s, form) {
				t.Errorf("%T: %s", v, s)
			}
		}
		for _, verb := range []string{"%v", "%+v", "%#v", "%x", "%s", "%d"} {
			s := strings.ToLower(fmt.Sprintf(verb, v))
			for _, form := range []string{hex.EncodeToString(value[:4]), "193 194", "193, 194", "0xc1, 0xc2"} {
				if strings.Contains(s, form) {
					t.Errorf("%s of %T: %s", verb, v, s)
				}
			}
		}
	}
}

func TestHostRules(t *testing.T) {
	req.Covers(t, "SPEC-SCP80-030", "SPEC-SCP80-031", "SPEC-SCP80-032", "SPEC-SCP80-033", "SPEC-SCP80-034")
	k, counter := fuzzKeys(t)
	noCounter, err := NewKeySet(KeySetConfig{Version: 2, KID: Key{AES, seq(0, 16)}})
	if err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		cfg  HostConfig
		want string
	}{
		{HostConfig{SPI: 0x2000}, "reserved"},
		{HostConfig{SPI: 0x0040}, "reserved"},
		{HostConfig{SPI: DS}, "signatures"},
		{HostConfig{SPI: PoR | PoRDS}, "signatures"},
		{HostConfig{SPI: PoR | PoROnError}, "reserved"},
		{HostConfig{SPI: Cipher}, "KIc"},
		{HostConfig{SPI: PoRCipher, Cipher: noCounter}, "KIc"},
		{HostConfig{SPI: CC}, "KID"},
		{HostConfig{SPI: PoRCC}, "KID"},
		{HostConfig{SPI: CounterHigher, Integrity: k[1]}, "without CC"},
		{HostConfig{SPI: RC | CounterNext, Integrity: k[1]}, "without CC"},
		{HostConfig{SPI: CC | CounterHigher, Integrity: noCounter}, "counter"},
		{HostConfig{SPI: CounterUnchecked}, "counter"},
		{HostConfig{SPI: RC, RC: 3}, "RC algorithm"},
	} {
		if _, err := NewHost(tt.cfg); err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("SPI %v: %v, want %s", tt.cfg.SPI, err, tt.want)
		}
	}
	h, err := NewHost(HostConfig{SPI: full, Cipher: k[1], Integrity: k[1]})
	if err != nil {
		t.Fatal(err)
	}
	counter.fail = errors.New("disk full")
	if out, _, err := h.Seal(nil, someTAR, nil); !errors.Is(err, counter.fail) || out != nil {
		t.Errorf("%X, %v", out, err)
	}
	counter.fail = nil
	counter.value = MaxCounter - 1
	if _, ticket, err := h.Seal(nil, someTAR, nil); err != nil || ticket.Counter != MaxCounter || counter.value != MaxCounter {
		t.Errorf("%+v, %v", ticket, err)
	}
	if out, _, err := h.Seal(nil, someTAR, nil); !errors.Is(err, ErrCounterBlocked) || out != nil {
		t.Errorf("%X, %v", out, err)
	}
	if _, _, err := h.Seal(nil, someTAR, nil); counter.value != MaxCounter || err == nil {
		t.Error("the counter moved on")
	}
	plain, err := NewHost(HostConfig{})
	if err != nil {
		t.Fatal(err)
	}
	if _, _, err := plain.Seal(nil, someTAR, make([]byte, 65536)); err == nil {
		t.Error("a packet of more than 65535 bytes was sealed")
	}
}

func TestCodes(t *testing.T) {
	req.Covers(t, "SPEC-SCP80-004", "SPEC-SCP80-008", "SPEC-SCP80-014", "SPEC-SCP80-015")
	data := []byte{1, 2, 3, 4, 5}
	if v := crc16(0, data); v != 0x22EC {
		t.Errorf("CRC-16 %04X", v)
	}
	if v := crc16(crc16(0, data[:2]), data[2:]); v != 0x22EC {
		t.Errorf("CRC-16 in two parts %04X", v)
	}
	if v := crc16(0, []byte{0xFF, 0x10, 0x9A, 0x45, 0xF2, 0x7B, 0xF1, 0x00}); v != 0xCF0A {
		t.Errorf("CRC-16 %04X", v)
	}
	if v := crc(0, data); v != 0x470B99F4 {
		t.Errorf("CRC-32 %08X", v)
	}
	for s, want := range map[string]Service{
		"B00000": ServiceFiles, "B0000F": ServiceFiles, "B00011": ServiceFiles, "B0FFFF": ServiceFiles,
		"000000": ServiceManagement, "B20100": ServiceManagement, "000001": ServiceApplication, "B10000": ServiceApplication,
	} {
		tar, ok := ParseTAR(s)
		if !ok || tar.Service() != want || tar.String() != s {
			t.Errorf("%s: %v, %v", s, tar.Service(), tar)
		}
	}
	if r := Reference(3, TDES2); r != 0x35 || r.Version() != 3 || r.Algorithm() != TDES2 {
		t.Errorf("%02X", r)
	}
	if StatusCounterLow.Error() != "scp80: response status 02 (CNTR low)" || Status(0x55).Meaning() != "" || StatusSubmitFollows.Err() != nil {
		t.Error("status texts")
	}
}
