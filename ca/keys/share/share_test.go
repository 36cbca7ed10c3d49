package share

import (
	"bytes"
	"errors"
	"fmt"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"inkan/core/entropy"
	"inkan/core/wire"
	"inkan/spec/req"
)

// slow multiplies as polynomials, then reduces.
func slow(a, b byte) byte {
	product := 0
	for i := range 8 {
		if b>>i&1 == 1 {
			product ^= int(a) << i
		}
	}
	for i := 14; i >= 8; i-- {
		if product>>i&1 == 1 {
			product ^= 0x11B << (i - 8)
		}
	}
	return byte(product)
}

func TestField(t *testing.T) {
	for a := range 256 {
		for b := range 256 {
			if got, want := multiply(byte(a), byte(b)), slow(byte(a), byte(b)); got != want {
				t.Fatalf("%02X × %02X = %02X, want %02X", a, b, got, want)
			}
		}
		if got := multiply(byte(a), invert(byte(a))); a != 0 && got != 1 || a == 0 && got != 0 {
			t.Errorf("%02X × its inverse = %02X", a, got)
		}
	}
}

// TestAnyEnoughAndNoFewer splits and combines whichever shares.
func TestAnyEnoughAndNoFewer(t *testing.T) {
	req.Covers(t, "SPEC-CA-KEYS-080", "SPEC-CA-KEYS-081")
	rapid.Check(t, func(t *rapid.T) {
		secret := rapid.SliceOfN(rapid.Byte(), 1, 40).Draw(t, "secret")
		count := rapid.IntRange(2, 9).Draw(t, "count")
		threshold := rapid.IntRange(2, count).Draw(t, "threshold")
		shares, err := Split(secret, threshold, count, entropy.Seeded(rapid.Uint64().Draw(t, "seed"), "share"))
		if err != nil {
			t.Fatal(err)
		}
		order := rapid.Permutation(shares).Draw(t, "order")
		take := rapid.IntRange(1, count).Draw(t, "take")
		got, err := Combine(order[:take])
		if take >= threshold && (err != nil || !bytes.Equal(got, secret)) || take < threshold && (err == nil || !strings.Contains(err.Error(), "are needed")) {
			t.Fatalf("%d of %d, %d needed: %X, %v", take, count, threshold, got, err)
		}
		if take < threshold {
			return
		}
		wrong := append([]Share(nil), order[:take]...)
		at := rapid.IntRange(0, take-1).Draw(t, "at")
		wrong[at].Value = bytes.Clone(wrong[at].Value)
		wrong[at].Value[rapid.IntRange(0, len(secret)-1).Draw(t, "byte")] ^= rapid.ByteRange(1, 255).Draw(t, "flip")
		if got, err := Combine(wrong); !errors.Is(err, ErrWrong) || got != nil {
			t.Fatalf("a changed share: %X, %v", got, err)
		}
	})
}

// TestFewerKnowNothing: for one share of a secret of which two are needed, every
// other secret byte is explained by exactly one coefficient.
func TestFewerKnowNothing(t *testing.T) {
	req.Covers(t, "SPEC-CA-KEYS-080")
	for _, value := range []byte{0, 1, 0x80, 0xFF} {
		for secret := range 256 {
			explained := 0
			for coefficient := range 256 {
				if evaluate([]byte{byte(secret), byte(coefficient)}, 3) == value {
					explained++
				}
			}
			if explained != 1 {
				t.Fatalf("secret %02X explains %02X in %d ways", secret, value, explained)
			}
		}
	}
}

func TestRefusals(t *testing.T) {
	req.Covers(t, "SPEC-CA-KEYS-081", "SPEC-CA-KEYS-082")
	random := entropy.Seeded(1, "share")
	for _, c := range []struct{ length, threshold, count int }{{0, 2, 3}, {257, 2, 3}, {9, 1, 3}, {9, 4, 3}, {9, 2, 256}, {9, 0, 0}, {9, -1, 3}} {
		if shares, err := Split(make([]byte, c.length), c.threshold, c.count, random); err == nil || shares != nil {
			t.Errorf("%+v is split", c)
		}
	}
	one, _ := Split([]byte("secret"), 2, 3, random)
	two, _ := Split([]byte("secret"), 2, 3, random)
	if one[0].Set == two[0].Set || bytes.Equal(one[0].Value, two[0].Value) {
		t.Error("two splittings are the same")
	}
	for name, shares := range map[string][]Share{
		"none": nil, "mixed": {one[0], two[1]}, "twice": {one[0], one[0]}, "place 0": {one[0], {one[0].Set, 2, 0, one[1].Value}},
		"no value": {{one[0].Set, 2, 1, nil}, {one[0].Set, 2, 2, nil}}, "one needed": {{one[0].Set, 1, 1, one[0].Value}},
	} {
		if got, err := Combine(shares); err == nil {
			t.Errorf("%s: %q", name, got)
		}
	}
}

func TestTexts(t *testing.T) {
	req.Covers(t, "SPEC-CA-KEYS-083")
	shares, err := Split([]byte("correct horse battery staple"), 2, 3, entropy.Seeded(1, "share"))
	if err != nil {
		t.Fatal(err)
	}
	text := shares[1].Text()
	for _, form := range []string{text, strings.ToLower(text), strings.ReplaceAll(text, "-", " "), text[:20] + "\n" + text[20:]} {
		got, err := ParseText(form)
		if err != nil || got.Place != 2 || got.Set != shares[1].Set || !bytes.Equal(got.Value, shares[1].Value) {
			t.Errorf("%v, %v", got, err)
		}
	}
	var malformed *wire.DecodeError
	for i := range text {
		if text[i] == '-' {
			continue
		}
		for _, c := range []string{"A", "7", "1", ""} {
			if bent := text[:i] + c + text[i+1:]; bent != text {
				if _, err := ParseText(bent); !errors.As(err, &malformed) || strings.Contains(err.Error(), text[:9]) {
					t.Fatalf("a slip at %d: %v", i, err)
				}
			}
		}
	}
	for name, s := range map[string]Share{"threshold": {Threshold: 1, Place: 1, Value: make([]byte, 9)}, "place": {Threshold: 2, Value: make([]byte, 9)}, "short": {Threshold: 2, Place: 1, Value: make([]byte, 4)}, "long": {Threshold: 2, Place: 1, Value: make([]byte, 261)}} {
		if _, err := ParseText(s.Text()); !errors.As(err, &malformed) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if got := fmt.Sprintf("%v %+v %x", shares[0], shares[0], shares[0]); strings.Contains(got, "[") || len(got) > 150 {
		t.Error(got)
	}
}

func FuzzParseText(f *testing.F) {
	shares, _ := Split([]byte("secret"), 2, 2, entropy.Seeded(1, "share"))
	f.Add(shares[0].Text())
	f.Fuzz(func(t *testing.T, text string) {
		if s, err := ParseText(text); err == nil {
			if again, err := ParseText(s.Text()); err != nil || again.Place != s.Place {
				t.Fatal(err)
			}
		}
	})
}
