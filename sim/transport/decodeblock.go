package transport

import (
	"fmt"

	"inkan/core/wire"
)

// checkBytes is the length of a block's check.
func checkBytes(crc bool) int {
	if crc {
		return 2
	}
	return 1
}

// DecodeBlock reads a whole block. Errors are *wire.DecodeError with format "T=1
// block". Information is borrowed. Spec: SPEC-TRANSPORT-040, SPEC-TRANSPORT-041,
// SPEC-TRANSPORT-042.
func DecodeBlock(raw []byte, crc bool) (Block, error) {
	r := wire.NewReader("T=1 block", raw)
	b := Block{NAD: r.Byte("NAD"), PCB: r.Byte("PCB")}
	n := int(r.Byte("LEN"))
	if r.Err() == nil && n == 0xFF {
		r.FailAt(2, "LEN", "at most 254", "255")
	}
	b.Information = r.Bytes(n, "INF")
	at := r.Offset()
	r.Bytes(checkBytes(crc), "check")
	if err := r.End(); err != nil {
		return Block{}, err
	}
	if !checks(raw, crc) {
		r.FailAt(at, "check", "that of the block", "another")
		return Block{}, r.Err()
	}
	if !b.wellFormed() || b.NAD&0x88 != 0 {
		r.FailAt(1, "PCB", "a block of T=1", fmt.Sprintf("PCB %02X with LEN %d, NAD %02X", b.PCB, n, b.NAD))
		return Block{}, r.Err()
	}
	return b, nil
}

// checks tells whether the check of a whole block is right.
func checks(raw []byte, crc bool) bool {
	if !crc {
		return LRC(raw) == 0
	}
	body := raw[:len(raw)-2]
	c := CRC(body)
	return raw[len(raw)-2] == byte(c) && raw[len(raw)-1] == byte(c>>8)
}
