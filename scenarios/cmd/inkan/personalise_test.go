package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"inkan/core/jpki"
	"inkan/scenarios/personalise"
	applet "inkan/sim/applets/jpki"
)

// jpkiCAP is the application's CAP file.
func jpkiCAP(t *testing.T) string {
	t.Helper()
	name := filepath.Join(t.TempDir(), "jpki.cap")
	if err := os.WriteFile(name, applet.CAP, 0o600); err != nil {
		t.Fatal(err)
	}
	return name
}

func TestPersonalise(t *testing.T) {
	file, folder := jpkiCAP(t), filepath.Join(t.TempDir(), "out")
	text, err := output(t, "cap", "run", file, "--personalise", "--delivered", "--out", folder)
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"SIM form, key made by the authority and delivered", "inkan-sim-33 at 33 MHz", "SIGN auth", "modexp", "openssl verify -CAfile"} {
		if !strings.Contains(text, want) {
			t.Errorf("no %q in\n%s", want, text)
		}
	}
	for _, name := range []string{"message.bin", "auth-cert.pem", "auth-ca.pem", "auth-signature.bin"} {
		if info, err := os.Stat(filepath.Join(folder, name)); err != nil || info.Size() == 0 {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// The JSON form has all that is needed to verify; PINs and codes are not in it.
func TestPersonaliseJSON(t *testing.T) {
	file, message := jpkiCAP(t), filepath.Join(t.TempDir(), "text")
	if err := os.WriteFile(message, []byte("to be signed"), 0o600); err != nil {
		t.Fatal(err)
	}
	raw, err := output(t, "cap", "run", file, "--personalise", "--delivered", "--json", "--form", "card", "--own-channel", "--scp", "2",
		"--chip", "inkan-eeprom-60", "--pin", "9139", "--sign-pin", "ZZQQ77", "--seed", "7", "--message", message)
	if err != nil {
		t.Fatal(err)
	}
	var r personalise.Report
	if err := json.Unmarshal([]byte(raw), &r); err != nil {
		t.Fatal(err)
	}
	if r.Card != "inkan-eeprom-60" || r.Form != jpki.FormCard.String() || len(r.Issued) != 2 || string(r.Message) != "to be signed" {
		t.Errorf("%s %s, %d issued", r.Card, r.Form, len(r.Issued))
	}
	for _, i := range r.Issued {
		if err := i.Verify(r.Message, i.Certificate); err != nil {
			t.Error(err)
		}
	}
	if strings.Contains(raw, "ZZQQ77") || strings.Contains(raw, `"9139"`) {
		t.Error("a PIN is printed")
	}
}

func TestPersonaliseUsage(t *testing.T) {
	file := jpkiCAP(t)
	for line, want := range map[string]int{
		"cap run --delivered X": 2, "cap run --seed 3 X": 2, "cap run --personalise X X": 2, "cap run --personalise --form sign X": 2,
		"cap run --personalise --scp 1 X": 2, "cap run --personalise --pin 12 X": 2, "cap run --personalise --sign-pin abc X": 2,
		"cap run --personalise --apdu 00 X": 2, "cap run --personalise --cref X": 2, "cap run --personalise --chip none X": 1,
		"cap run --personalise --message none X": 1, "cap run --personalise nowhere.cap": 1,
		"cap run --personalise " + corpus + "arith/arith-305.cap": 1,
	} {
		if got := run(strings.Fields(strings.ReplaceAll(line, "X", file))); got != want {
			t.Errorf("inkan %s: exit code %d, want %d", line, got, want)
		}
	}
}
