package verifier

import (
	"bytes"

	"inkan/core/cap"
	"inkan/core/jcapi"
)

// Environment supplies the packages that a package imports. Both methods
// return nil for a package that is not there.
type Environment interface {
	// API is a package of the platform, known by its public interface.
	API(aid []byte, major byte) *jcapi.Package
	// Library is a loaded package, known by its CAP file. It counts as verified.
	Library(aid []byte, major byte) *cap.File
}

// Standard is the environment of all API packages and the given libraries.
func Standard(libraries ...*cap.File) Environment { return standard(libraries) }

type standard []*cap.File

func (standard) API(aid []byte, major byte) *jcapi.Package { return jcapi.ByAID(aid, major) }

func (s standard) Library(aid []byte, major byte) *cap.File {
	for _, f := range s {
		if p := f.Header.Package; p.Version.Major == major && bytes.Equal(p.AID, aid) {
			return f
		}
	}
	return nil
}
