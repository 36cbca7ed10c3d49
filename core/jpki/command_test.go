package jpki

import (
	"bytes"
	"crypto"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"inkan/core/gp"
)

// What the card edge can't carry is refused by the host.
func TestCommandsRefuse(t *testing.T) {
	long := make([]byte, 256)
	for _, c := range []gp.Command{
		ReadBinary{Ne: 0}, ReadBinary{Ne: 257}, ReadBinary{Offset: -1, Ne: 1}, ReadBinary{Offset: MaxOffset + 1, Ne: 1},
		ReadBinary{EF: EFAuthCertificate, Offset: 256, Ne: 1}, ReadBinary{EF: 0x1F, Ne: 1},
		RetryQuery{0x9F}, RetryQuery{0x01}, Verify{}, Verify{Value: long[:17]}, Verify{PIN: 0x7F, Value: long[:4]},
		ChangeReferenceData{}, ChangeReferenceData{New: long[:17]},
		ResetRetryCounter{Code: long[:11], New: long[:4]}, ResetRetryCounter{Code: long[:12]}, ResetRetryCounter{Code: long[:12], New: long[:17]},
		Signature{}, Signature{Mode: SignRaw, Data: long[:246]}, Signature{Mode: SignHash, Data: long},
		Signature{Mode: SignDigest, Data: long[:31]}, Signature{Mode: SignDigestPSS, Data: long[:33]},
		Signature{Mode: 6, Data: long[:32]}, Signature{Key: 0x9F, Data: long[:32]},
		Contactless{3}, GetChallenge{0}, GetChallenge{257}, GetData{0xDF3000},
	} {
		if _, err := c.APDU(nil); err == nil {
			t.Errorf("%T %v is accepted", c, c)
		}
	}
}

func TestValidPIN(t *testing.T) {
	for pin, want := range map[string]Role{
		"1234": Auth, "123": 0, "12345": 0, "12A4": 0, "123456": Sign, "ABC123": Sign, "abc123": 0,
		"ABCDEF1234567890": Sign, "ABCDEF12345678901": 0, "": 0, "ABC-12": 0,
	} {
		if got := ValidPIN(Auth, []byte(pin)); got != (want == Auth) {
			t.Errorf("auth %q: %v", pin, got)
		}
		if got := ValidPIN(Sign, []byte(pin)); got != (want == Sign) {
			t.Errorf("sign %q: %v", pin, got)
		}
	}
	if ValidPIN(Both, []byte("1234")) {
		t.Error("a set of roles has a PIN")
	}
}

// PINs and codes stay out of every printed form.
func TestSecretsAreNotShown(t *testing.T) {
	secret := []byte("9139")
	code := []byte("913991399139")
	for want, v := range map[string]any{
		"VERIFY 98":                &Verify{EFAuthPIN.Reference(), secret},
		"CHANGE REFERENCE DATA 80": &ChangeReferenceData{New: secret},
		"RESET RETRY COUNTER 9B":   &ResetRetryCounter{EFSignPIN.Reference(), code, secret},
	} {
		var forms []string
		for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%x", "%X", "%q", "%d"} {
			forms = append(forms, fmt.Sprintf(verb, v))
		}
		b, err := json.Marshal(v)
		if err != nil {
			t.Fatal(err)
		}
		for _, s := range append(forms, string(b)) {
			if !strings.Contains(s, want) || strings.Contains(s, "9139") || strings.Contains(s, "39313339") || strings.Contains(s, "OTEzOQ") {
				t.Errorf("%T: %s", v, s)
			}
		}
	}
	_, err := Verify{Value: append(secret, make([]byte, 20)...)}.APDU(nil)
	if err == nil || strings.Contains(err.Error(), "9139") {
		t.Error(err)
	}
}

func TestDigestInfo(t *testing.T) {
	digest := sha256.Sum256([]byte("abc"))
	b, err := AppendDigestInfo([]byte{0xAA}, crypto.SHA256, digest[:])
	if err != nil || len(b) != 1+51 || !bytes.HasSuffix(b, digest[:]) {
		t.Errorf("%X %v", b, err)
	}
	for h, prefix := range digestInfos {
		if n := h.Size(); int(prefix[1]) != len(prefix)-2+n || int(prefix[len(prefix)-1]) != n {
			t.Errorf("%v: %X", h, prefix)
		}
	}
	if _, err := AppendDigestInfo(nil, crypto.MD5, make([]byte, 16)); err == nil {
		t.Error("MD5")
	}
	if _, err := AppendDigestInfo(nil, crypto.SHA256, digest[:31]); err == nil {
		t.Error("31 bytes")
	}
}

// Names, files and forms agree with each other.
func TestTables(t *testing.T) {
	for f := range fileNames {
		if f.SFI() == 0 || f.Reference() != Reference(0x80|byte(f)) || !f.In(FormCard) {
			t.Errorf("%v", f)
		}
	}
	if EFSignKey.In(FormSIM) || !EFSignPIN.In(FormSIM) || EF(0x3F00).In(FormCard) || EF(0x1F).SFI() != 0 {
		t.Error("forms")
	}
	for _, r := range []Role{Auth, Sign} {
		if !r.Single() || r.PIN() == 0 || r.Key() == 0 || r.Certificate() == 0 || r.CACertificate() == 0 || !Both.Has(r) {
			t.Errorf("%v", r)
		}
	}
	if Both.PIN() != 0 || Both.Single() || FormCard.Roles() != Both || FormSIM.Roles() != Auth {
		t.Error("roles")
	}
	for got, want := range map[string]string{
		EFAuthPIN.String(): "EF 0018 (auth PIN)", DGIAnswer.String(): "ANSWER", DGI(0xB010).String(): "DGI B010",
		Phase(2).String(): "phase 02", Role(4).String(): "role 04", Purpose(9).String(): "purpose 09", Origin(9).String(): "origin 09",
		Form(2).String(): "form 02",
	} {
		if got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}

func TestCommandsDoNotAllocate(t *testing.T) {
	buf := make([]byte, 0, 300)
	data, pin := digestInfo(), []byte("1234")
	if n := testing.AllocsPerRun(100, func() {
		_, _ = Signature{Data: data}.APDU(buf)
		_, _ = Verify{Value: pin}.APDU(buf)
		_, _ = SelectApplication{}.APDU(buf)
		_, _ = ReadBinary{Offset: 256, Ne: 256}.APDU(buf)
	}); n != 0 {
		t.Errorf("%v allocations", n)
	}
}
