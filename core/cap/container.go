package cap

import (
	"archive/zip"
	"bytes"
	"fmt"
	"io"
	"path"
	"strings"

	"inkan/core/wire"
)

// maxComponent bounds what is taken from a compressed file: a component's size
// field has two bytes.
const maxComponent = 3 + 0xFFFF

// Open reads a CAP file in any of its forms: a ZIP file with one component a
// file, or the components one after another. Errors are *wire.DecodeError.
// Spec: SPEC-CAP-001, SPEC-CAP-007.
func Open(b []byte) (*File, error) {
	components, err := Split(b)
	if err != nil {
		return nil, err
	}
	return Parse(components)
}

// Split finds the components of a CAP file in any of its forms, without looking
// into them.
func Split(b []byte) ([]Component, error) {
	if bytes.HasPrefix(b, []byte("PK")) {
		return splitZIP(b)
	}
	return SplitRaw(b)
}

// SplitRaw splits components that follow one another, as in a load file.
func SplitRaw(b []byte) ([]Component, error) {
	r := wire.NewReader("CAP components", b)
	var components []Component
	for r.More() {
		at := r.Offset()
		c := Component{Tag: Tag(r.Byte("tag"))}
		if c.Tag == 0 {
			r.FailAt(at, "tag", "a component's tag", "00")
		}
		c.Info = r.Bytes(int(r.Uint16(c.Tag.String()+"/size")), c.Tag.String())
		if c.Info == nil {
			c.Info = []byte{}
		}
		components = append(components, c)
	}
	if len(components) == 0 {
		r.Fail("", "a component", "nothing")
	}
	return components, r.Err()
}

// splitZIP takes the files .../javacard/*.cap of a ZIP file; others carry
// attributes for people. All must belong to one package, and each component is
// there once: that bounds what is taken into memory, whatever the file says
// about sizes. Spec: SPEC-CAP-007, SPEC-CAP-008.
func splitZIP(b []byte) ([]Component, error) {
	refuse := func(path, want, got string) ([]Component, error) {
		return nil, &wire.DecodeError{Format: "CAP file", Path: path, Want: want, Got: got}
	}
	z, err := zip.NewReader(bytes.NewReader(b), int64(len(b)))
	if err != nil {
		return refuse("", "a ZIP file", err.Error())
	}
	folder, seen := "", map[Tag]bool{}
	var components []Component
	for _, f := range z.File {
		dir, name := path.Split(f.Name)
		if path.Base(dir) != "javacard" || !strings.EqualFold(path.Ext(name), ".cap") {
			continue
		}
		if folder == "" {
			folder = dir
		}
		if dir != folder {
			return refuse(f.Name, "one package, "+folder, dir)
		}
		raw, err := readMember(f)
		if err != nil {
			return refuse(f.Name, "a readable file", err.Error())
		}
		one, err := SplitRaw(raw)
		if err != nil {
			return nil, err.(*wire.DecodeError).Within(0, f.Name)
		}
		if len(one) != 1 {
			return refuse(f.Name, "one component", fmt.Sprint(len(one)))
		}
		if want := one[0].Tag.String() + ".cap"; one[0].Tag < firstCustom && !strings.EqualFold(name, want) {
			return refuse(f.Name, "the name "+want, name)
		}
		if seen[one[0].Tag] { // before more is read: a package has one of each kind
			return refuse(f.Name, "one component of this kind", "two")
		}
		seen[one[0].Tag] = true
		components = append(components, one[0])
	}
	if components == nil {
		return refuse("", "files javacard/*.cap", "none")
	}
	return components, nil
}

// readMember reads a file of the archive, up to the size of a component.
func readMember(f *zip.File) ([]byte, error) {
	rc, err := f.Open()
	if err != nil {
		return nil, err
	}
	defer rc.Close()
	raw, err := io.ReadAll(io.LimitReader(rc, maxComponent+1))
	if err == nil && len(raw) > maxComponent {
		err = fmt.Errorf("longer than %d bytes", maxComponent)
	}
	return raw, err
}

// LoadFile is the package as it is transferred to a card: the components in
// LoadOrder, without Debug and with the Descriptor only if asked for.
func (f *File) LoadFile(dst []byte, descriptor bool) []byte {
	components := f.Components()
	for _, t := range LoadOrder {
		for _, c := range components {
			if c.Tag == t && (t != TagDescriptor || descriptor) {
				dst = c.Append(dst)
			}
		}
	}
	for _, c := range f.Custom {
		dst = c.Append(dst)
	}
	return dst
}

// WriteZIP writes the package as a CAP file. folder is the package's name with
// slashes. The bytes depend on nothing else: entries carry no time.
func (f *File) WriteZIP(w io.Writer, folder string) error {
	z := zip.NewWriter(w)
	manifest := "Manifest-Version: 1.0\r\nCreated-By: inkan\r\n\r\n"
	if err := addMember(z, "META-INF/MANIFEST.MF", []byte(manifest)); err != nil {
		return err
	}
	for _, c := range f.Components() {
		if err := addMember(z, folder+"/javacard/"+c.Tag.String()+".cap", c.Append(nil)); err != nil {
			return err
		}
	}
	return z.Close()
}

func addMember(z *zip.Writer, name string, content []byte) error {
	w, err := z.CreateHeader(&zip.FileHeader{Name: name, Method: zip.Deflate})
	if err != nil {
		return err
	}
	_, err = w.Write(content)
	return err
}
