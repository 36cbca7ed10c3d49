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

// air is a host, a card and the packets that were ever sent between them.
type air struct {
	mode      SPI
	host      *Host
	card      *Card
	counter   *torn // the card's
	sent      []sent
	delivered uint64
}

type sent struct {
	packet []byte
	ticket Ticket
}

func newAir(t *rapid.T) *air {
	a := &air{mode: rapid.SampledFrom([]SPI{CounterHigher, CounterNext}).Draw(t, "mode"), counter: &torn{}}
	set := a.set(t, &ram{})
	var err error
	if a.host, err = NewHost(HostConfig{SPI: CC | Cipher | a.mode | PoR | PoRCC, Cipher: set, Integrity: set}); err != nil {
		t.Fatal(err)
	}
	a.boot(t)
	return a
}

func (a *air) set(t *rapid.T, c Counter) *KeySet {
	k, err := NewKeySet(KeySetConfig{Version: 1, KIc: Key{TDES3, seq(1, 24)}, KID: Key{AES, seq(1, 16)}, Counter: c})
	if err != nil {
		t.Fatal(err)
	}
	return k
}

// boot is a card after power-up: all that survived is the counter.
func (a *air) boot(t *rapid.T) {
	a.card = NewCard(CardConfig{Keys: keys{1: a.set(t, a.counter)}, Applications: apps{someTAR: CC | CounterHigher}})
}

func (a *air) any(t *rapid.T) int { return rapid.IntRange(0, len(a.sent)-1).Draw(t, "which") }

// tamper delivers a packet with one bit changed.
func (a *air) tamper(t *rapid.T) {
	bad := bytes.Clone(a.sent[a.any(t)].packet)
	bad[rapid.IntRange(0, len(bad)-1).Draw(t, "at")] ^= byte(1 << rapid.IntRange(0, 7).Draw(t, "bit"))
	before := a.counter.value
	if _, _, err := a.card.Open(nil, bad); err == nil || a.counter.value != before {
		t.Fatalf("a changed packet: %v", err)
	}
}

// deliver delivers any packet of the past, and its proof of receipt.
func (a *air) deliver(t *rapid.T) {
	i := a.any(t)
	ticket, before := a.sent[i].ticket, a.counter.value
	out, cmd, err := a.card.Open(nil, a.sent[i].packet)
	if a.counter.value < before {
		t.Fatal("the counter went down")
	}
	if errors.Is(err, StatusSecurityError) { // the power was cut
		a.boot(t)
		return
	}
	if fresh := ticket.Counter > before && (a.mode == CounterHigher || ticket.Counter == before+1); (err == nil) != fresh {
		t.Fatalf("counter %d, packet %d: %v", before, ticket.Counter, err)
	}
	if err == nil {
		if cmd.Counter <= a.delivered || a.counter.value != cmd.Counter || out[0] != byte(i) {
			t.Fatalf("command %d after %d", cmd.Counter, a.delivered)
		}
		a.delivered = cmd.Counter
	}
	por, due, respErr := a.card.Respond(nil, StatusOK, []byte{byte(i)})
	if !due || respErr != nil {
		t.Fatal("no proof of receipt")
	}
	_, resp, openErr := a.host.Open(nil, ticket, por)
	if openErr != nil || (resp.Status == StatusOK) != (err == nil) || !resp.Authenticated {
		t.Fatalf("proof %+v, %v", resp, openErr)
	}
}

// TestSession drives host and card over a bearer that loses, repeats, reorders
// and changes packets, with power cuts at the card's store. Every command is
// delivered at most once, in order, unchanged; the counter never goes down.
func TestSession(t *testing.T) {
	req.Covers(t, "SPEC-SCP80-050", "SPEC-SCP80-056", "SPEC-SCP80-058")
	rapid.Check(t, func(t *rapid.T) {
		a := newAir(t)
		for range rapid.IntRange(1, 40).Draw(t, "steps") {
			step := rapid.SampledFrom([]string{"seal", "deliver", "deliver", "tamper", "cut", "reboot"}).Draw(t, "step")
			switch {
			case step == "seal":
				p, ticket, err := a.host.Seal(nil, someTAR, []byte{byte(len(a.sent))})
				if err != nil {
					t.Fatal(err)
				}
				a.sent = append(a.sent, sent{p, ticket})
			case step == "cut":
				a.counter.cut = rapid.IntRange(1, 2).Draw(t, "when")
			case step == "reboot":
				a.boot(t)
			case len(a.sent) == 0:
			case step == "tamper":
				a.tamper(t)
			default:
				a.deliver(t)
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
