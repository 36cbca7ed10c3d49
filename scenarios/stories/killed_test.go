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
			t.Logf("%s: %d messages, each %dth", s.Name, total, stride(s))
		})
	}
}

func TestKilledEveryday(t *testing.T) { killed(t, everyday) }
func TestKilledPIN(t *testing.T)      { killed(t, pin) }
func TestKilledLoss(t *testing.T)     { killed(t, loss) }
func TestKilledTransfer(t *testing.T) { killed(t, transfer) }
func TestKilledDisposal(t *testing.T) { killed(t, disposal) }

func TestKilledRenewal(t *testing.T) { killed(t, expiry) }

// commands counts the commands to SIMs in which the power can go, from the first PIN on
// where what is before is another story's.
type commands struct {
	messages *counter
	n        int
}

func commandsOf(s *Story) *commands { return &commands{messages: counterOf(s)} }

// plan calls do at each command that counts, with the SIM's name.
func (c *commands) plan(do func(sim string)) world.Plan {
	return world.Plan{
		Message: func(m *world.Message) world.Fault { c.messages.next(m); return world.None },
		APDU: func(card string, _ *observe.APDUEvent) {
			if !strings.HasPrefix(card, "SIM ") || c.messages.late && !c.messages.started {
				return
			}
			c.n++
			do(card)
		},
	}
}

// powerCut plays a story over and over: the SIM loses its power at any of its commands.
func powerCut(t *testing.T, s *Story) {
	req.Covers(t, "SPEC-WORKFLOW-006", "SPEC-WORKFLOW-007")
	all := commandsOf(s)
	if _, err := s.Play(t.Context(), world.Config{Seed: 1, Plan: all.plan(func(string) {})}); err != nil {
		t.Fatal(err)
	}
	step := stride(s)
	if !*every && s != everyday {
		step *= 3 // its commands are much the same
	}
	for place := 1; place <= all.n; place += step {
		var w *world.World
		c, hit := commandsOf(s), ""
		plan := c.plan(func(sim string) {
			if c.n != place {
				return
			}
			for _, one := range w.SIMs() {
				if one.Name == sim {
					hit = sim
					one.CutPower(uint64(1000 + 977*place))
				}
			}
		})
		if _, err := s.Play(t.Context(), world.Config{Seed: 1, Made: func(made *world.World) { w = made }, Plan: plan}); err != nil {
			t.Errorf("power cut at command %d of %d, %s: %v", place, all.n, hit, err)
		}
	}
	t.Logf("%s: %d commands, each %dth", s.Name, all.n, step)
}

func TestPowerCut(t *testing.T)         { powerCut(t, everyday) }
func TestPowerCutPIN(t *testing.T)      { powerCut(t, pin) }
func TestPowerCutTransfer(t *testing.T) { powerCut(t, transfer) }
func TestPowerCutDisposal(t *testing.T) { powerCut(t, disposal) }
func TestPowerCutRenewal(t *testing.T)  { powerCut(t, expiry) }
