package transport

// PCB of T=1 (ISO/IEC 7816-3:2006 §11.3.2.2).
const (
	pcbN    = 0x40 // I-block: N(S)
	pcbMore = 0x20 // I-block: more data follows
	pcbR    = 0x80 // R-block
	pcbRN   = 0x10 // R-block: N(R)
	pcbS    = 0xC0 // S-block

	pcbResponse = 0x20 // S-block: a response
	kindResynch = 0x00
	kindIFS     = 0x01
	kindAbort   = 0x02
	kindWTX     = 0x03

	rOK    = 0x00 // R-block: no error
	rCheck = 0x01 // R-block: check or parity error
	rOther = 0x02 // R-block: any other error
)

// Block is a block of T=1. Information is at most 254 bytes.
type Block struct {
	NAD, PCB    byte
	Information []byte
}

// IsI, IsR and IsS tell the three kinds of block apart.
func (b *Block) IsI() bool { return b.PCB&0x80 == 0 }

// IsR tells an R-block.
func (b *Block) IsR() bool { return b.PCB&0xC0 == pcbR }

// IsS tells an S-block.
func (b *Block) IsS() bool { return b.PCB&0xC0 == pcbS }

// more is the M bit of an I-block.
func (b *Block) more() bool { return b.PCB&pcbMore != 0 }

// number is N(S) of an I-block, N(R) of an R-block.
func (b *Block) number() byte {
	if b.IsI() {
		return b.PCB >> 6 & 1
	}
	return b.PCB >> 4 & 1
}

// wellFormed tells whether PCB and LEN go together, apart from numbers and
// expectations. Spec: SPEC-TRANSPORT-042.
func (b *Block) wellFormed() bool {
	n := len(b.Information)
	switch {
	case n > maxInformation:
		return false
	case b.IsI():
		return b.PCB&0x1F == 0
	case b.IsR():
		return n == 0 && b.PCB&0x2F <= rOther
	}
	switch b.PCB & 0x1F {
	case kindResynch, kindAbort:
		return n == 0
	case kindIFS:
		return n == 1 && b.Information[0] != 0 && b.Information[0] != 0xFF
	case kindWTX:
		return n == 1 && b.Information[0] != 0
	}
	return false
}

// AppendBlock appends NAD, PCB, LEN, information and check to dst. The check is
// one byte of LRC, or two of CRC. Spec: SPEC-TRANSPORT-040, SPEC-TRANSPORT-041.
func AppendBlock(dst []byte, b Block, crc bool) []byte {
	start := len(dst)
	dst = append(dst, b.NAD, b.PCB, byte(len(b.Information)))
	dst = append(dst, b.Information...)
	if crc {
		c := CRC(dst[start:])
		return append(dst, byte(c), byte(c>>8))
	}
	return append(dst, LRC(dst[start:]))
}

// LRC is the exclusive or of all bytes. Spec: SPEC-TRANSPORT-041.
func LRC(b []byte) byte {
	sum := byte(0)
	for _, c := range b {
		sum ^= c
	}
	return sum
}

// CRC is the frame check sequence of ISO/IEC 13239 with 16 bits: generator
// x^16+x^12+x^5+1, bits reflected, preset to ones, complemented; the low byte is
// sent first. Spec: SPEC-TRANSPORT-041.
func CRC(b []byte) uint16 {
	c := uint16(0xFFFF)
	for _, v := range b {
		c ^= uint16(v)
		for range 8 {
			if c&1 != 0 {
				c = c>>1 ^ 0x8408
			} else {
				c >>= 1
			}
		}
	}
	return ^c
}
