package capc

import (
	"testing"

	"inkan/core/classfile"
)

// BenchmarkWide parses and converts the largest package of the corpus; it
// reports the bytecode that comes out per second.
func BenchmarkWide(b *testing.B) {
	files := readJar(b, jar)
	o := corpusPackages[16].options(b)
	bytes := 0
	for b.Loop() {
		r, err := Convert(files.classes(b, "wide"), o)
		if err != nil {
			b.Fatal(err)
		}
		bytes = r.Statistics.BytecodeBytes
	}
	b.SetBytes(int64(bytes))
}

// BenchmarkParse parses the class files of the largest package of the corpus.
func BenchmarkParse(b *testing.B) {
	files := readJar(b, jar)["wide"]
	for b.Loop() {
		for _, raw := range files {
			if _, err := classfile.Parse(raw); err != nil {
				b.Fatal(err)
			}
		}
	}
}
