package sms

import (
	"fmt"

	"inkan/core/wire"
)

// ValidityPeriodFormat is TP-VPF, b5-b4 of the first octet of SMS-SUBMIT.
type ValidityPeriodFormat byte

// Validity period formats and the size of TP-VP: 0, 7, 1 and 7 octets.
const (
	ValidityNone     ValidityPeriodFormat = 0
	ValidityEnhanced ValidityPeriodFormat = 1
	ValidityRelative ValidityPeriodFormat = 2
	ValidityAbsolute ValidityPeriodFormat = 3
)

func (f ValidityPeriodFormat) size() int { return [4]int{0, 7, 1, validityAbsoluteSize}[f&3] }

// Submit is an SMS-SUBMIT TPDU (3GPP TS 23.040 §9.2.2.2), mobile to service
// centre.
type Submit struct {
	RD   bool                 // reject duplicates
	SRR  bool                 // a status report is requested
	UDHI bool                 // UD begins with a header
	RP   bool                 // reply path
	VPF  ValidityPeriodFormat // form of VP
	MR   byte                 // message reference
	DA   Address              // destination address
	PID  byte
	DCS  byte
	VP   [7]byte // validity period; the first 0, 1 or 7 octets count
	UD   []byte  // user data, octets
	UDL  byte    // length in octets or septets; 0 and UD non-empty: set by Append
}

// NewResponseSubmit is the SMS-SUBMIT in which the UICC has a proof of receipt
// sent (3GPP TS 31.115 §4.3). Spec: SPEC-SMS-020.
func NewResponseSubmit(to Address, userData []byte) Submit {
	return Submit{UDHI: true, DA: to, PID: PIDDataDownload, DCS: DCSClass2Data, UD: userData}
}

// Append appends the encoded TPDU. It fails when UD is longer than MaxUserData
// or UDL does not fit it. Spec: SPEC-SMS-008.
func (s *Submit) Append(dst []byte) ([]byte, error) {
	udl, err := lengthFor(s.UDL, s.DCS, s.UD, MaxUserData)
	if err != nil {
		return dst, err
	}
	if s.VPF > ValidityAbsolute {
		return dst, fmt.Errorf("sms: TP-VPF %d, at most 3", s.VPF)
	}
	dst = append(dst, mtiSubmit|byte(s.VPF)<<3|flag(s.RD, bitRD)|flag(s.SRR, bitSRR)|flag(s.UDHI, bitUDHI)|flag(s.RP, bitRP), s.MR)
	dst = s.DA.Append(dst)
	dst = append(dst, s.PID, s.DCS)
	dst = append(dst, s.VP[:s.VPF.size()]...)
	return append(append(dst, udl), s.UD...), nil
}

// DecodeSubmit reads an SMS-SUBMIT. UD is borrowed from b. Errors are
// *wire.DecodeError. Spec: SPEC-SMS-002, SPEC-SMS-003, SPEC-SMS-004,
// SPEC-SMS-008.
func DecodeSubmit(b []byte) (Submit, error) {
	r := wire.NewReader("SMS-SUBMIT", b)
	first := messageType(&r, mtiSubmit)
	s := Submit{
		RD: first&bitRD != 0, SRR: first&bitSRR != 0, UDHI: first&bitUDHI != 0, RP: first&bitRP != 0,
		VPF: ValidityPeriodFormat(first >> 3 & 3),
	}
	s.MR = r.Byte("TP-MR")
	s.DA = readAddress(&r, "TP-DA")
	s.PID, s.DCS = r.Byte("TP-PID"), r.Byte("TP-DCS")
	copy(s.VP[:], r.Bytes(s.VPF.size(), "TP-VP"))
	s.UDL, s.UD = userData(&r, s.DCS, MaxUserData)
	return s, r.End()
}
