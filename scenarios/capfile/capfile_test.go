package capfile

import (
	"bytes"
	"crypto/sha256"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"inkan/core/cap"
)

const corpus = "../../spec/corpus"

func TestInspect(t *testing.T) {
	name := corpus + "/client/client-305.cap"
	f, err := Read(name)
	if err != nil {
		t.Fatal(err)
	}
	i, err := Inspect(name, f, true)
	if err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	if err := i.Write(&b); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"F0696E6B616E430E 1.0", "CAP 2.1, flags: applet", "1100 bytes to load", "javacard/framework", "F0696E6B616E430E01", "invokeinterface"} {
		if !strings.Contains(b.String(), want) {
			t.Errorf("no %q in\n%s", want, b.String()[:min(b.Len(), 2000)])
		}
	}
	raw, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	components, err := cap.Split(raw)
	if err != nil {
		t.Fatal(err)
	}
	hash := sha256.New()
	for _, tag := range cap.LoadOrder {
		for _, c := range components {
			if c.Tag == tag {
				hash.Write(c.Append(nil))
			}
		}
	}
	if want := fmt.Sprintf("SHA-256  %X of what is loaded", hash.Sum(nil)); !strings.Contains(b.String(), want) {
		t.Errorf("no %q in\n%s", want, b.String()[:min(b.Len(), 1000)])
	}
	if len(i.Components) != 10 || i.Components[0].Bytes != 21 {
		t.Errorf("components %v", i.Components)
	}
}

func TestVerify(t *testing.T) {
	client, server := corpus+"/client/client-305.cap", corpus+"/server/server-305.cap"
	broken := filepath.Join(t.TempDir(), "broken.cap")
	if err := os.WriteFile(broken, []byte{1, 0, 9}, 0o600); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		files, libraries []string
		refused          int
		want             string
	}{
		{[]string{client}, nil, 1, "want a package of the environment, got F0696E6B616E430D 1.0"},
		{[]string{client}, []string{server}, 0, "client-305.cap: accepted, "},
		{[]string{client, server}, nil, 0, "server-305.cap: accepted, "},
		{[]string{broken, server}, nil, 1, "CAP components: Header at offset 3: want 9 bytes, got 0 left"},
	} {
		verdicts, err := Verify(c.files, c.libraries)
		if err != nil {
			t.Fatal(err)
		}
		var b bytes.Buffer
		if err := WriteVerdicts(&b, verdicts); err != nil {
			t.Fatal(err)
		}
		if Refused(verdicts) != c.refused || !strings.Contains(b.String(), c.want) {
			t.Errorf("%v: %d refused, want %d, with %q:\n%s", c.files, Refused(verdicts), c.refused, c.want, &b)
		}
	}
	if _, err := Verify(nil, []string{broken + "x"}); err == nil {
		t.Error("a library that is not there")
	}
}
