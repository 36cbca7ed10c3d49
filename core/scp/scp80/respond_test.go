package scp80

import (
	"bytes"
	"errors"
	"testing"

	"inkan/spec/req"
)

func TestProofOfReceiptModes(t *testing.T) {
	req.Covers(t, "SPEC-SCP80-060", "SPEC-SCP80-067")
	for _, tt := range []struct {
		mode   SPI
		status Status
		want   bool
	}{
		{0, StatusOK, false}, {0, StatusInsufficientMemory, false},
		{PoR, StatusOK, true}, {PoR, StatusInsufficientMemory, true},
		{PoROnError, StatusOK, false}, {PoROnError, StatusInsufficientMemory, true}, {PoROnError, StatusSubmitFollows, false},
	} {
		p := newPair(t, 1, CC|Cipher|CounterHigher|tt.mode, 0, PoRSilent)
		if _, due, _ := p.card.Respond(nil, tt.status, nil); due {
			t.Error("a proof of receipt without a command")
		}
		packet, _ := p.seal(t, "x")
		if _, _, err := p.card.Open(nil, packet); err != nil {
			t.Fatal(err)
		}
		if _, due, err := p.card.Respond(nil, tt.status, nil); due != tt.want || err != nil {
			t.Errorf("%+v: due %v, %v", tt, due, err)
		}
		if _, due, _ := p.card.Respond(nil, tt.status, nil); due {
			t.Errorf("%+v: a second proof of receipt", tt)
		}
	}
}

// TestProtectionMatrix runs every combination of protections both ways. A proof
// that takes a key answers a command with CC only; for the others the proof of
// another card is opened, which does send it.
func TestProtectionMatrix(t *testing.T) {
	req.Covers(t, "SPEC-SCP80-003", "SPEC-SCP80-004", "SPEC-SCP80-061", "SPEC-SCP80-062", "SPEC-SCP80-063", "SPEC-SCP80-064")
	ran := 0
	for _, version := range []byte{1, 3, 4} {
		for bits := range 1 << 9 {
			spi := SPI(bits&0x1F)<<8 | SPI(bits>>5&0xF)<<2 | PoR
			checked := spi.CounterMode() >= CounterHigher
			if spi.Integrity() == DS || spi.PoRIntegrity() == DS || checked && spi.Integrity() != CC {
				continue
			}
			ran++
			p := newPair(t, version, spi, 0, PoRSilent)
			packet, ticket := p.seal(t, "command data")
			out, cmd, err := p.card.Open(nil, packet)
			if err != nil || string(out) != "command data" || cmd.SPI != spi || cmd.KIc.Version() != version {
				t.Fatalf("SPI %v: %q, %+v, %v", spi, out, cmd, err)
			}
			if ciphered := !bytes.Contains(packet, []byte("command data")); ciphered != spi.Ciphered() {
				t.Fatalf("SPI %v: ciphered %v", spi, ciphered)
			}
			por, due, err := p.card.Respond(nil, StatusMoreTime, []byte("response data"))
			if spi.Integrity() != CC && (spi.PoRIntegrity() == CC || spi.PoRCiphered()) {
				if due || err != nil || len(por) > 0 {
					t.Fatalf("SPI %v: due %v, %v without CC", spi, due, err)
				}
				por, due, err = p.keyedAnyway(cmd, []byte("response data"))
			}
			if err != nil || !due || por[2]-10 != map[SPI]byte{0: 0, RC: 4, CC: map[byte]byte{1: 8, 3: 8, 4: 4}[version]}[spi.PoRIntegrity()] {
				t.Fatalf("SPI %v: due %v, RHL %d, %v", spi, due, por[2], err)
			}
			out, resp, err := p.host.Open(nil, ticket, por)
			want := Response{TAR: someTAR, Counter: ticket.Counter, Status: StatusMoreTime, Authenticated: spi.PoRIntegrity() == CC, Fresh: spi.PoRIntegrity() == CC && checked}
			if err != nil || string(out) != "response data" || resp != want {
				t.Fatalf("SPI %v: %q, %+v, %v", spi, out, resp, err)
			}
		}
	}
	if ran != 3*16*12 {
		t.Errorf("%d combinations", ran)
	}
}

// keyedAnyway is the proof of receipt of a card that protects it as SPI2 asks
// although the command had no CC.
func (p *pair) keyedAnyway(cmd Command, data []byte) ([]byte, bool, error) {
	cmd.Authenticated = true
	if cmd.SPI.PoRIntegrity() == CC {
		cmd.KID = Reference(cmd.KID.Version(), Implicit)
	}
	p.card.pending = pending{due: true, opened: true, command: cmd}
	return p.card.Respond(nil, StatusMoreTime, data)
}

// TestNoMACForStrangers sends commands without CC, for an application that
// takes them, which ask for a proof of receipt with CC or ciphering.
func TestNoMACForStrangers(t *testing.T) {
	req.Covers(t, "SPEC-SCP80-066", "SPEC-SCP80-069", "SPEC-SCP80-078")
	for _, command := range []SPI{0, RC, Cipher, RC | Cipher, RC | Cipher | CounterUnchecked} {
		for _, por := range []SPI{0, PoRRC, PoRCC, PoRCipher, PoRRC | PoRCipher, PoRCC | PoRCipher} {
			for _, policy := range []PoRPolicy{PoRSilent, PoRPlain} {
				p := newPair(t, 1, command|por|PoR, 0, policy)
				packet, ticket := p.seal(t, "x")
				if _, cmd, err := p.card.Open(nil, packet); err != nil || cmd.Authenticated {
					t.Fatal(cmd, err)
				}
				proof, due, err := p.card.Respond(nil, StatusMoreTime, []byte("response data"))
				keyed := por&(PoRCC|PoRCipher) != 0
				if err != nil || due != (!keyed || policy == PoRPlain) {
					t.Errorf("SPI %04X, policy %d: due %v, %v", command|por, policy, due, err)
				}
				out, resp, err := p.host.Open(nil, ticket, append([]byte(nil), proof...))
				switch bare := append(append([]byte{0, 11, 10}, someTAR[:]...), 0, 0, 0, 0, 0, 0, byte(StatusMoreTime)); {
				case !due:
					if len(proof) > 0 {
						t.Errorf("%X", proof)
					}
				case keyed:
					if !bytes.Equal(proof, bare) || !errors.Is(err, ErrUnprotected) {
						t.Errorf("SPI %04X: %X, %v", command|por, proof, err)
					}
				default:
					if err != nil || string(out) != "response data" || resp.Authenticated || resp.Fresh {
						t.Errorf("SPI %04X: %q, %+v, %v", command|por, out, resp, err)
					}
				}
			}
		}
	}
}

// TestFresh plays an old proof of receipt again for a later command.
func TestFresh(t *testing.T) {
	req.Covers(t, "SPEC-SCP80-077")
	for _, tt := range []struct {
		mode, por         SPI
		verifies, isFresh bool // the old one verifies; the right one is fresh
	}{
		{0, PoRCC, true, false},
		{CounterUnchecked, PoRCC, false, false},
		{CounterHigher, PoRCC, false, true},
		{CounterNext, PoRCC | PoRCipher, false, true},
		{CounterNext, PoRRC, false, false},
		{CounterNext, 0, false, false},
	} {
		p := newPair(t, 1, CC|Cipher|tt.mode|PoR|tt.por, CC, PoRSilent)
		exchange := func() (Ticket, []byte) {
			packet, ticket := p.seal(t, "x")
			if _, _, err := p.card.Open(nil, packet); err != nil {
				t.Fatal(err)
			}
			por, _, err := p.card.Respond(nil, StatusOK, []byte("y"))
			if err != nil {
				t.Fatal(err)
			}
			return ticket, por
		}
		_, old := exchange()
		ticket, por := exchange()
		if _, resp, err := p.host.Open(nil, ticket, old); (err == nil) != tt.verifies || resp.Fresh {
			t.Errorf("%+v: the old one: %+v, %v", tt, resp, err)
		}
		if _, resp, err := p.host.Open(nil, ticket, por); err != nil || resp.Fresh != tt.isFresh {
			t.Errorf("%+v: %+v, %v", tt, resp, err)
		}
	}
	// A ticket without counter, stored by a host that had none.
	p := newPair(t, 1, CC|PoR|PoRCC, CC, PoRSilent)
	packet, ticket := p.seal(t, "x")
	p.card.Open(nil, packet)
	por, _, _ := p.card.Respond(nil, StatusOK, nil)
	p.host.spi |= CounterHigher
	if _, resp, err := p.host.Open(nil, ticket, por); err != nil || !resp.Authenticated || resp.Fresh {
		t.Errorf("%+v, %v", resp, err)
	}
}

func TestNoProofForStrangers(t *testing.T) {
	req.Covers(t, "SPEC-SCP80-065", "SPEC-SCP80-066", "SPEC-SCP80-068")
	for _, policy := range []PoRPolicy{PoRSilent, PoRPlain} {
		p := newPair(t, 1, full, CC, policy)
		good, ticket := p.seal(t, "x")
		for at, want := range map[int]Status{12: StatusCheckFailed, 9: StatusTARUnknown, 5: StatusSecurityError, 3: StatusInsufficientSecurity} {
			bad := bytes.Clone(good)
			bad[at] ^= 0x02
			if at == 5 {
				bad[at] = 0x15
			}
			p.card.Open(nil, bad)
			por, due, err := p.card.Respond(nil, StatusOK, []byte("secret"))
			if due != (policy == PoRPlain) || err != nil {
				t.Errorf("byte %d: due %v, %v", at, due, err)
			}
			if !due {
				continue
			}
			plain := append([]byte{0, 11, 10, bad[7], bad[8], bad[9], 0, 0, 0, 0, 0, 0}, byte(want))
			if !bytes.Equal(por, plain) {
				t.Errorf("byte %d: PoR %X, want %X", at, por, plain)
			}
			if at == 9 {
				continue // for another TAR
			}
			if _, resp, err := p.host.Open(nil, ticket, por); !errors.Is(err, ErrUnprotected) || resp.Status != want || resp.Authenticated {
				t.Errorf("byte %d: %+v, %v", at, resp, err)
			}
		}
	}
	// A replay is authenticated: it gets a protected proof.
	p := newPair(t, 1, full, CC, PoRSilent)
	packet, ticket := p.seal(t, "x")
	p.card.Open(nil, packet)
	p.card.Open(nil, packet)
	por, due, _ := p.card.Respond(nil, StatusOK, []byte("secret"))
	out, resp, err := p.host.Open(nil, ticket, por)
	if !due || err != nil || resp.Status != StatusCounterLow || len(out) != 0 || !resp.Authenticated {
		t.Errorf("due %v, %q, %+v, %v", due, out, resp, err)
	}
}

func TestHostRefusesProof(t *testing.T) {
	req.Covers(t, "SPEC-SCP80-070", "SPEC-SCP80-071", "SPEC-SCP80-072", "SPEC-SCP80-073", "SPEC-SCP80-074", "SPEC-SCP80-075")
	for _, version := range []byte{1, 3} {
		p := newPair(t, version, full, CC, PoRSilent)
		packet, ticket := p.seal(t, "x")
		p.card.Open(nil, packet)
		por, _, err := p.card.Respond(nil, StatusOK, []byte("response data"))
		if err != nil {
			t.Fatal(err)
		}
		refuse := func(ticket Ticket, por []byte, cause string) {
			t.Helper()
			buffer := append(make([]byte, 0, 256), 0xEE)
			out, resp, err := p.host.Open(buffer, ticket, por)
			if !errors.Is(err, ErrProof) || len(out) != 1 || resp != (Response{}) {
				t.Errorf("%q, %+v, %v", out, resp, err)
			}
			if !bytes.Equal(buffer[1:cap(buffer)], make([]byte, cap(buffer)-1)) {
				t.Error("plain text stayed in the buffer")
			}
			if got := p.spy.causes[len(p.spy.causes)-1]; got != "scp80/host: "+cause {
				t.Errorf("cause %q, want %q", got, cause)
			}
		}
		for i := 6; i < len(por); i++ {
			bad := bytes.Clone(por)
			bad[i] ^= 1
			refuse(ticket, bad, "RC/CC/DS failed")
		}
		refuse(Ticket{TAR{1}, ticket.Counter}, por, "TAR of another command")
		refuse(Ticket{someTAR, ticket.Counter + 1}, por, "CNTR of another command")
		short := bytes.Clone(por[:len(por)-1])
		short[1]--
		refuse(ticket, short, "ciphering error")
		for _, s := range []Status{StatusOK, StatusSubmitFollows, StatusUSSDFollows} {
			bare := append(append([]byte{0, 11, 10}, someTAR[:]...), 0, 0, 0, 0, 0, 0, byte(s))
			refuse(ticket, bare, "success without the protection asked for")
		}
		bare := append(append([]byte{0, 11, 10}, someTAR[:]...), 0, 0, 0, 0, 0, 0, byte(StatusCheckFailed))
		if _, resp, err := p.host.Open(nil, ticket, bare); !errors.Is(err, ErrUnprotected) || resp.Status != StatusCheckFailed {
			t.Errorf("%+v, %v", resp, err)
		}
		if out, _, err := p.host.Open(nil, ticket, por); err != nil || string(out) != "response data" {
			t.Errorf("%q, %v", out, err)
		}
	}
}
