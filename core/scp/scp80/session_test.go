package scp80

import (
	"bytes"
	"errors"
	"testing"

	"pgregory.net/rapid"

	"inkan/spec/req"
)

// torn is a counter whose power can go before or after the write.
type torn struct {
	ram
	cut int // 0: no; 1: before the write; 2: after it
}

var errPower = errors.New("power cut")

func (c *torn) Store(v uint64) error {
	if c.cut == 1 {
		c.cut = 0
		return errPower
	}
	c.ram.Store(v)
	if c.cut == 2 {
		c.cut = 0
		return errPower
	}
	return nil
}

// TestSession drives host and card over a bearer that loses, repeats, reorders
// and changes packets, with power cuts at the card's store. Every command is
// delivered at most once, in order, unchanged; the counter never goes down.
func TestSession(t *testing.T) {
	req.Covers(t, "SPEC-SCP80-050", "SPEC-SCP80-056", "SPEC-SCP80-058")
	rapid.Check(t, func(t *rapid.T) {
		mode := rapid.SampledFrom([]SPI{CounterHigher, CounterNext}).Draw(t, "mode")
		set := func(c Counter) *KeySet {
			k, err := NewKeySet(KeySetConfig{Version: 1, KIc: Key{TDES3, seq(1, 24)}, KID: Key{AES, seq(1, 16)}, Counter: c})
			if err != nil {
				t.Fatal(err)
			}
			return k
		}
		hostSet, cardCounter := set(&ram{}), &torn{}
		host, err := NewHost(HostConfig{SPI: CC | Cipher | mode | PoR | PoRCC, Cipher: hostSet, Integrity: hostSet})
		if err != nil {
			t.Fatal(err)
		}
		boot := func() *Card {
			return NewCard(CardConfig{Keys: keys{1: set(cardCounter)}, Applications: apps{someTAR: CC | CounterHigher}})
		}
		card := boot()
		type sent struct {
			packet []byte
			ticket Ticket
		}
		var air []sent
		delivered := uint64(0)
		for range rapid.IntRange(1, 40).Draw(t, "steps") {
			switch rapid.SampledFrom([]string{"seal", "deliver", "deliver", "tamper", "cut", "reboot"}).Draw(t, "step") {
			case "seal":
				p, ticket, err := host.Seal(nil, someTAR, []byte{byte(len(air))})
				if err != nil {
					t.Fatal(err)
				}
				air = append(air, sent{p, ticket})
			case "cut":
				cardCounter.cut = rapid.IntRange(1, 2).Draw(t, "when")
			case "reboot":
				card = boot()
			case "tamper":
				if len(air) == 0 {
					continue
				}
				bad := bytes.Clone(air[rapid.IntRange(0, len(air)-1).Draw(t, "which")].packet)
				bad[rapid.IntRange(0, len(bad)-1).Draw(t, "at")] ^= byte(1 << rapid.IntRange(0, 7).Draw(t, "bit"))
				before := cardCounter.value
				if _, _, err := card.Open(nil, bad); err == nil || cardCounter.value != before {
					t.Fatalf("a changed packet: %v", err)
				}
			case "deliver":
				if len(air) == 0 {
					continue
				}
				i := rapid.IntRange(0, len(air)-1).Draw(t, "which")
				before := cardCounter.value
				out, cmd, err := card.Open(nil, air[i].packet)
				if cardCounter.value < before {
					t.Fatal("the counter went down")
				}
				if errors.Is(err, StatusSecurityError) {
					card = boot() // the power was cut
					continue
				}
				if (err == nil) != (air[i].ticket.Counter > before && (mode == CounterHigher || air[i].ticket.Counter == before+1)) {
					t.Fatalf("counter %d, packet %d: %v", before, air[i].ticket.Counter, err)
				}
				if err == nil {
					if cmd.Counter <= delivered || cardCounter.value != cmd.Counter || out[0] != byte(i) {
						t.Fatalf("command %d after %d", cmd.Counter, delivered)
					}
					delivered = cmd.Counter
				}
				por, due, respErr := card.Respond(nil, StatusOK, []byte{byte(i)})
				if !due || respErr != nil {
					t.Fatal("no proof of receipt")
				}
				_, resp, openErr := host.Open(nil, air[i].ticket, por)
				if openErr != nil || (resp.Status == StatusOK) != (err == nil) || !resp.Authenticated {
					t.Fatalf("proof %+v, %v", resp, openErr)
				}
			}
		}
	})
}

func TestAllocations(t *testing.T) {
	for _, version := range []byte{1, 3, 4} {
		p := newPair(t, version, full, CC|Cipher|CounterHigher, PoRSilent)
		packet, plain, por, data := make([]byte, 0, 512), make([]byte, 0, 512), make([]byte, 0, 512), make([]byte, 200)
		var err error
		if n := testing.AllocsPerRun(200, func() {
			var ticket Ticket
			if packet, ticket, err = p.host.Seal(packet[:0], someTAR, data); err != nil {
				t.Fatal(err)
			}
			if plain, _, err = p.card.Open(plain[:0], packet); err != nil {
				t.Fatal(err)
			}
			if por, _, err = p.card.Respond(por[:0], StatusOK, data); err != nil {
				t.Fatal(err)
			}
			if plain, _, err = p.host.Open(plain[:0], ticket, por); err != nil {
				t.Fatal(err)
			}
		}); n != 0 {
			t.Errorf("key set %d: %v allocations", version, n)
		}
	}
}

func benchmark(b *testing.B, version byte) {
	p := newPair(b, version, full, CC|Cipher|CounterHigher, PoRSilent)
	packet, plain, por, data := make([]byte, 0, 512), make([]byte, 0, 512), make([]byte, 0, 512), make([]byte, 200)
	b.ReportAllocs()
	b.SetBytes(400)
	for b.Loop() {
		var ticket Ticket
		packet, ticket, _ = p.host.Seal(packet[:0], someTAR, data)
		plain, _, _ = p.card.Open(plain[:0], packet)
		por, _, _ = p.card.Respond(por[:0], StatusOK, data)
		if _, _, err := p.host.Open(plain[:0], ticket, por); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkExchangeAES(b *testing.B)  { benchmark(b, 1) }
func BenchmarkExchange3DES(b *testing.B) { benchmark(b, 3) }
