package hsm

import (
	"bytes"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"testing"

	"inkan/core/entropy"
	"inkan/core/keys"
	"inkan/core/scp"
	"inkan/spec/req"
	"inkan/tsm/store/row"
)

// A reference names one key set, for one use.
func TestReferences(t *testing.T) {
	req.Covers(t, "SPEC-HSM-010", "SPEC-HSM-015")
	m := module(t, 1)
	wrapped, err := m.Import(UseSCP03, keys.AES, filled(0x31, 16))
	if err != nil {
		t.Fatal(err)
	}
	good := []KeyRef{wrapped, {Use: UseSCP03, Version: 0x30, Master: "channel", Diversification: kdd}, {Use: UseSCP03, Version: 0x30, Master: "channel"}}
	for _, k := range good {
		if err := k.Valid(); err != nil {
			t.Errorf("%+v: %v", k, err)
		}
	}
	for what, change := range map[string]func(k *KeyRef){
		"use":             func(k *KeyRef) { k.Use = "aes" },
		"both":            func(k *KeyRef) { k.Master = "channel" },
		"neither":         func(k *KeyRef) { k.Wrapped = row.Wrapped{} },
		"diversification": func(k *KeyRef) { k.Diversification = kdd },
	} {
		k := wrapped
		if change(&k); k.Valid() == nil {
			t.Errorf("%s: a reference", what)
		}
	}
	short := good[1]
	if short.Diversification = kdd[:9]; short.Valid() == nil {
		t.Error("9 bytes of diversification data")
	}
	for what, k := range map[string]KeyRef{
		"another use":           {Use: UseSCP80, Version: 1, Wrapped: wrapped.Wrapped},
		"another version":       {Use: UseSCP03, Version: 0x32, Wrapped: wrapped.Wrapped},
		"another master's use":  {Use: UseSCP03, Version: 1, Master: "packets", Diversification: kdd},
		"a master's use by SPI": {Use: UseSCP02, Version: 0x30, Master: "channel", Diversification: kdd},
	} {
		if _, err := m.open(&k, nil); !errors.Is(err, ErrUse) {
			t.Errorf("%s: %v", what, err)
		}
	}
	if _, err := m.open(&KeyRef{Use: UseSCP03, Version: 1, Master: "none", Diversification: kdd}, nil); !errors.Is(err, ErrUnknownKey) {
		t.Errorf("unknown master: %v", err)
	}
	if back := Stored(wrapped.Row()); back.Use != wrapped.Use || back.Version != wrapped.Version || !bytes.Equal(back.Wrapped.Blob, wrapped.Wrapped.Blob) {
		t.Errorf("%+v is another than %+v", back, wrapped)
	}
}

// A card's keys follow from the master by its method and diversification data.
func TestDiversification(t *testing.T) {
	req.Covers(t, "SPEC-HSM-015")
	m := module(t, 1)
	got, err := m.open(&KeyRef{Use: UseSCP02, Version: 0x20, Master: "legacy"}, kdd)
	if err != nil {
		t.Fatal(err)
	}
	want, err := keys.VISA2.KeySet(filled(0x20, 16), kdd)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got.keys.Enc, want.Enc) || !bytes.Equal(got.keys.MAC, want.MAC) || !bytes.Equal(got.keys.DEK, want.DEK) {
		t.Error("other keys than those of KEYS")
	}
	if _, err := m.open(&KeyRef{Use: UseSCP02, Version: 0x20, Master: "legacy"}, nil); err == nil {
		t.Error("a card's keys without its diversification data")
	}
}

// What keys may be.
func TestSets(t *testing.T) {
	req.Covers(t, "SPEC-HSM-011")
	m := module(t, 1)
	uneven := filled(0x30, 16)
	uneven.MAC = uneven.MAC[:8]
	for what, c := range map[string]struct {
		use Use
		t   keys.Type
		k   scp.KeySet
	}{
		"different lengths":       {UseSCP03, keys.AES, uneven},
		"a length that AES lacks": {UseSCP03, keys.AES, filled(0x30, 20)},
		"DES for SCP03":           {UseSCP03, keys.DES, filled(0x30, 16)},
		"AES for SCP02":           {UseSCP02, keys.AES, filled(0x20, 16)},
		"24 bytes for SCP02":      {UseSCP02, keys.DES, filled(0x20, 24)},
		"single DES":              {UseSCP80, keys.DES, filled(1, 8)},
		"a channel's version":     {UseSCP80, keys.AES, filled(0x30, 16)},
		"a packet's version":      {UseSCP03, keys.AES, filled(1, 16)},
		"version 00":              {UseSCP03, keys.AES, filled(0, 16)},
		"three receipt keys":      {UseReceipt, keys.AES, filled(0x71, 16)},
		"another type":            {UseSCP03, keys.ECPrivate, filled(0x30, 32)},
		"no use":                  {"", keys.AES, filled(0x30, 16)},
	} {
		if _, err := m.Import(c.use, c.t, c.k); err == nil {
			t.Errorf("%s: imported", what)
		}
	}
	for _, spec := range []Spec{{UseSCP80, 1, keys.AES, 16}, {UseSCP80, 2, keys.DES, 24}, {UseSCP02, 0x28, keys.DES, 16}, {UseSCP03, 0x31, keys.AES, 32}} {
		k, err := m.Generate(t.Context(), spec)
		if err != nil {
			t.Fatal(err)
		}
		c, err := m.open(&k, nil)
		if err != nil || len(c.keys.DEK) != spec.SizeBytes || bytes.Equal(c.keys.Enc, c.keys.MAC) || bytes.Equal(c.keys.DEK, make([]byte, spec.SizeBytes)) {
			t.Errorf("%+v: %v", spec, err)
		}
	}
	req.Covers(t, "SPEC-HSM-012")
	for _, spec := range []Spec{{UseSCP80, 1, keys.AES, 15}, {UseSCP80, 1, keys.AES, -1}, {UseSCP80, 1, keys.AES, 1 << 20}, {"", 1, keys.AES, 16}} {
		if _, err := m.Generate(t.Context(), spec); err == nil {
			t.Errorf("%+v: made", spec)
		}
	}
}

// Wrapped keys open in the module that made them, and nowhere else.
func TestWrapped(t *testing.T) {
	req.Covers(t, "SPEC-HSM-013", "SPEC-HSM-014")
	m := module(t, 1)
	k, err := m.Import(UseSCP03, keys.AES, filled(0x30, 16))
	if err != nil {
		t.Fatal(err)
	}
	again, err := module(t, 2).Import(UseSCP03, keys.AES, filled(0x30, 16))
	if err != nil || !bytes.Equal(k.Wrapped.Blob, again.Wrapped.Blob) {
		t.Errorf("the same key under the same key is wrapped in another way: %v", err)
	}
	other, err := m.Import(UseSCP03, keys.AES, filled(0x31, 16))
	if err != nil || bytes.Equal(k.Wrapped.Blob[:12], other.Wrapped.Blob[:12]) {
		t.Errorf("two keys under one nonce: %v", err)
	}
	for i := range k.Wrapped.Blob {
		c := k
		c.Wrapped.Blob = bytes.Clone(k.Wrapped.Blob)
		c.Wrapped.Blob[i] ^= 1
		if _, err := m.open(&c, nil); !errors.Is(err, ErrWrapped) {
			t.Fatalf("byte %d changed: %v", i, err)
		}
		c.Wrapped.Blob = k.Wrapped.Blob[:i]
		if _, err := m.find(&c, nil); !errors.Is(err, ErrWrapped) {
			t.Fatalf("cut to %d bytes: %v", i, err)
		}
	}
	c := k
	c.Wrapped.Label = "hsm-2"
	if _, err := m.open(&c, nil); !errors.Is(err, ErrWrapped) {
		t.Errorf("another label: %v", err)
	}
	foreign, err := NewSoftware(Config{Label: "hsm-1", KEK: bytes.Repeat([]byte{0x12}, KEKBytes), Entropy: entropy.Seeded(1, "hsm")})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := foreign.open(&k, nil); !errors.Is(err, ErrWrapped) {
		t.Errorf("another key-encryption key: %v", err)
	}
	_, ephemeral, err := m.BeginAgreement(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	c.Wrapped = ephemeral
	if _, err := m.open(&c, nil); !errors.Is(err, ErrWrapped) {
		t.Errorf("an ephemeral key as a key set: %v", err)
	}
	for _, bad := range []Config{{Label: "x", KEK: make([]byte, 16), Entropy: entropy.Seeded(1, "")}, {KEK: make([]byte, 32), Entropy: entropy.Seeded(1, "")}, {Label: "x", KEK: make([]byte, 32)}} {
		if _, err := NewSoftware(bad); err == nil {
			t.Error("a module without label, key or randomness")
		}
	}
}

// Nothing that is printed has a key in it.
func TestNothingPrinted(t *testing.T) {
	req.Covers(t, "SPEC-HSM-016")
	m := module(t, 1)
	k, err := m.Import(UseSCP03, keys.AES, filled(0x30, 16))
	if err != nil {
		t.Fatal(err)
	}
	opened, err := m.open(&k, nil)
	if err != nil {
		t.Fatal(err)
	}
	var b strings.Builder
	log := slog.New(slog.NewTextHandler(&b, nil))
	values := []any{k, &k, *opened, opened, Master{UseSCP03, keys.AES, keys.KDF3, filled(0x30, 16)}, filled(0x30, 16)}
	for _, v := range values {
		fmt.Fprintf(&b, "%v %+v %#v %s %x\n", v, v, v, v, v)
		log.Info("value", "v", v)
	}
	secret := canary(0x30, 16)
	for _, form := range []string{string(secret), fmt.Sprintf("%x", secret[:8]), fmt.Sprintf("%X", secret[:8]), strings.Trim(fmt.Sprint(secret[:8]), "[]"), strings.Trim(strings.ReplaceAll(fmt.Sprintf("%#v", secret[:8]), "[]byte", ""), "{}")} {
		if strings.Contains(b.String(), form) {
			t.Fatalf("a key is printed: %s", b.String())
		}
	}
	if bytes.Contains(k.Wrapped.Blob, secret[:4]) {
		t.Error("a key in its wrapped form")
	}
}

// Labels are not given twice, and masters have to give cards' keys.
func TestMasters(t *testing.T) {
	m := module(t, 1)
	for what, master := range map[string]Master{
		"packets": {UseSCP80, keys.AES, keys.KDF3, set80(1)},
		"short":   {UseSCP80, keys.AES, keys.KDF3, filled(1, 10)},
		"":        {UseSCP80, keys.AES, keys.KDF3, set80(1)},
		"wrong":   {UseSCP02, keys.AES, keys.KDF3, filled(0x20, 16)},
	} {
		if err := m.AddMaster(what, master); err == nil {
			t.Errorf("%q: added", what)
		}
	}
	mine := set80(3)
	if err := m.AddMaster("mine", Master{UseSCP80, keys.AES, keys.None, mine}); err != nil {
		t.Fatal(err)
	}
	mine.Wipe()
	c, err := m.open(&KeyRef{Use: UseSCP80, Version: 3, Master: "mine", Diversification: kdd}, nil)
	if err != nil || !bytes.Equal(c.keys.Enc, canary(3, 16)) {
		t.Errorf("the module's keys are the caller's: %v", err)
	}
	c.wipe()
	if c, err = m.open(&KeyRef{Use: UseSCP80, Version: 3, Master: "mine", Diversification: kdd}, nil); err != nil || !bytes.Equal(c.keys.Enc, canary(3, 16)) {
		t.Errorf("a use has wiped the master: %v", err)
	}
}

func FuzzSet(f *testing.F) {
	for _, c := range []set{{UseSCP80, keys.AES, set80(1)}, {UseSCP02, keys.DES, filled(0x20, 16)}, {UseSCP03, keys.AES, filled(0x30, 32)}, {UseReceipt, keys.AES, scp.KeySet{Version: 0x71, Enc: canary(1, 16)}}} {
		f.Add(c.append(nil))
	}
	f.Add([]byte{5, 1, 0x88, 16})
	f.Fuzz(func(t *testing.T, b []byte) {
		c, err := parseSet(b)
		if err == nil && !bytes.Equal(c.append(nil), b) {
			t.Errorf("%X is written %X", b, c.append(nil))
		}
	})
}
