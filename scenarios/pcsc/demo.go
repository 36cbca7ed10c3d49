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
	sim, err := uicc.AppendICCID(nil, c.Profile.ICCID(c.Number))
	if err != nil {
		return nil, err
	}
	p := c.Profile
	cfg := personalise.Config{Card: c, CardName: c.Chip.Name, ClockHz: c.Chip.ClockHz, Meter: meter, Seed: seed, Delivered: true,
		LoadFile: file.LoadFile(nil, file.Descriptor != nil), SIM: sim, Domain: d.aid, Keys: &d.keys, Token: d.token,
		SCP: p.Channel.Protocol, Level: p.Level(), BlockBytes: blockBytes(p),
		Authority: perso.ECDSAAuthority{Key: c.AuthorityKey()}}
	if cfg.SCP == gp.SCP02 {
		cfg.SCP02I = p.Channel.I
	}
	return personalise.Run(ctx, cfg)
}

// blockBytes is the plain data of one protected command: as much as the card takes,
// and the personalisation sends.
func blockBytes(p *profile.Profile) int { return min(p.BlockBytes(), perso.MaxBlockBytes) }
