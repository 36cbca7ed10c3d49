package folder

import (
	"os"
	"path/filepath"
	"testing"
	"time"
)

// What stands in serve.json is read or refused, and what is read has keys or none.
func FuzzServed(f *testing.F) {
	lab := Folder(f.TempDir())
	if err := lab.Make(time.Now()); err != nil {
		f.Fatal(err)
	}
	keys, err := lab.Keys()
	if err != nil {
		f.Fatal(err)
	}
	served, err := NewServed(map[string]string{"bank.example:443": "127.0.0.1:1"}, keys)
	if err != nil {
		f.Fatal(err)
	}
	if err := lab.Write(served); err != nil {
		f.Fatal(err)
	}
	text, err := os.ReadFile(lab.path("serve.json"))
	if err != nil {
		f.Fatal(err)
	}
	again, err := lab.Read()
	if err != nil {
		f.Fatal(err)
	}
	if all, err := again.Keys(); err != nil || len(all) != len(keys) {
		f.Fatalf("%d keys of %d, %v", len(all), len(keys), err)
	}
	f.Add(text)
	f.Add([]byte(`{"parties":[{"role":"SP-TSM","publicKey":"x"}]}`))
	f.Add([]byte(`{}`))
	f.Fuzz(func(t *testing.T, text []byte) {
		in := Folder(t.TempDir())
		if err := os.WriteFile(filepath.Join(string(in), "serve.json"), text, 0o600); err != nil {
			t.Fatal(err)
		}
		s, err := in.Read()
		if err != nil {
			return
		}
		if all, err := s.Keys(); err == nil && len(all) > len(s.Parties) {
			t.Errorf("%d keys of %d parties", len(all), len(s.Parties))
		}
	})
}
