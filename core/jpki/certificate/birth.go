package certificate

import "fmt"

// Era is the first digit of a date of birth.
type Era uint8

// The eras; EraUnknown goes with any date.
const (
	EraUnknown Era = iota
	Meiji
	Taisho
	Showa
	Heisei
	Reiwa
)

// eraBegins is the first day of each era.
var eraBegins = [...]Date{Meiji: {1868, 1, 25}, Taisho: {1912, 7, 30}, Showa: {1926, 12, 25}, Heisei: {1989, 1, 8}, Reiwa: {2019, 5, 1}}

// EraOf is the era of a day; EraUnknown before Meiji.
func EraOf(d Date) Era {
	for e := Reiwa; e >= Meiji; e-- {
		if !eraBegins[e].After(d) {
			return e
		}
	}
	return EraUnknown
}

// Birth is a date of birth with its era. The date is Gregorian.
type Birth struct {
	Era  Era
	Date Date
}

// BirthOn is the birth on a day, with the day's era.
func BirthOn(d Date) Birth { return Birth{EraOf(d), d} }

// String is EYYYYMMDD.
func (b Birth) String() string { return fmt.Sprintf("%d%s", uint8(b.Era), b.Date) }

// Check reports a day that the calendar or the era has not. The error does not
// have the date in it.
func (b Birth) Check() error {
	if !b.Date.Valid() {
		return fmt.Errorf("certificate: date of birth: want a day of the calendar")
	}
	if b.Era > Reiwa || b.Era != EraUnknown && EraOf(b.Date) != b.Era {
		return fmt.Errorf("certificate: date of birth: era %d is not the date's: want %d or 0", b.Era, EraOf(b.Date))
	}
	return nil
}

// ParseBirth reads EYYYYMMDD and checks it.
func ParseBirth(s string) (Birth, error) {
	if len(s) != 9 || s[0] < '0' || s[0] > '5' {
		return Birth{}, fmt.Errorf("certificate: date of birth: want an era 0 to 5 and YYYYMMDD")
	}
	d, err := ParseDate(s[1:])
	if err != nil {
		return Birth{}, fmt.Errorf("certificate: date of birth: want a day of the calendar")
	}
	b := Birth{Era(s[0] - '0'), d}
	return b, b.Check()
}
