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
	req.Covers(t,
		"SPEC-JPKI-AP-001", "SPEC-JPKI-AP-002", "SPEC-JPKI-AP-003", "SPEC-JPKI-AP-004", "SPEC-JPKI-AP-005", "SPEC-JPKI-AP-006",
		"SPEC-JPKI-AP-020", "SPEC-JPKI-AP-021", "SPEC-JPKI-AP-022", "SPEC-JPKI-AP-029", "SPEC-JPKI-AP-023", "SPEC-JPKI-AP-024",
		"SPEC-JPKI-AP-025", "SPEC-JPKI-AP-026", "SPEC-JPKI-AP-027", "SPEC-JPKI-AP-028", "SPEC-JPKI-AP-030", "SPEC-JPKI-AP-031",
		"SPEC-JPKI-AP-032", "SPEC-JPKI-AP-033", "SPEC-JPKI-AP-034", "SPEC-JPKI-AP-035", "SPEC-JPKI-AP-036", "SPEC-JPKI-AP-037",
		"SPEC-JPKI-AP-038", "SPEC-JPKI-AP-039", "SPEC-JPKI-AP-040", "SPEC-JPKI-AP-041", "SPEC-JPKI-AP-050", "SPEC-JPKI-AP-051",
		"SPEC-JPKI-AP-052", "SPEC-JPKI-AP-053", "SPEC-JPKI-AP-054", "SPEC-JPKI-AP-055", "SPEC-JPKI-AP-056", "SPEC-JPKI-AP-059",
		"SPEC-JPKI-AP-060", "SPEC-JPKI-AP-061", "SPEC-JPKI-AP-062", "SPEC-JPKI-AP-063", "SPEC-JPKI-AP-064", "SPEC-JPKI-AP-070",
		"SPEC-JPKI-AP-071", "SPEC-JPKI-AP-072", "SPEC-JPKI-AP-074", "SPEC-JPKI-AP-080", "SPEC-JPKI-AP-081", "SPEC-JPKI-AP-082",
		"SPEC-JPKI-AP-083", "SPEC-JPKI-AP-090", "SPEC-PERSO-001", "SPEC-PERSO-002", "SPEC-PERSO-003", "SPEC-PERSO-004",
		"SPEC-PERSO-005", "SPEC-PERSO-006", "SPEC-PERSO-007", "SPEC-PERSO-008", "SPEC-PERSO-009", "SPEC-PERSO-010",
		"SPEC-PERSO-011", "SPEC-PERSO-012", "SPEC-PERSO-013", "SPEC-PERSO-020", "SPEC-PERSO-021", "SPEC-PERSO-022",
		"SPEC-PERSO-023", "SPEC-PERSO-024", "SPEC-PERSO-025", "SPEC-PERSO-026", "SPEC-PERSO-027", "SPEC-PERSO-028",
		"SPEC-PERSO-029", "SPEC-PERSO-030", "SPEC-PERSO-031", "SPEC-PERSO-032", "SPEC-PERSO-033", "SPEC-PERSO-040",
		"SPEC-PERSO-041", "SPEC-PERSO-042", "SPEC-PERSO-043", "SPEC-PERSO-044", "SPEC-PERSO-045", "SPEC-PERSO-046",
		"SPEC-PERSO-047", "SPEC-PERSO-048", "SPEC-PERSO-050", "SPEC-PERSO-051", "SPEC-PERSO-052", "SPEC-PERSO-053",
		"SPEC-PERSO-054", "SPEC-PERSO-055", "SPEC-PERSO-056", "SPEC-PERSO-057", "SPEC-PERSO-058", "SPEC-PERSO-059")
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
