// Package exp reads and writes Java Card export files: the names, descriptors
// and link tokens of a package's public members, which converters need.
//
// It must not know any package's content. It implements spec/CAP.md §Export
// files, after the Java Card Virtual Machine Specification 3.0.5 Classic,
// chapter 5.
package exp

import (
	"fmt"

	"inkan/core/cap"
	"inkan/core/wire"
)

// Magic opens every export file.
const Magic = 0x00FACADE

// Tag is the kind of a constant.
type Tag byte

// Kinds of constants (JCVM 3.0.5 §5.6).
const (
	Utf8     Tag = 1
	Integer  Tag = 3
	Classref Tag = 7
	Package  Tag = 13
)

// String is the kind's name.
func (t Tag) String() string {
	switch t {
	case Utf8:
		return "Utf8"
	case Integer:
		return "Integer"
	case Classref:
		return "Classref"
	case Package:
		return "Package"
	}
	return fmt.Sprintf("tag %d", byte(t))
}

// Library is the flag of a package that has no applets.
const Library = 0x01

// File is an export file. Numbers that end in Index are positions in Constants.
type File struct {
	Format     cap.Version // 2.1, 2.2 or 2.3
	Constants  []Constant
	ThisIndex  uint16   // Package
	Referenced []uint16 // Package, since 2.3
	Classes    []Class
}

// Constant is a constant-pool entry; which fields count depends on Tag.
type Constant struct {
	Tag       Tag
	Text      string // Utf8
	Value     int32  // Integer
	NameIndex uint16 // Classref, Package: Utf8
	Flags     byte   // Package
	Version   cap.Version
	AID       []byte
}

// Class is an exported class or interface.
type Class struct {
	Token       byte
	AccessFlags uint16
	NameIndex   uint16   // Classref
	Supers      []uint16 // Classref: all superclasses
	Interfaces  []uint16 // Classref
	Fields      []Field
	Methods     []Method
	Inheritable byte // count of inheritable public method tokens, since 2.3
}

// Field is an exported field. A compile-time constant has the token FF.
type Field struct {
	Token           byte
	AccessFlags     uint16
	NameIndex       uint16 // Utf8
	DescriptorIndex uint16 // Utf8
	Attributes      []Attribute
}

// Attribute is an attribute of a field: ConstantValue, whose info is the
// position of an Integer.
type Attribute struct {
	NameIndex uint16 // Utf8
	Info      []byte
}

// Method is an exported method.
type Method struct {
	Token           byte
	AccessFlags     uint16
	NameIndex       uint16 // Utf8
	DescriptorIndex uint16 // Utf8
}

// Name is the text of a Utf8, Classref or Package constant; empty when there
// is none at the index.
func (f *File) Name(index uint16) string {
	if int(index) >= len(f.Constants) {
		return ""
	}
	c := f.Constants[index]
	if c.Tag == Utf8 {
		return c.Text
	}
	if (c.Tag == Classref || c.Tag == Package) && int(c.NameIndex) < len(f.Constants) {
		return f.Constants[c.NameIndex].Text
	}
	return ""
}

// ConstantValue is the value of a compile-time constant.
func (f *File) ConstantValue(field *Field) (int32, bool) {
	for _, a := range field.Attributes {
		if f.Name(a.NameIndex) == "ConstantValue" && len(a.Info) == 2 {
			i := int(a.Info[0])<<8 | int(a.Info[1])
			if i < len(f.Constants) && f.Constants[i].Tag == Integer {
				return f.Constants[i].Value, true
			}
		}
	}
	return 0, false
}

// check refuses indices that name no constant of the kind.
func (f *File) check(r *wire.Reader, at int, path string, index uint16, kind Tag) {
	if r.Err() != nil {
		return
	}
	if int(index) >= len(f.Constants) {
		r.FailAt(at, path, fmt.Sprintf("an index below %d", len(f.Constants)), fmt.Sprint(index))
	} else if got := f.Constants[index].Tag; got != kind {
		r.FailAt(at, path, "the index of a "+kind.String(), fmt.Sprintf("%d, a %s", index, got))
	}
}
