package stories

import (
	"context"
	"fmt"
	"testing"

	"inkan/core/jpki"
	"inkan/scenarios/world"
	"inkan/sim/profile"
	"inkan/spec/req"
)

// What was begun on a full SIM is removed, whatever the carrier's deployment model, the
// bearer and where keys are made. The app has closed its channel to the domain: a card
// does not delete what is selected.
func TestFullSIM(t *testing.T) {
	req.Covers(t, "SPEC-HANDSET-087", "SPEC-WORKFLOW-004")
	for _, p := range profile.All() {
		if p.Name == "test" {
			continue // no carrier sells it
		}
		for _, model := range []string{world.DefaultModel, "Tsubaki T"} {
			for _, origin := range []jpki.Origin{jpki.OriginOnCard, jpki.OriginDelivered} {
				t.Run(fmt.Sprintf("%s/%s/%v", p.Name, model, origin), func(t *testing.T) {
					s := &Story{Name: "full", Carriers: []string{p.Name}, Run: func(ctx context.Context, w *world.World) error {
						return onFullSIM(ctx, w, p.Name, model)
					}}
					if p.Host != "" {
						s.Carriers = []string{p.Host, p.Name}
					}
					if _, err := s.Play(t.Context(), world.Config{Seed: 3, Origin: origin}); err != nil {
						t.Fatal(err)
					}
				})
			}
		}
	}
}
