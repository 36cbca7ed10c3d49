package authority

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"inkan/ca/keys"
	"inkan/ca/status/crl"
	"inkan/core/entropy"
)

// Folder is where an authority that stays keeps everything:
//
//	keys/       the key directory of the ceremonies (spec/CA-KEYS.md)
//	secret.pem  what pseudonyms and identifiers follow from, as the scalar of an
//	            encrypted key of P-256 under the ceremonies' passphrase
//	registry/   the registry
//	lists/      revocation lists, for any web server
//	tsm/        test keys and TLS of the parties, with test keys only
type Folder string

func (f Folder) path(name string) string { return filepath.Join(string(f), name) }

// Keys is the key directory.
func (f Folder) Keys() string { return f.path("keys") }

// Registry is the registry's folder.
func (f Folder) Registry() string { return f.path("registry") }

// Secret is the secret's file.
func (f Folder) Secret() string { return f.path("secret.pem") }

// HasRegistry reports whether there is a registry.
func (f Folder) HasRegistry() bool {
	entries, err := os.ReadDir(f.Registry())
	return err == nil && len(entries) > 0
}

// HasKeys reports whether there is a key directory.
func (f Folder) HasKeys() bool {
	_, err := os.Stat(f.Keys())
	return err == nil
}

// OpenKeys opens the key directory and the secret. The keys must be real ones.
func (f Folder) OpenKeys(passphrase []byte) (keys.Store, []byte, error) {
	d, err := keys.Open(f.Keys(), passphrase)
	if err != nil {
		return nil, nil, err
	}
	secret, err := f.accept(d, passphrase)
	return d, secret, err
}

// accept refuses published test keys, and gives the secret that goes with others.
func (f Folder) accept(d *keys.Directory, passphrase []byte) ([]byte, error) {
	if err := keys.RequireReal(d); err != nil {
		return nil, err
	}
	return f.secret(passphrase)
}

// secret reads the secret, or makes it where nothing follows from one yet.
func (f Folder) secret(passphrase []byte) ([]byte, error) {
	text, err := os.ReadFile(f.Secret())
	switch {
	case errors.Is(err, fs.ErrNotExist) && !f.HasRegistry():
		if text, err = newSecret(f.Secret(), passphrase); err != nil {
			return nil, err
		}
	case errors.Is(err, fs.ErrNotExist):
		return nil, fmt.Errorf("authority: %s is gone, and the registry has pseudonyms that follow from it: bring it back from a copy", f.Secret())
	case err != nil:
		return nil, err
	}
	private, err := keys.DecryptKey(text, passphrase)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", f.Secret(), err)
	}
	key, ok := private.(*ecdsa.PrivateKey)
	if !ok {
		return nil, fmt.Errorf("authority: %s holds a %T, want a key of P-256", f.Secret(), private)
	}
	return key.Bytes()
}

// newSecret makes a secret and its file.
func newSecret(path string, passphrase []byte) ([]byte, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, err
	}
	text, err := keys.EncryptKey(key, passphrase, entropy.System())
	if err != nil {
		return nil, err
	}
	return text, os.WriteFile(path, text, 0o600)
}

// Config is the configuration of an authority in the folder; without a store it has
// test keys.
func (f Folder) Config(store keys.Store, secret []byte, now func() time.Time) (Config, error) {
	if err := os.MkdirAll(string(f), 0o700); err != nil {
		return Config{}, err
	}
	lists, err := crl.OpenDirectory(f.path("lists"))
	if err != nil {
		return Config{}, err
	}
	if err := os.MkdirAll(f.Registry(), 0o700); err != nil {
		return Config{}, err
	}
	return Config{Folder: f.Registry(), Keys: store, Secret: secret, Now: now, Lists: lists}, nil
}
