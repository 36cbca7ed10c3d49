package sms

// Values that mark a short message as a secured packet for the UICC
// (3GPP TS 31.115 §4.1; TS 31.111 §7.1.1). Spec: SPEC-SMS-020.
const (
	PIDDataDownload byte = 0x7F // (U)SIM data download
	DCSClass2Data   byte = 0xF6 // 8-bit data, message class 2
)

// octets is how many octets of user data a TP-UDL of n means under a data
// coding scheme: n septets of the default alphabet are packed, everything else
// is counted in octets (3GPP TS 23.038 §4, TS 23.040 §9.2.3.16).
func octets(dcs byte, n int) int {
	if septets(dcs) {
		return (n*7 + 7) / 8
	}
	return n
}

// septets reports whether TP-UDL counts septets.
func septets(dcs byte) bool {
	switch dcs >> 4 {
	case 0, 1, 2, 3, 4, 5, 6, 7: // general, and marked for deletion
		compressed := dcs&0x20 != 0
		return !compressed && (dcs>>2&3 == 0 || dcs>>2&3 == 3)
	case 0xE: // message waiting, UCS2
		return false
	case 0xF: // data coding and message class
		return dcs&0x04 == 0
	}
	return true // message waiting in the default alphabet; reserved groups are read so
}

// IsDataDownload reports whether PID and DCS make the terminal hand a short
// message to the UICC in an ENVELOPE (3GPP TS 31.111 §7.1.1.1: PID 7F and
// message class 2). Spec: SPEC-SMS-021.
func IsDataDownload(pid, dcs byte) bool {
	if pid != PIDDataDownload {
		return false
	}
	switch {
	case dcs>>4 == 0xF:
		return dcs&3 == 2
	case dcs>>7 == 0:
		return dcs&0x10 != 0 && dcs&3 == 2
	}
	return false
}
