package foreignhosts

import (
	"bytes"
	"crypto/aes"
	"crypto/cipher"
	"crypto/des"
	"testing"
)

// channel is a secure channel as foreign hosts write it: the keys of a session and
// the state of both directions.
type channel struct {
	scp, i                       byte
	enc, mac, rmac, dek          []byte // of the session; dek of SCP03 is the static one
	chain                        []byte // MAC chaining value, or the last C-MAC
	riv                          []byte // of SCP02's R-MAC
	counter                      uint64
	level                        byte
	withLe                       bool // every command has Le 00, as GlobalPlatformPro's later versions send it
	version                      byte
	card                         *line
	size                         int // of MACs and challenges
	lastCommand                  []byte
	hostChallenge, cardChallenge []byte
}

const (
	cmac = 0x01
	cenc = 0x02
	rmac = 0x10
	renc = 0x20
)

func aesBlock(t testing.TB, key []byte) cipher.Block {
	t.Helper()
	b, err := aes.NewCipher(key)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// aesMAC is CMAC (NIST SP 800-38B).
func aesMAC(t testing.TB, key, msg []byte) []byte {
	b := aesBlock(t, key)
	double := func(x []byte) []byte {
		out := make([]byte, 16)
		for i := range out {
			out[i] = x[i] << 1
			if i < 15 {
				out[i] |= x[i+1] >> 7
			}
		}
		if x[0]&0x80 != 0 {
			out[15] ^= 0x87
		}
		return out
	}
	sub := make([]byte, 16)
	b.Encrypt(sub, sub)
	sub = double(sub)
	if len(msg) == 0 || len(msg)%16 != 0 {
		sub = double(sub)
		msg = pad80(msg, 16)
	}
	msg = bytes.Clone(msg)
	for i := range 16 {
		msg[len(msg)-16+i] ^= sub[i]
	}
	cipher.NewCBCEncrypter(b, make([]byte, 16)).CryptBlocks(msg, msg)
	return msg[len(msg)-16:]
}

func pad80(b []byte, size int) []byte {
	b = append(bytes.Clone(b), 0x80)
	for len(b)%size != 0 {
		b = append(b, 0)
	}
	return b
}

func unpad80(t testing.TB, b []byte) []byte {
	t.Helper()
	b = bytes.TrimRight(b, "\x00")
	if len(b) == 0 || b[len(b)-1] != 0x80 {
		t.Fatalf("no padding at the end of %X", b)
	}
	return b[:len(b)-1]
}

// kdf is SCP03's derivation.
func kdf(t testing.TB, key []byte, constant byte, context []byte, size int) (out []byte) {
	for i := byte(1); len(out) < size; i++ {
		in := append(make([]byte, 11), constant, 0, byte(size*8>>8), byte(size*8), i)
		out = append(out, aesMAC(t, key, append(in, context...))...)
	}
	return out[:size]
}

func tripleDES(t testing.TB, key []byte) cipher.Block {
	t.Helper()
	b, err := des.NewTripleDESCipher(append(bytes.Clone(key[:16]), key[:8]...))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func cbc(b cipher.Block, iv, msg []byte) []byte {
	out := make([]byte, len(msg))
	cipher.NewCBCEncrypter(b, iv).CryptBlocks(out, msg)
	return out
}

func lastBlock(b []byte, size int) []byte { return b[len(b)-size:] }

// retailMAC is single DES with a final triple DES.
func retailMAC(t testing.TB, key, iv, msg []byte) []byte {
	single, err := des.NewCipher(key[:8])
	if err != nil {
		t.Fatal(err)
	}
	msg = pad80(msg, 8)
	if len(msg) > 8 {
		iv = lastBlock(cbc(single, iv, msg[:len(msg)-8]), 8)
	}
	return cbc(tripleDES(t, key), iv, lastBlock(msg, 8))
}

// seal makes the command with secure messaging.
func (c *channel) seal(t testing.TB, cla, ins, p1, p2 byte, data []byte) []byte {
	t.Helper()
	c.lastCommand = append([]byte{cla &^ 7, ins, p1, p2, byte(len(data))}, data...)
	if c.level&cmac == 0 {
		return append([]byte{cla, ins, p1, p2, byte(len(data))}, data...)
	}
	plain := data
	if c.scp == 3 && c.level&cenc != 0 {
		c.counter++
		if len(data) > 0 {
			data = cbc(aesBlock(t, c.enc), c.iv(t, 0), pad80(data, 16))
		}
	}
	head := []byte{cla | 4, ins, p1, p2, byte(len(data) + c.size)}
	var mac []byte
	if c.scp == 3 {
		c.chain = aesMAC(t, c.mac, append(append(bytes.Clone(c.chain), head...), data...))
		mac = c.chain[:c.size]
	} else {
		iv := make([]byte, 8)
		if c.chain != nil {
			single, err := des.NewCipher(c.mac[:8])
			if err != nil {
				t.Fatal(err)
			}
			single.Encrypt(iv, c.chain)
		}
		c.chain = retailMAC(t, c.mac, iv, append(bytes.Clone(head), data...))
		mac = c.chain
		if c.level&cenc != 0 && len(plain) > 0 {
			data = cbc(tripleDES(t, c.enc), make([]byte, 8), pad80(plain, 8))
			head[4] = byte(len(data) + 8)
		}
	}
	return append(append(head, data...), mac...)
}

// iv is the initial value of SCP03's encryption; first is 80 for responses.
func (c *channel) iv(t testing.TB, first byte) []byte {
	b := make([]byte, 16)
	for i := range 8 {
		b[15-i] = byte(c.counter >> (8 * i))
	}
	b[0] = first
	aesBlock(t, c.enc).Encrypt(b, b)
	return b
}

// open takes the secure messaging off a response.
func (c *channel) open(t testing.TB, data []byte, sw uint16) []byte {
	t.Helper()
	good := sw == 0x9000 || sw>>8 == 0x62 || sw>>8 == 0x63 || c.scp == 2 // whose R-MAC covers errors too
	if c.level&rmac == 0 || !good {
		if c.level&rmac != 0 && len(data) > 0 {
			t.Fatalf("%04X with data %X", sw, data)
		}
		return data
	}
	if len(data) < c.size {
		t.Fatalf("%04X without R-MAC: %X", sw, data)
	}
	n := len(data) - c.size
	var want []byte
	if c.scp == 3 {
		want = aesMAC(t, c.rmac, append(append(bytes.Clone(c.chain), data[:n]...), byte(sw>>8), byte(sw)))[:c.size]
	} else {
		in := append(append(append(bytes.Clone(c.lastCommand), byte(n)), data[:n]...), byte(sw>>8), byte(sw))
		want = retailMAC(t, c.rmac, c.riv, in)
		c.riv = want
	}
	if !bytes.Equal(want, data[n:]) {
		t.Fatalf("R-MAC %X, want %X", data[n:], want)
	}
	data = data[:n]
	if c.level&renc != 0 && n > 0 {
		out := make([]byte, n)
		cipher.NewCBCDecrypter(aesBlock(t, c.enc), c.iv(t, 0x80)).CryptBlocks(out, data)
		data = unpad80(t, out)
	}
	return data
}

// send sends a command of class 80 through the channel; the status word has to be
// the one that is wanted.
func (c *channel) send(t testing.TB, ins, p1, p2 byte, data []byte, want uint16) []byte {
	t.Helper()
	return c.sendLe(t, ins, p1, p2, data, c.withLe, want)
}

func (c *channel) sendLe(t testing.TB, ins, p1, p2 byte, data []byte, le bool, want uint16) []byte {
	t.Helper()
	command := c.seal(t, 0x80, ins, p1, p2, data)
	if le {
		command = append(command, 0)
	}
	out, sw := c.card.raw(t, command)
	if sw != want {
		t.Fatalf("80%02X%02X%02X %X: %X %04X, want %04X", ins, p1, p2, data, out, sw, want)
	}
	return c.open(t, out, sw)
}

// cipherKey enciphers a key under the data encryption key.
func (c *channel) cipherKey(t testing.TB, key []byte) []byte {
	t.Helper()
	if c.scp == 3 {
		padded := append(bytes.Clone(key), bytes.Repeat([]byte{0xA5}, (16-len(key)%16)%16)...) // random to the host
		return cbc(aesBlock(t, c.dek), make([]byte, 16), padded)
	}
	b := tripleDES(t, c.dek)
	out := make([]byte, len(key))
	for at := 0; at < len(key); at += 8 {
		b.Encrypt(out[at:], key[at:])
	}
	return out
}
