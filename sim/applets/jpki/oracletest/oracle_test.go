package oracletest

import (
	"flag"
	"fmt"
	"testing"
	"time"

	"pgregory.net/rapid"

	"inkan/core/gp"
	"inkan/core/scp"
	"inkan/spec/req"
)

var (
	walks     = flag.Uint64("walks", 60, "walks of TestWalks and, two thirds of it, of TestCutWalks")
	firstWalk = flag.Uint64("first-walk", 0, "seed of the first walk")
)

// settings are the instances that walks are made on.
var settings = []setting{
	{name: "SIM", authority: true, protocol: protocolT1},
	{name: "SIM, T=0, other parameters", parameters: []byte{0x82, 1, 3, 0x84, 2, 'A', 'b', 0x85, 1, 1, 0x86, 1, 5, 0x87, 2, 4, 0}, authority: true, protocol: 0},
	{name: "SIM, policy card, no authority", parameters: []byte{0x81, 1, 1, 0x83, 1, 1, 0x85, 1, 1, 0x87, 2, 4, 0x10}, protocol: protocolT1},
	{name: "card", parameters: []byte{0x81, 1, 3, 0x87, 2, 4, 0}, authority: true, protocol: protocolT1},
	{name: "card, policy phone", parameters: []byte{0x83, 1, 0, 0x81, 1, 3, 0x82, 1, 2, 0x87, 2, 4, 0, 0x85, 1, 0}, authority: true, protocol: protocolT1},
	{name: "SIM, attestation needed and none", protocol: protocolT1},
}

// named is a test whose failures say how to run the walk again.
type named struct {
	*testing.T
	seed uint64
}

// Fatalf implements fatal.
func (n named) Fatalf(format string, args ...any) {
	n.Helper()
	n.T.Fatalf("again: -run %s -first-walk %d -walks 2\n%s", n.Name(), n.seed, fmt.Sprintf(format, args...))
}

// TestWalks compares applet and model over a fixed set of seeds, which reach
// every status word and every change of phase.
func TestWalks(t *testing.T) {
	req.Covers(t, "SPEC-JPKI-AP-001", "SPEC-JPKI-AP-002", "SPEC-JPKI-AP-003")
	var covered coverage
	commands := 0
	start := time.Now()
	for seed := *firstWalk; seed < *firstWalk+*walks; seed++ {
		s := &settings[seed%uint64(len(settings))]
		d := walk(named{t, seed}, s, program(seed, 60), &covered, false)
		commands += d.count
	}
	t.Logf("%d commands compared in %v\n%v", commands, time.Since(start), &covered)
	if missing := covered.missing(); len(missing) > 0 && *walks >= 60 {
		t.Errorf("not reached: %q", missing)
	}
}

// TestRandomWalks compares applet and model over walks of rapid's choice.
func TestRandomWalks(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := &settings[rapid.IntRange(0, len(settings)-1).Draw(t, "setting")]
		walk(t, s, rapid.SliceOfN(rapid.Uint64(), 1, 40).Draw(t, "steps"), nil, false)
	})
}

// TestCutWalks is walks in which the power fails now and then.
func TestCutWalks(t *testing.T) {
	req.Covers(t, "SPEC-JPKI-AP-057", "SPEC-JPKI-AP-091", "SPEC-PERSO-060")
	var covered coverage
	commands := 0
	for seed := *firstWalk; seed < *firstWalk+*walks*2/3; seed++ {
		s := &settings[seed%uint64(len(settings)-1)]
		d := walk(named{t, seed}, s, program(seed, 50), &covered, true)
		commands += d.count
	}
	t.Logf("%d commands compared, %d power cuts", commands, covered.seen["cut"])
}

// TestRandomCutWalks is TestRandomWalks with power cuts.
func TestRandomCutWalks(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := &settings[rapid.IntRange(0, len(settings)-1).Draw(t, "setting")]
		walk(t, s, rapid.SliceOfN(rapid.Uint64(), 1, 40).Draw(t, "steps"), nil, true)
	})
}

// lifeCycle is what GET STATUS says of the instance.
func (d *driver) lifeCycle() []byte {
	d.t.Helper()
	d.openDomain(0x11)
	var state []byte
	get := gp.GetStatus{Subset: gp.SubsetApplications}
	err := gp.Status(ctx, &scp.Secured{Host: d.host, Card: d.card}, get, func(e *gp.Entry) error {
		state = append(state, byte(e.LifeCycle))
		return nil
	})
	if err != nil {
		d.fail("GET STATUS: %v", err)
	}
	return state
}
