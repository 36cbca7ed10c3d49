package certificate

import (
	"time"

	tag "golang.org/x/crypto/cryptobyte/asn1"
)

// Layouts of time in a certificate, and the first year of the second.
const (
	utcTime          = "060102150405Z"
	generalizedTime  = "20060102150405Z"
	generalizedYears = 2050
)

// validity reads a Validity.
func (c *cursor) validity() (notBefore, notAfter time.Time, err error) {
	seq, err := c.element("validity", tag.SEQUENCE)
	if err != nil {
		return
	}
	if notBefore, err = seq.time("validity/notBefore"); err != nil {
		return
	}
	end := seq
	if notAfter, err = seq.time("validity/notAfter"); err != nil {
		return
	}
	if notAfter.Before(notBefore) {
		err = end.fault("validity/notAfter", "no time before notBefore", "an earlier one")
		return
	}
	return notBefore, notAfter, seq.end("validity")
}

// time reads a Time: UTCTime to 2049, GeneralizedTime from 2050.
func (c *cursor) time(path string) (time.Time, error) {
	start := *c
	layout, t := utcTime, tag.UTCTime
	if c.peek(tag.GeneralizedTime) {
		layout, t = generalizedTime, tag.GeneralizedTime
	}
	v, err := c.element(path, t)
	if err != nil {
		return time.Time{}, err
	}
	at, ok := parseTime(layout, string(v.rest))
	if !ok {
		return time.Time{}, start.fault(path, "UTCTime to 2049 or GeneralizedTime from 2050, seconds and Z", "another form")
	}
	return at, nil
}

func parseTime(layout, text string) (time.Time, bool) {
	if len(text) != len(layout) {
		return time.Time{}, false
	}
	at, err := time.Parse(layout, text)
	if err != nil {
		return time.Time{}, false
	}
	if layout == generalizedTime {
		return at, at.Year() >= generalizedYears
	}
	if at.Year() >= generalizedYears { // package time puts 69 to 99 into 19xx, 00 to 68 into 20xx
		at = at.AddDate(-100, 0, 0)
	}
	return at, at.Format(utcTime) == text
}
