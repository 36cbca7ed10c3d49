package nvm

import (
	"bytes"
	"errors"
	"testing"

	"inkan/core/wire"
	"inkan/sim/clock"
	"inkan/spec/req"
)

func snapshotOf(t testing.TB, f *Flash) []byte {
	var w bytes.Buffer
	if err := f.Snapshot(&w); err != nil {
		t.Fatal(err)
	}
	return w.Bytes()
}

func TestSnapshotRoundTrip(t *testing.T) {
	req.Covers(t, "SPEC-NVM-008")
	f := newFlash(t, new(clock.Clock))
	f.Write(60, []byte("crosses a page"))
	f.Write(7000, []byte("and another"))
	s := snapshotOf(t, f)
	g, err := Restore(s, small, new(clock.Clock), nil)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(content(f), content(g)) || f.Writes() != g.Writes() || !bytes.Equal(s, snapshotOf(t, g)) {
		t.Error("restored memory differs")
	}
}

func TestRestoreRefuses(t *testing.T) {
	req.Covers(t, "SPEC-NVM-009")
	f := newFlash(t, new(clock.Clock))
	f.Write(60, []byte("crosses a page"))
	s := snapshotOf(t, f)
	refused := func(what string, b []byte) {
		t.Helper()
		_, err := Restore(b, small, new(clock.Clock), nil)
		if de := (*wire.DecodeError)(nil); !errors.As(err, &de) {
			t.Errorf("%s: %v", what, err)
		}
	}
	for i := range s {
		refused("truncated", s[:i])
		flipped := bytes.Clone(s)
		flipped[i] ^= 1
		refused("flipped", flipped)
	}
	refused("trailing byte", append(bytes.Clone(s), 0))
}

func FuzzRestore(f *testing.F) {
	m := newFlash(f, new(clock.Clock))
	f.Add(snapshotOf(f, m))
	m.Write(60, []byte("crosses a page"))
	f.Add(snapshotOf(f, m))
	f.Fuzz(func(t *testing.T, b []byte) {
		g, err := Restore(b, small, new(clock.Clock), nil)
		if err != nil {
			return
		}
		again, err := Restore(snapshotOf(t, g), small, new(clock.Clock), nil)
		if err != nil || !bytes.Equal(content(g), content(again)) {
			t.Fatal("a restored memory does not survive its own snapshot")
		}
	})
}
