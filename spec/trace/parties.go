package trace

import (
	"regexp"
	"strings"
)

var partyRow = regexp.MustCompile("^\\| `([A-Za-z][A-Za-z0-9-]*)` \\|")

// Parties reads the names in the first column of the table in the section
// "Parties" of spec/README.md.
func Parties(readme string) []string {
	var names []string
	in := false
	for line := range strings.Lines(readme) {
		if strings.HasPrefix(line, "#") {
			in = strings.TrimSpace(strings.TrimLeft(line, "#")) == "Parties"
		}
		if m := partyRow.FindStringSubmatch(line); in && m != nil {
			names = append(names, m[1])
		}
	}
	return names
}
