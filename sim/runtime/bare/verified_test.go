package bare

import (
	"bytes"
	"fmt"
	"testing"

	"inkan/core/cap"
	"inkan/sim/clock"
	"inkan/sim/engine"
	"inkan/sim/nvm"
	"inkan/sim/runtime"
	"inkan/spec/req"
)

// TestShared loads packages, good ones and ones with a changed byte, on two new cards
// each: one that verifies by itself, and one that shares what others have found.
func TestShared(t *testing.T) {
	req.Covers(t, "SPEC-RUNTIME-180")
	shared := new(runtime.Verified)
	accepted := 0
	load := func(what string, components []cap.Component) {
		t.Helper()
		alone, together := outcome(t, components, nil), outcome(t, components, shared)
		if alone != together {
			t.Errorf("%s: alone %.200s, together %.200s", what, alone, together)
		}
		if alone[:len("<nil>")] == "<nil>" {
			accepted++
		}
	}
	for range 2 {
		for _, name := range []string{"flow", "pin", "multi"} {
			components, err := cap.Split(capFile(t, name, "305"))
			if err != nil {
				t.Fatal(err)
			}
			load(name, components)
			for i := range components {
				for at := 0; at < len(components[i].Info); at += 97 {
					components[i].Info[at] ^= 0x5A
					load(fmt.Sprintf("%s, component %d, byte %d", name, i, at), components)
					components[i].Info[at] ^= 0x5A
				}
			}
		}
	}
	if accepted < 6 {
		t.Errorf("%d packages were accepted", accepted)
	}
}

// outcome is what a new card says, spends and stores when it loads a package.
func outcome(t *testing.T, components []cap.Component, shared *runtime.Verified) string {
	t.Helper()
	k := new(clock.Clock)
	flash, err := nvm.NewFlash(engine.Reference().NVM, k, nil)
	if err != nil {
		t.Fatal(err)
	}
	card, err := New(Config{Clock: k, Flash: flash, Verified: shared})
	if err != nil {
		t.Fatal(err)
	}
	_, err = card.Card.Load(components)
	var image bytes.Buffer
	if failed := flash.Snapshot(&image); failed != nil {
		t.Fatal(failed)
	}
	return fmt.Sprintf("%v\n%v\n%x", err, k.Ledger(), image.Bytes())
}
