package cap

import "fmt"

// File is a CAP file in typed form. Components that a file may lack are
// pointers or nil slices.
type File struct {
	Header      Header
	Directory   Directory
	Applets     []Applet // nil: no Applet component
	Imports     []PackageInfo
	Constants   []Constant
	Class       ClassComponent
	Method      MethodComponent
	StaticField StaticField
	RefLocation RefLocation
	Export      *Export
	Descriptor  *Descriptor
	Debug       []byte // info bytes, not interpreted
	Custom      []Component
}

// Parse reads the components of a package, in any order. Every component that
// the format requires must be there once; sizes that the Directory component
// states must be true. Errors are *wire.DecodeError. Spec: SPEC-CAP-001,
// SPEC-CAP-002, SPEC-CAP-003, SPEC-CAP-004, SPEC-CAP-005, SPEC-CAP-006.
func Parse(components []Component) (*File, error) {
	var f File
	byTag := map[Tag][]byte{}
	for _, c := range components {
		if _, twice := byTag[c.Tag]; twice {
			return nil, fault(c.Tag, 0, "", "one component of this kind", "two")
		}
		byTag[c.Tag] = c.Info
		if c.Tag >= firstCustom {
			f.Custom = append(f.Custom, c)
		}
	}
	if b := byTag[TagHeader]; b != nil {
		if _, err := decodeHeader(b); err != nil {
			return nil, err // before complaints about components that another format has
		}
	}
	for _, c := range components {
		if c.Tag < TagHeader || c.Tag > TagDebug && c.Tag < firstCustom {
			return nil, fault(c.Tag, 0, "tag", "1 to 12, or 128 to 255", fmt.Sprint(byte(c.Tag)))
		}
	}
	for _, t := range []Tag{TagHeader, TagDirectory, TagImport, TagConstantPool, TagClass, TagMethod, TagStaticField, TagRefLocation} {
		if byTag[t] == nil {
			return nil, fault(t, 0, "", "the component", "none")
		}
	}
	if err := f.decode(byTag); err != nil {
		return nil, err
	}
	return &f, f.checkDirectory(byTag)
}

// decode decodes each component; the Header's version decides about details of
// the others.
func (f *File) decode(byTag map[Tag][]byte) (err error) {
	if f.Header, err = decodeHeader(byTag[TagHeader]); err != nil {
		return err
	}
	version := f.Header.Format
	steps := []struct {
		tag    Tag
		decode func([]byte) error
	}{
		{TagDirectory, func(b []byte) (err error) { f.Directory, err = decodeDirectory(b, version); return }},
		{TagApplet, func(b []byte) (err error) { f.Applets, err = decodeApplets(b); return }},
		{TagImport, func(b []byte) (err error) { f.Imports, err = decodeImports(b); return }},
		{TagConstantPool, func(b []byte) (err error) { f.Constants, err = decodeConstants(b); return }},
		{TagClass, func(b []byte) (err error) { f.Class, err = decodeClass(b, version); return }},
		{TagMethod, func(b []byte) (err error) { f.Method, err = decodeMethod(b); return }},
		{TagStaticField, func(b []byte) (err error) { f.StaticField, err = decodeStaticField(b); return }},
		{TagRefLocation, func(b []byte) (err error) { f.RefLocation, err = decodeRefLocation(b); return }},
		{TagExport, func(b []byte) (err error) { f.Export, err = decodeExport(b); return }},
		{TagDescriptor, func(b []byte) (err error) { f.Descriptor, err = decodeDescriptor(b); return }},
	}
	for _, s := range steps {
		if b := byTag[s.tag]; b != nil {
			if err := s.decode(b); err != nil {
				return err
			}
		}
	}
	f.Debug = byTag[TagDebug]
	return nil
}

// Components encodes all components, in the order of their tags. The Directory
// is encoded as it is: call FillDirectory first when anything has changed.
func (f *File) Components() []Component {
	cs := []Component{
		{TagHeader, f.Header.appendInfo(nil)},
		{TagDirectory, f.Directory.appendInfo(nil)},
	}
	if f.Applets != nil {
		cs = append(cs, Component{TagApplet, appendApplets(nil, f.Applets)})
	}
	cs = append(cs,
		Component{TagImport, appendImports(nil, f.Imports)},
		Component{TagConstantPool, appendConstants(nil, f.Constants)},
		Component{TagClass, f.Class.appendInfo(nil, f.Header.Format)},
		Component{TagMethod, f.Method.appendInfo(nil)},
		Component{TagStaticField, f.StaticField.appendInfo(nil)},
		Component{TagRefLocation, f.RefLocation.appendInfo(nil)},
	)
	if f.Export != nil {
		cs = append(cs, Component{TagExport, f.Export.appendInfo(nil)})
	}
	if f.Descriptor != nil {
		cs = append(cs, Component{TagDescriptor, f.Descriptor.appendInfo(nil)})
	}
	if f.Debug != nil {
		cs = append(cs, Component{TagDebug, f.Debug})
	}
	return append(cs, f.Custom...)
}
