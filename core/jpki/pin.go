package jpki

import (
	"fmt"

	"inkan/core/apdu"
	"inkan/core/iso7816"
)

// Lengths of PINs and codes in bytes.
const (
	MaxPINLen     = 16 // of any PIN
	AuthPINLen    = 4
	MinSignPINLen = 6
	CodeLen       = 12 // single-use code for the first PIN or a reset
)

// Tries of PINs and codes.
const (
	AuthPINTries = 3
	SignPINTries = 5
	CodeTries    = 5
)

// ValidPIN reports whether a PIN has the alphabet and the length that the role
// wants: 4 digits for auth, 6 to 16 of 0–9 and A–Z for sign.
func ValidPIN(role Role, pin []byte) bool {
	for _, c := range pin {
		if (c < '0' || c > '9') && (role != Sign || c < 'A' || c > 'Z') {
			return false
		}
	}
	switch role {
	case Auth:
		return len(pin) == AuthPINLen
	case Sign:
		return len(pin) >= MinSignPINLen && len(pin) <= MaxPINLen
	}
	return false
}

// RetryQuery is VERIFY without data, which asks for the tries that are left: 00
// 20 00 PIN. The answer is 63Cx, the error of gp.Exchange; Tries reads it.
type RetryQuery struct{ PIN Reference } // zero: Current

// APDU implements gp.Command. Spec: SPEC-JPKI-AP-051.
func (q RetryQuery) APDU([]byte) (apdu.Command, error) {
	c := apdu.Command{INS: iso7816.INSVerify}
	err := q.PIN.put(&c, "VERIFY")
	return c, err
}

// Verify is VERIFY: 00 20 00 PIN value.
type Verify struct {
	PIN   Reference // zero: Current
	Value []byte    // 1 to 16 bytes
}

// APDU implements gp.Command. Spec: SPEC-JPKI-AP-055.
func (v Verify) APDU(buf []byte) (apdu.Command, error) {
	c := apdu.Command{INS: iso7816.INSVerify}
	return withPIN(&c, v.PIN, "VERIFY", buf, nil, v.Value)
}

// Format prints the reference and no value, whatever the verb.
func (v Verify) Format(s fmt.State, _ rune) { format(s, "VERIFY", v.PIN) }

// MarshalText is what Format prints.
func (v Verify) MarshalText() ([]byte, error) { return fmt.Append(nil, v), nil }

// ChangeReferenceData is CHANGE REFERENCE DATA after VERIFY: 00 24 01 PIN new.
type ChangeReferenceData struct {
	PIN Reference // zero: Current
	New []byte
}

// APDU implements gp.Command. Spec: SPEC-JPKI-AP-060.
func (d ChangeReferenceData) APDU(buf []byte) (apdu.Command, error) {
	c := apdu.Command{INS: InsChangeReferenceData, P1: 0x01}
	return withPIN(&c, d.PIN, "CHANGE REFERENCE DATA", buf, nil, d.New)
}

// Format prints the reference and no value, whatever the verb.
func (d ChangeReferenceData) Format(s fmt.State, _ rune) { format(s, "CHANGE REFERENCE DATA", d.PIN) }

// MarshalText is what Format prints.
func (d ChangeReferenceData) MarshalText() ([]byte, error) { return fmt.Append(nil, d), nil }

// ResetRetryCounter is RESET RETRY COUNTER with the single-use code: 00 2C 00
// PIN code new.
type ResetRetryCounter struct {
	PIN  Reference // zero: Current
	Code []byte    // 12 bytes
	New  []byte
}

// APDU implements gp.Command. Spec: SPEC-JPKI-AP-062.
func (d ResetRetryCounter) APDU(buf []byte) (apdu.Command, error) {
	c := apdu.Command{INS: InsResetRetryCounter}
	if len(d.Code) != CodeLen {
		return c, errValue("RESET RETRY COUNTER", "code length")
	}
	return withPIN(&c, d.PIN, "RESET RETRY COUNTER", buf, d.Code, d.New)
}

// Format prints the reference and no value, whatever the verb.
func (d ResetRetryCounter) Format(s fmt.State, _ rune) { format(s, "RESET RETRY COUNTER", d.PIN) }

// MarshalText is what Format prints.
func (d ResetRetryCounter) MarshalText() ([]byte, error) { return fmt.Append(nil, d), nil }

// withPIN completes a command with reference, code and PIN.
func withPIN(c *apdu.Command, ref Reference, instruction string, buf, code, pin []byte) (apdu.Command, error) {
	if len(pin) < 1 || len(pin) > MaxPINLen {
		return *c, errValue(instruction, "PIN length")
	}
	c.Data = append(append(buf, code...), pin...)[len(buf):]
	err := ref.put(c, instruction)
	return *c, err
}

func format(s fmt.State, instruction string, ref Reference) {
	if ref == 0 {
		ref = Current
	}
	fmt.Fprintf(s, "%s %02X", instruction, byte(ref))
}
