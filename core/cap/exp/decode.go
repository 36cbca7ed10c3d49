package exp

import (
	"fmt"

	"inkan/core/cap"
	"inkan/core/wire"
)

// Parse reads an export file. Errors are *wire.DecodeError.
// Spec: SPEC-CAP-050, SPEC-CAP-051.
func Parse(b []byte) (*File, error) {
	r := wire.NewReader("export file", b)
	if m := uint32(r.Uint16("magic"))<<16 | uint32(r.Uint16("magic")); r.Err() == nil && m != Magic {
		r.FailAt(0, "magic", "00FACADE", fmt.Sprintf("%08X", m))
	}
	f := &File{}
	f.Format = version(&r, "format")
	if v := f.Format; r.Err() == nil && (v.Major != 2 || v.Minor < 1 || v.Minor > 3) {
		r.FailAt(4, "format", "2.1, 2.2 or 2.3", v.String())
	}
	f.constants(&r)
	f.ThisIndex = f.index(&r, "this_package", Package)
	if f.Format.Minor >= 3 {
		f.Referenced = f.indices(&r, int(r.Byte("referenced_package_count")), "referenced_packages", Package)
	}
	for n := r.Byte("export_class_count"); n > 0 && r.Err() == nil; n-- {
		f.Classes = append(f.Classes, f.class(&r))
	}
	return f, r.End()
}

func version(r *wire.Reader, path string) cap.Version {
	minor := r.Byte(path)
	return cap.Version{Minor: minor, Major: r.Byte(path)}
}

// constants reads the pool, then checks what its entries refer to.
func (f *File) constants(r *wire.Reader) {
	var at []int
	for n := r.Uint16("constant_pool_count"); n > 0 && r.Err() == nil; n-- {
		at = append(at, r.Offset())
		f.Constants = append(f.Constants, constant(r))
	}
	for i, c := range f.Constants {
		if c.Tag == Classref || c.Tag == Package {
			f.check(r, at[i], fmt.Sprintf("constant_pool/%d/name_index", i), c.NameIndex, Utf8)
		}
	}
}

func constant(r *wire.Reader) (c Constant) {
	at := r.Offset()
	c.Tag = Tag(r.Byte("constant_pool/tag"))
	switch c.Tag {
	case Utf8:
		c.Text = string(r.Bytes(int(r.Uint16("constant_pool/Utf8/length")), "constant_pool/Utf8/bytes"))
	case Integer:
		c.Value = int32(r.Uint16("constant_pool/Integer"))<<16 | int32(r.Uint16("constant_pool/Integer"))
	case Classref:
		c.NameIndex = r.Uint16("constant_pool/Classref/name_index")
	case Package:
		c.Flags = r.Byte("constant_pool/Package/flags")
		c.NameIndex = r.Uint16("constant_pool/Package/name_index")
		c.Version = version(r, "constant_pool/Package/version")
		lv := r.Offset()
		c.AID = r.LV("constant_pool/Package/aid")
		if n := len(c.AID); r.Err() == nil && (n < 5 || n > 16) {
			r.FailAt(lv, "constant_pool/Package/aid", "a length of 5 to 16", fmt.Sprint(n))
		}
	default:
		r.FailAt(at, "constant_pool/tag", "1, 3, 7 or 13", fmt.Sprint(byte(c.Tag)))
	}
	return c
}

// index reads the position of a constant of a kind.
func (f *File) index(r *wire.Reader, path string, kind Tag) uint16 {
	at := r.Offset()
	i := r.Uint16(path)
	f.check(r, at, path, i, kind)
	return i
}

func (f *File) indices(r *wire.Reader, n int, path string, kind Tag) (list []uint16) {
	for ; n > 0 && r.Err() == nil; n-- {
		list = append(list, f.index(r, path, kind))
	}
	return list
}

func (f *File) class(r *wire.Reader) (c Class) {
	c.Token, c.AccessFlags = r.Byte("class/token"), r.Uint16("class/access_flags")
	c.NameIndex = f.index(r, "class/name_index", Classref)
	c.Supers = f.indices(r, int(r.Uint16("class/export_supers_count")), "class/supers", Classref)
	c.Interfaces = f.indices(r, int(r.Byte("class/export_interfaces_count")), "class/interfaces", Classref)
	for n := r.Uint16("class/export_fields_count"); n > 0 && r.Err() == nil; n-- {
		c.Fields = append(c.Fields, f.field(r))
	}
	for n := r.Uint16("class/export_methods_count"); n > 0 && r.Err() == nil; n-- {
		m := Method{Token: r.Byte("method/token"), AccessFlags: r.Uint16("method/access_flags")}
		m.NameIndex, m.DescriptorIndex = f.index(r, "method/name_index", Utf8), f.index(r, "method/descriptor_index", Utf8)
		c.Methods = append(c.Methods, m)
	}
	if f.Format.Minor >= 3 {
		c.Inheritable = r.Byte("class/inheritable_public_method_token_count")
	}
	return c
}

func (f *File) field(r *wire.Reader) (x Field) {
	x.Token, x.AccessFlags = r.Byte("field/token"), r.Uint16("field/access_flags")
	x.NameIndex, x.DescriptorIndex = f.index(r, "field/name_index", Utf8), f.index(r, "field/descriptor_index", Utf8)
	for n := r.Uint16("field/attributes_count"); n > 0 && r.Err() == nil; n-- {
		a := Attribute{NameIndex: f.index(r, "attribute/name_index", Utf8)}
		at := r.Offset()
		size := uint32(r.Uint16("attribute/length"))<<16 | uint32(r.Uint16("attribute/length"))
		a.Info = r.Bytes(int(size), "attribute/info")
		if f.Name(a.NameIndex) == "ConstantValue" && r.Err() == nil {
			if size != 2 {
				r.FailAt(at, "attribute/length", "2 for ConstantValue", fmt.Sprint(size))
			} else {
				f.check(r, at+4, "attribute/constantvalue_index", uint16(a.Info[0])<<8|uint16(a.Info[1]), Integer)
			}
		}
		x.Attributes = append(x.Attributes, a)
	}
	return x
}
