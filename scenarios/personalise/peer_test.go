package personalise

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"inkan/spec/peer"
)

// OpenSSL verifies what the card signed, by the commands that are printed; and
// refuses another message.
func TestOpenSSLVerifies(t *testing.T) {
	peer.Need(t, "openssl")
	r, err := onModel(t, ModelConfig{}, cardForm)
	if err != nil {
		t.Fatal(err)
	}
	folder := filepath.Join(t.TempDir(), "it's here")
	commands, err := r.Save(folder)
	if err != nil || len(commands) != 4 {
		t.Fatal(commands, err)
	}
	for _, c := range commands {
		out, err := shell(t, c)
		if err != nil || !strings.Contains(out, "OK") {
			t.Errorf("%s: %v\n%s", c, err, out)
		}
	}
	if err := os.WriteFile(filepath.Join(folder, messageFile), []byte("another"), 0o600); err != nil {
		t.Fatal(err)
	}
	if out, err := shell(t, commands[1]); err == nil || !strings.Contains(out, "failure") {
		t.Errorf("another message: %v\n%s", err, out)
	}
}

func shell(t *testing.T, line string) (string, error) {
	c := exec.CommandContext(t.Context(), "/bin/sh", "-c", line)
	c.Env = []string{"PATH=/usr/bin:/bin", "LC_ALL=C"}
	out, err := c.CombinedOutput()
	return string(out), err
}

// A folder is built, and has to be the application.
func TestFolderOfSource(t *testing.T) {
	peer.Need(t, "javac")
	folder := t.TempDir()
	for name, text := range map[string]string{
		"cap.json": `{"aid": "F0696E6B6101", "version": "1.0", "applets": [{"aid": "F0696E6B610101", "class": "Other"}]}`,
		"other/Other.java": `package other;
import javacard.framework.*;
public class Other extends Applet {
	public static void install(byte[] b, short o, byte l) { new Other().register(); }
	public void process(APDU apdu) { }
}`,
	} {
		if err := os.MkdirAll(filepath.Dir(filepath.Join(folder, name)), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(folder, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	_, err := LoadFile(t.Context(), folder)
	if err == nil || !strings.Contains(err.Error(), "package F0696E6B6101 is not the JPKI application") {
		t.Error(err)
	}
}
