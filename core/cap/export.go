package cap

// Export is the Export component. The position of a class is its class token.
type Export struct{ Classes []ExportedClass }

// ExportedClass is a class or interface that other packages may name.
type ExportedClass struct {
	Class         uint16   // offset into the Class component's info
	StaticFields  []uint16 // offsets into the static field image, by token
	StaticMethods []uint16 // offsets into the Method component's info, by token
}

// decodeExport reads an Export component. Spec: SPEC-CAP-019.
func decodeExport(b []byte) (*Export, error) {
	r := reader(TagExport, b)
	e := &Export{}
	for n := r.Byte("class_count"); n > 0 && r.Err() == nil; n-- {
		c := ExportedClass{Class: r.Uint16("class_offset")}
		fields, methods := int(r.Byte("static_field_count")), int(r.Byte("static_method_count"))
		c.StaticFields = uint16s(&r, fields, "static_field_offsets")
		c.StaticMethods = uint16s(&r, methods, "static_method_offsets")
		e.Classes = append(e.Classes, c)
	}
	return e, r.End()
}

func (e *Export) appendInfo(dst []byte) []byte {
	dst = append(dst, byte(len(e.Classes)))
	for _, c := range e.Classes {
		dst = append(append16(dst, c.Class), byte(len(c.StaticFields)), byte(len(c.StaticMethods)))
		for _, o := range append(append([]uint16(nil), c.StaticFields...), c.StaticMethods...) {
			dst = append16(dst, o)
		}
	}
	return dst
}
