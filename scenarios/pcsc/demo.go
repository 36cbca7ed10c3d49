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

// Personalise loads the JPKI application onto a new card through the issuer's
// secure channel, with a key and a certificate that follow from the seed, and
// sets the PIN to DemoPIN. The certificate says that it is a test's. The card is
// reset afterwards. meter may be nil. Spec: SPEC-PCSC-030.
func Personalise(ctx context.Context, c *profile.Card, seed uint64, meter personalise.Meter) (*personalise.Report, error) {
	file, err := cap.Open(applet.CAP)
	if err != nil {
		return nil, err
	}
	set, err := c.Profile.Keys(c.Number)
	if err != nil {
		return nil, err
	}
	defer set.Wipe()
	sim, err := uicc.AppendICCID(nil, c.Profile.ICCID(c.Number))
	if err != nil {
		return nil, err
	}
	cfg := personalise.Config{Card: c, CardName: c.Chip.Name, ClockHz: c.Chip.ClockHz, Meter: meter, Seed: seed, Delivered: true,
		LoadFile: file.LoadFile(nil, file.Descriptor != nil), SCP: byte(c.Profile.Channel.Protocol), Keys: &set, SIM: sim,
		Level: c.Profile.Level(), BlockBytes: min(c.Profile.BlockBytes(), perso.MaxBlockBytes), Authority: perso.ECDSAAuthority{Key: c.AuthorityKey()}}
	if cfg.SCP == gp.SCP02 {
		cfg.SCP02I = c.Profile.Channel.I
	}
	report, err := personalise.Run(ctx, cfg)
	if err != nil {
		return report, fmt.Errorf("personalising a card of profile %s: %w", c.Profile.Name, err)
	}
	_, err = c.Reset(ctx, false)
	return report, err
}
