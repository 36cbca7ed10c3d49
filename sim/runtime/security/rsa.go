package security

import (
	"bytes"

	"inkan/sim/engine"
	"inkan/sim/vm"
)

// preparedRSA is a private key ready for use, with the card's bytes that it was
// made of.
type preparedRSA struct {
	raw []byte
	key *engine.RSAKey
}

// rsaKey is the prepared form of a private key object: kept on the host, and
// made anew when the card's bytes are no longer those.
func rsaKey(c *vm.Call, key vm.Ref) *engine.RSAKey {
	m := c.Machine()
	array := keyRef(m, key, keyData)
	raw := make([]byte, m.ArrayLength(array))
	m.ReadBytes(array, 0, raw)
	if p, ok := m.HostValue(key).(*preparedRSA); ok && bytes.Equal(p.raw, raw) {
		clear(raw)
		return p.key
	}
	var k *engine.RSAKey
	var err error
	slot := func(i int) []byte { return part(m, key, i) }
	if kind, _ := keyOf(m, key); kind.api == "RSAPrivateCrtKey" {
		k, err = engine.NewRSACRTKey(bitsOf(m, key), slot(slotP), slot(slotQ), slot(slotDP1), slot(slotDQ1), slot(slotPQ))
	} else {
		k, err = engine.NewRSAKey(bitsOf(m, key), slot(slotModulus), slot(slotExponent))
	}
	if err != nil {
		fail(c, illegalValue)
	}
	m.SetHostValue(key, &preparedRSA{raw, k})
	return k
}

// rsaOperation is the bare operation of a key, public or private. An operand
// that is not below the modulus is ILLEGAL_USE.
func rsaOperation(c *vm.Call, key vm.Ref, block []byte) []byte {
	m, g := c.Machine(), engines(c)
	var out []byte
	var err error
	if isPrivate(m, key) {
		out, err = g.RSAPrivate(rsaKey(c, key), block)
	} else {
		out, err = g.RSAPublic(part(m, key, slotModulus), part(m, key, slotExponent), block)
	}
	if err != nil {
		fail(c, illegalUse)
	}
	return out
}

func padType(size int, blockType byte, data []byte, c *vm.Call) ([]byte, error) {
	return engine.PadPKCS1(size, blockType, data, engines(c))
}

func unpadType(em []byte, blockType byte) ([]byte, error) { return engine.UnpadPKCS1(em, blockType) }
