package tsmp

import (
	"fmt"
	"strings"
	"time"

	"inkan/core/jpki/certificate"
)

// Limits of a person's texts in bytes of UTF-8; those of a certificate, in
// characters, hold beside them.
const (
	MaxName    = 4 * certificate.MaxName
	MaxAddress = 4 * certificate.MaxAddress
)

// Attributes are what a signature certificate says of its holder besides the
// birthday, and whether there may be one. They occur in messages of municipalities
// only. Spec: SPEC-TSM-PROTOCOL-070.
type Attributes struct {
	Name            string // parts separated by certificate.Gap
	NameSubstitutes string // as in certificate.Person; "": none of the characters is a substitute
	Address         string
	// AddressSubstitutes are as NameSubstitutes.
	AddressSubstitutes string
	Sex                certificate.Sex
	Municipality       certificate.Municipality
	Ward               bool // 成年被後見人: has no signature certificate
}

func (a *Attributes) visit(m *members) {
	m.text("name", &a.Name, 1, MaxName)
	m.optional().digits("nameSubstitutes", &a.NameSubstitutes, certificate.MaxName)
	m.text("address", &a.Address, 1, MaxAddress)
	m.optional().digits("addressSubstitutes", &a.AddressSubstitutes, certificate.MaxAddress)
	word(m, "sex", &a.Sex, sexWords)
	m.object("municipality", true, func(m *members) { visitMunicipality(m, &a.Municipality) })
	m.flag("ward", &a.Ward)
	if m.mode == describing {
		return
	}
	m.demand(fits(a.Name, "", "", ""), "name", "it with at most 100 printable characters, no U+0020, no U+3000 at an end")
	m.demand(fits(a.Name, a.NameSubstitutes, "", ""), "nameSubstitutes", "it with a digit for each character of name")
	m.demand(fits("", "", a.Address, ""), "address", "it with at most 200 printable characters, no U+0020, no U+3000 at an end")
	m.demand(fits("", "", a.Address, a.AddressSubstitutes), "addressSubstitutes", "it with a digit for each character of address")
}

// fits reports whether a certificate can have these; "" is not looked at.
func fits(name, nameSubstitutes, address, addressSubstitutes string) bool {
	or := func(s, other string) string {
		if s == "" {
			return other
		}
		return s
	}
	p := certificate.Person{Name: or(name, "x"), Address: or(address, "x"), Sex: certificate.SexUnknown,
		Birth: certificate.BirthOn(certificate.Date{Year: 2000, Month: time.January, Day: 1})}
	p.NameSubstitutes = or(nameSubstitutes, certificate.Substitutes(p.Name))
	p.AddressSubstitutes = or(addressSubstitutes, certificate.Substitutes(p.Address))
	return p.Check() == nil
}

// Format prints nothing personal, whatever the verb.
func (a Attributes) Format(s fmt.State, _ rune) { fmt.Fprint(s, "attributes of a person") }

// MarshalText is what Format prints.
func (a Attributes) MarshalText() ([]byte, error) { return fmt.Append(nil, a), nil }

func visitMunicipality(m *members, p *certificate.Municipality) {
	probe := certificate.Municipality{Code: "131016", Prefecture: "Tokyo-to", City: "Chiyoda-ku"}
	checked := func(name, description string, value, field *string) {
		fits := func(s string) bool {
			*field = s
			return probe.Check() == nil
		}
		m.str(name, func() string { return description }, *value == "", func(s string) bool {
			*value = strings.Clone(s)
			return fits(s)
		}, func() (string, bool) { return *value, fits(*value) })
	}
	checked("code", "municipality code, 5 digits and check digit", &p.Code, &probe.Code)
	checked("prefecture", "romaji such as Tokyo-to", &p.Prefecture, &probe.Prefecture)
	checked("city", "romaji such as Kiyose-shi", &p.City, &probe.City)
}

var sexWords = []named[certificate.Sex]{
	{certificate.SexUnknown, "unknown"}, {certificate.Male, "male"},
	{certificate.Female, "female"}, {certificate.SexNotApplicable, "not-applicable"},
}

// digits is a string of 0 and 1.
func (m *members) digits(name string, p *string, most int) {
	fits := func(s string) bool {
		for i := range len(s) {
			if s[i] != '0' && s[i] != '1' {
				return false
			}
		}
		return len(s) >= 1 && len(s) <= most
	}
	m.str(name, func() string { return fmt.Sprintf("1 to %d of 0 1", most) }, *p == "", func(s string) bool {
		*p = strings.Clone(s)
		return fits(s)
	}, func() (string, bool) { return *p, fits(*p) })
}

// date is a day of the Gregorian calendar.
func (m *members) date(name string, p *certificate.Date) {
	m.str(name, func() string { return "date YYYY-MM-DD" }, *p == certificate.Date{}, func(s string) bool {
		t, err := time.Parse(time.DateOnly, s)
		*p = certificate.Date{Year: t.Year(), Month: t.Month(), Day: t.Day()}
		return err == nil && p.Valid()
	}, func() (string, bool) { return formatDate(*p), p.Valid() })
}

func formatDate(d certificate.Date) string {
	return fmt.Sprintf("%04d-%02d-%02d", d.Year, d.Month, d.Day)
}
