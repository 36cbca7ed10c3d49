package certificate

import (
	"strings"
	"testing"
	"time"

	"inkan/core/entropy"
	"inkan/spec/req"
)

func TestEras(t *testing.T) {
	req.Covers(t, "SPEC-CERT-PROFILE-030")
	for text, want := range map[string]string{
		"18680124": "0", "18680125": "1", "19120729": "1", "19120730": "2", "19261224": "2", "19261225": "3",
		"19890107": "3", "19890108": "4", "20190430": "4", "20190501": "5", "20261128": "5",
	} {
		d, err := ParseDate(text)
		if err != nil {
			t.Fatal(err)
		}
		b := BirthOn(d)
		if got := b.String(); got != want+text {
			t.Errorf("born on %s: %s, want %s%s", text, got, want, text)
		}
		if back, err := ParseBirth(want + text); err != nil || back != b {
			t.Errorf("ParseBirth(%s%s) = %v, %v", want, text, back, err)
		}
		if _, err := ParseBirth("0" + text); err != nil {
			t.Error(err)
		}
	}
	for _, bad := range []string{"", "19900217", "619900217", "419890107", "319890108", "419900230", "4199002177", "x19900217"} {
		if b, err := ParseBirth(bad); err == nil {
			t.Errorf("ParseBirth(%q) = %v", bad, b)
		}
	}
}

// person is one with nothing wrong.
func person() *Person {
	return &Person{Name: "見本" + Gap + "花子", NameSubstitutes: "00010", Birth: BirthOn(Date{1990, time.February, 17}), Sex: Female,
		Address: "東京都清瀬市", AddressSubstitutes: "000000"}
}

// TestPerson: each value has its form, and no error has a value in it.
func TestPerson(t *testing.T) {
	req.Covers(t, "SPEC-CERT-PROFILE-030")
	if err := person().Check(); err != nil {
		t.Fatal(err)
	}
	for what, change := range map[string]func(*Person){
		"no name":                 func(p *Person) { p.Name, p.NameSubstitutes = "", "" },
		"101 characters":          func(p *Person) { p.Name = strings.Repeat("見", 101); p.NameSubstitutes = Substitutes(p.Name) },
		"half-width space":        func(p *Person) { p.Name = "見本 花子" },
		"gap at the beginning":    func(p *Person) { p.Name = Gap + "見本花子" },
		"gap at the end":          func(p *Person) { p.Name = "見本花子" + Gap },
		"control character":       func(p *Person) { p.Name = "見本\n花子" },
		"not UTF-8":               func(p *Person) { p.Name = "見本\xFF花子" },
		"a substitute digit less": func(p *Person) { p.NameSubstitutes = "0000" },
		"a substitute digit more": func(p *Person) { p.NameSubstitutes = "000000" },
		"substitute digit 2":      func(p *Person) { p.NameSubstitutes = "00020" },
		"sex 3":                   func(p *Person) { p.Sex = '3' },
		"no sex":                  func(p *Person) { p.Sex = 0 },
		"30 February":             func(p *Person) { p.Birth.Date.Day = 30 },
		"another era":             func(p *Person) { p.Birth.Era = Showa },
		"no address":              func(p *Person) { p.Address, p.AddressSubstitutes = "", "" },
		"201 characters":          func(p *Person) { p.Address = strings.Repeat("東", 201); p.AddressSubstitutes = Substitutes(p.Address) },
	} {
		p := person()
		change(p)
		err := p.Check()
		if err == nil {
			t.Errorf("%s: no error", what)
			continue
		}
		if text := err.Error(); strings.ContainsAny(text, "見本花東京") || strings.Contains(text, "1990") {
			t.Errorf("%s: the error has the value in it: %s", what, text)
		}
	}
	if got := Substitutes("見本花子", 2, 9, -1); got != "0010" {
		t.Errorf("Substitutes: %s", got)
	}
}

func TestIdentifier(t *testing.T) {
	req.Covers(t, "SPEC-CERT-PROFILE-007")
	source := entropy.Seeded(1, "identifiers")
	count := map[byte]int{}
	for range 2000 {
		id := NewIdentifier(source)
		if !identifier.MatchString(id) {
			t.Fatalf("identifier %q", id)
		}
		for i := range id {
			count[id[i]]++
		}
	}
	const mean = 2000 * IdentifierLen / 36
	for i := range identifierAlphabet {
		if n := count[identifierAlphabet[i]]; n < mean*8/10 || n > mean*12/10 {
			t.Errorf("%c occurs %d times, want about %d", identifierAlphabet[i], n, mean)
		}
	}
	m := Municipalities()[0]
	for _, bad := range []string{"", "997794E9AGCIE", "997794E9AGCIEGX", "997794e9AGCIEG"} {
		if n, err := AuthenticationSubject(bad, m); err == nil {
			t.Errorf("AuthenticationSubject(%q) = %v", bad, n)
		}
	}
}

// counter is a source of the bytes from 240 on, over and over.
type counter byte

func (c *counter) Fill(dst []byte) {
	for i := range dst {
		dst[i] = 240 + byte(*c)%16
		*c++
	}
}

// TestIdentifierRejects: bytes from 252 on would make some characters likelier.
func TestIdentifierRejects(t *testing.T) {
	if got := NewIdentifier(new(counter)); got != "OPQRSTUVWXYZOP" {
		t.Errorf("identifier %s", got)
	}
}
