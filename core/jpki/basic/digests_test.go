package basic_test

import (
	"crypto/rand"
	"crypto/rsa"
	"errors"
	"fmt"
	"strings"
	"testing"

	"inkan/core/jpki/basic"
	"inkan/spec/req"
)

// What the issuer signed is verified, and nothing else.
func TestDigests(t *testing.T) {
	req.Covers(t, "SPEC-IDCARD-001")
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	number, attributes := contents(t)["number"], contents(t)["attributes"]
	d, err := basic.SignDigests(number, attributes, key)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range [][2][]byte{{number, attributes}, {number, nil}, {nil, attributes}} {
		if err := d.Verify(c[0], c[1], &key.PublicKey); err != nil {
			t.Error(err)
		}
	}
	a, err := basic.DecodeAttributes(attributes)
	if err != nil {
		t.Fatal(err)
	}
	a.Address += "２"
	moved, err := a.Append(nil)
	if err != nil {
		t.Fatal(err)
	}
	other, err := basic.NewNumber("00000000001")
	if err != nil {
		t.Fatal(err)
	}
	another, err := other.Append(nil)
	if err != nil {
		t.Fatal(err)
	}
	forged := d
	forged.Number[0] ^= 1
	for name, err := range map[string]error{
		"another address": d.Verify(number, moved, &key.PublicKey), "another number": d.Verify(another, attributes, &key.PublicKey),
		"another digest": forged.Verify(nil, nil, &key.PublicKey),
	} {
		if !errors.Is(err, basic.ErrDigests) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := basic.SignDigests(number[1:], attributes, key); err == nil {
		t.Error("digests of no number")
	}
	if _, err := basic.SignDigests(number, moved[1:], key); err == nil {
		t.Error("digests of no attributes")
	}
}

// Who writes content that cannot be gets an error.
func TestAppendRefuses(t *testing.T) {
	req.Covers(t, "SPEC-IDCARD-001", "SPEC-IDCARD-002")
	good, err := basic.DecodeAttributes(contents(t)["attributes"])
	if err != nil {
		t.Fatal(err)
	}
	for name, spoil := range map[string]func(*basic.Attributes){
		"no name": func(a *basic.Attributes) { a.Name = "" }, "no UTF-8": func(a *basic.Attributes) { a.Address = "\xFF" },
		"no day": func(a *basic.Attributes) { a.Birth.Day = 31 }, "sex": func(a *basic.Attributes) { a.Sex = '3' },
		"long": func(a *basic.Attributes) { a.Address = strings.Repeat("町", 334) },
	} {
		a := good
		spoil(&a)
		if b, err := a.Append([]byte{9}); err == nil || len(b) != 1 {
			t.Errorf("%s: %X, %v", name, b, err)
		}
	}
	for _, c := range []basic.Card{{}, {Serial: "12345678901234x", Municipality: "13101"}, {Serial: "123456789012345", Municipality: "13101"}} {
		if b, err := c.Append([]byte{9}); err == nil || len(b) != 1 {
			t.Errorf("%+v: %X, %v", c, b, err)
		}
	}
	if b, err := basic.Number("537686677180").Append([]byte{9}); err == nil || len(b) != 1 {
		t.Errorf("%X, %v", b, err)
	}
	if _, err := basic.CodeB(good.Birth, good.Birth, "12345"); err == nil {
		t.Error("security code of 5 digits")
	}
}

// Nothing secret is printed.
func TestFormat(t *testing.T) {
	number := basic.Number("537686677188")
	a := basic.Attributes{Name: "黒桐", Address: "東京都"}
	data := new(basic.Data).Put(basic.EFPIN, []byte("4711"))
	for _, verb := range []string{"%v", "%+v", "%s", "%q", "%x"} {
		if s := fmt.Sprintf(verb+verb+verb, number, a, *data); strings.Contains(s, "5376") || strings.Contains(s, "京") || strings.Contains(s, "4711") || strings.Contains(s, "34373131") {
			t.Error(s)
		}
	}
}
