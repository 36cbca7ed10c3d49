package certificate

import (
	"fmt"
	"time"
)

// JST is the time zone of all dates of the service: UTC+9, no summer time.
var JST = time.FixedZone("JST", 9*60*60)

// Date is a day of the Gregorian calendar.
type Date struct {
	Year  int
	Month time.Month
	Day   int
}

// DateOf is the day in Japan at a time.
func DateOf(t time.Time) Date {
	y, m, d := t.In(JST).Date()
	return Date{y, m, d}
}

// ParseDate reads YYYYMMDD.
func ParseDate(s string) (Date, error) {
	t, err := time.Parse("20060102", s)
	if err != nil {
		return Date{}, fmt.Errorf("certificate: date %q: want YYYYMMDD", s)
	}
	return Date{t.Year(), t.Month(), t.Day()}, nil
}

// Valid reports whether the day is in the calendar, in the years 1 to 9999.
func (d Date) Valid() bool {
	t := time.Date(d.Year, d.Month, d.Day, 0, 0, 0, 0, time.UTC)
	return d.Year >= 1 && d.Year <= 9999 && t.Year() == d.Year && t.Month() == d.Month && t.Day() == d.Day
}

// String is YYYYMMDD.
func (d Date) String() string { return fmt.Sprintf("%04d%02d%02d", d.Year, d.Month, d.Day) }

// After reports whether d is later than other.
func (d Date) After(other Date) bool { return d.compare(other) > 0 }

func (d Date) compare(other Date) int {
	return ((d.Year-other.Year)*16+int(d.Month-other.Month))*32 + d.Day - other.Day
}

// End is the day's last second in Japan, in UTC: 14:59:59Z.
func (d Date) End() time.Time {
	return time.Date(d.Year, d.Month, d.Day, 23, 59, 59, 0, JST).UTC()
}

// Birthday is the birthday in a year of somebody born on d. Who was born on 29
// February has it on 28 February in common years. Spec: SPEC-CERT-PROFILE-010.
func (d Date) Birthday(year int) Date {
	b := Date{year, d.Month, d.Day}
	if !b.Valid() {
		b.Day--
	}
	return b
}

// Age is how many birthdays a person born on d has had on a day.
func (d Date) Age(day Date) int {
	age := day.Year - d.Year
	if d.Birthday(day.Year).After(day) {
		age--
	}
	return age
}

// birthdays is how many birthdays a certificate lives to see.
const birthdays = 5

// ValidUntil is the last second of a holder's certificate by the holder's age
// alone: the end, in Japan, of the fifth birthday after the day of issue. A
// birthday on that day does not count. Spec: SPEC-CERT-PROFILE-009.
func ValidUntil(issued time.Time, birth Date) time.Time {
	day := DateOf(issued)
	year := day.Year
	if !birth.Birthday(year).After(day) {
		year++
	}
	return birth.Birthday(year + birthdays - 1).End()
}

// caYears is how long an authority's certificate is valid.
const caYears = 10

// CAValidUntil is the last second of an authority's certificate: the end, in
// Japan, of the day before its tenth anniversary. Spec: SPEC-CERT-PROFILE-013.
func CAValidUntil(issued time.Time) time.Time {
	y, m, d := issued.In(JST).Date()
	return time.Date(y+caYears, m, d, 0, 0, -1, 0, JST).UTC()
}

// Earliest is the first of some times: a certificate ends with the first of what
// it depends on. Zero times do not count. Spec: SPEC-CERT-PROFILE-011.
func Earliest(times ...time.Time) time.Time {
	var first time.Time
	for _, t := range times {
		if !t.IsZero() && (first.IsZero() || t.Before(first)) {
			first = t
		}
	}
	return first
}
