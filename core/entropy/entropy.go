// Package entropy is where randomness comes from: a constructor argument, so
// that one seed reproduces a run.
//
// It must not know what the bytes are for. It implements spec/ENTROPY.md and
// decision 2 (spec/decisions/0002-entropy.md).
package entropy

// Source fills buffers with random bytes. Not for concurrent use.
//
// It is no io.Reader on purpose: since Go 1.26 the standard library ignores
// custom readers when it makes RSA and ECDSA keys, so passing one would look
// deterministic and not be.
type Source interface {
	// Fill overwrites all of dst. It cannot fail.
	Fill(dst []byte)
}
