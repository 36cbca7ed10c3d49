package cvc_test

import (
	"bytes"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"inkan/core/jpki/certificate"
	"inkan/core/jpki/certificate/cvc"
	"inkan/core/tlv"
	"inkan/core/wire"
	"inkan/spec/req"
	"inkan/spec/vectors"
)

type vector struct {
	vectors.Header
	Certificate vectors.Hex `json:"certificate"`
}

func load(t testing.TB) (ca, terminal *cvc.Certificate, raw [][]byte) {
	t.Helper()
	var list []*cvc.Certificate
	for _, v := range vectors.Load[vector](t, "cert-profile-cvc.json") {
		c, err := cvc.Decode(v.Certificate)
		if err != nil {
			t.Fatalf("%s: %v", v.Name, err)
		}
		list, raw = append(list, c), append(raw, v.Certificate)
	}
	if len(list) != 2 {
		t.Fatalf("%d vectors, want the terminal CA and the terminal", len(list))
	}
	return list[0], list[1], raw
}

func day(y int, m time.Month, d int) certificate.Date {
	return certificate.Date{Year: y, Month: m, Day: d}
}

// TestVectors decodes and writes again.
func TestVectors(t *testing.T) {
	req.Covers(t, "SPEC-CERT-PROFILE-050", "SPEC-CERT-PROFILE-052")
	ca, terminal, raw := load(t)
	for i, c := range []*cvc.Certificate{ca, terminal} {
		body, err := c.AppendBody([]byte("before"))
		if err != nil || !bytes.Equal(body, append([]byte("before"), c.Body...)) || !bytes.Contains(raw[i], c.Body) {
			t.Errorf("body of %s: %v", c.Holder, err)
		}
		if err := c.CheckSignature(ca.PublicKey); err != nil {
			t.Error(err)
		}
	}
	if ca.Role != cvc.TerminalCA || ca.Authority != ca.Holder || ca.Purposes != cvc.AllPurposes || ca.Effective != day(2026, 4, 1) || ca.Expires != day(2036, 3, 31) {
		t.Errorf("terminal CA: %+v", ca)
	}
	if terminal.Role != cvc.Terminal || terminal.Authority != ca.Holder || terminal.Holder != "JPKIYOSE200007" || terminal.Purposes != cvc.InsuranceDesk|cvc.MunicipalCounter {
		t.Errorf("terminal: %+v", terminal)
	}
}

// TestLayout takes the terminal's certificate apart with package tlv alone.
func TestLayout(t *testing.T) {
	req.Covers(t, "SPEC-CERT-PROFILE-050")
	_, _, raw := load(t)
	var lines []string
	if err := tlv.Walk(raw[1], tlv.Strict, 4, func(o tlv.Object) error {
		line := fmt.Sprintf("%X", uint32(o.Tag))
		switch {
		case o.Tag.Constructed():
		case len(o.Value) < 20:
			line += fmt.Sprintf(" %X", o.Value)
		default:
			line += fmt.Sprintf(" [%d]", len(o.Value))
		}
		lines = append(lines, line)
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	want := []string{"7F21", "7F4E", "5F29 00", "42 4A50494E4B414E543030303031", "7F49", "6 04007F00070202020102", "81 [256]", "82 010001",
		"5F20 4A504B49594F5345323030303037", "7F4C", "6 88378308010807", "53 03", "5F25 020601010208", "5F24 020700030301", "5F37 [256]"}
	if got := strings.Join(lines, "\n"); got != strings.Join(want, "\n") {
		t.Errorf("got:\n%s", got)
	}
}

// TestVerify: who is believed, on which day, for what.
func TestVerify(t *testing.T) {
	req.Covers(t, "SPEC-CERT-PROFILE-054", "SPEC-CERT-PROFILE-055", "SPEC-CERT-PROFILE-056")
	good := day(2026, 12, 24)
	ca, terminal, _ := load(t)
	for _, at := range []certificate.Date{good, terminal.Effective, terminal.Expires} {
		if p, err := cvc.Verify(terminal, ca, at); err != nil || p != terminal.Purposes {
			t.Errorf("on %s: %s, %v", at, p, err)
		}
	}
	for _, c := range []struct {
		what   string
		at     certificate.Date
		change func(ca, terminal *cvc.Certificate)
		reason cvc.Reason
		holder cvc.Reference
	}{
		{"the day before", day(2026, 11, 27), nil, cvc.OutOfDate, "JPKIYOSE200007"},
		{"the day after", day(2027, 4, 1), nil, cvc.OutOfDate, "JPKIYOSE200007"},
		{"the CA has ended", good, func(ca, _ *cvc.Certificate) { ca.Expires = day(2026, 12, 23) }, cvc.OutOfDate, "JPINKANT00001"},
		{"the CA has not begun", good, func(ca, _ *cvc.Certificate) { ca.Effective = day(2026, 12, 25) }, cvc.OutOfDate, "JPINKANT00001"},
		{"another generation of the CA", good, func(ca, _ *cvc.Certificate) { ca.Holder = "JPINKANT00002" }, cvc.ForeignAuthority, "JPKIYOSE200007"},
		{"another key of the CA", good, func(ca, terminal *cvc.Certificate) { ca.PublicKey = terminal.PublicKey }, cvc.BadSignature, "JPKIYOSE200007"},
		{"a changed body", good, func(_, terminal *cvc.Certificate) {
			terminal.Body = bytes.Clone(terminal.Body)
			terminal.Body[20] ^= 1
		}, cvc.BadSignature, "JPKIYOSE200007"},
		{"a short signature", good, func(_, terminal *cvc.Certificate) { terminal.Signature = terminal.Signature[1:] }, cvc.BadSignature, "JPKIYOSE200007"},
		{"a terminal as signer", good, func(ca, _ *cvc.Certificate) { ca.Role = cvc.Terminal }, cvc.WrongRole, "JPINKANT00001"},
		{"a CA as terminal", good, func(_, terminal *cvc.Certificate) { terminal.Role = cvc.TerminalCA }, cvc.WrongRole, "JPKIYOSE200007"},
	} {
		ca, terminal, _ := load(t)
		if c.change != nil {
			c.change(ca, terminal)
		}
		p, err := cvc.Verify(terminal, ca, c.at)
		var untrusted *cvc.Untrusted
		if !errors.As(err, &untrusted) || untrusted.Reason != c.reason || untrusted.Holder != c.holder || p != 0 {
			t.Errorf("%s: %s, %v", c.what, p, err)
		}
	}
	ca.Purposes = cvc.MunicipalCounter | cvc.Admission
	if p, err := cvc.Verify(terminal, ca, good); err != nil || p != cvc.MunicipalCounter {
		t.Errorf("purposes in common: %s, %v", p, err)
	}
}

// TestCut: cut short at every byte, and with one more.
func TestCut(t *testing.T) {
	req.Covers(t, "SPEC-CERT-PROFILE-051")
	_, _, raw := load(t)
	for n := range raw[1] {
		if c, err := cvc.Decode(raw[1][:n]); err == nil || c != nil {
			t.Fatalf("cut to %d bytes: %v", n, c)
		}
	}
	if _, err := cvc.Decode(append(bytes.Clone(raw[1]), 0)); err == nil {
		t.Error("a byte more is taken")
	}
}

// part is one object of a body.
type part struct {
	tag   tlv.Tag
	value []byte
}

// build writes a certificate of some parts; its signature is zeros.
func build(parts []part) []byte {
	var body []byte
	for _, p := range parts {
		body = tlv.Append(body, p.tag, p.value)
	}
	return tlv.Append(nil, 0x7F21, append(tlv.Append(nil, 0x7F4E, body), tlv.Append(nil, 0x5F37, make([]byte, 256))...))
}

// parts are those of a good body.
func parts(t *testing.T) []part {
	t.Helper()
	_, terminal, _ := load(t)
	value, _, err := tlv.Find(terminal.Body, 0x7F4E)
	if err != nil {
		t.Fatal(err)
	}
	var list []part
	r := tlv.NewReader(value)
	for r.Next() {
		list = append(list, part{r.Tag(), bytes.Clone(r.Value())})
	}
	return list
}

// TestMalformed makes one deviation at a time; the error names the tag.
func TestMalformed(t *testing.T) {
	req.Covers(t, "SPEC-CERT-PROFILE-051")
	if _, err := cvc.Decode(build(parts(t))); err != nil {
		t.Fatal(err)
	}
	const profile, authority, key, holder, rights, effective, expires = 0, 1, 2, 3, 4, 5, 6
	for _, c := range []struct {
		what, path string
		change     func([]part) []part
	}{
		{"profile 1", "7F21/7F4E/5F29", func(p []part) []part { p[profile].value = []byte{1}; return p }},
		{"no profile", "7F21/7F4E/42", func(p []part) []part { return p[1:] }},
		{"authority of 8 characters", "7F21/7F4E/42", func(p []part) []part { p[authority].value = []byte("JP100001"); return p }},
		{"authority of 17 characters", "7F21/7F4E/42", func(p []part) []part { p[authority].value = []byte("JPABCDEFGHIJ00001"); return p }},
		{"holder in lower case", "7F21/7F4E/5F20", func(p []part) []part { p[holder].value = []byte("JPkiyose00007"); return p }},
		{"holder without number", "7F21/7F4E/5F20", func(p []part) []part { p[holder].value = []byte("JPKIYOSEABCDE"); return p }},
		{"another algorithm", "7F21/7F4E/7F49/06", func(p []part) []part { p[key].value[11] = 1; return p }},
		{"even modulus", "7F21/7F4E/7F49/81", func(p []part) []part { p[key].value[len(p[key].value)-6] &^= 1; return p }},
		{"another exponent", "7F21/7F4E/7F49/82", func(p []part) []part { p[key].value[len(p[key].value)-1] = 3; return p }},
		{"more in the key", "7F21/7F4E/7F49/83", func(p []part) []part { p[key].value = append(p[key].value, 0x83, 0); return p }},
		{"another role", "7F21/7F4E/7F4C/06", func(p []part) []part { p[rights].value[8] ^= 1; return p }},
		{"role 01", "7F21/7F4E/7F4C/53", func(p []part) []part { p[rights].value[len(p[rights].value)-1] = 0x41; return p }},
		{"purpose 4", "7F21/7F4E/7F4C/53", func(p []part) []part { p[rights].value[len(p[rights].value)-1] = 0x08; return p }},
		{"digit A", "7F21/7F4E/5F25", func(p []part) []part { p[effective].value[5] = 10; return p }},
		{"month 13", "7F21/7F4E/5F25", func(p []part) []part { p[effective].value[3] = 3; return p }},
		{"ASCII digits", "7F21/7F4E/5F24", func(p []part) []part { p[expires].value = []byte("270331"); return p }},
		{"seven digits", "7F21/7F4E/5F24", func(p []part) []part { p[expires].value = append(p[expires].value, 1); return p }},
		{"ends before it begins", "7F21/7F4E/5F24", func(p []part) []part { p[expires].value[1] = 5; return p }},
		{"dates exchanged", "7F21/7F4E/5F24", func(p []part) []part { p[effective], p[expires] = p[expires], p[effective]; return p }},
		{"more in the body", "7F21/7F4E/65", func(p []part) []part { return append(p, part{0x65, nil}) }},
	} {
		_, err := cvc.Decode(build(c.change(parts(t))))
		var fault *wire.DecodeError
		if !errors.As(err, &fault) || fault.Path != c.path {
			t.Errorf("%s: %v, want a fault of %s", c.what, err, c.path)
		}
	}
}

// TestOuter: what is wrong around the body.
func TestOuter(t *testing.T) {
	req.Covers(t, "SPEC-CERT-PROFILE-050", "SPEC-CERT-PROFILE-051")
	_, terminal, raw := load(t)
	signature := tlv.Append(nil, 0x5F37, terminal.Signature)
	join := func(parts ...[]byte) []byte { return tlv.Append(nil, 0x7F21, bytes.Join(parts, nil)) }
	if good := join(terminal.Body, signature); !bytes.Equal(good, raw[1]) {
		t.Fatal("joined differently")
	}
	long := bytes.Clone(terminal.Body) // 7F4E82xxxx becomes 7F4E8300xxxx
	long = append([]byte{0x7F, 0x4E, 0x83, 0}, long[3:]...)
	for what, bad := range map[string][]byte{
		"no signature":         join(terminal.Body),
		"signature first":      join(signature, terminal.Body),
		"two signatures":       join(terminal.Body, signature, signature),
		"a signature too long": join(terminal.Body, tlv.Append(nil, 0x5F37, append(bytes.Clone(terminal.Signature), 0))),
		"a longer length":      join(long, signature),
		"another outer tag":    tlv.Append(nil, 0x7F20, bytes.Join([][]byte{terminal.Body, signature}, nil)),
	} {
		c, err := cvc.Decode(bad)
		var fault *wire.DecodeError
		if c != nil || !errors.As(err, &fault) {
			t.Errorf("%s: %v, %v", what, c, err)
		}
	}
}

// TestPurposes in words.
func TestPurposes(t *testing.T) {
	for p, want := range map[cvc.Purposes]string{0: "none", cvc.Admission: "admission", cvc.AllPurposes: "insurance desk+municipal counter+admission"} {
		if p.String() != want {
			t.Errorf("%q, want %q", p, want)
		}
	}
	if !cvc.AllPurposes.Has(cvc.Admission) || cvc.Admission.Has(cvc.AllPurposes) {
		t.Error("Has")
	}
}

// FuzzDecode: no panic, errors of the one type, and what is read is written as
// the same bytes.
func FuzzDecode(f *testing.F) {
	_, _, raw := load(f)
	for _, b := range raw {
		f.Add(b)
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		c, err := cvc.Decode(b)
		if err != nil {
			var fault *wire.DecodeError
			if !errors.As(err, &fault) || fault.Offset < 0 || fault.Offset > len(b) {
				t.Fatalf("error %v", err)
			}
			return
		}
		body, err := c.AppendBody(nil)
		if err != nil || !bytes.Equal(body, c.Body) || !bytes.HasSuffix(b, c.Signature) {
			t.Fatalf("written differently: %v", err)
		}
	})
}
