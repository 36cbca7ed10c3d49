package pcsc

import (
	"context"
	"fmt"

	"inkan/core/cap"
	"inkan/core/gp"
	"inkan/core/jpki/perso"
	"inkan/core/uicc"
	"inkan/scenarios/personalise"
	applet "inkan/sim/applets/jpki"
	"inkan/sim/profile"
)

// DemoPIN is the PIN of a personalised card. It stands in the manual.
const DemoPIN = "1234"

// Personalise loads the JPKI application onto a new card through the secure channel
// of the issuer's domain, or of the provider's in the other deployment models, with
// a key and a certificate that follow from the seed, and
// sets the PIN to DemoPIN. The certificate says that it is a test's. The card is
// reset afterwards. meter may be nil. Spec: SPEC-PCSC-030.
func Personalise(ctx context.Context, c *profile.Card, seed uint64, meter personalise.Meter) (*personalise.Report, error) {
	d, err := deploy(ctx, c, seed)
	if err != nil {
		return nil, fmt.Errorf("a card of profile %s: %w", c.Profile.Name, err)
	}
	defer d.keys.Wipe()
	report, err := through(ctx, c, &d, seed, meter)
	if err != nil {
		return report, fmt.Errorf("personalising a card of profile %s: %w", c.Profile.Name, err)
	}
	_, err = c.Reset(ctx, false)
	return report, err
}

// through loads and personalises through a domain.
func through(ctx context.Context, c *profile.Card, d *domain, seed uint64, meter personalise.Meter) (*personalise.Report, error) {
	file, err := cap.Open(applet.CAP)
	if err != nil {
		return nil, err
	}
	cfg := personalise.Config{Meter: meter, Seed: seed, Delivered: true, LoadFile: file.LoadFile(nil, file.Descriptor != nil)}
	if err := put(c, d, &cfg); err != nil {
		return nil, err
	}
	return personalise.Run(ctx, cfg)
}

// Put makes a new card the card of a configuration: it makes the provider's domain
// where the deployment model has one, and sets channel, keys, domain and names.
// wipe wipes the keys when they are not needed any more.
func Put(ctx context.Context, c *profile.Card, cfg *personalise.Config) (wipe func(), err error) {
	d, err := deploy(ctx, c, cfg.Seed)
	if err != nil {
		return nil, fmt.Errorf("a card of profile %s: %w", c.Profile.Name, err)
	}
	if err := put(c, &d, cfg); err != nil {
		d.keys.Wipe()
		return nil, err
	}
	return d.keys.Wipe, nil
}

// put sets what a configuration says about the card and its domain.
func put(c *profile.Card, d *domain, cfg *personalise.Config) (err error) {
	if cfg.SIM, err = uicc.AppendICCID(nil, c.Profile.ICCID(c.Number)); err != nil {
		return err
	}
	p := c.Profile
	cfg.Card, cfg.CardName, cfg.ClockHz = c, c.Chip.Name, c.Chip.ClockHz
	if line := c.Line(); line != nil {
		cfg.Line = line.String()
	}
	cfg.Domain, cfg.Keys, cfg.Token = d.aid, &d.keys, d.token
	cfg.SCP, cfg.Level, cfg.BlockBytes = p.Channel.Protocol, p.Level(), blockBytes(p)
	if cfg.SCP == gp.SCP02 {
		cfg.SCP02I = p.Channel.I
	}
	cfg.Authority = perso.ECDSAAuthority{Key: c.AuthorityKey()}
	cfg.Receipts, err = personalise.ReceiptsOf(p, c.Number)
	return err
}

// blockBytes is the plain data of one protected command: as much as the card takes,
// and the personalisation sends.
func blockBytes(p *profile.Profile) int { return min(p.BlockBytes(), perso.MaxBlockBytes) }
