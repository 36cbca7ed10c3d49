package certificate

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Person is what a signature certificate says of its holder.
type Person struct {
	Name               string // parts separated by Gap
	NameSubstitutes    string // a digit for every character of Name, see Substitutes
	Birth              Birth
	Sex                Sex
	Address            string
	AddressSubstitutes string
}

// Gap is the full-width space between the parts of a name.
const Gap = "\u3000"

// Limits of a person's texts, in characters.
const (
	MaxName    = 100
	MaxAddress = 200
)

// Sex is the digit of JIS X 0303 that a certificate has.
type Sex byte

// The values of Sex.
const (
	SexUnknown       Sex = '0'
	Male             Sex = '1'
	Female           Sex = '2'
	SexNotApplicable Sex = '9'
)

// Valid reports whether JIS X 0303 has the digit.
func (s Sex) Valid() bool {
	return s == SexUnknown || s == Male || s == Female || s == SexNotApplicable
}

// Substitutes are the digits of a text in which none, or the characters at some
// positions, stand for others that the character set lacks. Positions count
// characters from 0; one outside the text is ignored.
func Substitutes(text string, positions ...int) string {
	digits := []byte(strings.Repeat("0", utf8.RuneCountInString(text)))
	for _, p := range positions {
		if p >= 0 && p < len(digits) {
			digits[p] = '1'
		}
	}
	return string(digits)
}

// Check reports the first value that has not its form. The error has no value in
// it: it is personal data. Spec: SPEC-CERT-PROFILE-030.
func (p *Person) Check() error {
	if err := checkText("name", p.Name, p.NameSubstitutes, MaxName); err != nil {
		return err
	}
	if err := p.Birth.Check(); err != nil {
		return err
	}
	if !p.Sex.Valid() {
		return fmt.Errorf("certificate: sex: want 0, 1, 2 or 9")
	}
	return checkText("address", p.Address, p.AddressSubstitutes, MaxAddress)
}

func checkText(what, text, substitutes string, limit int) error {
	if !utf8.ValidString(text) {
		return fmt.Errorf("certificate: %s: want UTF-8", what)
	}
	n := utf8.RuneCountInString(text)
	if n < 1 || n > limit {
		return fmt.Errorf("certificate: %s of %d characters: want 1 to %d", what, n, limit)
	}
	if strings.HasPrefix(text, Gap) || strings.HasSuffix(text, Gap) {
		return fmt.Errorf("certificate: %s: U+3000 at an end", what)
	}
	i := 0
	for _, r := range text {
		if r == ' ' || !unicode.IsPrint(r) && r != '\u3000' {
			return fmt.Errorf("certificate: %s: character %d is U+%04X: want a printable one and no U+0020", what, i, r)
		}
		i++
	}
	if len(substitutes) != n || strings.Trim(substitutes, "01") != "" {
		return fmt.Errorf("certificate: substitutes in %s: want %d digits 0 or 1", what, n)
	}
	return nil
}
