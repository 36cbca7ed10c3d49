package cap

import (
	"fmt"

	"inkan/core/wire"
)

// Class flags, the high nibble of the bit field (JCVM 3.0.5 §6.9).
const (
	AccInterface = 0x8
	AccShareable = 0x4
	AccRemote    = 0x2
)

// ClassComponent is the Class component.
type ClassComponent struct {
	Signatures []byte // signature pool, since 2.2
	Interfaces []InterfaceInfo
	Classes    []ClassInfo
}

// InterfaceInfo is an interface of the package.
type InterfaceInfo struct {
	Offset uint16 // in the component's info: its class reference
	Flags  byte
	Supers []ClassRef
	Name   []byte // of a remote interface
}

// ClassInfo is a class of the package.
type ClassInfo struct {
	Offset         uint16 // in the component's info: its class reference
	Flags          byte
	Super          ClassRef
	DeclaredSize   byte // words of instance fields that the class itself declares
	FirstReference byte // token of its first reference field, FF if it has none
	ReferenceCount byte
	PublicBase     byte     // token of the first entry of Public
	Public         []uint16 // public and protected virtual methods: offsets in Method, or FFFF
	PackageBase    byte
	PackageVisible []uint16
	Interfaces     []ImplementedInterface
	Remote         []byte // remote_interface_info as it stands, of a remote class
}

// ImplementedInterface maps an interface's method tokens to virtual methods.
type ImplementedInterface struct {
	Interface ClassRef
	Index     []byte // virtual method token by interface method token
}

// decodeClass reads a Class component. Spec: SPEC-CAP-015.
func decodeClass(b []byte, format Version) (ClassComponent, error) {
	r := reader(TagClass, b)
	var c ClassComponent
	if format.Minor >= 2 {
		c.Signatures = r.Bytes(int(r.Uint16("signature_pool_length")), "signature_pool")
	}
	for r.More() {
		offset := uint16(r.Offset())
		bits := r.Byte("bitfield")
		flags, count := bits>>4, int(bits&0x0F)
		if flags&AccInterface != 0 {
			if len(c.Classes) > 0 {
				r.FailAt(int(offset), "bitfield", "a class: interfaces come first", "an interface")
			}
			c.Interfaces = append(c.Interfaces, decodeInterface(&r, offset, flags, count))
		} else {
			c.Classes = append(c.Classes, decodeClassInfo(&r, offset, flags, count))
		}
	}
	return c, r.End()
}

func decodeInterface(r *wire.Reader, offset uint16, flags byte, supers int) InterfaceInfo {
	i := InterfaceInfo{Offset: offset, Flags: flags, Supers: classRefs(r, supers, "superinterfaces")}
	if flags&AccRemote != 0 {
		i.Name = r.LV("interface_name")
	}
	return i
}

func decodeClassInfo(r *wire.Reader, offset uint16, flags byte, interfaces int) ClassInfo {
	c := ClassInfo{Offset: offset, Flags: flags, Super: ClassRef(r.Uint16("super_class_ref"))}
	c.DeclaredSize = r.Byte("declared_instance_size")
	c.FirstReference, c.ReferenceCount = r.Byte("first_reference_token"), r.Byte("reference_count")
	c.PublicBase = r.Byte("public_method_table_base")
	public := int(r.Byte("public_method_table_count"))
	c.PackageBase = r.Byte("package_method_table_base")
	private := int(r.Byte("package_method_table_count"))
	c.Public = uint16s(r, public, "public_virtual_method_table")
	c.PackageVisible = uint16s(r, private, "package_virtual_method_table")
	for ; interfaces > 0 && r.Err() == nil; interfaces-- {
		i := ImplementedInterface{Interface: ClassRef(r.Uint16("interfaces/interface"))}
		i.Index = r.LV("interfaces/index")
		c.Interfaces = append(c.Interfaces, i)
	}
	if flags&AccRemote != 0 {
		c.Remote = remoteInfo(r)
	}
	return c
}

// remoteInfo reads over a remote_interface_info and returns it as it stands.
func remoteInfo(r *wire.Reader) []byte {
	skip := *r // a second cursor finds the end
	start := skip.Offset()
	skip.Bytes(5*int(skip.Byte("remote_methods_count")), "remote_methods")
	skip.LV("hash_modifier")
	skip.LV("class_name")
	skip.Bytes(2*int(skip.Byte("remote_interfaces_count")), "remote_interfaces")
	if skip.Err() != nil {
		*r = skip
		return nil
	}
	return r.Bytes(skip.Offset()-start, "remote_interface_info")
}

func (c *ClassComponent) appendInfo(dst []byte, format Version) []byte {
	if format.Minor >= 2 {
		dst = append(append16(dst, uint16(len(c.Signatures))), c.Signatures...)
	}
	for _, i := range c.Interfaces {
		dst = append(dst, i.Flags<<4|byte(len(i.Supers)))
		for _, s := range i.Supers {
			dst = append16(dst, uint16(s))
		}
		if i.Flags&AccRemote != 0 {
			dst = append(append(dst, byte(len(i.Name))), i.Name...)
		}
	}
	for i := range c.Classes {
		dst = c.Classes[i].append(dst)
	}
	return dst
}

func (c *ClassInfo) append(dst []byte) []byte {
	dst = append16(append(dst, c.Flags<<4|byte(len(c.Interfaces))), uint16(c.Super))
	dst = append(dst, c.DeclaredSize, c.FirstReference, c.ReferenceCount,
		c.PublicBase, byte(len(c.Public)), c.PackageBase, byte(len(c.PackageVisible)))
	for _, m := range c.Public {
		dst = append16(dst, m)
	}
	for _, m := range c.PackageVisible {
		dst = append16(dst, m)
	}
	for _, i := range c.Interfaces {
		dst = append(append16(dst, uint16(i.Interface)), byte(len(i.Index)))
		dst = append(dst, i.Index...)
	}
	return append(dst, c.Remote...)
}

// ClassAt finds the class with the internal reference ref.
func (c *ClassComponent) ClassAt(ref ClassRef) (*ClassInfo, error) {
	for i := range c.Classes {
		if c.Classes[i].Offset == uint16(ref) {
			return &c.Classes[i], nil
		}
	}
	return nil, fault(TagClass, int(ref), "", "a class", fmt.Sprintf("no class at %04X", uint16(ref)))
}

// InterfaceAt finds the interface with the internal reference ref.
func (c *ClassComponent) InterfaceAt(ref ClassRef) (*InterfaceInfo, error) {
	for i := range c.Interfaces {
		if c.Interfaces[i].Offset == uint16(ref) {
			return &c.Interfaces[i], nil
		}
	}
	return nil, fault(TagClass, int(ref), "", "an interface", fmt.Sprintf("no interface at %04X", uint16(ref)))
}

func classRefs(r *wire.Reader, n int, path string) []ClassRef {
	var refs []ClassRef
	for ; n > 0 && r.Err() == nil; n-- {
		refs = append(refs, ClassRef(r.Uint16(path)))
	}
	return refs
}

// uint16s reads n two-byte numbers, and nothing when there are not as many.
func uint16s(r *wire.Reader, n int, path string) []uint16 {
	b := r.Bytes(2*n, path)
	if len(b) == 0 {
		return nil
	}
	v := make([]uint16, n)
	for i := range v {
		v[i] = uint16(b[2*i])<<8 | uint16(b[2*i+1])
	}
	return v
}
