package scp03

import (
	"bytes"
	"errors"
	"testing"

	"inkan/core/apdu"
	"inkan/core/scp"
	"inkan/core/wire"
)

func FuzzInitializeUpdateResponse(f *testing.F) {
	for _, v := range exchanges(f) {
		f.Add([]byte(v.Response))
	}
	f.Add([]byte{})
	f.Fuzz(func(t *testing.T, b []byte) {
		r, err := DecodeInitializeUpdateResponse(b)
		if err != nil {
			var de *wire.DecodeError
			if !errors.As(err, &de) || de.Offset < 0 || de.Offset > len(b) {
				t.Fatalf("%X: %v", b, err)
			}
			return
		}
		if got := r.Append(nil); !bytes.Equal(got, b) {
			t.Fatalf("%X encodes as %X", b, got)
		}
	})
}

// FuzzCardCommands gives the closed, the authenticating and the open card any
// commands: none opens a session, none gets more than a status word out of it.
func FuzzCardCommands(f *testing.F) {
	for _, v := range exchanges(f) {
		f.Add(byte(v.options()), []byte(v.InitializeUpdate), []byte(v.ExternalAuthenticate))
	}
	f.Add(byte(0x70), unhex("80CA006600"), unhex("8050300000"))
	f.Fuzz(func(t *testing.T, i byte, first, second []byte) {
		if Options(i).Check() != nil {
			return
		}
		b := cardOf(t, Options(i))
		b.keys.MAC[0] ^= 0xFF // not the keys of the seeds
		for _, cmd := range [][]byte{first, second, first} {
			resp := b.card.Handshake(nil, cmd)
			r, err := apdu.DecodeResponse(resp)
			if err != nil || len(r.Data) > 0 && !b.card.Authenticating() {
				t.Fatalf("%X: %X, %v", cmd, resp, err)
			}
			if b.card.IsOpen() {
				t.Fatalf("%X opens a session", cmd)
			}
		}
		if out, err := b.card.Unwrap(nil, second); err != scp.ErrSecurity || out != nil {
			t.Fatalf("%X: %X, %v", second, out, err)
		}
	})
}

// FuzzCardUnwrap gives an open card a command as it was sent, xored with delta
// and cut or extended: it takes nothing but the command itself.
func FuzzCardUnwrap(f *testing.F) {
	f.Add(byte(0x33), unhex("80E2000003112233"), []byte{0, 0, 0, 0, 0, 1}, 0)
	f.Add(byte(0x01), unhex("80CA006600"), []byte{4}, 0)
	f.Add(byte(0x13), unhex("C1E2000000000301020300FF"), []byte{}, -1)
	f.Add(byte(0x03), unhex("80F2"), []byte{}, 3)
	f.Fuzz(func(t *testing.T, level byte, cmd, delta []byte, size int) {
		if level == 0 || !Options(0x70).Allows(scp.Level(level)) {
			return
		}
		b := open(t, 0x70, scp.Level(level))
		sent, err := b.host.Wrap(nil, cmd)
		if err != nil {
			sent = cmd // any bytes
		}
		bad := mangle(sent, delta, size)
		plain, err := b.card.Unwrap([]byte("x"), bad)
		if err != nil {
			if err != scp.ErrSecurity || string(plain) != "x" {
				t.Fatalf("%X: %X, %v", bad, plain, err)
			}
			b.ended(t)
			return
		}
		c, _ := apdu.DecodeCommand(bad)
		o, _ := apdu.DecodeCommand(sent)
		if c.INS != o.INS || c.P1 != o.P1 || c.P2 != o.P2 || !sameClassInMAC(c.CLA, o.CLA) || !bytes.Equal(c.Data, o.Data) {
			t.Fatalf("%X taken for %X", bad, sent)
		}
	})
}

func FuzzHostUnwrap(f *testing.F) {
	f.Add(byte(0x33), unhex("1122339000"), []byte{0, 0, 1}, 0)
	f.Add(byte(0x11), unhex("9000"), []byte{}, -1)
	f.Add(byte(0x13), unhex("6A88"), []byte{1}, 0)
	f.Add(byte(0x33), unhex("E3034F01AA6310"), []byte{}, 2)
	f.Fuzz(func(t *testing.T, level byte, resp, delta []byte, size int) {
		if scp.Level(level)&scp.RMAC == 0 || !Options(0x70).Allows(scp.Level(level)) {
			return
		}
		b := open(t, 0x70, scp.Level(level))
		cmd, _ := b.host.Wrap(nil, unhex("80CA006600"))
		if _, err := b.card.Unwrap(nil, cmd); err != nil {
			t.Fatal(err)
		}
		sent, err := b.card.Wrap(nil, resp)
		if err != nil {
			sent = resp
		}
		bad := mangle(sent, delta, size)
		plain, err := b.host.Unwrap([]byte("x"), bad)
		if err != nil {
			if string(plain) != "x" || b.host.session != nil {
				t.Fatalf("%X: %X, %v", bad, plain, err)
			}
			return
		}
		if len(bad) > 2 && !bytes.Equal(bad, sent) {
			t.Fatalf("%X taken for %X", bad, sent)
		}
	})
}

// mangle xors delta over b and makes it shorter (size < 0) or longer.
func mangle(b, delta []byte, size int) []byte {
	b = bytes.Clone(b)
	for i := range min(len(b), len(delta)) {
		b[i] ^= delta[i]
	}
	if size < 0 {
		return b[:max(0, len(b)+max(size, -1000))]
	}
	return append(b, make([]byte, min(size, 1000))...)
}
