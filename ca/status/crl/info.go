package crl

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"math"
	"time"

	"golang.org/x/crypto/cryptobyte"
	"golang.org/x/crypto/cryptobyte/asn1"

	"inkan/core/jpki/certificate"
	"inkan/core/wire"
)

// Info is what a list says of itself, without its entries.
type Info struct {
	Authority  certificate.Authority
	Partition  string
	KeyID      [20]byte // authority key identifier
	Number     uint64
	ThisUpdate time.Time
	NextUpdate time.Time
}

// Limits of what ReadInfo holds of a list.
const (
	maxHead = 4 << 10 // up to the entries
	maxTail = 4 << 10 // extensions
)

// ReadInfo reads a list that this package has written, skipping its entries. The
// signature is not looked at. Bytes that are no such list are a
// *wire.DecodeError of format "CRL"; other errors are the reader's.
// Spec: SPEC-STATUS-025.
func ReadInfo(r io.ReaderAt, size int64) (Info, error) {
	in := input{r: r, size: size}
	head, err := in.bytes(0, min(size, maxHead))
	if err != nil {
		return Info{}, err
	}
	outer, err := in.header("", head, 0, 0x30)
	if err != nil {
		return Info{}, err
	}
	if outer.end() != size {
		return Info{}, in.fault("", 0, fmt.Sprintf("a list of %d bytes", size), fmt.Sprintf("one of %d", outer.end()))
	}
	tbs, err := in.header("tbsCertList", head, outer.content, 0x30)
	if err != nil {
		return Info{}, err
	}
	var info Info
	at, err := info.readHead(&in, head, tbs.content)
	if err != nil {
		return Info{}, err
	}
	if at < int64(len(head)) && at < tbs.end() && head[at] == 0x30 { // revokedCertificates
		entries, err := in.header("revokedCertificates", head, at, 0x30)
		if err != nil {
			return Info{}, err
		}
		at = entries.end()
	}
	if at > tbs.end() || tbs.end() > outer.end() || tbs.end()-at > maxTail {
		return Info{}, in.fault("crlExtensions", at, fmt.Sprintf("at most %d bytes, within the list", maxTail), "another length")
	}
	tail, err := in.bytes(at, tbs.end()-at)
	if err != nil {
		return Info{}, err
	}
	if err := info.readExtensions(&in, tail, at); err != nil {
		return Info{}, err
	}
	return info, nil
}

// readHead reads the fields before the entries and returns where it stopped.
func (i *Info) readHead(in *input, head []byte, at int64) (int64, error) {
	s := cryptobyte.String(head[at:])
	here := func() int64 { return int64(len(head) - len(s)) }
	var version int
	if !s.ReadASN1Integer(&version) || version != 1 {
		return 0, in.fault("version", at, "version 2", "another")
	}
	var skipped cryptobyte.String
	if !s.ReadASN1(&skipped, asn1.SEQUENCE) {
		return 0, in.fault("signature", here(), "an AlgorithmIdentifier", "something else")
	}
	if !s.ReadASN1Element(&skipped, asn1.SEQUENCE) {
		return 0, in.fault("issuer", here(), "a Name", "something else")
	}
	for _, field := range []struct {
		name string
		to   *time.Time
	}{{"thisUpdate", &i.ThisUpdate}, {"nextUpdate", &i.NextUpdate}} {
		read := s.ReadASN1UTCTime
		if s.PeekASN1Tag(asn1.GeneralizedTime) {
			read = s.ReadASN1GeneralizedTime
		}
		if !read(field.to) {
			return 0, in.fault(field.name, here(), "a time in UTC", "something else")
		}
		*field.to = field.to.UTC()
	}
	return here(), nil
}

// readExtensions reads number, key identifier and distribution point.
func (i *Info) readExtensions(in *input, tail []byte, base int64) error {
	s := cryptobyte.String(tail)
	fault := func(path, want string) error {
		return in.fault(path, base+int64(len(tail)-len(s)), want, "something else")
	}
	var explicit, list cryptobyte.String
	if !s.ReadASN1(&explicit, asn1.Tag(0).Constructed().ContextSpecific()) || !s.Empty() ||
		!explicit.ReadASN1(&list, asn1.SEQUENCE) || !explicit.Empty() {
		return fault("crlExtensions", "extensions and nothing after")
	}
	var seen [256]bool
	for !list.Empty() {
		var extension, id, value cryptobyte.String
		var critical bool
		if !list.ReadASN1(&extension, asn1.SEQUENCE) || !extension.ReadASN1(&id, asn1.OBJECT_IDENTIFIER) ||
			extension.PeekASN1Tag(asn1.BOOLEAN) && !extension.ReadASN1Boolean(&critical) ||
			!extension.ReadASN1(&value, asn1.OCTET_STRING) || !extension.Empty() || len(id) != 3 {
			return fault("crlExtensions", "an extension")
		}
		ok := true
		switch seen[id[2]] = true; id[2] {
		case extensionNumber:
			ok = value.ReadASN1Integer(&i.Number) && value.Empty() && i.Number > 0
		case extensionAKI:
			ok = i.readKeyID(value)
		case extensionIDP:
			ok = i.readIDP(value)
		}
		if !ok {
			return fault(fmt.Sprintf("2.5.29.%d", id[2]), "the value that the service writes")
		}
	}
	if !seen[extensionNumber] || !seen[extensionAKI] || !seen[extensionIDP] {
		return fault("crlExtensions", "number, authority key identifier and issuing distribution point")
	}
	return nil
}

func (i *Info) readKeyID(value cryptobyte.String) bool {
	var sequence, id cryptobyte.String
	return value.ReadASN1(&sequence, asn1.SEQUENCE) && value.Empty() &&
		sequence.ReadASN1(&id, asn1.Tag(0).ContextSpecific()) && sequence.Empty() &&
		len(id) == len(i.KeyID) && copy(i.KeyID[:], id) == len(id)
}

func (i *Info) readIDP(value cryptobyte.String) bool {
	var sequence, point, full, name cryptobyte.String
	if !value.ReadASN1(&sequence, asn1.SEQUENCE) || !value.Empty() ||
		!sequence.ReadASN1(&point, asn1.Tag(0).Constructed().ContextSpecific()) ||
		!point.ReadASN1(&full, asn1.Tag(0).Constructed().ContextSpecific()) || !point.Empty() ||
		!full.ReadASN1(&name, asn1.Tag(4).Constructed().ContextSpecific()) || !full.Empty() {
		return false
	}
	n, err := certificate.ParseName(name)
	if err != nil {
		return false
	}
	if i.Authority, i.Partition, err = certificate.PartitionOf(n); err != nil {
		return false
	}
	want := ""
	if i.Partition == certificate.CAList {
		want = "\x82\x01\xFF"
	}
	return bytes.Equal(sequence, []byte(want))
}

// input is a list that is read in parts.
type input struct {
	r    io.ReaderAt
	size int64
}

func (in *input) fault(path string, at int64, want, got string) error {
	return &wire.DecodeError{Format: "CRL", Path: path, Offset: int(min(at, math.MaxInt)), Want: want, Got: got}
}

func (in *input) bytes(at, n int64) ([]byte, error) {
	b := make([]byte, n)
	read, err := in.r.ReadAt(b, at)
	if int64(read) == n {
		return b, nil
	}
	if errors.Is(err, io.EOF) {
		return nil, in.fault("", at+int64(read), fmt.Sprintf("%d more bytes", n-int64(read)), "end of input")
	}
	return nil, err
}

// element is where an element's content is.
type element struct{ content, length int64 }

func (e element) end() int64 { return e.content + e.length }

// header reads a header at an offset of head; the content need not be in head.
func (in *input) header(path string, head []byte, at int64, tag byte) (element, error) {
	if at > int64(len(head)) {
		return element{}, in.fault(path, at, fmt.Sprintf("tag %02X", tag), "end of input")
	}
	b := head[at:]
	if len(b) < 2 || b[0] != tag {
		return element{}, in.fault(path, at, fmt.Sprintf("tag %02X", tag), "something else")
	}
	if b[1] < 0x80 {
		return element{at + 2, int64(b[1])}, nil
	}
	n := int(b[1] & 0x7F)
	if n < 1 || n > 7 || len(b) < 2+n {
		return element{}, in.fault(path, at+1, "a length of at most 7 bytes", "another")
	}
	length := int64(0)
	for _, digit := range b[2 : 2+n] {
		length = length<<8 | int64(digit)
	}
	if length < 0x80 || b[2] == 0 {
		return element{}, in.fault(path, at+1, "the shortest form of a length", "a longer one")
	}
	return element{at + 2 + int64(n), length}, nil
}
