package login

import (
	"bytes"
	"encoding/hex"
	"errors"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"inkan/core/wire"
	"inkan/spec/req"
)

func sample() *Statement {
	s := &Statement{Origin: "https://bank.example", Expiry: time.Date(2026, 11, 28, 3, 5, 0, 0, time.UTC), Text: "印鑑銀行にログインします"}
	for i := range s.Nonce {
		s.Nonce[i] = byte(i)
	}
	return s
}

// The overview of the spec has these.
const (
	sampleHex = "696E6B616E2F6C6F67696E2F3100" + "0014" + "68747470733A2F2F62616E6B2E6578616D706C65" +
		"000102030405060708090A0B0C0D0E0F101112131415161718191A1B1C1D1E1F" + "000000006B0A44DC" + "0024" +
		"E58DB0E99191E98A80E8A18CE381ABE383ADE382B0E382A4E383B3E38197E381BEE38199"
)

func TestSampleOfTheSpec(t *testing.T) {
	req.Covers(t, "SPEC-RELYING-PARTY-001", "SPEC-RELYING-PARTY-005")
	b, err := sample().Append(nil)
	if err != nil || strings.ToUpper(hex.EncodeToString(b)) != sampleHex {
		t.Fatalf("%X, %v", b, err)
	}
	got, err := Parse(b)
	if err != nil || got.Origin != sample().Origin || got.Nonce != sample().Nonce || !got.Expiry.Equal(sample().Expiry) || got.Text != sample().Text {
		t.Errorf("%+v, %v", got, err)
	}
	digest, err := sample().Digest()
	const want = "961B9A8DEB49ADEFD50C42DBEC99FF40AF1638F3D317DB4F1850BBC43B632170"
	if err != nil || strings.ToUpper(hex.EncodeToString(digest[:])) != want {
		t.Errorf("%X, %v", digest, err)
	}
	var malformed *wire.DecodeError
	for end := range b {
		if _, err := Parse(b[:end]); !errors.As(err, &malformed) || malformed.Format != "login statement" {
			t.Fatalf("cut at %d: %v", end, err)
		}
	}
	if _, err := Parse(append(b, 0)); !errors.As(err, &malformed) || malformed.Offset != len(b) {
		t.Error(err)
	}
	other := bytes.Clone(b)
	other[12] = '2'
	if _, err := Parse(other); !errors.As(err, &malformed) || malformed.Path != "domain" {
		t.Error(err)
	}
}

func TestOrigins(t *testing.T) {
	req.Covers(t, "SPEC-RELYING-PARTY-002")
	for _, origin := range []string{
		"https://bank.example", "https://localhost:8443", "https://127.0.0.1", "https://[2001:db8::1]:8443", "https://[::1]",
		"https://xn--fiq228c.example", "https://a-b.example:1", "https://bank.example:65535",
	} {
		if err := CheckOrigin(origin); err != nil {
			t.Errorf("%s: %v", origin, err)
		}
	}
	for _, origin := range []string{
		"", "bank.example", "http://bank.example", "HTTPS://bank.example", "https://Bank.example", "https://bank.example/", "https://bank.example:443",
		"https://bank.example:0443", "https://bank.example:0", "https://bank.example:65536", "https://bank.example:", "https://", "https://:8443",
		"https://user@bank.example", "https://bank.example?", "https://bank.example#", "https://bank..example", "https://bank.example.",
		"https://-bank.example", "https://bank-.example", "https://印鑑.example", "https://bank example", "https://[2001:DB8::1]", "https://[::1",
		"https://[127.0.0.1]", "https://[fe80::1%25en0]", "https://[0:0:0:0:0:0:0:1]", "https://bank_example", "https://" + strings.Repeat("a", 64) + ".example",
		"https://" + strings.Repeat("a.", 130) + "example", "https://bank.example\x00",
	} {
		if err := CheckOrigin(origin); err == nil {
			t.Errorf("%q is taken", origin)
		}
		s := sample()
		s.Origin = origin
		if b, err := s.Append([]byte{1}); err == nil || len(b) != 1 {
			t.Errorf("%q is written", origin)
		}
	}
}

func TestTexts(t *testing.T) {
	req.Covers(t, "SPEC-RELYING-PARTY-003")
	for _, text := range []string{"x", "Log in to Bank", "１　２", strings.Repeat("あ", 133)} {
		if err := CheckText(text); err != nil {
			t.Errorf("%q: %v", text, err)
		}
	}
	for _, text := range []string{
		"", " x", "x ", "　x", "a\nb", "a\tb", "a\x00b", "a\u202Eb", "a\u2066b", "a\u200Bb", "a\uFEFFb", "a\u00ADb", "a\u0085b", "\xFF", "a\u00A0b", "a\uE000b",
		strings.Repeat("あ", 134),
	} {
		if err := CheckText(text); err == nil {
			t.Errorf("%q is taken", text)
		}
		s := sample()
		s.Text = text
		if _, err := s.Digest(); err == nil {
			t.Errorf("%q is signed", text)
		}
	}
}

func TestTimes(t *testing.T) {
	req.Covers(t, "SPEC-RELYING-PARTY-004", "SPEC-RELYING-PARTY-006")
	for _, expiry := range []time.Time{time.Unix(-1, 0), time.Unix(1, 1), time.Unix(maxTime+1, 0)} {
		s := sample()
		s.Expiry = expiry
		if _, err := s.Append(nil); err == nil {
			t.Errorf("%v is written", expiry)
		}
	}
	s := sample()
	for _, c := range []struct {
		now  time.Time
		want error
	}{
		{s.Expiry, nil}, {s.Expiry.Add(time.Nanosecond), ErrExpired}, {s.Expiry.Add(-MaxLife), nil}, {s.Expiry.Add(-MaxLife - 1), ErrTooLong},
	} {
		if err := s.CheckTime(c.now); err != c.want {
			t.Errorf("%v: %v, want %v", c.now, err, c.want)
		}
	}
}

func TestResponses(t *testing.T) {
	req.Covers(t, "SPEC-RELYING-PARTY-007")
	r := &Response{Nonce: sample().Nonce, Certificate: []byte{0x30, 0x00}}
	r.Signature[255] = 7
	b := r.Append(nil)
	got, err := ParseResponse(b)
	if err != nil || got.Nonce != r.Nonce || got.Signature != r.Signature || !bytes.Equal(got.Certificate, r.Certificate) {
		t.Errorf("%+v, %v", got, err)
	}
	var malformed *wire.DecodeError
	for end := range b {
		if _, err := ParseResponse(b[:end]); !errors.As(err, &malformed) {
			t.Fatalf("cut at %d: %v", end, err)
		}
	}
	if _, err := ParseResponse(append(b, 0)); !errors.As(err, &malformed) {
		t.Error(err)
	}
	b[NonceLen+SignatureLen+1] = 0
	if _, err := ParseResponse(b[:len(b)-2]); !errors.As(err, &malformed) || malformed.Path != "certificate length" {
		t.Error(err)
	}
}

// TestTwoStatementsNeverShareABody changes one field at a time.
func TestTwoStatementsNeverShareABody(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		make := func(n string) *Statement {
			s := &Statement{
				Origin: "https://" + rapid.StringMatching(`[a-z]{1,3}(\.[a-z]{1,2})?`).Draw(t, "origin"+n),
				Text:   rapid.StringMatching(`[a-z]{1,4}`).Draw(t, "text"+n),
				Expiry: time.Unix(rapid.Int64Range(0, 3).Draw(t, "expiry"+n), 0).UTC(),
			}
			s.Nonce[rapid.IntRange(0, NonceLen-1).Draw(t, "at"+n)] = 1
			return s
		}
		a, b := make("1"), make("2")
		x, errA := a.Digest()
		y, errB := b.Digest()
		if errA != nil || errB != nil {
			t.Fatal(errA, errB)
		}
		if (*a == *b) != (x == y) {
			t.Fatalf("%+v and %+v", a, b)
		}
	})
}

func FuzzParse(f *testing.F) {
	seed, _ := hex.DecodeString(sampleHex)
	f.Add(seed)
	f.Fuzz(func(t *testing.T, b []byte) {
		s, err := Parse(b)
		if err != nil {
			if malformed := (*wire.DecodeError)(nil); !errors.As(err, &malformed) {
				t.Fatalf("%T", err)
			}
			return
		}
		if again, err := s.Append(nil); err != nil || !bytes.Equal(again, b) {
			t.Fatalf("%X is read and written as %X, %v", b, again, err)
		}
	})
}

func FuzzParseResponse(f *testing.F) {
	f.Add((&Response{Certificate: []byte{0x30, 0x00}}).Append(nil))
	f.Fuzz(func(t *testing.T, b []byte) {
		if r, err := ParseResponse(b); err == nil && !bytes.Equal(r.Append(nil), b) {
			t.Fatalf("%X is written differently", b)
		}
	})
}
