// Package wire is what every decoder of outside bytes in core shares: the one
// error type for malformed input, and a bounded cursor that produces it.
//
// It must not know any format; the formats live beside their owners (apdu,
// tlv, gp, scp, …). It implements spec/ERRORS.md.
package wire

import "strconv"

// DecodeError says why outside bytes are not what they should be. It never
// contains the bytes themselves: they may be a key, a code or a PIN.
// Spec: SPEC-ERRORS-001, SPEC-ERRORS-002, SPEC-ERRORS-008.
type DecodeError struct {
	Format string // what was decoded, in the standard's name: "C-APDU", "BER-TLV"
	Path   string // the field within it, slash-separated: "EF/C6"; may be empty
	Offset int    // byte offset of the fault from the start of the decoded input
	Want   string // what was expected there: "2 more bytes", "tag 4F"
	Got    string // what was found, never secret data: "end of input", "tag 50"
}

// Error has the form "BER-TLV: EF/C6 at offset 7: want 2 more bytes, got end of input".
func (e *DecodeError) Error() string {
	s := e.Format + ": "
	if e.Path != "" {
		s += e.Path + " "
	}
	s += "at offset " + strconv.Itoa(e.Offset) + ": want " + e.Want
	if e.Got != "" {
		s += ", got " + e.Got
	}
	return s
}

// Within returns a copy of the error as the enclosing decoder sees it: base is
// added to the offset, and path is put before the path. Spec: SPEC-ERRORS-003.
func (e *DecodeError) Within(base int, path string) *DecodeError {
	outer := *e
	outer.Offset += base
	switch {
	case outer.Path == "":
		outer.Path = path
	case path != "":
		outer.Path = path + "/" + outer.Path
	}
	return &outer
}
