package der_test

import (
	"encoding/asn1"
	"math/big"
	"testing"
	"time"

	"golang.org/x/crypto/cryptobyte"
	"pgregory.net/rapid"

	"inkan/ca/status/der"
)

// TestAgainstStandardLibrary: every encoding is encoding/asn1's.
func TestAgainstStandardLibrary(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		serial := rapid.Uint64().Draw(t, "serial")
		if got, want := der.AppendSerial(nil, serial), marshal(t, new(big.Int).SetUint64(serial)); string(got) != want {
			t.Fatalf("serial %d: %X, want %X", serial, got, want)
		}
		at := time.Unix(rapid.Int64Range(-2e9, 2e11).Draw(t, "time"), 0)
		tag := "utc"
		if y := at.UTC().Year(); y < 1950 || y > 2049 {
			tag = "generalized"
		}
		want, err := asn1.MarshalWithParams(at.UTC(), tag)
		if err != nil {
			t.Fatal(err)
		}
		if got := der.AppendTime(nil, at); string(got) != string(want) {
			t.Fatalf("%s: %X, want %X", at.UTC(), got, want)
		}
		b := cryptobyte.NewBuilder(nil)
		b.AddASN1GeneralizedTime(at.UTC())
		if got := der.AppendGeneralizedTime(nil, at); string(got) != string(b.BytesOrPanic()) {
			t.Fatalf("%s: %X, want %X", at.UTC(), got, b.BytesOrPanic())
		}
	})
}

func marshal(t *rapid.T, value any) string {
	b, err := asn1.Marshal(value)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// TestHeader: lengths at the edges of each form.
func TestHeader(t *testing.T) {
	for length, want := range map[int64]string{
		0: "\x30\x00", 0x7F: "\x30\x7F", 0x80: "\x30\x81\x80", 0xFF: "\x30\x81\xFF", 0x100: "\x30\x82\x01\x00",
		0xFFFF: "\x30\x82\xFF\xFF", 0x10000: "\x30\x83\x01\x00\x00", 1 << 32: "\x30\x85\x01\x00\x00\x00\x00",
	} {
		got := der.AppendHeader(nil, 0x30, length)
		if string(got) != want || der.HeaderSize(length) != int64(len(want)) {
			t.Errorf("length %d: %X (size %d), want %X", length, got, der.HeaderSize(length), want)
		}
	}
}
