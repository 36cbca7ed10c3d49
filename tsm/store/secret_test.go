package store_test

import (
	"bytes"
	"crypto/aes"
	"crypto/cipher"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"strings"
	"testing"

	"github.com/cockroachdb/pebble/v2/vfs"

	"inkan/spec/req"
	"inkan/tsm/store"
	"inkan/tsm/store/row"
)

// hsm wraps keys with one that never leaves it.
type hsm struct{ aead cipher.AEAD }

func newHSM(t fataler) *hsm {
	block, err := aes.NewCipher([]byte("a wrapping key of 32 bytes, too!"))
	must(t, err)
	aead, err := cipher.NewGCM(block)
	must(t, err)
	return &hsm{aead}
}

func (h *hsm) wrap(key []byte, n byte) row.Wrapped {
	nonce := make([]byte, h.aead.NonceSize())
	nonce[0] = n
	return row.Wrapped{Label: "hsm/kek-1", Blob: h.aead.Seal(nonce, nonce, key, nil)}
}

func (h *hsm) open(w row.Wrapped) ([]byte, error) {
	n := h.aead.NonceSize()
	return h.aead.Open(nil, w.Blob[:n], w.Blob[n:], nil)
}

// canary is a key that no file, error or print may show.
var canary = []byte("CANARY-KEY-16B!!")

// TestCanary keeps wrapped keys in every table that has some, and looks for the
// keys in files, prints and errors. Something that may be there is found, so that
// the search is known to search.
func TestCanary(t *testing.T) {
	req.Covers(t, "SPEC-STORE-050", "SPEC-STORE-052")
	fs, h := vfs.NewMem(), newHSM(t)
	s := open(t, fs, new(clock))
	tenant := tenantOf(t, s, "mno.example")
	x := aService(1)
	x.Keys = []row.Key{{Use: "scp03", Version: 0x30, Wrapped: h.wrap(canary, 1)}}
	sim := &row.SIM{SE: id('e', 1), ICCID: "8981100000000000001", Profile: "findable-profile", State: row.SIMStock,
		Keys: []row.Key{{Use: "scp80", Version: 1, Wrapped: h.wrap(canary, 2)}}}
	must(t, tenant.Step(ctx, func(tx *store.Tx) error { return errors.Join(store.Services.Put(tx, x), store.SIMs.Put(tx, sim)) }))
	bad := *sim
	bad.State = row.SIMActive // without a subscriber
	refused := tenant.Step(ctx, func(tx *store.Tx) error { return store.SIMs.Put(tx, &bad) })
	var rule *store.RowError
	if !errors.As(refused, &rule) {
		t.Fatal(refused)
	}
	must(t, tenant.View(ctx, func(s *store.Snapshot) error {
		got, _, err := store.SIMs.Get(s, sim.SE)
		must(t, err)
		key, err := h.open(got.Keys[0].Wrapped)
		if !bytes.Equal(key, canary) {
			t.Error("the key does not come back:", err)
		}
		return nil
	}))
	must(t, s.Close())
	shown := fmt.Sprintf("%v %+v %#v %x %v", *sim, *x, sim.Keys[0], sim.Keys[0].Wrapped, refused)
	asJSON, err := json.Marshal(sim)
	must(t, err)
	shown += string(asJSON)
	for _, blob := range [][]byte{sim.Keys[0].Wrapped.Blob, x.Keys[0].Wrapped.Blob} {
		for _, form := range []string{string(blob), hex.EncodeToString(blob), strings.ToUpper(hex.EncodeToString(blob)), fmt.Sprint(blob)} {
			if strings.Contains(shown, form) {
				t.Errorf("a print shows a blob: %s", shown)
			}
		}
	}
	contains := func(what []byte) bool {
		if strings.Contains(shown, string(what)) || strings.Contains(strings.ToLower(shown), hex.EncodeToString(what)) {
			return true
		}
		for _, p := range pairs(t, fs) {
			if bytes.Contains(p.key, what) || bytes.Contains(p.value, what) {
				return true
			}
		}
		for _, name := range list(t, fs) {
			if bytes.Contains(read(t, fs, "store/"+name), what) {
				return true
			}
		}
		return false
	}
	if !contains([]byte("findable-profile")) {
		t.Fatal("the search finds nothing: the test is wrong")
	}
	if contains(canary) {
		t.Error("a key is in the clear")
	}
}

// TestKeysAreWrapped: of all fields of all rows, those with a key's name are
// Wrapped, and a key in a row has to be.
func TestKeysAreWrapped(t *testing.T) {
	req.Covers(t, "SPEC-STORE-050")
	found := 0
	var look func(at string, x reflect.Type)
	look = func(at string, x reflect.Type) {
		switch x.Kind() {
		case reflect.Slice, reflect.Array, reflect.Pointer:
			look(at, x.Elem())
		case reflect.Struct:
			for i := range x.NumField() {
				f := x.Field(i)
				if f.Type == reflect.TypeFor[row.Wrapped]() {
					found++
					continue
				}
				name := strings.ToLower(f.Name)
				for _, word := range []string{"secret", "pin", "seed", "password"} {
					if name == word {
						t.Errorf("%s.%s is no Wrapped", at, f.Name)
					}
				}
				if name == "key" && f.Type.Kind() == reflect.Slice {
					t.Errorf("%s.%s is bytes, want Wrapped", at, f.Name)
				}
				look(at+"."+f.Name, f.Type)
			}
		}
	}
	for _, x := range allRows() {
		look(reflect.TypeOf(x).Elem().Name(), reflect.TypeOf(x).Elem())
	}
	if found != 2 {
		t.Errorf("%d wrapped keys, want those of SIMs and service instances", found)
	}
	for _, keys := range [][]row.Key{
		{{Use: "scp80"}},
		{{Use: "scp80", Wrapped: row.Wrapped{Blob: canary}}},
		{{Use: "scp80", Wrapped: row.Wrapped{Label: "hsm"}}},
		{{Wrapped: row.Wrapped{Label: "hsm", Blob: canary}}},
	} {
		x := aService(1)
		x.Keys = keys
		if err := x.Valid(); err == nil || strings.Contains(err.Error(), string(canary)) {
			t.Errorf("key %v: %v", keys, err)
		}
	}
}

// TestScrub: what was replaced is in no file after a scrub.
func TestScrub(t *testing.T) {
	req.Covers(t, "SPEC-STORE-051")
	fs := vfs.NewMem()
	s := open(t, fs, new(clock))
	defer s.Close()
	tenant := tenantOf(t, s, "mno.example")
	old := []byte("replaced-content")
	for _, content := range [][]byte{old, []byte("other")} {
		x := aService(1)
		x.Content = content
		must(t, tenant.Step(ctx, func(tx *store.Tx) error { return store.Services.Put(tx, x) }))
	}
	in := func() bool {
		for _, name := range list(t, fs) {
			if bytes.Contains(read(t, fs, "store/"+name), old) {
				return true
			}
		}
		return false
	}
	if !in() {
		t.Fatal("what was replaced is in no file before the scrub: the test is wrong")
	}
	must(t, s.Scrub(ctx))
	if in() {
		t.Error("what was replaced is still in a file")
	}
	check(t, s)
}
