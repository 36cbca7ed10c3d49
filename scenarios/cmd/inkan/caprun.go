package main

import (
	"encoding/hex"
	"fmt"
	"os"
	"strings"

	"github.com/spf13/cobra"

	"inkan/scenarios/capfile"
	"inkan/sim/profile"
)

func newCapLink() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "link FILE...",
		Short: "Load CAP files on a card of the model and list what is unresolved",
		Long: `Loads the files in their order, libraries first, on a bare card of the model and
links them. Prints the cycles, or every package, class, method and field that is
missing, by name. The exit code is 1 when a file can't be linked.`,
		Example: "  inkan cap link spec/corpus/arith/arith-305.cap",
		Args:    files(1, -1),
		RunE: func(cmd *cobra.Command, args []string) error {
			s, err := capfile.NewSession(args, false, false)
			if err != nil {
				return err
			}
			return printSteps(cmd, s.Link())
		},
	}
	cmd.Flags().Bool("json", false, "print as JSON")
	return cmd
}

func newCapRun() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "run FILE...",
		Short: "Install CAP files on a card of the model and send commands",
		Long: `Verifies the files (or folders of sources or class files, which it builds
first), loads them in their order on a bare card of the model, installs all their
applets, selects the first one, and sends the commands. Prints each response with its
cycles by cause.

A script has a command in hex on each line, or "command -> response", which is
compared; "# load NAME", "# create AID [parameters]" and "# reset" take the place
of loading and installing everything. The exit code is 1 when a step fails or a
response differs.

With --personalise the file is the JPKI application, or the folder of its Java
source, which is built: it is loaded through a secure channel, gets a key and the
certificate of the test authority, is activated, gets its first PIN, and
signs. Prints each step with its time and its writes to non-volatile memory. With
--profile this happens on a whole card of a carrier, through the domain and by the
channel that it has.

With --line commands travel over the line of a reader with a 4 MHz clock, which the
cycles then include.`,
		Example: "  inkan cap run spec/corpus/arith/arith-305.cap --apdu 8000000002\n  inkan cap run spec/corpus/arith/arith-305.cap --cref --script spec/corpus/arith/vectors.txt\n  inkan cap run sim/applets/jpki --personalise --out /tmp/jpki",
		Args:    files(1, -1),
		RunE:    runCaps,
	}
	cmd.Flags().StringArray("apdu", nil, "a command APDU in hex (may be repeated)")
	cmd.Flags().String("script", "", "file of commands")
	cmd.Flags().String("params", "", "install parameters in hex")
	cmd.Flags().Bool("cref", false, "answer as the reference simulator CREF does")
	cmd.Flags().Bool("unverified", false, "run what the verifier refuses")
	cmd.Flags().Bool("json", false, "print as JSON")
	cmd.Flags().String("line", "", "t0 or t1: over a line, by this protocol (default: commands reach the card at once)")
	cmd.MarkFlagsMutuallyExclusive("apdu", "script")
	addPersonaliseFlags(cmd)
	return cmd
}

func runCaps(cmd *cobra.Command, args []string) error {
	flags := cmd.Flags()
	if on, _ := flags.GetBool("personalise"); on {
		return personaliseCap(cmd, args)
	}
	if err := onlyWithPersonalise(cmd); err != nil {
		return err
	}
	commands, err := flags.GetStringArray("apdu")
	if err != nil {
		return err
	}
	script, _ := flags.GetString("script")
	params, _ := flags.GetString("params")
	cref, _ := flags.GetBool("cref")
	unverified, _ := flags.GetBool("unverified")
	slot, t0, err := lineFlag(cmd)
	if err != nil {
		return err
	}
	apdus, err := decodeHex(append([]string{params}, commands...))
	if err != nil {
		return err
	}
	s, err := capfile.NewSession(args, cref, unverified)
	if err != nil {
		return err
	}
	if slot != nil {
		if err := s.Insert(*slot, t0); err != nil {
			return err
		}
	}
	if !unverified {
		if err := s.Verify(); err != nil {
			return fmt.Errorf("refused by the verifier:\n%w", err)
		}
	}
	if script == "" {
		return printSteps(cmd, s.Run(apdus[0], apdus[1:]))
	}
	text, err := os.ReadFile(script)
	if err != nil {
		return err
	}
	steps, err := s.Script(string(text))
	if err != nil {
		return fmt.Errorf("%s: %w", script, err)
	}
	return printSteps(cmd, steps)
}

// lineFlag is the reader that --line asks for, nil without it, and whether by T=0.
func lineFlag(cmd *cobra.Command) (slot *profile.Slot, t0 bool, err error) {
	switch line, _ := cmd.Flags().GetString("line"); {
	case !cmd.Flags().Changed("line"):
		return nil, false, nil
	case line == "t0" || line == "t1":
		return new(profile.Slot), line == "t0", nil
	default:
		return nil, false, fmt.Errorf("%w: --line %s: want t0 or t1", errUsage, line)
	}
}

// decodeHex decodes arguments; blanks between bytes are allowed.
func decodeHex(words []string) ([][]byte, error) {
	out := make([][]byte, len(words))
	for i, w := range words {
		b, err := hex.DecodeString(strings.ReplaceAll(w, " ", ""))
		if err != nil {
			return nil, fmt.Errorf("%w: %q: %w", errUsage, w, err)
		}
		out[i] = b
	}
	return out, nil
}

func printSteps(cmd *cobra.Command, steps []capfile.Step) error {
	if err := printOr(cmd, steps, func() error { return capfile.WriteSteps(cmd.OutOrStdout(), steps) }); err != nil {
		return err
	}
	if n := capfile.Failures(steps); n > 0 {
		return fmt.Errorf("%d of %d steps went otherwise than expected", n, len(steps))
	}
	return nil
}
