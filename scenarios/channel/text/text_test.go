package text

import (
	"errors"
	"strings"
	"testing"

	"inkan/scenarios/channel"
)

var example = &channel.Exchange{
	Title: "A channel", Spec: "spec/X.md",
	Steps: []channel.Step{
		{Direction: channel.ToCard, Name: "HELLO", Fields: []channel.Field{
			{Bytes: channel.Hex{0x80, 0x01}, Meaning: "header"},
			{Bytes: make(channel.Hex, 17), Meaning: "data"},
		}},
		{Direction: channel.FromCard, Name: "answer", Fields: []channel.Field{{Bytes: channel.Hex{0x90, 0x00}, Meaning: "status word"}}},
	},
}

func TestWrite(t *testing.T) {
	const want = `A channel
─────────
(spec/X.md)

host ━━━━━━━━▶ card   HELLO
    80 01                                            header
    00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00  data
    00

host ◀━━━━━━━━ card   answer
    90 00                                            status word
`
	var b strings.Builder
	if err := Write(&b, example); err != nil || b.String() != want {
		t.Errorf("%v\n%s", err, b.String())
	}
}

type broken struct{}

func (broken) Write([]byte) (int, error) { return 0, errors.New("no room") }

func TestWriteTellsErrors(t *testing.T) {
	if Write(broken{}, example) == nil {
		t.Error("a failed write went unnoticed")
	}
}
