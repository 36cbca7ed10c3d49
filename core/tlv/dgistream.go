package tlv

import (
	"fmt"
	"strconv"

	"inkan/core/wire"
)

// DGIStream assembles data groupings that arrive in chunks, such as the blocks
// of STORE DATA, whose borders may fall anywhere. Its memory is bounded by the
// buffer it is given. Data groupings may hold keys: Reset wipes the buffer.
//
//	s.Feed(block)
//	for s.Next() {
//		use(s.DGI(), s.Value())
//	}
//	if err := s.Err(); err != nil { … }
type DGIStream struct {
	buf   []byte // data of the data grouping that spans chunks; its cap is the limit
	chunk []byte // rest of the present chunk, borrowed
	head  [5]byte
	nhead int
	need  int // length of the data once the header is complete
	inDGI bool
	off   int // bytes consumed from the whole stream
	start int
	dgi   uint16
	value []byte
	mode  Mode
	err   *wire.DecodeError
}

// NewDGIStream makes a stream whose data groupings have at most len(buf) bytes
// of data each. buf is the stream's own from then on.
func NewDGIStream(buf []byte, m Mode) *DGIStream {
	return &DGIStream{buf: buf[:0:len(buf)], mode: m}
}

// Feed hands over the next chunk. The stream borrows it until Next is false;
// a chunk that Next has not yet used up is a fault.
func (s *DGIStream) Feed(chunk []byte) {
	if len(s.chunk) > 0 {
		s.fail(&fault{want: "the last chunk used up", got: strconv.Itoa(len(s.chunk)) + " bytes left of it"}, "", s.off)
		return
	}
	s.chunk = chunk
}

// Next goes to the next data grouping that is complete; false when the chunk
// is used up or at a fault. Spec: SPEC-TLV-033, SPEC-TLV-034.
func (s *DGIStream) Next() bool {
	s.value = nil
	if s.err != nil || !s.inDGI && !s.header() {
		return false
	}
	missing := s.need - len(s.buf)
	if len(s.buf) == 0 && len(s.chunk) >= missing {
		s.value = s.chunk[:missing:missing] // whole in this chunk: no copy
		return s.complete(missing)
	}
	n := min(missing, len(s.chunk))
	s.buf = append(s.buf, s.chunk[:n]...)
	if n < missing {
		s.chunk = nil
		s.off += n
		return false
	}
	s.value = s.buf
	return s.complete(n)
}

// complete consumes the n last bytes of a data grouping.
func (s *DGIStream) complete(n int) bool {
	s.chunk = s.chunk[n:]
	s.off += n
	s.buf = s.buf[:0]
	s.inDGI = false
	return true
}

// header consumes identifier and length, as much of them as there is.
func (s *DGIStream) header() bool {
	for len(s.chunk) > 0 {
		if s.nhead == 0 {
			s.start = s.off
		}
		s.head[s.nhead] = s.chunk[0]
		s.nhead++
		s.chunk = s.chunk[1:]
		s.off++
		if s.nhead < 3 || s.head[2] == 0xFF && s.nhead < 5 {
			continue
		}
		dgi, _, n, f := parseDGIHeader(s.head[:s.nhead], s.mode)
		s.nhead = 0
		if f != nil {
			return s.fail(f, dgiPathOf(s.head[:]), s.start)
		}
		if n > cap(s.buf) {
			f := fault{offset: 2, want: "data of at most " + strconv.Itoa(cap(s.buf)) + " bytes", got: strconv.Itoa(n)}
			return s.fail(&f, dgiPath(dgi), s.start)
		}
		s.dgi, s.need, s.inDGI = dgi, n, true
		return true
	}
	return false
}

// DGI is the present data grouping's identifier.
func (s *DGIStream) DGI() uint16 { return s.dgi }

// Value is the present data grouping's data, valid until the next call of
// Next, Feed or Reset.
func (s *DGIStream) Value() []byte { return s.value }

// Offset is where the present data grouping begins in the whole stream.
func (s *DGIStream) Offset() int { return s.start }

// Pending reports whether the stream stands in the middle of a data grouping.
func (s *DGIStream) Pending() bool { return s.nhead > 0 || s.inDGI }

// Err is the first fault as a *wire.DecodeError, or nil.
func (s *DGIStream) Err() error {
	if s.err == nil {
		return nil
	}
	return s.err
}

// End is Err, and a fault when the stream stands in the middle of a data
// grouping: to be called after the last chunk. Spec: SPEC-TLV-035.
func (s *DGIStream) End() error {
	switch {
	case s.err != nil:
	case s.inDGI:
		left := s.need - len(s.buf)
		f := fault{want: strconv.Itoa(left) + " more bytes", got: "end of input"}
		s.fail(&f, dgiPath(s.dgi), s.off)
	case s.nhead > 0:
		s.fail(&fault{want: "the rest of DGI and length", got: "end of input"}, dgiPathOf(s.head[:s.nhead]), s.off)
	}
	return s.Err()
}

// Format prints how far the stream is, never what it holds, whatever the verb.
func (s *DGIStream) Format(f fmt.State, _ rune) { fmt.Fprintf(f, "DGIStream(%d bytes)", s.off) }

// Reset wipes the buffer and begins a new stream.
func (s *DGIStream) Reset() {
	buf := s.buf[:cap(s.buf)]
	clear(buf)
	*s = DGIStream{buf: buf[:0:len(buf)], mode: s.mode}
}

func (s *DGIStream) fail(f *fault, path string, offset int) bool {
	if s.err == nil {
		s.err = f.decodeError(formatDGI, path, offset)
	}
	return false
}
