package pcsc

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"inkan/core/gp"
	"inkan/core/iso7816"
	"inkan/core/jpki"
	"inkan/core/wire"
	"inkan/sim/profile"
	"inkan/spec/req"
)

func open(t testing.TB, o Options) *Served {
	t.Helper()
	s, err := Open(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func closed(t testing.TB, s *Served) {
	t.Helper()
	if err := s.Close(); err != nil {
		t.Error(err)
	}
}

// verify tries a PIN of the JPKI application, which it selects first.
func verify(t testing.TB, s *Served, pin string) error {
	t.Helper()
	if _, err := gp.Exchange(t.Context(), s.Card, jpki.SelectApplication{}, nil); err != nil {
		t.Fatal(err)
	}
	_, err := gp.Exchange(t.Context(), s.Card, jpki.Verify{PIN: jpki.Auth.PIN().Reference(), Value: []byte(pin)}, nil)
	return err
}

// The card of an image is the one that was saved: profile, number, applications,
// retry counter, lock.
func TestImageKeepsCard(t *testing.T) {
	req.Covers(t, "SPEC-PCSC-015", "SPEC-PCSC-022")
	path := filepath.Join(t.TempDir(), "card")
	s := open(t, Options{Profile: "suzume", Number: 42, Demo: true, Image: path})
	iccid := s.Card.Profile.ICCID(s.Card.Number)
	if err := verify(t, s, "9999"); !errors.Is(err, iso7816.SW(0x63C2)) {
		t.Fatal(err)
	}
	closed(t, s)
	for _, want := range []iso7816.SW{0x63C1, 0x63C0, 0x6984} {
		s = open(t, Options{Image: path, Demo: true})
		if !s.Known || !s.HasJPKI() || s.Card.Profile.ICCID(s.Card.Number) != iccid {
			t.Fatalf("another card: %v %v %d", s.Known, s.HasJPKI(), s.Card.Number)
		}
		if err := verify(t, s, "9999"); !errors.Is(err, want) {
			t.Errorf("%v, want %v", err, want)
		}
		closed(t, s)
	}
}

// Without being told to end, too, an update is soon in the image.
func TestImageSavedSoon(t *testing.T) {
	req.Covers(t, "SPEC-PCSC-022")
	path := filepath.Join(t.TempDir(), "card")
	s := open(t, Options{Demo: true, Image: path})
	defer closed(t, s)
	waitFor := func(old []byte) []byte {
		for range 200 {
			if b, err := os.ReadFile(path); err == nil && !bytes.Equal(b, old) {
				return b
			}
			time.Sleep(10 * time.Millisecond)
		}
		t.Fatal("the image is not written")
		return nil
	}
	first := waitFor(nil)
	if err := verify(t, s, "9999"); err == nil {
		t.Fatal("a wrong PIN is right")
	}
	s.Note()
	image, err := DecodeImage(waitFor(first))
	if err != nil {
		t.Fatal(err)
	}
	again, err := profile.New(profile.Test(), profile.Parts{Snapshot: image.Snapshot})
	if err != nil {
		t.Fatal(err)
	}
	if err := verify(t, &Served{Card: again}, "9999"); !errors.Is(err, iso7816.SW(0x63C1)) {
		t.Error(err)
	}
}

// What cannot be saved is said at once, and again at the end.
func TestImageNotSaved(t *testing.T) {
	folder := filepath.Join(t.TempDir(), "gone")
	if err := os.Mkdir(folder, 0o700); err != nil {
		t.Fatal(err)
	}
	said := make(chan string, 10)
	s := open(t, Options{Image: filepath.Join(folder, "card"), Say: func(line string) { said <- line }})
	err := os.RemoveAll(folder)
	for n := 0; err != nil && n < 100; n++ { // the image of the beginning may be about to be saved
		time.Sleep(10 * time.Millisecond)
		err = os.RemoveAll(folder)
	}
	if err != nil {
		t.Fatal(err)
	}
	s.Card.Flash.Write(0, []byte{0})
	s.Note()
	if line := <-said; !strings.Contains(line, "the image is not saved") {
		t.Error(line)
	}
	if err := s.Close(); err == nil {
		t.Error("the end says nothing")
	}
	closed(t, open(t, Options{}))
}

// Images that are not this card's are refused, and stay as they are.
func TestImageRefused(t *testing.T) {
	req.Covers(t, "SPEC-PCSC-020", "SPEC-PCSC-024")
	path := filepath.Join(t.TempDir(), "card")
	closed(t, open(t, Options{Profile: "akebono", Image: path}))
	good, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	other, err := (&Image{Profile: "nobody"}).Append(nil)
	if err != nil {
		t.Fatal(err)
	}
	damaged := bytes.Clone(good)
	damaged[len(damaged)/2] ^= 1
	for _, c := range []struct {
		name, profile, want string
		content             []byte
		malformed           bool
	}{
		{"another profile", "test", "is a card of profile akebono, not test", good, false},
		{"a profile that is gone", "", "no profile is called nobody", other, false},
		{"damaged", "", "sum", damaged, true},
		{"cut", "", "want", good[:len(good)-9], true},
		{"empty", "", "magic", nil, true},
	} {
		if err := os.WriteFile(path, c.content, 0o600); err != nil {
			t.Fatal(err)
		}
		_, err := Open(t.Context(), Options{Profile: c.profile, Image: path})
		var fault *wire.DecodeError
		if err == nil || !strings.Contains(err.Error(), c.want) || errors.As(err, &fault) != c.malformed {
			t.Errorf("%s: %v", c.name, err)
		}
		if left, err := os.ReadFile(path); err != nil || !bytes.Equal(left, c.content) {
			t.Errorf("%s: the file is changed, %v", c.name, err)
		}
	}
	if _, err := Open(t.Context(), Options{Profile: "nobody"}); err == nil || !strings.Contains(err.Error(), "suzume") {
		t.Error(err)
	}
}

// A seed decides a new card's memory; without one, no two are alike.
func TestSeed(t *testing.T) {
	req.Covers(t, "SPEC-PCSC-031")
	seed := uint64(7)
	memory := func(o Options) []byte {
		o.Demo = true
		var b bytes.Buffer
		if err := open(t, o).Card.Flash.Snapshot(&b); err != nil {
			t.Fatal(err)
		}
		return b.Bytes()
	}
	if !bytes.Equal(memory(Options{Seed: &seed}), memory(Options{Seed: &seed})) {
		t.Error("one seed, two memories")
	}
	if bytes.Equal(memory(Options{}), memory(Options{})) {
		t.Error("two cards without a seed are alike")
	}
}

func TestDescribe(t *testing.T) {
	var b bytes.Buffer
	for _, o := range []Options{{Demo: true, Profile: "hayate"}, {}} {
		if err := open(t, o).Describe(&b); err != nil {
			t.Fatal(err)
		}
	}
	if err := WriteProfiles(&b); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"Hayate Telecom", "8981120000000000", "SCP03, i 60", "test certificate, PIN 1234", "not on the card", "akebono  "} {
		if !strings.Contains(b.String(), want) {
			t.Errorf("no %q in\n%s", want, &b)
		}
	}
}
