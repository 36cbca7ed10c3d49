package pcsc

import (
	"testing"

	"inkan/core/entropy"
	"inkan/sim/profile"
)

// One package serves the cards of all profiles.
func TestPersonaliseProfiles(t *testing.T) {
	for _, p := range profile.All() {
		t.Run(p.Name, func(t *testing.T) {
			c, err := profile.New(p, profile.Parts{Number: 7, Entropy: entropy.Seeded(1, "card")})
			if err != nil {
				t.Fatal(err)
			}
			r, err := Personalise(t.Context(), c, 1, nil)
			if err != nil {
				if r != nil {
					for _, s := range r.Steps {
						t.Log(s.Name, s.Detail)
					}
				}
				t.Fatal(err)
			}
		})
	}
}
