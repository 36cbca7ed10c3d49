package sms

import (
	"strconv"

	"inkan/core/wire"
)

// Bits of TP-PI (3GPP TS 23.040 §9.2.3.27).
const (
	bitPIPID byte = 0x01
	bitPIDCS byte = 0x02
	bitPIUDL byte = 0x04
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

// Append appends the encoded TPDU. Spec: SPEC-SMS-010.
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
// a TP-FCS. UD is borrowed from b. Errors are *wire.DecodeError.
// Spec: SPEC-SMS-002, SPEC-SMS-003, SPEC-SMS-004, SPEC-SMS-010.
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
	at := r.Offset()
	pi := r.Byte("TP-PI")
	if pi&^(bitPIPID|bitPIDCS|bitPIUDL) != 0 {
		r.FailAt(at, "TP-PI", "no reserved bit", strconv.FormatUint(uint64(pi), 16))
	}
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
	return d, r.End()
}
