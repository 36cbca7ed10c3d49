package uiapp

import (
	"encoding/base64"
	"strconv"
	"strings"

	"inkan/core/jpki/login"
	"inkan/core/wire"
)

// requestPrefix begins the URL that a browser hands over.
const requestPrefix = "inkan-login:1?statement="

// maxRequest is the longest request in bytes.
var maxRequest = len(requestPrefix) + base64.RawURLEncoding.EncodedLen(login.MaxLen)

// ParseRequest reads the URL that a browser hands over: the statement of spec/RELYING-PARTY.md
// in base64url without padding. Errors are *wire.DecodeError. Spec: SPEC-HANDSET-102.
func ParseRequest(b []byte) (*login.Statement, error) {
	bad := func(offset int, want, got string) error {
		return &wire.DecodeError{Format: "login request", Offset: offset, Want: want, Got: got}
	}
	if len(b) > maxRequest {
		return nil, bad(maxRequest, "at most "+strconv.Itoa(maxRequest)+" bytes", strconv.Itoa(len(b)))
	}
	text, ok := strings.CutPrefix(string(b), requestPrefix)
	if !ok {
		return nil, bad(0, requestPrefix, "another beginning")
	}
	if i := strings.IndexAny(text, "\r\n"); i >= 0 { // the decoder would pass them over
		return nil, bad(len(requestPrefix)+i, "base64url", "a line end")
	}
	raw, err := base64.RawURLEncoding.Strict().DecodeString(text)
	if err != nil {
		return nil, bad(len(requestPrefix), "base64url without padding", "something else")
	}
	return login.Parse(raw)
}

// AppendRequest appends the URL for a statement. Errors are those of the statement.
func AppendRequest(dst []byte, s *login.Statement) ([]byte, error) {
	raw, err := s.Append(nil)
	if err != nil {
		return dst, err
	}
	return base64.RawURLEncoding.AppendEncode(append(dst, requestPrefix...), raw), nil
}

func decimal(n int) string { return strconv.Itoa(n) }
