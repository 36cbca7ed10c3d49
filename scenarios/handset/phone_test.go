package handset

import (
	"bytes"
	"context"
	"crypto"
	"crypto/rsa"
	"crypto/x509"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"inkan/core/entropy"
	"inkan/core/gp"
	"inkan/core/jpki"
	"inkan/core/jpki/login"
	"inkan/scenarios/pcsc"
	"inkan/scenarios/personalise"
	"inkan/sim/handset/device"
	"inkan/sim/handset/fault"
	"inkan/sim/handset/nfc"
	"inkan/sim/handset/omapi"
	"inkan/sim/handset/uiapp"
	"inkan/sim/profile"
	"inkan/spec/peer"
	"inkan/spec/req"
)

var (
	genuine = omapi.CallerOf([]byte("certificate of the UI app"), "jp.example.inkan")
	forged  = omapi.CallerOf([]byte("certificate of somebody else"), "jp.example.inkan")
	now     = personalise.DefaultNow
)

const origin = "https://bank.example"

// noServer is a service that nobody reaches.
type noServer struct{ uiapp.Server }

func want(t testing.TB, err error, code fault.Code) {
	t.Helper()
	f := (*fault.Error)(nil)
	if errors.As(err, &f) && f.Code == code || code == "" && err == nil {
		return
	}
	t.Errorf("error %v, want %q", err, code)
}

// card is card 1 of a profile, with the JPKI application, PIN 1234, and rules for the
// genuine app.
func card(t testing.TB, p *profile.Profile, jpkiToo bool) *profile.Card {
	t.Helper()
	c, err := profile.New(p, profile.Parts{Number: 1, Entropy: entropy.Seeded(1, "card")})
	if err != nil {
		t.Fatal(err)
	}
	if jpkiToo {
		if _, err := pcsc.Personalise(t.Context(), c, 1, nil); err != nil {
			t.Fatal(err)
		}
	}
	if err := InstallRules(t.Context(), c, RulesFor(genuine), entropy.Seeded(1, "rules")); err != nil {
		t.Fatal(err)
	}
	return c
}

func newPhone(t testing.TB, c *profile.Card, caller omapi.Caller) *Phone {
	t.Helper()
	m, ok := device.Named("Sakura S1 Free")
	if !ok {
		t.Fatal("no such model")
	}
	p, err := NewPhone(t.Context(), PhoneConfig{Model: m, Serial: 1, Card: c, Seed: 1, Caller: caller, Server: noServer{}})
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// statement is a login request, and its digest.
func statement(t testing.TB) (request []byte, digest [32]byte) {
	t.Helper()
	s := &login.Statement{Origin: origin, Nonce: [32]byte{1, 2, 3}, Expiry: now.Add(5 * time.Minute), Text: "印鑑銀行にログインします"}
	request, err := uiapp.AppendRequest(nil, s)
	if err != nil {
		t.Fatal(err)
	}
	if digest, err = s.Digest(); err != nil {
		t.Fatal(err)
	}
	return request, digest
}

// logIn has the app answer a login; nil: it did not.
func logIn(t testing.TB, p *Phone, pin string) (*login.Response, error) {
	t.Helper()
	request, _ := statement(t)
	var got *login.Response
	err := p.App.Login(t.Context(), now, origin, request, func(uiapp.Message) ([]byte, bool) { return []byte(pin), true },
		func(_ context.Context, to string, response []byte) error {
			if to != origin {
				t.Errorf("an answer to %s", to)
			}
			r, err := login.ParseResponse(response)
			got = r
			return err
		})
	return got, err
}

// TestLoginOnEveryProfile: the key in the SIM signs, through OMAPI and its rules.
func TestLoginOnEveryProfile(t *testing.T) {
	req.Covers(t, "SPEC-HANDSET-001", "SPEC-HANDSET-040", "SPEC-HANDSET-045", "SPEC-HANDSET-100", "SPEC-HANDSET-105")
	for _, profile := range profile.All() {
		t.Run(profile.Name, func(t *testing.T) {
			c := card(t, profile, true)
			p := newPhone(t, c, genuine)
			if id := p.Identity(); string(id.ICCID) != profile.ICCID(1) || id.IMSI != profile.IMSI(1) || id.Network != profile.MCC+profile.MNC {
				t.Errorf("identity %+v", id)
			}
			h, err := p.App.Look(t.Context(), now)
			if err != nil || h.State != uiapp.Ready || h.Tries != 3 {
				t.Fatalf("%+v, %v", h, err)
			}
			r, err := logIn(t, p, "1234")
			if err != nil {
				t.Fatal(err)
			}
			_, digest := statement(t)
			certificate, err := x509.ParseCertificate(r.Certificate)
			if err != nil {
				t.Fatal(err)
			}
			if err := rsa.VerifyPKCS1v15(certificate.PublicKey.(*rsa.PublicKey), crypto.SHA256, digest[:], r.Signature[:]); err != nil {
				t.Error(err)
			}
			_, err = logIn(t, p, "4321")
			want(t, err, fault.PINWrong)
			if h, err := p.App.Look(t.Context(), now); err != nil || h.Tries != 2 {
				t.Errorf("%+v, %v", h, err)
			}
		})
	}
}

// OpenSSL says that the signature is one of the statement.
func TestLoginByOpenSSL(t *testing.T) {
	p := newPhone(t, card(t, profile.Test(), true), genuine)
	r, err := logIn(t, p, "1234")
	if err != nil {
		t.Fatal(err)
	}
	request, _ := statement(t)
	s, err := uiapp.ParseRequest(request)
	if err != nil {
		t.Fatal(err)
	}
	signed, err := s.Append(nil)
	if err != nil {
		t.Fatal(err)
	}
	certificate, err := x509.ParseCertificate(r.Certificate)
	if err != nil {
		t.Fatal(err)
	}
	key, err := x509.MarshalPKIXPublicKey(certificate.PublicKey)
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	for name, content := range map[string][]byte{"statement": signed, "signature": r.Signature[:], "key.der": key} {
		if err := os.WriteFile(filepath.Join(dir, name), content, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	at := func(name string) string { return filepath.Join(dir, name) }
	out := peer.Run(t, nil, "openssl", "dgst", "-sha256", "-verify", at("key.der"), "-keyform", "DER", "-signature", at("signature"), at("statement"))
	if !bytes.Contains(out, []byte("Verified OK")) {
		t.Errorf("openssl says %s", out)
	}
}

// A look-alike of the app gets nowhere; a rule that comes later lets it in.
func TestLookAlike(t *testing.T) {
	req.Covers(t, "SPEC-HANDSET-045", "SPEC-HANDSET-047", "SPEC-HANDSET-051", "SPEC-HANDSET-101")
	c := card(t, profile.Test(), true)
	p := newPhone(t, c, forged)
	_, err := p.Open(t.Context(), jpki.AIDInstance)
	want(t, err, fault.AccessDenied)
	_, err = logIn(t, p, "1234")
	want(t, err, fault.AccessDenied)
	if e := uiapp.Explain(err); e.ID != "HS-302" {
		t.Errorf("explained by %s", e.ID)
	}
	for _, aid := range []gp.AID{gp.MustAID("D392F00026"), gp.MustAID("A000000151"), gp.AIDIssuerSecurityDomain, gp.MustAID("A0000000871002")} {
		_, err := p.Open(t.Context(), aid)
		want(t, err, fault.AccessDenied)
	}
	if h, err := p.App.Look(t.Context(), now); err != nil || !h.Denied {
		t.Errorf("%+v, %v", h, err)
	}
	want(t, p.Stop(), "")
	if err := StoreRules(t.Context(), c, RulesFor(forged), entropy.Seeded(2, "rules")); err != nil {
		t.Fatal(err)
	}
	want(t, p.Start(t.Context()), "")
	if _, err := logIn(t, p, "1234"); err != nil {
		t.Errorf("with a rule: %v", err)
	}
}

// Without the access rule application nobody gets in, and the channels of a card are
// given back.
func TestNoRulesOnCard(t *testing.T) {
	req.Covers(t, "SPEC-HANDSET-052")
	c, err := profile.New(profile.Test(), profile.Parts{Number: 1})
	if err != nil {
		t.Fatal(err)
	}
	p := newPhone(t, c, genuine)
	for range 10 {
		_, err := p.Open(t.Context(), jpki.AIDInstance)
		want(t, err, fault.AccessDenied)
	}
}

// The card's commands for channels are not an application's, in no class.
func TestChannelsOfTheCard(t *testing.T) {
	req.Covers(t, "SPEC-HANDSET-042", "SPEC-HANDSET-043")
	p := newPhone(t, card(t, profile.Test(), true), genuine)
	s, err := p.Session()
	if err != nil {
		t.Fatal(err)
	}
	var open []*omapi.Channel
	for {
		c, err := s.OpenLogicalChannel(t.Context(), jpki.AIDInstance, 0)
		if f := (*fault.Error)(nil); errors.As(err, &f) && (f.Code == fault.NoChannel || f.Code == fault.NoApplication) {
			break
		}
		if err != nil || len(open) > 20 {
			t.Fatal(err)
		}
		open = append(open, c)
	}
	if len(open) == 0 || open[0].Application() != jpki.AIDInstance {
		t.Fatalf("%d channels", len(open))
	}
	for _, raw := range [][]byte{{0x80, 0xA4, 4, 0, 7, 0xA0, 0, 0, 0, 0x87, 0x10, 2}, {0x80, 0x70, 0, 0, 1}} {
		out, err := open[0].Transmit(t.Context(), raw, nil)
		if err != nil || len(out) != 2 || out[0] == 0x90 {
			t.Errorf("%x: %x, %v", raw, out, err)
		}
	}
	if tries, err := jpki.Tries(t.Context(), open[0], jpki.EFAuthPIN.Reference()); err != nil || tries != 3 {
		t.Errorf("another application is selected: %d, %v", tries, err)
	}
	want(t, s.Close(t.Context()), "")
	if _, err := logIn(t, p, "1234"); err != nil {
		t.Error(err)
	}
}

// Touch: closed until the holder acts, one signature, and closed again.
func TestTouch(t *testing.T) {
	req.Covers(t, "SPEC-HANDSET-044", "SPEC-HANDSET-070", "SPEC-HANDSET-077", "SPEC-HANDSET-108")
	for _, profile := range profile.All() {
		t.Run(profile.Name, func(t *testing.T) {
			p := newPhone(t, card(t, profile, true), genuine)
			front := p.NFC()
			_, err := front.Enter(device.NFCB)
			want(t, err, fault.NFCOff)
			front.Switch(true)
			front.SetScreen(nfc.ScreenUnlocked)
			_, err = front.Enter(device.NFCB)
			want(t, err, fault.NFCOff) // the holder has not acted
			want(t, front.Activate(jpki.AIDInstance), "")
			f, err := front.Enter(device.NFCB)
			if err != nil {
				t.Fatal(err)
			}
			_, err = gp.Exchange(t.Context(), f, jpki.SelectApplication{}, nil)
			if err == nil {
				t.Error("the applet let itself be selected without the holder's PIN")
			}
			want(t, f.Leave(t.Context()), "")
			front.Deactivate()

			if err := p.App.StartTouch(t.Context(), now, []byte("1234")); err != nil {
				t.Fatal(err)
			}
			if f, err = front.Enter(device.NFCB); err != nil {
				t.Fatal(err)
			}
			digest := [32]byte{7}
			sign := jpki.Signature{Mode: jpki.SignDigest, Key: jpki.EFAuthKey.Reference(), Data: digest[:]}
			if _, err := gp.Exchange(t.Context(), f, jpki.SelectApplication{}, nil); err != nil {
				t.Fatal(err)
			}
			der, err := jpki.ReadFile(t.Context(), f, jpki.EFAuthCertificate, nil)
			if err != nil {
				t.Fatal(err)
			}
			signature, err := gp.Exchange(t.Context(), f, sign, nil)
			if err != nil {
				t.Fatal(err)
			}
			c, err := x509.ParseCertificate(der)
			if err != nil {
				t.Fatal(err)
			}
			if err := rsa.VerifyPKCS1v15(c.PublicKey.(*rsa.PublicKey), crypto.SHA256, digest[:], signature); err != nil {
				t.Error(err)
			}
			if _, err := gp.Exchange(t.Context(), f, sign, nil); err == nil {
				t.Error("a second signature")
			}
			want(t, f.Leave(t.Context()), "")
			_, err = front.Enter(device.NFCB)
			want(t, err, fault.NFCOff)
			if err := p.App.EndTouch(t.Context()); err != nil {
				t.Error(err)
			}
			if _, err := logIn(t, p, "1234"); err != nil {
				t.Errorf("login after a touch: %v", err)
			}
			if !slices.ContainsFunc(p.Shown, func(m uiapp.Message) bool { return m.Key == uiapp.KeyTouch }) {
				t.Error("nothing was shown")
			}
		})
	}
}

// PIN change, lock and its message on the real application.
func TestPIN(t *testing.T) {
	req.Covers(t, "SPEC-HANDSET-101", "SPEC-HANDSET-106", "SPEC-HANDSET-107")
	p := newPhone(t, card(t, profile.Test(), true), genuine)
	want(t, p.App.ChangePIN(t.Context(), now, []byte("1234"), []byte("5678")), "")
	_, err := logIn(t, p, "1234")
	want(t, err, fault.PINWrong)
	for range 2 {
		_, err = logIn(t, p, "0000")
	}
	want(t, err, fault.PINBlocked)
	h, err := p.App.Look(t.Context(), now)
	if err != nil || h.State != uiapp.Locked {
		t.Errorf("%+v, %v", h, err)
	}
	_, err = logIn(t, p, "5678")
	want(t, err, fault.PINBlocked)
	soon, err := p.App.Expiry(t.Context(), h.NotAfter.Add(-time.Hour))
	if err != nil || !soon {
		t.Errorf("%v, %v", soon, err)
	}
	h, err = p.App.Look(t.Context(), h.NotAfter.Add(time.Second))
	if err != nil || h.State != uiapp.Expired {
		t.Errorf("%+v, %v", h, err)
	}
}

// The SIM of the MVNO works in a phone locked to its host, that of another carrier not.
func TestSIMLock(t *testing.T) {
	req.Covers(t, "SPEC-HANDSET-003", "SPEC-HANDSET-004")
	m, ok := device.Named("Sakura S1")
	if !ok {
		t.Fatal("no such model")
	}
	for name, code := range map[string]fault.Code{"akebono": "", "suzume": "", "hayate": fault.SIMRefused, "minato": fault.SIMRefused, "test": fault.SIMRefused} {
		c, err := profile.New(profile.Named(name), profile.Parts{Number: 1})
		if err != nil {
			t.Fatal(err)
		}
		p, err := NewPhone(t.Context(), PhoneConfig{Model: m, Card: c, Caller: genuine, Server: noServer{}})
		want(t, err, code)
		if code != "" {
			p.Unlock()
			want(t, p.Start(t.Context()), "")
		}
	}
}

// entropyOf is a source of the seed 1.
func entropyOf(label string) entropy.Source { return entropy.Seeded(1, label) }
