package scp80

import (
	"bytes"
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"

	"inkan/core/wire"
	"inkan/spec/vectors"
)

// keyFields are the keys of a vector.
type keyFields struct {
	KIc    vectors.Hex `json:"kic,omitempty"`
	KIcRef vectors.Hex `json:"kicRef"` // the KIc byte
	KID    vectors.Hex `json:"kid,omitempty"`
	KIDRef vectors.Hex `json:"kidRef"` // the KID byte
	CCSize int         `json:"ccSize,omitempty"`
}

// commandVector is a vector of scp80_command.json.
type commandVector struct {
	vectors.Header
	keyFields
	SPI     vectors.Hex `json:"spi"`
	TAR     vectors.Hex `json:"tar"`
	Counter vectors.Hex `json:"counter"`
	Data    vectors.Hex `json:"data"`
	CCInput vectors.Hex `json:"ccInput,omitempty"` // what RC or CC is computed over
	Inner   vectors.Hex `json:"inner,omitempty"`   // CNTR to padding, before encryption
	Packet  vectors.Hex `json:"packet"`
	TPDU    vectors.Hex `json:"tpdu,omitempty"` // as published
}

// responseVector is a vector of scp80_response.json.
type responseVector struct {
	vectors.Header
	keyFields
	SPI     vectors.Hex `json:"spi"`
	TAR     vectors.Hex `json:"tar"`
	Counter vectors.Hex `json:"counter"`
	Status  vectors.Hex `json:"status"`
	Data    vectors.Hex `json:"data"`
	CCInput vectors.Hex `json:"ccInput,omitempty"`
	Inner   vectors.Hex `json:"inner,omitempty"`
	Packet  vectors.Hex `json:"packet"`
}

func spiOf(b []byte) SPI { return SPI(b[0])<<8 | SPI(b[1]) }

// sets makes the KIc and the KID key set of a vector; nil where it has none.
func (k *keyFields) sets(t testing.TB, counter Counter) (kic, kid *KeySet) {
	t.Helper()
	make1 := func(cfg KeySetConfig) *KeySet {
		cfg.Counter, cfg.AllowDES = counter, true
		set, err := NewKeySet(cfg)
		if err != nil {
			t.Fatal(err)
		}
		return set
	}
	if len(k.KIc) > 0 {
		r := KeyReference(k.KIcRef[0])
		kic = make1(KeySetConfig{Version: r.Version(), KIc: Key{r.Algorithm(), k.KIc}})
	}
	if len(k.KID) > 0 {
		r := KeyReference(k.KIDRef[0])
		kid = make1(KeySetConfig{Version: r.Version(), KID: Key{r.Algorithm(), k.KID}, CCSize: k.CCSize})
	}
	return kic, kid
}

// ram is a counter in memory that can fail.
type ram struct {
	value  uint64
	stores int
	fail   error
}

func (r *ram) Load() uint64 { return r.value }
func (r *ram) Store(v uint64) error {
	if r.fail != nil {
		return r.fail
	}
	r.value, r.stores = v, r.stores+1
	return nil
}

// keys is a key store of at most two sets for one version.
type keys map[byte]*KeySet

func (k keys) KeySet(version byte) *KeySet { return k[version] }

// both joins the KIc and KID sets of a vector as a card keeps them.
func both(kic, kid *KeySet) keys {
	k := keys{}
	for _, s := range []*KeySet{kic, kid} {
		if s == nil {
			continue
		}
		if have := k[s.version]; have != nil {
			have.mac, have.counter = s.mac, s.counter
			continue
		}
		one := *s
		k[s.version] = &one
	}
	return k
}

// apps maps TARs to their minimum security.
type apps map[TAR]SPI

func (a apps) MinimumSecurity(t TAR) (SPI, bool) { s, ok := a[t]; return s, ok }

// hostOf makes the host of a vector.
func (k *keyFields) hostOf(t testing.TB, spi SPI, counter Counter) *Host {
	t.Helper()
	kic, kid := k.sets(t, counter)
	cfg := HostConfig{SPI: spi, Cipher: kic, Integrity: kid}
	if spi.Integrity() == RC || spi.Integrity() == 0 && spi.PoRIntegrity() == RC {
		cfg.RC = KeyReference(k.KIDRef[0]).Algorithm()
	}
	h, err := NewHost(cfg)
	if err != nil {
		t.Fatal(err)
	}
	return h
}

func TestCommandVectors(t *testing.T) {
	for _, v := range vectors.Load[commandVector](t, "scp80_command.json") {
		t.Run(v.Name, func(t *testing.T) {
			spi, tar := spiOf(v.SPI), TAR(v.TAR)
			counter := &ram{}
			if n := counterValue(v.Counter); n > 0 {
				counter.value = n - 1
			}
			if v.Fail == "" {
				h := v.hostOf(t, spi, counter)
				got, ticket, err := h.Seal([]byte{0xEE}, tar, v.Data)
				if err != nil {
					t.Fatal(err)
				}
				if d := cmp.Diff([]byte(v.Packet), got[1:]); d != "" {
					t.Errorf("Seal (-published +ours):\n%s", d)
				}
				if ticket != (Ticket{tar, counterValue(v.Counter)}) {
					t.Errorf("ticket %v", ticket)
				}
			}
			kic, kid := v.sets(t, &ram{value: counter.value - min(counter.value, 1)})
			card := NewCard(CardConfig{Keys: both(kic, kid), Applications: apps{tar: 0}})
			data, cmd, err := card.Open([]byte{0xEE}, v.Packet)
			if v.Fail != "" {
				if status := Status(0); !errors.As(err, &status) || status.Meaning() != v.Fail {
					t.Fatalf("Open: %v, want %s", err, v.Fail)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			if d := cmp.Diff([]byte(v.Data), data[1:], equateEmpty); d != "" {
				t.Errorf("data (-want +got):\n%s", d)
			}
			want := Command{SPI: spi, KIc: KeyReference(v.KIcRef[0]), KID: KeyReference(v.KIDRef[0]), TAR: tar, Counter: counterValue(v.Counter), Authenticated: spi.Integrity() == CC}
			if d := cmp.Diff(want, cmd); d != "" {
				t.Errorf("command (-want +got):\n%s", d)
			}
			broken(t, v.Packet, func(p []byte) error { _, _, err := card.Open(nil, p); return err })
		})
	}
}

var equateEmpty = cmp.Transformer("string", func(b []byte) string { return string(b) })

// broken truncates a packet at every byte and adds one: each is malformed.
func broken(t *testing.T, packet []byte, open func([]byte) error) {
	t.Helper()
	var de *wire.DecodeError
	for n := range packet {
		if err := open(packet[:n]); !errors.As(err, &de) {
			t.Errorf("cut to %d bytes: %v", n, err)
		}
	}
	if err := open(append(bytes.Clone(packet), 0)); !errors.As(err, &de) {
		t.Errorf("one byte more: %v", err)
	}
}

func TestResponseVectors(t *testing.T) {
	for _, v := range vectors.Load[responseVector](t, "scp80_response.json") {
		t.Run(v.Name, func(t *testing.T) {
			spi, tar, counter := spiOf(v.SPI), TAR(v.TAR), counterValue(v.Counter)
			h := v.hostOf(t, spi, &ram{})
			ticket := Ticket{tar, counter}
			data, resp, err := h.Open([]byte{0xEE}, ticket, v.Packet)
			if v.Fail != "" {
				if !errors.Is(err, ErrProof) || len(data) != 1 {
					t.Fatalf("Open: %v, want ErrProof", err)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			if d := cmp.Diff([]byte(v.Data), data[1:], equateEmpty); d != "" {
				t.Errorf("data (-want +got):\n%s", d)
			}
			want := Response{TAR: tar, Counter: counter, Status: Status(v.Status[0]), Authenticated: spi.PoRIntegrity() == CC}
			if d := cmp.Diff(want, resp); d != "" {
				t.Errorf("response (-want +got):\n%s", d)
			}
			kic, kid := v.sets(t, &ram{})
			card := NewCard(CardConfig{Keys: both(kic, kid), Applications: apps{}})
			card.pending = pending{due: true, opened: true, command: Command{
				SPI: spi, KIc: KeyReference(v.KIcRef[0]), KID: KeyReference(v.KIDRef[0]), TAR: tar, Counter: counter,
				Authenticated: spi.Integrity() == CC,
			}}
			got, due, err := card.Respond(nil, Status(v.Status[0]), v.Data)
			if err != nil || !due {
				t.Fatalf("Respond: due %v, %v", due, err)
			}
			if d := cmp.Diff([]byte(v.Packet), got); d != "" {
				t.Errorf("Respond (-published +ours):\n%s", d)
			}
			broken(t, v.Packet, func(p []byte) error { _, _, err := h.Open(nil, ticket, p); return err })
		})
	}
}
