package basic

import (
	"fmt"
	"time"

	"inkan/core/wire"
)

// Date is a day of the Gregorian calendar.
type Date struct {
	Year  int
	Month time.Month
	Day   int
}

// DateOf is the day of a time in its own zone.
func DateOf(t time.Time) Date {
	y, m, d := t.Date()
	return Date{y, m, d}
}

// Valid reports whether there is such a day, in the years 1 to 9999.
func (d Date) Valid() bool {
	return d.Year >= 1 && d.Year <= 9999 && DateOf(time.Date(d.Year, d.Month, d.Day, 0, 0, 0, 0, time.UTC)) == d
}

// String is YYYY-MM-DD.
func (d Date) String() string { return fmt.Sprintf("%04d-%02d-%02d", d.Year, int(d.Month), d.Day) }

// Append appends YYYYMMDD. It fails for a day that there is not.
func (d Date) Append(dst []byte) ([]byte, error) {
	if !d.Valid() {
		return dst, fmt.Errorf("basic: %v is no date", d)
	}
	return fmt.Appendf(dst, "%04d%02d%02d", d.Year, int(d.Month), d.Day), nil
}

const dateLen = 8

// readDate reads YYYYMMDD.
func readDate(r *wire.Reader, path string) (d Date) {
	at := r.Offset()
	b := r.Bytes(dateLen, path)
	if r.Err() != nil {
		return d
	}
	if digits(string(b)) {
		d = Date{decimal(b[:4]), time.Month(decimal(b[4:6])), decimal(b[6:])}
	}
	if !d.Valid() {
		r.FailAt(at, path, "YYYYMMDD", "something else")
	}
	return d
}

func decimal(b []byte) (n int) {
	for _, c := range b {
		n = 10*n + int(c-'0')
	}
	return n
}
