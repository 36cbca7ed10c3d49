package fleet

import (
	"bytes"
	"context"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"testing"

	"inkan/scenarios/world"
	"inkan/spec/req"
)

var isCard = flag.Bool("card", false, "be a card: for tests, which start this program again")

// TestMain is a card in a process of its own, when it is asked to be.
func TestMain(m *testing.M) {
	flag.Parse()
	if *isCard {
		if err := ServeCard(context.Background(), os.Stdin, os.Stdout); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		return
	}
	os.Exit(m.Run())
}

// With every SIM in a process of its own a fleet lives as it does in one.
func TestCardsBehindABoundary(t *testing.T) {
	req.Covers(t, "SPEC-FLEET-005")
	const phones, seed = 10, 8
	for n := 1; n <= phones; n++ {
		if d := draw(seed, n, DefaultSpacing); d.Trouble == FullSIM {
			t.Fatalf("%v: cards are filled in this process alone", d)
		}
	}
	program, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	var cards []*CardProcess
	elsewhere := func(c *world.Config) {
		c.Bodies = func(ctx context.Context, profile string, n uint32) (world.Body, error) {
			cmd := exec.CommandContext(ctx, program, "-card")
			cmd.Stderr = os.Stderr
			card, err := StartCard(cmd, profile, n, seed)
			if err == nil {
				cards = append(cards, card)
			}
			return card, err
		}
	}
	var tables [2]bytes.Buffer
	for i, change := range []func(*world.Config){nil, elsewhere} {
		r, err := Run(t.Context(), Config{Phones: phones, Seed: seed, World: change})
		if err != nil || len(r.Failures) > 0 {
			t.Errorf("%v\n%s", err, r.Lives())
		}
		if err := r.Write(&tables[i]); err != nil {
			t.Fatal(err)
		}
	}
	for _, c := range cards {
		if err := c.Close(); err != nil {
			t.Error(err)
		}
	}
	if len(cards) < phones {
		t.Errorf("%d cards had a process", len(cards))
	}
	if here, there := tables[0].String(), tables[1].String(); here != there {
		t.Errorf("here:\n%s\nelsewhere:\n%s", here, there)
	} else {
		t.Logf("%d cards\n%s", len(cards), there)
	}
}
