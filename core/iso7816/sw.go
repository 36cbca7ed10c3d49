// Package iso7816 has the status words of ISO/IEC 7816-4 as Go errors, and
// the constants that every card application shares.
//
// It must not know any application or transport; it implements spec/APDU.md.
package iso7816

import "fmt"

// SW is a status word, SW1 in the high byte. It is an error when it is not
// 9000 or 61xx; use Err to turn one into an error value.
type SW uint16

// Err is nil for success (9000, 61xx), else the status word itself.
func (sw SW) Err() error {
	if sw == OK || sw>>8 == 0x61 {
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
