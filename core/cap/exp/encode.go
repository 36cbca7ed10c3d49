package exp

// Append appends the encoded file. A file that Parse has read comes out byte
// for byte. Spec: SPEC-CAP-052.
func (f *File) Append(dst []byte) []byte {
	dst = append(dst, 0x00, 0xFA, 0xCA, 0xDE, f.Format.Minor, f.Format.Major)
	dst = append16(dst, len(f.Constants))
	for i := range f.Constants {
		dst = f.Constants[i].append(dst)
	}
	dst = append16(dst, int(f.ThisIndex))
	if f.Format.Minor >= 3 {
		dst = append16s(append(dst, byte(len(f.Referenced))), f.Referenced)
	}
	dst = append(dst, byte(len(f.Classes)))
	for i := range f.Classes {
		dst = f.Classes[i].append(dst)
		if f.Format.Minor >= 3 {
			dst = append(dst, f.Classes[i].Inheritable)
		}
	}
	return dst
}

func (c *Constant) append(dst []byte) []byte {
	dst = append(dst, byte(c.Tag))
	switch c.Tag {
	case Utf8:
		dst = append(append16(dst, len(c.Text)), c.Text...)
	case Integer:
		dst = append32(dst, uint32(c.Value))
	case Classref:
		dst = append16(dst, int(c.NameIndex))
	case Package:
		dst = append16(append(dst, c.Flags), int(c.NameIndex))
		dst = append(append(dst, c.Version.Minor, c.Version.Major, byte(len(c.AID))), c.AID...)
	}
	return dst
}

func (c *Class) append(dst []byte) []byte {
	dst = append16(append16(append(dst, c.Token), int(c.AccessFlags)), int(c.NameIndex))
	dst = append16s(append16(dst, len(c.Supers)), c.Supers)
	dst = append16s(append(dst, byte(len(c.Interfaces))), c.Interfaces)
	dst = append16(dst, len(c.Fields))
	for i := range c.Fields {
		x := &c.Fields[i]
		dst = append16s(append(dst, x.Token), []uint16{x.AccessFlags, x.NameIndex, x.DescriptorIndex, uint16(len(x.Attributes))})
		for _, a := range x.Attributes {
			dst = append(append32(append16(dst, int(a.NameIndex)), uint32(len(a.Info))), a.Info...)
		}
	}
	dst = append16(dst, len(c.Methods))
	for _, m := range c.Methods {
		dst = append16s(append(dst, m.Token), []uint16{m.AccessFlags, m.NameIndex, m.DescriptorIndex})
	}
	return dst
}

func append16(dst []byte, v int) []byte { return append(dst, byte(v>>8), byte(v)) }

func append16s(dst []byte, list []uint16) []byte {
	for _, v := range list {
		dst = append16(dst, int(v))
	}
	return dst
}

func append32(dst []byte, v uint32) []byte {
	return append(dst, byte(v>>24), byte(v>>16), byte(v>>8), byte(v))
}
