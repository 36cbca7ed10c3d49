package world

import (
	"crypto/sha256"
	"fmt"

	"inkan/scenarios/laboratory"
	"inkan/tsm/hsm"
)

// ServiceName is what service managers call the service.
const ServiceName = laboratory.ServiceName

// moduleOf is the HSM of a carrier: with the masters of its cards, and its key of
// tokens.
func (w *World) moduleOf(c *Carrier, life int) (*hsm.Software, error) {
	module, err := w.module(string(c.Party), life)
	if err != nil {
		return nil, err
	}
	return module, laboratory.Equip(module, c.Profile)
}

// module is a party's HSM, whose key-encryption key follows from the party's name:
// TEST ONLY.
func (w *World) module(party string, life int) (*hsm.Software, error) {
	kek := sha256.Sum256(fmt.Appendf(nil, "TEST ONLY: key-encryption key of %s, %d", party, w.Config.Seed))
	return hsm.NewSoftware(hsm.Config{Label: party, KEK: kek[:], Entropy: w.source(fmt.Sprintf("HSM of %s %d", party, life))})
}
