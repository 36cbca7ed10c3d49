package keys_test

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"inkan/core/keys"
	"inkan/core/scp"
	"inkan/spec/req"
	"inkan/spec/vectors"
)

type diversification struct {
	vectors.Header
	Method string      `json:"method"`
	Type   vectors.Hex `json:"type"`
	Master vectors.Hex `json:"master"`
	KDD    vectors.Hex `json:"kdd"`
	KCVEnc vectors.Hex `json:"kcv_enc"`
	KCVMAC vectors.Hex `json:"kcv_mac"`
	KCVDEK vectors.Hex `json:"kcv_dek"`
	Enc    vectors.Hex `json:"enc"`
}

func TestDiversificationVectors(t *testing.T) {
	req.Covers(t, "SPEC-KEYS-020", "SPEC-KEYS-025")
	for _, v := range vectors.Load[diversification](t, "keys-diversification.json") {
		t.Run(v.Name, func(t *testing.T) {
			m, ok := keys.MethodNamed(v.Method)
			if !ok {
				t.Fatalf("no method %q", v.Method)
			}
			set, err := m.KeySet(scp.KeySet{Version: 0x30, Enc: v.Master, MAC: v.Master, DEK: v.Master}, v.KDD)
			if v.Fail != "" {
				if err == nil || set.Enc != nil {
					t.Fatalf("KeySet = %v, %v; want failure and no key", set, err)
				}
				return
			}
			if err != nil || set.Version != 0x30 {
				t.Fatal(set, err)
			}
			for _, k := range []struct{ key, kcv []byte }{{set.Enc, v.KCVEnc}, {set.MAC, v.KCVMAC}, {set.DEK, v.KCVDEK}} {
				if len(k.kcv) > 0 && !keys.VerifyCheckValue(keys.Type(v.Type[0]), k.key, k.kcv) {
					got, err := keys.CheckValue(keys.Type(v.Type[0]), k.key)
					t.Errorf("KCV %X (%v), want %X", got, err, k.kcv)
				}
			}
			if len(v.Enc) > 0 && !bytes.Equal(set.Enc, v.Enc) {
				t.Error("derived ENC key differs")
			}
		})
	}
}

type checkValue struct {
	vectors.Header
	Type vectors.Hex `json:"type"`
	Key  vectors.Hex `json:"key"`
	KCV  vectors.Hex `json:"kcv"`
}

func TestCheckValueVectors(t *testing.T) {
	for _, v := range vectors.Load[checkValue](t, "keys-kcv.json") {
		t.Run(v.Name, func(t *testing.T) {
			kt := keys.Type(v.Type[0])
			kcv, err := keys.CheckValue(kt, v.Key)
			if v.Fail != "" {
				if err == nil || (v.Fail == "none defined") != errors.Is(err, keys.ErrNoKCV) || kcv != [3]byte{} {
					t.Fatalf("CheckValue = %X, %v; want failure %q", kcv, err, v.Fail)
				}
				if keys.VerifyCheckValue(kt, v.Key, nil) || keys.VerifyCheckValue(kt, v.Key, kcv[:]) {
					t.Error("a key without KCV verified")
				}
				return
			}
			if err != nil || !bytes.Equal(kcv[:], v.KCV) {
				t.Fatalf("CheckValue = %X, %v; want %X", kcv, err, v.KCV)
			}
			for i := range kcv {
				wrong := kcv
				wrong[i] ^= 1
				if keys.VerifyCheckValue(kt, v.Key, wrong[:]) {
					t.Errorf("KCV with byte %d changed verified", i)
				}
			}
			if keys.VerifyCheckValue(kt, v.Key, kcv[:2]) || keys.VerifyCheckValue(kt, v.Key, append(kcv[:], 0)) {
				t.Error("KCV of wrong length verified")
			}
		})
	}
}

func TestTypeTable(t *testing.T) {
	req.Covers(t, "SPEC-KEYS-001", "SPEC-KEYS-002")
	spec := specText(t)
	last := -1
	for _, info := range keys.Types() {
		if int(info.Type) <= last {
			t.Errorf("%v out of order", info.Type)
		}
		last = int(info.Type)
		if row := fmt.Sprintf("| %02X | %s |", byte(info.Type), info.Name); !strings.Contains(spec, row) {
			t.Errorf("spec/KEYS.md has no row %q", row)
		}
		for _, n := range info.SizesBytes {
			if !info.Type.Valid(n) || info.Type.Valid(n+1) {
				t.Errorf("%v: sizes around %d", info.Type, n)
			}
		}
	}
	for _, reserved := range []keys.Type{0x00, 0x7F, 0x81, 0x86, 0x87, 0xA9, 0xB8} {
		if _, ok := reserved.Info(); ok || reserved.Valid(16) {
			t.Errorf("%v is not reserved", reserved)
		}
	}
}

func TestVersionTable(t *testing.T) {
	req.Covers(t, "SPEC-KEYS-003", "SPEC-KEYS-004")
	spec := specText(t)
	last := -1
	for _, r := range keys.Versions() {
		if int(r.First) <= last || r.Last < r.First {
			t.Errorf("%02X–%02X overlaps or is out of order", r.First, r.Last)
		}
		last = int(r.Last)
		row := fmt.Sprintf("| %02X–%02X | %s |", r.First, r.Last, r.Use)
		if r.First == r.Last {
			row = fmt.Sprintf("| %02X | %s |", r.First, r.Use)
		}
		if !strings.Contains(spec, row) {
			t.Errorf("spec/KEYS.md has no row %q", row)
		}
		if keys.UseOf(r.First) != r.Use || keys.UseOf(r.Last) != r.Use {
			t.Errorf("UseOf(%02X)", r.First)
		}
	}
	for _, v := range []byte{0x00, 0x10, 0x12, 0x50, 0x72, 0x76, 0x80, 0xFE} {
		if keys.UseOf(v) != keys.UseUnassigned {
			t.Errorf("UseOf(%02X) = %v", v, keys.UseOf(v))
		}
	}
	for v := range 256 {
		if keys.ValidNewVersion(byte(v)) != (v >= 1 && v <= 0x7F) {
			t.Errorf("ValidNewVersion(%02X)", v)
		}
	}
}

func specText(t *testing.T) string {
	t.Helper()
	b, err := os.ReadFile("../../spec/KEYS.md")
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

func TestTestKeys(t *testing.T) {
	req.Covers(t, "SPEC-KEYS-008", "SPEC-KEYS-009")
	k := keys.TestKey()
	if !keys.IsTestKey(k) || !keys.VerifyCheckValue(keys.DES, k, []byte{0x8B, 0xAF, 0x47}) {
		t.Error("the test key is not 404142…")
	}
	keys.Wipe(k)
	if !keys.IsTestKey(keys.TestKey()) {
		t.Error("TestKey shares memory")
	}
	long := make([]byte, 32)
	for i := range long {
		long[i] = 0x40 + byte(i)
	}
	keys.SetOddParity(long[:16])
	if !keys.IsTestKey(long[:16]) || !keys.IsTestKey(long[:24]) || !keys.IsTestKey(long) || !keys.IsTestKey(make([]byte, 16)) {
		t.Error("a published test key is not found")
	}
	long[17] ^= 0x10
	if keys.IsTestKey(long) || keys.IsTestKey(nil) {
		t.Error("a changed key is taken for a test key")
	}
	// A key diversified from the test key is not itself a test key.
	enc, err := keys.EMV.Append(nil, keys.TestKey(), make([]byte, 10), keys.IDEnc)
	if err != nil || keys.IsTestKey(enc) {
		t.Error("diversified key", err)
	}
}

func TestEqualIgnoresParity(t *testing.T) {
	req.Covers(t, "SPEC-KEYS-005", "SPEC-KEYS-006", "SPEC-KEYS-007")
	rapid.Check(t, func(t *rapid.T) {
		a := rapid.SliceOfN(rapid.Byte(), 16, 16).Draw(t, "key")
		b := append([]byte(nil), a...)
		keys.SetOddParity(b)
		for _, v := range b {
			ones := 0
			for ; v != 0; v &= v - 1 {
				ones++
			}
			if ones%2 != 1 {
				t.Fatal("even parity")
			}
		}
		if !keys.Equal(keys.DES, a, b) || keys.Equal(keys.AES, a, b) != bytes.Equal(a, b) {
			t.Fatal("parity")
		}
		ka, _ := keys.CheckValue(keys.DES, a)
		kb, _ := keys.CheckValue(keys.DES, b)
		if ka != kb {
			t.Fatal("the KCV depends on parity")
		}
		i := rapid.IntRange(0, 15).Draw(t, "i")
		b[i] ^= 2 << rapid.IntRange(0, 6).Draw(t, "bit")
		if keys.Equal(keys.DES, a, b) || keys.Equal(keys.DES, a, b[:15]) {
			t.Fatal("different keys are equal")
		}
		keys.Wipe(a, b)
		if !bytes.Equal(a, make([]byte, 16)) || !bytes.Equal(b, make([]byte, 16)) {
			t.Fatal("not wiped")
		}
	})
}

func TestTemplateText(t *testing.T) {
	req.Covers(t, "SPEC-KEYS-020")
	for _, m := range keys.Methods() {
		text, err := m.Input.MarshalText()
		var back keys.Template
		if err != nil || back.UnmarshalText(text) != nil || fmt.Sprint(back) != fmt.Sprint(m.Input) && len(m.Input) > 0 {
			t.Errorf("%s: %q → %v", m.Name, text, back)
		}
	}
	for _, bad := range []string{"d", "dA0", "0", "100", "kk", "x1", "+1"} {
		var tpl keys.Template
		if tpl.UnmarshalText([]byte(bad)) == nil {
			t.Errorf("%q accepted", bad)
		}
	}
	custom := keys.Method{Name: "custom", Function: "rot13"}
	if _, err := custom.Append(nil, keys.TestKey(), make([]byte, 10), 1); err == nil {
		t.Error("unknown function accepted")
	}
}

func FuzzTemplate(f *testing.F) {
	for _, m := range keys.Methods() {
		text, _ := m.Input.MarshalText()
		f.Add(string(text))
	}
	f.Fuzz(func(t *testing.T, text string) {
		var tpl keys.Template
		if tpl.UnmarshalText([]byte(text)) != nil {
			return
		}
		canonical, err := tpl.MarshalText()
		var back keys.Template
		if err != nil || back.UnmarshalText(canonical) != nil || fmt.Sprint(back) != fmt.Sprint(tpl) {
			t.Fatalf("%q → %q", text, canonical)
		}
	})
}
