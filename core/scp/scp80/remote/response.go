package remote

import (
	"iter"
	"strconv"

	"inkan/core/apdu"
	"inkan/core/iso7816"
	"inkan/core/tlv"
	"inkan/core/wire"
)

// Truncated is the status word of an R-APDU whose data were cut; it ends the
// script (ETSI TS 102 226 §5.2.1.1).
const Truncated iso7816.SW = 0x62F1

// Codes of the bad-format object.
const (
	BadFormatUnknownTag byte = 1
	BadFormatLength     byte = 2 // a wrong length
	BadFormatNoLength   byte = 3 // a length is missing
)

// Codes of the script chaining response.
const (
	ChainingNoPrevious   byte = 1
	ChainingNotSupported byte = 2
	ChainingUnable       byte = 3
)

// SuspensionError is the code of the immediate action response.
const SuspensionError byte = 1

// ExpandedResponse is the response to an expanded script. Codes are 0 when
// their object is absent.
type ExpandedResponse struct {
	Form      Form
	Executed  int // commands executed: as said, or counted in the indefinite form
	BadFormat byte
	Immediate byte
	Chaining  byte
	count     int
	body      []byte
	base      int
}

// DecodeExpandedResponse reads a response in either form and checks all of it.
// It is a view of b. Errors are *wire.DecodeError. A definite response says how
// many commands were executed; an indefinite one does not.
// Spec: SPEC-SCP80-090, SPEC-SCP80-091, SPEC-SCP80-092.
func DecodeExpandedResponse(b []byte) (ExpandedResponse, error) {
	form, body, base, err := template(b, tagResponse, tagResponseIndefinite, "expanded response")
	if err != nil {
		return ExpandedResponse{}, err
	}
	e := ExpandedResponse{Form: form, Executed: -1, body: body, base: base}
	r := tlv.NewReaderAt(body, base, 0)
	for r.Next() {
		if err := e.take(&r); err != nil {
			return ExpandedResponse{}, err
		}
	}
	if r.Err() != nil {
		return ExpandedResponse{}, r.Err()
	}
	if e.Executed < 0 && form == Definite {
		return ExpandedResponse{}, &wire.DecodeError{Format: "expanded response", Offset: base, Want: "tag 80", Got: "none"}
	}
	if e.Executed < 0 {
		e.Executed = e.count
	}
	return e, nil
}

func (e *ExpandedResponse) take(r *tlv.Reader) error {
	v := r.Value()
	var code *byte
	switch r.Tag() {
	case tagExecuted:
		if len(v) == 0 || len(v) > 2 {
			return r.Fault("a number of 1 or 2 bytes", strconv.Itoa(len(v)))
		}
		e.Executed = 0
		for _, b := range v {
			e.Executed = e.Executed<<8 | int(b)
		}
		return nil
	case tagRAPDU:
		if len(v) < 2 {
			return r.Fault("an R-APDU of at least 2 bytes", strconv.Itoa(len(v)))
		}
		e.count++
		return nil
	case TagImmediateAction:
		code = &e.Immediate
	case TagScriptChaining:
		code = &e.Chaining
	case tagBadFormat:
		code = &e.BadFormat
	default:
		return r.Fault("tag 80, 23, 81, 83 or 90", "tag "+r.Tag().String())
	}
	if len(v) != 1 {
		return r.Fault("1 byte", strconv.Itoa(len(v)))
	}
	*code = v[0]
	return nil
}

// Count is the number of R-APDUs.
func (e *ExpandedResponse) Count() int { return e.count }

// Responses goes over the R-APDUs in order. Data is borrowed.
func (e *ExpandedResponse) Responses() iter.Seq[apdu.Response] {
	return func(yield func(apdu.Response) bool) {
		for r := tlv.NewReaderAt(e.body, e.base, 0); r.Next(); {
			if r.Tag() != tagRAPDU {
				continue
			}
			v := r.Value()
			n := len(v) - 2
			if !yield(apdu.Response{Data: v[:n:n], SW: iso7816.SW(v[n])<<8 | iso7816.SW(v[n+1])}) {
				return
			}
		}
	}
}

// Last is the last R-APDU; ok is false when there is none.
func (e *ExpandedResponse) Last() (last apdu.Response, ok bool) {
	for r := range e.Responses() {
		last, ok = r, true
	}
	return last, ok
}
