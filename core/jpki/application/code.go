package application

import (
	"crypto/hmac"
	"crypto/sha256"
	"crypto/subtle"
	"errors"
	"fmt"
	"strings"

	"inkan/core/entropy"
)

// Code is the one-time code that the phone shows: 12 characters of an alphabet of
// 32, 60 bits.
type Code [12]byte

// alphabet is Crockford's base 32: no I, L, O and U.
const alphabet = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"

// Errors of codes.
var (
	ErrCodeForm = errors.New("application: a code has 12 letters and digits")
	ErrCode     = errors.New("application: the code is not the one that was signed")
)

// NewCode draws a code.
func NewCode(source entropy.Source) (c Code) {
	source.Fill(c[:])
	for i := range c {
		c[i] = alphabet[c[i]&31]
	}
	return c
}

// ParseCode reads what a person typed: in any case, blanks and hyphens ignored, I
// and L taken for 1, O for 0. Spec: SPEC-APPLICATION-032.
func ParseCode(s string) (c Code, err error) {
	plain := strings.NewReplacer(" ", "", "-", "", "I", "1", "L", "1", "O", "0").Replace(strings.ToUpper(s))
	if len(plain) != len(c) || strings.Trim(plain, alphabet) != "" {
		return Code{}, ErrCodeForm
	}
	copy(c[:], plain)
	return c, nil
}

// Show is the code as the phone shows it: three groups of four.
func (c Code) Show() string { return string(c[:4]) + "-" + string(c[4:8]) + "-" + string(c[8:]) }

// Plain is the code as messages have it: 12 characters.
func (c Code) Plain() string { return string(c[:]) }

// Format prints no code, whatever the verb.
func (c Code) Format(s fmt.State, _ rune) { fmt.Fprint(s, "one-time code") }

// MarshalText is what Format prints.
func (c Code) MarshalText() ([]byte, error) { return fmt.Append(nil, c), nil }

const codeLabel = "INKAN-CODE-1"

// Commit sets the commitment to a code, which binds it to purpose, nonce, SIM and
// reply key: these have to be set before. Spec: SPEC-APPLICATION-030.
func (a *Application) Commit(c Code) { a.Commitment = a.commitment(c) }

func (a *Application) commitment(c Code) (sum [CommitmentLen]byte) {
	h := hmac.New(sha256.New, c[:])
	h.Write([]byte(codeLabel))
	h.Write([]byte{byte(a.Purpose)})
	h.Write(a.Nonce[:])
	h.Write(a.SIM[:])
	h.Write(a.ReplyKey[:])
	h.Sum(sum[:0])
	return sum
}

// CheckCode verifies that the applicant signed for this code; ErrCode otherwise.
// Spec: SPEC-APPLICATION-031.
func (a *Application) CheckCode(c Code) error {
	want := a.commitment(c)
	if subtle.ConstantTimeCompare(want[:], a.Commitment[:]) != 1 {
		return ErrCode
	}
	return nil
}
