package gp

import (
	"bytes"
	"errors"
	"testing"

	"pgregory.net/rapid"

	"inkan/core/wire"
	"inkan/spec/req"
)

func TestAIDLength(t *testing.T) {
	req.Covers(t, "SPEC-GP-010")
	b := make([]byte, 20)
	for n := range b {
		a, err := NewAID(b[:n])
		var fault *wire.DecodeError
		if ok := n >= 5 && n <= 16; ok != (err == nil) || !ok && (!errors.As(err, &fault) || !a.IsZero()) {
			t.Errorf("%d bytes: %v, %v", n, a, err)
		}
	}
}

func TestAIDParts(t *testing.T) {
	a := MustAID("A0000001515350")
	if a.RID() != RIDGlobalPlatform || !bytes.Equal(a.AppendPIX(nil), []byte{0x53, 0x50}) || a.Len() != 7 {
		t.Errorf("RID %X PIX %X", a.RID(), a.AppendPIX(nil))
	}
	if a.String() != "A0000001515350" || a != AIDSecurityDomainPackage {
		t.Errorf("%v", a)
	}
	if a.Compare(AIDSecurityDomainModule) >= 0 || a.Compare(a) != 0 || (AID{}).Compare(a) >= 0 {
		t.Error("order")
	}
	if (AID{}).String() != "" || !bytes.Equal((AID{}).AppendLV(nil), []byte{0}) {
		t.Error("none")
	}
}

func TestAIDPrefix(t *testing.T) {
	req.Covers(t, "SPEC-GP-011")
	rapid.Check(t, func(t *rapid.T) {
		a := drawAID(t, "aid")
		b := a.Append(nil)
		n := rapid.IntRange(0, len(b)).Draw(t, "n")
		if !a.HasPrefix(b[:n]) {
			t.Errorf("%v has not its prefix of %d bytes", a, n)
		}
		if a.HasPrefix(append(bytes.Clone(b), 0)) {
			t.Errorf("%v has a longer prefix", a)
		}
		if n > 0 {
			other := bytes.Clone(b[:n])
			other[rapid.IntRange(0, n-1).Draw(t, "at")] ^= 1
			if a.HasPrefix(other) {
				t.Errorf("%v has prefix %X", a, other)
			}
		}
		if (AID{}).HasPrefix(nil) {
			t.Error("none has a prefix")
		}
	})
}

func drawAID(t *rapid.T, label string) AID {
	a, err := NewAID(rapid.SliceOfN(rapid.Byte(), MinAIDLen, MaxAIDLen).Draw(t, label))
	if err != nil {
		t.Fatal(err)
	}
	return a
}

func drawOptionalAID(t *rapid.T, label string) AID {
	if rapid.Bool().Draw(t, label+"?") {
		return AID{}
	}
	return drawAID(t, label)
}

func TestAIDText(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		a := drawOptionalAID(t, "aid")
		text, err := a.MarshalText()
		var b AID
		if err != nil || b.UnmarshalText(text) != nil || a != b {
			t.Errorf("%v became %v", a, b)
		}
	})
	var a AID
	if a.UnmarshalText([]byte("A0")) == nil || a.UnmarshalText([]byte("xx")) == nil {
		t.Error("accepted bad text")
	}
}
