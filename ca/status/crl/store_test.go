package crl_test

import (
	"errors"
	"io"
	"io/fs"
	"testing"

	"inkan/ca/status/crl"
	"inkan/core/jpki/certificate"
	"inkan/spec/req"
)

func text(content string) func(io.Writer) error {
	return func(w io.Writer) error {
		_, err := io.WriteString(w, content)
		return err
	}
}

// TestStores: what is replaced is whole or not there, who reads keeps what was
// opened, and no path leads out.
func TestStores(t *testing.T) {
	req.Covers(t, "SPEC-STATUS-020")
	directory, err := crl.OpenDirectory(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	defer directory.Close()
	for name, store := range map[string]crl.Store{"memory": new(crl.Memory), "directory": directory} {
		if _, err := store.Open("crl/a"); !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("%s: nothing there: %v", name, err)
		}
		if err := store.Replace("crl/a", text("one")); err != nil {
			t.Fatal(err)
		}
		old, err := store.Open("crl/a")
		if err != nil {
			t.Fatal(err)
		}
		stop := errors.New("stop")
		err = store.Replace("crl/a", func(w io.Writer) error { return errors.Join(text("half")(w), stop) })
		if !errors.Is(err, stop) || content(t, store, "crl/a") != "one" {
			t.Errorf("%s: a failed replacement: %v, %q", name, err, content(t, store, "crl/a"))
		}
		if err := store.Replace("crl/a", text("longer")); err != nil {
			t.Fatal(err)
		}
		if b, err := io.ReadAll(old); string(b) != "one" || err != nil || old.Size() != 3 {
			t.Errorf("%s: the old one reads %q, %v", name, b, err)
		}
		if err := old.Close(); err != nil {
			t.Error(err)
		}
		if content(t, store, "crl/a") != "longer" {
			t.Errorf("%s: the new one reads %q", name, content(t, store, "crl/a"))
		}
		for _, path := range []string{"", "../a", "/a", "crl/../../a"} {
			if err := store.Replace(path, text("x")); err == nil {
				t.Errorf("%s: %q was written", name, path)
			}
			if _, err := store.Open(path); err == nil {
				t.Errorf("%s: %q was opened", name, path)
			}
		}
	}
	if _, err := directory.Open("crl"); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("a folder: %v", err)
	}
}

func content(t *testing.T, store crl.Store, path string) string {
	t.Helper()
	file, err := store.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	b, err := io.ReadAll(file)
	if err != nil || int64(len(b)) != file.Size() {
		t.Fatalf("%d bytes, size %d, %v", len(b), file.Size(), err)
	}
	return string(b)
}

// TestPath is what a relying party derives.
func TestPath(t *testing.T) {
	req.Covers(t, "SPEC-STATUS-022")
	got := crl.Path(make([]byte, 20), certificate.CRLPath(auth, kiyose))
	if want := "crl/0000000000000000000000000000000000000000/auth/Tokyo-to/Kiyose-shi.crl"; got != want {
		t.Errorf("%q, want %q", got, want)
	}
}
