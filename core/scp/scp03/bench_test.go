package scp03

import (
	"bytes"
	"crypto/aes"
	"crypto/cipher"
	"testing"

	"inkan/core/apdu"
	"inkan/core/scp"
	"inkan/spec/req"
)

// exchange239 is the exchange of the speed promise (spec/SCP03.md §Limits and
// timing): a command of 239 bytes and a response of 239 bytes.
type exchange239 struct {
	*bench
	command, response       []byte
	sent, plain, answer, rx []byte // buffers
}

func newExchange(t testing.TB, i Options, level scp.Level, change ...func(*CardConfig)) *exchange239 {
	x := &exchange239{bench: open(t, i, level, change...)}
	size := MaxCommandData(i, level, false)
	x.command, _ = (&apdu.Command{CLA: 0x80, INS: 0xE2, P1: 0x88, Data: bytes.Repeat([]byte{0xD5}, min(size, 239)), Ne: 256}).Append(nil)
	x.response = append(bytes.Repeat([]byte{0x5D}, 239), 0x90, 0x00)
	for _, b := range []*[]byte{&x.sent, &x.plain, &x.answer, &x.rx} {
		*b = make([]byte, 0, 300)
	}
	return x
}

// run is one exchange: host wrap, card unwrap, card wrap, host unwrap.
func (x *exchange239) run(t testing.TB) {
	var err error
	if x.sent, err = x.host.Wrap(x.sent[:0], x.command); err != nil {
		t.Fatal(err)
	}
	if x.plain, err = x.card.Unwrap(x.plain[:0], x.sent); err != nil {
		t.Fatal(err)
	}
	if x.answer, err = x.card.Wrap(x.answer[:0], x.response); err != nil {
		t.Fatal(err)
	}
	if x.rx, err = x.host.Unwrap(x.rx[:0], x.answer); err != nil {
		t.Fatal(err)
	}
}

// counting is an AES that counts its blocks.
type counting struct {
	cipher.Block
	blocks *int
}

func (c counting) Encrypt(dst, src []byte) { *c.blocks++; c.Block.Encrypt(dst, src) }
func (c counting) Decrypt(dst, src []byte) { *c.blocks++; c.Block.Decrypt(dst, src) }

// exchangeBlocks is how many AES blocks one exchange239 at level 33 in S8 mode
// takes, both sides together: 33 each for wrapping and unwrapping the command
// (1 for the ICV, 15 for the data, 17 for the C-MAC over 261 bytes), and the
// same for the response (R-MAC over 258 bytes). The subkeys of CMAC are
// computed once for a session.
const exchangeBlocks = 4 * 33

func TestBlocksPerExchange(t *testing.T) {
	req.Covers(t, "SPEC-SCP03-090")
	blocks := 0
	x := newExchange(t, 0x70, 0x33, func(c *CardConfig) {
		c.Cipher = func(key []byte) (cipher.Block, error) {
			b, err := aes.NewCipher(key)
			return counting{b, &blocks}, err
		}
	})
	for range 3 {
		blocks = 0
		if x.run(t); 2*blocks != exchangeBlocks {
			t.Errorf("the card's half takes %d AES blocks, want %d", blocks, exchangeBlocks/2)
		}
		if !bytes.Equal(x.plain, x.command) || !bytes.Equal(x.rx, x.response) {
			t.Error("the exchange does not come through")
		}
	}
}

func TestExchangeAllocatesNothing(t *testing.T) {
	req.Covers(t, "SPEC-SCP03-090")
	for _, i := range []Options{0x70, 0x71} {
		for _, level := range []scp.Level{0x00, 0x01, 0x03, 0x11, 0x13, 0x33} {
			x := newExchange(t, i, level)
			if n := testing.AllocsPerRun(200, func() { x.run(t) }); n != 0 {
				t.Errorf("i %02X level %02X: %v allocations per exchange", byte(i), byte(level), n)
			}
		}
	}
	x := newExchange(t, 0x70, 0x33)
	key, buf := make([]byte, 32), make([]byte, 0, 64)
	if n := testing.AllocsPerRun(100, func() {
		buf, _ = x.host.EncryptSensitive(buf[:0], key)
		buf, _ = x.card.DecryptSensitive(buf, buf[:32])
	}); n != 0 {
		t.Errorf("%v allocations per key", n)
	}
}

func BenchmarkExchange239Level33(b *testing.B) {
	x := newExchange(b, 0x70, 0x33)
	b.SetBytes(2 * 239)
	b.ReportAllocs()
	for b.Loop() {
		x.run(b)
	}
}

// BenchmarkBaseline is the same number of AES blocks through the standard
// library's CBC encryption, in pieces of 16 blocks: what the exchange is
// measured against.
func BenchmarkBaseline(b *testing.B) {
	block, err := aes.NewCipher(make([]byte, 16))
	if err != nil {
		b.Fatal(err)
	}
	cbc := cipher.NewCBCEncrypter(block, make([]byte, 16))
	buf := make([]byte, exchangeBlocks*16)
	b.SetBytes(2 * 239)
	for b.Loop() {
		for p := buf; len(p) > 0; {
			n := min(256, len(p))
			cbc.CryptBlocks(p[:n], p[:n])
			p = p[n:]
		}
	}
}

func BenchmarkHandshake(b *testing.B) {
	x := cardOf(b, 0x60)
	for b.Loop() {
		x.reopen(b, 0x60, 0x33)
	}
}
