package foreignhosts

import (
	"bytes"
	"context"
	"encoding/hex"
	"strings"
	"testing"

	"inkan/core/apdu"
	"inkan/sim/os"
)

func unhex(t testing.TB, s string) []byte {
	t.Helper()
	b, err := hex.DecodeString(strings.ReplaceAll(s, " ", ""))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// line is a card at the end of a wire.
type line struct {
	card     apdu.Card
	selected []byte // answer to the last SELECT by name
	// responseClass is the class of GET RESPONSE; zero: 00, with the channel.
	responseClass byte
}

func newCard(t testing.TB, cfg os.Config) *line {
	t.Helper()
	card, err := os.New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	return &line{card: card}
}

// raw sends bytes, and fetches what 61xx and 6Cxx announce.
func (l *line) raw(t testing.TB, command []byte) (data []byte, sw uint16) {
	t.Helper()
	for range 20 {
		b, err := l.card.Transmit(context.Background(), command, nil)
		if err != nil || len(b) < 2 {
			t.Fatalf("%X: %X, %v", command, b, err)
		}
		data = append(data, b[:len(b)-2]...)
		sw = uint16(b[len(b)-2])<<8 | uint16(b[len(b)-1])
		switch sw >> 8 {
		case 0x61:
			command = []byte{command[0]&0x03 | l.responseClass, 0xC0, 0, 0, byte(sw)}
		case 0x6C:
			command = append(bytes.Clone(command[:4]), byte(sw))
		default:
			return data, sw
		}
	}
	t.Fatal("no end")
	return nil, 0
}

// say sends a command in hex; want is the status word.
func (l *line) say(t testing.TB, command string, want uint16) []byte {
	t.Helper()
	data, sw := l.raw(t, unhex(t, command))
	if sw != want {
		t.Fatalf("%s: %X %04X, want %04X", command, data, sw, want)
	}
	if strings.HasPrefix(command, "00A404") && (sw == 0x9000 || sw == 0x6283) {
		l.selected = data
	}
	return data
}

var testKey = []byte{0x40, 0x41, 0x42, 0x43, 0x44, 0x45, 0x46, 0x47, 0x48, 0x49, 0x4A, 0x4B, 0x4C, 0x4D, 0x4E, 0x4F}

// keySet is static keys: encryption, MAC, data encryption.
type keySet [3][]byte

func sameKeys(key []byte) keySet { return keySet{key, key, key} }

// connect opens a channel with what is selected: version 00 is the card's choice.
func (l *line) connect(t testing.TB, version, level byte, k keySet, withLe bool) *channel {
	t.Helper()
	c := &channel{card: l, withLe: withLe, size: 8, hostChallenge: []byte{1, 2, 3, 4, 5, 6, 7, 8}}
	r, sw := l.raw(t, append(append([]byte{0x80, 0x50, version, 0, 8}, c.hostChallenge...), 0))
	if sw != 0x9000 {
		t.Fatalf("INITIALIZE UPDATE: %04X", sw)
	}
	if len(r) != 28 && len(r) != 29 && len(r) != 32 {
		t.Fatalf("INITIALIZE UPDATE of %d bytes", len(r))
	}
	if c.version = r[10]; version != 0 && c.version != version {
		t.Fatalf("key version %02X, want %02X", c.version, version)
	}
	if c.scp = r[11]; c.scp == 3 {
		c.open03(t, r, k)
	} else {
		c.open02(t, r, k)
	}
	c.level = cmac
	host := c.cryptogram(t, 1)
	out := c.sendAuthenticate(t, level, host)
	if len(out) != 0 {
		t.Fatalf("EXTERNAL AUTHENTICATE: data %X", out)
	}
	c.level = level
	c.riv = c.chain
	return c
}

func (c *channel) sendAuthenticate(t testing.TB, level byte, cryptogram []byte) []byte {
	t.Helper()
	return c.sendLe(t, 0x82, level, 0, cryptogram, c.withLe, 0x9000)
}

func (c *channel) open03(t testing.TB, r []byte, k keySet) {
	t.Helper()
	l := c.card
	c.i = r[12]
	if want := 29 + 3*int(c.i>>4&1); len(r) != want {
		t.Fatalf("i %02X with %d bytes", c.i, len(r))
	}
	c.cardChallenge = r[13:21]
	if len(r) == 32 { // the counter, and a challenge that hosts can compute
		aid := find(t, l.selected, 0x6F, 0x84)
		if want := kdf(t, k[0], 2, append(bytes.Clone(r[29:]), aid...), 8); !bytes.Equal(want, c.cardChallenge) {
			t.Errorf("challenge %X, want %X", c.cardChallenge, want)
		}
	}
	context := append(bytes.Clone(c.hostChallenge), c.cardChallenge...)
	size := len(k[0])
	c.enc, c.mac, c.rmac = kdf(t, k[0], 4, context, size), kdf(t, k[1], 6, context, size), kdf(t, k[1], 7, context, size)
	c.dek, c.chain = k[2], make([]byte, 16)
	if want := c.cryptogram(t, 0); !bytes.Equal(want, r[21:29]) {
		t.Fatalf("card cryptogram %X, want %X", r[21:29], want)
	}
}

func (c *channel) open02(t testing.TB, r []byte, k keySet) {
	t.Helper()
	derive := func(constant byte, key []byte) []byte {
		in := make([]byte, 16)
		copy(in, []byte{1, constant, r[12], r[13]})
		return cbc(tripleDES(t, key), make([]byte, 8), in)
	}
	c.cardChallenge = r[12:20]
	c.mac, c.rmac, c.enc, c.dek = derive(0x01, k[1]), derive(0x02, k[1]), derive(0x82, k[0]), derive(0x81, k[2])
	if want := c.cryptogram(t, 0); !bytes.Equal(want, r[20:28]) {
		t.Fatalf("card cryptogram %X, want %X", r[20:28], want)
	}
}

// cryptogram is the card's (0) or the host's (1).
func (c *channel) cryptogram(t testing.TB, whose byte) []byte {
	first, second := c.hostChallenge, c.cardChallenge
	if c.scp == 3 {
		return kdf(t, c.mac, whose, append(bytes.Clone(first), second...), 8)
	}
	if whose == 1 {
		first, second = second, first
	}
	return lastBlock(cbc(tripleDES(t, c.enc), make([]byte, 8), pad80(append(bytes.Clone(first), second...), 8)), 8)
}

// lv is each part with its length before it.
func lv(parts ...[]byte) (out []byte) {
	for _, p := range parts {
		out = append(append(out, byte(len(p))), p...)
	}
	return out
}

// object is a data object of one tag byte, or two, with a BER length.
func object(tag string, value []byte) []byte {
	out, _ := hex.DecodeString(tag)
	switch n := len(value); {
	case n < 0x80:
		out = append(out, byte(n))
	case n < 0x100:
		out = append(out, 0x81, byte(n))
	default:
		out = append(out, 0x82, byte(n>>8), byte(n))
	}
	return append(out, value...)
}

// find is the value of the first object with a tag, in depth; nil: there is none.
func find(t testing.TB, b []byte, tag ...uint16) []byte {
	t.Helper()
	for len(b) > 0 {
		id := uint16(b[0])
		n := 1
		if b[0]&0x1F == 0x1F {
			id, n = id<<8|uint16(b[1]), 2
		}
		size := int(b[n])
		n++
		if size > 0x80 {
			k := size & 0x7F
			size = 0
			for range k {
				size = size<<8 | int(b[n])
				n++
			}
		}
		value := b[n : n+size]
		if id == tag[0] {
			if len(tag) == 1 {
				return value
			}
			return find(t, value, tag[1:]...)
		}
		b = b[n+size:]
	}
	return nil
}
