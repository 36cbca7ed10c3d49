package stories

import (
	"context"

	"inkan/scenarios/report"
	"inkan/scenarios/world"
)

var fullSIM = &Story{
	Name: "full-sim", Title: "no room on the SIM", TitleJA: "空き容量の足りないSIMカード",
	Summary: report.Text{Japanese: "SIMが容量不足を答えると、途中まで書いたものは取り除かれる。",
		English: "The SIM itself says that it is full; what was begun is removed, and the holder reads what to do."},
	Carriers: []string{"akebono", "suzume"},
	Run:      func(ctx context.Context, w *world.World) error { return onFullSIM(ctx, w, "suzume", "") },
}

// onFullSIM is an application for a carrier's SIM that has no room, on a phone of a model.
func onFullSIM(ctx context.Context, w *world.World, carrier, model string) error {
	c := newCast(ctx, w)
	return play(ctx, w, c.registered(), c.equipped(carrier, model),
		does("SIMがほかのサービスで埋まっている", "other services have filled the SIM", func() error { return c.sim.Fill(ctx, c.phone) }),
		c.applied(),
		isRefused("書き込めない", "the SIM has no room", "TSM-se-memory", func() error { return c.phone.Follow(ctx, w.Patience()) }),
		does("書きかけのものは残らない", "nothing is left of it", func() error {
			return c.until(w.Patience(), func() error { return nothingOn(ctx, w, c.sim) })
		}))
}
