package remote

import (
	"inkan/core/tlv"
	"inkan/core/wire"
)

// Tags of the expanded format (ETSI TS 102 226 §5.2, TS 101 220 §7.18, §7.19).
const (
	tagScript             tlv.Tag = 0xAA // command scripting template
	tagScriptIndefinite   byte    = 0xAE
	tagResponse           tlv.Tag = 0xAB // response scripting template
	tagResponseIndefinite byte    = 0xAF

	// TagCommand is a C-APDU in a script.
	TagCommand tlv.Tag = 0x22
	// TagImmediateAction asks for something before the commands go on.
	TagImmediateAction tlv.Tag = 0x81
	// TagErrorAction says what to do when a later command fails.
	TagErrorAction tlv.Tag = 0x82
	// TagScriptChaining ties scripts in several packets together.
	TagScriptChaining tlv.Tag = 0x83

	tagExecuted  tlv.Tag = 0x80
	tagRAPDU     tlv.Tag = 0x23
	tagBadFormat tlv.Tag = 0x90
)

// Form is the length coding of an expanded script or response.
type Form byte

// Forms.
const (
	Definite   Form = iota // AA, AB
	Indefinite             // AE 80 … 00 00, AF 80 … 00 00
)

// Script writes an expanded script. Spec: SPEC-SCP80-086, SPEC-SCP80-087.
type Script struct {
	form Form
	mark int
}

// Begin opens the template at the end of dst.
func (s *Script) Begin(dst []byte, f Form) []byte {
	s.form = f
	if f == Indefinite {
		return append(dst, tagScriptIndefinite, 0x80)
	}
	dst, s.mark = tlv.Begin(dst, tagScript)
	return dst
}

// Command appends a C-APDU in its full form (with Lc and Le as it has them).
func (s *Script) Command(dst, capdu []byte) []byte { return tlv.Append(dst, TagCommand, capdu) }

// Action appends an immediate action, error action or script chaining object.
func (s *Script) Action(dst []byte, tag tlv.Tag, value []byte) []byte {
	return tlv.Append(dst, tag, value)
}

// End closes the template.
func (s *Script) End(dst []byte) []byte {
	if s.form == Indefinite {
		return append(dst, 0, 0)
	}
	return tlv.End(dst, s.mark)
}

// ScriptReader walks over the objects of an expanded script: commands, actions
// and chaining. Any other tag is a fault.
type ScriptReader struct {
	form  Form
	r     tlv.Reader
	fault error
}

// NewScriptReader reads an expanded script in either form.
// Spec: SPEC-SCP80-086, SPEC-SCP80-087, SPEC-SCP80-088.
func NewScriptReader(b []byte) ScriptReader {
	form, body, base, err := template(b, tagScript, tagScriptIndefinite, "expanded script")
	return ScriptReader{form: form, r: tlv.NewReaderAt(body, base, 0), fault: err}
}

// template opens a template of either form that has to be all of b.
func template(b []byte, definite tlv.Tag, indefinite byte, format string) (f Form, body []byte, base int, err error) {
	if len(b) >= 2 && b[0] == indefinite && b[1] == 0x80 {
		end := len(b) - 2
		if end < 2 || b[end] != 0 || b[end+1] != 0 {
			return Indefinite, nil, 0, &wire.DecodeError{Format: format, Offset: len(b), Want: "end of contents", Got: "end of input"}
		}
		return Indefinite, b[2:end], 2, nil
	}
	r := tlv.NewReader(b)
	switch {
	case !r.Next():
		if err = r.Err(); err == nil {
			err = &wire.DecodeError{Format: format, Want: "tag " + definite.String(), Got: "end of input"}
		}
	case r.Tag() != definite:
		err = &wire.DecodeError{Format: format, Want: "tag " + definite.String(), Got: "tag " + r.Tag().String()}
	default:
		body, base = r.Value(), r.ValueOffset()
		if base+len(body) != len(b) {
			err = &wire.DecodeError{Format: format, Offset: base + len(body), Want: "end of input", Got: "more"}
		}
	}
	return Definite, body, base, err
}

// Form is the length coding that the script came in; the response has the same.
func (s *ScriptReader) Form() Form { return s.form }

// Next goes to the next object. Spec: SPEC-SCP80-088.
func (s *ScriptReader) Next() bool {
	if s.fault != nil || !s.r.Next() {
		return false
	}
	switch s.r.Tag() {
	case TagCommand, TagImmediateAction, TagErrorAction, TagScriptChaining:
		return true
	}
	s.fault = &wire.DecodeError{Format: "expanded script", Offset: s.r.Offset(), Want: "tag 22, 81, 82 or 83", Got: "tag " + s.r.Tag().String()}
	return false
}

// Tag is the present object's tag.
func (s *ScriptReader) Tag() tlv.Tag { return s.r.Tag() }

// Value is the present object's value, borrowed.
func (s *ScriptReader) Value() []byte { return s.r.Value() }

// Err is the first fault as a *wire.DecodeError, or nil.
func (s *ScriptReader) Err() error {
	if s.fault != nil {
		return s.fault
	}
	return s.r.Err()
}
