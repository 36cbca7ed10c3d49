package verifier

import (
	"fmt"

	"inkan/core/cap"
)

// Error is one reason to refuse a package. Spec: SPEC-VERIFIER-002.
type Error struct {
	Component cap.Tag
	Offset    int    // in the component's info
	Path      string // what is wrong in the structure; empty for bytecode
	Method    string // of bytecode: the method, "method 0041" or with a name
	Opcode    string // of bytecode: the instruction's mnemonic
	Want      string
	Got       string
}

// Error has the form "Method: method 0041 at 0052 sadd: want a short, got a reference"
// or "Class: super_class_ref at 0010: want a class before it, got 0020".
func (e *Error) Error() string {
	where := e.Path
	if e.Method != "" {
		where = e.Method
	}
	s := e.Component.String() + ": "
	if where != "" {
		s += where + " "
	}
	s += fmt.Sprintf("at %04X", e.Offset)
	if e.Opcode != "" {
		s += " " + e.Opcode
	}
	return s + ": want " + e.Want + ", got " + e.Got
}
