package sms

import (
	"strconv"

	"inkan/core/wire"
)

// Bits of TP-PI (3GPP TS 23.040 §9.2.3.27).
const (
	bitPIPID       byte = 0x01
	bitPIDCS       byte = 0x02
	bitPIUDL       byte = 0x04
	bitsPIReserved byte = 0x78 // something follows TP-UD
	bitPIExtension byte = 0x80 // another octet of TP-PI follows
)

// FailureCauseMin is the least TP-FCS value that is not reserved.
const FailureCauseMin byte = 0x80

// FailureCauseDataDownload is TP-FCS "(U)SIM data download error".
const FailureCauseDataDownload byte = 0xD5

// DeliverReport is an SMS-DELIVER-REPORT TPDU (3GPP TS 23.040 §9.2.2.1a),
// mobile to service centre. The response data of the UICC to an ENVELOPE
// (SMS-PP download) becomes its UD (3GPP TS 31.111 §7.1.1.2).
type DeliverReport struct {
	UDHI         bool // UD begins with a header
	FailureCause byte // TP-FCS; 0: the report goes in an RP-ACK and has none
	HasPID       bool
	PID          byte
	HasDCS       bool
	DCS          byte
	HasUD        bool
	UD           []byte
	UDL          byte // length in octets or septets; 0 and UD non-empty: set by Append
}

// NewResponseReport is the report that carries a proof of receipt as the UICC
// answered it to an ENVELOPE. Spec: SPEC-SMS-010, SPEC-SMS-020.
func NewResponseReport(userData []byte) DeliverReport {
	return DeliverReport{UDHI: true, HasPID: true, PID: PIDDataDownload, HasDCS: true, DCS: DCSClass2Data, HasUD: true, UD: userData}
}

// Append appends the encoded TPDU. Spec: SPEC-SMS-010, SPEC-SMS-018.
func (d *DeliverReport) Append(dst []byte) ([]byte, error) {
	udl, err := lengthFor(d.UDL, d.DCS, d.UD, d.limit())
	if err != nil {
		return dst, err
	}
	dst = append(dst, mtiDeliver|flag(d.UDHI, bitUDHI))
	if d.FailureCause != 0 {
		dst = append(dst, d.FailureCause)
	}
	dst = append(dst, flag(d.HasPID, bitPIPID)|flag(d.HasDCS, bitPIDCS)|flag(d.HasUD, bitPIUDL))
	if d.HasPID {
		dst = append(dst, d.PID)
	}
	if d.HasDCS {
		dst = append(dst, d.DCS)
	}
	if d.HasUD {
		dst = append(append(dst, udl), d.UD...)
	}
	return dst, nil
}

func (d *DeliverReport) limit() int {
	if d.FailureCause != 0 {
		return MaxErrorUserData
	}
	return MaxReportUserData
}

// DecodeDeliverReport reads an SMS-DELIVER-REPORT. Whether it came in an
// RP-ACK or in an RP-ERROR is the lower layer's knowledge: only the latter has
// a TP-FCS. Reserved bits of TP-PI, more octets of it, and what they announce
// behind TP-UD are passed over and not kept. UD is borrowed from b. Errors are
// *wire.DecodeError.
// Spec: SPEC-SMS-002, SPEC-SMS-003, SPEC-SMS-004, SPEC-SMS-010, SPEC-SMS-015,
// SPEC-SMS-016, SPEC-SMS-017, SPEC-SMS-019.
func DecodeDeliverReport(b []byte, rpError bool) (DeliverReport, error) {
	r := wire.NewReader("SMS-DELIVER-REPORT", b)
	first := messageType(&r, mtiDeliver)
	d := DeliverReport{UDHI: first&bitUDHI != 0}
	if rpError {
		at := r.Offset()
		if d.FailureCause = r.Byte("TP-FCS"); d.FailureCause < FailureCauseMin {
			r.FailAt(at, "TP-FCS", "80 to FF", strconv.FormatUint(uint64(d.FailureCause), 16))
		}
	}
	pi, more := parameterIndicator(&r)
	d.HasPID, d.HasDCS, d.HasUD = pi&bitPIPID != 0, pi&bitPIDCS != 0, pi&bitPIUDL != 0
	if d.HasPID {
		d.PID = r.Byte("TP-PID")
	}
	if d.HasDCS {
		d.DCS = r.Byte("TP-DCS")
	}
	if d.HasUD {
		d.UDL, d.UD = userData(&r, d.DCS, d.limit())
	}
	if more {
		r.Rest()
	}
	return d, r.End()
}

// parameterIndicator reads TP-PI with its extensions and returns its first
// octet. more is true when a reserved bit says that something follows TP-UD.
// Spec: SPEC-SMS-015, SPEC-SMS-016, SPEC-SMS-017, SPEC-SMS-019.
func parameterIndicator(r *wire.Reader) (pi byte, more bool) {
	pi = r.Byte("TP-PI")
	more = pi&bitsPIReserved != 0
	for octet := pi; octet&bitPIExtension != 0; {
		octet = r.Byte("TP-PI extension")
		more = more || octet&^bitPIExtension != 0
	}
	return pi, more
}
