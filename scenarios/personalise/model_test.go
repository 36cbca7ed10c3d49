package personalise

import (
	"bytes"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"inkan/core/cap"
	"inkan/core/iso7816"
	"inkan/core/jpki"
	"inkan/core/jpki/perso"
	applet "inkan/sim/applets/jpki"
)

// onModel runs on a card of the model, with the application as it is checked in.
func onModel(t testing.TB, model ModelConfig, change func(*Config)) (*Report, error) {
	t.Helper()
	f, err := cap.Open(applet.CAP)
	if err != nil {
		t.Fatal(err)
	}
	c := Config{Seed: 1, SCP: 3, Delivered: true, LoadFile: f.LoadFile(nil, f.Descriptor != nil)}
	if change != nil {
		change(&c)
	}
	model.SCP, model.Seed = c.SCP, c.Seed
	m, err := NewModel(model)
	if err != nil {
		t.Fatal(err)
	}
	m.Put(&c)
	return Run(t.Context(), c)
}

// The applet, loaded and executed by the card of the model, goes the whole way,
// by both channels, both protocols, in both forms, with both origins of keys.
func TestOnModel(t *testing.T) {
	for name, change := range map[string]func(*Config){
		"delivered":         nil,
		"on the card":       func(c *Config) { c.Delivered = false },
		"SCP02":             func(c *Config) { c.SCP = 2 },
		"own channel":       func(c *Config) { c.OwnChannel = true },
		"own channel SCP02": func(c *Config) { c.OwnChannel, c.SCP = true, 2 },
		"card":              cardForm,
		"life cycle":        func(c *Config) { c.LifeCycle = true },
		"card's life cycle": func(c *Config) { cardForm(c); c.LifeCycle, c.OwnChannel = true, true },
	} {
		t.Run(name, func(t *testing.T) {
			r, err := onModel(t, ModelConfig{}, change)
			if err != nil {
				t.Fatalf("%v, after %d steps", err, len(r.Steps))
			}
			if r.Card != "inkan-sim-33" || len(r.Issued) == 0 {
				t.Errorf("%s, %d issued", r.Card, len(r.Issued))
			}
			checkFigures(t, r)
			if last := r.Steps[len(r.Steps)-1]; strings.Contains(name, "life cycle") != strings.HasSuffix(last.Detail, "erased") {
				t.Errorf("the last step is %s, %s", last.Name, last.Detail)
			}
		})
	}
}

// checkFigures holds what was measured against itself: every cycle has a cause,
// and those of non-volatile memory are its operations'.
func checkFigures(t *testing.T, r *Report) {
	t.Helper()
	commands := 0
	for _, s := range r.Steps {
		sum := uint64(0)
		for _, n := range s.Causes {
			sum += n
		}
		if s.Cycles == 0 || sum != s.Cycles || s.Milliseconds == 0 {
			t.Errorf("%s: %d cycles, %d by cause, %f ms", s.Name, s.Cycles, sum, s.Milliseconds)
		}
		if memory := s.Causes["nvm-erase"] + s.Causes["nvm-program"]; memory != s.NVM.Cycles {
			t.Errorf("%s: %d cycles of memory, %d of its operations", s.Name, memory, s.NVM.Cycles)
		}
		if n := s.NVM; n.Writes > 0 && (n.Pages == 0 || n.Bytes == 0) || n.Pages > n.Bytes {
			t.Errorf("%s: %+v", s.Name, n)
		}
		commands += s.Commands
	}
	if p := r.Total.NVM.Pages; p == 0 || p > r.Total.NVM.Bytes {
		t.Errorf("%d pages in total", p)
	}
	if commands != r.Total.Commands {
		t.Errorf("%d commands in steps, %d in total", commands, r.Total.Commands)
	}
}

// A seed decides every byte and every cycle.
func TestModelDeterministic(t *testing.T) {
	var reports [3][]byte
	for i := range reports {
		r, err := onModel(t, ModelConfig{Chip: "inkan-eeprom-60"}, func(c *Config) { c.Seed = uint64(i / 2) })
		if err != nil {
			t.Fatal(err)
		}
		if reports[i], err = json.Marshal(r); err != nil {
			t.Fatal(err)
		}
	}
	if !bytes.Equal(reports[0], reports[1]) || bytes.Equal(reports[1], reports[2]) {
		t.Error("reports of seeds 0, 0 and 1 are not two alike and another")
	}
}

// On a card without authority the application takes no order, unless it was
// installed not to attest; and then the host has to know that.
func TestWithoutAuthority(t *testing.T) {
	parameters := jpki.Defaults(jpki.FormSIM)
	parameters.Attestation = jpki.AttestationIfAuthority
	without := ModelConfig{NoAuthority: true}
	_, err := onModel(t, without, nil)
	if !errors.Is(err, iso7816.ConditionsNotSatisfied) || !strings.HasPrefix(err.Error(), "ORDER: ") {
		t.Errorf("attestation is needed: %v", err)
	}
	if _, err := onModel(t, without, func(c *Config) { c.Parameters = &parameters }); !errors.Is(err, perso.ErrAttestation) {
		t.Errorf("the host wants an attestation: %v", err)
	}
	if _, err := onModel(t, without, func(c *Config) { c.Parameters, c.Unattested = &parameters, true }); err != nil {
		t.Error(err)
	}
}

func TestText(t *testing.T) {
	r, err := onModel(t, ModelConfig{}, nil)
	if err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	if err := r.Write(&b); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"SIM form, key made by the authority and delivered: SCP03", "inkan-sim-33 at 33 MHz", "ENVELOPE auth", "nvm-erase", "░"} {
		if !strings.Contains(b.String(), want) {
			t.Errorf("no %q in\n%s", want, &b)
		}
	}
	for line := range strings.Lines(b.String()) {
		if strings.TrimRight(line, " \n") != strings.TrimRight(line, "\n") {
			t.Errorf("blanks at the end of %q", line)
		}
	}
}

func TestLoadFile(t *testing.T) {
	folder := t.TempDir()
	good, other := filepath.Join(folder, "jpki.cap"), filepath.Join(folder, "other.cap")
	f, err := cap.Open(applet.CAP)
	if err != nil {
		t.Fatal(err)
	}
	components := f.LoadFile(nil, false)
	at := bytes.Index(components, []byte("\xF0inkanJP"))
	changed := bytes.Clone(components)
	changed[at+7]++
	for name, content := range map[string][]byte{good: applet.CAP, other: changed, filepath.Join(folder, "bad.cap"): {1, 2, 3}} {
		if err := os.WriteFile(name, content, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if b, err := LoadFile(t.Context(), good); err != nil || !bytes.HasPrefix(b, components[:20]) {
		t.Errorf("%d bytes, %v", len(b), err)
	}
	for name, want := range map[string]string{"other.cap": "is not the JPKI application", "bad.cap": "bad.cap: ", "none": "no such file"} {
		if _, err := LoadFile(t.Context(), filepath.Join(folder, name)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := NewModel(ModelConfig{Chip: "none"}); err == nil || !strings.Contains(err.Error(), "inkan-sim-33, inkan-eeprom-60") {
		t.Error(err)
	}
}
