package disasm

import (
	"fmt"
	"strings"

	"inkan/core/cap"
	"inkan/core/jcvm"
	"inkan/core/jcvm/asm"
	"inkan/core/wire"
)

// Package is the text of all methods. The same file gives the same text.
// Errors are *wire.DecodeError. Spec: SPEC-CAP-032, SPEC-CAP-033.
func Package(f *cap.File) (string, error) {
	d := &disassembler{Names: NewNames(f), titles: map[int][]string{}}
	d.findTitles()
	var b strings.Builder
	end := 0
	for i, s := range f.MethodSpans() {
		if s.Offset < end {
			return "", &wire.DecodeError{Format: "CAP Method", Path: "method", Offset: s.Offset, Want: fmt.Sprintf("a method from %04X on", end), Got: fmt.Sprintf("%04X", s.Offset)}
		}
		end = s.End
		if i > 0 {
			b.WriteString("\n")
		}
		text, err := d.method(s)
		if err != nil {
			return "", err
		}
		b.WriteString(text)
	}
	return b.String(), nil
}

type disassembler struct {
	Names
	titles map[int][]string // what refers to a method, by its offset
}

// findTitles collects what is known of the methods.
func (d *disassembler) findTitles() {
	f := d.file
	add := func(offset uint16, format string, args ...any) {
		d.titles[int(offset)] = append(d.titles[int(offset)], fmt.Sprintf(format, args...))
	}
	if f.Descriptor != nil {
		for _, c := range f.Descriptor.Classes {
			for _, m := range c.Methods {
				if c.AccessFlags&cap.AccDescInterface == 0 {
					add(m.Offset, "%s%s %s", access(m.AccessFlags), d.Class(c.This), d.Type(m.Type, true))
				}
			}
		}
	}
	for _, a := range f.Applets {
		add(a.InstallMethod, "install method of applet %X", a.AID)
	}
	for _, c := range f.Class.Classes {
		for i, o := range c.Public {
			add(o, "%s", d.Virtual(cap.ClassRef(c.Offset), c.PublicBase+byte(i)))
		}
		for i, o := range c.PackageVisible {
			add(o, "%s", d.Virtual(cap.ClassRef(c.Offset), 0x80|(c.PackageBase+byte(i))))
		}
	}
	if f.Export != nil {
		for token, c := range f.Export.Classes {
			for i, o := range c.StaticMethods {
				add(o, "export: class %d, static method %d", token, i)
			}
		}
	}
}

// access are the words for access flags.
func access(flags byte) string {
	s := ""
	for _, a := range []struct {
		flag byte
		word string
	}{{cap.AccPublic, "public "}, {cap.AccPrivate, "private "}, {cap.AccProtected, "protected "}, {cap.AccStatic, "static "},
		{cap.AccFinal, "final "}, {cap.AccAbstract, "abstract "}, {cap.AccInit, "constructor "}} {
		if flags&a.flag != 0 {
			s += a.word
		}
	}
	return s
}

// method is the text of one method: titles, header, code, handlers. Behind the
// end of a method found without a Descriptor there may be bytes that are no
// code; they are shown as such.
func (d *disassembler) method(s cap.MethodSpan) (string, error) {
	h, err := d.file.Method.HeaderAt(s.Offset)
	if err != nil {
		return "", err
	}
	var b strings.Builder
	for _, t := range d.titles[s.Offset] {
		fmt.Fprintf(&b, "; %s\n", t)
	}
	fmt.Fprintf(&b, "method %04X: max_stack %d, nargs %d, max_locals %d", s.Offset, h.MaxStack, h.Args, h.MaxLocals)
	if h.Flags&cap.MethodAbstract != 0 {
		b.WriteString(", abstract")
	}
	b.WriteString("\n")
	end := min(s.End, len(d.file.Method.Info))
	handlers := d.handlers(h.Code, end)
	var labels []int
	for _, x := range handlers {
		labels = append(labels, int(x.Start), int(x.Start)+int(x.Length), int(x.Handler))
	}
	code, shown := d.code(h.Code, end)
	text, err := asm.Disassemble(d.file.Method.Info, h.Code, code, labels, d.comment)
	if err != nil {
		return "", err
	}
	b.WriteString(text)
	if shown {
		fmt.Fprintf(&b, "    ; %d bytes that nothing refers to: %X\n", end-code, d.file.Method.Info[code:end])
	}
	for _, x := range handlers {
		fmt.Fprintf(&b, "  handler %s to %s: %s, catches %s\n", asm.Label(int(x.Start)), asm.Label(int(x.Start)+int(x.Length)), asm.Label(int(x.Handler)), d.catch(x.Catch))
	}
	return b.String(), nil
}

// code finds where the instructions of a method end: with a Descriptor where it
// says, else at the latest where decoding fails.
func (d *disassembler) code(start, end int) (code int, more bool) {
	if d.file.Descriptor != nil {
		return end, false
	}
	at := start
	for at < end {
		n, err := jcvm.Length(d.file.Method.Info[:end], at)
		if err != nil {
			return at, true
		}
		at += n
	}
	return end, false
}

func (d *disassembler) handlers(start, end int) (list []cap.Handler) {
	for _, h := range d.file.Method.Handlers {
		if int(h.Start) >= start && int(h.Start) < end {
			list = append(list, h)
		}
	}
	return list
}

func (d *disassembler) catch(index uint16) string {
	if index == 0 {
		return "anything"
	}
	return d.Constant(index)
}

// comment says what an instruction's operands mean.
func (d *disassembler) comment(in jcvm.Decoded) string {
	info, _ := jcvm.Lookup(in.Op)
	elements := map[int32]string{jcvm.TypeBoolean: "boolean[]", jcvm.TypeByte: "byte[]", jcvm.TypeShort: "short[]", jcvm.TypeInt: "int[]"}
	if info.Role == jcvm.ArrayType {
		return elements[in.Operands[0]]
	}
	_, size, index := in.IndexAt()
	switch {
	case info.Role == jcvm.InterfaceMethod && int(index) < len(d.file.Constants):
		return d.Interface(d.file.Constants[index].Class(), byte(in.Operands[2]))
	case info.Role == jcvm.TypeAndClass && size == 0:
		return elements[in.Operands[0]]
	case info.Role == jcvm.TypeAndClass && in.Operands[0] == jcvm.TypeReference:
		return d.Constant(index) + "[]"
	case size > 0:
		return d.Constant(index)
	}
	return ""
}
