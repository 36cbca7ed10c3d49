package fleet

import (
	"math/rand/v2"

	"inkan/core/observe"
	"inkan/core/tsmp"
	"inkan/scenarios/world"
)

// weather is what goes wrong for everybody: with each message, whatever it is about.
type weather struct {
	r      *rand.Rand
	calm   bool
	Faults map[string]int // by what it was
	cards  map[string]*cut
}

// cut is a power cut that is still to come.
type cut struct {
	left   int // commands until then
	sim    *world.SIM
	cycles uint64
}

func newWeather(seed uint64, calm bool) *weather {
	return &weather{r: rand.New(rand.NewPCG(seed, 0)), calm: calm, Faults: map[string]int{}, cards: map[string]*cut{}}
}

// Of a hundred thousand messages so many have something happen to them.
var (
	messages = []struct {
		share int
		fault world.Fault
	}{{150, world.LoseRequest}, {150, world.LoseAnswer}, {150, world.Double}, {100, world.Late}, {30, world.Forge},
		{20, world.KillBefore}, {20, world.KillAfter}, {20, world.KillSender}, {20, world.KillAnswered}}
	shorts = []struct {
		share int
		fault world.Fault
	}{{300, world.LoseRequest}, {300, world.Double}, {300, world.Late}, {100, world.Forge}}
)

const outOf = 100_000

// plan is the weather as a world has it.
func (w *weather) plan() world.Plan {
	return world.Plan{
		Message: func(m *world.Message) world.Fault {
			if m.From == world.City || m.From == world.Desk {
				return world.None // people, who notice
			}
			return w.fate(messages, "message: ")
		},
		SMS:  func(*world.SMS) world.Fault { return w.fate(shorts, "short message: ") },
		Turn: func(tsmp.PartyID) bool { return false },
		APDU: w.command,
	}
}

func (w *weather) fate(of []struct {
	share int
	fault world.Fault
}, kind string) world.Fault {
	if w.calm {
		return world.None
	}
	n := w.r.IntN(outOf)
	for _, s := range of {
		if n -= s.share; n < 0 {
			w.Faults[kind+s.fault.String()]++
			return s.fault
		}
	}
	return world.None
}

// command counts the commands of cards whose power will be cut.
func (w *weather) command(card string, _ *observe.APDUEvent) {
	c := w.cards[card]
	if c == nil {
		return
	}
	if c.left--; c.left <= 0 {
		delete(w.cards, card)
		w.Faults["card: power cut"]++
		c.sim.CutPower(c.cycles)
	}
}
