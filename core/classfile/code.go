package classfile

import (
	"fmt"

	"inkan/core/wire"
)

// readCode reads a Code attribute behind its length.
func readCode(p *pool) *Code {
	r := p.r
	c := &Code{MaxStack: r.Uint16("Code/max_stack"), MaxLocals: r.Uint16("Code/max_locals")}
	at := r.Offset()
	size := word(r, "Code/code_length")
	if r.Err() == nil && (size == 0 || size > 65535) {
		r.FailAt(at, "Code/code_length", "1 to 65535", fmt.Sprint(size))
	}
	base := r.Offset()
	code := r.Bytes(int(size), "Code/code")
	c.Length = len(code)
	starts := make([]bool, len(code)+1)
	c.decode(p, code, base, starts)
	for n := r.Uint16("Code/exception_table_length"); n > 0 && r.Err() == nil; n-- {
		c.Handlers = append(c.Handlers, readHandler(p, starts))
	}
	p.attributes("Code/attributes", func(name string) {
		switch name {
		case "LineNumberTable":
			c.readLines(p)
		case "LocalVariableTable":
			c.readVariables(p)
		}
	})
	sortLines(c.Lines)
	return c
}

func readHandler(p *pool, starts []bool) Handler {
	r := p.r
	at := r.Offset()
	h := Handler{Start: int(r.Uint16("Code/exception_table")), End: int(r.Uint16("Code/exception_table")), Handler: int(r.Uint16("Code/exception_table"))}
	h.Catch = p.optionalClass("Code/exception_table/catch_type")
	isStart := func(pc int) bool { return pc < len(starts)-1 && starts[pc] }
	if r.Err() == nil && (!isStart(h.Start) || !isStart(h.Handler) || h.End != len(starts)-1 && !isStart(h.End) || h.Start >= h.End) {
		r.FailAt(at, "Code/exception_table", "offsets of instructions, the end behind the start", fmt.Sprintf("%d to %d, %d", h.Start, h.End, h.Handler))
	}
	return h
}

func (c *Code) readLines(p *pool) {
	for n := p.r.Uint16("LineNumberTable/length"); n > 0 && p.r.Err() == nil; n-- {
		c.Lines = append(c.Lines, Line{int(p.r.Uint16("LineNumberTable")), int(p.r.Uint16("LineNumberTable"))})
	}
}

// sortLines sorts by StartPC and keeps the order of equal ones.
func sortLines(lines []Line) {
	for i := 1; i < len(lines); i++ {
		for j := i; j > 0 && lines[j-1].StartPC > lines[j].StartPC; j-- {
			lines[j-1], lines[j] = lines[j], lines[j-1]
		}
	}
}

func (c *Code) readVariables(p *pool) {
	r := p.r
	for n := r.Uint16("LocalVariableTable/length"); n > 0 && r.Err() == nil; n-- {
		v := LocalVariable{Start: int(r.Uint16("LocalVariableTable"))}
		v.End = v.Start + int(r.Uint16("LocalVariableTable"))
		v.Name = p.text("LocalVariableTable/name_index")
		at := r.Offset()
		v.Descriptor = p.text("LocalVariableTable/descriptor_index")
		if r.Err() == nil && !isFieldDescriptor(v.Descriptor) {
			r.FailAt(at, "LocalVariableTable/descriptor_index", "a field descriptor", fmt.Sprintf("%q", v.Descriptor))
		}
		v.Slot = int(r.Uint16("LocalVariableTable/index"))
		c.Variables = append(c.Variables, v)
	}
}

// decode takes the bytecode apart and checks that branches lead to
// instructions.
func (c *Code) decode(p *pool, code []byte, base int, starts []bool) {
	r := wire.Sub("class file", code, base)
	fail := func(e error) {
		if d, ok := e.(*wire.DecodeError); ok {
			p.r.FailAt(d.Offset, "Code/code/"+d.Path, d.Want, d.Got)
		}
	}
	c.Instructions = make([]Instruction, 0, len(code)/2+1) // few have one byte
	for r.More() {
		pc := r.Offset() - base
		starts[pc] = true
		in := decodeInstruction(p, &r, pc, base)
		in.Length = r.Offset() - base - pc
		c.Instructions = append(c.Instructions, in)
	}
	if r.Err() != nil {
		fail(r.Err())
		return
	}
	for i := range c.Instructions {
		in := &c.Instructions[i]
		for _, t := range in.targets() {
			if t < 0 || t >= len(code) || !starts[t] {
				p.r.FailAt(base+in.PC, "Code/code/branch", "the offset of an instruction", fmt.Sprint(t))
				return
			}
		}
	}
}
