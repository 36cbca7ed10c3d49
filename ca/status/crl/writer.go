package crl

import (
	"crypto/sha256"
	"fmt"
	"hash"
	"io"
	"time"

	"inkan/ca/status"
	"inkan/ca/status/der"
	"inkan/core/jpki/certificate"
)

// Entries walks over the entries of a list, ascending by serial number, and ends
// with the first error of each. Every walk gives the same.
type Entries func(each func(serial uint64, since time.Time, reason certificate.Reason) error) error

// DefaultBuffer is a Writer's buffer in bytes: lists up to some 3,500 entries
// need one walk, longer ones two.
const DefaultBuffer = 128 << 10

// Writer writes lists. Its memory is one buffer, whatever the length of a list.
// Not for concurrent use.
type Writer struct {
	buffer []byte
	hash   hash.Hash
	out    io.Writer
	digest [sha256.Size]byte

	// of the list being written
	serial uint64
	limit  time.Time
	count  int
	size   int64
	spill  bool // buffer has been too small: only count
	flush  bool // write and hash the buffer whenever it is full
}

// NewWriter makes a writer with a buffer of so many bytes, at least 4 KiB.
func NewWriter(buffer int) *Writer {
	return &Writer{buffer: make([]byte, 0, max(buffer, 4<<10)), hash: sha256.New()}
}

// Summary is what came of writing a list.
type Summary struct {
	Entries int
	Bytes   int64
}

// Write writes the list, signed. The entries are walked over once to learn their
// length, which stands before them in DER, and a second time to write them if
// they did not fit into the buffer. When it fails, what has been written is no
// list. Spec: SPEC-STATUS-019, SPEC-STATUS-020.
func (w *Writer) Write(out io.Writer, l *List, entries Entries) (Summary, error) {
	if err := l.check(); err != nil {
		return Summary{}, err
	}
	signatureSize, err := status.SignatureSize(l.Issuer.Signer)
	if err != nil {
		return Summary{}, err
	}
	head := l.appendHead(make([]byte, 0, 512))
	tail, err := l.appendExtensions(make([]byte, 0, 512))
	if err != nil {
		return Summary{}, err
	}
	if err := w.walk(l, entries); err != nil {
		return Summary{}, err
	}
	size, count := w.size, w.count
	if count > 0 { // the field is absent from an empty list
		head = der.AppendHeader(head, 0x30, size)
	}
	tbs := int64(len(head)) + size + int64(len(tail))
	signature := der.AppendHeader([]byte(der.SHA256WithRSA), 0x03, int64(signatureSize)+1)
	signature = append(signature, 0)
	content := der.HeaderSize(tbs) + tbs + int64(len(signature)+signatureSize)

	w.out = out
	w.hash.Reset()
	if _, err := out.Write(der.AppendHeader(nil, 0x30, content)); err != nil {
		return Summary{}, err
	}
	if err := w.emit(append(der.AppendHeader(make([]byte, 0, 512), 0x30, tbs), head...)); err != nil {
		return Summary{}, err
	}
	if err := w.entries(l, entries, size, count); err != nil {
		return Summary{}, err
	}
	if err := w.emit(tail); err != nil {
		return Summary{}, err
	}
	w.hash.Sum(w.digest[:0])
	value, err := status.Sign(l.Issuer.Signer, &w.digest)
	if err != nil {
		return Summary{}, err
	}
	_, err = out.Write(append(signature, value...))
	return Summary{count, der.HeaderSize(content) + content}, err
}

// walk is the first pass: the entries' length, and the entries themselves as long
// as the buffer holds them.
func (w *Writer) walk(l *List, entries Entries) error {
	w.start(l)
	return entries(w.add)
}

func (w *Writer) start(l *List) {
	w.buffer, w.serial, w.limit, w.count, w.size = w.buffer[:0], 0, l.ThisUpdate, 0, 0
	w.spill, w.flush = false, false
}

// entries writes the entries: from the buffer, or by the second pass.
func (w *Writer) entries(l *List, entries Entries, size int64, count int) error {
	if w.spill {
		w.start(l)
		w.flush = true
		if err := entries(w.add); err != nil {
			return err
		}
		if w.size != size || w.count != count {
			return fmt.Errorf("crl: list of %q: the second walk over the snapshot gave %d entries of %d bytes, the first %d of %d", l.Partition, w.count, w.size, count, size)
		}
	}
	return w.emit(w.buffer)
}

// add takes one entry in either pass.
func (w *Writer) add(serial uint64, since time.Time, reason certificate.Reason) error {
	if err := entryFault(serial, w.serial, since, w.limit, reason); err != nil {
		return err
	}
	if cap(w.buffer)-len(w.buffer) < maxEntry || w.spill {
		if w.flush {
			if err := w.emit(w.buffer); err != nil {
				return err
			}
		} else {
			w.spill = true
		}
		w.buffer = w.buffer[:0]
	}
	before := len(w.buffer)
	w.buffer = appendEntry(w.buffer, serial, since, reason)
	w.serial, w.count, w.size = serial, w.count+1, w.size+int64(len(w.buffer)-before)
	return nil
}

// emit writes and hashes bytes of the to-be-signed part.
func (w *Writer) emit(b []byte) error {
	w.hash.Write(b)
	_, err := w.out.Write(b)
	return err
}
