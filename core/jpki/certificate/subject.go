package certificate

import (
	"fmt"
	"regexp"
	"time"

	"inkan/core/entropy"
)

// IdentifierLen is the number of characters that tell authentication
// certificates apart.
const IdentifierLen = 14

// identifierSuffix ends the common name of every authentication certificate seen.
const identifierSuffix = "003A"

const identifierAlphabet = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"

var (
	identifier            = regexp.MustCompile(`^[0-9A-Z]{14}$`)
	authenticationSubject = regexp.MustCompile(`^([0-9A-Z]{14})([0-9]{5})003A$`)
	signatureSubject      = regexp.MustCompile(`^([0-9]{14})([0-9]{5})([0-9]{9})$`)
)

// NewIdentifier draws the identifier of an authentication certificate, each
// character equally likely.
func NewIdentifier(source entropy.Source) string {
	var out [IdentifierLen]byte
	var b [1]byte
	for i := 0; i < len(out); {
		source.Fill(b[:])
		if int(b[0]) < 256-256%len(identifierAlphabet) {
			out[i] = identifierAlphabet[int(b[0])%len(identifierAlphabet)]
			i++
		}
	}
	return string(out[:])
}

// AuthenticationSubject is the subject of an authentication certificate. The
// identifier is 14 characters 0–9 and A–Z. Spec: SPEC-CERT-PROFILE-007.
func AuthenticationSubject(id string, m Municipality) (Name, error) {
	if !identifier.MatchString(id) {
		return nil, fmt.Errorf("certificate: identifier %q: want %d characters 0-9 and A-Z", id, IdentifierLen)
	}
	if err := m.Check(); err != nil {
		return nil, err
	}
	return Name{{Country, "JP"}, {CommonName, id + m.Area() + identifierSuffix}}, nil
}

// SignatureSubject is the subject of a signature certificate.
// Spec: SPEC-CERT-PROFILE-029.
func SignatureSubject(m Municipality, notBefore time.Time, serial uint64) (Name, error) {
	if err := m.Check(); err != nil {
		return nil, err
	}
	cn := fmt.Sprintf("%s%s%09d", notBefore.In(JST).Format("20060102150405"), m.Area(), serial%1_000_000_000)
	return Name{{Country, "JP"}, {Locality, m.Prefecture}, {Locality, m.City}, {CommonName, cn}}, nil
}
