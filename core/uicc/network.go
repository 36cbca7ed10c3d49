package uicc

import (
	"fmt"

	"inkan/core/wire"
)

// LocationStatus is the update status of EF LOCI and EF PSLOCI.
type LocationStatus byte

// Update states (3GPP TS 31.102 §4.2.17).
const (
	Updated    LocationStatus = 0
	NotUpdated LocationStatus = 1
)

// Location is the content of EF LOCI (3GPP TS 31.102 §4.2.17): 11 bytes.
type Location struct {
	TMSI     [4]byte
	PLMN     [3]byte // AppendPLMN
	LAC      uint16
	Reserved byte
	Status   LocationStatus
}

// Append appends the content. Spec: SPEC-USIM-035.
func (l *Location) Append(dst []byte) []byte {
	dst = append(append(dst, l.TMSI[:]...), l.PLMN[:]...)
	return append(dst, byte(l.LAC>>8), byte(l.LAC), l.Reserved, byte(l.Status))
}

// DecodeLocation reads it. Errors are *wire.DecodeError.
func DecodeLocation(b []byte) (l Location, err error) {
	r := wire.NewReader("EF LOCI", b)
	copy(l.TMSI[:], r.Bytes(4, "TMSI"))
	copy(l.PLMN[:], r.Bytes(3, "PLMN"))
	l.LAC, l.Reserved, l.Status = r.Uint16("LAC"), r.Byte("reserved"), LocationStatus(r.Byte("status"))
	return l, r.End()
}

// PacketLocation is the content of EF PSLOCI (3GPP TS 31.102 §4.2.23): 14 bytes.
type PacketLocation struct {
	PTMSI     [4]byte
	Signature [3]byte
	RAI       [6]byte
	Status    LocationStatus
}

// Append appends the content. Spec: SPEC-USIM-035.
func (l *PacketLocation) Append(dst []byte) []byte {
	dst = append(append(append(dst, l.PTMSI[:]...), l.Signature[:]...), l.RAI[:]...)
	return append(dst, byte(l.Status))
}

// DecodePacketLocation reads it. Errors are *wire.DecodeError.
func DecodePacketLocation(b []byte) (l PacketLocation, err error) {
	r := wire.NewReader("EF PSLOCI", b)
	copy(l.PTMSI[:], r.Bytes(4, "P-TMSI"))
	copy(l.Signature[:], r.Bytes(3, "P-TMSI signature"))
	copy(l.RAI[:], r.Bytes(6, "RAI"))
	l.Status = LocationStatus(r.Byte("status"))
	return l, r.End()
}

// AdministrativeData is the content of EF AD (3GPP TS 31.102 §4.2.18).
type AdministrativeData struct {
	Operation  byte   // mode of the terminal: 00 normal, 80 type approval
	Additional uint16 // b1: ciphering indicator
	HasMNC     bool   // false: three bytes, as on old cards
	MNCDigits  byte   // 2 or 3
}

// Append appends the content. Spec: SPEC-USIM-036.
func (a *AdministrativeData) Append(dst []byte) []byte {
	dst = append(dst, a.Operation, byte(a.Additional>>8), byte(a.Additional))
	if a.HasMNC {
		dst = append(dst, a.MNCDigits&0x0F)
	}
	return dst
}

// DecodeAdministrativeData reads it; what follows the fourth byte is reserved.
// Errors are *wire.DecodeError.
func DecodeAdministrativeData(b []byte) (a AdministrativeData, err error) {
	r := wire.NewReader("EF AD", b)
	a.Operation, a.Additional = r.Byte("operation"), r.Uint16("additional information")
	if a.HasMNC = r.More(); a.HasMNC {
		a.MNCDigits = r.Byte("MNC length") & 0x0F
		r.Rest()
	}
	return a, r.End()
}

// ServiceName is the content of EF SPN (3GPP TS 31.102 §4.2.12): 17 bytes. Text
// is as stored, without padding.
type ServiceName struct {
	ShowPLMN bool // the PLMN name is shown in the home network
	HideSPN  bool // the SPN is not shown when roaming
	Text     []byte
}

// ServiceNameBytes is the size of EF SPN.
const ServiceNameBytes = 17

// Append appends the content. Spec: SPEC-USIM-037.
func (s *ServiceName) Append(dst []byte) ([]byte, error) {
	mark := len(dst)
	var b byte
	if s.ShowPLMN {
		b |= 1
	}
	if s.HideSPN {
		b |= 2
	}
	return pad(append(append(dst, b), s.Text...), mark, ServiceNameBytes, "service provider name")
}

// DecodeServiceName reads it. Text is borrowed. Errors are *wire.DecodeError.
func DecodeServiceName(b []byte) (s ServiceName, err error) {
	r := wire.NewReader("EF SPN", b)
	c := r.Byte("display condition")
	s.ShowPLMN, s.HideSPN = c&1 != 0, c&2 != 0
	s.Text = trim(r.Bytes(ServiceNameBytes-1, "name"))
	return s, r.End()
}

// EmergencyCode is a record of EF ECC (3GPP TS 31.102 §4.2.21): three bytes of
// digits, a name, the service category.
type EmergencyCode struct {
	Digits   string // up to 6
	Text     []byte
	Category byte // b1 police, b2 ambulance, b3 fire brigade, b4 marine guard, b5 mountain rescue
}

// Append appends a record of the given size in bytes. Spec: SPEC-USIM-038.
func (e *EmergencyCode) Append(dst []byte, recordBytes int) ([]byte, error) {
	if recordBytes < 4 {
		return dst, fmt.Errorf("uicc: a record of %d bytes, want at least 4", recordBytes)
	}
	mark := len(dst)
	dst, err := appendDigits(dst, e.Digits, extended)
	if err != nil {
		return dst[:mark], err
	}
	if dst, err = pad(dst, mark, 3, "emergency code"); err != nil {
		return dst, err
	}
	text := len(dst)
	if dst, err = pad(append(dst, e.Text...), text, recordBytes-4, "name"); err != nil {
		return dst[:mark], err
	}
	return append(dst, e.Category), nil
}

// DecodeEmergencyCode reads a record; ok is false for an unused one. Text is
// borrowed. Errors are *wire.DecodeError.
func DecodeEmergencyCode(b []byte) (e EmergencyCode, ok bool, err error) {
	r := wire.NewReader("EF ECC", b)
	if len(b) < 4 {
		r.Fail("record", "at least 4 bytes", "fewer")
		return e, false, r.Err()
	}
	code := r.Bytes(3, "code")
	e.Digits = readDigits(&r, code, "code", extended)
	e.Text = trim(r.Bytes(len(b)-4, "name"))
	e.Category = r.Byte("category")
	return e, e.Digits != "", r.End()
}
