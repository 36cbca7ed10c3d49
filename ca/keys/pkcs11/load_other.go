//go:build !linux || !(amd64 || arm64)

package pkcs11

func load(string, map[string]any) (func() error, error) { return nil, ErrPlatform }
