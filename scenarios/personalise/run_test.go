package personalise

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"strings"
	"testing"

	"inkan/core/iso7816"
	"inkan/core/jpki"
	"inkan/core/jpki/perso"
	"inkan/spec/req"
)

// withDouble runs against the double.
func withDouble(t *testing.T, lie string, change func(*Config)) (*Report, error) {
	t.Helper()
	d, err := newDouble(lie)
	if err != nil {
		t.Fatal(err)
	}
	c := Config{Card: d, CardName: "double", Seed: 3, Authority: perso.ECDSAAuthority{Key: &d.attest.PublicKey}}
	if change != nil {
		change(&c)
	}
	return Run(t.Context(), c)
}

// cardForm is the form with both keys.
func cardForm(c *Config) { p := jpki.Defaults(jpki.FormCard); c.Parameters = &p }

// The whole way, in both forms and with both origins of keys: the signature and
// the chain verify.
func TestRun(t *testing.T) {
	for name, change := range map[string]func(*Config){
		"SIM": nil, "card": cardForm, "delivered": func(c *Config) { c.Delivered = true },
		"card, delivered": func(c *Config) { cardForm(c); c.Delivered = true },
		"unattested":      func(c *Config) { c.Unattested, c.Authority = true, nil },
	} {
		t.Run(name, func(t *testing.T) {
			r, err := withDouble(t, "", change)
			if err != nil {
				t.Fatal(err)
			}
			roles := 1 + strings.Count(r.Form, "card")
			if len(r.Issued) != roles || len(r.Steps) < 10 || r.Total.Commands < 20 {
				t.Errorf("%d issued, %d steps, %d commands", len(r.Issued), len(r.Steps), r.Total.Commands)
			}
			sum := 0
			for _, s := range r.Steps {
				sum += s.SentBytes
			}
			if sum != r.Total.SentBytes {
				t.Errorf("%d bytes in steps, %d in total", sum, r.Total.SentBytes)
			}
		})
	}
}

// A card that lies is found out, at the step where it does.
func TestLies(t *testing.T) {
	req.Covers(t, "SPEC-PERSO-070", "SPEC-PERSO-072", "SPEC-PERSO-073")
	for lie, want := range map[string]struct {
		err  error
		step string
	}{
		"attestation": {perso.ErrAttestation, "ORDER"},
		"load file":   {perso.ErrAttestation, "ORDER"},
		"proof":       {perso.ErrProof, "GENERATE auth"},
		"receipt":     {perso.ErrReceipt, "ACTIVATE"},
		"retry":       {nil, "VERIFY auth"},
		"certificate": {nil, "READ BINARY"},
		"signature":   {nil, "READ BINARY"},
	} {
		r, err := withDouble(t, lie, nil)
		if err == nil || want.err != nil && !errors.Is(err, want.err) {
			t.Errorf("%s: %v, want %v", lie, err, want.err)
		}
		if got := r.Steps[len(r.Steps)-1].Name; got != want.step {
			t.Errorf("%s: the last step is %s, want %s", lie, got, want.step)
		}
	}
	_, err := withDouble(t, "", func(c *Config) { c.Authority = nil })
	if !errors.Is(err, perso.ErrAttestation) {
		t.Errorf("without an authority: %v", err)
	}
}

// A seed decides every byte.
func TestDeterministic(t *testing.T) {
	one, err := withDouble(t, "", nil)
	if err != nil {
		t.Fatal(err)
	}
	again, _ := withDouble(t, "", nil)
	if !reflect.DeepEqual(one, again) {
		t.Error("the same seed gives another report")
	}
	var keys [][]byte
	for seed := range uint64(2) {
		r, err := withDouble(t, "", func(c *Config) { c.Seed, c.Delivered = seed, true })
		if err != nil {
			t.Fatal(err)
		}
		keys = append(keys, r.Issued[0].Certificate)
	}
	if bytes.Equal(keys[0], keys[1]) {
		t.Error("another seed gives the same key")
	}
}

// Neither PIN nor code is in a report.
func TestReportHasNoSecret(t *testing.T) {
	r, err := withDouble(t, "", func(c *Config) { c.PINs = map[jpki.Role]string{jpki.Auth: "9139"} })
	if err != nil {
		t.Fatal(err)
	}
	r.Issued, r.Message = nil, nil
	for i := range r.Steps {
		r.Steps[i].Figures = Figures{}
	}
	r.Total = Figures{}
	b, err := json.Marshal(r)
	if err != nil {
		t.Fatal(err)
	}
	if s := string(b); strings.Contains(s, "9139") {
		t.Error(s)
	}
}

func TestConfigShowsNoPIN(t *testing.T) {
	c := &Config{CardName: "double", PINs: map[jpki.Role]string{jpki.Auth: "9139"}}
	b, err := json.Marshal(c)
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range []string{fmt.Sprintf("%v", c), fmt.Sprintf("%+v", *c), fmt.Sprintf("%#v", c), fmt.Sprintf("%s", c), string(b)} {
		if strings.Contains(s, "9139") || !strings.Contains(s, "personalisation on double") {
			t.Error(s)
		}
	}
}

func TestConfigRefuses(t *testing.T) {
	for name, change := range map[string]func(*Config){
		"no card": func(c *Config) { c.Card = nil }, "protocol": func(c *Config) { c.SCP = 1 },
		"PIN":      func(c *Config) { c.PINs = map[jpki.Role]string{jpki.Auth: "12345"} },
		"sign PIN": func(c *Config) { c.PINs = map[jpki.Role]string{jpki.Sign: "abc123"} },
	} {
		_, err := withDouble(t, "", change)
		if err == nil || strings.Contains(err.Error(), "12345") || strings.Contains(err.Error(), "abc123") {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// A refusal names the step and keeps the status word.
func TestRefusal(t *testing.T) {
	_, err := withDouble(t, "", func(c *Config) { c.SCP, c.Card = 3, refusing{} })
	if !errors.Is(err, iso7816.FileNotFound) || !strings.HasPrefix(err.Error(), "OPEN CHANNEL: ") {
		t.Error(err)
	}
}
