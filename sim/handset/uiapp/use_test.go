package uiapp

import (
	"bytes"
	"context"
	"crypto"
	"crypto/rsa"
	"fmt"
	"strings"
	"testing"
	"time"

	"inkan/core/jpki"
	"inkan/core/jpki/login"
	"inkan/sim/handset/fault"
	"inkan/spec/req"
)

const origin = "https://bank.example"

// request is a good login request, changed.
func request(t testing.TB, change func(*login.Statement)) []byte {
	t.Helper()
	s := &login.Statement{Origin: origin, Nonce: [login.NonceLen]byte{1, 2}, Expiry: now.Add(5 * time.Minute), Text: "ログインします {code}"}
	if change != nil {
		change(s)
	}
	b, err := AppendRequest(nil, s)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func TestLogin(t *testing.T) {
	req.Covers(t, "SPEC-HANDSET-102", "SPEC-HANDSET-104", "SPEC-HANDSET-105", "SPEC-HANDSET-106", "SPEC-HANDSET-121")
	b := newBench(t)
	pin := []byte("1234")
	var to string
	var answer []byte
	err := b.app.Login(t.Context(), now, origin, request(t, nil), func(m Message) ([]byte, bool) {
		if !strings.Contains(m.Text, origin) || !strings.Contains(m.Text, "ログインします {code}") || bytes.IndexByte(b.sim.commands, jpki.InsSign) >= 0 {
			t.Errorf("the holder sees %q", m.Text)
		}
		return pin, true
	}, func(_ context.Context, o string, response []byte) error { to, answer = o, response; return nil })
	if err != nil {
		t.Fatal(err)
	}
	r, err := login.ParseResponse(answer)
	if err != nil || to != origin {
		t.Fatalf("answer to %q: %v", to, err)
	}
	s, err := ParseRequest(request(t, nil))
	if err != nil {
		t.Fatal(err)
	}
	digest, err := s.Digest()
	if err != nil {
		t.Fatal(err)
	}
	if err := rsa.VerifyPKCS1v15(&rsaKey().PublicKey, crypto.SHA256, digest[:], r.Signature[:]); err != nil {
		t.Error(err)
	}
	if r.Nonce != s.Nonce || !bytes.Equal(r.Certificate, testCertificate()) {
		t.Error("nonce or certificate are others")
	}
	if b.open != 0 || b.sim.verified || string(pin) != "\x00\x00\x00\x00" {
		t.Errorf("%d channels open, PIN verified %v, PIN wiped %v", b.open, b.sim.verified, pin[0] == 0)
	}
}

func TestLoginRefused(t *testing.T) {
	req.Covers(t, "SPEC-HANDSET-102", "SPEC-HANDSET-103", "SPEC-HANDSET-104", "SPEC-HANDSET-109")
	good := request(t, nil)
	for name, c := range map[string]struct {
		origin  string
		request []byte
		pin     string
		consent bool
		want    fault.Code
	}{
		"other origin":   {"https://bank.example.evil.example", good, "", true, fault.WrongOrigin},
		"origin's port":  {"https://bank.example:8443", good, "", true, fault.WrongOrigin},
		"expired":        {origin, request(t, func(s *login.Statement) { s.Expiry = now.Add(-time.Second) }), "", true, fault.RequestExpired},
		"far ahead":      {origin, request(t, func(s *login.Statement) { s.Expiry = now.Add(11 * time.Minute) }), "", true, fault.RequestExpired},
		"other scheme":   {origin, append([]byte("https"), good...), "", true, fault.RequestMalformed},
		"cut":            {origin, good[:len(good)-3], "", true, fault.RequestMalformed},
		"padded":         {origin, append(bytes.Clone(good), '='), "", true, fault.RequestMalformed},
		"line end":       {origin, append(bytes.Clone(good), '\n'), "", true, fault.RequestMalformed},
		"long":           {origin, append(bytes.Clone(good), make([]byte, 2000)...), "", true, fault.RequestMalformed},
		"holder refuses": {origin, good, "1234", false, fault.Cancelled},
		"form":           {origin, good, "12345", true, fault.PINForm},
		"wrong":          {origin, good, "9999", true, fault.PINWrong},
	} {
		b := newBench(t)
		asked := false
		err := b.app.Login(t.Context(), now, c.origin, c.request, func(Message) ([]byte, bool) { asked = true; return []byte(c.pin), c.consent },
			func(context.Context, string, []byte) error { t.Errorf("%s: an answer was sent", name); return nil })
		if code(err) != c.want || asked != (c.pin != "") {
			t.Errorf("%s: %v, PIN asked for %v, want %v", name, err, asked, c.want)
		}
		tries := 3
		if c.want == fault.PINWrong {
			tries = 2
		}
		if b.sim.tries != tries || b.open != 0 || bytes.IndexByte(b.sim.commands, jpki.InsSign) >= 0 {
			t.Errorf("%s: %d tries left, %d channels open", name, b.sim.tries, b.open)
		}
	}
}

func TestPINIsLockedAndShown(t *testing.T) {
	req.Covers(t, "SPEC-HANDSET-101", "SPEC-HANDSET-123")
	b := newBench(t)
	for left := 2; left >= 0; left-- {
		err := b.app.ChangePIN(t.Context(), now, []byte("0000"), []byte("5678"))
		if p, ok := err.(*PINError); !ok || p.Tries != left {
			t.Errorf("error %v, want %d tries left", err, left)
		}
		id := map[bool]string{true: "HS-508", false: "HS-507"}[left == 0]
		if e := Explain(err); e.ID != id {
			t.Errorf("explained as %s, want %s", e.ID, id)
		}
	}
	want(t, b.app.ChangePIN(t.Context(), now, []byte("1234"), []byte("5678")), fault.PINBlocked)
}

func TestChangePIN(t *testing.T) {
	req.Covers(t, "SPEC-HANDSET-109")
	b := newBench(t)
	for _, pin := range []string{"", "123", "12345", "12a4"} {
		want(t, b.app.ChangePIN(t.Context(), now, []byte("1234"), []byte(pin)), fault.PINForm)
		want(t, b.app.ChangePIN(t.Context(), now, []byte(pin), []byte("1234")), fault.PINForm)
		want(t, b.app.StartTouch(t.Context(), now, []byte(pin)), fault.PINForm)
	}
	if b.sim.tries != 3 {
		t.Errorf("%d tries left", b.sim.tries)
	}
	want(t, b.app.ChangePIN(t.Context(), now, []byte("1234"), []byte("5678")), "")
	if b.sim.pin != "5678" {
		t.Error("the PIN is the old one")
	}
}

func TestTouch(t *testing.T) {
	req.Covers(t, "SPEC-HANDSET-108")
	b := newBench(t)
	want(t, b.app.StartTouch(t.Context(), now, []byte("1234")), "")
	if b.near != jpki.AIDInstance || b.sim.status.Contactless != jpki.ContactlessOne || b.open != 0 {
		t.Errorf("front end for %v, applet %v, %d channels open", b.near, b.sim.status.Contactless, b.open)
	}
	want(t, b.app.EndTouch(t.Context()), "")
	if !b.near.IsZero() || b.sim.status.Contactless != jpki.ContactlessOff {
		t.Error("still open to readers")
	}
	b.nearErr = fault.New(fault.ScreenRule, "")
	want(t, b.app.StartTouch(t.Context(), now, []byte("1234")), fault.ScreenRule)
	if b.sim.status.Contactless != jpki.ContactlessOff {
		t.Error("the front end refused, and the applet is open")
	}
	want(t, b.app.StartTouch(t.Context(), now, []byte("4321")), fault.PINWrong)
	b.app.cfg.Contactless = nil
	want(t, b.app.StartTouch(t.Context(), now, []byte("1234")), fault.NoNFC)
}

func TestNothingSecretIsPrinted(t *testing.T) {
	req.Covers(t, "SPEC-HANDSET-125")
	b := begun(t)
	b.sim.pin = "7391"
	secret := b.app.task.code.Plain()
	for _, v := range []any{b.app, *b.app, b.code} {
		for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%x"} {
			if s := fmt.Sprintf(verb, v); strings.Contains(s, secret) || strings.Contains(s, fmt.Sprintf("%x", b.app.task.key)) || len(s) > 200 {
				t.Errorf("%s of %T: %s", verb, v, s)
			}
		}
	}
	err := b.app.ChangePIN(t.Context(), now, []byte("9173"), []byte("7391"))
	if err == nil || strings.Contains(err.Error(), "9173") || strings.Contains(err.Error(), "7391") {
		t.Errorf("error %v", err)
	}
	shown := 0
	for _, m := range b.shown {
		if strings.Contains(m.Text, b.app.task.code.Show()) {
			shown++
		}
	}
	if shown != 1 {
		t.Errorf("the code was shown %d times", shown)
	}
}
