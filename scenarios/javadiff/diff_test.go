package javadiff

import (
	"bytes"
	"errors"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// tally is what became of the programs of a test.
type tally struct{ programs, same, refused, tooLarge, outOfMemory int }

// TestSame draws programs and compares the card with the host's JVM. More of
// them with -rapid.checks=N; a failure prints the program, made as small as
// rapid can, and how to replay it.
func TestSame(t *testing.T) {
	h := newHost(t)
	for _, c := range []struct {
		name                string
		ints, edge, unnamed bool
	}{{"short", false, false, false}, {"int", true, false, false}, {"edge", false, true, false}, {"unnamed", true, false, true}} {
		t.Run(c.name, func(t *testing.T) {
			var n tally
			rapid.Check(t, func(rt *rapid.T) {
				p := programs(c.ints, c.edge).Draw(rt, "program")
				p.unnamed = c.unnamed
				n.programs++
				n.compare(rt, h, p)
			})
			t.Logf("%d programs: %d answer the same, %d refused, %d too large, %d for the card's memory", n.programs, n.same, n.refused, n.tooLarge, n.outOfMemory)
			if n.same < n.programs/5 {
				t.Errorf("only %d of %d programs were compared", n.same, n.programs)
			}
		})
	}
}

var outOfMemory = []byte{0x6F, 0x01}

func (n *tally) compare(t *rapid.T, h *host, p *program) {
	messages, classes, want, err := h.run(p)
	if err != nil {
		t.Fatal(err)
	}
	if messages != "" {
		t.Fatalf("javac: %s", messages)
	}
	got, err := onCard(p, classes)
	if refused := (refusal{}); errors.As(err, &refused) {
		if strings.Contains(err.Error(), "split ") {
			n.tooLarge++
			return
		}
		if p.edge {
			n.refused++
			return
		}
	}
	if err != nil {
		t.Fatal(err)
	}
	for i := range got {
		if bytes.Equal(got[i], outOfMemory) {
			n.outOfMemory++
			return
		}
		if i >= len(want) || !bytes.Equal(got[i], want[i]) {
			t.Fatalf("command %X:\ncard %X\nhost %X", p.commands[i], got[i], want[i:])
		}
	}
	n.same++
}
