// Package iso7816 has the status words of ISO/IEC 7816-4 as Go errors, and
// the constants that every card application shares.
//
// It must not know any application or transport; it implements spec/APDU.md.
package iso7816

import "fmt"

// SW is a status word, SW1 in the high byte. It is an error value when it does
// not say normal processing; use Err to turn one into an error.
//
//	errors.Is(err, iso7816.FileNotFound) // exactly 6A82
//	errors.Is(err, iso7816.Counter)      // 63C0 to 63CF, see Pattern
//	var sw iso7816.SW; errors.As(err, &sw)
type SW uint16

// Err is nil for normal processing (9000; 61xx, 91xx and 92xx, which say it
// with a count), else the status word itself. Warnings are errors here: only
// the caller knows which of them it can live with. Spec: SPEC-APDU-050.
func (sw SW) Err() error {
	if sw.Normal() {
		return nil
	}
	return sw
}

// Error has the form "SW 6982 (security status not satisfied)".
func (sw SW) Error() string {
	if m := sw.Meaning(); m != "" {
		return fmt.Sprintf("SW %04X (%s)", uint16(sw), m)
	}
	return fmt.Sprintf("SW %04X", uint16(sw))
}

// SW1 is the first byte.
func (sw SW) SW1() byte { return byte(sw >> 8) }

// SW2 is the second byte.
func (sw SW) SW2() byte { return byte(sw) }

// Normal reports normal processing: 9000, 61xx, and the 91xx and 92xx of ETSI
// TS 102 221 §10.2.1.1.
func (sw SW) Normal() bool {
	return sw == OK || sw.SW1() == 0x61 || sw.SW1() == 0x91 || sw.SW1() == 0x92
}

// Warning reports a warning, 62xx or 63xx: the command was processed, and its
// response data is good.
func (sw SW) Warning() bool { return sw.SW1() == 0x62 || sw.SW1() == 0x63 }

// Valid reports whether SW1 is 61 to 6F or 90 to 9F, without 60 (a procedure
// byte of T=0) and the rest (ISO/IEC 7816-4:2020 §5.6). Spec: SPEC-APDU-051.
func (sw SW) Valid() bool {
	return sw.SW1() >= 0x61 && sw.SW1() <= 0x6F || sw.SW1()&0xF0 == 0x90
}

// Tries is the counter X of 63CX.
func (sw SW) Tries() (n int, ok bool) {
	if !Counter.Matches(sw) {
		return 0, false
	}
	return int(sw & 0xF), true
}

// WithTries is 63CX for a counter of n; above 15 it is 63CF.
func WithTries(n int) SW { return Counter.Value | SW(min(max(n, 0), 0xF)) }

// Remaining is the number of response bytes that 61xx announces, 1 to 256.
// 256 means at least 256.
func (sw SW) Remaining() (n int, ok bool) { return sw.count(BytesRemaining) }

// Available is the Ne that 6Cxx asks for, 1 to 256.
func (sw SW) Available() (n int, ok bool) { return sw.count(WrongLe) }

func (sw SW) count(p Pattern) (int, bool) {
	if !p.Matches(sw) {
		return 0, false
	}
	if sw.SW2() == 0 {
		return 256, true
	}
	return int(sw.SW2()), true
}

// WithRemaining is 61xx for n bytes; 256 and more is 6100.
func WithRemaining(n int) SW { return withCount(BytesRemaining, n) }

// WithAvailable is 6Cxx for n bytes; 256 is 6C00.
func WithAvailable(n int) SW { return withCount(WrongLe, n) }

func withCount(p Pattern, n int) SW {
	if n > 255 {
		n = 0
	}
	return p.Value | SW(n)
}
