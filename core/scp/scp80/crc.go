package scp80

import "hash/crc32"

// crc16 continues the 16-bit FCS of ISO/IEC 13239: polynomial
// x16+x12+x5+1, least significant bit first, preset to ones (^0 for the first
// call), complemented at the end. The CRC of 01 02 03 04 05 is 22 EC
// (ETSI TS 102 225 §5.1.3.2). Spec: SPEC-SCP80-014.
func crc16(crc uint16, p []byte) uint16 {
	crc = ^crc
	for _, b := range p {
		crc ^= uint16(b)
		for range 8 {
			crc = crc>>1 ^ 0x8408&-(crc&1)
		}
	}
	return ^crc
}

// crc continues the 32-bit FCS of ISO/IEC 13239, which is the CRC of
// IEEE 802.3. The CRC of 01 02 03 04 05 is 47 0B 99 F4. Spec: SPEC-SCP80-015.
func crc(crc uint32, p []byte) uint32 { return crc32.Update(crc, crc32.IEEETable, p) }
