package spec_test

import (
	"fmt"
	"os"
	"strings"
	"testing"

	"inkan/bazel/tree"
	"inkan/spec/vectors"
)

// TestEntropyOverview: the example of ENTROPY.md is the first vector.
func TestEntropyOverview(t *testing.T) {
	type vector struct {
		vectors.Header
		Seed  uint64      `json:"seed"`
		Label string      `json:"label"`
		Key   vectors.Hex `json:"key"`
		Parts []struct {
			Offset int         `json:"offset"`
			Bytes  vectors.Hex `json:"bytes"`
		} `json:"parts"`
	}
	v := vectors.Load[vector](t, "entropy.json")[0]
	text := read(t, os.DirFS(tree.Root(t)), "spec/ENTROPY.md")
	stream := v.Parts[0].Bytes
	for _, want := range []string{
		fmt.Sprintf("Seed %d, label `%s`", v.Seed, v.Label),
		fmt.Sprintf("%016X ", v.Seed),
		fmt.Sprintf("%X ", v.Label),
		fmt.Sprintf("AES-256 key        %X\n", []byte(v.Key)),
		fmt.Sprintf("bytes 0 to 15      %X\n", []byte(stream[:16])),
		fmt.Sprintf("bytes 16 to 31     %X\n", []byte(stream[16:32])),
		fmt.Sprintf("-K %X\n", []byte(v.Key)),
	} {
		if !strings.Contains(text, want) {
			t.Errorf("ENTROPY.md lacks %q", want)
		}
	}
}
