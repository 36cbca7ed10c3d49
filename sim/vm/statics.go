package vm

import "inkan/core/cap"

// File is the package as it is on the card: without Descriptor and Debug. It
// is shared: read only.
func (p *Package) File() *cap.File { return p.file }

// StaticImage is a copy of a package's static fields as they are now.
func (m *Machine) StaticImage(p *Package) []byte {
	image := make([]byte, p.file.StaticField.ImageSize)
	m.flash.Read(p.statics, image)
	return image
}

// RestoreStaticImage writes back what StaticImage gave, outside any
// transaction: the platform undoes an installation with it. References to
// objects that are gone since become null.
func (m *Machine) RestoreStaticImage(p *Package, image []byte) {
	if len(image) != int(p.file.StaticField.ImageSize) || len(image) == 0 {
		return
	}
	for i := 0; i < 2*int(p.file.StaticField.ReferenceCount); i += 2 {
		if !m.Exists(Ref(image[i])<<8 | Ref(image[i+1])) {
			image[i], image[i+1] = 0, 0
		}
	}
	m.storeNonAtomic(p.statics, image)
}
