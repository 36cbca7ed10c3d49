package uicc

import (
	"inkan/core/apdu"
	"inkan/core/tlv"
	"inkan/core/wire"
)

// TerminalProfile is TERMINAL PROFILE (ETSI TS 102 221 §11.2.1): 80 10.
type TerminalProfile struct{ Profile []byte }

// APDU implements Command.
func (t TerminalProfile) APDU(buf []byte) (apdu.Command, error) {
	return apdu.Command{CLA: ClassUICC, INS: InsTerminalProfile, Data: data(buf, t.Profile)}, nil
}

// Fetch is FETCH (ETSI TS 102 221 §11.2.3): 80 12. Length is what 91xx says, 1 to
// 256.
type Fetch struct{ Length int }

// APDU implements Command.
func (f Fetch) APDU([]byte) (apdu.Command, error) {
	return apdu.Command{CLA: ClassUICC, INS: InsFetch, Ne: f.Length}, nil
}

// Envelope is ENVELOPE (ETSI TS 102 221 §11.2.2): 80 C2.
type Envelope struct{ Data []byte }

// APDU implements Command.
func (e Envelope) APDU(buf []byte) (apdu.Command, error) {
	return apdu.Command{CLA: ClassUICC, INS: InsEnvelope, Ne: apdu.MaxShortNe, Data: data(buf, e.Data)}, nil
}

// Tags of ENVELOPE and of proactive commands (ETSI TS 101 220 §7.2).
const (
	TagProactive        tlv.Tag = 0xD0
	TagSMSPPDownload    tlv.Tag = 0xD1
	TagCellBroadcast    tlv.Tag = 0xD2
	TagMenuSelection    tlv.Tag = 0xD3
	TagCallControl      tlv.Tag = 0xD4
	TagMOShortMessage   tlv.Tag = 0xD5
	TagEventDownload    tlv.Tag = 0xD6
	TagTimerExpiration  tlv.Tag = 0xD7
	TagUSSDDownload     tlv.Tag = 0xD9
	comprehensionDetail         = 0x01
	comprehensionDevice         = 0x02
	comprehensionResult         = 0x03
)

// CommandType is the type of a proactive command (ETSI TS 102 223 §9.4).
type CommandType byte

// Types.
const (
	Refresh          CommandType = 0x01
	SendShortMessage CommandType = 0x13
	DisplayText      CommandType = 0x21
	SetUpMenu        CommandType = 0x25
	OpenChannel      CommandType = 0x40
)

// CommandDetails is the object that begins a proactive command and its TERMINAL
// RESPONSE (ETSI TS 102 223 §8.6).
type CommandDetails struct {
	Number    byte
	Type      CommandType
	Qualifier byte
}

// TerminalResponse is TERMINAL RESPONSE (ETSI TS 102 223 §6.8): 80 14.
type TerminalResponse struct {
	Details    CommandDetails
	Result     byte   // general result: 00 to 0F done, 10 to 2F not now, 30 and above not at all
	Additional []byte // behind the general result
	Rest       []byte // objects behind the result, as they are
}

// Append appends the data field. Spec: SPEC-USIM-130.
func (t *TerminalResponse) Append(dst []byte) []byte {
	dst = tlv.AppendComprehension(dst, comprehensionDetail, true, []byte{t.Details.Number, byte(t.Details.Type), t.Details.Qualifier})
	dst = tlv.AppendComprehension(dst, comprehensionDevice, true, []byte{0x82, 0x81})
	dst = tlv.AppendComprehension(dst, comprehensionResult, true, append([]byte{t.Result}, t.Additional...))
	return append(dst, t.Rest...)
}

// APDU implements Command.
func (t TerminalResponse) APDU(buf []byte) (apdu.Command, error) {
	n := len(buf)
	return apdu.Command{CLA: ClassUICC, INS: InsTerminalResponse, Data: t.Append(buf)[n:]}, nil
}

// DecodeTerminalResponse reads the data field: command details, device identities
// and result, in this order. Slices are borrowed. Errors are *wire.DecodeError.
// Spec: SPEC-USIM-130.
func DecodeTerminalResponse(b []byte) (TerminalResponse, error) {
	const format = "TERMINAL RESPONSE"
	r := tlv.NewComprehensionReader(b, 0, 0)
	var t TerminalResponse
	for step := range 3 {
		if !r.Next() {
			if r.Err() == nil {
				return TerminalResponse{}, &wire.DecodeError{Format: format, Offset: len(b), Want: "details, identities and result", Got: "end of input"}
			}
			return TerminalResponse{}, r.Err()
		}
		v := r.Value()
		switch {
		case step == 0 && r.Tag() == comprehensionDetail && len(v) == 3:
			t.Details = CommandDetails{v[0], CommandType(v[1]), v[2]}
		case step == 1 && r.Tag() == comprehensionDevice && len(v) == 2 && v[0] == 0x82 && v[1] == 0x81:
		case step == 2 && r.Tag() == comprehensionResult && b[r.Offset()]&0x7F == comprehensionResult && len(v) >= 1:
			t.Result, t.Additional = v[0], v[1:]
			t.Rest = b[r.Offset():]
		default:
			return TerminalResponse{}, &wire.DecodeError{Format: format, Offset: r.Offset(), Want: "details, identities terminal to UICC, result", Got: "another object"}
		}
	}
	t.Rest = t.Rest[headerLen(t.Rest)+1+len(t.Additional):]
	for r.Next() {
	}
	return t, r.Err()
}

// headerLen is the bytes of tag and length of a COMPREHENSION-TLV object that has
// a one-byte tag.
func headerLen(b []byte) int {
	if len(b) > 1 && b[1] > 0x80 {
		return 2 + int(b[1]&0x7F)
	}
	return 2
}

// DecodeDetails reads the command details that begin a proactive command, and
// where its number stands. Errors are *wire.DecodeError. Spec: SPEC-USIM-131.
func DecodeDetails(command []byte) (d CommandDetails, numberAt int, err error) {
	out := tlv.NewReader(command)
	if !out.Next() || out.Tag() != TagProactive {
		if out.Err() == nil {
			return d, 0, &wire.DecodeError{Format: "proactive command", Want: "template D0", Got: "another tag"}
		}
		return d, 0, out.Err()
	}
	in := tlv.NewComprehensionReader(out.Value(), out.ValueOffset(), 0)
	if !in.Next() || in.Tag() != comprehensionDetail || len(in.Value()) != 3 || command[in.Offset()+1] != 3 {
		if in.Err() == nil {
			return d, 0, &wire.DecodeError{Format: "proactive command", Path: "D0", Offset: out.ValueOffset(), Want: "command details of 3 bytes", Got: "another object"}
		}
		return d, 0, in.Err()
	}
	v, at := in.Value(), in.Offset()+2
	for in.Next() {
	}
	if in.Err() != nil {
		return d, 0, in.Err()
	}
	if out.Next() || out.Err() != nil {
		return d, 0, &wire.DecodeError{Format: "proactive command", Offset: out.Offset(), Want: "one template", Got: "more bytes"}
	}
	return CommandDetails{v[0], CommandType(v[1]), v[2]}, at, nil
}
