package engine

import "inkan/sim/clock"

// ChecksumEngine is CRC by table on the CPU, cause Native.
type ChecksumEngine struct {
	Byte uint64 // one byte
}

// CRC16 goes on with a CRC of ISO/IEC 3309 of 16 bits: polynomial 1021,
// reflected, result complemented by the caller.
func (g *Engines) CRC16(crc uint16, b []byte) uint16 {
	g.Clock.Advance(clock.Native, uint64(len(b))*g.Chip.Checksum.Byte)
	for _, c := range b {
		crc ^= uint16(c)
		for range 8 {
			crc = crc>>1 ^ 0x8408&-(crc&1)
		}
	}
	return crc
}

// CRC32 goes on with a CRC of ISO/IEC 3309 of 32 bits: polynomial 04C11DB7,
// reflected, result complemented by the caller.
func (g *Engines) CRC32(crc uint32, b []byte) uint32 {
	g.Clock.Advance(clock.Native, uint64(len(b))*g.Chip.Checksum.Byte)
	for _, c := range b {
		crc ^= uint32(c)
		for range 8 {
			crc = crc>>1 ^ 0xEDB88320&-(crc&1)
		}
	}
	return crc
}
