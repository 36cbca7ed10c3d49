package pcsc

import (
	"bytes"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"inkan/core/wire"
	"inkan/sim/clock"
	"inkan/sim/engine"
	"inkan/sim/nvm"
	"inkan/spec/req"
)

func TestImage(t *testing.T) {
	req.Covers(t, "SPEC-PCSC-020")
	image := Image{Profile: "test-2", Number: 0x01020304, Snapshot: []byte{9, 8}}
	b, err := image.Append(nil)
	if want := "inkanCRD\x01\x06test-2\x01\x02\x03\x04\x09\x08"; err != nil || string(b) != want {
		t.Fatalf("%q, %v, want %q", b, err, want)
	}
	got, err := DecodeImage(b)
	if err != nil || got.Profile != image.Profile || got.Number != image.Number || !bytes.Equal(got.Snapshot, image.Snapshot) {
		t.Errorf("%+v, %v", got, err)
	}
	const head = 9 + 7 + 4
	for n := range head {
		var fault *wire.DecodeError
		if _, err := DecodeImage(b[:n]); !errors.As(err, &fault) {
			t.Errorf("cut at %d: %v", n, err)
		}
	}
	for _, bad := range []string{"inkanCRD\x02\x04test\x00\x00\x00\x00", "inkanCRD\x01\x00\x00\x00\x00\x00", "inkanCRD\x01\x01A\x00\x00\x00\x00"} {
		if _, err := DecodeImage([]byte(bad)); err == nil {
			t.Errorf("%q is taken", bad)
		}
	}
	if _, err := (&Image{Profile: "a card"}).Append(nil); err == nil {
		t.Error("a name with a blank is written")
	}
}

func FuzzImage(f *testing.F) {
	f.Add([]byte("inkanCRD\x01\x06test-2\x01\x02\x03\x04\x09\x08"))
	f.Add([]byte("inkanCRD\x01\x00"))
	f.Fuzz(func(t *testing.T, b []byte) {
		image, err := DecodeImage(b)
		if err != nil {
			return
		}
		if again, err := image.Append(nil); err != nil || !bytes.Equal(again, b) {
			t.Errorf("%X written as %X, %v", b, again, err)
		}
	})
}

// A card in use is nobody else's, in this process or another.
func TestFileInUse(t *testing.T) {
	req.Covers(t, "SPEC-PCSC-023")
	path := filepath.Join(t.TempDir(), "card")
	f, err := OpenFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := OpenFile(path); !errors.Is(err, ErrInUse) {
		t.Errorf("twice: %v", err)
	}
	if image, err := f.Read(); image != nil || err != nil {
		t.Errorf("no file is read as %v, %v", image, err)
	}
	if err := f.Close(); err != nil {
		t.Error(err)
	}
	if f, err = OpenFile(path); err != nil {
		t.Fatal(err)
	}
	if err := f.Close(); err != nil {
		t.Error(err)
	}
}

// What cannot be written leaves nothing behind.
func TestFileWriteFails(t *testing.T) {
	folder := t.TempDir()
	f := &File{Path: filepath.Join(folder, "card")}
	if err := os.MkdirAll(filepath.Join(f.Path, "full"), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := f.Write(&Image{Profile: "test"}); err == nil {
		t.Error("a folder was replaced")
	}
	if left, err := os.ReadDir(folder); err != nil || len(left) != 1 {
		t.Errorf("%v, %v", left, err)
	}
	if err := f.Write(&Image{}); err == nil {
		t.Error("an image without a profile was written")
	}
}

// tornVariable names the file in the environment of the process that is killed.
const tornVariable = "INKAN_TEST_TORN_IMAGE"

// A process that is killed while it saves leaves a whole image, the old or the new.
func TestTornWrite(t *testing.T) {
	req.Covers(t, "SPEC-PCSC-021")
	if path := os.Getenv(tornVariable); path != "" {
		saveForEver(t, path)
	}
	path := filepath.Join(t.TempDir(), "card")
	program, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	f := &File{Path: path}
	for i := range 8 {
		c := exec.Command(program, "-test.run=^TestTornWrite$")
		c.Env = append(os.Environ(), tornVariable+"="+path)
		if err := c.Start(); err != nil {
			t.Fatal(err)
		}
		waitForChange(t, path)
		time.Sleep(time.Duration(i) * 3 * time.Millisecond)
		if err := c.Process.Kill(); err != nil {
			t.Fatal(err)
		}
		_ = c.Wait()
		image, err := f.Read()
		if err != nil {
			t.Fatal(err)
		}
		if image == nil {
			t.Fatal("there is no image")
		}
		if _, err := nvm.Restore(image.Snapshot, engine.Reference().NVM, new(clock.Clock), nil); err != nil {
			t.Fatal(err)
		}
	}
}

// waitForChange waits until a file is another one than when it was called.
func waitForChange(t *testing.T, path string) {
	t.Helper()
	old, _ := os.Stat(path)
	for range 5000 {
		if now, err := os.Stat(path); err == nil && (old == nil || !os.SameFile(old, now)) {
			return
		}
		time.Sleep(time.Millisecond)
	}
	t.Fatal("the file is not written")
}

// saveForEver writes images that grow, until the process is killed.
func saveForEver(t *testing.T, path string) {
	flash, err := nvm.NewFlash(engine.Reference().NVM, new(clock.Clock), nil)
	if err != nil {
		t.Fatal(err)
	}
	f := &File{Path: path}
	for i := uint32(0); ; i++ {
		flash.Write(i*256%flash.Size(), []byte{byte(i)})
		var b bytes.Buffer
		if err := flash.Snapshot(&b); err != nil {
			t.Fatal(err)
		}
		if err := f.Write(&Image{Profile: "test", Snapshot: b.Bytes()}); err != nil {
			t.Fatal(err)
		}
	}
}
