package main

import (
	"bytes"
	"errors"

	"inkan/core/iso7816"
	"inkan/core/scp"
)

var errDiffers = errors.New("operation and baseline compute different results")

// plainCommand is a STORE DATA with n bytes, plainResponse n bytes and 9000.
func plainCommand(n int) []byte {
	return append([]byte{0x80, 0xE2, 0x80, 0x00, byte(n)}, bytes.Repeat([]byte{0xA5}, n)...)
}

func plainResponse(n int) []byte {
	return append(bytes.Repeat([]byte{0x5A}, n), byte(iso7816.OK>>8), byte(iso7816.OK&0xFF))
}

type counter uint32

func (c *counter) Load() uint32         { return uint32(*c) }
func (c *counter) Store(v uint32) error { *c = counter(v); return nil }

func benchKeys(version byte) *scp.KeySet {
	key := func(b byte) []byte { return bytes.Repeat([]byte{b}, 16) }
	return &scp.KeySet{Version: version, Enc: append(key(0x40)[:8], key(0x41)[:8]...), MAC: append(key(0x42)[:8], key(0x43)[:8]...), DEK: append(key(0x44)[:8], key(0x45)[:8]...)}
}

// roundTrip is one command and its response through both sides of a channel:
// wrap and unwrap of each.
func roundTrip(host scp.Host, card scp.Card, command, response []byte) func() {
	wire, plain := make([]byte, 0, 512), make([]byte, 0, 512)
	var err error
	return func() {
		if wire, err = host.Wrap(wire[:0], command); err != nil {
			panic(err)
		}
		if plain, err = card.Unwrap(plain[:0], wire); err != nil {
			panic(err)
		}
		if wire, err = card.Wrap(wire[:0], response); err != nil {
			panic(err)
		}
		if plain, err = host.Unwrap(plain[:0], wire); err != nil {
			panic(err)
		}
	}
}
