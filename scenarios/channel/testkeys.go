package channel

import (
	"inkan/core/entropy"
	"inkan/core/scp"
)

// testKeys are the public test keys of GlobalPlatform hosts, three times
// 40 41 … 4F. They open nothing but test cards.
func testKeys(version byte) *scp.KeySet {
	key := func() []byte {
		k := make([]byte, 16)
		for i := range k {
			k[i] = 0x40 + byte(i)
		}
		return k
	}
	return &scp.KeySet{Version: version, Enc: key(), MAC: key(), DEK: key()}
}

// isdAID is the AID of the issuer security domain.
var isdAID = []byte{0xA0, 0, 0, 1, 0x51, 0, 0, 0}

// memoryCounter is a sequence counter that lives as long as the exchange.
type memoryCounter uint32

// Load is the counter's value.
func (c *memoryCounter) Load() uint32 { return uint32(*c) }

// Store sets it.
func (c *memoryCounter) Store(v uint32) error {
	*c = memoryCounter(v)
	return nil
}

// source is the host's or the card's randomness in an exchange.
func source(seed uint64, side string) entropy.Source { return entropy.Seeded(seed, side) }
