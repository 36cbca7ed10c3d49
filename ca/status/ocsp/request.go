package ocsp

import (
	"crypto"
	"fmt"

	"golang.org/x/crypto/cryptobyte"
	"golang.org/x/crypto/cryptobyte/asn1"

	"inkan/core/wire"
)

// Limits of a request.
const (
	MaxRequest    = 8 << 10 // bytes
	MaxIDs        = 32      // certificates in one request
	maxExtensions = 16      // in one list of extensions
	maxSerial     = 20      // bytes, RFC 5280 §4.1.2.2
	MaxNonce      = 32      // bytes, RFC 8954 §2.1
)

// CertID names one certificate: by hashes of its issuer's name and key, and its
// serial number. The slices are borrowed from the request.
type CertID struct {
	Hash     crypto.Hash // SHA1 or SHA256; 0 for another, which no issuer has
	NameHash []byte
	KeyHash  []byte
	Serial   uint64 // 0 for one that is not positive or has more than 64 bits
	Raw      []byte // the whole element, as a response repeats it
}

// Request is what is asked. The zero value may be parsed into, again and again.
type Request struct {
	Nonce []byte // nil without one

	ids   [MaxIDs]CertID
	count int
}

// IDs are the certificates asked for, at least one.
func (r *Request) IDs() []CertID { return r.ids[:r.count] }

// tags of the request's optional parts.
var (
	tag0 = asn1.Tag(0).Constructed().ContextSpecific()
	tag1 = asn1.Tag(1).Constructed().ContextSpecific()
	tag2 = asn1.Tag(2).Constructed().ContextSpecific()
)

// Object identifiers, their contents in DER.
const (
	oidSHA1   = "\x2B\x0E\x03\x02\x1A"
	oidSHA256 = "\x60\x86\x48\x01\x65\x03\x04\x02\x01"
	oidNonce  = "\x2B\x06\x01\x05\x05\x07\x30\x01\x02"
	oidBasic  = "\x2B\x06\x01\x05\x05\x07\x30\x01\x01"
)

// Parse reads a request in DER and keeps slices of it. A signature and a
// requestor's name have to be well formed, and mean nothing here. Errors are
// *wire.DecodeError of format "OCSPRequest". Spec: SPEC-STATUS-031,
// SPEC-STATUS-032, SPEC-STATUS-033, SPEC-STATUS-034, SPEC-STATUS-035.
func (r *Request) Parse(der []byte) error {
	r.Nonce, r.count = nil, 0
	p := parser{whole: der}
	if len(der) > MaxRequest {
		return p.fault(nil, "", fmt.Sprintf("at most %d bytes", MaxRequest), fmt.Sprintf("%d", len(der)))
	}
	in := cryptobyte.String(der)
	outer := p.read(&in, "OCSPRequest", asn1.SEQUENCE)
	p.end(in, "OCSPRequest")
	tbs := p.read(&outer, "tbsRequest", asn1.SEQUENCE)
	if p.peek(outer, tag0) {
		signature := p.read(&outer, "optionalSignature", tag0)
		p.signature(signature)
	}
	p.end(outer, "OCSPRequest")
	if p.peek(tbs, tag0) {
		p.fail(tbs, "tbsRequest/version", "no version: 1 is the default, which DER leaves out", "a version")
	}
	if p.peek(tbs, tag1) {
		name := p.read(&tbs, "tbsRequest/requestorName", tag1)
		p.any(&name, "tbsRequest/requestorName")
		p.end(name, "tbsRequest/requestorName")
	}
	list := p.read(&tbs, "tbsRequest/requestList", asn1.SEQUENCE)
	if p.peek(tbs, tag2) {
		explicit := p.read(&tbs, "tbsRequest/requestExtensions", tag2)
		r.Nonce = p.extensions(explicit, "tbsRequest/requestExtensions")
	}
	p.end(tbs, "tbsRequest")
	r.list(&p, list)
	if p.err != nil {
		r.Nonce, r.count = nil, 0
		return p.err
	}
	return nil
}

// list reads the certificates asked for.
func (r *Request) list(p *parser, list cryptobyte.String) {
	const path = "tbsRequest/requestList"
	if list.Empty() {
		p.fail(list, path, "at least one request", "none")
	}
	for p.err == nil && !list.Empty() {
		if r.count == MaxIDs {
			p.fail(list, path, fmt.Sprintf("at most %d requests", MaxIDs), "more")
			return
		}
		single := p.read(&list, path, asn1.SEQUENCE)
		r.ids[r.count] = p.certID(&single)
		r.count++
		if p.peek(single, tag0) {
			explicit := p.read(&single, path+"/singleRequestExtensions", tag0)
			if p.extensions(explicit, path+"/singleRequestExtensions") != nil {
				p.fail(explicit, path+"/singleRequestExtensions", "the nonce among the request's extensions", "it among one certificate's")
			}
		}
		p.end(single, path)
	}
}

// parser reads elements and keeps the first fault.
type parser struct {
	whole []byte
	err   error
}

// fault is an error at the place where at begins in the whole, which all strings
// of a parser are parts of.
func (p *parser) fault(at cryptobyte.String, path, want, got string) error {
	offset := 0
	if at != nil {
		offset = cap(p.whole) - cap(at)
	}
	return &wire.DecodeError{Format: "OCSPRequest", Path: path, Offset: offset, Want: want, Got: got}
}

func (p *parser) fail(at cryptobyte.String, path, want, got string) {
	if p.err == nil {
		p.err = p.fault(at, path, want, got)
	}
}

func (p *parser) peek(s cryptobyte.String, tag asn1.Tag) bool {
	return p.err == nil && s.PeekASN1Tag(tag)
}

// read reads the content of one element.
func (p *parser) read(s *cryptobyte.String, path string, tag asn1.Tag) (content cryptobyte.String) {
	if p.err != nil {
		return nil
	}
	if at := *s; !s.ReadASN1(&content, tag) {
		got := "end of input"
		if len(at) > 0 {
			got = "another tag"
			if at[0] == byte(tag) {
				got = "a length that is not DER's, or more than there is"
			}
		}
		p.fail(at, path, fmt.Sprintf("an element with tag %02X", byte(tag)), got)
		return nil
	}
	return content
}

// any reads an element of any tag.
func (p *parser) any(s *cryptobyte.String, path string) {
	var content cryptobyte.String
	var tag asn1.Tag
	if at := *s; p.err == nil && !s.ReadAnyASN1(&content, &tag) {
		p.fail(at, path, "an element", "none")
	}
}

func (p *parser) end(s cryptobyte.String, path string) {
	if p.err == nil && !s.Empty() {
		p.fail(s, path, "its end", "more bytes")
	}
}

// signature reads the explicit part of optionalSignature: algorithm, bits,
// certificates.
func (p *parser) signature(explicit cryptobyte.String) {
	const path = "optionalSignature"
	body := p.read(&explicit, path, asn1.SEQUENCE)
	p.end(explicit, path)
	p.read(&body, path+"/signatureAlgorithm", asn1.SEQUENCE)
	p.read(&body, path+"/signature", asn1.BIT_STRING)
	if p.peek(body, tag0) {
		p.read(&body, path+"/certs", tag0)
	}
	p.end(body, path)
}
