package authority

import (
	"context"
	"encoding/base32"
	"fmt"
	"os"
	"path/filepath"

	"inkan/ca/keys"
	"inkan/ca/keys/share"
	"inkan/core/entropy"
)

// responderCount is how many keys of OCSP responders a first ceremony makes: each
// has a certificate for three months.
const responderCount = 4

// FirstKeys are the keys of an authority that begins.
func FirstKeys() (names []keys.Name) {
	for _, role := range keys.Roles() {
		count := 1
		if role == keys.SignatureOCSP || role == keys.AuthenticationOCSP {
			count = responderCount
		}
		for g := 1; g <= count; g++ {
			names = append(names, keys.Name{Role: role, Generation: g})
		}
	}
	return names
}

// Hold holds a ceremony in a folder, and has the authority that has its keys make
// the certificates that are missing. Those are made after the record is complete:
// a ceremony that was interrupted leaves nothing in the registry. The authority's
// issuers are given to see.
func (f Folder) Hold(ctx context.Context, c *keys.Ceremony, passphrase []byte, see func(*CA) error) error {
	if err := os.MkdirAll(string(f), 0o700); err != nil {
		return err
	}
	store, err := c.Run(f.Keys(), passphrase)
	if err != nil {
		return err
	}
	secret, err := f.accept(store, passphrase)
	if err != nil {
		return err
	}
	config, err := f.Config(store, secret, c.Now)
	if err != nil {
		return err
	}
	a, err := Open(ctx, config)
	if err != nil {
		return err
	}
	defer a.Close()
	return see(a)
}

// NewPassphrase draws a passphrase of 160 bits, in letters and digits.
func NewPassphrase(random entropy.Source) []byte {
	var b [20]byte
	random.Fill(b[:])
	return []byte(base32.StdEncoding.EncodeToString(b[:]))
}

// SplitPassphrase writes shares of a passphrase into files of a folder, which it
// makes: share-1.txt and so on. It gives their paths.
func SplitPassphrase(folder string, passphrase []byte, threshold, count int, random entropy.Source) (paths []string, err error) {
	shares, err := share.Split(passphrase, threshold, count, random)
	if err != nil {
		return nil, err
	}
	if err := os.MkdirAll(folder, 0o700); err != nil {
		return nil, err
	}
	for i, s := range shares {
		path := filepath.Join(folder, fmt.Sprintf("share-%d.txt", i+1))
		file, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
		if err != nil {
			return paths, err
		}
		_, err = fmt.Fprintln(file, s.Text())
		if closed := file.Close(); err == nil {
			err = closed
		}
		if err != nil {
			return paths, err
		}
		paths = append(paths, path)
	}
	return paths, nil
}

// CombineShares makes the passphrase of the shares in files.
func CombineShares(paths []string) ([]byte, error) {
	var shares []share.Share
	for _, path := range paths {
		text, err := os.ReadFile(path)
		if err != nil {
			return nil, err
		}
		s, err := share.ParseText(string(trimmed(text)))
		if err != nil {
			return nil, fmt.Errorf("%s: %w", path, err)
		}
		shares = append(shares, s)
	}
	return share.Combine(shares)
}

// ReadPassphrase reads a passphrase from a file without the line's end.
func ReadPassphrase(path string) ([]byte, error) {
	text, err := os.ReadFile(path)
	return trimmed(text), err
}

// trimmed is a text without line ends behind it.
func trimmed(text []byte) []byte {
	for len(text) > 0 && (text[len(text)-1] == '\n' || text[len(text)-1] == '\r') {
		text = text[:len(text)-1]
	}
	return text
}
