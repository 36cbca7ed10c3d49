package vm

import (
	"bytes"

	"inkan/core/cap"
)

// Package is a loaded package.
type Package struct {
	file        *cap.File
	index       byte   // on the card
	block       uint32 // heap block with the components
	statics     uint32 // NVM address of the static image
	staticBlock uint32

	code      []byte // info of the Method component
	classes   []*Class
	byRef     map[cap.ClassRef]*Class
	methods   map[uint16]*Method
	links     []link
	catch     []*Class // by exception handler: nil is any
	imports   []*Package
	sizeBytes int
}

// link is a resolved constant-pool entry.
type link struct {
	kind   cap.Kind
	isRef  bool    // field: holds a reference
	local  bool    // virtual method: package-visible
	token  byte    // virtual method: in its table
	cell   uint16  // instance field
	room   uint16  // static field: bytes from it to the image's end
	at     uint32  // static field: NVM address
	class  *Class  // class; of a field: declares it; of a virtual method: the one named
	method *Method // static or super method; virtual: as the class named has it
}

// Info is the package's AID and version.
func (p *Package) Info() cap.PackageInfo { return p.file.Header.Package }

// Index is the package's index on the card.
func (p *Package) Index() int { return int(p.index) }

// Context is the package's firewall context.
func (p *Package) Context() Context { return Context(p.index + 1) }

// Applets are the entries of the Applet component.
func (p *Package) Applets() []cap.Applet { return p.file.Applets }

// Install is the install method of the applet with an AID, or nil.
func (p *Package) Install(appletAID []byte) *Method {
	for _, a := range p.file.Applets {
		if bytes.Equal(a.AID, appletAID) {
			return p.methods[a.InstallMethod]
		}
	}
	return nil
}

// Method is the method whose header is at an offset of the Method component,
// or nil.
func (p *Package) Method(offset uint16) *Method {
	k, err := p.method(offset)
	if err != nil {
		return nil
	}
	return k
}

// Imports are the loaded packages that p needs directly.
func (p *Package) Imports() []*Package { return p.imports }

// SizeBytes is the NVM that the package takes, its static fields included.
func (p *Package) SizeBytes() int { return p.sizeBytes }

// Packages are the loaded packages, in the order of their indices.
func (m *Machine) Packages() []*Package {
	var all []*Package
	for _, p := range m.packages {
		if p != nil {
			all = append(all, p)
		}
	}
	return all
}

// PackageByAID finds a loaded package, or nil.
func (m *Machine) PackageByAID(aid []byte) *Package {
	for _, p := range m.packages {
		if p != nil && bytes.Equal(p.Info().AID, aid) {
			return p
		}
	}
	return nil
}

// PackageOf is the loaded package with a context, or nil.
func (m *Machine) PackageOf(ctx Context) *Package {
	if ctx == JCRE || int(ctx) > len(m.packages) {
		return nil
	}
	return m.packages[ctx-1]
}

// classByID is the class with an identity in the heap, or nil.
func (m *Machine) classByID(id uint16) *Class {
	pkg, class := int(id>>8), int(id&0xFF)
	if pkg&apiPackage != 0 {
		if pkg &^= apiPackage; pkg < len(m.api) {
			return m.api[pkg].classes[class]
		}
		return nil
	}
	if pkg < len(m.packages) && m.packages[pkg] != nil && class < len(m.packages[pkg].classes) {
		return m.packages[pkg].classes[class]
	}
	return nil
}
