// Package jcapi is the public API of Java Card, GlobalPlatform and UICC
// packages as link tokens, descriptors and constants: what a CAP file's
// references to them mean, and what a converter writes into one.
//
// It must not know what any method does; that is the runtime's. It implements
// the facts of Java Card 2.1 to 3.1 and ETSI TS 102 241 export files.
package jcapi

import (
	"bytes"
	_ "embed"
	"sync"
)

//go:embed api.txt
var text []byte

// Package is one major version of a package, as of its newest minor version.
type Package struct {
	Name         string // with slashes: "javacard/framework"
	AID          []byte
	Major, Minor byte
	Classes      []*Class // in the order of their tokens
	byName       map[string]*Class
}

// Class is a class or interface that other packages can name.
type Class struct {
	Package      *Package
	Token        byte
	Name         string // without the package: "Applet"
	Since        byte   // minor version of the package
	Access       Access
	Super        string   // with package; empty for java/lang/Object
	Interfaces   []string // with package
	Methods      []Method // virtual ones and statics; constructors are static here
	StaticFields []Field
	Constants    []Constant
}

// Method is a method of a class; an inherited one is listed again.
type Method struct {
	Static     bool // tokens of static methods and constructors are counted apart
	Token      byte
	Name       string // "<init>" for a constructor
	Descriptor string
	Since      byte
	Access     Access
}

// Field is a static field that is not a compile-time constant.
type Field struct {
	Token      byte
	Name       string
	Descriptor string
	Since      byte
	Access     Access
}

// Constant is a compile-time constant: it has no token.
type Constant struct {
	Name       string
	Descriptor string
	Value      int32
	Since      byte
}

// FullName is the class's name with its package: "javacard/framework/Applet".
func (c *Class) FullName() string { return c.Package.Name + "/" + c.Name }

// Method finds a method by token among the virtual ones or the static ones.
func (c *Class) Method(static bool, token byte) *Method {
	for i := range c.Methods {
		if m := &c.Methods[i]; m.Static == static && m.Token == token {
			return m
		}
	}
	return nil
}

// MethodNamed finds a method by name and descriptor.
func (c *Class) MethodNamed(name, descriptor string) *Method {
	for i := range c.Methods {
		if m := &c.Methods[i]; m.Name == name && m.Descriptor == descriptor {
			return m
		}
	}
	return nil
}

// Class finds a class by token.
func (p *Package) Class(token byte) *Class {
	for _, c := range p.Classes {
		if c.Token == token {
			return c
		}
	}
	return nil
}

// ClassNamed finds a class by its name without the package.
func (p *Package) ClassNamed(name string) *Class { return p.byName[name] }

// Packages are all packages, sorted by name. The value is shared: read only.
var Packages = sync.OnceValue(func() []*Package {
	packages, err := parse(text)
	if err != nil {
		panic(err) // the embedded file is tested
	}
	return packages
})

// ByAID finds a package by AID and major version; nil if there is none.
func ByAID(aid []byte, major byte) *Package {
	for _, p := range Packages() {
		if p.Major == major && bytes.Equal(p.AID, aid) {
			return p
		}
	}
	return nil
}

// ByName finds a package by its name with slashes; nil if there is none.
func ByName(name string) *Package {
	for _, p := range Packages() {
		if p.Name == name {
			return p
		}
	}
	return nil
}

// ClassByName finds a class by its full name; nil if there is none.
func ClassByName(name string) *Class {
	for i := len(name) - 1; i > 0; i-- {
		if name[i] == '/' {
			if p := ByName(name[:i]); p != nil {
				return p.ClassNamed(name[i+1:])
			}
			return nil
		}
	}
	return nil
}
