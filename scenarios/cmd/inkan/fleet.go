package main

import (
	"encoding/binary"
	"fmt"
	"io"

	"github.com/spf13/cobra"

	"inkan/core/entropy"
	"inkan/scenarios/fleet"
)

func newFleet() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "fleet",
		Short: "Many phones at the same time, each with a life and some trouble",
		Long: `Lets many phones live in one world at the same time: each with a person, a My Number
Card, a SIM of one of the carriers and a life of its own, from the application to
loss, PIN reset, transfer or disposal. Messages are lost, doubled, late or forged,
servers die, cards lose power, SIMs are full, people give up.

At its end it makes sure of what must hold of all parties together: one certificate
for a person, no key without certificate, nothing on a SIM that nobody knows, unbroken
audit trails. Everything follows from the seed, which is printed; only times that the
machine took are no part of that. A phone whose life ends as it must not prints the
command that has it live alone: the same person, SIM and life, but other losses of
messages, which follow from all that are sent. The same ones it meets only in the
whole fleet of that seed.`,
		Example: "  inkan fleet --phones 20\n  inkan fleet --phones 1000 --seed 7\n  inkan fleet --phones 1000 --seed 7 --only 93",
		Args:    noArgs,
		RunE:    runFleet,
	}
	f := cmd.Flags()
	f.Int("phones", 100, "how many phones")
	f.Uint64("seed", 0, "everything follows from it (default: another fleet each time)")
	f.Int("only", 0, "the number of the one phone that lives (default: all do)")
	f.Bool("calm", false, "nothing goes wrong with messages and servers")
	return cmd
}

func runFleet(cmd *cobra.Command, _ []string) error {
	f, out := cmd.Flags(), cmd.OutOrStdout()
	var c fleet.Config
	c.Phones, _ = f.GetInt("phones")
	c.Seed, _ = f.GetUint64("seed")
	c.Only, _ = f.GetInt("only")
	c.Calm, _ = f.GetBool("calm")
	if c.Phones < 1 || c.Only < 0 || c.Only > c.Phones {
		return fmt.Errorf("%w: --phones %d --only %d: want at least one phone, and one of them", errUsage, c.Phones, c.Only)
	}
	if !f.Changed("seed") {
		var b [8]byte
		entropy.System().Fill(b[:])
		c.Seed = binary.BigEndian.Uint64(b[:])
	}
	var end func()
	c.Told, end = fleetProgress(cmd.ErrOrStderr(), c.Phones)
	defer end()
	r, err := fleet.Run(cmd.Context(), c)
	if r == nil {
		return err
	}
	if err := r.Write(out); err != nil {
		return err
	}
	switch {
	case err != nil:
		whole, _ := r.Replay(0)
		return fmt.Errorf("%w\nagain: %s", err, whole)
	case len(r.Failures) > 0:
		return fmt.Errorf("%d of %d phones failed", len(r.Failures), r.Ended)
	}
	return nil
}

// fleetProgress tells how many phones have ended: on a terminal in one line that changes,
// else a line at each tenth of a large fleet. end clears what a terminal shows.
func fleetProgress(out io.Writer, phones int) (told func(ended int), end func()) {
	if isTerminal(out) {
		return func(ended int) { fmt.Fprintf(out, "\r%d of %d phones", ended, phones) },
			func() { fmt.Fprint(out, "\r\x1b[K") }
	}
	const large = 1000
	said := 0
	return func(ended int) {
		if tenth := 10 * ended / phones; phones >= large && tenth > said {
			said = tenth
			fmt.Fprintf(out, "%d of %d phones\n", ended, phones)
		}
	}, func() {}
}
