package keys

import (
	"encoding/asn1"

	"golang.org/x/crypto/cryptobyte"
	casn1 "golang.org/x/crypto/cryptobyte/asn1"

	"inkan/core/wire"
)

// derReader reads nested DER with one sticky error that says where.
type derReader struct {
	whole []byte
	err   error
}

// element is the content of a SEQUENCE, what follows it, and where it began.
type element struct{ rest, next, start cryptobyte.String }

// fail keeps the first error; at is what is left from the fault on.
func (r *derReader) fail(at cryptobyte.String, path, want, got string) {
	if r.err == nil {
		r.err = &wire.DecodeError{Format: "EncryptedPrivateKeyInfo", Path: path, Offset: cap(r.whole) - cap(at), Want: want, Got: got}
	}
}

func (r *derReader) sequence(s cryptobyte.String, path string, last bool) element {
	e := element{start: s}
	if !s.ReadASN1(&e.rest, casn1.SEQUENCE) {
		r.fail(s, path, "a SEQUENCE", "other bytes")
		return e
	}
	e.next = s
	if last {
		r.end(s, path)
	}
	return e
}

func (r *derReader) oid(s *cryptobyte.String, want asn1.ObjectIdentifier, name string) {
	at := *s
	var got asn1.ObjectIdentifier
	if !s.ReadASN1ObjectIdentifier(&got) {
		r.fail(at, "algorithm", "object identifier of "+name, "other bytes")
	} else if !got.Equal(want) {
		r.fail(at, "algorithm", name, got.String())
	}
}

func (r *derReader) octets(s *cryptobyte.String, path string) []byte {
	at := *s
	var got cryptobyte.String
	if !s.ReadASN1(&got, casn1.OCTET_STRING) {
		r.fail(at, path, "an OCTET STRING", "other bytes")
	}
	return got
}

func (r *derReader) number(s *cryptobyte.String, path string) int {
	at := *s
	var got int
	if !s.ReadASN1Integer(&got) {
		r.fail(at, path, "an INTEGER", "other bytes")
	}
	return got
}

func (r *derReader) end(s cryptobyte.String, path string) {
	if len(s) != 0 {
		r.fail(s, path, "its end", "more bytes")
	}
}
