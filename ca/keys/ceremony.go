package keys

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/pem"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"time"

	"inkan/core/entropy"
)

// MinPassphraseLength is in bytes.
const MinPassphraseLength = 20

// Ceremony is an occasion on which keys are made. All fields are needed, except
// Certify and Print.
type Ceremony struct {
	Place   string
	Purpose string
	Persons []Person
	Keys    []Name // each new
	Now     func() time.Time
	// Random gives salts and initialisation vectors; the keys themselves always
	// come from the operating system. entropy.System outside tests.
	Random entropy.Source
	// Certify makes the self-signed certificate of an authority's new key, in
	// DER; nil for a key that is not to have one. It is called in the order of
	// Keys, once for each key that signs.
	Certify func(Name, crypto.Signer) ([]byte, error)
	// Print shows a line to the persons; the record has it too.
	Print func(line string)
}

// Run makes the keys in a directory, which is made where there is none, and
// opens it. The directory may have keys of earlier ceremonies under the same
// passphrase. When Run fails on the way, the files it left are in no record and
// Open refuses them by name. Spec: SPEC-CA-KEYS-060, SPEC-CA-KEYS-063,
// SPEC-CA-KEYS-064, SPEC-CA-KEYS-065.
func (c *Ceremony) Run(path string, passphrase []byte) (*Directory, error) {
	if err := c.check(passphrase); err != nil {
		return nil, err
	}
	d, err := c.directory(path, passphrase)
	if err != nil {
		return nil, err
	}
	for _, name := range c.Keys {
		if slices.Contains(d.Names(), name) {
			return nil, fmt.Errorf("keys: %s is there already; a new key is a new generation", name)
		}
	}
	record := &Record{
		Version: recordVersion, Number: len(d.Records) + 1, Previous: d.last, Time: c.Now().UTC().Truncate(time.Second),
		Place: c.Place, Purpose: c.Purpose, Persons: c.Persons, Printed: []string{},
	}
	c.print(record, "Key ceremony %d in %s, %s: %s", record.Number, c.Place, record.Time.Format(time.RFC3339), c.Purpose)
	for _, person := range c.Persons {
		c.print(record, "%s: %s", person.Part, person.Name)
	}
	for _, name := range c.Keys {
		key, err := c.key(d, name, passphrase)
		if err != nil {
			return nil, err
		}
		record.Keys = append(record.Keys, key)
		c.print(record, "%s %s %s", name, key.Algorithm, key.Fingerprint)
		if key.Certificate != nil {
			c.print(record, "%s certificate %s", name, *key.Certificate)
		}
	}
	if err := finish(d, record); err != nil {
		return nil, err
	}
	return Open(path, passphrase)
}

func (c *Ceremony) check(passphrase []byte) error {
	switch {
	case len(passphrase) < MinPassphraseLength:
		return fmt.Errorf("keys: the passphrase has %d bytes, want at least %d", len(passphrase), MinPassphraseLength)
	case c.Now == nil || c.Random == nil:
		return errors.New("keys: a ceremony needs a clock and randomness")
	case c.Place == "" || c.Purpose == "" || len(c.Persons) == 0:
		return errors.New("keys: a ceremony needs a place, a purpose and persons for its record")
	case len(c.Keys) == 0:
		return errors.New("keys: a ceremony without keys")
	}
	for i, name := range c.Keys {
		if _, err := name.MarshalText(); err != nil {
			return err
		}
		if slices.Contains(c.Keys[:i], name) {
			return fmt.Errorf("keys: %s is asked for twice", name)
		}
	}
	return nil
}

// directory opens an existing directory or makes one.
func (c *Ceremony) directory(path string, passphrase []byte) (*Directory, error) {
	err := os.Mkdir(path, directoryMode)
	if errors.Is(err, fs.ErrExist) {
		names, err := list(path)
		if err != nil {
			return nil, err
		}
		if len(names) > 0 {
			return Open(path, passphrase)
		}
	} else if err != nil {
		return nil, fmt.Errorf("keys: %w", err)
	}
	return &Directory{Set: new(Set), Certificates: map[Name][]byte{}, path: path}, nil
}

// key makes and writes one key, and its certificate.
func (c *Ceremony) key(d *Directory, name Name, passphrase []byte) (key RecordedKey, err error) {
	key = RecordedKey{Name: name, Algorithm: name.Role.Algorithm()}
	private, err := generate(key.Algorithm)
	if err != nil {
		return key, err
	}
	if err := d.Add(name, private); err != nil {
		return key, err
	}
	public, err := PublicKey(d, name)
	if err != nil {
		return key, err
	}
	if key.Fingerprint, err = FingerprintOf(public); err != nil {
		return key, err
	}
	text, err := EncryptKey(private, passphrase, c.Random)
	if err != nil {
		return key, err
	}
	if err := writeNew(filepath.Join(d.path, name.String()+keyEnding), text); err != nil {
		return key, err
	}
	if c.Certify == nil || name.Role == Content {
		return key, nil
	}
	signer, err := d.Signer(name)
	if err != nil {
		return key, err
	}
	der, err := c.Certify(name, signer)
	if err != nil {
		return key, fmt.Errorf("keys: certificate of %s: %w", name, err)
	}
	if der == nil {
		return key, nil
	}
	sum := Fingerprint(sha256.Sum256(der))
	key.Certificate = &sum
	return key, writeNew(filepath.Join(d.path, name.String()+certificateEnding), pem.EncodeToMemory(&pem.Block{Type: certificateBlock, Bytes: der}))
}

// generate makes a key from the operating system's randomness.
// Spec: SPEC-CA-KEYS-065.
func generate(kind Algorithm) (crypto.PrivateKey, error) {
	if kind == P256 {
		return ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	}
	return rsa.GenerateKey(rand.Reader, 2048)
}

func (c *Ceremony) print(record *Record, format string, args ...any) {
	line := fmt.Sprintf(format, args...)
	record.Printed = append(record.Printed, line)
	if c.Print != nil {
		c.Print(line)
	}
}

// finish writes the record and its signatures, last of all.
func finish(d *Directory, record *Record) error {
	text, err := record.encode()
	if err != nil {
		return err
	}
	signatures, err := signRecord(text, d, record.Keys)
	if err != nil {
		return err
	}
	if err := writeNew(filepath.Join(d.path, signaturesFile(record.Number)), signatures); err != nil {
		return err
	}
	if err := writeNew(filepath.Join(d.path, recordFile(record.Number)), text); err != nil {
		return err
	}
	return syncDirectory(d.path)
}

// readCertificate reads a certificate and compares its hash.
func readCertificate(path string, want Fingerprint) ([]byte, error) {
	text, err := readSmall(path, maxKeyFileLen, false)
	if err != nil {
		return nil, err
	}
	block, _ := pem.Decode(text)
	if block == nil || block.Type != certificateBlock || sha256.Sum256(block.Bytes) != want {
		return nil, fmt.Errorf("keys: %s is not the certificate that its ceremony recorded", path)
	}
	return block.Bytes, nil
}
