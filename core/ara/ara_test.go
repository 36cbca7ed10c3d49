package ara_test

import (
	"bytes"
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"pgregory.net/rapid"

	"inkan/core/ara"
	"inkan/core/gp"
	"inkan/core/wire"
	"inkan/spec/req"
	"inkan/spec/vectors"
)

type vector struct {
	vectors.Header
	Rule        vectors.Hex `json:"rule"`
	AIDRef      ara.AIDRef  `json:"aidRef"`
	AID         vectors.Hex `json:"aid"`
	Hash        vectors.Hex `json:"hash"`
	Package     string      `json:"package"`
	APDU        ara.Access  `json:"apdu"`
	Filters     vectors.Hex `json:"filters"`
	NFC         ara.Access  `json:"nfc"`
	Permissions vectors.Hex `json:"permissions"`
}

func (v *vector) want() ara.Rule {
	r := ara.Rule{
		Target: ara.Target{AIDRef: v.AIDRef, AppHash: v.Hash, Package: v.Package},
		Rights: ara.Rights{APDU: v.APDU, NFC: v.NFC, Permissions: v.Permissions},
	}
	r.Target.AID, _ = gp.NewAID(v.AID)
	for f := v.Filters; len(f) > 0; f = f[8:] {
		r.Rights.Filters = append(r.Rights.Filters, ara.Filter{Header: [4]byte(f[:4]), Mask: [4]byte(f[4:])})
	}
	return r
}

var equal = cmp.Options{cmpopts.EquateEmpty(), cmp.Comparer(func(a, b gp.AID) bool { return a == b })}

func malformed(t *testing.T, err error) {
	t.Helper()
	var fault *wire.DecodeError
	if !errors.As(err, &fault) {
		t.Fatalf("not a DecodeError: %v", err)
	}
}

// TestVectors decodes, encodes, cuts at every byte and adds one.
func TestVectors(t *testing.T) {
	req.Covers(t, "SPEC-ARAM-001", "SPEC-ARAM-002", "SPEC-ARAM-003", "SPEC-ARAM-004")
	for _, v := range vectors.Load[vector](t, "aram.json") {
		t.Run(v.Name, func(t *testing.T) {
			rule, err := ara.DecodeRule(v.Rule)
			if v.Fail == "malformed" {
				malformed(t, err)
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			if d := cmp.Diff(v.want(), rule, equal...); d != "" {
				t.Fatal(d)
			}
			b, err := rule.Append(nil)
			if err != nil || bytes.Equal(b, v.Rule) != (v.Fail == "") {
				t.Fatalf("%X, %v", b, err)
			}
			for n := range b {
				_, err := ara.DecodeRule(b[:n])
				malformed(t, err)
			}
			_, err = ara.DecodeRule(append(b, 0))
			malformed(t, err)
		})
	}
}

// anyRule draws a rule that can be coded.
func anyRule(t *rapid.T) ara.Rule {
	some := func(lo, hi int) []byte { return rapid.SliceOfN(rapid.Byte(), lo, hi).Draw(t, "bytes") }
	var r ara.Rule
	r.Target.AIDRef = ara.AIDRef(rapid.IntRange(0, 3).Draw(t, "AID-REF"))
	if r.Target.AIDRef == ara.NamedApplication {
		r.Target.AID, _ = gp.NewAID(some(5, 16))
	}
	n := rapid.SampledFrom([]int{0, 20, 32}).Draw(t, "hash")
	r.Target.AppHash = some(n, n)
	r.Target.Package = string(some(0, 127))
	r.Rights.NFC = ara.Access(rapid.IntRange(0, 2).Draw(t, "NFC"))
	switch rapid.IntRange(0, 2).Draw(t, "APDU") {
	case 0:
		r.Rights.Permissions = some(8, 8)
	case 1:
		r.Rights.APDU = ara.Access(rapid.IntRange(1, 2).Draw(t, "access"))
	case 2:
		for f := some(8, 240); len(f) >= 8; f = f[8:] {
			r.Rights.Filters = append(r.Rights.Filters, ara.Filter{Header: [4]byte(f[:4]), Mask: [4]byte(f[4:8])})
		}
	}
	return r
}

// TestRoundTrip codes lists of rules and reads them back.
func TestRoundTrip(t *testing.T) {
	req.Covers(t, "SPEC-ARAM-001", "SPEC-ARAM-002")
	rapid.Check(t, func(t *rapid.T) {
		rules := rapid.SliceOfN(rapid.Custom(anyRule), 0, 4).Draw(t, "rules")
		b, err := ara.AppendAll(nil, rules)
		if err != nil {
			t.Fatal(err)
		}
		got, err := ara.DecodeAll(b)
		if err != nil {
			t.Fatal(err)
		}
		if d := cmp.Diff(rules, got, equal...); d != "" {
			t.Fatal(d)
		}
	})
}

// TestCheck refuses what cannot be coded.
func TestCheck(t *testing.T) {
	always := ara.Rights{APDU: ara.Always}
	aid := gp.MustAID("D392F000260100000001")
	for name, r := range map[string]ara.Rule{
		"kind":             {Target: ara.Target{AIDRef: 4}, Rights: always},
		"no AID":           {Target: ara.Target{AIDRef: ara.NamedApplication}, Rights: always},
		"AID for all":      {Target: ara.Target{AIDRef: ara.OtherApplications, AID: aid}, Rights: always},
		"hash":             {Target: ara.Target{AppHash: make([]byte, 21)}, Rights: always},
		"package":          {Target: ara.Target{Package: string(make([]byte, 128))}, Rights: always},
		"nothing":          {},
		"access":           {Rights: ara.Rights{APDU: 3}},
		"filter and never": {Rights: ara.Rights{APDU: ara.Never, Filters: make([]ara.Filter, 1)}},
		"permissions":      {Rights: ara.Rights{Permissions: make([]byte, 7)}},
	} {
		if b, err := r.Append(nil); err == nil || len(b) != 0 {
			t.Errorf("%s: %X, %v", name, b, err)
		}
		if b, err := ara.Store(r); err == nil || b != nil {
			t.Errorf("%s: Store: %X, %v", name, b, err)
		}
		if b, err := ara.DeleteRule(r); err == nil || b != nil {
			t.Errorf("%s: DeleteRule: %X, %v", name, b, err)
		}
	}
}

// FuzzDecode feeds any bytes to the decoders: what they accept is coded and
// read again as the same.
func FuzzDecode(f *testing.F) {
	for _, v := range vectors.Load[vector](f, "aram.json") {
		f.Add([]byte(v.Rule))
		f.Add(append([]byte{0xFF, 0x40, byte(len(v.Rule))}, v.Rule...))
	}
	for _, s := range []string{"\xDF\x20\x0812345678", "\xDF\x21\x07\xE5\x05\xE6\x03\x01\x01\x00", "\xFF\x50\x05\xE3\x03\xD0\x01\x01"} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		if rule, err := ara.DecodeRule(b); err != nil {
			malformed(t, err)
		} else {
			again, err := rule.Append(nil)
			if err != nil {
				t.Fatal(err)
			}
			back, err := ara.DecodeRule(again)
			if d := cmp.Diff(rule, back, equal...); err != nil || d != "" || len(again) > len(b) {
				t.Fatal(err, d)
			}
		}
		for _, decode := range []func([]byte) error{
			func(b []byte) error { _, err := ara.DecodeAll(b); return err },
			func(b []byte) error { _, err := ara.DecodeTarget(b); return err },
			func(b []byte) error { _, err := ara.DecodeRights(b); return err },
			func(b []byte) error { _, err := ara.DecodeResponseRights(b); return err },
			func(b []byte) error { _, err := ara.DecodeRefreshTag(b); return err },
			func(b []byte) error { _, err := ara.DecodeConfig(b); return err },
		} {
			if err := decode(b); err != nil {
				malformed(t, err)
			}
		}
	})
}
