package binding

import (
	"fmt"
	"slices"
	"strings"

	"inkan/core/cap"
	"inkan/core/jcapi"
	"inkan/sim/clock"
	"inkan/sim/vm"
)

// Native is the body of an API method.
type Native func(*vm.Call)

// Table collects natives and instance state by name.
type Table struct {
	natives map[string]Native
	used    map[string]bool
	state   map[string][2]int
	hidden  []*jcapi.Class
}

// NewTable makes an empty table.
func NewTable() *Table {
	return &Table{natives: map[string]Native{}, used: map[string]bool{}, state: map[string][2]int{}}
}

// Bind gives a method its body. The method is written as in link errors:
// "javacard/framework/Util.setShort([BSS)S".
func (t *Table) Bind(method string, f Native) {
	if t.natives[method] != nil {
		panic("binding: " + method + " is bound twice")
	}
	t.natives[method] = f
}

// BindAll binds methods of one class, each by name and descriptor.
func (t *Table) BindAll(class string, methods map[string]Native) {
	for name, f := range methods {
		t.Bind(class+"."+name, f)
	}
}

// State declares native state of a class's instances: 16-bit cells of
// references and of data.
func (t *Table) State(class string, refs, data int) { t.state[class] = [2]int{refs, data} }

// Hidden adds a class of the platform's own, which no package can import: its
// instances are what abstract classes and interfaces of the API are handed out
// as. Its methods are those bound under its name, "inkan/platform/…"; what they
// override in the superclass (empty: java/lang/Object) and implement of the
// interfaces goes by name and descriptor.
func (t *Table) Hidden(name, super string, interfaces ...string) {
	if super == "" {
		super = "java/lang/Object"
	}
	t.hidden = append(t.hidden, &jcapi.Class{Name: name[strings.LastIndexByte(name, '/')+1:], Token: byte(len(t.hidden)),
		Access: jcapi.Public | jcapi.Final, Super: super, Interfaces: interfaces})
}

// Version names an API package that a card has in ROM.
type Version struct {
	Name         string // with slashes
	Major, Minor byte
}

// Packages makes the packages, each with the members that its version has. It
// panics when something is bound that no package has: that is a mistake of
// ours. Spec: SPEC-RUNTIME-001, SPEC-RUNTIME-002.
func (t *Table) Packages(versions []Version) []*vm.APIPackage {
	var all []*vm.APIPackage
	for _, v := range versions {
		p := find(v)
		if p == nil {
			panic(fmt.Sprintf("binding: no package %s %d.%d is known", v.Name, v.Major, v.Minor))
		}
		a := &vm.APIPackage{Name: p.Name, AID: p.AID, Version: cap.Version{Major: v.Major, Minor: v.Minor}}
		for _, c := range p.Classes {
			if c.Since <= v.Minor {
				a.Classes = append(a.Classes, t.class(c, c.FullName(), v.Minor))
			}
		}
		all = append(all, a)
	}
	if t.hidden != nil {
		a := &vm.APIPackage{Name: hiddenPackage, Version: cap.Version{Major: 1}}
		for _, c := range t.hidden {
			a.Classes = append(a.Classes, t.hiddenClass(c))
		}
		all = append(all, a)
	}
	t.checkUsed()
	return all
}

// hiddenPackage has no AID, so that nothing can import it.
const hiddenPackage = "inkan/platform"

func find(v Version) *jcapi.Package {
	for _, p := range jcapi.Packages() {
		if p.Name == v.Name && p.Major == v.Major && p.Minor >= v.Minor {
			return p
		}
	}
	return nil
}

func (t *Table) class(c *jcapi.Class, name string, minor byte) *vm.APIClass {
	a := t.skeleton(c, name)
	for i := range c.Methods {
		k := &c.Methods[i]
		key := name + "." + k.Name + k.Descriptor
		if k.Since > minor {
			t.used[key] = true // of a later version: absent, but no mistake
			continue
		}
		f := t.natives[key]
		switch {
		case f != nil:
			t.used[key] = true
		case c.Access&jcapi.Interface == 0 && (k.Access&jcapi.Abstract == 0 || k.Static):
			continue // inherited, or absent
		}
		n := &vm.Native{Name: k.Name, Descriptor: k.Descriptor, Func: charged(f)}
		if k.Static {
			a.Static[k.Token] = n
		} else {
			a.Virtual[k.Token] = n
		}
	}
	return a
}

func (t *Table) hiddenClass(c *jcapi.Class) *vm.APIClass {
	name := hiddenPackage + "/" + c.Name
	a := t.skeleton(c, name)
	var methods []string
	for key := range t.natives {
		if strings.HasPrefix(key, name+".") {
			methods = append(methods, key)
		}
	}
	slices.Sort(methods) // tokens must not change from boot to boot
	super := jcapi.ClassByName(c.Super)
	next := firstHiddenToken
	for _, key := range methods {
		t.used[key] = true
		method := key[len(name)+1:]
		at := strings.IndexByte(method, '(')
		n := &vm.Native{Name: method[:at], Descriptor: method[at:], Func: charged(t.natives[key])}
		if k := super.MethodNamed(n.Name, n.Descriptor); k != nil && !k.Static {
			a.Virtual[k.Token] = n
			continue
		}
		a.Virtual[next] = n
		next++
	}
	return a
}

// firstHiddenToken is beyond the virtual method tokens of all API classes that
// hidden ones extend.
const firstHiddenToken byte = 64

func (t *Table) skeleton(c *jcapi.Class, name string) *vm.APIClass {
	a := Class(name)
	a.Token, a.Access = c.Token, c.Access
	a.Virtual, a.Static = map[byte]*vm.Native{}, map[byte]*vm.Native{}
	if c.Super != "" {
		a.Super = Class(c.Super)
	}
	for _, i := range c.Interfaces {
		a.Interfaces = append(a.Interfaces, Class(i))
	}
	a.RefCells, a.DataCells = t.state[name][0], t.state[name][1]
	return a
}

// charged adds the chip's cost of entering and leaving a native. An abstract
// method has no body.
func charged(f Native) func(*vm.Call) {
	if f == nil {
		return nil
	}
	return func(c *vm.Call) {
		m := c.Machine()
		m.Clock().Advance(clock.Native, m.Host().(*Host).call)
		f(c)
	}
}

func (t *Table) checkUsed() {
	for key := range t.natives {
		if !t.used[key] {
			panic("binding: no package has " + key)
		}
	}
}
