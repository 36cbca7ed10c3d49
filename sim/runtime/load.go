package runtime

import (
	"bytes"
	"fmt"

	"inkan/core/cap"
	"inkan/core/cap/verifier"
	"inkan/core/jcapi"
	"inkan/core/observe"
	"inkan/sim/clock"
	"inkan/sim/vm"
)

// VerifyError is why a package was refused before anything of it was stored.
type VerifyError struct {
	Package cap.PackageInfo
	Result  *verifier.Result
}

// Error gives the first finding.
func (e *VerifyError) Error() string {
	return fmt.Sprintf("package %s is refused: %v", e.Package, e.Result.Err())
}

// Load verifies, stores and links a package given as its components. Errors are
// *wire.DecodeError, *VerifyError, and those of vm.Machine.Load; the observer
// is told all of them. Verification costs as much as linking: LinkByte for each
// byte of the components, Descriptor included, as clock.Linking.
// Spec: SPEC-RUNTIME-048.
func (c *Card) Load(components []cap.Component) (*vm.Package, error) {
	p, err := c.load(components)
	if err != nil && c.cfg.Observer != nil {
		c.cfg.Observer.Trap(&observe.Trap{Cycle: c.clock.Now(), Where: "runtime/load", Cause: err.Error()})
	}
	return p, err
}

func (c *Card) load(components []cap.Component) (*vm.Package, error) {
	f, err := cap.Parse(components)
	if err != nil {
		return nil, err
	}
	env := environment{c.machine}
	if !c.cfg.Options.NoVerification && env.complete(f) {
		n := 0
		for i := range components {
			n += len(components[i].Info)
		}
		c.clock.Advance(clock.Linking, uint64(c.cfg.Chip.CPU.LinkByte)*uint64(n))
		if err := c.cfg.Verified.check(components, f, env); err != nil {
			return nil, err
		}
	}
	return c.machine.Load(components)
}

// environment is the packages that the card has, for the verifier.
type environment struct{ m *vm.Machine }

// API implements verifier.Environment.
func (e environment) API(aid []byte, major byte) *jcapi.Package {
	for _, p := range API() {
		if bytes.Equal(p.AID, aid) && p.Version.Major == major {
			return jcapi.ByAID(aid, major)
		}
	}
	return nil
}

// Library implements verifier.Environment.
func (e environment) Library(aid []byte, major byte) *cap.File {
	if p := e.m.PackageByAID(aid); p != nil && p.Info().Version.Major == major {
		return p.File()
	}
	return nil
}

// complete tells whether everything imported is there. If not, linking says
// what is missing, by name.
func (e environment) complete(f *cap.File) bool {
	for _, i := range f.Imports {
		if e.API(i.AID, i.Version.Major) == nil && e.Library(i.AID, i.Version.Major) == nil {
			return false
		}
	}
	return true
}
