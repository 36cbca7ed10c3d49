package oracletest

import (
	"bytes"
	"encoding/binary"
	"fmt"

	"inkan/core/jpki/oracle"
	"inkan/core/scp"
)

// group is a data group with its header.
func group(dgi uint16, value []byte) []byte {
	b := binary.BigEndian.AppendUint16(nil, dgi)
	if len(value) < 255 {
		b = append(b, byte(len(value)))
	} else {
		b = append(b, 0xFF, byte(len(value)>>8), byte(len(value)))
	}
	return append(b, value...)
}

// session opens one if there is none, of a good level mostly.
func (d *driver) session(c choice) {
	d.t.Helper()
	if d.host != nil && !c.one(12) {
		return
	}
	if d.over && !c.one(8) {
		d.media(false)
	}
	level := pick(c, scp.Level(0x11), 0x13, 0x33, 0x33, 0x33)
	if c.one(8) {
		level = pick(c, scp.Level(0x01), 0x03)
	}
	if c.one(2) {
		if c.one(40) {
			level = 0
		}
		d.openOwn(level)
	} else {
		d.openDomain(level)
	}
}

// groups sends data groups as one sequence of blocks, cut anywhere.
func (d *driver) groups(c choice, payload []byte) (last []byte, ok bool) {
	d.t.Helper()
	whole := payload
	d.session(c)
	d.name()
	number, bad := 0, c.one(16)
	for {
		n := min(len(payload), 239)
		if c.one(3) && n > 1 {
			n = 1 + c.n(n)
		}
		p1 := pick(c, byte(0x08), 0x09)
		if n == len(payload) && !c.one(12) {
			p1 |= 0x80
		}
		p2 := byte(number)
		if bad && c.one(3) {
			switch c.n(3) {
			case 0:
				p1 = byte(c.n(256))
			case 1:
				p2 = byte(c.n(256))
			case 2:
				p1 |= 0x80
			}
		}
		last, ok = d.store(p1, p2, payload[:n])
		if d.wasCut {
			return d.again(c, whole)
		}
		if !ok && d.host != nil && len(payload) > n && c.one(2) { // the sequence has ended
			d.name()
			last, ok = d.store(p1, byte(number+1), payload[n:min(len(payload), n+200)])
		}
		if !ok || d.host == nil {
			return last, false
		}
		payload = payload[n:]
		number++
		if len(payload) == 0 {
			return last, true
		}
		if c.one(40) {
			d.disturb(c)
		}
		d.name()
	}
}

// disturb does something between two blocks of a sequence that ends it, or does
// not.
func (d *driver) disturb(c choice) {
	d.t.Helper()
	switch c.n(5) {
	case 0: // a session anew, of the same kind
		if d.own {
			d.openOwn(0x33)
		} else {
			d.openDomain(0x33)
		}
	case 1: // of the other kind
		if d.own {
			d.openDomain(0x33)
		} else {
			d.openOwn(0x33)
		}
	case 2:
		d.forge(c)
		d.session(c)
	case 3:
		d.reset()
		d.session(c)
	case 4:
		if d.own {
			d.edge(c)
		}
		d.session(c)
	}
}

// drain reads the rest of an answer.
func (d *driver) drain(c choice, first []byte) {
	d.t.Helper()
	if len(first) < 2 {
		return
	}
	total := int(first[0])<<8 | int(first[1])
	for offset := len(first) - 2; offset < total; {
		part, ok := d.groups(c, group(0xB0FF, []byte{byte(offset >> 8), byte(offset)}))
		if !ok || len(part) <= 2 {
			return
		}
		offset += len(part) - 2
	}
}

// order is the value of an ORDER that fits the state, or nearly.
func (d *driver) order(c choice, purpose byte) []byte {
	m := d.model()
	form := m.Parameters().Form
	v := make([]byte, 138)
	v[0], v[1], v[3] = 1, purpose, form
	if purpose == 1 {
		v[2] = 2
		if c.one(6) {
			v[2] = 1
		}
	}
	if form == 3 && c.one(3) {
		v[3] = byte(1 + c.n(3))
	}
	copy(v[4:], c.bytes(16))
	copy(v[20:], "8981100012345678901\x00\x00")
	hash := loadedFile()
	copy(v[36:], hash[:])
	binary.BigEndian.PutUint32(v[68:], m.Highest()+1+uint32(c.n(3)))
	version := c.n(2)
	v[72] = byte(version + 1)
	copy(v[73:], contentKeys()[version].PublicKey().Bytes())
	if purpose == 2 && !c.one(5) {
		copy(v[72:], m.IssueCA())
	}
	if c.one(6) {
		d.spoil(c, v)
	}
	return v
}

// spoil breaks an order.
func (d *driver) spoil(c choice, v []byte) {
	switch c.n(8) {
	case 0:
		v[0] = byte(c.n(4))
	case 1:
		v[1] = byte(c.n(4))
	case 2:
		v[2] = byte(c.n(4))
	case 3:
		v[3] = byte(c.n(5))
	case 4:
		binary.BigEndian.PutUint32(v[68:], d.model().Highest()-uint32(c.n(2)))
	case 5:
		v[73+c.n(65)] ^= 1 << c.n(8)
	case 6:
		copy(v[73:], make([]byte, 65))
	case 7:
		v[73] = 2 + byte(c.n(2))
	}
}

// contents are the items of an envelope for the open issue; missing only is
// what it lacks, else any of them.
func (d *driver) contents(c choice, open *oracle.Open) []byte {
	m := d.model()
	has := m.Content()
	file := m.Parameters().FileBytes
	var b []byte
	for role := range byte(2) {
		if open.Order[3]>>role&1 == 0 {
			continue
		}
		of := role << 4
		wants := func(bit int) bool { return has>>(4*int(role)+bit)&1 == 0 && !c.one(8) || c.one(12) }
		if wants(1) {
			n := pick(c, 1, 300, min(700, file), min(1200, file), file)
			b = append(b, item(of|1, d.plant(append([]byte{0x30}, c.secret(n)...)[:n]))...)
		}
		if wants(2) {
			b = append(b, item(of|2, fmt.Appendf(nil, "20%02d0228145959Z", 30+c.n(60)))...)
		}
		if wants(3) {
			b = append(b, item(of|3, d.plant(pick(c, []byte("CODE-ALPHA-1"), []byte("CODE-BRAVO-2"), []byte("CODE-CHARLIE"))))...)
		}
		if open.Order[2] == 2 && wants(0) {
			for i, part := range pick(c, deliveredKeys()...) {
				b = append(b, item(of|4+byte(i), d.plant(part))...)
			}
		}
	}
	return b
}

// envelope is the value of an ENVELOPE for the open order, or one that is
// refused.
func (d *driver) envelope(c choice, open *oracle.Open) []byte {
	private := contentKeys()[0]
	if !bytes.Equal(private.PublicKey().Bytes(), open.Order[73:]) {
		private = contentKeys()[1]
	}
	s, err := newSealer(private, open.Order, open.Point, instanceAID)
	if err != nil {
		d.fail("the card's point: %v", err)
	}
	sequence, kind := open.Sequence+1, open.Order[1]
	var content []byte
	if kind == 2 {
		content = item(0x0A, open.Challenge)
		for role := range byte(2) {
			if open.Order[3]>>role&1 != 0 {
				content = append(content, item(role<<4|3, d.plant(pick(c, []byte("CODE-DELTA-4"), []byte("CODE-ECHO-05"))))...)
			}
		}
	} else {
		content = d.contents(c, open)
	}
	plain := padded(content)
	if !c.one(6) {
		d.lastEnvelope = s.seal(sequence, kind, plain)
		return d.lastEnvelope
	}
	switch c.n(7) {
	case 6: // a reset without a code, or not even the challenge
		if kind == 2 {
			return s.seal(sequence, kind, padded(content[:19*c.n(2)]))
		}
	case 0:
		v := s.seal(sequence, kind, plain)
		v[2+c.n(len(v)-2)] ^= 1 << c.n(8)
		return v
	case 1:
		return s.seal(byte(c.n(4)), kind, plain)
	case 2:
		return s.seal(sequence, byte(c.n(4)), plain)
	}
	return s.seal(sequence, kind, padded(d.malformed(c, content, open)))
}

// malformed is content that breaks its table in one of the ways that there are,
// or, at times, that does not.
func (d *driver) malformed(c choice, content []byte, open *oracle.Open) []byte {
	extra := [][]byte{item(0x03, make([]byte, 11)), item(0x02, make([]byte, 14)), item(0x09, make([]byte, 4)), item(0x21, make([]byte, 4)),
		item(0x01, make([]byte, d.model().Parameters().FileBytes+1)), item(0x01, nil), item(0x13, []byte("CODE-OF-SIGN")), item(0x0A, open.Challenge),
		item(0x04, make([]byte, 128)), item(0x18, make([]byte, 128)), {0x01}, {0x01, 0x00}, {0x01, 0x00, 0x10, 1, 2, 3},
		item(0x03, []byte("CODE-ALPHA-1")), item(0x80, nil), item(0xA0, nil)}
	content = bytes.Clone(content)
	switch c.n(5) {
	case 0:
		return append(content, content...)
	case 1:
		return append(pick(c, extra...), content...)
	case 2:
		if len(content) > 20 {
			return content[19:]
		}
	case 3: // a key without one of its parts
		if open.Order[2] == 2 {
			parts := deliveredKeys()[0]
			without := c.n(5)
			for i, part := range parts {
				if i != without {
					content = append(content, item(0x04+byte(i), part)...)
				}
			}
			return content
		}
	}
	return append(content, pick(c, extra...)...)
}
