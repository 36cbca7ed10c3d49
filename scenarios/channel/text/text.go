// Package text draws a secure-channel exchange for a terminal: who speaks, the
// bytes, and beside them what they mean.
//
// It must not know any protocol; it prints what package channel recorded.
package text

import (
	"fmt"
	"io"
	"strings"

	"inkan/scenarios/channel"
)

// lineBytes is how many bytes stand on one line.
const lineBytes = 16

var arrows = map[channel.Direction]string{
	channel.ToCard:   "host ━━━━━━━━▶ card",
	channel.FromCard: "host ◀━━━━━━━━ card",
	channel.Derived:  "host ════════ card",
	channel.Attack:   "     ╳━━━━━━━▶ card",
}

// Write draws the exchange.
func Write(w io.Writer, e *channel.Exchange) error {
	var b strings.Builder
	fmt.Fprintf(&b, "%s\n%s\n(%s)\n", e.Title, strings.Repeat("─", len([]rune(e.Title))), e.Spec)
	for _, s := range e.Steps {
		fmt.Fprintf(&b, "\n%-20s  %s\n", arrows[s.Direction], s.Name)
		for _, f := range s.Fields {
			field(&b, f)
		}
	}
	_, err := io.WriteString(w, b.String())
	return err
}

// field prints a field's bytes, with its meaning beside the first line.
func field(b *strings.Builder, f channel.Field) {
	meaning := f.Meaning
	for bytes := f.Bytes; ; bytes = bytes[lineBytes:] {
		n := min(lineBytes, len(bytes))
		line := fmt.Sprintf("    %-*s  %s", 3*lineBytes-1, bytes[:n], meaning)
		b.WriteString(strings.TrimRight(line, " ") + "\n")
		if len(bytes) <= lineBytes {
			return
		}
		meaning = ""
	}
}
