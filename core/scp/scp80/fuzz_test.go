package scp80

import (
	"bytes"
	"errors"
	"testing"

	"inkan/core/wire"
	"inkan/spec/vectors"
)

// fuzzKeys are key sets 1 (AES), 3 (3DES) and 4 (AES, short CC).
func fuzzKeys(t testing.TB) (keys, *ram) {
	t.Helper()
	counter := &ram{value: 7}
	k := keys{}
	for _, cfg := range []KeySetConfig{
		{Version: 1, KIc: Key{AES, seq(0x20, 16)}, KID: Key{AES, seq(0x30, 16)}},
		{Version: 3, KIc: Key{TDES2, seq(0x40, 16)}, KID: Key{TDES3, seq(0x50, 24)}},
		{Version: 4, KIc: Key{AES, seq(0x60, 32)}, KID: Key{AES, seq(0x80, 24)}, CCSize: 4},
	} {
		cfg.Counter = counter
		set, err := NewKeySet(cfg)
		if err != nil {
			t.Fatal(err)
		}
		k[cfg.Version] = set
	}
	return k, counter
}

// seq is n bytes that count up from first.
func seq(first, n int) []byte {
	b := make([]byte, n)
	for i := range b {
		b[i] = byte(first + i)
	}
	return b
}

func FuzzCardOpen(f *testing.F) {
	for _, v := range vectors.Load[commandVector](f, "scp80_command.json") {
		f.Add([]byte(v.Packet))
	}
	k, _ := fuzzKeys(f)
	for _, spi := range []SPI{CC | Cipher | CounterHigher | PoR | PoRCC | PoRCipher, CC | CounterNext | PoROnError, RC | PoR | PoRRC, Cipher} {
		counter := &ram{value: 7}
		k[1].counter = counter
		h, err := NewHost(HostConfig{SPI: spi, Cipher: k[1], Integrity: k[1]})
		if err != nil {
			f.Fatal(err)
		}
		p, _, _ := h.Seal(nil, TARIssuerSD, []byte{0x80, 0xF2, 0x40, 0, 2, 0x4F, 0})
		f.Add(p)
	}
	f.Fuzz(func(t *testing.T, packet []byte) {
		k, counter := fuzzKeys(t)
		card := NewCard(CardConfig{Keys: k, Applications: apps{TARIssuerSD: 0, TARFilesUICC: CC | Cipher | CounterHigher, TAR{1, 2, 3}: 0, TAR{0xB0, 0, 0x11}: 0}, Policy: PoRPlain})
		out, cmd, err := card.Open([]byte{0xEE}, packet)
		var de *wire.DecodeError
		var status Status
		switch {
		case err == nil:
			if len(out) > len(packet) {
				t.Fatalf("%d bytes out of %d", len(out), len(packet))
			}
			if m := cmd.SPI.CounterMode(); (m == CounterHigher || m == CounterNext) && (counter.value != cmd.Counter || !cmd.Authenticated) {
				t.Fatal("counter not stored, or stored without CC")
			}
		case errors.As(err, &de), errors.As(err, &status):
			if len(out) != 1 || counter.value != 7 {
				t.Fatal("a refused packet left something behind")
			}
		default:
			t.Fatalf("%T: %v", err, err)
		}
		por, due, err := card.Respond(nil, StatusOK, []byte{1, 0x90, 0})
		if err != nil {
			t.Fatal(err)
		}
		if keyed := cmd.SPI.PoRIntegrity() == CC || cmd.SPI.PoRCiphered(); due && keyed && !cmd.Authenticated && len(por) != headLen+responseShape.clear+responseShape.tail {
			t.Fatalf("a key was used for a stranger: %X", por)
		}
	})
}

func FuzzHostOpen(f *testing.F) {
	for _, v := range vectors.Load[responseVector](f, "scp80_response.json") {
		f.Add([]byte(v.Packet))
	}
	f.Fuzz(func(t *testing.T, packet []byte) {
		k, _ := fuzzKeys(t)
		for _, spi := range []SPI{PoR, PoR | PoRCC, PoR | PoRCC | PoRCipher, PoR | PoRRC} {
			h, err := NewHost(HostConfig{SPI: spi, Cipher: k[3], Integrity: k[3]})
			if err != nil {
				t.Fatal(err)
			}
			ticket := Ticket{TAR: TAR{0xB0, 0, 0x11}}
			out, resp, err := h.Open([]byte{0xEE}, ticket, packet)
			var de *wire.DecodeError
			switch {
			case err == nil:
				if resp.TAR != ticket.TAR || resp.Counter != 0 {
					t.Fatal("response of another command")
				}
				again, err := responseShape.append(nil, &sealing{header: [7]byte{0xB0, 0, 0x11}, status: resp.Status, check: &check{}}, out[1:])
				if spi == PoR && err == nil && packet[6+counterSize] == 0 && len(packet) == len(again) && !bytes.Equal(again, packet) {
					t.Fatalf("%X became %X", packet, again)
				}
			case errors.As(err, &de), errors.Is(err, ErrProof), errors.Is(err, ErrUnprotected):
				if len(out) != 1 {
					t.Fatal("a refused response left something behind")
				}
			default:
				t.Fatalf("%T: %v", err, err)
			}
		}
	})
}
