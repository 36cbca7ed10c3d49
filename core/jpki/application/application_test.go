package application

import (
	"bytes"
	"crypto/ecdh"
	"errors"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"pgregory.net/rapid"

	"inkan/core/jpki"
	"inkan/core/jpki/perso"
	"inkan/core/wire"
	"inkan/spec/req"
)

// draw makes any consistent application.
func draw(t *rapid.T) *Application {
	id := func(name string) (out [IDLen]byte) {
		copy(out[:], rapid.SliceOfN(rapid.Byte(), IDLen, IDLen).Filter(func(b []byte) bool { return !bytes.Equal(b, make([]byte, IDLen)) }).Draw(t, name))
		return out
	}
	a := &Application{Purpose: rapid.SampledFrom(Purposes()).Draw(t, "purpose"), Nonce: id("nonce"),
		Time:     time.Unix(rapid.Int64Range(946684800, 253402300799).Draw(t, "time"), 0).UTC(),
		Language: rapid.SampledFrom([]Language{Japanese, English}).Draw(t, "language")}
	if a.Purpose.Issues() || a.Purpose == PINReset {
		a.SIM, a.ReplyKey = id("sim"), point(t)
	}
	if a.Purpose != Issue {
		a.Instance = id("instance")
	}
	if a.Purpose == PINReset {
		a.Order = OrderProof{perso.Hash(bytes.Repeat([]byte{1}, 32)), id("challenge")}
	}
	if a.Purpose.Issues() {
		a.Roles = jpki.Role(rapid.IntRange(1, 3).Draw(t, "roles"))
		a.Origin = jpki.Origin(rapid.IntRange(1, 2).Draw(t, "origin"))
		a.Commit(Code(bytes.Repeat([]byte{'7'}, 12)))
		if rapid.Bool().Draw(t, "presence") {
			a.Presence = &Presence{AID: rapid.SliceOfN(rapid.Byte(), 5, 16).Draw(t, "aid"),
				Attestation: rapid.SliceOfN(rapid.Byte(), 1, 255).Draw(t, "attestation")}
		}
	}
	return a
}

func point(t *rapid.T) (p perso.Point) {
	scalar := make([]byte, 32)
	scalar[31] = rapid.ByteRange(1, 255).Draw(t, "scalar")
	k, err := ecdh.P256().NewPrivateKey(scalar)
	if err != nil {
		t.Fatal(err)
	}
	copy(p[:], k.PublicKey().Bytes())
	return p
}

func TestRoundTrip(t *testing.T) {
	req.Covers(t, "SPEC-APPLICATION-020")
	rapid.Check(t, func(t *rapid.T) {
		a := draw(t)
		b, err := a.Append([]byte("before"))
		if err != nil {
			t.Fatal(err)
		}
		b = b[len("before"):]
		back, err := Parse(b)
		if err != nil {
			t.Fatal(err)
		}
		again, err := back.Append(nil)
		if err != nil || !bytes.Equal(again, b) {
			t.Fatalf("%v\n%X\n%X", err, b, again)
		}
		if text := a.Text(a.Language); len(text) > MaxTextLen || !utf8.ValidString(text) {
			t.Fatalf("text of %d bytes", len(text))
		}
		for n := range b {
			if _, err := Parse(b[:n]); err == nil {
				t.Fatalf("cut at %d: accepted", n)
			}
		}
	})
}

// TestTruncated: each cut is a fault within what is left.
func TestTruncated(t *testing.T) {
	req.Covers(t, "SPEC-APPLICATION-002")
	for _, v := range positive(t) {
		var fault *wire.DecodeError
		for n := range v.DER {
			if _, err := Parse(v.DER[:n]); !errors.As(err, &fault) || fault.Offset > n {
				t.Fatalf("%s cut at %d: %v", v.Name, n, err)
			}
		}
		if _, err := Parse(append(bytes.Clone(v.DER), 0)); !errors.As(err, &fault) || fault.Offset != len(v.DER) {
			t.Errorf("%s and one more: %v", v.Name, err)
		}
	}
}

// TestFieldsByPurpose goes through the table: each field taken out of where it
// has to be, and put in where it may not be.
func TestFieldsByPurpose(t *testing.T) {
	req.Covers(t, "SPEC-APPLICATION-021")
	id := [IDLen]byte{1}
	set := map[string]func(a, from *Application){
		"sim":            func(a, f *Application) { a.SIM = f.SIM },
		"roles":          func(a, f *Application) { a.Roles = f.Roles },
		"keyOrigin":      func(a, f *Application) { a.Origin = f.Origin },
		"instance":       func(a, f *Application) { a.Instance = f.Instance },
		"codeCommitment": func(a, f *Application) { a.Commitment = f.Commitment },
		"replyKey":       func(a, f *Application) { a.ReplyKey = f.ReplyKey },
		"order":          func(a, f *Application) { a.Order = f.Order },
		"presence":       func(a, f *Application) { a.Presence = f.Presence },
	}
	full := &Application{SIM: id, Roles: 1, Origin: 1, Instance: id, Commitment: [32]byte{1}, ReplyKey: positive(t)[0].application(t).ReplyKey,
		Order: OrderProof{Challenge: id}, Presence: &Presence{AID: make([]byte, 5), Attestation: make([]byte, 1)}}
	if len(set) != len(fields) {
		t.Fatal("a field is not tested")
	}
	for _, v := range positive(t) {
		for _, f := range fields {
			a := v.application(t)
			rule := f.rule(a.Purpose)
			switch {
			case rule == mandatory:
				set[f.name](a, &Application{})
			case rule == absent:
				set[f.name](a, full)
			case a.Presence != nil:
				set[f.name](a, &Application{})
			default:
				set[f.name](a, full)
			}
			err := a.Check()
			if ok := rule == optional; ok != (err == nil) || !ok && (!errors.Is(err, ErrInconsistent) || !strings.Contains(err.Error(), f.name)) {
				t.Errorf("%s, %s: %v", v.Name, f.name, err)
			}
			if _, err := a.Append(nil); (err == nil) != (rule == optional) {
				t.Errorf("%s, %s: encoded", v.Name, f.name)
			}
		}
	}
}

func TestValues(t *testing.T) {
	req.Covers(t, "SPEC-APPLICATION-022")
	cases := map[string]func(*Application){
		"purpose":   func(a *Application) { a.Purpose = 6 },
		"nonce":     func(a *Application) { a.Nonce = [IDLen]byte{} },
		"time":      func(a *Application) { a.Time = a.Time.Add(time.Millisecond) },
		"language":  func(a *Application) { a.Language = "fr" },
		"roles":     func(a *Application) { a.Roles = 4 },
		"keyOrigin": func(a *Application) { a.Origin = 3 },
		"replyKey":  func(a *Application) { a.ReplyKey[40] ^= 1 },
		"presence":  func(a *Application) { a.Presence = &Presence{AID: make([]byte, 4), Attestation: []byte{1}} },
	}
	for name, change := range cases {
		a := positive(t)[0].application(t)
		change(a)
		if err := a.Check(); !errors.Is(err, ErrInconsistent) || !strings.Contains(err.Error(), name) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// TestTextSaysAll: every field that a person can judge is in the text, in both
// languages, and no two purposes share a sentence.
func TestTextSaysAll(t *testing.T) {
	req.Covers(t, "SPEC-APPLICATION-023")
	seen := map[string]Purpose{}
	for _, v := range positive(t) {
		a := v.application(t)
		for _, l := range []Language{Japanese, English} {
			text := a.Text(l)
			lines := strings.Split(text, "\n")
			if p, ok := seen[lines[1]]; ok && p != a.Purpose {
				t.Errorf("%v and %v: %s", p, a.Purpose, lines[1])
			}
			seen[lines[1]] = a.Purpose
			want := []string{short(a.Nonce), "INKAN-TEST"}
			if f := fields[0]; f.has(a) {
				want = append(want, SIMText(a.SIM))
			}
			if a.Instance != [IDLen]byte{} {
				want = append(want, short(a.Instance))
			}
			for _, w := range want {
				if !strings.Contains(text, w) {
					t.Errorf("%s: %s lacks %s", v.Name, l, w)
				}
			}
			if strings.Contains(text, "\n\n") || strings.HasSuffix(text, ": ") || strings.Contains(text, ":\n") {
				t.Errorf("%s: an empty line or value:\n%s", v.Name, text)
			}
		}
	}
}

func TestSIMText(t *testing.T) {
	req.Covers(t, "SPEC-APPLICATION-023")
	for sim, want := range map[string]string{
		"\x98\x18\x01\x00\x00\x00\x00\x00\x10\x32":     "89811000000000000123",
		"\x98\x18\x01\x00\x00\x00\x00\x00\x10\xF2":     "8981100000000000012",
		"\x98\x18\x01\x00\x00\x00\x00\x00\x10\x00":     "89811000000000000100",
		"\x89\x81\x10\x17":                             "89811017",
		"\x98\xA8\x01\x00\x00\x00\x00\x00\x10\x32":     "98A80100000000001032",
		"\x98\x18\x01\x00\x00\x00\x00\x00\x10\x32\x01": "9818010000000000103201",
	} {
		var id [IDLen]byte
		copy(id[:], sim)
		if got := SIMText(id); got != want {
			t.Errorf("%X: %s, want %s", sim, got, want)
		}
	}
}
