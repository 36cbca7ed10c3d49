package ca

import (
	"strings"
	"testing"

	"inkan/ca/certificate"
	"inkan/ca/keys"
	"inkan/ca/registry"
	profile "inkan/core/jpki/certificate"
	"inkan/core/jpki/perso"
	"inkan/core/tsmp"
	"inkan/spec/req"
)

// With one key that nobody has published, the authority says which load files it
// places orders for, and which SIMs attest.
func TestProductionIsGuarded(t *testing.T) {
	req.Covers(t, "SPEC-CA-005")
	w := newWorld(t)
	operator := registry.Cause{Actor: registry.Operator}
	key, err := keys.Fresh{}.Next()
	w.ok(err)
	signer, err := keys.NewSigner(key)
	w.ok(err)
	w.now = w.now.AddDate(5, 0, 0)
	next, err := NewGeneration(t.Context(), w.reg, profile.AuthenticationAuthority, 2, signer, w.now, operator)
	w.ok(err)
	both, err := certificate.NewGenerations(w.ca.Issuers(profile.AuthenticationAuthority).All()[0], next)
	w.ok(err)
	for _, c := range []struct {
		name  string
		files []perso.Hash
		sims  Attestation
		want  string
	}{
		{"nothing", nil, nil, "Config.LoadFiles"},
		{"no load files", nil, attesting{w}, "Config.LoadFiles"},
		{"no inventory", []perso.Hash{{1}}, nil, "Config.Attestation"},
		{"keys, but not of which SIMs", []perso.Hash{{1}}, w, "Config.Attestation"},
		{"no offices", []perso.Hash{{1}}, attesting{w}, "Config.Offices"},
		{"no orders at all", []perso.Hash{}, attesting{w}, ""},
		{"all", []perso.Hash{{1}}, attesting{w}, ""},
	} {
		config := w.config
		config.Issuers = map[profile.Authority]*certificate.Generations{profile.SignatureAuthority: w.ca.Issuers(profile.SignatureAuthority), profile.AuthenticationAuthority: both}
		config.LoadFiles, config.Attestation, config.Offices = c.files, c.sims, map[tsmp.PartyID]string{}
		if c.want == "Config.Offices" {
			config.Offices = nil
		}
		_, err := New(config)
		switch {
		case c.want == "" && err != nil:
			t.Errorf("%s: %v", c.name, err)
		case c.want != "" && (err == nil || !strings.Contains(err.Error(), c.want) || !strings.Contains(err.Error(), "auth authority's generation 2")):
			t.Errorf("%s: %v, want an error about %s", c.name, err, c.want)
		}
	}
}
