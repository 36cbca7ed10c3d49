package keys

import (
	"crypto/sha256"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// maxRecords is how many ceremonies a directory may see.
const maxRecords = 9999

// Directory is a key directory that was opened: its keys and its records. Its
// methods are those of the Set.
type Directory struct {
	*Set
	Records      []*Record
	Certificates map[Name][]byte // DER, as the ceremonies had them made

	path string
	last *Fingerprint // of the last record's file
}

// Open reads a key directory with the passphrase of its keys. Every key must be
// listed in a record, be what the record says, and have signed it; nothing may
// be open to other users. Whether they are test keys is RequireReal's to say.
// What can be checked without the passphrase is checked first.
// Spec: SPEC-CA-KEYS-050, SPEC-CA-KEYS-051, SPEC-CA-KEYS-052, SPEC-CA-KEYS-053,
// SPEC-CA-KEYS-061, SPEC-CA-KEYS-062.
func Open(path string, passphrase []byte) (*Directory, error) {
	names, err := list(path)
	if err != nil {
		return nil, err
	}
	d := &Directory{Set: new(Set), Certificates: map[Name][]byte{}, path: path}
	var ceremonies []ceremonyFiles
	for number := 1; names[recordFile(number)]; number++ {
		c, err := d.record(number, names)
		if err != nil {
			return nil, err
		}
		ceremonies = append(ceremonies, c)
	}
	for _, name := range slices.Sorted(maps.Keys(names)) {
		return nil, fmt.Errorf("keys: %s is in no ceremony's record: a ceremony was interrupted, or the file was put there; move it away", filepath.Join(path, name))
	}
	if len(d.Records) == 0 {
		return nil, fmt.Errorf("keys: %s has no record of a ceremony, and so no keys", path)
	}
	for i, c := range ceremonies {
		for j, key := range d.Records[i].Keys {
			if err := d.key(key, c.keys[j], passphrase); err != nil {
				return nil, err
			}
		}
		if err := verifyRecord(c.record, c.signatures, d, d.Records[i].Keys); err != nil {
			return nil, fmt.Errorf("%w (%s)", err, signaturesFile(i+1))
		}
	}
	return d, nil
}

// list returns the names in a directory. Spec: SPEC-CA-KEYS-050.
func list(path string) (map[string]bool, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, fmt.Errorf("keys: %w", err)
	}
	if !info.IsDir() {
		return nil, fmt.Errorf("keys: %s is no directory", path)
	}
	if err := checkMode(path, info, directoryMode); err != nil {
		return nil, err
	}
	entries, err := os.ReadDir(path)
	if err != nil {
		return nil, fmt.Errorf("keys: %w", err)
	}
	names := map[string]bool{}
	for _, entry := range entries {
		names[entry.Name()] = true
	}
	return names, nil
}

func recordFile(number int) string {
	return fmt.Sprintf("%s%04d%s", recordPrefix, number, recordEnding)
}

func signaturesFile(number int) string {
	return strings.TrimSuffix(recordFile(number), recordEnding) + signaturesEnding
}

// ceremonyFiles are the texts of one ceremony's files, keys in order.
type ceremonyFiles struct {
	record, signatures []byte
	keys               [][]byte
}

// record reads one ceremony's files and takes their names out of the list.
func (d *Directory) record(number int, names map[string]bool) (c ceremonyFiles, err error) {
	if c.record, err = readSmall(filepath.Join(d.path, recordFile(number)), maxRecordLength, true); err != nil {
		return c, err
	}
	record, err := ParseRecord(c.record)
	if err != nil {
		return c, err
	}
	switch {
	case record.Number != number:
		return c, fmt.Errorf("keys: %s: the record in it is number %d", recordFile(number), record.Number)
	case (record.Previous == nil) != (d.last == nil) || d.last != nil && *record.Previous != *d.last:
		return c, fmt.Errorf("keys: %s does not continue the record before it: one of the two was changed", recordFile(number))
	}
	for _, key := range record.Keys {
		text, err := d.files(key, names)
		if err != nil {
			return c, err
		}
		c.keys = append(c.keys, text)
	}
	if c.signatures, err = readSmall(filepath.Join(d.path, signaturesFile(number)), maxRecordLength, true); err != nil {
		return c, err
	}
	delete(names, recordFile(number))
	delete(names, signaturesFile(number))
	sum := Fingerprint(sha256.Sum256(c.record))
	d.last = &sum
	d.Records = append(d.Records, record)
	return c, nil
}

// files reads a key's file and its certificate.
func (d *Directory) files(key RecordedKey, names map[string]bool) ([]byte, error) {
	file := key.Name.String() + keyEnding
	text, err := readSmall(filepath.Join(d.path, file), maxKeyFileLen, true)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("keys: %s is recorded and is not there: %w", key.Name, err)
	} else if err != nil {
		return nil, err
	}
	delete(names, file)
	if key.Certificate == nil {
		return text, nil
	}
	file = key.Name.String() + certificateEnding
	if d.Certificates[key.Name], err = readCertificate(filepath.Join(d.path, file), *key.Certificate); err != nil {
		return nil, err
	}
	delete(names, file)
	return text, nil
}

// key decrypts one key and compares it with its record.
func (d *Directory) key(key RecordedKey, text, passphrase []byte) error {
	private, err := DecryptKey(text, passphrase)
	if err != nil {
		return fmt.Errorf("%s: %w", key.Name, err)
	}
	if err := d.Add(key.Name, private); err != nil {
		return err
	}
	public, err := PublicKey(d, key.Name)
	if err != nil {
		return err
	}
	if got, err := FingerprintOf(public); err != nil || got != key.Fingerprint {
		return fmt.Errorf("keys: %s is not the key that its ceremony recorded: fingerprint %s, recorded %s", key.Name, got, key.Fingerprint)
	}
	return nil
}
