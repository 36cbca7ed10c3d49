// Package asm is Java Card bytecode as text: an assembler and a disassembler
// that undo each other.
//
// It must not know CAP files: constants are plain indices. Mnemonics are those
// of the Java Card Virtual Machine Specification 3.0.5 Classic, chapter 7. It
// implements spec/CAP.md §Assembly text.
//
//	loop:              ; a label; a comment ends the line
//	    sinc 1 -1      ; operands are decimal or 0x hexadecimal
//	    sload_1
//	    ifne loop
//	    stableswitch done 1 2 loop done
//	    slookupswitch done 5:loop 9:done
//	done:
//	    return
package asm

import (
	"fmt"
	"strings"

	"inkan/core/jcvm"
)

// Error is a fault of an assembly text.
type Error struct {
	Line int // from 1
	Want string
	Got  string
}

// Error has the form "line 3: want a mnemonic, got foo".
func (e *Error) Error() string { return fmt.Sprintf("line %d: want %s, got %s", e.Line, e.Want, e.Got) }

// statement is one instruction of the text.
type statement struct {
	line     int
	op       jcvm.Opcode
	in       *jcvm.Instruction
	operands []string
	pc       int
}

// Assemble turns text into bytecode. Errors are *Error.
// Spec: SPEC-CAP-040, SPEC-CAP-041.
func Assemble(text string) ([]byte, error) {
	code, _, err := AssembleLabels(text)
	return code, err
}

// AssembleLabels is Assemble that also tells the offsets of the labels.
func AssembleLabels(text string) ([]byte, map[string]int, error) {
	labels := map[string]int{}
	statements, err := parse(text, labels)
	if err != nil {
		return nil, nil, err
	}
	var code []byte
	for i := range statements {
		if code, err = statements[i].encode(code, labels); err != nil {
			return nil, nil, err
		}
	}
	return code, labels, nil
}

// parse finds statements, their sizes and the labels' offsets.
func parse(text string, labels map[string]int) ([]statement, error) {
	var statements []statement
	pc, number := 0, 0
	for line := range strings.Lines(text) {
		number++
		line, _, _ = strings.Cut(line, ";")
		words := strings.Fields(line)
		for len(words) > 0 && strings.HasSuffix(words[0], ":") {
			name := strings.TrimSuffix(words[0], ":")
			if _, twice := labels[name]; twice || name == "" {
				return nil, &Error{number, "a new label", fmt.Sprintf("%q", name)}
			}
			labels[name] = pc
			words = words[1:]
		}
		if len(words) == 0 {
			continue
		}
		op, ok := jcvm.ByMnemonic(words[0])
		if !ok {
			return nil, &Error{number, "a mnemonic", words[0]}
		}
		in, _ := jcvm.Lookup(op)
		s := statement{number, op, in, words[1:], pc}
		n, err := s.size()
		if err != nil {
			return nil, err
		}
		statements = append(statements, s)
		pc += n
	}
	return statements, nil
}

// fields are the operand fields of a layout: signed or not, and bytes.
var fields = [...][]field{
	jcvm.LayoutNone: nil, jcvm.LayoutS1: {{true, 1}}, jcvm.LayoutU1: {{false, 1}}, jcvm.LayoutS2: {{true, 2}},
	jcvm.LayoutU2: {{false, 2}}, jcvm.LayoutS4: {{true, 4}}, jcvm.LayoutU1S1: {{false, 1}, {true, 1}},
	jcvm.LayoutU1S2: {{false, 1}, {true, 2}}, jcvm.LayoutU1U2: {{false, 1}, {false, 2}},
	jcvm.LayoutU1U2U1: {{false, 1}, {false, 2}, {false, 1}},
}

type field struct {
	signed bool
	bytes  int
}

// size is the statement's length in bytes.
func (s *statement) size() (int, error) {
	if s.in.Layout != jcvm.LayoutSwitch {
		n := 1
		for _, f := range fields[s.in.Layout] {
			n += f.bytes
		}
		if want := len(fields[s.in.Layout]); len(s.operands) != want {
			return 0, s.fault(fmt.Sprintf("%d operands of %s", want, s.in.Mnemonic), fmt.Sprint(len(s.operands)))
		}
		return n, nil
	}
	word := s.word()
	if s.table() {
		if len(s.operands) < 4 {
			return 0, s.fault("default, low, high and targets", fmt.Sprint(len(s.operands)))
		}
		return 3 + 2*word + 2*(len(s.operands)-3), nil
	}
	if len(s.operands) < 1 {
		return 0, s.fault("default and pairs", "nothing")
	}
	return 5 + (word+2)*(len(s.operands)-1), nil
}

func (s *statement) table() bool {
	return s.op == jcvm.OpStableswitch || s.op == jcvm.OpItableswitch
}

// word is the size of a switch's values in bytes.
func (s *statement) word() int {
	if s.op == jcvm.OpItableswitch || s.op == jcvm.OpIlookupswitch {
		return 4
	}
	return 2
}

func (s *statement) fault(want, got string) error { return &Error{s.line, want, got} }
