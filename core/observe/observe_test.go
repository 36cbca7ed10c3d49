package observe_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"inkan/core/observe"
)

// all sends one event of each kind.
func all(o observe.Observer) {
	o.APDU(&observe.APDUEvent{Cycle: 1, Command: []byte{0, 0xA4, 4, 0}, Response: []byte{0x90, 0}})
	o.Bytecode(&observe.Step{Cycle: 2, PC: 3})
	o.NVM(&observe.NVMWrite{Cycle: 3, Size: 4})
	o.Line(&observe.LineByte{Cycle: 4, Value: 5})
	o.Trap(&observe.Trap{Cycle: 5, Where: "w"})
}

func TestRecorder(t *testing.T) {
	var r observe.Recorder
	all(&r)
	want := []any{
		observe.APDUEvent{Cycle: 1, Command: []byte{0, 0xA4, 4, 0}, Response: []byte{0x90, 0}},
		observe.Step{Cycle: 2, PC: 3},
		observe.NVMWrite{Cycle: 3, Size: 4},
		observe.LineByte{Cycle: 4, Value: 5},
		observe.Trap{Cycle: 5, Where: "w"},
	}
	if d := cmp.Diff(want, r.Events); d != "" {
		t.Error(d)
	}
	if got := observe.Recorded[observe.Trap](&r); len(got) != 1 || got[0].Cycle != 5 {
		t.Error(got)
	}
	if got := observe.Recorded[observe.Step](&observe.Recorder{}); got != nil {
		t.Error(got)
	}
}

func TestRecorderCopies(t *testing.T) {
	var r observe.Recorder
	e := observe.APDUEvent{Cycle: 1, Command: []byte{1, 2}, Response: []byte{3, 4}}
	r.APDU(&e)
	e.Cycle = 9
	clear(e.Command)
	clear(e.Response)
	want := []any{observe.APDUEvent{Cycle: 1, Command: []byte{1, 2}, Response: []byte{3, 4}}}
	if d := cmp.Diff(want, r.Events); d != "" {
		t.Error(d)
	}
}

func TestMulti(t *testing.T) {
	var a, b, c observe.Recorder
	if observe.Multi() != nil || observe.Multi(nil, nil) != nil {
		t.Error("Multi of nobody is not nil")
	}
	if observe.Multi(nil, &a) != observe.Observer(&a) {
		t.Error("Multi of one is not that one")
	}
	all(observe.Multi(&a, nil, observe.Multi(&b, &c), observe.Nop{}))
	if len(a.Events) != 5 {
		t.Errorf("%d events, want 5", len(a.Events))
	}
	for _, r := range []*observe.Recorder{&b, &c} {
		if d := cmp.Diff(a.Events, r.Events); d != "" {
			t.Error(d)
		}
	}
}

func TestStrings(t *testing.T) {
	verify := observe.APDUEvent{Cycle: 412, Command: []byte{0, 0x20, 0, 0x80, 4, '4', '7', '1', '1'}, Response: []byte{0x63, 0xC2}}
	cases := []struct {
		got  fmt.Stringer
		want string
	}{
		{verify, "412: 00200080 and 5 bytes -> 0 bytes, 63C2 (contact)"},
		{observe.APDUEvent{Command: []byte{1, 2}, Interface: observe.OverTheAir, Channel: 2}, "0: 0102 and 0 bytes -> no answer (over the air, channel 2)"},
		{observe.APDUEvent{Command: []byte{1, 2, 3, 4, 5}, Response: []byte{1, 0x90, 0}, Interface: observe.Contactless}, "0: 01020304 and 1 byte -> 1 byte, 9000 (contactless)"},
		{observe.Step{Cycle: 412, Package: 3, PC: 0x1F2, Opcode: 0x7B}, "412: package 3 PC 01F2 opcode 7B"},
		{observe.NVMWrite{Cycle: 412, Offset: 0x1F20, Size: 16}, "412: 16 bytes at 00001F20"},
		{observe.NVMWrite{Cycle: 412, Offset: 0x1F20, Size: 16, Erased: true, Cause: "journal"}, "412: 16 bytes at 00001F20, erased, for journal"},
		{observe.LineByte{Cycle: 412, Value: 0xA0}, "412: A0 to card"},
		{observe.LineByte{Cycle: 412, Value: 0x3B, Direction: observe.FromCard, Error: true}, "412: 3B from card, parity error"},
		{observe.Trap{Cycle: 412, Where: "scp03/card", Cause: "C-MAC differs", SW: 0x6982}, "412: scp03/card: C-MAC differs (6982)"},
		{observe.Trap{Where: "power", Cause: "cut"}, "0: power: cut"},
		{observe.Interface(7), "interface 7"},
		{observe.Direction(7), "direction 7"},
	}
	for _, c := range cases {
		if got := c.got.String(); got != c.want {
			t.Errorf("%q, want %q", got, c.want)
		}
	}
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%x", "%d", "%q"} {
		if got := fmt.Sprintf(verb, verify); strings.Contains(got, "34373131") || strings.Contains(got, "4711") || strings.Contains(got, "52") {
			t.Errorf("%s shows the PIN: %s", verb, got)
		}
	}
}

func TestNopIgnores(t *testing.T) { all(observe.Nop{}) }
