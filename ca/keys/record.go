package keys

import (
	"bytes"
	"crypto"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"
)

// Record is what a ceremony leaves: a file of JSON, signed by the keys that were
// made. Spec: SPEC-CA-KEYS-060.
type Record struct {
	Version  int           `json:"version"`            // 1
	Number   int           `json:"number"`             // from 1, in the directory
	Previous *Fingerprint  `json:"previous,omitempty"` // SHA-256 of the file of the record before
	Time     time.Time     `json:"time"`               // UTC, whole seconds
	Place    string        `json:"place"`
	Purpose  string        `json:"purpose"`
	Persons  []Person      `json:"persons"`
	Keys     []RecordedKey `json:"keys"`
	Printed  []string      `json:"printed"` // line by line
}

// Person took part in a ceremony.
type Person struct {
	Name string `json:"name"`
	Part string `json:"part"` // such as "operator", "witness"
}

// RecordedKey is a key that a ceremony made.
type RecordedKey struct {
	Name        Name         `json:"name"`
	Algorithm   Algorithm    `json:"algorithm"`
	Fingerprint Fingerprint  `json:"fingerprint"`
	Certificate *Fingerprint `json:"certificate,omitempty"` // SHA-256 over its DER
}

const (
	recordVersion   = 1
	maxRecordLength = 1 << 20
)

// encode is the text of the record's file.
func (r *Record) encode() ([]byte, error) {
	text, err := json.MarshalIndent(r, "", "  ")
	if err != nil {
		return nil, fmt.Errorf("keys: record: %w", err)
	}
	return append(text, '\n'), nil
}

// ParseRecord reads the file of a record. It fails for members that are unknown
// or missing, and for a version other than 1.
func ParseRecord(text []byte) (*Record, error) {
	decoder := json.NewDecoder(bytes.NewReader(text))
	decoder.DisallowUnknownFields()
	r := new(Record)
	if err := decoder.Decode(r); err != nil {
		return nil, fmt.Errorf("keys: record: %w", err)
	}
	if _, err := decoder.Token(); err != io.EOF {
		return nil, fmt.Errorf("keys: record: more text after it")
	}
	switch {
	case r.Version != recordVersion:
		return nil, fmt.Errorf("keys: record: version %d, want %d", r.Version, recordVersion)
	case r.Number < 1 || r.Number > maxRecords:
		return nil, fmt.Errorf("keys: record: number %d", r.Number)
	case r.Time.IsZero() || len(r.Persons) == 0 || len(r.Keys) == 0:
		return nil, fmt.Errorf("keys: record %d: time, persons or keys are missing", r.Number)
	}
	for _, key := range r.Keys {
		if key.Algorithm != key.Name.Role.Algorithm() {
			return nil, fmt.Errorf("keys: record %d: %s is %q, want %s", r.Number, key.Name, key.Algorithm, key.Name.Role.Algorithm())
		}
	}
	return r, nil
}

// signRecord returns the text of the signatures' file. Spec: SPEC-CA-KEYS-061.
func signRecord(record []byte, keys Store, made []RecordedKey) ([]byte, error) {
	digest := sha256.Sum256(record)
	var text []byte
	for _, key := range made {
		if key.Name.Role == Content {
			continue
		}
		signer, err := keys.Signer(key.Name)
		if err != nil {
			return nil, err
		}
		signature, err := signer.Sign(nil, digest[:], crypto.SHA256)
		if err != nil {
			return nil, fmt.Errorf("keys: record: %s: %w", key.Name, err)
		}
		text = fmt.Appendf(text, "%s %s\n", key.Name, base64.StdEncoding.EncodeToString(signature))
	}
	return text, nil
}

// verifyRecord checks that the signatures' file has one good signature by each
// key of the record that signs, in its order, and nothing else.
// Spec: SPEC-CA-KEYS-061.
func verifyRecord(record, signatures []byte, keys Store, made []RecordedKey) error {
	digest := sha256.Sum256(record)
	lines := strings.Split(strings.TrimSuffix(string(signatures), "\n"), "\n")
	signing := slices.DeleteFunc(slices.Clone(made), func(k RecordedKey) bool { return k.Name.Role == Content })
	if len(signing) == 0 && len(signatures) == 0 {
		return nil
	}
	if len(lines) != len(signing) {
		return fmt.Errorf("keys: record: %d signatures, want %d", len(lines), len(signing))
	}
	for i, key := range signing {
		name, encoded, _ := strings.Cut(lines[i], " ")
		signature, err := base64.StdEncoding.DecodeString(encoded)
		if err != nil || name != key.Name.String() {
			return fmt.Errorf("keys: record: line %d of the signatures is none of %s", i+1, key.Name)
		}
		public, err := PublicKey(keys, key.Name)
		if err != nil {
			return err
		}
		if VerifySignature(public, digest[:], signature) != nil {
			return fmt.Errorf("keys: record: the signature of %s is wrong", key.Name)
		}
	}
	return nil
}
