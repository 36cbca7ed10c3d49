package sms

import (
	"fmt"
	"strconv"

	"inkan/core/wire"
)

// Sizes of user data, octets (3GPP TS 23.040 §9.2.2).
const (
	MaxUserData          = 140 // TP-UD of SMS-DELIVER and SMS-SUBMIT
	MaxReportUserData    = 159 // TP-UD of SMS-DELIVER-REPORT in an RP-ACK
	MaxErrorUserData     = 158 // TP-UD of SMS-DELIVER-REPORT in an RP-ERROR
	MaxTPDU              = 176 // a TPDU of any type we write, rounded up
	timeStampSize        = 7
	validityAbsoluteSize = 7
)

// Message type indicators, b2-b1 of the first octet.
const (
	mtiDeliver byte = 0 // to the mobile; from it: SMS-DELIVER-REPORT
	mtiSubmit  byte = 1
)

// Bits of the first octet.
const (
	bitMMS  byte = 0x04
	bitLP   byte = 0x08
	bitSRI  byte = 0x20
	bitRD   byte = 0x04
	bitSRR  byte = 0x20
	bitUDHI byte = 0x40
	bitRP   byte = 0x80
)

// Deliver is an SMS-DELIVER TPDU (3GPP TS 23.040 §9.2.2.1), service centre to
// mobile. Field names are the standard's without "TP-".
type Deliver struct {
	MMS  bool    // no more messages are waiting
	LP   bool    // loop prevention
	SRI  bool    // a status report will be returned
	UDHI bool    // UD begins with a header
	RP   bool    // reply path
	OA   Address // originating address
	PID  byte    // protocol identifier
	DCS  byte    // data coding scheme
	SCTS [7]byte // service centre time stamp, swapped BCD
	UD   []byte  // user data, octets
	UDL  byte    // length in octets or septets; 0 and UD non-empty: set by Append
}

// NewCommandDeliver is the SMS-DELIVER that brings the user data of a secured
// packet to the UICC. Spec: SPEC-SMS-020.
func NewCommandDeliver(from Address, timeStamp [7]byte, userData []byte) Deliver {
	return Deliver{MMS: true, UDHI: true, OA: from, PID: PIDDataDownload, DCS: DCSClass2Data, SCTS: timeStamp, UD: userData}
}

// Append appends the encoded TPDU. It fails when UD is longer than MaxUserData
// or UDL does not fit it. Spec: SPEC-SMS-001.
func (d *Deliver) Append(dst []byte) ([]byte, error) {
	udl, err := lengthFor(d.UDL, d.DCS, d.UD, MaxUserData)
	if err != nil {
		return dst, err
	}
	dst = append(dst, mtiDeliver|flag(d.MMS, bitMMS)|flag(d.LP, bitLP)|flag(d.SRI, bitSRI)|flag(d.UDHI, bitUDHI)|flag(d.RP, bitRP))
	dst = d.OA.Append(dst)
	dst = append(dst, d.PID, d.DCS)
	dst = append(dst, d.SCTS[:]...)
	return append(append(dst, udl), d.UD...), nil
}

// DecodeDeliver reads an SMS-DELIVER. UD is borrowed from b. Errors are
// *wire.DecodeError. Spec: SPEC-SMS-001, SPEC-SMS-002, SPEC-SMS-003,
// SPEC-SMS-004.
func DecodeDeliver(b []byte) (Deliver, error) {
	r := wire.NewReader("SMS-DELIVER", b)
	first := messageType(&r, mtiDeliver)
	d := Deliver{
		MMS: first&bitMMS != 0, LP: first&bitLP != 0, SRI: first&bitSRI != 0,
		UDHI: first&bitUDHI != 0, RP: first&bitRP != 0,
	}
	d.OA = readAddress(&r, "TP-OA")
	d.PID, d.DCS = r.Byte("TP-PID"), r.Byte("TP-DCS")
	copy(d.SCTS[:], r.Bytes(timeStampSize, "TP-SCTS"))
	d.UDL, d.UD = userData(&r, d.DCS, MaxUserData)
	return d, r.End()
}

func flag(on bool, bit byte) byte {
	if on {
		return bit
	}
	return 0
}

// messageType reads the first octet and checks its MTI. Spec: SPEC-SMS-002.
func messageType(r *wire.Reader, mti byte) byte {
	at := r.Offset()
	first := r.Byte("first octet")
	if first&3 != mti {
		r.FailAt(at, "TP-MTI", strconv.Itoa(int(mti)), strconv.Itoa(int(first&3)))
	}
	return first
}

// userData reads TP-UDL and TP-UD. Spec: SPEC-SMS-003, SPEC-SMS-004.
func userData(r *wire.Reader, dcs byte, limit int) (udl byte, ud []byte) {
	at := r.Offset()
	udl = r.Byte("TP-UDL")
	n := octets(dcs, int(udl))
	if n > limit {
		r.FailAt(at, "TP-UDL", "at most "+strconv.Itoa(limit)+" octets", strconv.Itoa(n))
		return 0, nil
	}
	return udl, r.Bytes(n, "TP-UD")
}

// lengthFor is the TP-UDL of ud. A caller's udl of 0 means: count it here,
// which for septets cannot be done (a trailing fill of 7 bits is ambiguous).
func lengthFor(udl, dcs byte, ud []byte, limit int) (byte, error) {
	if len(ud) > limit {
		return 0, fmt.Errorf("sms: user data of %d octets, at most %d", len(ud), limit)
	}
	if udl == 0 && !septets(dcs) {
		udl = byte(len(ud))
	}
	if octets(dcs, int(udl)) != len(ud) {
		return 0, fmt.Errorf("sms: TP-UDL %d does not fit %d octets of user data", udl, len(ud))
	}
	return udl, nil
}
