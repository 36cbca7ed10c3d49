package testkeys

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"encoding/pem"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"inkan/bazel/tree"
	"inkan/ca/keys"
	"inkan/spec/req"
)

// heading is the form of the first line of a test key's file.
var heading = regexp.MustCompile(`^TEST ONLY: inkan test key "([a-z0-9-]+)"\.\n`)

func TestKeysAreLabelledAndFixed(t *testing.T) {
	req.Covers(t, "SPEC-CA-KEYS-020")
	for _, label := range labels() {
		text, err := files.ReadFile("pem/" + label + ".pem")
		if err != nil {
			t.Fatal(err)
		}
		if m := heading.FindSubmatch(text); m == nil || string(m[1]) != label {
			t.Errorf("%s: its file begins %q", label, text[:min(len(text), 60)])
		}
	}
	for _, c := range []struct {
		role keys.Role
		last int
	}{
		{keys.SignatureCA, 3}, {keys.AuthenticationCA, 3}, {keys.SignatureOCSP, 2}, {keys.AuthenticationOCSP, 2},
		{keys.TerminalCA, 2}, {keys.Request, 2},
	} {
		for generation := 1; generation <= c.last; generation++ {
			Signer(c.role, generation)
		}
	}
	if got := len(Store().Names()) + HolderCount; got != len(labels()) {
		t.Errorf("%d keys are given out, there are %d", got, len(labels()))
	}
}

// privateKeys matches what a private key in PEM begins with.
var privateKeys = regexp.MustCompile("-----BEGIN [A-Z ]*PRIVATE " + "KEY-----")

// TestNoOtherPrivateKeyInTheTree reads every file of the tree.
func TestNoOtherPrivateKeyInTheTree(t *testing.T) {
	req.Covers(t, "SPEC-CA-KEYS-020")
	root, found := os.DirFS(tree.Root(t)), 0
	err := fs.WalkDir(root, ".", func(path string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if entry.IsDir() && (strings.HasPrefix(entry.Name(), ".git") || strings.HasPrefix(entry.Name(), "bazel-")) {
			return fs.SkipDir
		}
		if !entry.Type().IsRegular() {
			return nil
		}
		text, err := fs.ReadFile(root, path)
		if err != nil {
			return err
		}
		keysHere := len(privateKeys.FindAllIndex(text, -1))
		if keysHere == 0 {
			return nil
		}
		found += keysHere
		if filepath.Dir(path) != filepath.FromSlash("ca/keys/testkeys/pem") || keysHere != 1 || !heading.Match(text) {
			t.Errorf("%s holds %d private keys and is not a test key's file", path, keysHere)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if found != len(labels()) {
		t.Errorf("%d private keys in the tree, %d test keys", found, len(labels()))
	}
}

func TestEveryTestKeyIsRefusedAsReal(t *testing.T) {
	req.Covers(t, "SPEC-CA-KEYS-021")
	for _, label := range labels() {
		name := keys.Name{Role: keys.TerminalCA, Generation: 7}
		private := load(label)
		if _, ok := private.(*ecdsa.PrivateKey); ok {
			name.Role = keys.Content
		}
		set := new(keys.Set)
		if err := set.Add(name, private); err != nil {
			t.Fatal(err)
		}
		err := keys.RequireReal(set)
		if want := name.String() + ` is the published test key "` + label + `"`; err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v, want %s", err, want)
		}
	}
	if err := keys.RequireReal(Store()); err == nil {
		t.Error("the test keys are real")
	}
	real := new(keys.Set)
	key, err := keys.Fresh{}.Next()
	if err != nil {
		t.Fatal(err)
	}
	content, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	for name, private := range map[keys.Name]any{{Role: keys.TerminalCA, Generation: 1}: key, {Role: keys.Content, Generation: 1}: content} {
		if err := real.Add(name, private); err != nil {
			t.Fatal(err)
		}
	}
	if err := keys.RequireReal(real); err != nil {
		t.Error(err)
	}
}

func TestSourceEnds(t *testing.T) {
	source := NewSource(HolderCount)
	key, err := source.Next()
	if err != nil || !key.Equal(Holder(HolderCount)) {
		t.Fatal(err)
	}
	if _, err := source.Next(); err == nil {
		t.Error("a key was delivered twice")
	}
}

func TestFilesAreNothingElse(t *testing.T) {
	for _, label := range labels() {
		text, _ := files.ReadFile("pem/" + label + ".pem")
		block, rest := pem.Decode(text)
		if block == nil || block.Type != "PRIVATE "+"KEY" || len(bytes.TrimSpace(rest)) != 0 || len(block.Headers) != 0 {
			t.Errorf("%s: not one block of PKCS #8", label)
		}
	}
}
