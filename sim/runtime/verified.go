package runtime

import (
	"crypto/sha256"
	"encoding/binary"
	"sync"

	"inkan/core/cap"
	"inkan/core/cap/verifier"
)

// maxVerified bounds what a Verified remembers, 32 bytes each.
const maxVerified = 1024

// Verified remembers which packages cards of this process have found good, by the
// SHA-256 of their components, for whoever makes many cards that get the same load
// file. Cards that share it answer, store and spend cycles as without it. The zero
// value remembers nothing yet; safe for concurrent use. Spec: SPEC-RUNTIME-180.
type Verified struct {
	mutex sync.Mutex
	sums  map[[sha256.Size]byte]struct{}
}

// check is verifier.Verify, or its result from before. Only packages that import
// nothing but the platform, which is the same for all cards, are remembered, and no
// refusals. A nil Verified remembers nothing.
func (v *Verified) check(components []cap.Component, f *cap.File, env environment) error {
	if v == nil || !env.platformOnly(f) {
		return verified(f, env)
	}
	sum := sumOf(components)
	v.mutex.Lock()
	_, known := v.sums[sum]
	v.mutex.Unlock()
	if known {
		return nil
	}
	if err := verified(f, env); err != nil {
		return err
	}
	v.mutex.Lock()
	defer v.mutex.Unlock()
	if v.sums == nil || len(v.sums) >= maxVerified {
		v.sums = map[[sha256.Size]byte]struct{}{}
	}
	v.sums[sum] = struct{}{}
	return nil
}

// verified runs the verifier. Errors: *VerifyError.
func verified(f *cap.File, env environment) error {
	if r := verifier.Verify(f, env); r.Err() != nil {
		return &VerifyError{f.Header.Package, r}
	}
	return nil
}

// sumOf is the SHA-256 of components, each with its tag and length.
func sumOf(components []cap.Component) (sum [sha256.Size]byte) {
	h := sha256.New()
	for i := range components {
		h.Write(binary.BigEndian.AppendUint64([]byte{byte(components[i].Tag)}, uint64(len(components[i].Info))))
		h.Write(components[i].Info)
	}
	h.Sum(sum[:0])
	return sum
}

// platformOnly tells whether a package imports no other that was loaded.
func (e environment) platformOnly(f *cap.File) bool {
	for _, i := range f.Imports {
		if e.API(i.AID, i.Version.Major) == nil {
			return false
		}
	}
	return true
}
