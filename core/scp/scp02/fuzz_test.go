package scp02

import (
	"bytes"
	"errors"
	"testing"

	"inkan/core/scp"
	"inkan/core/wire"
	"inkan/spec/req"
	"inkan/spec/vectors"
)

// FuzzDecodeInitializeUpdate: what decodes encodes to the same bytes, what does
// not fails with a precise error.
func FuzzDecodeInitializeUpdate(f *testing.F) {
	for _, v := range vectors.Load[vector](f, "scp02.json") {
		f.Add([]byte(v.Response))
	}
	f.Fuzz(func(t *testing.T, b []byte) { checkInitializeUpdate(t, b) })
}

func checkInitializeUpdate(t *testing.T, b []byte) {
	r, err := DecodeInitializeUpdateResponse(b)
	if err != nil {
		var e *wire.DecodeError
		if !errors.As(err, &e) || e.Want == "" || e.Offset < 0 || e.Offset > len(b) {
			t.Fatalf("%#v", err)
		}
		return
	}
	if got := r.Append(nil); !bytes.Equal(got, b) {
		t.Fatalf("got %X, want %X", got, b)
	}
}

// TestInitializeUpdateCodec: decode, encode, re-encode; cut at every byte; one
// byte more.
func TestInitializeUpdateCodec(t *testing.T) {
	req.Covers(t, "SPEC-SCP02-010", "SPEC-SCP02-011")
	for _, v := range vectors.Load[vector](t, "scp02.json") {
		r, err := DecodeInitializeUpdateResponse(v.Response)
		if err != nil {
			t.Fatal(err)
		}
		again, err := DecodeInitializeUpdateResponse(r.Append(nil))
		if err != nil || again != r {
			t.Errorf("%s: %v", v.Name, err)
		}
		for n := range v.Response {
			if _, err := DecodeInitializeUpdateResponse(v.Response[:n]); err == nil {
				t.Errorf("%d bytes decode", n)
			}
			checkInitializeUpdate(t, v.Response[:n])
		}
		checkInitializeUpdate(t, append(bytes.Clone(v.Response), 0))
		if _, err := DecodeInitializeUpdateResponse(append(bytes.Clone(v.Response), 0)); err == nil {
			t.Error("29 bytes decode")
		}
	}
}

// FuzzHostUnwrap: a response that the card did not make never gets through a
// session with R-MAC, and nothing panics.
func FuzzHostUnwrap(f *testing.F) {
	v := session02(f, fullSession)
	for _, x := range v.Commands {
		f.Add([]byte(x.Response))
	}
	f.Add(unhex("6982"))
	f.Add([]byte{})
	f.Fuzz(func(t *testing.T, resp []byte) {
		h, card := v.pair(t)
		host := v.open(t, h, card)
		if _, err := host.Wrap(nil, v.Commands[0].Plain); err != nil {
			t.Fatal(err)
		}
		out, err := host.Unwrap(nil, resp)
		if err == nil && !bytes.Equal(resp, v.Commands[0].Response) {
			t.Fatalf("forged: %X", out)
		}
		if err != nil && (len(out) != 0 || host.session != nil) {
			t.Fatal("the session survives")
		}
	})
}

// FuzzCardUnwrap: a command that the host did not make never gets through, but
// for Le and the logical channel, which are outside the C-MAC.
func FuzzCardUnwrap(f *testing.F) {
	for _, name := range []string{pysimSession, fullSession, "inkan/i17-level03"} {
		for _, x := range session02(f, name).Commands {
			f.Add([]byte(x.Protected))
		}
	}
	f.Add([]byte{})
	sessions := []*vector{session02(f, fullSession), session02(f, "inkan/i06-level01")}
	f.Fuzz(func(t *testing.T, cmd []byte) {
		for _, v := range sessions {
			h, card := v.pair(t)
			v.open(t, h, card)
			out, err := card.Unwrap([]byte{0xEE}, cmd)
			want := v.Commands[0].Protected
			if err == nil && (len(cmd) < 13 || !bytes.Equal(cmd[1:13], want[1:13])) {
				t.Fatalf("forged: %X", out)
			}
			if err != nil && (len(out) != 1 || card.session != nil || !errors.Is(err, scp.ErrSecurity)) {
				t.Fatal("the session survives")
			}
		}
	})
}

// FuzzCardOpen: commands of anybody who does not know the keys open nothing;
// every answer is a response APDU.
func FuzzCardOpen(f *testing.F) {
	v := session02(f, pysimSession)
	f.Add([]byte(v.InitializeUpdate), []byte(v.ExternalAuthenticate))
	f.Add(unhex("8050000000"), unhex("84820100"))
	f.Add(unhex("80502000084142434445464748"), unhex("848203001000112233445566778899AABBCCDDEEFF"))
	f.Fuzz(func(t *testing.T, iu, ea []byte) {
		_, card := v.pair(t)
		for _, resp := range [][]byte{card.InitializeUpdate(nil, iu), card.ExternalAuthenticate(nil, ea), card.BeginRMACSession(nil, iu), card.EndRMACSession(nil, ea)} {
			if n := len(resp); n != 2 && n != InitializeUpdateSize+2 {
				t.Fatalf("answer of %d bytes", n)
			}
		}
		// The logical channel in the class byte is free, and so is Le.
		if card.IsOpen() && (len(ea) < 21 || !bytes.Equal(ea[1:21], v.ExternalAuthenticate[1:])) {
			t.Fatalf("opened by %X, %X", iu, ea)
		}
	})
}

// FuzzHostOpen: responses of anybody who does not know the keys get no EXTERNAL
// AUTHENTICATE out of the host.
func FuzzHostOpen(f *testing.F) {
	v := session02(f, pysimSession)
	f.Add(append(bytes.Clone(v.Response), 0x90, 0x00))
	f.Add(unhex("6A88"))
	f.Add([]byte{})
	f.Fuzz(func(t *testing.T, resp []byte) {
		h, _ := v.pair(t)
		begin(t, h)
		out, err := h.ExternalAuthenticate(nil, resp)
		if err != nil && len(out) != 0 {
			t.Fatal("output with an error")
		}
		// KDD and KVN are not authenticated by the card cryptogram.
		if err == nil && !bytes.Equal(resp[12:], append(bytes.Clone(v.Response[12:]), 0x90, 0)) {
			t.Fatalf("forged: %X", resp)
		}
	})
}
