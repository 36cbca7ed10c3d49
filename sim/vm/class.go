package vm

import (
	"bytes"
	"fmt"

	"inkan/core/jcapi"
)

// Class is a class or interface on the card: of ROM or of a loaded package.
type Class struct {
	pkg    *Package  // nil: of ROM
	api    *APIClass // nil: of a loaded package
	name   string
	id     uint16 // identity in the heap: package index, class index
	offset uint16 // in the Class component
	super  *Class
	supers []*Class // interface: all its superinterfaces
	itable []itab   // class: interfaces that it and its superclasses implement

	isInterface, isShareable bool
	firstCell, cells         int       // own instance cells begin at; all instance cells
	refs                     []bool    // by cell: holds a reference
	virtual, local           []*Method // by token: public and protected; package-visible
	reason                   int       // cell of the reason, or -1
}

// itab maps the method tokens of an interface to the methods of a class.
type itab struct {
	iface   *Class
	methods []*Method
}

// Name is the name of an API class, else package AID and class offset.
func (c *Class) Name() string { return c.name }

// API is the class in ROM, or nil of a loaded one.
func (c *Class) API() *APIClass { return c.api }

// Super is the superclass, or nil.
func (c *Class) Super() *Class { return c.super }

// Package is the loaded package of the class, or nil of one in ROM.
func (c *Class) Package() *Package { return c.pkg }

// Is tells whether a value of class c can be assigned to class or interface d.
func (c *Class) Is(d *Class) bool {
	for k := c; k != nil; k = k.super {
		if k == d {
			return true
		}
	}
	if d.isInterface {
		return c.implements(d)
	}
	return c.isInterface && d.super == nil // of an interface: java/lang/Object
}

func (c *Class) implements(d *Class) bool {
	for _, s := range c.supers {
		if s == d {
			return true
		}
	}
	for i := range c.itable {
		if c.itable[i].iface == d {
			return true
		}
	}
	return false
}

// shareable tells whether a class implements an interface that extends
// Shareable.
func (c *Class) shareable() bool {
	for i := range c.itable {
		if c.itable[i].iface.isShareable {
			return true
		}
	}
	return false
}

func (c *Class) reasonCell() int { return c.reason }

// interfaceMethod finds the method for an interface's token, or nil.
func (c *Class) interfaceMethod(iface *Class, token int) *Method {
	for i := range c.itable {
		if t := &c.itable[i]; t.iface == iface {
			if token < len(t.methods) {
				return t.methods[token]
			}
			return nil
		}
	}
	return nil
}

// inherit begins a class with what its superclass has. Package-visible methods
// are inherited within a package only.
func (c *Class) inherit(super *Class) {
	c.super, c.reason = super, -1
	if super == nil {
		return
	}
	c.firstCell, c.cells, c.reason = super.cells, super.cells, super.reason
	c.refs = append([]bool(nil), super.refs...)
	c.virtual = append([]*Method(nil), super.virtual...)
	if super.pkg == c.pkg {
		c.local = append([]*Method(nil), super.local...)
	}
}

// addCells adds the class's own cells, of which n from first are references.
func (c *Class) addCells(own, first, n int) {
	c.cells += own
	for i := range own {
		c.refs = append(c.refs, i >= first && i < first+n)
	}
}

// setMethod puts a method into a table, which grows as needed.
func setMethod(table *[]*Method, token int, method *Method) {
	for len(*table) <= token {
		*table = append(*table, nil)
	}
	(*table)[token] = method
}

// buildAPI makes the classes of the packages in ROM.
func (m *Machine) buildAPI() error {
	m.api = make([]apiPackageOnCard, len(m.cfg.API))
	m.apiClasses = map[*APIClass]*Class{}
	for i, p := range m.cfg.API {
		m.api[i].info = p
		for _, c := range p.Classes {
			if err := m.buildAPIClass(i, c); err != nil {
				return err
			}
		}
	}
	for _, p := range m.cfg.API {
		for _, c := range p.Classes {
			m.buildAPITable(m.apiClasses[c])
		}
	}
	return m.findKnown()
}

// apiPackageOnCard is a package in ROM with the machine's classes by token.
type apiPackageOnCard struct {
	info    *APIPackage
	classes [256]*Class
}

func (m *Machine) buildAPIClass(pkg int, a *APIClass) error {
	if m.apiClasses[a] != nil {
		return nil
	}
	if m.api[pkg].classes[a.Token] != nil {
		return fmt.Errorf("vm: two classes with token %d in %s", a.Token, m.cfg.API[pkg].Name)
	}
	var super *Class
	if a.Super != nil {
		owner := m.packageOfAPI(a.Super)
		if owner < 0 {
			return fmt.Errorf("vm: %s extends %s, which is in no package of ROM", a.Name, a.Super.Name)
		}
		m.api[owner].info = m.cfg.API[owner]
		if err := m.buildAPIClass(owner, a.Super); err != nil {
			return err
		}
		super = m.apiClasses[a.Super]
	}
	c := &Class{api: a, name: a.Name, id: uint16(apiPackage|pkg)<<8 | uint16(a.Token)}
	c.isInterface, c.isShareable = a.Access&jcapi.Interface != 0, a.Access&jcapi.Shareable != 0
	if c.isInterface {
		super = nil
	}
	c.inherit(super)
	if a.DataCells > 0 && c.reason < 0 {
		c.reason = c.cells + a.RefCells
	}
	c.addCells(a.RefCells+a.DataCells, 0, a.RefCells)
	if !c.isInterface {
		for token, n := range a.Virtual {
			method, err := nativeMethodOf(a, n, true)
			if err != nil {
				return err
			}
			setMethod(&c.virtual, int(token), method)
		}
	}
	c.local = nil
	m.apiClasses[a] = c
	m.api[pkg].classes[a.Token] = c
	return nil
}

func (m *Machine) packageOfAPI(a *APIClass) int {
	for i, p := range m.cfg.API {
		for _, c := range p.Classes {
			if c == a {
				return i
			}
		}
	}
	return -1
}

// buildAPITable fills the interface tables of a class in ROM, by the names of
// the interface methods.
func (m *Machine) buildAPITable(c *Class) {
	var all []*APIClass
	for a := c.api; a != nil; a = a.Super {
		all = appendInterfaces(all, a.Interfaces)
	}
	if c.isInterface {
		all = appendInterfaces(nil, c.api.Interfaces)
		for _, a := range all {
			if s := m.apiClasses[a]; s != nil {
				c.supers = append(c.supers, s)
			}
		}
		return
	}
	for _, a := range all {
		if iface := m.apiClasses[a]; iface != nil {
			c.itable = append(c.itable, itab{iface, c.byName(interfaceMethods(a))})
		}
	}
}

func appendInterfaces(all, more []*APIClass) []*APIClass {
next:
	for _, a := range more {
		for _, b := range all {
			if a == b {
				continue next
			}
		}
		all = appendInterfaces(append(all, a), a.Interfaces)
	}
	return all
}

type signature struct{ name, descriptor string }

// interfaceMethods are the signatures of an API interface by token.
func interfaceMethods(a *APIClass) map[byte]signature {
	methods := map[byte]signature{}
	if k := jcapi.ClassByName(a.Name); k != nil {
		for _, k := range k.Methods {
			if !k.Static {
				methods[k.Token] = signature{k.Name, k.Descriptor}
			}
		}
	}
	for token, n := range a.Virtual {
		methods[token] = signature{n.Name, n.Descriptor}
	}
	return methods
}

// byName finds a class's methods for interface methods.
func (c *Class) byName(want map[byte]signature) []*Method {
	var table []*Method
	for token, s := range want {
		setMethod(&table, int(token), nil)
		for _, method := range c.virtual {
			if method != nil && method.native != nil && method.native.info.Name == s.name && method.native.info.Descriptor == s.descriptor {
				table[token] = method
			}
		}
	}
	return table
}

// Class is the machine's class of an API class, or nil.
func (m *Machine) Class(api *APIClass) *Class { return m.apiClasses[api] }

// known are the classes that the machine itself needs.
type known struct {
	object                                                         *Class
	security, null, bounds, negative, cast, arithmetic, arrayStore *APIClass
	system, transaction                                            *APIClass
}

var (
	langAID      = []byte{0xA0, 0, 0, 0, 0x62, 0, 1}
	frameworkAID = []byte{0xA0, 0, 0, 0, 0x62, 1, 1}
)

// findKnown finds them by the tokens that they have in every version.
func (m *Machine) findKnown() error {
	k := &m.known
	var object *APIClass
	for _, w := range []struct {
		aid   []byte
		token byte
		to    **APIClass
	}{
		{langAID, 0, &object}, {langAID, 5, &k.bounds}, {langAID, 6, &k.negative}, {langAID, 7, &k.null},
		{langAID, 8, &k.cast}, {langAID, 9, &k.arithmetic}, {langAID, 10, &k.security}, {langAID, 11, &k.arrayStore},
		{frameworkAID, 13, &k.system}, {frameworkAID, 14, &k.transaction},
	} {
		for i := range m.api {
			if c := m.api[i].classes[w.token]; c != nil && bytes.Equal(m.api[i].info.AID, w.aid) {
				*w.to = c.api
			}
		}
		if *w.to == nil {
			return fmt.Errorf("vm: the API lacks class %d of %X", w.token, w.aid)
		}
	}
	k.object = m.apiClasses[object]
	return nil
}
