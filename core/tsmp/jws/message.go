package jws

import (
	"bytes"
	"crypto"
	"encoding/base64"
	"errors"
	"strconv"

	"inkan/core/tsmp/jcs"
	"inkan/core/wire"
)

// Limits in bytes.
const (
	MaxMessage = 256 << 10 // of a whole serialisation
	MaxKeyID   = 64
	maxHeader  = 512 // of the encoded header
)

// Header is the protected header.
type Header struct {
	Algorithm Algorithm
	KeyID     string
	Type      string // what is signed: "inkan-tsm-request+json"
}

// Message is a serialisation that was taken apart and not verified.
type Message struct {
	Header
	Payload   []byte // byte for byte what was signed
	input     []byte // header "." payload, encoded; borrowed
	signature []byte
}

// ErrSignature is a signature that does not verify under the key.
var ErrSignature = errors.New("jws: the signature does not verify")

var encoding = base64.RawURLEncoding.Strict()

// Sign is the compact serialisation of a payload. The key decides the algorithm.
// It fails for a key of another kind, a key ID that is not 1 to 64 printable
// characters, and when the signer does.
func Sign(signer crypto.Signer, keyID, typ string, payload []byte) ([]byte, error) {
	alg, err := AlgorithmOf(signer.Public())
	if err != nil {
		return nil, err
	}
	if !validKeyID(keyID) {
		return nil, errors.New("jws: a key ID has 1 to 64 printable characters")
	}
	header := jcs.Append(nil, &jcs.Node{Kind: jcs.Object, Members: []jcs.Member{
		{Name: "alg", Value: text(string(alg))}, {Name: "kid", Value: text(keyID)}, {Name: "typ", Value: text(typ)},
	}})
	out := encoding.AppendEncode(make([]byte, 0, encoding.EncodedLen(len(header))+encoding.EncodedLen(len(payload))+encoding.EncodedLen(signatureLen)+2), header)
	out = encoding.AppendEncode(append(out, '.'), payload)
	signature, err := sign(signer, alg, out)
	if err != nil {
		return nil, err
	}
	if out = encoding.AppendEncode(append(out, '.'), signature); len(out) > MaxMessage {
		return nil, errors.New("jws: the message is longer than " + strconv.Itoa(MaxMessage) + " bytes")
	}
	return out, nil
}

func text(s string) jcs.Node { return jcs.Node{Kind: jcs.String, Text: s} }

func validKeyID(s string) bool {
	for i := 0; i < len(s); i++ {
		if s[i] <= 0x20 || s[i] >= 0x7F {
			return false
		}
	}
	return len(s) >= 1 && len(s) <= MaxKeyID
}

// Parse takes a compact serialisation apart. Errors are *wire.DecodeError.
// Spec: SPEC-TSM-PROTOCOL-020, SPEC-TSM-PROTOCOL-021.
func Parse(b []byte) (*Message, error) {
	fail := func(offset int, path, want, got string) (*Message, error) {
		return nil, &wire.DecodeError{Format: "JWS", Path: path, Offset: offset, Want: want, Got: got}
	}
	if len(b) > MaxMessage {
		return fail(MaxMessage, "", "at most "+strconv.Itoa(MaxMessage)+" bytes", "more")
	}
	first := bytes.IndexByte(b, '.')
	if first < 0 {
		return fail(len(b), "", "three parts between dots", "one")
	}
	last := bytes.LastIndexByte(b, '.')
	if last == first || bytes.IndexByte(b[first+1:last], '.') >= 0 {
		return fail(last, "", "three parts between dots", "another number")
	}
	if first > maxHeader {
		return fail(maxHeader, "header", "at most "+strconv.Itoa(maxHeader)+" characters", "more")
	}
	m := &Message{input: b[:last]}
	header, ok := decode(b[:first])
	if !ok {
		return fail(0, "header", "base64url without padding", "another form")
	}
	if err := m.readHeader(header); err != nil {
		return nil, err
	}
	if m.Payload, ok = decode(b[first+1 : last]); !ok {
		return fail(first+1, "payload", "base64url without padding", "another form")
	}
	if m.signature, ok = decode(b[last+1:]); !ok || len(m.signature) != signatureLen {
		return fail(last+1, "signature", "64 bytes in base64url without padding", "another form")
	}
	return m, nil
}

// decode refuses what would be encoded otherwise, line ends too, which the library
// skips.
func decode(b []byte) ([]byte, bool) {
	out, err := encoding.AppendDecode(nil, b)
	return out, err == nil && encoding.EncodedLen(len(out)) == len(b)
}

// readHeader reads the header; offsets in errors are those of its encoding.
func (m *Message) readHeader(b []byte) error {
	n, err := jcs.Parse("JWS", b)
	if err != nil {
		inner := err.(*wire.DecodeError)
		return inner.Within(encodedOffset(inner.Offset)-inner.Offset, "header")
	}
	fault := func(offset int, path, want string) error {
		return &wire.DecodeError{Format: "JWS", Path: "header/" + path, Offset: encodedOffset(offset), Want: want, Got: "another"}
	}
	fields := []struct {
		name string
		want string
		ok   func(string) bool
	}{
		{"alg", "EdDSA or ES256", func(s string) bool { m.Algorithm = Algorithm(s); return m.Algorithm == EdDSA || m.Algorithm == ES256 }},
		{"kid", "1 to 64 printable characters", func(s string) bool { m.KeyID = s; return validKeyID(s) }},
		{"typ", "a type", func(s string) bool { m.Type = s; return s != "" }},
	}
	for _, f := range fields {
		member := n.Member(f.name)
		if member == nil {
			return fault(n.Offset, f.name, f.want)
		}
		if member.Value.Kind != jcs.String || !f.ok(member.Value.Text) {
			return fault(member.Value.Offset, f.name, f.want)
		}
	}
	if len(n.Members) != len(fields) {
		return fault(n.Offset, "", "alg, kid and typ and nothing else")
	}
	return nil
}

// encodedOffset is where a byte of the header begins in its encoding.
func encodedOffset(offset int) int { return offset * 4 / 3 }

// Verify checks the signature under a key; ErrSignature when it is wrong, and
// when the header's algorithm is not the key's. Spec: SPEC-TSM-PROTOCOL-023.
func (m *Message) Verify(public crypto.PublicKey) error {
	alg, err := AlgorithmOf(public)
	if err != nil {
		return err
	}
	if alg != m.Algorithm || !verify(public, alg, m.input, m.signature) {
		return ErrSignature
	}
	return nil
}
