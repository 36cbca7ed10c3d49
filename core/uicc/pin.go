package uicc

import (
	"fmt"

	"inkan/core/apdu"
)

// PIN is a PIN, PUK or administrative key as it travels: 8 bytes, padded with FF.
// It never shows its value.
type PIN [8]byte

// NewPIN is the PIN of up to 8 bytes of text. It fails for a longer one.
func NewPIN(digits string) (p PIN, err error) {
	if len(digits) > len(p) {
		return p, failed("PIN", "at most 8 digits")
	}
	n := copy(p[:], digits)
	for i := n; i < len(p); i++ {
		p[i] = 0xFF
	}
	return p, nil
}

// Format hides the value, whatever the verb.
func (PIN) Format(s fmt.State, _ rune) { fmt.Fprint(s, "PIN") }

// MarshalText is what Format prints, for JSON and logs.
func (PIN) MarshalText() ([]byte, error) { return []byte("PIN"), nil }

// Acceptable reports whether a new value is 4 to 8 digits and then FF.
// Spec: SPEC-USIM-101.
func (p PIN) Acceptable() bool {
	n := 0
	for n < len(p) && p[n] >= '0' && p[n] <= '9' {
		n++
	}
	for _, c := range p[n:] {
		if c != 0xFF {
			return false
		}
	}
	return n >= 4
}

// VerifyPIN is VERIFY PIN (ETSI TS 102 221 §11.1.9): 00 20.
type VerifyPIN struct {
	Key   KeyReference
	Value *PIN // nil: only ask how many tries are left
}

// APDU implements Command.
func (v VerifyPIN) APDU(buf []byte) (apdu.Command, error) {
	c := apdu.Command{INS: InsVerifyPIN, P2: byte(v.Key)}
	if v.Value != nil {
		c.Data = data(buf, v.Value[:])
	}
	return c, nil
}

// ChangePIN is CHANGE PIN (ETSI TS 102 221 §11.1.10): 00 24.
type ChangePIN struct {
	Key      KeyReference
	Old, New PIN
}

// APDU implements Command.
func (v ChangePIN) APDU(buf []byte) (apdu.Command, error) {
	return apdu.Command{INS: InsChangePIN, P2: byte(v.Key), Data: data(buf, v.Old[:], v.New[:])}, nil
}

// DisablePIN is DISABLE PIN (ETSI TS 102 221 §11.1.11), EnablePIN is ENABLE PIN
// (§11.1.12): 00 26, 00 28.
type DisablePIN struct {
	Key   KeyReference
	Value PIN
}

// APDU implements Command.
func (v DisablePIN) APDU(buf []byte) (apdu.Command, error) {
	return apdu.Command{INS: InsDisablePIN, P2: byte(v.Key), Data: data(buf, v.Value[:])}, nil
}

// EnablePIN is explained at DisablePIN.
type EnablePIN struct {
	Key   KeyReference
	Value PIN
}

// APDU implements Command.
func (v EnablePIN) APDU(buf []byte) (apdu.Command, error) {
	return apdu.Command{INS: InsEnablePIN, P2: byte(v.Key), Data: data(buf, v.Value[:])}, nil
}

// UnblockPIN is UNBLOCK PIN (ETSI TS 102 221 §11.1.13): 00 2C.
type UnblockPIN struct {
	Key KeyReference
	// Values is the unblocking key and the new PIN; nil: only ask how many tries
	// are left.
	Values *[2]PIN
}

// APDU implements Command.
func (v UnblockPIN) APDU(buf []byte) (apdu.Command, error) {
	c := apdu.Command{INS: InsUnblockPIN, P2: byte(v.Key)}
	if v.Values != nil {
		c.Data = data(buf, v.Values[0][:], v.Values[1][:])
	}
	return c, nil
}
