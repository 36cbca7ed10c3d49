package observe_test

import (
	"testing"

	"inkan/core/observe"
)

// machine is a model in the smallest: it has a clock, and tells what it does
// the way every model does.
type machine struct {
	obs   observe.Observer
	cycle uint64
	sum   uint64
	event observe.Step
}

// run executes n bytecodes.
func (m *machine) run(n int) {
	for i := range n {
		if m.obs != nil {
			m.event = observe.Step{Cycle: m.cycle, PC: uint16(i), Opcode: byte(i)}
			m.obs.Bytecode(&m.event)
		}
		m.sum += m.cycle ^ uint64(i)
		m.cycle += 7
	}
}

type counter struct {
	observe.Nop
	steps int
}

func (c *counter) Bytecode(*observe.Step) { c.steps++ }

func TestNothingIsAllocated(t *testing.T) {
	var one, two counter
	for name, obs := range map[string]observe.Observer{
		"nobody": observe.Multi(),
		"one":    &one,
		"two":    observe.Multi(&one, &two),
	} {
		m := machine{obs: obs}
		if n := testing.AllocsPerRun(10, func() { m.run(100) }); n != 0 {
			t.Errorf("%s: %v allocations in 100 steps", name, n)
		}
	}
	if two.steps == 0 || one.steps <= two.steps {
		t.Errorf("heard %d and %d steps", one.steps, two.steps)
	}
}

// The three benchmarks show what listening costs per step; Bare is the same
// loop without the guard.
func BenchmarkStepNobody(b *testing.B) { m := machine{}; m.run(b.N) }

func BenchmarkStepOne(b *testing.B) { m := machine{obs: &counter{}}; m.run(b.N) }

func BenchmarkStepBare(b *testing.B) {
	m := machine{}
	for i := range b.N {
		m.sum += m.cycle ^ uint64(i)
		m.cycle += 7
	}
	if m.sum == 1 {
		b.Log(m.sum)
	}
}
