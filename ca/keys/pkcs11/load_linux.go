//go:build linux && (amd64 || arm64)

package pkcs11

import (
	"fmt"

	"github.com/ebitengine/purego"
)

// load loads a library and sets the functions of a table, which are pointers to
// function variables.
func load(path string, table map[string]any) (unload func() error, err error) {
	library, err := purego.Dlopen(path, purego.RTLD_NOW|purego.RTLD_LOCAL)
	if err != nil {
		return nil, fmt.Errorf("pkcs11: %w", err)
	}
	unload = func() error { return purego.Dlclose(library) }
	for name, function := range table {
		address, err := purego.Dlsym(library, name)
		if err != nil {
			_ = unload()
			return nil, fmt.Errorf("pkcs11: %s is no PKCS #11 module: %w", path, err)
		}
		purego.RegisterFunc(function, address)
	}
	return unload, nil
}
