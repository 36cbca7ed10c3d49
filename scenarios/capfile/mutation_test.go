package capfile

import (
	"context"
	"encoding/hex"
	"os"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"inkan/core/cap"
	"inkan/core/cap/verifier"
	"inkan/sim/runtime/bare"
)

// A package with changed bytes that the verifier accepts does not harm the
// machine: it runs to an answer, an error or the end of its cycles. Some runs
// change nothing, so that there is always a package that is accepted.
func TestMutatedPackagesRun(t *testing.T) {
	themes := []string{"arith", "arrays", "fields", "flow", "methods", "except", "objects", "intops", "trans", "wide"}
	ran := 0
	rapid.Check(t, func(t *rapid.T) {
		theme := rapid.SampledFrom(themes).Draw(t, "package")
		components, script := material(t, theme)
		for range rapid.IntRange(0, 3).Draw(t, "changes") {
			c := &components[rapid.SampledFrom([]int{4, 5, 6, 6, 6, 6}).Draw(t, "component")]
			c.Info[rapid.IntRange(0, len(c.Info)-1).Draw(t, "offset")] = rapid.Byte().Draw(t, "value")
		}
		if rapid.Bool().Draw(t, "without Descriptor") {
			components = components[:len(components)-1]
		}
		f, err := cap.Parse(components)
		if err != nil || verifier.Verify(f, verifier.Standard()).Err() != nil {
			return
		}
		ran++
		exercise(t, f, script)
	})
	t.Logf("%d ran", ran)
	if ran == 0 {
		t.Error("no package was accepted")
	}
}

// material is a corpus package with an own copy of each component, and its
// commands.
func material(t *rapid.T, theme string) (components []cap.Component, script []string) {
	f, err := Read(corpus + "/" + theme + "/" + theme + "-305.cap")
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range f.Components() {
		components = append(components, cap.Component{Tag: c.Tag, Info: append([]byte{}, c.Info...)})
	}
	text, err := os.ReadFile(corpus + "/" + theme + "/apdus.txt")
	if err != nil {
		t.Fatal(err)
	}
	return components, strings.Split(string(text), "\n")
}

// exercise installs a package and sends commands, each with a limit of cycles.
func exercise(t *rapid.T, f *cap.File, script []string) {
	card, err := bare.New(bare.CREF())
	if err != nil {
		t.Fatal(err)
	}
	const cyclesEach = 20_000_000
	k := card.Clock()
	k.CutAt(k.Now() + 20*cyclesEach)
	if _, err := card.Load(f.LoadFile(nil, f.Descriptor != nil)); err != nil {
		return
	}
	for _, a := range f.Applets {
		if _, err := card.Install(f.Header.Package.AID, a.AID, a.AID, nil); err != nil {
			return
		}
		selection := append([]byte{0x00, 0xA4, 0x04, 0x00, byte(len(a.AID))}, a.AID...)
		if _, err := card.Transmit(context.Background(), selection, nil); err != nil {
			return
		}
	}
	for i, line := range script {
		b, _ := hex.DecodeString(strings.ReplaceAll(line, " ", ""))
		if len(b) < 4 || i > 60 {
			continue
		}
		k.CutAt(k.Now() + cyclesEach)
		if _, err := card.Transmit(context.Background(), b, nil); err != nil {
			return
		}
	}
}
