package cap

import "fmt"

// Directory is the Directory component: the sizes of the others.
type Directory struct {
	Sizes          []uint16 // info sizes by tag-1; 11 entries in 2.1, 12 in 2.2
	ImageSize      uint16   // of static fields, bytes
	ArrayInitCount uint16   // static arrays with initial values
	ArrayInitSize  uint16   // their values, bytes
	ImportCount    byte
	AppletCount    byte
	Custom         []CustomSize
}

// CustomSize is the Directory's entry for a custom component.
type CustomSize struct {
	Tag  Tag
	Size uint16
	AID  []byte
}

// directorySizes is the number of component sizes for a format.
func directorySizes(format Version) int {
	if format.Minor >= 2 {
		return 12
	}
	return 11
}

// decodeDirectory reads a Directory component. Spec: SPEC-CAP-011.
func decodeDirectory(b []byte, format Version) (Directory, error) {
	r := reader(TagDirectory, b)
	d := Directory{Sizes: make([]uint16, directorySizes(format))}
	for i := range d.Sizes {
		d.Sizes[i] = r.Uint16("component_sizes/" + Tag(i+1).String())
	}
	d.ImageSize = r.Uint16("static_field_size/image_size")
	d.ArrayInitCount = r.Uint16("static_field_size/array_init_count")
	d.ArrayInitSize = r.Uint16("static_field_size/array_init_size")
	d.ImportCount = r.Byte("import_count")
	d.AppletCount = r.Byte("applet_count")
	for n := r.Byte("custom_count"); n > 0 && r.Err() == nil; n-- {
		c := CustomSize{Tag: Tag(r.Byte("custom/tag")), Size: r.Uint16("custom/size")}
		c.AID = decodeAID(&r, "custom")
		d.Custom = append(d.Custom, c)
	}
	return d, r.End()
}

func (d *Directory) appendInfo(dst []byte) []byte {
	for _, n := range d.Sizes {
		dst = append16(dst, n)
	}
	dst = append16(append16(append16(dst, d.ImageSize), d.ArrayInitCount), d.ArrayInitSize)
	dst = append(dst, d.ImportCount, d.AppletCount, byte(len(d.Custom)))
	for _, c := range d.Custom {
		dst = append16(append(dst, byte(c.Tag)), c.Size)
		dst = append(append(dst, byte(len(c.AID))), c.AID...)
	}
	return dst
}

// checkDirectory compares what the Directory states with what is there. Debug
// and Descriptor may be left out when a package is loaded to a card, so their
// absence is no fault. Spec: SPEC-CAP-004, SPEC-CAP-005.
func (f *File) checkDirectory(byTag map[Tag][]byte) error {
	for i, stated := range f.Directory.Sizes {
		t := Tag(i + 1)
		b, there := byTag[t]
		if !there && (t == TagDebug || t == TagDescriptor) {
			continue
		}
		if int(stated) != len(b) {
			return fault(TagDirectory, 2*i, "component_sizes/"+t.String(), fmt.Sprintf("%d, the component's size", len(b)), fmt.Sprint(stated))
		}
	}
	d, at := &f.Directory, 2*len(f.Directory.Sizes)
	for _, c := range f.Custom {
		if !d.states(c) {
			return fault(TagDirectory, at+8, "custom", fmt.Sprintf("%s of %d bytes", c.Tag, len(c.Info)), "none")
		}
	}
	for _, c := range []struct {
		path         string
		offset       int
		stated, real int
	}{
		{"static_field_size/image_size", 0, int(d.ImageSize), int(f.StaticField.ImageSize)},
		{"static_field_size/array_init_count", 2, int(d.ArrayInitCount), len(f.StaticField.Arrays)},
		{"static_field_size/array_init_size", 4, int(d.ArrayInitSize), f.StaticField.arrayBytes()},
		{"import_count", 6, int(d.ImportCount), len(f.Imports)},
		{"applet_count", 7, int(d.AppletCount), len(f.Applets)},
	} {
		if c.stated != c.real {
			return fault(TagDirectory, at+c.offset, c.path, fmt.Sprint(c.real), fmt.Sprint(c.stated))
		}
	}
	return nil
}

// states tells whether the Directory has an entry for a custom component.
func (d *Directory) states(c Component) bool {
	for _, e := range d.Custom {
		if e.Tag == c.Tag && int(e.Size) == len(c.Info) {
			return true
		}
	}
	return false
}

// FillDirectory sets the Directory to what the other components are.
func (f *File) FillDirectory() {
	d := Directory{Sizes: make([]uint16, directorySizes(f.Header.Format)), Custom: f.Directory.Custom}
	d.ImageSize, d.ArrayInitCount = f.StaticField.ImageSize, uint16(len(f.StaticField.Arrays))
	d.ArrayInitSize = uint16(f.StaticField.arrayBytes())
	d.ImportCount, d.AppletCount = byte(len(f.Imports)), byte(len(f.Applets))
	f.Directory = d
	for _, c := range f.Components() {
		if i := int(c.Tag) - 1; i < len(d.Sizes) {
			d.Sizes[i] = uint16(len(c.Info))
		}
	}
}

func append16(dst []byte, v uint16) []byte { return append(dst, byte(v>>8), byte(v)) }
