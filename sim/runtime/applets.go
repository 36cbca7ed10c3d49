package runtime

import (
	"bytes"
	"encoding/binary"

	"inkan/core/wire"
	"inkan/sim/vm"
)

// Applet is an applet instance on the card.
type Applet struct {
	AID, PackageAID, ModuleAID []byte
	Ref                        vm.Ref // the instance
	Context                    vm.Context
	Account                    vm.Account // of the memory that it takes; 0: not counted
	Limits                     vm.Limits
	number                     uint32 // order of installation
	aid                        vm.Ref // its AID object: a JCRE entry point
	leaving                    bool   // being deleted: no root of the collector
	entry                      vm.Ref // its registry entry object; Null until somebody asked
}

// Kinds of the machine's records that the runtime uses. Platforms have those
// from FirstPlatformRecord on.
const (
	recordApplet     = 1 // by AID
	recordInstalling = 2 // no identifier: an installation is under way; LV package AID, static image before it
	recordObject     = 3 // by name: a reference to one of the platform's objects
	recordDeleting   = 4 // no identifier: a deletion is under way; empty

	// FirstPlatformRecord is the first kind that a Platform may use.
	FirstPlatformRecord = 16
)

// Applets are the applets on the card, in the order of their installation.
func (c *Card) Applets() []*Applet { return append([]*Applet(nil), c.applets...) }

// Applet finds an applet by its AID, or nil.
func (c *Card) Applet(aid []byte) *Applet {
	for _, a := range c.applets {
		if bytes.Equal(a.AID, aid) {
			return a
		}
	}
	return nil
}

// encode is the record of an applet: number(4) instance(2) AID object(2)
// registry entry(2) account(1), limits(4 each: quota and reserved bytes of
// non-volatile memory, of volatile memory), then package AID and module AID, each
// with its length.
func (a *Applet) encode() []byte {
	b := binary.BigEndian.AppendUint32(nil, a.number)
	for _, r := range []vm.Ref{a.Ref, a.aid, a.entry} {
		b = binary.BigEndian.AppendUint16(b, uint16(r))
	}
	b = AppendLimits(append(b, byte(a.Account)), a.Limits)
	b = append(append(b, byte(len(a.PackageAID))), a.PackageAID...)
	return append(append(b, byte(len(a.ModuleAID))), a.ModuleAID...)
}

func decodeApplet(aid, b []byte) (*Applet, error) {
	r := wire.NewReader("applet record", b)
	a := &Applet{AID: bytes.Clone(aid), number: uint32(r.Uint16("number"))<<16 | uint32(r.Uint16("number"))}
	a.Ref, a.aid, a.entry = vm.Ref(r.Uint16("instance")), vm.Ref(r.Uint16("AID object")), vm.Ref(r.Uint16("registry entry"))
	a.Account, a.Limits = vm.Account(r.Byte("account")), DecodeLimits(&r)
	a.PackageAID = bytes.Clone(r.LV("package"))
	a.ModuleAID = bytes.Clone(r.LV("module"))
	return a, r.End()
}

// readApplets fills the table after a boot. Records whose package or instance
// is gone are what an interrupted deletion left: they go too. What an
// interrupted installation left is collected. Spec: SPEC-RUNTIME-041,
// SPEC-RUNTIME-045.
func (c *Card) readApplets() {
	m := c.machine
	c.applets = c.applets[:0]
	var gone [][]byte
	m.EachRecord(recordApplet, func(id, data []byte) {
		a, err := decodeApplet(id, data)
		var p *vm.Package
		if err == nil {
			p = m.PackageByAID(a.PackageAID)
		}
		if p == nil || !m.Exists(a.Ref) || !m.Exists(a.aid) {
			gone = append(gone, bytes.Clone(id))
			return
		}
		a.Context = p.Context()
		c.insert(a)
		a.bound(m)
		m.MarkEntryPoint(a.aid, false)
		if a.entry != vm.Null {
			m.MarkEntryPoint(a.entry, false)
		}
	})
	for _, id := range gone {
		m.DeleteRecord(recordApplet, id)
	}
	if gone != nil {
		m.RequestObjectDeletion()
	}
}

// insert puts an applet into the table, in the order of installation.
func (c *Card) insert(a *Applet) {
	i := len(c.applets)
	for i > 0 && c.applets[i-1].number > a.number {
		i--
	}
	c.applets = append(c.applets, nil)
	copy(c.applets[i+1:], c.applets[i:])
	c.applets[i] = a
}

func (c *Card) remove(a *Applet) {
	for i, b := range c.applets {
		if a == b {
			c.applets = append(c.applets[:i], c.applets[i+1:]...)
			return
		}
	}
}

func (c *Card) nextNumber() uint32 {
	if n := len(c.applets); n > 0 {
		return c.applets[n-1].number + 1
	}
	return 1
}

// roots marks what the runtime holds on to.
func (c *Card) roots(mark func(vm.Ref)) {
	visit := func(a *Applet) {
		if !a.leaving {
			mark(a.Ref)
		}
		mark(a.aid)
		mark(a.entry)
	}
	for _, a := range c.applets {
		visit(a)
	}
	if c.pending != nil {
		visit(c.pending)
	}
	if c.machine != nil {
		c.machine.EachRecord(recordObject, func(_, data []byte) { mark(vm.Ref(binary.BigEndian.Uint16(data))) })
	}
}

// object is one of the platform's own objects, made when it is first needed. It
// is a JCRE entry point that applets may keep.
func (c *Card) object(name string, class *vm.APIClass, fill func(vm.Ref)) vm.Ref {
	m := c.machine
	ref := vm.Null
	if b, ok := m.Record(recordObject, []byte(name)); ok && len(b) == 2 {
		ref = vm.Ref(binary.BigEndian.Uint16(b))
	}
	if ref == vm.Null || !m.Exists(ref) {
		ref = m.NewInstance(vm.JCRE, class)
		if fill != nil {
			fill(ref)
		}
		if m.PutRecord(recordObject, []byte(name), binary.BigEndian.AppendUint16(nil, uint16(ref))) != nil {
			m.Throw(classSystem, noResource)
		}
	}
	m.MarkEntryPoint(ref, false)
	return ref
}

// owner is the applet that acts in a context: the one whose method the platform
// called last, or else the first of the context's package. Contexts belong to
// packages, so that applets of one package can't be told apart further.
// Spec: SPEC-RUNTIME-070.
func (c *Card) owner(ctx vm.Context) *Applet {
	for _, a := range []*Applet{c.running, c.channels[c.current].applet} {
		if a != nil && a.Context == ctx {
			return a
		}
	}
	if c.pending != nil && c.pending.Context == ctx {
		return nil // not registered yet
	}
	for _, a := range c.applets {
		if a.Context == ctx {
			return a
		}
	}
	return nil
}
