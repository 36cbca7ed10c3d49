package sms

import (
	"bytes"
	"fmt"
	"strconv"

	"inkan/core/wire"
)

// ReassemblerConfig bounds a Reassembler; all its memory is taken at the start.
type ReassemblerConfig struct {
	Sets  int // concatenated messages under way together; at least 1
	Parts int // parts per message, 1 to MaxParts
	// Age is after how many further short messages an incomplete message that
	// has got no part is given up; 0: only when its place is needed. There is
	// no clock: a card has none.
	Age uint64
}

// Reassembler puts concatenated messages together, in any order of parts and
// with several messages interleaved. A message is known by originator, form
// and value of the reference, and total. Not for concurrent use; Add does not
// allocate.
type Reassembler struct {
	cfg  ReassemblerConfig
	sets []partial
	out  []byte
	now  uint64 // short messages so far
}

// partial is a message of which parts are missing.
type partial struct {
	used   bool
	origin Address
	concat Concat // Sequence 0
	have   int
	last   uint64  // when the last new part came
	length []int16 // of each part's user data, -1: missing
	data   []byte  // MaxReportUserData bytes for each part
}

// NewReassembler takes the memory: Sets × Parts × 159 bytes, and as much once
// more for one complete message.
func NewReassembler(cfg ReassemblerConfig) (*Reassembler, error) {
	if cfg.Sets < 1 || cfg.Parts < 1 || cfg.Parts > MaxParts {
		return nil, fmt.Errorf("sms: a reassembler of %d sets and %d parts", cfg.Sets, cfg.Parts)
	}
	r := &Reassembler{cfg: cfg, sets: make([]partial, cfg.Sets), out: make([]byte, 0, cfg.Parts*MaxReportUserData)}
	for i := range r.sets {
		r.sets[i].length = make([]int16, cfg.Parts)
		r.sets[i].data = make([]byte, cfg.Parts*MaxReportUserData)
	}
	return r, nil
}

// Pending is the number of incomplete messages.
func (r *Reassembler) Pending() int {
	n := 0
	for i := range r.sets {
		if r.sets[i].used {
			n++
		}
	}
	return n
}

// Add takes the user data, header included, of one short message. It returns
// the whole user data once every part is there: the first part's header
// without the concatenation element, and the bodies in order. An unconcatenated
// message comes back as it is. The result is borrowed until the next Add.
//
// A part that is there already is ignored; one with other content is refused
// with a *wire.DecodeError, and what was there stays. Spec: SPEC-SMS-030 to
// SPEC-SMS-037.
func (r *Reassembler) Add(origin Address, ud []byte) (message []byte, done bool, err error) {
	h, _, err := DecodeUserData(ud)
	if err != nil {
		return nil, false, err
	}
	r.now++
	r.expire()
	c, ok := h.Concat()
	if !ok {
		return ud, true, nil
	}
	if err := r.fits(c, len(ud)); err != nil {
		return nil, false, err
	}
	s := r.set(origin, c)
	if err := s.put(int(c.Sequence)-1, ud, r.now); err != nil {
		return nil, false, err
	}
	if s.have < int(c.Total) {
		return nil, false, nil
	}
	r.out = s.join(r.out[:0])
	s.used = false
	return r.out, true, nil
}

// fits refuses what there is no room for. Spec: SPEC-SMS-036, SPEC-SMS-037.
func (r *Reassembler) fits(c Concat, octets int) error {
	const format = "SMS concatenation"
	switch {
	case int(c.Total) > r.cfg.Parts:
		return &wire.DecodeError{Format: format, Path: "total", Offset: 1, Want: "at most " + strconv.Itoa(r.cfg.Parts) + " parts", Got: strconv.Itoa(int(c.Total))}
	case octets > MaxReportUserData:
		return &wire.DecodeError{Format: format, Path: "user data", Offset: MaxReportUserData, Want: "at most " + strconv.Itoa(MaxReportUserData) + " octets", Got: strconv.Itoa(octets)}
	}
	return nil
}

// expire gives up messages that have waited too long. Spec: SPEC-SMS-035.
func (r *Reassembler) expire() {
	for i := range r.sets {
		if s := &r.sets[i]; s.used && r.cfg.Age > 0 && r.now-s.last > r.cfg.Age {
			s.used = false
		}
	}
}

// set finds the message, or a free place for it, or gives up the one that has
// waited longest. Spec: SPEC-SMS-033, SPEC-SMS-034.
func (r *Reassembler) set(origin Address, c Concat) *partial {
	c.Sequence = 0
	oldest := &r.sets[0]
	for i := range r.sets {
		s := &r.sets[i]
		if s.used && s.origin == origin && s.concat == c {
			return s
		}
		if oldest.used && (!s.used || s.last < oldest.last) {
			oldest = s
		}
	}
	oldest.used, oldest.origin, oldest.concat, oldest.have = true, origin, c, 0
	for i := range oldest.length {
		oldest.length[i] = -1
	}
	return oldest
}

// put keeps part i. Spec: SPEC-SMS-031, SPEC-SMS-032.
func (p *partial) put(i int, ud []byte, now uint64) error {
	slot := p.data[i*MaxReportUserData:]
	if n := p.length[i]; n >= 0 {
		if !bytes.Equal(slot[:n], ud) {
			return &wire.DecodeError{Format: "SMS concatenation", Path: "part", Offset: i, Want: "the same content as before", Got: "other content"}
		}
		return nil
	}
	p.length[i] = int16(copy(slot, ud))
	p.have++
	p.last = now
	return nil
}

func (p *partial) part(i int) []byte {
	return p.data[i*MaxReportUserData:][:p.length[i]]
}

// join appends the whole message. Spec: SPEC-SMS-030.
func (p *partial) join(dst []byte) []byte {
	mark := len(dst)
	dst = append(dst, 0)
	for i := range int(p.concat.Total) {
		ud := p.part(i)
		if i == 0 {
			for e, rest, ok := Header(ud[1 : 1+ud[0]]).Next(); ok; e, rest, ok = rest.Next() {
				if _, concat := concatElement(e); !concat {
					dst = Header(dst).AppendElement(e.ID, e.Data)
				}
			}
			dst[mark] = byte(len(dst) - mark - 1)
		}
		dst = append(dst, ud[1+ud[0]:]...)
	}
	return dst
}
