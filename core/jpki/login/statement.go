package login

import (
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"math"
	"time"

	"inkan/core/wire"
)

// Domain separates login statements from all else that an authentication key
// signs. A zero byte follows it.
const Domain = "inkan/login/1"

// Lengths in bytes, and the longest time that a statement may have left.
const (
	NonceLen     = 32
	MaxOriginLen = 255
	MaxTextLen   = 400
	MaxLen       = len(Domain) + 1 + 2 + MaxOriginLen + NonceLen + 8 + 2 + MaxTextLen
	MaxLife      = 10 * time.Minute
)

// Statement says who asks for a login, which, until when, and what for.
type Statement struct {
	Origin string         // of the relying party: "https://bank.example"
	Nonce  [NonceLen]byte // made by the relying party, used once
	Expiry time.Time      // whole seconds; the last at which it may be used
	Text   string         // what the holder is shown, in the holder's language
}

// Errors of a statement's time.
var (
	ErrExpired = errors.New("login: the statement has expired")
	ErrTooLong = errors.New("login: the statement has more than ten minutes left")
)

// Check fails for an origin or text outside its form, and for a time that has
// fractions of a second or lies outside the years 1970 to 9999.
// Spec: SPEC-RELYING-PARTY-002, SPEC-RELYING-PARTY-003, SPEC-RELYING-PARTY-004.
func (s *Statement) Check() error {
	if err := CheckOrigin(s.Origin); err != nil {
		return err
	}
	if err := CheckText(s.Text); err != nil {
		return err
	}
	if s.Expiry.Nanosecond() != 0 || s.Expiry.Unix() < 0 || s.Expiry.Unix() > maxTime {
		return errors.New("login: expiry: want whole seconds between the years 1970 and 9999")
	}
	return nil
}

// maxTime is 9999-12-31T23:59:59Z.
const maxTime = 253402300799

// CheckTime says whether the holder may still sign the statement.
// Spec: SPEC-RELYING-PARTY-006.
func (s *Statement) CheckTime(now time.Time) error {
	if now.After(s.Expiry) {
		return ErrExpired
	}
	if s.Expiry.Sub(now) > MaxLife {
		return ErrTooLong
	}
	return nil
}

// Append appends the encoding, after Check. Spec: SPEC-RELYING-PARTY-001.
func (s *Statement) Append(dst []byte) ([]byte, error) {
	if err := s.Check(); err != nil {
		return dst, err
	}
	dst = append(append(dst, Domain...), 0)
	dst = binary.BigEndian.AppendUint16(dst, uint16(len(s.Origin)))
	dst = append(dst, s.Origin...)
	dst = append(dst, s.Nonce[:]...)
	dst = binary.BigEndian.AppendUint64(dst, uint64(s.Expiry.Unix()))
	dst = binary.BigEndian.AppendUint16(dst, uint16(len(s.Text)))
	return append(dst, s.Text...), nil
}

// Digest is what the key signs: SHA-256 over the encoding.
// Spec: SPEC-RELYING-PARTY-005.
func (s *Statement) Digest() ([sha256.Size]byte, error) {
	b, err := s.Append(nil)
	if err != nil {
		return [sha256.Size]byte{}, err
	}
	return sha256.Sum256(b), nil
}

// Parse reads an encoding, all of it. Errors are *wire.DecodeError of format
// "login statement". Spec: SPEC-RELYING-PARTY-001, SPEC-RELYING-PARTY-002,
// SPEC-RELYING-PARTY-003.
func Parse(b []byte) (*Statement, error) {
	r := wire.NewReader("login statement", b)
	if domain := r.Bytes(len(Domain)+1, "domain"); r.Err() == nil && string(domain) != Domain+"\x00" {
		r.FailAt(0, "domain", Domain+" and 00", "another")
	}
	s := new(Statement)
	at := r.Offset()
	s.Origin = string(r.Bytes(int(r.Uint16("origin length")), "origin"))
	if r.Err() == nil && CheckOrigin(s.Origin) != nil {
		r.FailAt(at+2, "origin", "an origin in its shortest form", "another")
	}
	copy(s.Nonce[:], r.Bytes(NonceLen, "nonce"))
	at = r.Offset()
	if seconds := r.Bytes(8, "expiry"); r.Err() == nil {
		value := binary.BigEndian.Uint64(seconds)
		if value > maxTime {
			r.FailAt(at, "expiry", "a time before the year 10000", "a later one")
		}
		s.Expiry = time.Unix(int64(min(value, math.MaxInt64)), 0).UTC()
	}
	at = r.Offset()
	s.Text = string(r.Bytes(int(r.Uint16("text length")), "text"))
	if r.Err() == nil && CheckText(s.Text) != nil {
		r.FailAt(at+2, "text", "text that can be shown", "another")
	}
	if err := r.End(); err != nil {
		return nil, err
	}
	return s, nil
}
