package scp80

import "crypto/subtle"

// check computes the RC/CC field of a packet. The zero check is no field.
type check struct {
	size  int // bytes of the field
	crc   Algorithm
	mac   *checksum // nil: a redundancy check
	width [8]byte   // result under comparison
	full  [16]byte  // untruncated MAC
}

// useNone, useCRC and useMAC choose the computation.
func (c *check) useNone() { c.size, c.mac = 0, nil }

func (c *check) useCRC(a Algorithm) bool {
	c.mac, c.crc = nil, a
	switch a {
	case CRC16:
		c.size = 2
	case CRC32:
		c.size = 4
	default:
		return false
	}
	return true
}

func (c *check) useMAC(m *checksum) bool {
	c.mac, c.size = m, m.size
	return m.size > 0
}

// put writes the field over prefix, head, tail and body into field, whose
// length is c.size. Spec: SPEC-SCP80-013, SPEC-SCP80-014, SPEC-SCP80-015,
// SPEC-SCP80-016.
func (c *check) put(field, prefix, head, tail, body []byte) {
	switch {
	case c.size == 0:
	case c.mac != nil:
		m := c.mac.machine
		m.Reset()
		m.Write(prefix)
		m.Write(head)
		m.Write(tail)
		m.Write(body)
		copy(field, m.Append(c.full[:0]))
		clear(c.full[:])
	case c.crc == CRC16:
		v := crc16(crc16(crc16(crc16(0, prefix), head), tail), body)
		field[0], field[1] = byte(v>>8), byte(v)
	default:
		v := crc(crc(crc(crc(0, prefix), head), tail), body)
		field[0], field[1], field[2], field[3] = byte(v>>24), byte(v>>16), byte(v>>8), byte(v)
	}
}

// verify compares the field in constant time. Spec: SPEC-SCP80-017.
func (c *check) verify(field, prefix, head, tail, body []byte) bool {
	want := c.width[:c.size]
	c.put(want, prefix, head, tail, body)
	ok := subtle.ConstantTimeCompare(want, field) == 1
	clear(c.width[:])
	return ok
}
