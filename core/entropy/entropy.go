// Package entropy is where randomness comes from: a constructor argument, so
// that one seed reproduces a run.
//
// It must not know what the bytes are for. It implements design decision 4
// (spec/decisions/0002-entropy.md).
package entropy

// Source fills buffers with random bytes. Not for concurrent use.
type Source interface {
	// Fill overwrites all of dst. It cannot fail.
	Fill(dst []byte)
}
