package gp

import (
	"strconv"

	"inkan/core/iso7816"
	"inkan/core/tlv"
	"inkan/core/wire"
)

// LoadFileSink takes what a LoadFileReader finds, in the order of the load
// file. Slices are borrowed for the call. An error ends the loading and comes
// out of Load as it is.
type LoadFileSink interface {
	// DAP is a signature; it comes before the content that it signs.
	DAP(d DAPBlock) error
	// ICV is the initial value of the ciphered block that follows.
	ICV(icv []byte) error
	// Begin announces the content: in clear (C4) or ciphered (D4), so many
	// bytes. It is called once.
	Begin(ciphered bool, sizeBytes int) error
	// Content is the next part of the content, never empty.
	Content(chunk []byte) error
}

// Bounds of what a LoadFileReader keeps of a load file at any time.
const (
	maxDAPBlockLen = 2 + MaxAIDLen + 4 + 1024 // value of E2: 4F and a signature of up to 1024 bytes
	maxICVLen      = 16
)

// LoadFileReader takes a load file apart as its LOAD commands arrive. It never
// holds more of it than one DAP block; nothing is allocated after
// NewLoadFileReader. The first error sticks: the load file is abandoned. Not
// for concurrent use. Spec: SPEC-GP-CONTENT-010.
type LoadFileReader struct {
	sink   LoadFileSink
	err    error
	next   byte // P2 of the next block
	last   bool // the last block has come
	offset int  // bytes of the load file taken

	header  [5]byte // tag, and the length as far as it has come
	headers int     // bytes of header in use
	tag     tlv.Tag // object whose value is being taken; 0 in a header
	left    int     // bytes of that value to come
	begun   bool    // Begin was called
	icv     bool    // D3 was there: only D4 may follow
	done    bool    // the content is complete
	small   []byte  // the value of E2 or D3 as far as it has come
}

// NewLoadFileReader makes a reader at the start of a load file.
func NewLoadFileReader(sink LoadFileSink) *LoadFileReader {
	return &LoadFileReader{sink: sink, small: make([]byte, 0, maxDAPBlockLen)}
}

// Load takes the next LOAD command: its P1, P2 and plain data field. Errors
// are *wire.DecodeError (StatusOf tells the status word), 6985 for a command
// after the last one, or the sink's own.
// Spec: SPEC-GP-CONTENT-005, SPEC-GP-CONTENT-006, SPEC-GP-CONTENT-007, SPEC-GP-CONTENT-008, SPEC-GP-CONTENT-009.
func (r *LoadFileReader) Load(p1, p2 byte, data []byte) error {
	if r.err != nil {
		return r.err
	}
	switch {
	case r.last:
		return r.fail(iso7816.ConditionsNotSatisfied)
	case p1&^0x80 != 0:
		return r.fail(&wire.DecodeError{Format: "LOAD", Path: "P1", Offset: 2, Want: "00 or 80", Got: hexByte(p1)})
	case p2 != r.next:
		return r.fail(&wire.DecodeError{Format: "LOAD", Path: "P2", Offset: 3, Want: "block number " + hexByte(r.next), Got: hexByte(p2)})
	case len(data) == 0:
		return r.fail(&wire.DecodeError{Format: "LOAD", Path: "Lc", Offset: 4, Want: "a data field", Got: "none"})
	}
	r.next++
	r.last = p1 == 0x80
	if err := r.feed(data); err != nil {
		return err
	}
	if r.last {
		return r.end()
	}
	return nil
}

// Add is Load with a decoded command.
func (r *LoadFileReader) Add(l *Load) error {
	p1 := byte(0x00)
	if l.Last {
		p1 = 0x80
	}
	return r.Load(p1, l.Number, l.Data)
}

// Done reports whether the last block has come and the file was complete.
func (r *LoadFileReader) Done() bool { return r.last && r.err == nil }

// Err is the error that ended the loading, or nil.
func (r *LoadFileReader) Err() error { return r.err }

func (r *LoadFileReader) fail(err error) error {
	if r.err == nil {
		r.err = err
	}
	return r.err
}

func (r *LoadFileReader) malformed(offset int, path, want, got string) error {
	return r.fail(&wire.DecodeError{Format: formatLoadFile, Path: path, Offset: offset, Want: want, Got: got})
}

// end checks that nothing is missing.
func (r *LoadFileReader) end() error {
	switch {
	case r.done:
		return nil
	case r.tag != 0:
		return r.malformed(r.offset, r.tag.String(), strconv.Itoa(r.left)+" more bytes", "end of the load file")
	case r.headers > 0:
		return r.malformed(r.offset, tlv.Tag(r.header[0]).String(), "a length", "end of the load file")
	}
	return r.malformed(r.offset, "", "tag C4 or D4", "end of the load file")
}

// feed takes the next bytes of the load file, wherever they are cut.
func (r *LoadFileReader) feed(b []byte) error {
	for len(b) > 0 && r.err == nil {
		if r.tag == 0 {
			r.takeHeader(b[0])
			b = b[1:]
			continue
		}
		k := min(r.left, len(b))
		r.takeValue(b[:k])
		b = b[k:]
	}
	return r.err
}

// takeHeader takes one byte of tag or length.
func (r *LoadFileReader) takeHeader(c byte) {
	at := r.offset
	r.offset++
	if r.headers == 0 {
		if want := r.refuses(tlv.Tag(c)); want != "" {
			r.malformed(at, "", want, hexByte(c))
			return
		}
		r.header[0], r.headers = c, 1
		return
	}
	tag := tlv.Tag(r.header[0])
	if r.headers == 1 && c >= 0x80 && (c == 0x80 || c > 0x83) {
		r.malformed(at, tag.String(), "a length of 00 to 7F, 81, 82 or 83", hexByte(c))
		return
	}
	r.header[r.headers] = c
	r.headers++
	size := int(r.header[1])
	if size >= 0x80 {
		if r.headers < 2+size&0x7F {
			return
		}
		size = 0
		for _, d := range r.header[2:r.headers] {
			size = size<<8 | int(d)
		}
	}
	r.headers = 0
	r.begin(tag, size, at)
}

// refuses tells what is wanted instead of tag here, or "". Objects come in the
// order E2…, D3, and then C4 or D4 at the end.
func (r *LoadFileReader) refuses(tag tlv.Tag) string {
	switch {
	case r.done:
		return "end of the load file"
	case r.icv && tag != TagCipheredLoadFileBlock:
		return "tag D4"
	case tag != TagDAPBlock && tag != TagLoadFileDataBlock && tag != TagLoadFileICV && tag != TagCipheredLoadFileBlock:
		return "tag E2, C4, D3 or D4"
	}
	return ""
}

// begin opens the value of an object.
func (r *LoadFileReader) begin(tag tlv.Tag, size, at int) {
	max := 0
	switch tag {
	case TagDAPBlock:
		max = maxDAPBlockLen
	case TagLoadFileICV:
		max, r.icv = maxICVLen, true
	default:
		r.begun = true
	}
	switch {
	case size == 0:
		r.malformed(at, tag.String(), "a value", "none")
		return
	case max > 0 && size > max:
		r.malformed(at, tag.String(), "at most "+strconv.Itoa(max)+" bytes", strconv.Itoa(size))
		return
	}
	r.tag, r.left, r.small = tag, size, r.small[:0]
	if r.begun {
		if err := r.sink.Begin(tag == TagCipheredLoadFileBlock, size); err != nil {
			r.fail(err)
		}
	}
}

// takeValue takes the next bytes of the open value, never more than are left.
func (r *LoadFileReader) takeValue(b []byte) {
	r.offset += len(b)
	r.left -= len(b)
	if r.begun {
		if err := r.sink.Content(b); err != nil {
			r.fail(err)
			return
		}
		if r.left == 0 {
			r.tag, r.done = 0, true
		}
		return
	}
	r.small = append(r.small, b...)
	if r.left > 0 {
		return
	}
	tag := r.tag
	r.tag = 0
	var err error
	if tag == TagLoadFileICV {
		err = r.sink.ICV(r.small)
	} else {
		var d DAPBlock
		if d, err = decodeDAPBlock(r.small, r.offset-len(r.small)); err == nil {
			err = r.sink.DAP(d)
		}
	}
	if err != nil {
		r.fail(err)
	}
}
