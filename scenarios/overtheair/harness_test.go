package overtheair

import (
	"fmt"
	"testing"

	"inkan/core/apdu"
	"inkan/core/entropy"
	"inkan/core/gp"
	"inkan/core/scp/scp80"
	"inkan/core/scp/scp80/remote"
	"inkan/scenarios/pcsc"
	"inkan/scenarios/personalise"
	"inkan/sim/clock"
	"inkan/sim/profile"
)

const seed = 1

// demo is card 1 of a profile with the application by secure channel, and a meter.
func demo(t testing.TB, p *profile.Profile) (*profile.Card, personalise.Meter, *personalise.Report) {
	t.Helper()
	chip, err := p.ChipData()
	if err != nil {
		t.Fatal(err)
	}
	k := new(clock.Clock)
	meter := personalise.NewMeter(chip, k)
	c, err := profile.New(p, profile.Parts{Number: 1, Entropy: entropy.Seeded(seed, "card"), Clock: k, Observer: meter})
	if err != nil {
		t.Fatal(err)
	}
	report, err := pcsc.Personalise(t.Context(), c, seed, nil)
	if err != nil {
		t.Fatal(err)
	}
	return c, meter, report
}

// linkTo is a link to a domain over a network without losses.
func linkTo(t testing.TB, c *profile.Card, target Target, counter scp80.Counter, format remote.Format) *Link {
	t.Helper()
	n, err := NewNetwork(&Handset{Card: c}, Conditions{}, seed)
	if err != nil {
		t.Fatal(err)
	}
	l, err := target.Connect(n, counter, format, 0)
	if err != nil {
		t.Fatal(err)
	}
	return l
}

// target is that of a profile's card 1.
func target(t testing.TB, p *profile.Profile) Target {
	t.Helper()
	v, err := TargetOf(p, 1)
	if err != nil {
		t.Fatal(err)
	}
	return v
}

// registry is what the issuer's domain lists.
func registry(t testing.TB, c *profile.Card) string {
	t.Helper()
	issuer := target(t, c.Profile)
	keys, err := c.Profile.OTAKeys(c.Number)
	if err != nil {
		t.Fatal(err)
	}
	issuer.Domain, issuer.TAR, issuer.Keys = gp.AIDIssuerSecurityDomain, scp80.TARIssuerSD, keys
	l := linkTo(t, c, issuer, new(Memory), remote.Expanded)
	if err := l.Open(t.Context()); err != nil {
		t.Fatal(err)
	}
	list := ""
	for _, subset := range []gp.Subset{gp.SubsetIssuerSecurityDomain, gp.SubsetApplications, gp.SubsetLoadFilesAndModules} {
		b, err := gp.Exchange(t.Context(), l, gp.GetStatus{Subset: subset}, nil)
		list += fmt.Sprintf("%X %v\n", b, err)
	}
	return list
}

// command is a typed command as bytes.
func command(t testing.TB, c gp.Command) []byte {
	t.Helper()
	a, err := c.APDU(nil)
	if err != nil {
		t.Fatal(err)
	}
	raw, err := a.Append(nil)
	if err != nil {
		t.Fatal(err)
	}
	return raw
}

// decoded is a command to put into scripts.
func decoded(t testing.TB, c gp.Command) apdu.Command {
	t.Helper()
	a, err := apdu.DecodeCommand(command(t, c))
	if err != nil {
		t.Fatal(err)
	}
	return a
}
