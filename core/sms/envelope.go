package sms

import (
	"inkan/core/apdu"
	"inkan/core/tlv"
	"inkan/core/wire"
)

// Tags of the toolkit messages (3GPP TS 31.111 §9.2, §9.3).
const (
	tagDownload  tlv.Tag = 0xD1 // SMS-PP download
	tagProactive tlv.Tag = 0xD0

	tagCommandDetails tlv.ComprehensionTag = 0x01
	tagDevices        tlv.ComprehensionTag = 0x02
	tagAddress        tlv.ComprehensionTag = 0x06
	tagTPDU           tlv.ComprehensionTag = 0x0B
)

// Device identities (ETSI TS 102 223 §8.7).
const (
	deviceUICC    byte = 0x81
	deviceNetwork byte = 0x83
)

// INSEnvelope is the instruction byte of ENVELOPE (class 80).
const INSEnvelope byte = 0xC2

// Download is the SMS-PP download object: a short message that the terminal
// hands to the UICC (3GPP TS 31.111 §7.1.1.3).
type Download struct {
	Address []byte // RP-Originating-Address: TON/NPI and BCD digits of the service centre; empty: absent
	TPDU    []byte // SMS-DELIVER
}

// Append appends the object, which is the data of ENVELOPE. Spec: SPEC-SMS-040.
func (d *Download) Append(dst []byte) []byte {
	dst, mark := tlv.Begin(dst, tagDownload)
	dst = append(dst, 0x82, 2, deviceNetwork, deviceUICC)
	if len(d.Address) > 0 {
		dst = tlv.AppendComprehension(dst, tagAddress, false, d.Address)
	}
	dst = tlv.AppendComprehension(dst, tagTPDU, true, d.TPDU)
	return tlv.End(dst, mark)
}

// Envelope is the ENVELOPE command with this data, which asks for the response
// data (the proof of receipt, when there is one). Spec: SPEC-SMS-040.
func Envelope(data []byte) apdu.Command {
	return apdu.Command{CLA: 0x80, INS: INSEnvelope, Data: data, Ne: apdu.MaxShortNe}
}

// DecodeDownload reads the SMS-PP download object of an ENVELOPE. The fields
// are borrowed from b. Errors are *wire.DecodeError.
// Spec: SPEC-SMS-040, SPEC-SMS-041, SPEC-SMS-042.
func DecodeDownload(b []byte) (Download, error) {
	in, err := object(b, tagDownload)
	if err != nil {
		return Download{}, err
	}
	var d Download
	devices := false
	for in.Next() {
		switch in.Tag() {
		case tagDevices:
			if v := in.Value(); len(v) != 2 || v[0] != deviceNetwork || v[1] != deviceUICC {
				return Download{}, missing(in.Offset(), "device identities", "83 81")
			}
			devices = true
		case tagAddress:
			d.Address = in.Value()
		case tagTPDU:
			d.TPDU = in.Value()
		}
	}
	switch {
	case in.Err() != nil:
		return Download{}, in.Err()
	case !devices:
		return Download{}, missing(len(b), "device identities", "the object")
	case len(d.TPDU) == 0:
		return Download{}, missing(len(b), "SMS TPDU", "the object")
	}
	return d, nil
}

// object opens the one BER-TLV object with this tag that b consists of.
func object(b []byte, tag tlv.Tag) (tlv.ComprehensionReader, error) {
	r := tlv.NewReader(b)
	if !r.Next() {
		if r.Err() != nil {
			return tlv.ComprehensionReader{}, r.Err()
		}
		return tlv.ComprehensionReader{}, missing(0, "", "tag "+tag.String())
	}
	if r.Tag() != tag {
		return tlv.ComprehensionReader{}, r.Fault("tag "+tag.String(), "tag "+r.Tag().String())
	}
	value, offset := r.Value(), r.ValueOffset()
	if r.Next() || r.Err() != nil {
		return tlv.ComprehensionReader{}, missing(offset+len(value), "", "end of input")
	}
	return tlv.NewComprehensionReader(value, offset, 0), nil
}

func missing(offset int, path, want string) *wire.DecodeError {
	return &wire.DecodeError{Format: "toolkit object", Path: path, Offset: offset, Want: want, Got: "something else"}
}

// SendShortMessage is the proactive command SEND SHORT MESSAGE (3GPP TS 31.111
// §6.4.10), by which the UICC has a proof of receipt sent as SMS-SUBMIT.
type SendShortMessage struct {
	Number    byte   // command number
	Qualifier byte   // b1: the terminal packs into 7-bit
	Address   []byte // RP-Destination-Address of the service centre; empty: the terminal's own
	TPDU      []byte // SMS-SUBMIT
}

const typeSendShortMessage byte = 0x13

// Append appends the command as FETCH returns it. Spec: SPEC-SMS-043.
func (s *SendShortMessage) Append(dst []byte) []byte {
	dst, mark := tlv.Begin(dst, tagProactive)
	dst = append(dst, 0x81, 3, s.Number, typeSendShortMessage, s.Qualifier)
	dst = append(dst, 0x82, 2, deviceUICC, deviceNetwork)
	if len(s.Address) > 0 {
		dst = tlv.AppendComprehension(dst, tagAddress, true, s.Address)
	}
	dst = tlv.AppendComprehension(dst, tagTPDU, true, s.TPDU)
	return tlv.End(dst, mark)
}

// DecodeSendShortMessage reads the proactive command. The fields are borrowed
// from b. Errors are *wire.DecodeError. Spec: SPEC-SMS-043, SPEC-SMS-044.
func DecodeSendShortMessage(b []byte) (SendShortMessage, error) {
	in, err := object(b, tagProactive)
	if err != nil {
		return SendShortMessage{}, err
	}
	var s SendShortMessage
	details := false
	for in.Next() {
		switch in.Tag() {
		case tagCommandDetails:
			v := in.Value()
			if len(v) != 3 || v[1] != typeSendShortMessage {
				return SendShortMessage{}, missing(in.Offset(), "command details", "type 13")
			}
			s.Number, s.Qualifier, details = v[0], v[2], true
		case tagAddress:
			s.Address = in.Value()
		case tagTPDU:
			s.TPDU = in.Value()
		}
	}
	switch {
	case in.Err() != nil:
		return SendShortMessage{}, in.Err()
	case !details:
		return SendShortMessage{}, missing(len(b), "command details", "the object")
	case len(s.TPDU) == 0:
		return SendShortMessage{}, missing(len(b), "SMS TPDU", "the object")
	}
	return s, nil
}
