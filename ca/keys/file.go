package keys

import (
	"crypto"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"inkan/core/entropy"
	"inkan/core/wire"
)

// Types of PEM blocks and endings of file names.
const (
	encryptedBlock    = "ENCRYPTED PRIVATE KEY"
	certificateBlock  = "CERTIFICATE"
	keyEnding         = ".pem"
	certificateEnding = ".crt"
	recordEnding      = ".json"
	signaturesEnding  = ".sigs"
	recordPrefix      = "ceremony-"
)

// EncryptKey returns a private key as PEM, encrypted under a passphrase: PKCS #8
// with PBES2, scrypt and AES-256-CBC, which openssl reads. The key is an
// *rsa.PrivateKey or *ecdsa.PrivateKey. Spec: SPEC-CA-KEYS-040.
func EncryptKey(private crypto.PrivateKey, passphrase []byte, random entropy.Source) ([]byte, error) {
	info, err := x509.MarshalPKCS8PrivateKey(private)
	if err != nil {
		return nil, fmt.Errorf("keys: %w", err)
	}
	defer clear(info)
	der, err := seal(info, passphrase, random)
	if err != nil {
		return nil, err
	}
	return pem.EncodeToMemory(&pem.Block{Type: encryptedBlock, Bytes: der}), nil
}

// DecryptKey reads what EncryptKey writes. It fails with a *wire.DecodeError for
// another format or scheme, and with ErrPassphrase. A key in clear is refused.
// Spec: SPEC-CA-KEYS-042, SPEC-CA-KEYS-054.
func DecryptKey(text, passphrase []byte) (crypto.PrivateKey, error) {
	block, _ := pem.Decode(text)
	switch {
	case block == nil:
		return nil, &wire.DecodeError{Format: "PEM", Want: "-----BEGIN " + encryptedBlock + "-----", Got: "no PEM block"}
	case strings.HasSuffix(block.Type, "PRIVATE KEY") && block.Type != encryptedBlock:
		return nil, errors.New("keys: a private key in clear is not accepted: encrypt it")
	case block.Type != encryptedBlock:
		return nil, &wire.DecodeError{Format: "PEM", Path: "type", Want: encryptedBlock, Got: "another"}
	}
	info, err := open(block.Bytes, passphrase)
	if err != nil {
		return nil, err
	}
	defer clear(info)
	private, err := x509.ParsePKCS8PrivateKey(info)
	if err != nil { // its text may quote what was decrypted
		return nil, ErrPassphrase
	}
	return private, nil
}

// Modes that a key directory and its files may have.
const (
	directoryMode fs.FileMode = 0o700
	fileMode      fs.FileMode = 0o600
)

// checkMode refuses what group or others may use. Spec: SPEC-CA-KEYS-050.
func checkMode(path string, info fs.FileInfo, want fs.FileMode) error {
	if got := info.Mode().Perm(); got&0o077 != 0 {
		return fmt.Errorf("keys: %s has mode %04o and is open to others than its owner: want %04o", path, got, want)
	}
	return nil
}

// readSmall reads a regular file of at most limit bytes; secret ones must not be
// open to others.
func readSmall(path string, limit int64, secret bool) ([]byte, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("keys: %w", err)
	}
	defer file.Close()
	info, err := file.Stat()
	if err != nil {
		return nil, fmt.Errorf("keys: %w", err)
	}
	if !info.Mode().IsRegular() {
		return nil, fmt.Errorf("keys: %s is no regular file", path)
	}
	if secret {
		if err := checkMode(path, info, fileMode); err != nil {
			return nil, err
		}
	}
	text, err := io.ReadAll(io.LimitReader(file, limit+1))
	if err != nil {
		return nil, fmt.Errorf("keys: %w", err)
	}
	if int64(len(text)) > limit {
		return nil, fmt.Errorf("keys: %s has more than %d bytes", path, limit)
	}
	return text, nil
}

// writeNew writes a file that is not there yet, and waits until it is on disk.
// Spec: SPEC-CA-KEYS-055.
func writeNew(path string, text []byte) error {
	file, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, fileMode)
	if err != nil {
		return fmt.Errorf("keys: %w", err)
	}
	_, err = file.Write(text)
	err = errors.Join(err, file.Sync(), file.Close())
	if err != nil {
		return fmt.Errorf("keys: %s: %w", path, err)
	}
	return nil
}

// syncDirectory waits until the names in a directory are on disk.
func syncDirectory(path string) error {
	directory, err := os.Open(filepath.Clean(path))
	if err != nil {
		return fmt.Errorf("keys: %w", err)
	}
	if err := errors.Join(directory.Sync(), directory.Close()); err != nil {
		return fmt.Errorf("keys: %s: %w", path, err)
	}
	return nil
}
