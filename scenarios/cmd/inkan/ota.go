package main

import (
	"context"
	"fmt"
	"io"
	"os"

	"github.com/spf13/cobra"

	"inkan/core/entropy"
	"inkan/core/scp/scp80/remote"
	"inkan/scenarios/overtheair"
	"inkan/scenarios/pcsc"
	"inkan/scenarios/personalise"
	"inkan/sim/clock"
	"inkan/sim/profile"
)

func newOTA() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "ota",
		Short: "Replace the application on a SIM by short messages alone",
		Long: `Makes a card of a carrier with the JPKI application on it, takes the application
away and loads, installs and personalises it again, all by SCP80 packets in short
messages; then sets the PIN and signs. The network may lose messages, deliver them
twice or late: the server sends again and asks what became of its commands.

Prints what each step costs: packets, messages and bytes over the air, the card's
time by cause, and how long it would take with the documented parameters of the
network. The same seed gives the same bytes.`,
		Example: "  inkan ota\n  inkan ota --profile hayate --loss 10\n  inkan ota --profile akebono --format expanded --json",
		Args:    noArgs,
		RunE:    runOTA,
	}
	f := cmd.Flags()
	f.String("profile", profile.Test().Name, "whose card it is: "+pcsc.ProfileNames())
	f.Uint32("number", 1, "number of the card")
	f.Uint64("seed", 1, "seed of all randomness")
	f.Int("loss", 0, "percent of the messages that are lost")
	f.Int("duplicate", 0, "percent that arrive twice")
	f.Int("late", 0, "percent that arrive after the next one")
	f.String("format", "", "compact or expanded (default: the carrier's)")
	f.Int("parts", overtheair.MaxParts, "most messages of a packet, 2 to 8")
	f.Bool("delivered", false, "the authority makes the key and delivers it")
	f.Bool("json", false, "print as JSON")
	return cmd
}

func runOTA(cmd *cobra.Command, _ []string) error {
	c, p, number, err := otaConfig(cmd)
	if err != nil {
		return err
	}
	errOut := cmd.ErrOrStderr()
	show := otaProgress(errOut)
	show("the card, with the application by secure channel", nil)
	if err := otaCard(cmd.Context(), &c, p, number); err != nil {
		return err
	}
	c.Progress = show
	report, failed := overtheair.Run(cmd.Context(), c)
	if report == nil {
		return failed
	}
	if err := printOr(cmd, report, func() error { return report.Write(cmd.OutOrStdout()) }); err != nil {
		return err
	}
	return failed
}

// otaCard makes a card with the application and a meter.
func otaCard(ctx context.Context, c *overtheair.Config, p *profile.Profile, number uint32) error {
	chip, err := p.ChipData()
	if err != nil {
		return err
	}
	k := new(clock.Clock)
	meter := personalise.NewMeter(chip, k)
	card, err := profile.New(p, profile.Parts{Number: number, Entropy: entropy.Seeded(c.Seed, "card"), Clock: k, Observer: meter})
	if err != nil {
		return err
	}
	c.Card, c.Meter = card, meter
	_, err = pcsc.Personalise(ctx, card, c.Seed, nil)
	return err
}

func otaConfig(cmd *cobra.Command) (c overtheair.Config, p *profile.Profile, number uint32, err error) {
	f := cmd.Flags()
	if p, err = profileOf(cmd, "profile"); err != nil {
		return c, nil, 0, err
	}
	if number, _ = f.GetUint32("number"); number > profile.MaxNumber {
		return c, nil, 0, fmt.Errorf("%w: --number %d: want at most %d", errUsage, number, profile.MaxNumber)
	}
	c.Seed, _ = f.GetUint64("seed")
	c.Delivered, _ = f.GetBool("delivered")
	c.Parts, _ = f.GetInt("parts")
	c.Conditions.Loss, _ = f.GetInt("loss")
	c.Conditions.Duplicate, _ = f.GetInt("duplicate")
	c.Conditions.Late, _ = f.GetInt("late")
	if err := c.Conditions.Check(); err != nil {
		return c, nil, 0, fmt.Errorf("%w: %w", errUsage, err)
	}
	if c.Parts < 2 || c.Parts > overtheair.MaxParts {
		return c, nil, 0, fmt.Errorf("%w: --parts %d: want 2 to %d", errUsage, c.Parts, overtheair.MaxParts)
	}
	switch format, _ := f.GetString("format"); format {
	case "":
	case "compact":
		c.Format = remote.Compact
	case "expanded":
		c.Format = remote.Expanded
	default:
		return c, nil, 0, fmt.Errorf("%w: --format %s: want compact or expanded", errUsage, format)
	}
	return c, p, number, nil
}

// otaProgress shows the step that runs on a terminal, and what it has cost.
func otaProgress(w io.Writer) func(string, *overtheair.Step) {
	file, ok := w.(*os.File)
	if ok {
		info, err := file.Stat()
		ok = err == nil && info.Mode()&os.ModeCharDevice != 0
	}
	return func(name string, done *overtheair.Step) {
		switch {
		case !ok:
		case done == nil:
			fmt.Fprintf(w, "\r\x1B[K%s …", name)
		case done.Packets > 0:
			fmt.Fprintf(w, "\r\x1B[K%s: %d messages", name, done.Traffic.Messages)
		default:
			fmt.Fprint(w, "\r\x1B[K")
		}
	}
}
