package scp80

import (
	"fmt"
	"strconv"

	"inkan/core/wire"
)

// A command and a response packet have one shape (ETSI TS 102 225 §5.1, §5.2):
//
//	length(2) header length(1) clear header | CNTR(5) PCNTR(1) [status(1)] check data padding
//
// and what is right of the bar is encrypted when the packet is ciphered.
type shape struct {
	format      string // for errors
	lengthName  string
	headerName  string
	clear       int    // bytes of the clear header
	tail        int    // bytes from CNTR to before the check
	checkPrefix []byte // what the bearer adds in front for the check
}

const (
	commandClear  = 7 // SPI(2) KIc KID TAR(3)
	responseClear = 3 // TAR(3)
	counterTail   = counterSize + 1
	lengthSize    = 2
	headLen       = lengthSize + 1
	maxLength     = 0xFFFF
)

// The SMS binding: the check of a response also covers its user data header
// 02 71 00, that of a command only the packet. Spec: SPEC-SCP80-016.
var (
	commandShape  = shape{format: "command packet", lengthName: "CPL", headerName: "CHL", clear: commandClear, tail: counterTail}
	responseShape = shape{
		format: "response packet", lengthName: "RPL", headerName: "RHL", clear: responseClear, tail: counterTail + 1,
		checkPrefix: []byte{0x02, 0x71, 0x00},
	}
)

// sealing is what appendPacket needs beside the data.
type sealing struct {
	header  [commandClear]byte // the first shape.clear bytes count
	counter uint64
	status  Status       // response only
	check   *check       // never nil
	cipher  *blockCipher // nil: not ciphered
}

// append appends a packet. Spec: SPEC-SCP80-001, SPEC-SCP80-002,
// SPEC-SCP80-005, SPEC-SCP80-006, SPEC-SCP80-007, SPEC-SCP80-018.
func (s *shape) append(dst []byte, in *sealing, data []byte) ([]byte, error) {
	inner, padding := s.tail+in.check.size+len(data), 0
	if in.cipher != nil {
		padding = (in.cipher.size - inner%in.cipher.size) % in.cipher.size
	}
	length := 1 + s.clear + inner + padding
	if length > maxLength {
		return dst, fmt.Errorf("scp80: a %s of %d bytes, at most %d", s.format, length, maxLength)
	}
	start := len(dst)
	dst = append(dst, byte(length>>8), byte(length), byte(s.clear+s.tail+in.check.size))
	dst = append(dst, in.header[:s.clear]...)
	secret := len(dst)
	dst = append(appendCounter(dst, in.counter), byte(padding))
	if s.tail > counterTail {
		dst = append(dst, byte(in.status))
	}
	field := len(dst)
	dst = append(dst, zeros[:in.check.size]...)
	body := len(dst)
	dst = append(append(dst, data...), zeros[:padding]...)
	in.check.put(dst[field:body], s.checkPrefix, dst[start:secret], dst[secret:field], dst[body:])
	if in.cipher != nil {
		in.cipher.encrypt(dst[secret:])
	}
	return dst, nil
}

// frame is a packet taken apart as far as that goes without keys.
type frame struct {
	head      []byte // lengths and clear header
	secret    []byte // from CNTR on
	checkSize int
}

// decode checks the lengths. Errors are *wire.DecodeError.
// Spec: SPEC-SCP80-020, SPEC-SCP80-021, SPEC-SCP80-022.
func (s *shape) decode(packet []byte) (frame, error) {
	r := wire.NewReader(s.format, packet)
	length := int(r.Uint16(s.lengthName))
	if r.Err() == nil && length != r.Len() {
		r.FailAt(0, s.lengthName, strconv.Itoa(r.Len()), strconv.Itoa(length))
	}
	header := int(r.Byte(s.headerName))
	least := s.clear + s.tail
	switch {
	case r.Err() != nil:
	case header < least:
		r.FailAt(lengthSize, s.headerName, "at least "+strconv.Itoa(least), strconv.Itoa(header))
	case header > r.Len():
		r.FailAt(lengthSize, s.headerName, "at most "+strconv.Itoa(r.Len()), strconv.Itoa(header))
	}
	r.Bytes(s.clear, "header")
	f := frame{secret: r.Rest(), checkSize: header - least}
	if r.Err() != nil {
		return frame{}, r.Err()
	}
	f.head = packet[:headLen+s.clear]
	return f, nil
}

// opened is the inside of a packet. The slices are in the buffer that open
// wrote to.
type opened struct {
	counter uint64
	padding int
	status  Status
	data    []byte
}

// open appends the decrypted inside of f to dst and verifies the check. The
// status is StatusOK, StatusCipheringError, StatusCheckFailed or, after the
// check, StatusSecurityError for a PCNTR that cannot be; out is dst with what
// was written, to be cut or cleared by the caller.
// Spec: SPEC-SCP80-023, SPEC-SCP80-024, SPEC-SCP80-025.
func (s *shape) open(dst []byte, f *frame, chk *check, c *blockCipher) (out []byte, in opened, status Status) {
	if c != nil && (len(f.secret) == 0 || len(f.secret)%c.size != 0) {
		return dst, opened{}, StatusCipheringError
	}
	mark := len(dst)
	out = append(dst, f.secret...)
	plain := out[mark:]
	if c != nil {
		c.decrypt(plain)
	}
	body := s.tail + f.checkSize
	in = opened{counter: counterValue(plain), padding: int(plain[counterSize]), data: plain[body:]}
	if s.tail > counterTail {
		in.status = Status(plain[counterTail])
	}
	if chk.size != f.checkSize || !s.verify(chk, f, plain) {
		return out, in, StatusCheckFailed
	}
	if in.padding > len(in.data) {
		return out, in, StatusSecurityError
	}
	in.data = in.data[:len(in.data)-in.padding]
	return out, in, StatusOK
}

// verify checks RC or CC over everything but the field itself. The clear
// header and the decrypted part do not lie side by side, so they are two parts.
func (s *shape) verify(chk *check, f *frame, plain []byte) bool {
	if chk.size == 0 {
		return true
	}
	field, body := plain[s.tail:s.tail+chk.size], plain[s.tail+chk.size:]
	return chk.verify(field, s.checkPrefix, f.head, plain[:s.tail], body)
}

// MaxData is the most secured data, in bytes, of a command packet of at most so many
// bytes that is ciphered in blocks of 8 or 16 bytes and has a checksum of 8.
// Spec: SPEC-OTA-007.
func MaxData(packetBytes, blockBytes int) int {
	const clearBytes, ciphered = headLen + commandClear, counterTail + 8
	return (packetBytes-clearBytes)/blockBytes*blockBytes - ciphered
}
