package cap

import (
	"fmt"

	"inkan/core/wire"
)

// Descriptor is the Descriptor component: types of everything, for verifiers.
type Descriptor struct {
	Classes       []ClassDescriptor
	ConstantTypes []uint16 // by constant-pool index: offset into Types' block, or FFFF
	Types         []byte   // type_desc entries; offsets count from the constant_pool_count field
}

// ClassDescriptor describes a class or interface of the package.
type ClassDescriptor struct {
	Token       byte // FF: not visible outside
	AccessFlags byte
	This        ClassRef
	Interfaces  []ClassRef
	Fields      []FieldDescriptor
	Methods     []MethodDescriptor
}

// FieldDescriptor describes a field.
type FieldDescriptor struct {
	Token       byte
	AccessFlags byte
	Ref         [3]byte // static: as in a StaticFieldref; instance: class reference and token
	Type        uint16  // 8002 boolean, 8003 byte, 8004 short, 8005 int, else a type offset
}

// MethodDescriptor describes a method.
type MethodDescriptor struct {
	Token         byte
	AccessFlags   byte
	Offset        uint16 // of the method header in the Method component's info
	Type          uint16 // type offset
	BytecodeCount uint16
	HandlerCount  uint16
	HandlerIndex  uint16
}

// Access flags of descriptors (JCVM 3.0.5 §6.14).
const (
	AccPublic        = 0x01
	AccPrivate       = 0x02
	AccProtected     = 0x04
	AccStatic        = 0x08
	AccFinal         = 0x10
	AccDescInterface = 0x40 // of a class: an interface
	AccAbstract      = 0x40 // of a method: abstract
	AccInit          = 0x80 // of a method: a constructor
)

// decodeDescriptor reads a Descriptor component. Spec: SPEC-CAP-020.
func decodeDescriptor(b []byte) (*Descriptor, error) {
	r := reader(TagDescriptor, b)
	d := &Descriptor{}
	for n := r.Byte("class_count"); n > 0 && r.Err() == nil; n-- {
		d.Classes = append(d.Classes, decodeClassDescriptor(&r))
	}
	d.ConstantTypes = uint16s(&r, int(r.Uint16("types/constant_pool_count")), "types/constant_pool_types")
	d.Types = r.Rest()
	return d, r.Err()
}

func decodeClassDescriptor(r *wire.Reader) ClassDescriptor {
	c := ClassDescriptor{Token: r.Byte("class/token"), AccessFlags: r.Byte("class/access_flags")}
	c.This = ClassRef(r.Uint16("class/this_class_ref"))
	interfaces := int(r.Byte("class/interface_count"))
	fields, methods := r.Uint16("class/field_count"), r.Uint16("class/method_count")
	c.Interfaces = classRefs(r, interfaces, "class/interfaces")
	for ; fields > 0 && r.Err() == nil; fields-- {
		f := FieldDescriptor{Token: r.Byte("field/token"), AccessFlags: r.Byte("field/access_flags")}
		if ref := r.Bytes(3, "field/ref"); ref != nil {
			f.Ref = [3]byte(ref)
		}
		f.Type = r.Uint16("field/type")
		c.Fields = append(c.Fields, f)
	}
	for ; methods > 0 && r.Err() == nil; methods-- {
		m := MethodDescriptor{Token: r.Byte("method/token"), AccessFlags: r.Byte("method/access_flags")}
		m.Offset, m.Type = r.Uint16("method/method_offset"), r.Uint16("method/type_offset")
		m.BytecodeCount = r.Uint16("method/bytecode_count")
		m.HandlerCount, m.HandlerIndex = r.Uint16("method/exception_handler_count"), r.Uint16("method/exception_handler_index")
		c.Methods = append(c.Methods, m)
	}
	return c
}

func (d *Descriptor) appendInfo(dst []byte) []byte {
	dst = append(dst, byte(len(d.Classes)))
	for _, c := range d.Classes {
		dst = append16(append(dst, c.Token, c.AccessFlags), uint16(c.This))
		dst = append16(append16(append(dst, byte(len(c.Interfaces))), uint16(len(c.Fields))), uint16(len(c.Methods)))
		for _, i := range c.Interfaces {
			dst = append16(dst, uint16(i))
		}
		for _, f := range c.Fields {
			dst = append16(append(append(dst, f.Token, f.AccessFlags), f.Ref[:]...), f.Type)
		}
		for _, m := range c.Methods {
			dst = append(dst, m.Token, m.AccessFlags)
			for _, v := range []uint16{m.Offset, m.Type, m.BytecodeCount, m.HandlerCount, m.HandlerIndex} {
				dst = append16(dst, v)
			}
		}
	}
	dst = append16(dst, uint16(len(d.ConstantTypes)))
	for _, t := range d.ConstantTypes {
		dst = append16(dst, t)
	}
	return append(dst, d.Types...)
}

// TypeAt is the type descriptor at a type offset, one nibble a byte.
func (d *Descriptor) TypeAt(offset uint16) ([]byte, error) {
	start := 2 + 2*len(d.ConstantTypes)
	at := int(offset) - start
	if at < 0 || at >= len(d.Types) {
		return nil, fault(TagDescriptor, int(offset), "type", fmt.Sprintf("a type offset from %d to %d", start, start+len(d.Types)-1), fmt.Sprint(offset))
	}
	r := wire.Sub("CAP Descriptor", d.Types[at:], int(offset))
	n := int(r.Byte("type/nibble_count"))
	packed := r.Bytes((n+1)/2, "type/nibbles")
	if r.Err() != nil {
		return nil, r.Err()
	}
	nibbles := make([]byte, n)
	for i := range nibbles {
		nibbles[i] = packed[i/2] >> (4 * (1 - i%2)) & 0x0F
	}
	return nibbles, nil
}
