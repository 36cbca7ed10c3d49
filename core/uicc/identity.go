package uicc

import (
	"fmt"

	"inkan/core/wire"
)

const decimal = "0123456789"

// ICCIDBytes is the size of EF ICCID.
const ICCIDBytes = 10

// AppendICCID appends the content of EF ICCID (ETSI TS 102 221 §13.2): up to 20
// digits in swapped BCD, padded with F. Spec: SPEC-USIM-030.
func AppendICCID(dst []byte, iccid string) ([]byte, error) {
	if len(iccid) < 10 || len(iccid) > 2*ICCIDBytes {
		return dst, fmt.Errorf("uicc: an ICCID of %d digits, want 10 to 20", len(iccid))
	}
	mark := len(dst)
	dst, err := appendDigits(dst, iccid, decimal)
	if err != nil {
		return dst[:mark], err
	}
	return pad(dst, mark, ICCIDBytes, "ICCID")
}

// DecodeICCID reads it. Errors are *wire.DecodeError.
func DecodeICCID(b []byte) (string, error) {
	r := wire.NewReader("EF ICCID", b)
	s := readDigits(&r, r.Bytes(ICCIDBytes, "ICCID"), "ICCID", decimal)
	return s, r.End()
}

// IMSIBytes is the size of EF IMSI.
const IMSIBytes = 9

// AppendIMSI appends the content of EF IMSI (3GPP TS 31.102 §4.2.2): length,
// parity and up to 15 digits. Spec: SPEC-USIM-031.
func AppendIMSI(dst []byte, imsi string) ([]byte, error) {
	if len(imsi) < 6 || len(imsi) > 15 {
		return dst, fmt.Errorf("uicc: an IMSI of %d digits, want 6 to 15", len(imsi))
	}
	mark := len(dst)
	dst = append(dst, byte(len(imsi)/2+1))
	parity := "1" // even number of digits
	if len(imsi)%2 == 1 {
		parity = "9"
	}
	dst, err := appendDigits(dst, parity+imsi, decimal)
	if err != nil {
		return dst[:mark], err
	}
	return pad(dst, mark, IMSIBytes, "IMSI")
}

// DecodeIMSI reads it. Errors are *wire.DecodeError.
func DecodeIMSI(b []byte) (string, error) {
	r := wire.NewReader("EF IMSI", b)
	n := int(r.Byte("length"))
	if r.Err() == nil && (n < 4 || n > 8) {
		r.FailAt(0, "length", "4 to 8", "another number")
	}
	s := readDigits(&r, r.Bytes(n, "IMSI"), "IMSI", decimal)
	restFF(&r, "padding")
	if r.Err() == nil && r.Offset() != IMSIBytes {
		r.Fail("IMSI", "9 bytes", "another size")
	}
	if r.Err() == nil && (len(s) < 2 || s[0] != '1' && s[0] != '9' || (s[0] == '9') != (len(s)%2 == 0)) {
		r.FailAt(1, "parity", "9 for an odd number of digits, 1 for an even one", "another value")
	}
	if r.Err() != nil {
		return "", r.Err()
	}
	return s[1:], nil
}

// AppendPLMN appends a network in three bytes (3GPP TS 24.008 §10.5.1.13): MCC of
// three digits, MNC of two or three. Spec: SPEC-USIM-032.
func AppendPLMN(dst []byte, mcc, mnc string) ([]byte, error) {
	if len(mcc) != 3 || len(mnc) != 2 && len(mnc) != 3 {
		return dst, fmt.Errorf("uicc: MCC of %d and MNC of %d digits, want 3 and 2 or 3", len(mcc), len(mnc))
	}
	for _, s := range []string{mcc, mnc} {
		for _, c := range []byte(s) {
			if c < '0' || c > '9' {
				return dst, fmt.Errorf("uicc: a network code with a character that is no digit")
			}
		}
	}
	third := byte(0x0F)
	if len(mnc) == 3 {
		third = mnc[2]
	}
	pair := func(high, low byte) byte { return (high&15)<<4 | low&15 } // of ASCII digits
	return append(dst, pair(mcc[1], mcc[0]), pair(third, mcc[2]), pair(mnc[1], mnc[0])), nil
}

// DecodePLMN reads it; both are empty for FFFFFF, an unused entry. Errors are
// *wire.DecodeError.
func DecodePLMN(b []byte) (mcc, mnc string, err error) {
	r := wire.NewReader("PLMN", b)
	v := r.Bytes(3, "PLMN")
	if err := r.End(); err != nil {
		return "", "", err
	}
	if v[0] == 0xFF && v[1] == 0xFF && v[2] == 0xFF {
		return "", "", nil
	}
	digits := []byte{v[0] & 15, v[0] >> 4, v[1] & 15, v[2] & 15, v[2] >> 4, v[1] >> 4}
	n := len(digits)
	if digits[5] == 15 {
		n--
	}
	for i, d := range digits[:n] {
		if d > 9 {
			r.FailAt(i/2, "PLMN", "digits", "another half-byte")
			return "", "", r.Err()
		}
		digits[i] = '0' + d
	}
	return string(digits[:3]), string(digits[3:n]), nil
}
