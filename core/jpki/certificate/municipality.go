package certificate

import (
	"fmt"
	"regexp"
)

// Municipality is a municipality as the certificates name it.
type Municipality struct {
	Code       string // JIS X 0402 code of five digits and its check digit: "132217"
	Prefecture string // romaji with kind: "Tokyo-to"
	City       string // romaji with kind: "Kiyose-shi", "Yokohama-shi-Naka-ku"
}

var romaji = regexp.MustCompile(`^[A-Z][a-z]*(-[A-Za-z]+)*$`)

// maxRomaji keeps the common name of a distribution point within 64 characters.
const maxRomaji = 58

// Check reports what is wrong with a municipality: check digit or names.
// Spec: SPEC-CERT-PROFILE-038.
func (m Municipality) Check() error {
	if len(m.Code) != 6 {
		return fmt.Errorf("certificate: municipality code %q: want 5 digits and a check digit", m.Code)
	}
	want, err := checkDigit(m.Code[:5])
	if err != nil {
		return err
	}
	if m.Code[5] != want {
		return fmt.Errorf("certificate: municipality code %q: want check digit %c", m.Code, want)
	}
	return checkRomaji(m.Prefecture, m.City)
}

func checkRomaji(names ...string) error {
	for _, name := range names {
		if len(name) > maxRomaji || !romaji.MatchString(name) {
			return fmt.Errorf("certificate: municipality name %q: want romaji such as Tokyo-to, at most %d characters", name, maxRomaji)
		}
	}
	return nil
}

// checkDigit is the sixth digit of a code of five: weights 6 to 2, modulus 11.
func checkDigit(code string) (byte, error) {
	sum := 0
	for i := range len(code) {
		if code[i] < '0' || code[i] > '9' {
			return 0, fmt.Errorf("certificate: municipality code %q: want digits", code)
		}
		sum += int(code[i]-'0') * (6 - i)
	}
	return '0' + byte(11-sum%11)%10, nil
}

// NewMunicipality makes one from a code without check digit.
func NewMunicipality(code, prefecture, city string) (Municipality, error) {
	if len(code) != 5 {
		return Municipality{}, fmt.Errorf("certificate: municipality code %q: want 5 digits", code)
	}
	digit, err := checkDigit(code)
	if err != nil {
		return Municipality{}, err
	}
	m := Municipality{code + string(digit), prefecture, city}
	return m, m.Check()
}

// Area is the code without its check digit, as it stands in a subject's name.
func (m Municipality) Area() string { return m.Code[:5] }

// Partition is the municipality's part of an authority's revocation list, as a
// key: "Tokyo-to/Kiyose-shi".
func (m Municipality) Partition() string { return m.Prefecture + "/" + m.City }
