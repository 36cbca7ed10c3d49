// Package der has the few DER encodings that lists and OCSP responses share and
// that a stream needs: a header before its content is there, times, the
// signature algorithm. Everything else is cryptobyte's.
//
// It must not know lists or responses. It implements the notation of
// spec/STATUS.md (ISO/IEC 8825-1, RFC 5280 §4.1.2.5, RFC 4055 §5).
package der

import (
	"math/bits"
	"time"
)

// SHA256WithRSA is the AlgorithmIdentifier of RSA PKCS #1 v1.5 with SHA-256, its
// parameters NULL.
const SHA256WithRSA = "\x30\x0D\x06\x09\x2A\x86\x48\x86\xF7\x0D\x01\x01\x0B\x05\x00"

// Tags of the times.
const (
	UTCTime         = 0x17
	GeneralizedTime = 0x18
)

// AppendHeader appends a tag and the length of the content that follows.
func AppendHeader(dst []byte, tag byte, length int64) []byte {
	dst = append(dst, tag)
	if length < 0x80 {
		return append(dst, byte(length))
	}
	n := (bits.Len64(uint64(length)) + 7) / 8
	dst = append(dst, 0x80|byte(n))
	for n--; n >= 0; n-- {
		dst = append(dst, byte(length>>(8*n)))
	}
	return dst
}

// HeaderSize is the length of what AppendHeader appends.
func HeaderSize(length int64) int64 {
	if length < 0x80 {
		return 2
	}
	return 2 + int64(bits.Len64(uint64(length))+7)/8
}

// AppendSerial appends a serial number as INTEGER.
func AppendSerial(dst []byte, serial uint64) []byte {
	n := bits.Len64(serial)/8 + 1 // one bit more for the sign
	dst = append(dst, 0x02, byte(n))
	if n == 9 {
		dst, n = append(dst, 0), 8
	}
	for n--; n >= 0; n-- {
		dst = append(dst, byte(serial>>(8*n)))
	}
	return dst
}

// AppendTime appends a time as certificates and lists have it: UTCTime up to the
// year 2049, GeneralizedTime after, both in UTC and whole seconds.
func AppendTime(dst []byte, t time.Time) []byte {
	t = t.UTC()
	if y := t.Year(); y < 1950 || y > 2049 {
		return AppendGeneralizedTime(dst, t)
	}
	return appendSeconds(append(dst, UTCTime, 13), t)
}

// AppendGeneralizedTime appends a time of the years 0 to 9999 as OCSP has it: UTC,
// whole seconds.
func AppendGeneralizedTime(dst []byte, t time.Time) []byte {
	t = t.UTC()
	dst = appendDigits(append(dst, GeneralizedTime, 15), t.Year()/100)
	return appendSeconds(dst, t)
}

// appendSeconds appends the two lower digits of the year to the seconds, and Z.
// A list of a million entries has a million of them, so it is by hand.
func appendSeconds(dst []byte, t time.Time) []byte {
	year, month, day := t.Date()
	hour, minute, second := t.Clock()
	for _, n := range [...]int{year % 100, int(month), day, hour, minute, second} {
		dst = appendDigits(dst, n)
	}
	return append(dst, 'Z')
}

func appendDigits(dst []byte, n int) []byte { return append(dst, byte('0'+n/10), byte('0'+n%10)) }
