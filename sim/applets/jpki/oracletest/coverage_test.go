package oracletest

import (
	"fmt"
	"sort"
	"strings"

	"inkan/core/iso7816"
	"inkan/core/jpki/oracle"
)

// coverage counts what walks have reached.
type coverage struct{ seen map[string]int }

func (c *coverage) add(what string) {
	if c == nil {
		return
	}
	if c.seen == nil {
		c.seen = map[string]int{}
	}
	c.seen[what]++
}

func word(sw iso7816.SW) string {
	if iso7816.Counter.Matches(sw) {
		return "63Cx"
	}
	return fmt.Sprintf("%04X", uint16(sw))
}

func (c *coverage) edge(response []byte)  { c.add("edge " + word(sw(response))) }
func (c *coverage) perso(response []byte) { c.add("perso " + word(sw(response))) }

func (c *coverage) transition(from, to *oracle.Model) {
	if from.Phase() != to.Phase() {
		c.add(fmt.Sprintf("phase %02X-%02X", from.Phase(), to.Phase()))
	}
}

// wanted is what the walks of fixed seeds have to reach: the status words of
// the tables of spec/JPKI-AP.md and spec/PERSO.md, and the changes of phase.
var wanted = func() []string {
	var all []string
	for _, list := range []struct{ kind, words string }{
		{"edge ", "9000 63Cx 6700 6981 6982 6984 6985 6986 6999 6A80 6A81 6A82 6A86 6A88 6B00 6D00 6E00"},
		{"perso ", "9000 6982 6985 6988 6A80 6A84 6A86 6A88"},
		{"phase ", "00-01 01-00 01-03 03-07 07-03 03-00 07-00"},
	} {
		for _, w := range strings.Fields(list.words) {
			all = append(all, list.kind+w)
		}
	}
	return all
}()

// missing is what of wanted was not reached.
func (c *coverage) missing() []string {
	var none []string
	for _, w := range wanted {
		if c.seen[w] == 0 {
			none = append(none, w)
		}
	}
	return none
}

func (c *coverage) String() string {
	var lines []string
	for what, n := range c.seen {
		lines = append(lines, fmt.Sprintf("%s: %d", what, n))
	}
	sort.Strings(lines)
	return strings.Join(lines, "\n")
}
