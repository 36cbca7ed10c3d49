package keys_test

import (
	"crypto"
	"crypto/sha256"
	"encoding/pem"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"inkan/ca/keys"
	"inkan/ca/keys/testkeys"
	"inkan/core/entropy"
	"inkan/spec/req"
)

var passphrase = []byte("correct horse battery staple")

// ceremony makes one RSA key and one content key per generation.
func ceremony(generation int) *keys.Ceremony {
	return &keys.Ceremony{
		Place: "Room 1", Purpose: "test", Persons: []keys.Person{{Name: "A", Part: "operator"}, {Name: "B", Part: "witness"}},
		Keys:   []keys.Name{{Role: keys.AuthenticationCA, Generation: generation}, {Role: keys.Content, Generation: generation}},
		Now:    func() time.Time { return time.Date(2026, 11, 28, 9, 0, 0, 5, time.FixedZone("JST", 9*3600)) },
		Random: entropy.Seeded(1, "ceremony"),
		Certify: func(name keys.Name, key crypto.Signer) ([]byte, error) {
			digest := sha256.Sum256([]byte(name.String()))
			return key.Sign(nil, digest[:], crypto.SHA256)
		},
	}
}

func TestCeremony(t *testing.T) {
	req.Covers(t, "SPEC-CA-KEYS-060", "SPEC-CA-KEYS-061", "SPEC-CA-KEYS-062", "SPEC-CA-KEYS-064")
	path := filepath.Join(t.TempDir(), "keys")
	var shown []string
	for generation := 1; generation <= 2; generation++ {
		c := ceremony(generation)
		shown = nil
		c.Print = func(line string) { shown = append(shown, line) }
		if _, err := c.Run(path, passphrase); err != nil {
			t.Fatal(err)
		}
	}
	d, err := keys.Open(path, passphrase)
	if err != nil {
		t.Fatal(err)
	}
	if err := keys.RequireReal(d); err != nil {
		t.Error(err)
	}
	if len(d.Records) != 2 || len(d.Names()) != 4 || len(d.Certificates) != 2 || d.Records[0].Previous != nil || d.Records[1].Previous == nil {
		t.Fatalf("%+v, %v", d.Records, d.Names())
	}
	record := d.Records[1]
	if !slices.Equal(record.Printed, shown) || len(record.Persons) != 2 || !record.Time.Equal(time.Date(2026, 11, 28, 0, 0, 0, 0, time.UTC)) {
		t.Errorf("%+v; shown %q", record, shown)
	}
	for _, key := range record.Keys {
		public, err := keys.PublicKey(d, key.Name)
		if err != nil {
			t.Fatal(err)
		}
		if got, _ := keys.FingerprintOf(public); got != key.Fingerprint || !strings.Contains(strings.Join(shown, "\n"), got.String()) {
			t.Errorf("%s: fingerprint %s, recorded %s, shown %q", key.Name, got, key.Fingerprint, shown)
		}
		if (key.Certificate == nil) != (key.Name.Role == keys.Content) {
			t.Errorf("%s: certificate %v", key.Name, key.Certificate)
		}
	}
	for _, file := range []string{"ceremony-0001.json", "ceremony-0002.json"} {
		text, _ := os.ReadFile(filepath.Join(path, file))
		if strings.Contains(string(text), string(passphrase)) || strings.Contains(string(text), "PRIVATE") {
			t.Errorf("%s holds a secret", file)
		}
	}
	if _, err := ceremony(2).Run(path, passphrase); err == nil || !strings.Contains(err.Error(), "authentication-ca-02 is there already") {
		t.Error(err)
	}
}

// made is a directory after one ceremony, copied for each mutation.
func made(t *testing.T) (fresh func(*testing.T) string) {
	path := filepath.Join(t.TempDir(), "keys")
	if _, err := ceremony(1).Run(path, passphrase); err != nil {
		t.Fatal(err)
	}
	second := ceremony(2)
	second.Keys = second.Keys[:1]
	if _, err := second.Run(path, passphrase); err != nil {
		t.Fatal(err)
	}
	return func(t *testing.T) string {
		copied := filepath.Join(t.TempDir(), "keys")
		if err := os.CopyFS(copied, os.DirFS(path)); err != nil {
			t.Fatal(err)
		}
		chmod(t, copied, 0o700)
		entries, _ := os.ReadDir(copied)
		for _, entry := range entries {
			chmod(t, filepath.Join(copied, entry.Name()), 0o600)
		}
		return copied
	}
}

func chmod(t *testing.T, path string, mode os.FileMode) {
	t.Helper()
	if err := os.Chmod(path, mode); err != nil {
		t.Fatal(err)
	}
}

// edit replaces words of a file.
func edit(t *testing.T, path, old, new string) {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	changed := strings.Replace(string(text), old, new, 1)
	if changed == string(text) {
		t.Fatalf("%s does not hold %q", path, old)
	}
	if err := os.WriteFile(path, []byte(changed), 0o600); err != nil {
		t.Fatal(err)
	}
}

// change is done to a directory before it is opened.
type change func(t *testing.T, path string)

func write(name string, text []byte) change {
	return func(t *testing.T, path string) {
		if err := os.WriteFile(filepath.Join(path, name), text, 0o600); err != nil {
			t.Fatal(err)
		}
	}
}

func remove(name string) change {
	return func(t *testing.T, path string) { _ = os.Remove(filepath.Join(path, name)) }
}

func edits(name, old, new string) change {
	return func(t *testing.T, path string) { edit(t, filepath.Join(path, name), old, new) }
}

func mode(name string, mode os.FileMode) change {
	return func(t *testing.T, path string) { chmod(t, filepath.Join(path, name), mode) }
}

func TestDirectoryRefusals(t *testing.T) {
	req.Covers(t, "SPEC-CA-KEYS-050", "SPEC-CA-KEYS-051", "SPEC-CA-KEYS-052", "SPEC-CA-KEYS-053", "SPEC-CA-KEYS-054",
		"SPEC-CA-KEYS-061", "SPEC-CA-KEYS-062")
	fresh := made(t)
	if _, err := keys.Open(fresh(t), passphrase); err != nil {
		t.Fatal(err)
	}
	otherKey, err := keys.EncryptKey(testkeys.Holder(1), passphrase, entropy.Seeded(1, "other"))
	if err != nil {
		t.Fatal(err)
	}
	inClear := pem.EncodeToMemory(&pem.Block{Type: "PRIVATE " + "KEY", Bytes: []byte{0x30, 0x00}})
	for name, c := range map[string]struct {
		change change
		want   string
	}{
		"directory open":        {mode(".", 0o750), "mode 0750 and is open to others than its owner: want 0700"},
		"key open":              {mode("content-01.pem", 0o604), "mode 0604 and is open to others than its owner: want 0600"},
		"record open":           {mode("ceremony-0001.json", 0o640), "want 0600"},
		"unlisted key":          {write("request-01.pem", otherKey), "request-01.pem is in no ceremony's record"},
		"other file":            {write("notes", nil), "notes is in no ceremony's record"},
		"missing key":           {remove("content-01.pem"), "content-01 is recorded and is not there"},
		"missing certificate":   {remove("authentication-ca-01.crt"), "authentication-ca-01.crt"},
		"another key":           {write("authentication-ca-02.pem", otherKey), "not the key that its ceremony recorded"},
		"another certificate":   {write("authentication-ca-02.crt", pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: []byte{1}})), "not the certificate that its ceremony recorded"},
		"key in clear":          {write("content-01.pem", inClear), "content-01: keys: a private key in clear"},
		"first record gone":     {remove("ceremony-0001.json"), "in no ceremony's record"},
		"signatures gone":       {remove("ceremony-0002.sigs"), "ceremony-0002.sigs"},
		"first record changed":  {edits("ceremony-0001.json", "Room 1", "Room 2"), "ceremony-0002.json does not continue"},
		"second record changed": {edits("ceremony-0002.json", "Room 1", "Room 2"), "the signature of authentication-ca-02 is wrong"},
		"chain broken":          {edits("ceremony-0002.json", `"previous": "`, `"previous": "`+strings.Repeat("0", 64)+`", "purpose": "`), "does not continue"},
		"signature dropped":     {write("ceremony-0002.sigs", nil), "is none of authentication-ca-02"},
		"signature moved":       {edits("ceremony-0002.sigs", "authentication-ca-02", "authentication-ca-01"), "is none of authentication-ca-02"},
		"unknown member":        {edits("ceremony-0001.json", `"place"`, `"plaice"`), "unknown field"},
		"version":               {edits("ceremony-0001.json", `"version": 1`, `"version": 2`), "version 2, want 1"},
		"number":                {edits("ceremony-0002.json", `"number": 2`, `"number": 3`), "number 3"},
	} {
		t.Run(name, func(t *testing.T) {
			path := fresh(t)
			c.change(t, path)
			if _, err := keys.Open(path, passphrase); err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("%v, want %q", err, c.want)
			}
		})
	}
	if _, err := keys.Open(fresh(t), []byte("another passphrase of length")); !errors.Is(err, keys.ErrPassphrase) {
		t.Error(err)
	}
	if _, err := keys.Open(filepath.Join(t.TempDir(), "none"), passphrase); !errors.Is(err, os.ErrNotExist) {
		t.Error(err)
	}
	empty := t.TempDir()
	chmod(t, empty, 0o700)
	if _, err := keys.Open(empty, passphrase); err == nil || !strings.Contains(err.Error(), "no record of a ceremony") {
		t.Error(err)
	}
}

func TestCeremonyRefusals(t *testing.T) {
	req.Covers(t, "SPEC-CA-KEYS-055", "SPEC-CA-KEYS-063")
	for name, c := range map[string]struct {
		change     func(*keys.Ceremony)
		passphrase string
		want       string
	}{
		"short passphrase": {func(*keys.Ceremony) {}, "nineteen characters", "19 bytes, want at least 20"},
		"no persons":       {func(c *keys.Ceremony) { c.Persons = nil }, string(passphrase), "needs a place, a purpose and persons"},
		"no keys":          {func(c *keys.Ceremony) { c.Keys = nil }, string(passphrase), "without keys"},
		"twice":            {func(c *keys.Ceremony) { c.Keys = append(c.Keys, c.Keys[0]) }, string(passphrase), "asked for twice"},
		"no clock":         {func(c *keys.Ceremony) { c.Now = nil }, string(passphrase), "needs a clock"},
		"bad name":         {func(c *keys.Ceremony) { c.Keys[0].Generation = 256 }, string(passphrase), "no name of a key"},
	} {
		ceremony := ceremony(1)
		c.change(ceremony)
		path := filepath.Join(t.TempDir(), "keys")
		if _, err := ceremony.Run(path, []byte(c.passphrase)); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v, want %q", name, err, c.want)
		}
		if _, err := os.Stat(path); !errors.Is(err, os.ErrNotExist) {
			t.Errorf("%s: something was written", name)
		}
	}
}

// TestInterruptedCeremony stops at the certificate: what is left is refused by
// name, and the next ceremony overwrites nothing.
func TestInterruptedCeremony(t *testing.T) {
	req.Covers(t, "SPEC-CA-KEYS-051", "SPEC-CA-KEYS-055")
	path := filepath.Join(t.TempDir(), "keys")
	broken := ceremony(1)
	broken.Certify = func(keys.Name, crypto.Signer) ([]byte, error) { return nil, errors.New("out of paper") }
	if _, err := broken.Run(path, passphrase); err == nil || !strings.Contains(err.Error(), "certificate of authentication-ca-01: out of paper") {
		t.Fatal(err)
	}
	left, err := os.ReadFile(filepath.Join(path, "authentication-ca-01.pem"))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := ceremony(1).Run(path, passphrase); err == nil || !strings.Contains(err.Error(), "authentication-ca-01.pem is in no ceremony's record") {
		t.Error(err)
	}
	if now, _ := os.ReadFile(filepath.Join(path, "authentication-ca-01.pem")); string(now) != string(left) {
		t.Error("the file was overwritten")
	}
}
