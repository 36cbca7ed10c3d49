package stories

import (
	"flag"
	"fmt"
	"strings"
	"testing"

	"inkan/core/observe"
	"inkan/core/tsmp"
	"inkan/scenarios/world"
	"inkan/spec/req"
)

// counter counts the messages of a story in which something can go wrong: those that
// servers or the app send (offices are people, who notice), from the first PIN on where
// what is before is another story's.
type counter struct {
	late    bool
	started bool
	n       int
}

func counterOf(s *Story) *counter { return &counter{late: s != everyday} }

// next reports whether a message counts; n is its place then.
func (c *counter) next(m *world.Message) bool {
	if m.From == world.City || m.From == world.Desk || c.late && !c.started {
		c.started = c.started || m.Function == tsmp.ReportEvent
		return false
	}
	c.n++
	return true
}

// messagesOf is how many messages count in a story.
func messagesOf(t *testing.T, s *Story) int {
	t.Helper()
	c := counterOf(s)
	config := world.Config{Seed: 1, Plan: world.Plan{Message: func(m *world.Message) world.Fault { c.next(m); return world.None }}}
	if _, err := s.Play(t.Context(), config); err != nil {
		t.Fatal(err)
	}
	return c.n
}

// at is a plan that does one thing to one message of a story.
func at(s *Story, place int, what world.Fault, hit *string) world.Plan {
	c := counterOf(s)
	return world.Plan{Message: func(m *world.Message) world.Fault {
		if !c.next(m) || c.n != place {
			return world.None
		}
		*hit = fmt.Sprintf("%s from %s to %s", m.Function, m.From, m.To)
		return what
	}}
}

var every = flag.Bool("every", false, "let things go wrong at every place, in every way")

// stride is from one place to the next. Without -every each place of the download is hit in
// one way or another, and every other place of what comes later.
func stride(s *Story) int {
	switch {
	case *every:
		return 1
	case s == everyday:
		return len(ways)
	}
	return 2*len(ways) + 1
}

// ways are how a message can go wrong.
var ways = []world.Fault{world.KillBefore, world.KillAfter, world.KillSender, world.KillAnswered, world.LoseRequest, world.LoseAnswer, world.Double}

// killed plays a story over and over: whichever process dies at whichever message,
// before or after it, sender or recipient, what the story promises comes true, and so
// does what holds of all parties together.
func killed(t *testing.T, s *Story) {
	req.Covers(t, "SPEC-WORKFLOW-006", "SPEC-WORKFLOW-007")
	total := messagesOf(t, s)
	for first, what := range ways {
		t.Run(strings.ReplaceAll(what.String(), " ", "-"), func(t *testing.T) {
			for place := 1 + 2*first%stride(s); place <= total; place += stride(s) {
				hit := ""
				c := world.Config{Seed: 1, Plan: at(s, place, what, &hit)}
				if _, err := s.Play(t.Context(), c); err != nil {
					t.Errorf("message %d of %d, %s: %v", place, total, hit, err)
				}
			}
		})
	}
}

func TestKilledEveryday(t *testing.T) { killed(t, everyday) }
func TestKilledPIN(t *testing.T)      { killed(t, pin) }
func TestKilledLoss(t *testing.T)     { killed(t, loss) }
func TestKilledTransfer(t *testing.T) { killed(t, transfer) }
func TestKilledDisposal(t *testing.T) { killed(t, disposal) }

// TestPowerCut: the SIM loses its power at any of its commands.
func TestPowerCut(t *testing.T) {
	req.Covers(t, "SPEC-WORKFLOW-006", "SPEC-WORKFLOW-007")
	s := everyday
	total := 0
	counting := world.Config{Seed: 1, Plan: world.Plan{APDU: func(card string, _ *observe.APDUEvent) {
		if card == "SIM 1" {
			total++
		}
	}}}
	if _, err := s.Play(t.Context(), counting); err != nil {
		t.Fatal(err)
	}
	for place := 1; place < total; place += stride(s) {
		var w *world.World
		n := 0
		c := world.Config{Seed: 1, Made: func(made *world.World) { w = made }, Plan: world.Plan{APDU: func(card string, _ *observe.APDUEvent) {
			if card != "SIM 1" {
				return
			}
			if n++; n == place {
				w.SIMs()[0].CutPower(uint64(1000 + 977*place))
			}
		}}}
		if _, err := s.Play(t.Context(), c); err != nil {
			t.Errorf("power cut at command %d of %d: %v", place, total, err)
		}
	}
}
