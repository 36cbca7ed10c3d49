package capc

import (
	"fmt"
	"strings"

	"inkan/core/cap"
	"inkan/core/classfile"
)

// checkLimits numbers constants, encodes the code and refuses what a component
// has no room for. Spec: SPEC-CAPC-015.
func (c *converter) checkLimits() {
	c.pool.finish()
	handlers := 0
	for _, m := range c.methods {
		t := m.out
		if t.flow != nil {
			t.fuse()
			t.encode()
		}
		handlers += len(t.handlers)
		c.stats.BytecodeBytes += len(t.code)
		if t.maxStack > 255 {
			c.report(where{class: m.class.name, member: m.key()}, fmt.Sprintf("%d words of stack", t.maxStack), "a method can have 255: store intermediate results")
		}
	}
	c.stats.Classes, c.stats.Methods = len(c.own), len(c.methods)
	for _, limit := range []struct {
		what  string
		count int
		limit int
	}{
		{"classes and interfaces", len(c.own), 255}, {"imported packages", len(c.imports), 127}, {"exception handlers", handlers, 255},
		{"constants", len(c.pool.list), 65535},
	} {
		if limit.count > limit.limit {
			c.report(where{}, fmt.Sprintf("%d %s", limit.count, limit.what), fmt.Sprintf("a package can have %d: split it", limit.limit))
		}
	}
	for _, k := range c.own {
		if n := len(closure(nil, k.interfaces)); n > 15 {
			c.report(where{class: k.name}, fmt.Sprintf("%d interfaces, inherited ones included", n), "a class can have 15")
		}
	}
}

// assemble makes the components. Spec: SPEC-CAPC-056.
func (c *converter) assemble() {
	c.file = &cap.File{Header: cap.Header{Format: cap.Version{Major: 2, Minor: 1}, Package: cap.PackageInfo{Version: c.opt.Version, AID: c.opt.AID}}}
	c.placeClasses()
	c.methodComponent()
	c.classComponent()
	c.appletComponent()
	for _, k := range c.pool.list {
		c.file.Constants = append(c.file.Constants, k.encode())
	}
	c.file.StaticField = c.static.out
	c.exportComponent()
	c.file.Descriptor = c.descriptor()
	c.use(c.library("java/lang")) // even if nothing of it is named
	for _, l := range c.imports {
		c.file.Imports = append(c.file.Imports, cap.PackageInfo{Version: l.version, AID: l.aid})
	}
	h := &c.file.Header
	if c.opt.Int && c.usesInt() {
		h.Flags |= cap.FlagInt
	}
	if c.file.Export != nil {
		h.Flags |= cap.FlagExport
	}
	if c.file.Applets != nil {
		h.Flags |= cap.FlagApplet
	}
	c.file.FillDirectory()
	for _, k := range c.file.Components() {
		if len(k.Info) > 0xFFFF {
			c.report(where{}, fmt.Sprintf("component %s has %d bytes", k.Tag, len(k.Info)), "a component can have 65535: split the package")
		}
	}
}

// usesInt tells whether the package needs a card with int.
func (c *converter) usesInt() bool {
	if c.stats.IntegerOperations > 0 {
		return true
	}
	for _, k := range c.own {
		for _, f := range k.fields {
			if f.constant == nil && strings.HasSuffix(f.desc, "I") {
				return true
			}
		}
		for _, m := range k.methods {
			if strings.Contains(m.desc, "I") && strings.ContainsAny(stripClasses(m.desc), "I") {
				return true
			}
		}
	}
	return false
}

// stripClasses leaves out the class names of a descriptor.
func stripClasses(desc string) string {
	for {
		from := strings.IndexByte(desc, 'L')
		if from < 0 {
			return desc
		}
		to := from + strings.IndexByte(desc[from:], ';')
		desc = desc[:from] + desc[to+1:]
	}
}

// placeClasses gives interfaces and classes their offsets.
func (c *converter) placeClasses() {
	at := 0
	for _, k := range c.own {
		k.ref = uint16(at)
		interfaces := closure(nil, k.interfaces)
		if k.has(classfile.AccInterface) {
			at += 1 + 2*len(interfaces)
			continue
		}
		at += 10 + 2*(len(k.public)-k.lowPublic) + 2*(len(k.packageVisible)-k.lowPk)
		for _, i := range interfaces {
			at += 3 + len(interfaceMethods(i))
		}
	}
}

func (c *converter) classComponent() {
	for _, k := range c.own {
		var flags byte
		if k.shareable() {
			flags |= cap.AccShareable
		}
		interfaces := closure(nil, k.interfaces)
		if k.has(classfile.AccInterface) {
			info := cap.InterfaceInfo{Offset: k.ref, Flags: flags | cap.AccInterface}
			for _, i := range interfaces {
				c.use(i.lib)
				info.Supers = append(info.Supers, i.classRef())
			}
			c.file.Class.Interfaces = append(c.file.Class.Interfaces, info)
			continue
		}
		c.use(k.super.lib)
		info := cap.ClassInfo{Offset: k.ref, Flags: flags, Super: k.super.classRef(), DeclaredSize: byte(k.size), FirstReference: byte(k.firstRef), ReferenceCount: byte(k.refs)}
		info.PublicBase, info.Public = table(k.public, k.lowPublic)
		info.PackageBase, info.PackageVisible = table(k.packageVisible, k.lowPk)
		for _, i := range interfaces {
			c.use(i.lib)
			x := cap.ImplementedInterface{Interface: i.classRef(), Index: []byte{}}
			for _, m := range interfaceMethods(i) {
				x.Index = append(x.Index, byte(c.implementation(k, m.key()).token))
			}
			info.Interfaces = append(info.Interfaces, x)
		}
		c.file.Class.Classes = append(c.file.Class.Classes, info)
	}
}

// table is a virtual method table from the lowest token that the class declares.
func table(methods []*method, low int) (base byte, offsets []uint16) {
	for _, m := range methods[low:] {
		if m == nil {
			offsets = append(offsets, 0xFFFF)
		} else {
			offsets = append(offsets, uint16(m.offset))
		}
	}
	return byte(low), offsets
}

func (c *converter) methodComponent() {
	handlers := 0
	for _, m := range c.methods {
		handlers += len(m.out.handlers)
	}
	at := 1 + 8*handlers
	var list []cap.Handler
	var body []byte
	start := at
	for _, m := range c.methods {
		m.offset = start + len(body)
		t := m.out
		h := cap.MethodHeader{MaxStack: byte(t.maxStack), Args: byte(m.argWords()), MaxLocals: byte(t.maxLocals)}
		if m.has(classfile.AccAbstract) {
			h.Flags = cap.MethodAbstract
		}
		body = cap.AppendHeader(body, h)
		code := start + len(body)
		for i, x := range t.handlers {
			list = append(list, x.encode(t, code, t.stops(i)))
		}
		for _, r := range t.byteRefs {
			c.file.RefLocation.Byte = append(c.file.RefLocation.Byte, uint16(code+r))
		}
		for _, r := range t.wordRefs {
			c.file.RefLocation.Word = append(c.file.RefLocation.Word, uint16(code+r))
		}
		body = append(body, t.code...)
		if start+len(body) > 0xFFFF {
			c.report(where{class: m.class.name}, "more than 65535 bytes of methods", "split the package")
			return
		}
	}
	var catches []uint16 // indices stand in the handlers, too
	for i, x := range list {
		if x.Catch != 0 {
			catches = append(catches, uint16(1+8*i+6))
		}
	}
	c.file.RefLocation.Word = append(catches, c.file.RefLocation.Word...)
	c.file.Method.Handlers = list
	c.file.Method.Info = append(cap.AppendHandlers(nil, list), body...)
}

// stops tells whether no later handler of the method covers what handler i
// does.
func (t *translation) stops(i int) bool {
	for _, h := range t.handlers[i+1:] {
		if h.start < t.handlers[i].end && t.handlers[i].start < h.end {
			return false
		}
	}
	return true
}

func (h *handler) encode(t *translation, code int, last bool) cap.Handler {
	from, to := t.position(h.start), t.position(h.end)
	x := cap.Handler{Start: uint16(code + from), Length: uint16(to - from), Stop: last, Handler: uint16(code + t.position(h.handler))}
	if h.catch != nil {
		x.Catch = uint16(h.catch.index)
	}
	return x
}

// appletComponent finds the install methods. Spec: SPEC-CAPC-057.
func (c *converter) appletComponent() {
	for _, a := range c.opt.Applets {
		name := strings.ReplaceAll(a.Class, ".", "/")
		k := c.classes[name]
		if k == nil {
			k = c.classes[c.name+"/"+name]
		}
		if k == nil || k.lib != nil {
			c.report(where{}, "no class "+a.Class+" for the applet", "")
			continue
		}
		m := k.find("install([BSB)V")
		isApplet := false
		for s := k; s != nil; s = s.super {
			isApplet = isApplet || s.name == "javacard/framework/Applet"
		}
		if !isApplet || m == nil || !m.has(classfile.AccStatic) || !m.has(classfile.AccPublic) || k.has(classfile.AccAbstract) {
			c.report(where{class: k.name}, "the class is no applet", "extend javacard.framework.Applet and declare public static void install(byte[], short, byte)")
			continue
		}
		c.file.Applets = append(c.file.Applets, cap.Applet{AID: a.AID, InstallMethod: uint16(m.offset)})
	}
}

// exportComponent lists what other packages may name. Spec: SPEC-CAPC-046.
func (c *converter) exportComponent() {
	e := &cap.Export{}
	for token := 0; ; token++ {
		k := c.exportedAt(token)
		if k == nil {
			break
		}
		x := cap.ExportedClass{Class: k.ref}
		for _, f := range k.fields {
			if f.has(classfile.AccStatic) && f.token >= 0 {
				x.StaticFields = append(x.StaticFields, uint16(f.offset))
			}
		}
		for _, m := range k.methods {
			if !m.virtual() && m.token >= 0 {
				x.StaticMethods = append(x.StaticMethods, uint16(m.offset))
			}
		}
		e.Classes = append(e.Classes, x)
	}
	if len(e.Classes) > 0 {
		c.file.Export = e
	}
}

func (c *converter) exportedAt(token int) *class {
	for _, k := range c.own {
		if k.token == token && c.exported(k) {
			return k
		}
	}
	return nil
}
