package tsmp

import (
	"crypto/sha256"
	"strings"
	"time"

	"inkan/core/tsmp/jcs"
	"inkan/core/tsmp/jws"
	"inkan/core/wire"
)

// Version is the version of the protocol.
const Version = 1

// Types of signed messages: the typ of their header.
const (
	RequestType = "inkan-tsm-request+json"
	AnswerType  = "inkan-tsm-answer+json"
)

// Times of a request.
const (
	DefaultValidity = time.Hour
	MaxValidity     = 24 * time.Hour
	MaxAhead        = 2 * time.Minute // of the sender's clock before the recipient's
)

// Digest is the SHA-256 of a request's payload.
type Digest [sha256.Size]byte

// Request is a request without its signature.
type Request struct {
	ID        CallID
	Function  Function
	Sender    PartyID
	Recipient PartyID
	Sent      time.Time     // whole seconds
	Validity  time.Duration // whole seconds, 1 s to 24 h
	body      jcs.Node
	digest    Digest // of the payload, for OpenRead
}

// visit names the members of the payload but its body.
func (r *Request) visit(m *members) {
	version := uint64(Version)
	validity := uint64(r.Validity / time.Second)
	m.number("version", &version, Version, Version)
	m.id("functionCallIdentifier", r.ID[:])
	m.text("function", (*string)(&r.Function), 1, maxName)
	m.party("sender", &r.Sender)
	m.party("recipient", &r.Recipient)
	m.time("sentAt", &r.Sent)
	m.number("validityPeriod", &validity, 1, uint64(MaxValidity/time.Second))
	m.subtree("body", &r.body)
	if m.mode == reading {
		r.Validity = time.Duration(validity) * time.Second
	}
	m.demand(r.Validity%time.Second == 0, "validityPeriod", "whole seconds")
}

// party is the name of a party.
func (m *members) party(name string, p *PartyID) {
	m.str(name, func() string { return "1 to 64 of a-z 0-9 - ." }, *p == "", func(s string) bool {
		*p = PartyID(strings.Clone(s)) // s is a part of the whole message
		return p.Valid()
	}, func() (string, bool) { return string(*p), p.Valid() })
}

// subtree is an object that is read by somebody else; without kind it is absent.
func (m *members) subtree(name string, p *jcs.Node) {
	optional := m.absent
	n := m.value(name, jcs.Object, anObject)
	switch {
	case n != nil:
		*p = *n
	case m.mode == writing && (p.Kind == jcs.Object || !optional):
		m.write(name, *p)
	}
}

// payload is the canonical JSON of a request with its body.
func (r *Request) payload(b Body) ([]byte, error) {
	var err error
	if r.body, err = bodyNode(string(r.Function), b.visit); err != nil {
		return nil, err
	}
	n, err := bodyNode("request", r.visit)
	if err != nil {
		return nil, err
	}
	return canonical(&n), nil
}

// parseRequest reads a payload up to its body. An *Error of CodeVersion comes
// before any other fault of an object. Spec: SPEC-TSM-PROTOCOL-011.
func parseRequest(payload []byte) (*Request, error) {
	n, err := jcs.Parse("TSM request", payload)
	if err != nil {
		return nil, err
	}
	if v := n.Member("version"); v != nil && v.Value.Kind == jcs.Integer && v.Value.Int != Version {
		return nil, Refuse(CodeVersion, "")
	}
	r := new(Request)
	return r, readNode(&n, "TSM request", "", r.visit)
}

// readBody reads the request's body into one of its function.
func (r *Request) readBody(into Body) error {
	return readNode(&r.body, "TSM request", "body", into.visit)
}

// opened is a signed message whose signature, type and key were verified.
type opened struct {
	payload []byte
	key     Key
}

// open verifies a signed message. Errors are *Error: CodeMalformed, CodeKey,
// CodeSignature. Spec: SPEC-TSM-PROTOCOL-022.
func open(keys Directory, typ string, b []byte) (*opened, error) {
	m, err := jws.Parse(b)
	if err != nil {
		return nil, malformed(err)
	}
	if m.Type != typ {
		return nil, &Error{Code: CodeMalformed, Path: "header/typ", Detail: "want " + typ}
	}
	key, ok := keys.Key(m.KeyID)
	if !ok {
		return nil, Refuse(CodeKey, "")
	}
	if m.Verify(key.Public) != nil {
		return nil, Refuse(CodeSignature, "")
	}
	return &opened{m.Payload, key}, nil
}

// malformed is the *Error of a format's fault. The fault never quotes its input.
func malformed(err error) *Error {
	if fault, ok := err.(*wire.DecodeError); ok {
		return &Error{Code: CodeMalformed, Path: fault.Path, Detail: fault.Error()}
	}
	if e, ok := err.(*Error); ok {
		return e
	}
	return Refuse(CodeMalformed, err.Error())
}
