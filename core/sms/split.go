package sms

import "fmt"

// MaxParts is the most parts of a concatenated message.
const MaxParts = 255

// Splitter cuts a secured packet into the user data of as many short messages
// as it needs. The identifier of the packet stands in the first part only
// (3GPP TS 31.115 §4.3); one short message needs no concatenation. Nothing is
// copied before Append.
type Splitter struct {
	packet    []byte
	id        IEI
	reference uint16
	wide      bool
	limit     int
	parts     int
}

// NewSplitter prepares to cut packet, which is identified by id (CPI or RPI).
// limit is the most octets of user data per part: MaxUserData for SMS-DELIVER
// and SMS-SUBMIT. The reference has to differ between messages of one sender
// that are under way together. Spec: SPEC-SMS-022, SPEC-SMS-023, SPEC-SMS-024.
func NewSplitter(packet []byte, id IEI, reference uint16, wide bool, limit int) (Splitter, error) {
	s := Splitter{packet: packet, id: id, reference: reference, wide: wide, limit: limit, parts: 1}
	if limit < s.concatSize()+3 || limit > MaxReportUserData {
		return Splitter{}, fmt.Errorf("sms: %d octets of user data per part are not usable", limit)
	}
	if len(packet) <= limit-3 {
		return s, nil
	}
	later := limit - s.concatSize()
	s.parts = 1 + (len(packet)-s.firstSize()+later-1)/later
	if s.parts > MaxParts {
		return Splitter{}, fmt.Errorf("sms: a packet of %d bytes needs %d parts, at most %d", len(packet), s.parts, MaxParts)
	}
	return s, nil
}

// concatSize is the size of a header with the concatenation element alone.
func (s *Splitter) concatSize() int {
	if s.wide {
		return 7
	}
	return 6
}

func (s *Splitter) firstSize() int { return s.limit - s.concatSize() - 2 }

// Parts is the number of short messages.
func (s *Splitter) Parts() int { return s.parts }

// Append appends the user data, header included, of part i, counted from 0.
func (s *Splitter) Append(dst []byte, i int) []byte {
	if i < 0 || i >= s.parts {
		panic("sms: Splitter.Append: no such part")
	}
	if s.parts == 1 {
		return append(append(dst, 2, byte(s.id), 0), s.packet...)
	}
	mark := len(dst)
	h := Concat{Reference: s.reference, Wide: s.wide, Total: byte(s.parts), Sequence: byte(i + 1)}.Append(Header(append(dst, 0)))
	from, to := 0, s.firstSize()
	if i == 0 {
		h = append(h, byte(s.id), 0)
	} else {
		later := s.limit - s.concatSize()
		from = to + (i-1)*later
		to = min(from+later, len(s.packet))
	}
	h[mark] = byte(len(h) - mark - 1)
	return append(h, s.packet[from:to]...)
}

// MaxPacket is the longest packet, in bytes, that fits so many messages with the
// secured-packet header in the first and references of one byte.
// Spec: SPEC-OTA-007.
func MaxPacket(parts int) int {
	const one, later, first = MaxUserData - 3, MaxUserData - 6, MaxUserData - 8
	if parts <= 1 {
		return one
	}
	return first + (parts-1)*later
}
