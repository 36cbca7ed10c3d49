package tidy

import (
	"slices"
	"testing"
)

// Every pair of rooms, both ways, against the rule in words: core is for all, sim
// and ca and tsm for scenarios and bench, server for ca, tsm, scenarios and bench,
// scenarios for bench.
func TestImportRuleReportsEveryForbiddenPair(t *testing.T) {
	allowed := map[string][]string{
		"core":      {"core", "sim", "server", "ca", "tsm", "scenarios", "bench", "spec", "bazel"},
		"sim":       {"sim", "scenarios", "bench"},
		"server":    {"server", "ca", "tsm", "scenarios", "bench"},
		"ca":        {"ca", "scenarios", "bench"},
		"tsm":       {"tsm", "scenarios", "bench"},
		"scenarios": {"scenarios", "bench"},
		"bench":     {"bench"},
	}
	for _, imported := range sortedKeys(allowed) {
		for _, user := range []string{"core", "sim", "server", "ca", "tsm", "scenarios", "bench", "spec", "bazel"} {
			for _, name := range []string{user + "/x/x.go", user + "/x/x_test.go"} {
				tree := made{name: "package x\n\nimport _ \"inkan/" + imported + "/y\"\n"}
				if slices.Contains(allowed[imported], user) {
					tree.reports(t, ImportRule)
				} else {
					tree.reports(t, ImportRule, name+":3: "+user+" must not import inkan/"+imported+"/y")
				}
			}
		}
	}
}

func TestImportRuleReportsOddPlaces(t *testing.T) {
	made{"internal/x/x.go": "package x\n"}.reports(t, ImportRule,
		"internal/x/x.go:1: Go code outside all rooms: see Rooms in bazel/tidy/rooms.go")
	made{"sim/x/x.go": "package x\n\nimport _ \"inkan/simulator\"\n"}.reports(t, ImportRule,
		"sim/x/x.go:3: sim must not import inkan/simulator")
}

func TestImportRuleReportsTestSupport(t *testing.T) {
	support := made{
		"spec/req/req.go":          "package req\n\nimport _ \"testing\"\n",
		"sim/cardtest/cardtest.go": "package cardtest\n\nimport (\n\t_ \"inkan/spec/req\"\n\t_ \"testing\"\n)\n",
		"sim/os/os_test.go":        "package os\n\nimport (\n\t_ \"inkan/sim/cardtest\"\n\t_ \"inkan/spec/req\"\n)\n",
	}
	support.reports(t, ImportRule)
	support.with(made{
		"core/a/a.go":  "package a\n\nimport _ \"inkan/spec/req\"\n",
		"core/b/b.go":  "package b\n\nimport _ \"inkan/spec/trace\"\n",
		"sim/os/os.go": "package os\n\nimport _ \"inkan/sim/cardtest\"\n",
	}).reports(t, ImportRule,
		"core/a/a.go:3: inkan/spec/req is test support: only tests may import it",
		"core/b/b.go:3: inkan/spec/trace is for tests",
		"sim/os/os.go:3: inkan/sim/cardtest is test support: only tests may import it")
}

func TestPurityReports(t *testing.T) {
	impure := `package x

import (
	"crypto/rand"
	"fmt"
	"math/rand/v2"
	"os"
	clock "time"
)

func f() {
	go f()
	println(rand.Int())
	fmt.Println(clock.Now())
	_ = clock.Second
	_ = os.Args
}
`
	for _, room := range []string{"core", "sim"} {
		name := room + "/x/x.go"
		made{name: impure, room + "/x/x_test.go": impure}.reports(t, Purity,
			name+":4: imports crypto/rand: randomness comes from entropy.Source",
			name+":6: imports math/rand/v2: randomness comes from entropy.Source",
			name+":7: imports os: files and environment are the caller's",
			name+":12: starts a goroutine",
			name+":13: prints",
			name+":14: uses fmt.Println",
			name+":14: uses clock.Now")
	}
	made{"ca/x/x.go": impure}.reports(t, Purity)
	made{"core/entropy/system.go": "package entropy\n\nimport _ \"crypto/rand\"\n"}.reports(t, Purity)
}
