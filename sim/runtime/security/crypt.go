package security

import (
	"crypto"
	"crypto/cipher"
	"crypto/subtle"

	"inkan/sim/runtime/binding"
	"inkan/sim/vm"
)

// running is a cipher between init and doFinal: lost at reset, which leaves the
// cipher as init left it.
type running struct {
	chain []byte // CBC
	open  []byte // bytes of a block that is not processed yet; all of RSA's input
	any   bool   // something was processed
}

// blockOf makes the block cipher of a key, charged.
func blockOf(c *vm.Call, key vm.Ref) cipher.Block {
	m, g := c.Machine(), engines(c)
	secret := part(m, key, slotSecret)
	defer clear(secret)
	k, _ := keyOf(m, key)
	var block cipher.Block
	var err error
	switch {
	case k.api == "AESKey":
		block, err = g.AES(secret)
	case len(secret) == 8:
		block, err = g.DES(secret)
	default:
		block, err = g.TDES(secret)
	}
	if err != nil {
		fail(c, illegalValue)
	}
	return block
}

// crypt is update and doFinal.
func crypt(c *vm.Call, final bool) {
	m, s, this := c.Machine(), suiteOf(c), c.This()
	if !final {
		refuseOneShot(c, classCipher, cipherOpen)
	}
	mode := int8(m.DataCell(this, classCipher, cipherMode))
	if mode == 0 {
		fail(c, invalidInit)
	}
	still(c, m.RefCell(this, classCipher, cipherKey))
	in := input(c, c.Ref(0), c.Short(1), c.Short(2))
	out := process(c, this, s, mode, in, final, func(n int) { checkOutput(c, c.Ref(3), c.Short(4), n) })
	output(c, c.Ref(3), c.Short(4), out)
	clear(in)
	c.ReturnShort(int16(len(out)))
}

// process adds input and returns output. room is called with the output's
// greatest length before anything is computed.
func process(c *vm.Call, this vm.Ref, s suite, mode int8, in []byte, final bool, room func(int)) []byte {
	m := c.Machine()
	r, _ := m.HostValue(this).(*running)
	if r == nil {
		r = &running{chain: ivIn(m, this, classCipher, s.blockSize())}
		m.SetHostValue(this, r)
	}
	if s.blockSize() == 0 {
		return rsaProcess(c, this, s, mode, r, in, final, room)
	}
	return blockProcess(c, this, s, mode, r, in, final, room)
}

func blockProcess(c *vm.Call, this vm.Ref, s suite, mode int8, r *running, in []byte, final bool, room func(int)) []byte {
	m, size := c.Machine(), s.blockSize()
	data := append(append([]byte(nil), r.open...), in...)
	keep := len(data) % size
	if final {
		keep = 0
		switch {
		case mode == modeEncrypt:
			var ok bool
			if data, ok = pad(s.padding, data, size, !r.any); !ok {
				fail(c, illegalUse)
			}
		case len(data)%size != 0 || len(data) == 0 && s.padding != padNone && !r.any:
			fail(c, illegalUse)
		}
	} else if mode == modeDecrypt && keep == 0 && len(data) > 0 && s.padding != padNone {
		keep = size // it may be the last block
	}
	n := len(data) - keep
	room(roomFor(s, mode, final, n, size))
	if n > 0 || final {
		setUp(c)
	}
	out := make([]byte, n)
	if n > 0 {
		cryptBlocks(blockOf(c, m.RefCell(this, classCipher, cipherKey)), s, mode, r.chain, out, data[:n])
		r.any = true
	}
	r.open = append(r.open[:0], data[n:]...)
	if !final {
		return out
	}
	m.SetHostValue(this, nil)
	if mode == modeDecrypt && len(out) > 0 {
		last, ok := unpad(s.padding, out[len(out)-size:])
		if !ok {
			fail(c, illegalUse)
		}
		out = out[:len(out)-size+last]
	}
	return out
}

// roomFor is what the output buffer has to have before the result is known:
// decryption may find padding that makes it shorter.
func roomFor(s suite, mode int8, final bool, n, size int) int {
	if final && mode == modeDecrypt && n >= size && (s.padding == padM2 || s.padding == padPKCS5) {
		return n - size
	}
	return n
}

func cryptBlocks(b cipher.Block, s suite, mode int8, chain, out, in []byte) {
	size := b.BlockSize()
	for ; len(in) > 0; in, out = in[size:], out[size:] {
		switch {
		case !s.chained() && mode == modeEncrypt:
			b.Encrypt(out, in)
		case !s.chained():
			b.Decrypt(out, in)
		case mode == modeEncrypt:
			subtle.XORBytes(chain, chain, in[:size])
			b.Encrypt(chain, chain)
			copy(out, chain)
		default:
			b.Decrypt(out, in)
			subtle.XORBytes(out, out[:size], chain)
			copy(chain, in[:size])
		}
	}
}

// rsaProcess collects the input of one block and computes it at doFinal. What
// is too long is ILLEGAL_USE, as is a wrong length or padding.
func rsaProcess(c *vm.Call, this vm.Ref, s suite, mode int8, r *running, in []byte, final bool, room func(int)) []byte {
	m := c.Machine()
	key := m.RefCell(this, classCipher, cipherKey)
	size := bitsOf(m, key) / 8
	if len(r.open)+len(in) > size {
		m.SetHostValue(this, nil)
		fail(c, illegalUse)
	}
	r.open = append(r.open, in...)
	if !final {
		return nil
	}
	data := r.open
	m.SetHostValue(this, nil)
	setUp(c)
	if mode == modeEncrypt {
		room(size)
		return rsaOperation(c, key, rsaPad(c, key, s, data))
	}
	if len(data) != size {
		fail(c, illegalUse)
	}
	em := rsaOperation(c, key, data)
	out := rsaUnpad(c, key, s, em)
	room(len(out))
	return out
}

func isPrivate(m *vm.Machine, key vm.Ref) bool {
	k, _ := keyOf(m, key)
	return k.api != "RSAPublicKey"
}

func rsaPad(c *vm.Call, key vm.Ref, s suite, data []byte) []byte {
	m, g := c.Machine(), engines(c)
	size := bitsOf(m, key) / 8
	var em []byte
	var err error
	switch {
	case s.padding == padNone:
		if len(data) != size {
			fail(c, illegalUse)
		}
		return data
	case s.padding == padPKCS1 && isPrivate(m, key):
		em, err = padType(size, 1, data, c)
	case s.padding == padPKCS1:
		em, err = padType(size, 2, data, c)
	default:
		em, err = g.PadOAEP(size, digests[oaepHashes[s.padding]], data)
	}
	if err != nil {
		fail(c, illegalUse)
	}
	return em
}

func rsaUnpad(c *vm.Call, key vm.Ref, s suite, em []byte) []byte {
	m, g := c.Machine(), engines(c)
	var out []byte
	var err error
	switch {
	case s.padding == padNone:
		return em
	case s.padding == padPKCS1 && isPrivate(m, key):
		out, err = unpadType(em, 2)
	case s.padding == padPKCS1:
		out, err = unpadType(em, 1)
	default:
		out, err = g.UnpadOAEP(digests[oaepHashes[s.padding]], em)
	}
	if err != nil {
		fail(c, illegalUse)
	}
	binding.Work(c, len(em))
	return out
}

// unwrap decrypts a component of a key with the platform's cipher that
// setKeyCipher set. Another cipher, or one that is not set to decrypt, makes
// the value ILLEGAL_VALUE.
func unwrap(c *vm.Call, ref vm.Ref, b []byte) []byte {
	m := c.Machine()
	class := m.ClassOf(ref).API()
	if class != binding.Class(platformName) || int8(m.DataCell(ref, classCipher, cipherMode)) != modeDecrypt {
		fail(c, illegalValue)
	}
	still(c, m.RefCell(ref, classCipher, cipherKey))
	return process(c, ref, suiteIn(m, ref), modeDecrypt, b, true, func(int) {})
}

// hashOf is the hash function of a MessageDigest constant.
func hashOf(alg int8) crypto.Hash { return digests[alg] }
