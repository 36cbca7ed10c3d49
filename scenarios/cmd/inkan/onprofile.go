package main

import (
	"fmt"

	"github.com/spf13/cobra"

	"inkan/core/entropy"
	"inkan/scenarios/pcsc"
	"inkan/scenarios/personalise"
	"inkan/sim/clock"
	"inkan/sim/profile"
)

// putCard makes the card that the flags ask for and puts it into the configuration:
// a bare one, or a profile's. done is to be called at the end.
func putCard(cmd *cobra.Command, c *personalise.Config) (done func(), err error) {
	flags := cmd.Flags()
	slot, t0, err := lineFlag(cmd)
	if err != nil {
		return nil, err
	}
	if flags.Changed("profile") {
		return putProfile(cmd, c, slot, t0)
	}
	chip, _ := flags.GetString("chip")
	m, err := personalise.NewModel(personalise.ModelConfig{Chip: chip, SCP: c.SCP, Seed: c.Seed, Slot: slot, T0: t0})
	if err != nil {
		return nil, err
	}
	m.Put(c)
	return func() {}, nil
}

// putProfile makes card 1 of a profile, deployed.
func putProfile(cmd *cobra.Command, c *personalise.Config, slot *profile.Slot, t0 bool) (done func(), err error) {
	for _, name := range []string{"chip", "scp", "own-channel"} {
		if cmd.Flags().Changed(name) {
			return nil, fmt.Errorf("%w: --%s and --profile exclude each other", errUsage, name)
		}
	}
	p, err := profileOf(cmd, "profile")
	if err != nil {
		return nil, err
	}
	chip, err := p.ChipData()
	if err != nil {
		return nil, err
	}
	k := new(clock.Clock)
	meter := personalise.NewMeter(chip, k)
	card, err := profile.New(p, profile.Parts{Number: 1, T0: t0, Clock: k, Entropy: entropy.Seeded(c.Seed, "card"), Observer: meter, Slot: slot})
	if err != nil {
		return nil, err
	}
	c.Meter = meter
	return pcsc.Put(cmd.Context(), card, c)
}

// profileOf is the profile that a flag names.
func profileOf(cmd *cobra.Command, flag string) (*profile.Profile, error) {
	name, _ := cmd.Flags().GetString(flag)
	p := profile.Named(name)
	if p == nil {
		return nil, fmt.Errorf("%w: --%s %q: want one of %s", errUsage, flag, name, pcsc.ProfileNames())
	}
	return p, nil
}
