package jpki_test

import (
	"bytes"
	"crypto"
	"crypto/rsa"
	"crypto/sha256"
	"testing"

	vocabulary "inkan/core/jpki"
	"inkan/core/scp"
	"inkan/spec/req"
)

// TestIssue runs the whole of an issue: both forms, both origins of keys, both
// ways of STORE DATA, at several levels, with and without authority.
func TestIssue(t *testing.T) {
	req.Covers(t, "SPEC-PERSO-001", "SPEC-PERSO-030", "SPEC-PERSO-041", "SPEC-PERSO-048", "SPEC-PERSO-051", "SPEC-JPKI-AP-062",
		"SPEC-JPKI-AP-070")
	for _, k := range []struct {
		name   string
		opt    options
		origin vocabulary.Origin
		own    bool
		level  scp.Level
	}{
		{"SIM on-card", options{}, vocabulary.OriginOnCard, false, 0x33},
		{"SIM delivered", options{}, vocabulary.OriginDelivered, true, 0x13},
		{"SIM attested without R-MAC", options{}, vocabulary.OriginDelivered, true, 0x01},
		{"SIM in SCP02, own", options{scp02: true}, vocabulary.OriginDelivered, true, 0x03},
		{"SIM in SCP02", options{scp02: true}, vocabulary.OriginOnCard, false, 0x01},
		{"card on-card", options{parameters: cardForm}, vocabulary.OriginOnCard, true, 0x33},
		{"card delivered", options{parameters: cardForm, noAuthority: true}, vocabulary.OriginDelivered, false, 0x11},
	} {
		t.Run(k.name, func(t *testing.T) {
			r := newRig(t, k.opt)
			a := r.authority()
			card := r.domain
			if k.own {
				card = r.own
			}
			c := card(k.level)
			a.place(c, a.newOrder(vocabulary.PurposeIssue, k.origin, rolesOf(k.opt), 1))
			a.fill(c)
			a.activate(c)
			a.setPINs()
			a.working()
		})
	}
}

// working checks that all content is there and usable.
func (a *authority) working() {
	a.Helper()
	digest := sha256.Sum256([]byte("to be signed"))
	a.selectApplication()
	for _, role := range roleList {
		if !a.order.Roles.Has(role) {
			continue
		}
		a.want(verify(role, pins[role]), "9000")
		signature := a.get(sign(0x02, role, digest[:]))
		if err := rsa.VerifyPKCS1v15(a.public[role], crypto.SHA256, digest[:], signature); err != nil {
			a.Fatal(err)
		}
		for file, want := range map[vocabulary.EF][]byte{role.Certificate(): certificate(role, false, a.size),
			role.CACertificate(): certificate(role, true, 1200)} {
			got, err := vocabulary.ReadFile(ctx, a.card, file, nil)
			if err != nil || !bytes.Equal(got, want) {
				a.Fatalf("%v: %d bytes, %v", file, len(got), err)
			}
		}
	}
}
