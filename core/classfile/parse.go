package classfile

import (
	"fmt"

	"inkan/core/wire"
)

// magic opens every class file.
const magic = 0xCAFEBABE

// Oldest and newest major version that Parse reads: JDK 1.1 to JDK 25.
const (
	MinMajor = 45
	MaxMajor = 69
)

// Parse reads a class file. Attributes that it does not know are skipped.
// Errors are *wire.DecodeError. Spec: SPEC-CAPC-001, SPEC-CAPC-002.
func Parse(b []byte) (*Class, error) {
	r := wire.NewReader("class file", b)
	if m := word(&r, "magic"); r.Err() == nil && m != magic {
		r.FailAt(0, "magic", "CAFEBABE", fmt.Sprintf("%08X", m))
	}
	c := &Class{Minor: r.Uint16("minor_version"), Major: r.Uint16("major_version")}
	if r.Err() == nil && (c.Major < MinMajor || c.Major > MaxMajor) {
		r.FailAt(6, "major_version", fmt.Sprintf("%d to %d", MinMajor, MaxMajor), fmt.Sprint(c.Major))
	}
	p := readPool(&r)
	c.Access = r.Uint16("access_flags")
	c.Name, c.Super = p.class("this_class"), p.optionalClass("super_class")
	for n := r.Uint16("interfaces_count"); n > 0 && r.Err() == nil; n-- {
		c.Interfaces = append(c.Interfaces, p.class("interfaces"))
	}
	for n := r.Uint16("fields_count"); n > 0 && r.Err() == nil; n-- {
		c.Fields = append(c.Fields, readField(p))
	}
	for n := r.Uint16("methods_count"); n > 0 && r.Err() == nil; n-- {
		c.Methods = append(c.Methods, readMethod(p))
	}
	p.attributes("attributes", func(name string) { c.attribute(p, name) })
	return c, r.End()
}

func word(r *wire.Reader, path string) uint32 {
	return uint32(r.Uint16(path))<<16 | uint32(r.Uint16(path))
}

// attributes calls read for each attribute; what read leaves over is skipped,
// and reading beyond the attribute's end is a fault.
func (p *pool) attributes(path string, read func(name string)) {
	r := p.r
	for n := r.Uint16(path + "_count"); n > 0 && r.Err() == nil; n-- {
		name := p.text(path + "/attribute_name_index")
		size := int(word(r, path+"/"+name+"/attribute_length"))
		at := r.Offset()
		if size > r.Len() {
			r.Fail(path+"/"+name, fmt.Sprintf("%d bytes", size), fmt.Sprintf("%d left", r.Len()))
			return
		}
		read(name)
		if used := r.Offset() - at; r.Err() == nil && used > size {
			r.FailAt(at, path+"/"+name+"/attribute_length", fmt.Sprintf("at least %d", used), fmt.Sprint(size))
		} else if r.Err() == nil {
			r.Bytes(size-used, path+"/"+name)
		}
	}
}

func (c *Class) attribute(p *pool, name string) {
	r := p.r
	switch name {
	case "SourceFile":
		c.SourceFile = p.text("SourceFile")
	case "BootstrapMethods":
		c.Bootstraps = int(r.Uint16("BootstrapMethods/num_bootstrap_methods"))
	case "InnerClasses":
		for n := r.Uint16("InnerClasses/number_of_classes"); n > 0 && r.Err() == nil; n-- {
			inner := InnerClass{Name: p.class("InnerClasses/inner_class_info_index")}
			r.Bytes(4, "InnerClasses/outer_class_info_index")
			inner.Access = r.Uint16("InnerClasses/inner_class_access_flags")
			c.InnerClasses = append(c.InnerClasses, inner)
		}
	}
}

func readField(p *pool) Field {
	f := Field{Access: p.r.Uint16("field/access_flags"), Name: p.text("field/name_index")}
	at := p.r.Offset()
	f.Descriptor = p.text("field/descriptor_index")
	if p.r.Err() == nil && !isFieldDescriptor(f.Descriptor) {
		p.r.FailAt(at, "field/descriptor_index", "a field descriptor", fmt.Sprintf("%q", f.Descriptor))
	}
	p.attributes("field/attributes", func(name string) {
		if name == "ConstantValue" {
			at := p.r.Offset()
			f.Constant = p.get(at, "ConstantValue", p.r.Uint16("ConstantValue"), Integer, Float, Long, Double, String)
		}
	})
	return f
}

func readMethod(p *pool) Method {
	m := Method{Access: p.r.Uint16("method/access_flags"), Name: p.text("method/name_index")}
	at := p.r.Offset()
	m.Descriptor = p.text("method/descriptor_index")
	if _, _, ok := Signature(m.Descriptor); p.r.Err() == nil && !ok {
		p.r.FailAt(at, "method/descriptor_index", "a method descriptor", fmt.Sprintf("%q", m.Descriptor))
	}
	p.attributes("method/attributes", func(name string) {
		switch name {
		case "Code":
			if m.Code != nil {
				p.r.Fail("method/Code", "one attribute Code", "two")
				return
			}
			m.Code = readCode(p)
		case "Exceptions":
			for n := p.r.Uint16("Exceptions/number_of_exceptions"); n > 0 && p.r.Err() == nil; n-- {
				m.Exceptions = append(m.Exceptions, p.class("Exceptions/exception_index_table"))
			}
		}
	})
	return m
}
