package share

import (
	"crypto/sha256"
	"encoding/base32"
	"errors"
	"fmt"
	"strings"

	"inkan/core/entropy"
	"inkan/core/wire"
)

// Lengths in bytes.
const (
	MaxSecretLen = 256
	setLen       = 4
	checkLen     = 4
)

// Share is one person's part.
type Share struct {
	Set       [setLen]byte // which splitting it is of
	Threshold byte         // how many are needed, from 2
	Place     byte         // from 1, different in each
	Value     []byte       // as long as the secret and its check
}

// Split makes shares of a secret of 1 to MaxSecretLen bytes, of which threshold
// are needed: 2 to count, count at most 255. The caller wipes the secret.
// Spec: SPEC-CA-KEYS-080, SPEC-CA-KEYS-082.
func Split(secret []byte, threshold, count int, random entropy.Source) ([]Share, error) {
	if len(secret) == 0 || len(secret) > MaxSecretLen {
		return nil, fmt.Errorf("share: a secret of %d bytes, want 1 to %d", len(secret), MaxSecretLen)
	}
	if threshold < 2 || threshold > count || count > 255 {
		return nil, fmt.Errorf("share: %d of %d, want at least 2 of at most 255", threshold, count)
	}
	var set [setLen]byte
	random.Fill(set[:])
	shares := make([]Share, count)
	for i := range shares {
		shares[i] = Share{set, byte(threshold), byte(i + 1), nil}
	}
	coefficients := make([]byte, threshold)
	defer clear(coefficients)
	for _, b := range checked(secret) {
		random.Fill(coefficients)
		coefficients[0] = b
		for i := range shares {
			shares[i].Value = append(shares[i].Value, evaluate(coefficients, shares[i].Place))
		}
	}
	return shares, nil
}

// checked is the secret with the first bytes of its hash.
func checked(secret []byte) []byte {
	sum := sha256.Sum256(secret)
	return append(append([]byte(nil), secret...), sum[:checkLen]...)
}

// ErrWrong says that shares do not make a secret: one was changed.
var ErrWrong = errors.New("share: these shares do not belong together: one of them is wrong")

// Combine makes the secret of as many shares as are needed; more are a check, as
// all have to agree. The caller wipes it. It fails for fewer, for two of one
// place, for shares of different splittings, and with ErrWrong.
// Spec: SPEC-CA-KEYS-080, SPEC-CA-KEYS-081.
func Combine(shares []Share) ([]byte, error) {
	if len(shares) == 0 {
		return nil, errors.New("share: no shares")
	}
	first := shares[0]
	if len(first.Value) <= checkLen || first.Threshold < 2 {
		return nil, ErrWrong
	}
	seen := map[byte]bool{}
	for _, s := range shares {
		switch {
		case s.Set != first.Set || s.Threshold != first.Threshold || len(s.Value) != len(first.Value):
			return nil, errors.New("share: these are shares of different secrets")
		case s.Place == 0 || seen[s.Place]:
			return nil, fmt.Errorf("share: share %d is there twice", s.Place)
		}
		seen[s.Place] = true
	}
	if len(shares) < int(first.Threshold) {
		return nil, fmt.Errorf("share: %d shares, %d are needed", len(shares), first.Threshold)
	}
	secret := make([]byte, len(first.Value))
	places, values := make([]byte, len(shares)), make([]byte, len(shares))
	for at := range secret {
		for i, s := range shares {
			places[i], values[i] = s.Place, s.Value[at]
		}
		secret[at] = interpolate(places, values)
	}
	plain := secret[: len(secret)-checkLen : len(secret)-checkLen]
	if string(checked(plain)) != string(secret) {
		clear(secret)
		return nil, ErrWrong
	}
	return plain, nil
}

var encoding = base32.StdEncoding.WithPadding(base32.NoPadding)

// Text is the share for paper: groups of four letters and digits, with a check
// of its own against slips of the pen. Spec: SPEC-CA-KEYS-083.
func (s Share) Text() string {
	body := append(append(s.Set[:], s.Threshold, s.Place), s.Value...)
	sum := sha256.Sum256(body)
	text := encoding.EncodeToString(append(body, sum[:checkLen]...))
	var groups []string
	for len(text) > 4 {
		groups, text = append(groups, text[:4]), text[4:]
	}
	return strings.Join(append(groups, text), "-")
}

// ParseText reads what Text writes, in either case, with hyphens and blanks
// anywhere. Errors are *wire.DecodeError of format "share"; they do not have the
// text in them. Spec: SPEC-CA-KEYS-083.
func ParseText(text string) (Share, error) {
	fail := func(path, want, got string) (Share, error) {
		return Share{}, &wire.DecodeError{Format: "share", Path: path, Want: want, Got: got}
	}
	text = strings.ToUpper(strings.NewReplacer("-", "", " ", "", "\n", "").Replace(text))
	body, err := encoding.DecodeString(text)
	if err != nil || encoding.EncodeToString(body) != text {
		return fail("", "letters A to Z and digits 2 to 7", "others, or some missing")
	}
	const head = setLen + 2
	if len(body) < head+checkLen+1+checkLen || len(body) > head+MaxSecretLen+2*checkLen {
		return fail("", fmt.Sprintf("%d to %d bytes", head+2*checkLen+1, head+MaxSecretLen+2*checkLen), fmt.Sprintf("%d", len(body)))
	}
	body, check := body[:len(body)-checkLen], body[len(body)-checkLen:]
	if sum := sha256.Sum256(body); string(sum[:checkLen]) != string(check) {
		return fail("check", "the check of the share", "another: it was copied wrongly")
	}
	s := Share{Threshold: body[setLen], Place: body[setLen+1], Value: body[head:]}
	copy(s.Set[:], body)
	if s.Threshold < 2 || s.Place == 0 {
		return fail("threshold", "from 2, and a place from 1", "less")
	}
	return s, nil
}

// Format prints which share it is, not its value, whatever the verb.
func (s Share) Format(f fmt.State, _ rune) {
	fmt.Fprintf(f, "share %d of set %X, %d needed", s.Place, s.Set[:], s.Threshold)
}
