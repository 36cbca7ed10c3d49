package jpki

import (
	"bytes"
	"crypto"
	"errors"
	"fmt"
	"testing"

	"inkan/core/gp"
	"inkan/core/wire"
	"inkan/spec/req"
	"inkan/spec/vectors"
)

type vector struct {
	vectors.Header
	Kind   string      `json:"kind"`
	Bytes  vectors.Hex `json:"bytes"`
	Fields string      `json:"fields"` // what was decoded, as text
}

func digestInfo() []byte {
	b, _ := AppendDigestInfo(nil, crypto.SHA256, make([]byte, 32))
	return b
}

// commands are the vectors of kind "command".
var commands = map[string]gp.Command{
	"opensc/select":              SelectApplication{},
	"inkan/select-fci":           SelectApplication{AID: AIDInstance, WithFCI: true},
	"opensc/select-auth-pin":     SelectFile{EFAuthPIN},
	"opensc/read-header":         ReadBinary{Ne: 4},
	"opensc/read-256-at-256":     ReadBinary{Offset: 256, Ne: 256},
	"myna-card/read-sfi":         ReadBinary{EF: EFAuthCertificate, Ne: 256},
	"opensc/retry-query":         RetryQuery{},
	"myna-card/retry-query-sfi":  RetryQuery{EFAuthPIN.Reference()},
	"opensc/verify-1234":         Verify{Value: []byte("1234")},
	"myna-card/change-pin-5678":  ChangeReferenceData{New: []byte("5678")},
	"inkan/reset-with-code":      ResetRetryCounter{EFAuthPIN.Reference(), []byte("123456789ABC"), []byte("9139")},
	"opensc/sign-digestinfo":     Signature{Data: digestInfo()},
	"myna-card/sign-message-sfi": Signature{SignMessage, EFAuthKey.Reference(), []byte("abc")},
	"inkan/contactless-one":      Contactless{ContactlessOne},
	"opensc/get-challenge-32":    GetChallenge{32},
	"inkan/get-status":           GetData{TagStatus},
	"inkan/get-auth-validity":    GetData{TagAuthValidity},
}

// decoders give the fields of a vector as text, and the bytes encoded again.
var decoders = map[string]func([]byte) (string, []byte, error){
	"status": func(b []byte) (string, []byte, error) {
		s, err := DecodeStatus(b)
		return fmt.Sprintf("%v %v %d %d %02X", s.Phase, s.Form, s.Counter, s.Contactless, byte(s.Flags)), s.Append(nil), err
	},
	"validity": func(b []byte) (string, []byte, error) {
		v, err := DecodeValidity(b, TagAuthValidity)
		return string(v[:]), AppendValidity(nil, TagAuthValidity, v), err
	},
	"install": func(b []byte) (string, []byte, error) {
		p, err := DecodeInstallParameters(b)
		if err != nil {
			return "", nil, err
		}
		again, err := p.Append(nil)
		return fmt.Sprintf("%v access %d policy %d %s attestation %d tries %d bytes %d", p.Form, p.CertificateAccess, p.Policy,
			p.Label, p.Attestation, p.ContactlessTries, p.CertificateBytes), again, err
	},
	"token": func(b []byte) (string, []byte, error) {
		t, err := DecodeTokenInformation(b)
		return fmt.Sprintf("%s %d %d %d", t.Label, t.Flags, t.MaxPINLen, t.MinPINLen), t.Append(nil), err
	},
	"availability": func(b []byte) (string, []byte, error) {
		a, err := DecodeAvailability(b)
		return fmt.Sprintf("sign %v auth %v", a.Sign, a.Auth), b, err
	},
}

func TestVectors(t *testing.T) {
	used := 0
	for _, v := range vectors.Load[vector](t, "jpki-ap.json") {
		t.Run(v.Name, func(t *testing.T) {
			if v.Kind != "command" {
				checkObject(t, &v)
				return
			}
			used++
			c, err := commands[v.Name].APDU([]byte{0xAA})
			if err != nil {
				t.Fatal(err)
			}
			if raw, err := c.Append(nil); err != nil || !bytes.Equal(raw, v.Bytes) {
				t.Errorf("%X, want %X; %v", raw, v.Bytes, err)
			}
		})
	}
	if used != len(commands) {
		t.Errorf("%d of %d commands have a vector", used, len(commands))
	}
}

func checkObject(t *testing.T, v *vector) {
	t.Helper()
	decode := decoders[v.Kind]
	fields, again, err := decode(v.Bytes)
	if v.Fail != "" {
		var fault *wire.DecodeError
		if !errors.As(err, &fault) || fault.Path != v.Fail && v.Fail != "tag" {
			t.Errorf("%v, want a fault at %q", err, v.Fail)
		}
		return
	}
	if err != nil || fields != v.Fields {
		t.Fatalf("%q, want %q; %v", fields, v.Fields, err)
	}
	if !bytes.Equal(again, v.Bytes) && v.Note == "" {
		t.Errorf("encoded again %X, want %X", again, v.Bytes)
	}
	if v.Kind == "install" {
		return // any whole number of elements is one
	}
	for n := range v.Bytes {
		if _, _, err := decode(v.Bytes[:n]); err == nil {
			t.Errorf("%d bytes of it are accepted", n)
		}
	}
	if _, _, err := decode(append(bytes.Clone(v.Bytes), 0)); err == nil {
		t.Error("with one byte more it is accepted")
	}
}

// TestTokenInformationOf compares the table of the specification with the
// vector, and the two forms' PIN lengths.
func TestTokenInformationOf(t *testing.T) {
	req.Covers(t, "SPEC-JPKI-AP-040")
	for _, v := range vectors.Load[vector](t, "jpki-ap.json") {
		if v.Name != "inkan/token-information" {
			continue
		}
		p := Defaults(FormSIM)
		of := TokenInformationOf(&p)
		if got := of.Append(nil); !bytes.Equal(got, v.Bytes) || len(got) != TokenInformationLen {
			t.Errorf("%X\nwant %X", got, v.Bytes)
		}
	}
	p := Defaults(FormCard)
	if of := TokenInformationOf(&p); of.MinPINLen != 6 || of.MaxPINLen != 16 || of.Label != "JPKIAPICCTOKEN2" {
		t.Errorf("%+v", of)
	}
}
