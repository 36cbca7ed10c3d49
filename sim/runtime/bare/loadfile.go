package bare

import (
	"bytes"
	"crypto"

	"inkan/core/cap"
	"inkan/sim/runtime"
	"inkan/sim/runtime/authority"
	"inkan/sim/vm"
)

// Load stores and links a package given as a CAP file in any of its forms. Its load
// file data block is what was given, or of a ZIP file the components in the order of
// their transfer, with the Descriptor. Errors are *wire.DecodeError and those of vm.Machine.Load.
// Spec: SPEC-RUNTIME-110.
func (c *Card) Load(file []byte) (*vm.Package, error) {
	components, err := cap.Split(file)
	if err != nil {
		return nil, err
	}
	parsed, err := cap.Parse(components)
	if err != nil { // the runtime says so, to the observer too
		return guarded(func() (*vm.Package, error) { return c.Card.Load(components) })
	}
	if bytes.HasPrefix(file, []byte("PK")) {
		file = parsed.LoadFile(nil, true)
	}
	return guarded(func() (*vm.Package, error) { return c.link(components, parsed.Header.Package.AID, file) })
}

// link stores and links a package that came in a load file data block: the block's
// hash first, which without the package counts for nothing.
// Spec: SPEC-RUNTIME-142.
func (c *Card) link(components []cap.Component, aid, block []byte) (*vm.Package, error) {
	if c.Machine().PackageByAID(aid) != nil {
		return c.Card.Load(components) // which refuses it
	}
	hash := c.Engines().Hash(crypto.SHA256, nil, block)
	if err := c.Machine().PutRecord(recordLoadFile, aid, hash); err != nil {
		return nil, err
	}
	p, err := c.Card.Load(components)
	if err != nil {
		c.Machine().DeleteRecord(recordLoadFile, aid)
	}
	return p, err
}

// LoadFileOf implements authority.LoadFiles. Spec: SPEC-RUNTIME-142, SPEC-RUNTIME-145.
func (p *platform) LoadFileOf(a *runtime.Applet) (hash authority.LoadFile, ok bool) {
	b, ok := p.Machine().Record(recordLoadFile, a.PackageAID)
	return hash, ok && p.Machine().PackageByAID(a.PackageAID) != nil && copy(hash[:], b) == len(hash)
}

// forgetLoadFiles removes the hashes of packages that are not there.
func (p *platform) forgetLoadFiles() {
	var gone [][]byte
	p.Machine().EachRecord(recordLoadFile, func(aid, _ []byte) {
		if p.Machine().PackageByAID(aid) == nil {
			gone = append(gone, bytes.Clone(aid))
		}
	})
	for _, aid := range gone {
		p.Machine().DeleteRecord(recordLoadFile, aid)
	}
}
