package vm

import (
	"encoding/binary"
	"errors"
	"fmt"
	"strings"

	"inkan/core/cap"
	"inkan/sim/clock"
)

// Errors of Load and records.
var (
	ErrNoMemory = errors.New("vm: no memory")
	ErrLoaded   = errors.New("vm: a package with this AID is on the card")
)

// Load stores and links a package. It is there completely or, after a power
// cut or an error, not at all. Errors: *wire.DecodeError, *LinkError, and
// ErrNoMemory, ErrLoaded. Spec: SPEC-JCVM-020, SPEC-JCVM-021, SPEC-JCVM-022.
func (m *Machine) Load(components []cap.Component) (*Package, error) {
	f, err := cap.Parse(components)
	if err != nil {
		return nil, err
	}
	if m.journal.open || m.depth >= 0 {
		return nil, errors.New("vm: Load inside a transaction or a call")
	}
	index := 0
	for index < len(m.packages) && m.packages[index] != nil {
		index++
	}
	if index >= maxPackages {
		return nil, ErrNoMemory
	}
	if m.PackageByAID(f.Header.Package.AID) != nil {
		return nil, ErrLoaded
	}
	for i := range m.api {
		if string(m.api[i].info.AID) == string(f.Header.Package.AID) {
			return nil, ErrLoaded
		}
	}
	f.Descriptor, f.Debug, f.Custom = nil, nil, nil
	raw := rawComponents(components)
	p := &Package{file: f, index: byte(index)}
	if err := m.link(p); err != nil { // first without memory: an error leaves no trace
		return nil, err
	}
	m.clock.Advance(clock.Linking, uint64(m.costs.LinkByte)*uint64(len(raw))+uint64(m.costs.LinkEntry)*uint64(len(f.Constants)))
	return m.install(p, raw)
}

// rawComponents is what stays on the card: everything but Descriptor, Debug
// and custom components.
func rawComponents(components []cap.Component) []byte {
	var raw []byte
	for _, c := range components {
		if c.Tag != cap.TagDescriptor && c.Tag != cap.TagDebug && c.Tag <= cap.TagStaticResources {
			raw = c.Append(raw)
		}
	}
	return raw
}

// install writes initialised arrays, static image and, last, the components:
// before that the boot scan takes the rest for garbage.
func (m *Machine) install(p *Package, raw []byte) (*Package, error) {
	for len(m.packages) <= int(p.index) {
		m.packages = append(m.packages, nil)
	}
	var arrays []Ref
	undo := func() (*Package, error) {
		for _, r := range arrays {
			m.free(m.objects[r].at - headerBytes)
			m.forget(r)
		}
		return nil, ErrNoMemory
	}
	image := make([]byte, 0, p.file.StaticField.ImageSize)
	for _, a := range p.file.StaticField.Arrays {
		r := m.initArray(p, a)
		if r == Null {
			return undo()
		}
		arrays = append(arrays, r)
		image = binary.BigEndian.AppendUint16(image, uint16(r))
	}
	image = append(image, make([]byte, int(p.file.StaticField.ImageSize)-len(image)-len(p.file.StaticField.NonDefault))...)
	image = append(image, p.file.StaticField.NonDefault...)
	h := header{handle: systemHandle, class: uint16(p.index), context: byte(p.Context())}
	h.typ = blockStatics
	statics, ok := m.allocate(h, len(image), image, 0)
	if !ok {
		return undo()
	}
	h.typ = blockPackage
	block, ok := m.allocate(h, 4+len(raw), append(binary.BigEndian.AppendUint32(nil, uint32(len(raw))), raw...), 0)
	if !ok {
		m.free(statics)
		return undo()
	}
	if err := m.place(p, block, statics); err != nil {
		return nil, err
	}
	return p, nil
}

// place makes a package known whose blocks are in the heap, and links it for
// good: its static fields have an address now.
func (m *Machine) place(p *Package, block, statics uint32) error {
	p.block, p.staticBlock, p.statics = block, statics, statics+headerBytes
	p.sizeBytes = int(m.headerAt(block).size + m.headerAt(statics).size)
	p.classes, p.catch, p.imports = nil, nil, nil
	if err := m.link(p); err != nil {
		return err
	}
	for len(m.packages) <= int(p.index) {
		m.packages = append(m.packages, nil)
	}
	m.packages[p.index] = p
	return nil
}

// initArray makes an array with initial values; Null when there is no memory.
func (m *Machine) initArray(p *Package, a cap.ArrayInit) Ref {
	kind := a.Type - cap.InitBoolean + byte(BooleanArray)
	n := len(a.Values) / elementBytes(kind)
	return m.newObject(header{class: noClass, typ: kind, context: byte(p.Context()), length: uint16(n)}, a.Values[:n*elementBytes(kind)])
}

// InUseError is why a package can't be removed.
type InUseError struct {
	Package cap.PackageInfo
	By      []string // importing packages and remaining objects
}

// Error names what uses the package.
func (e *InUseError) Error() string {
	return fmt.Sprintf("package %s is in use by %s", e.Package, strings.Join(e.By, ", "))
}

// Unload removes a package with its static fields. It fails with *InUseError
// while a package imports it, or while an object of its classes or of its
// context is reachable other than from its own static fields. It collects.
// Spec: SPEC-JCVM-023.
func (m *Machine) Unload(p *Package) error {
	if m.journal.open || m.depth >= 0 {
		return errors.New("vm: Unload inside a transaction or a call")
	}
	used := &InUseError{Package: p.Info()}
	for _, q := range m.packages {
		if q != nil && q != p {
			for _, i := range q.imports {
				if i == p {
					used.By = append(used.By, "package "+q.Info().String())
				}
			}
		}
	}
	m.mark(p)
	n := 0
	for i := range m.objects {
		if o := &m.objects[i]; o.flags&flagMarked != 0 && m.belongs(o, p) {
			n++
		}
	}
	m.unmark()
	if n > 0 {
		used.By = append(used.By, fmt.Sprintf("%d objects", n))
	}
	if used.By != nil {
		return used
	}
	m.clock.Advance(clock.Linking, uint64(m.costs.LinkEntry))
	m.free(p.block) // from here on the package is gone
	m.packages[p.index] = nil
	m.free(p.staticBlock)
	m.sweep(func(o *object) bool { return m.belongs(o, p) })
	return nil
}

// belongs tells whether an object must go with a package: by owner or class.
func (m *Machine) belongs(o *object, p *Package) bool {
	if o.kind == kindNone {
		return false
	}
	return o.context() == p.Context() || o.class != nil && o.class.pkg == p
}
