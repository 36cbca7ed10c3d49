package application

import (
	"bytes"
	"crypto/ecdh"
	"crypto/ecdsa"
	"crypto/x509"
	"encoding/hex"
	"encoding/pem"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"inkan/core/cms"
	"inkan/core/entropy"
	"inkan/core/jpki"
	"inkan/core/jpki/perso"
	"inkan/core/wire"
	"inkan/spec/peer"
	"inkan/spec/req"
)

func TestOpen(t *testing.T) {
	req.Covers(t, "SPEC-APPLICATION-010", "SPEC-APPLICATION-019")
	v := positive(t)[0]
	s, err := Open(v.Signed)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(s.Content, v.DER) || !s.SigningTime.Equal(v.SigningTime) || !bytes.Equal(s.Certificate.Raw, v.SignerCertificate) {
		t.Errorf("%+v", s)
	}
	for after, want := range map[time.Duration]error{-MaxAhead - time.Second: ErrStale, -MaxAhead: nil, 0: nil, MaxAge: nil, MaxAge + time.Second: ErrStale} {
		if err := s.Fresh(v.Time.Add(after)); !errors.Is(err, want) {
			t.Errorf("%v after: %v, want %v", after, err, want)
		}
	}
}

func TestOpenRefuses(t *testing.T) {
	req.Covers(t, "SPEC-APPLICATION-014", "SPEC-APPLICATION-016", "SPEC-APPLICATION-017", "SPEC-APPLICATION-018", "SPEC-APPLICATION-023")
	v := positive(t)[0]
	certificate, key := v.signer(t)
	message := func(change func(*cms.Message)) []byte {
		m := &cms.Message{ContentType: OIDContent, Content: v.DER, Certificate: certificate, Signer: key, Time: v.SigningTime}
		change(m)
		der, err := cms.Sign(m)
		if err != nil {
			t.Fatal(err)
		}
		return der
	}
	changed := bytes.Clone(v.Signed)
	changed[len(changed)-1] ^= 1
	for name, c := range map[string]struct {
		der  []byte
		want error
	}{
		"another type":  {message(func(m *cms.Message) { m.ContentType = cms.OIDData }), ErrContentType},
		"signed early":  {message(func(m *cms.Message) { m.Time = v.Time.Add(-time.Second) }), ErrSigningTime},
		"signed late":   {message(func(m *cms.Message) { m.Time = v.Time.Add(MaxAge + time.Second) }), ErrSigningTime},
		"signature":     {changed, cms.ErrSignature},
		"another text":  {message(func(m *cms.Message) { m.Content = bytes.Replace(v.DER, []byte("SIM"), []byte("SIN"), 1) }), ErrInconsistent},
		"other content": {message(func(m *cms.Message) { m.Content = []byte("hello") }), &wire.DecodeError{}},
		"empty":         {nil, &wire.DecodeError{}},
	} {
		_, err := Open(c.der)
		var fault *wire.DecodeError
		if _, malformed := c.want.(*wire.DecodeError); malformed && !errors.As(err, &fault) || !malformed && !errors.Is(err, c.want) {
			t.Errorf("%s: %v, want %v", name, err, c.want)
		}
	}
	if _, err := positive(t)[0].application(t).Sign(certificate, key, v.Time.Add(-time.Second)); !errors.Is(err, ErrSigningTime) {
		t.Errorf("signed before its time: %v", err)
	}
}

// TestOpensslAgrees: openssl verifies the vector; what it signs itself has another
// set of attributes unless it is told, and its own time.
func TestOpensslAgrees(t *testing.T) {
	req.Covers(t, "SPEC-APPLICATION-010", "SPEC-APPLICATION-017", "SPEC-APPLICATION-018")
	v := positive(t)[0]
	folder := t.TempDir()
	certificate, key := filepath.Join(folder, "c.pem"), filepath.Join(folder, "k.pem")
	for path, block := range map[string]*pem.Block{certificate: {Type: "CERTIFICATE", Bytes: v.SignerCertificate}, key: {Type: "PRIVATE KEY", Bytes: v.SignerKey}} {
		if err := os.WriteFile(path, pem.EncodeToMemory(block), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	out := peer.Run(t, v.Signed, "openssl", "cms", "-verify", "-cades", "-inform", "DER", "-binary", "-purpose", "any",
		"-attime", fmt.Sprint(v.SigningTime.Unix()), "-CAfile", certificate, "-partial_chain")
	if !bytes.Equal(out, v.DER) {
		t.Errorf("%X", out)
	}
	sign := []string{"cms", "-sign", "-binary", "-nodetach", "-md", "sha256", "-outform", "DER", "-signer", certificate, "-inkey", key, "-econtent_type", OIDContent.String()}
	if _, err := Open(peer.Run(t, v.DER, "openssl", sign...)); !errors.Is(err, ErrAttributes) {
		t.Errorf("openssl's own attributes: %v", err)
	}
	a := v.application(t)
	a.Time = time.Now().UTC().Truncate(time.Second)
	der, err := a.Append(nil)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := Open(peer.Run(t, der, "openssl", append(sign, "-cades", "-nosmimecap")...)); err != nil {
		t.Errorf("signed by openssl: %v", err)
	}
}

func TestCode(t *testing.T) {
	req.Covers(t, "SPEC-APPLICATION-030", "SPEC-APPLICATION-031", "SPEC-APPLICATION-032")
	code := NewCode(entropy.Seeded(7, "code"))
	typed, err := ParseCode(" " + strings.ToLower(code.Show()) + " ")
	if err != nil || typed != code || len(code.Plain()) != 12 {
		t.Fatalf("%v: %q", err, code.Show())
	}
	if c, err := ParseCode("oOiI-lL00-1111"); err != nil || c.Plain() != "001111001111" {
		t.Errorf("%v: %s", err, c.Plain())
	}
	for _, bad := range []string{"", "123", "0123456789ABC", "0123456789AU", "0123456789A*", "0123456789\u00e9"} {
		if _, err := ParseCode(bad); !errors.Is(err, ErrCodeForm) {
			t.Errorf("%q: %v", bad, err)
		}
	}
	if s := fmt.Sprintf("%v %s %x %+v", code, code, code, code); strings.Contains(s, code.Plain()) || strings.Contains(s, hex.EncodeToString(code[:])) {
		t.Error("a code was printed")
	}
	a := positive(t)[0].application(t)
	a.Commit(code)
	if err := a.CheckCode(code); err != nil {
		t.Error(err)
	}
	for name, change := range map[string]func(*Application, *Code){
		"code":      func(_ *Application, c *Code) { c[3] = 'Z' },
		"purpose":   func(a *Application, _ *Code) { a.Purpose = Transfer },
		"nonce":     func(a *Application, _ *Code) { a.Nonce[0] ^= 1 },
		"sim":       func(a *Application, _ *Code) { a.SIM[0] ^= 1 },
		"reply key": func(a *Application, _ *Code) { a.ReplyKey[1] ^= 1 },
	} {
		b, c := *a, code
		change(&b, &c)
		if err := b.CheckCode(c); !errors.Is(err, ErrCode) {
			t.Errorf("another %s: %v", name, err)
		}
	}
}

func TestPresence(t *testing.T) {
	req.Covers(t, "SPEC-APPLICATION-040")
	v := positive(t)[2]
	spki, err := hex.DecodeString(v.Note[strings.LastIndex(v.Note, " ")+1:])
	if err != nil {
		t.Fatal(err)
	}
	public, err := x509.ParsePKIXPublicKey(spki)
	if err != nil {
		t.Fatal(err)
	}
	authority := perso.ECDSAAuthority{Key: public.(*ecdsa.PublicKey)}
	if err := v.application(t).CheckPresence(authority); err != nil {
		t.Fatal(err)
	}
	for name, change := range map[string]func(*Application){
		"none":    func(a *Application) { a.Presence = nil },
		"purpose": func(a *Application) { a.Purpose = Transfer },
		"nonce":   func(a *Application) { a.Nonce[0] ^= 1 },
		"sim":     func(a *Application) { a.SIM[0] ^= 1 },
		"aid":     func(a *Application) { a.Presence.AID[0] ^= 1 },
		"program": func(a *Application) { a.Presence.LoadFile[0] ^= 1 },
		"bytes":   func(a *Application) { a.Presence.Attestation[0] ^= 1 },
	} {
		a := positive(t)[2].application(t)
		change(a)
		if err := a.CheckPresence(authority); !errors.Is(err, ErrPresence) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if err := v.application(t).CheckPresence(nil); !errors.Is(err, ErrPresence) {
		t.Errorf("no authority: %v", err)
	}
}

func TestReply(t *testing.T) {
	req.Covers(t, "SPEC-APPLICATION-050", "SPEC-APPLICATION-051", "SPEC-APPLICATION-052")
	for _, v := range positive(t)[:2] {
		a := v.application(t)
		if !bytes.Equal(v.reply(t, a), v.Reply) {
			t.Errorf("%s: sealed again, not the same", v.Name)
		}
		order, codes, err := a.OpenReply(v.private(t), v.Reply)
		if err != nil || !bytes.Equal(order[:], v.ReplyOrder) || len(codes) != len(v.PINCodes) {
			t.Fatalf("%s: %v", v.Name, err)
		}
		for i, c := range codes {
			if string(c.Code[:]) != v.PINCodes[i] || c.Role != jpki.Role(i+1) || bytes.Contains(v.Reply, c.Code[:]) || strings.Contains(fmt.Sprintf("%v %+v", c, codes), v.PINCodes[i]) {
				t.Errorf("%s: code %d", v.Name, i)
			}
		}
		for i := range v.Reply {
			changed := bytes.Clone(v.Reply)
			changed[i] ^= 1
			if _, _, err := a.OpenReply(v.private(t), changed); err == nil {
				t.Fatalf("%s: byte %d changed, accepted", v.Name, i)
			}
			if _, _, err := a.OpenReply(v.private(t), v.Reply[:i]); err == nil {
				t.Fatalf("%s: cut at %d, accepted", v.Name, i)
			}
		}
		other := *a
		other.Nonce[0] ^= 1
		if _, _, err := other.OpenReply(v.private(t), v.Reply); !errors.Is(err, ErrReply) {
			t.Errorf("another application: %v", err)
		}
		v.ReplyScalar = positive(t)[3].ReplyScalar
		if _, _, err := a.OpenReply(v.private(t), v.Reply); !errors.Is(err, ErrReply) {
			t.Errorf("another key: %v", err)
		}
	}
	a := positive(t)[0].application(t)
	key, err := perso.NewSoftwareKey(1, positive(t)[0].ContentKey)
	if err != nil {
		t.Fatal(err)
	}
	for name, codes := range map[string][]HolderCode{"none": nil, "twice": {{Role: 1}, {Role: 1}}, "both": {{Role: 3}}, "order": {{Role: 2}, {Role: 1}}} {
		if _, err := a.SealReply(key, perso.Hash{}, codes); err == nil {
			t.Errorf("codes %s: sealed", name)
		}
	}
	a.ReplyKey[40] ^= 1
	if _, err := a.SealReply(key, perso.Hash{}, []HolderCode{{Role: 1}}); !errors.Is(err, perso.ErrPoint) {
		t.Errorf("reply key off the curve: %v", err)
	}
}

// TestReplyOfAnotherLength: what decrypts and has no form is refused.
func TestReplyOfAnotherLength(t *testing.T) {
	req.Covers(t, "SPEC-APPLICATION-052")
	v := positive(t)[0]
	a, head := v.application(t), v.Reply[:replyHead]
	public, err := ecdh.P256().NewPublicKey(head[34:])
	if err != nil {
		t.Fatal(err)
	}
	for _, n := range []int{0, 1, 12, 14, 20, 25, 27, 39} {
		z, err := v.private(t).ECDH(public)
		if err != nil {
			t.Fatal(err)
		}
		reply := a.replyCipher(z, head).Seal(bytes.Clone(head), make([]byte, 12), make([]byte, n), head)
		var fault *wire.DecodeError
		if _, _, err := a.OpenReply(v.private(t), reply); !errors.As(err, &fault) {
			t.Errorf("%d bytes: %v", n, err)
		}
	}
}
