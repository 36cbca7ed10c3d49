package entropy

import "crypto/rand"

// System returns the operating system's randomness: the default of whatever
// listens on a socket, and the only one for real keys. It is the one place of
// core and sim that imports crypto/rand. Since Go 1.24 rand.Read does not fail;
// where the system has no randomness the program ends. Spec: SPEC-ENTROPY-006.
func System() Source { return system{} }

type system struct{}

// Fill takes bytes from the operating system.
func (system) Fill(dst []byte) {
	if _, err := rand.Read(dst); err != nil {
		panic("entropy: crypto/rand failed: " + err.Error())
	}
}
