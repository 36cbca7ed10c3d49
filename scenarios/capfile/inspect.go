// Package capfile shows and checks CAP files for people and programs: what is
// in one, and whether it may be executed.
//
// It must not decode or judge by itself: core/cap and core/cap/verifier do. It
// implements the sub-commands of "inkan cap".
package capfile

import (
	"crypto/sha256"
	"fmt"

	"inkan/core/cap"
	"inkan/core/cap/disasm"
)

// Inspection is what a CAP file contains.
type Inspection struct {
	File       string      `json:"file"`
	Format     string      `json:"format"`
	Package    string      `json:"package"` // AID
	Name       string      `json:"name,omitempty"`
	Version    string      `json:"version"`
	Flags      []string    `json:"flags"`
	LoadBytes  int         `json:"loadBytes"` // without Descriptor and Debug
	LoadHash   string      `json:"loadHash"`  // SHA-256 of all components but Debug, as they are loaded
	Components []Component `json:"components"`
	Imports    []Import    `json:"imports"`
	Applets    []Applet    `json:"applets,omitempty"`
	Interfaces []string    `json:"interfaces,omitempty"`
	Classes    []Class     `json:"classes"`
	Methods    int         `json:"methods"`
	Handlers   int         `json:"handlers"`
	Constants  int         `json:"constants"`
	StaticData int         `json:"staticBytes"`
	Text       string      `json:"disassembly,omitempty"`
}

// Component is one component and its size with tag and length.
type Component struct {
	Tag   byte   `json:"tag"`
	Name  string `json:"name"`
	Bytes int    `json:"bytes"`
}

// Import is an imported package.
type Import struct {
	AID     string `json:"aid"`
	Name    string `json:"name,omitempty"` // of a platform package
	Version string `json:"version"`
}

// Applet is an applet that the package can install.
type Applet struct {
	AID     string `json:"aid"`
	Install string `json:"install"` // its install method
}

// Class is a class of the package.
type Class struct {
	Name       string   `json:"name"`
	Super      string   `json:"super"`
	Interfaces []string `json:"interfaces,omitempty"`
	Words      int      `json:"words"`      // of instance fields
	References int      `json:"references"` // among them
	Public     int      `json:"publicMethods"`
	Visible    int      `json:"packageMethods"`
}

// Read opens a CAP file of any form, or builds one of a folder.
func Read(name string) (*cap.File, error) {
	content, err := raw(name)
	if err != nil {
		return nil, err
	}
	f, err := cap.Open(content)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	return f, nil
}

// Inspect collects what a file contains; with the bytecode as text if asked.
func Inspect(name string, f *cap.File, disassemble bool) (*Inspection, error) {
	names := disasm.NewNames(f)
	i := &Inspection{
		File: name, Format: f.Header.Format.String(), Package: fmt.Sprintf("%X", f.Header.Package.AID), Name: string(f.Header.Name),
		Version: f.Header.Package.Version.String(), Flags: flags(f.Header.Flags), LoadBytes: len(f.LoadFile(nil, false)),
		Methods: len(f.MethodSpans()), Handlers: len(f.Method.Handlers), Constants: len(f.Constants), StaticData: int(f.StaticField.ImageSize),
		Imports: []Import{}, Classes: []Class{},
	}
	i.LoadHash = fmt.Sprintf("%X", sha256.Sum256(f.LoadFile(nil, f.Descriptor != nil)))
	for _, c := range f.Components() {
		i.Components = append(i.Components, Component{byte(c.Tag), c.Tag.String(), 3 + len(c.Info)})
	}
	for token, p := range f.Imports {
		n := names.Package(byte(token))
		if n == fmt.Sprintf("%X", p.AID) {
			n = ""
		}
		i.Imports = append(i.Imports, Import{fmt.Sprintf("%X", p.AID), n, p.Version.String()})
	}
	for _, a := range f.Applets {
		i.Applets = append(i.Applets, Applet{fmt.Sprintf("%X", a.AID), fmt.Sprintf("method %04X", a.InstallMethod)})
	}
	for _, c := range f.Class.Interfaces {
		i.Interfaces = append(i.Interfaces, names.Class(cap.ClassRef(c.Offset)))
	}
	for _, c := range f.Class.Classes {
		out := Class{
			Name: names.Class(cap.ClassRef(c.Offset)), Super: names.Class(c.Super), Words: int(c.DeclaredSize),
			References: int(c.ReferenceCount), Public: len(c.Public), Visible: len(c.PackageVisible),
		}
		for _, n := range c.Interfaces {
			out.Interfaces = append(out.Interfaces, names.Class(n.Interface))
		}
		i.Classes = append(i.Classes, out)
	}
	if !disassemble {
		return i, nil
	}
	var err error
	i.Text, err = disasm.Package(f)
	return i, err
}

// flags are the names of the Header's flags.
func flags(b byte) []string {
	names := []string{}
	for _, f := range []struct {
		bit  byte
		name string
	}{{cap.FlagInt, "int"}, {cap.FlagExport, "export"}, {cap.FlagApplet, "applet"}} {
		if b&f.bit != 0 {
			names = append(names, f.name)
		}
	}
	return names
}
