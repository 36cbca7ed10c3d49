package channel

import (
	"bytes"
	"context"
	"testing"

	"github.com/google/go-cmp/cmp"
)

var all = map[string]func(context.Context, uint64) (*Exchange, error){
	"scp02": SCP02, "scp03": SCP03, "scp80": SCP80,
}

// Every exchange runs to its end, an attack that fails, and the same seed
// gives the same bytes.
func TestExchanges(t *testing.T) {
	for name, run := range all {
		t.Run(name, func(t *testing.T) {
			e, err := run(context.Background(), 1)
			if err != nil {
				t.Fatal(err)
			}
			for _, s := range e.Steps {
				for _, f := range s.Fields {
					if len(f.Bytes) == 0 || f.Meaning == "" {
						t.Errorf("%s: field %s means %q", s.Name, f.Bytes, f.Meaning)
					}
				}
			}
			n := len(e.Steps)
			if e.Steps[n-2].Direction != Attack || e.Steps[n-1].Direction != FromCard {
				t.Errorf("the end is %s, %s", e.Steps[n-2].Name, e.Steps[n-1].Name)
			}
			again, err := run(context.Background(), 1)
			if err != nil || !cmp.Equal(e, again) {
				t.Errorf("not reproducible: %v %s", err, cmp.Diff(e, again))
			}
			other, err := run(context.Background(), 2)
			if err != nil || name != "scp80" && cmp.Equal(e, other) {
				t.Errorf("another seed gives the same bytes (%v)", err)
			}
		})
	}
}

// What is stored through a channel comes back, and never stands on the line
// in the clear.
func TestRecordTravelsEncrypted(t *testing.T) {
	e, err := SCP03(context.Background(), 1)
	if err != nil {
		t.Fatal(err)
	}
	record := []byte("inkan")
	back := false
	for _, s := range e.Steps {
		for _, f := range s.Fields {
			if !bytes.Contains(f.Bytes, record) {
				continue
			}
			if f.Meaning != "plain, inside the host" {
				t.Errorf("%s: %s shows the record", s.Name, f.Meaning)
			}
			back = back || s.Name == "GET DATA response"
		}
	}
	if !back {
		t.Error("the record did not come back")
	}
}

// The replayed command is answered 6982, and after it the channel is closed.
func TestReplayEndsTheSession(t *testing.T) {
	for name, run := range all {
		e, err := run(context.Background(), 3)
		if err != nil {
			t.Fatal(err)
		}
		last := e.Steps[len(e.Steps)-1].Fields
		if name != "scp80" && !bytes.Equal(last[0].Bytes, []byte{0x69, 0x82}) {
			t.Errorf("%s: a replayed command is answered %s", name, last[0].Bytes)
		}
	}
}

func TestCutKeepsEveryByte(t *testing.T) {
	b := []byte{1, 2, 3, 4, 5}
	for _, parts := range [][]part{{}, {{2, "a"}}, {{9, "a"}, {1, "b"}}, {{0, "a"}, {-1, "b"}}} {
		var got []byte
		for _, f := range cut(b, parts...) {
			got = append(got, f.Bytes...)
		}
		if !bytes.Equal(got, b) {
			t.Errorf("%v: %x", parts, got)
		}
	}
}
