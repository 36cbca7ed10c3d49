// Command inkan is the project's one program. Without a sub-command it plays
// the story from the application to a login with the key in the SIM.
//
// Exit codes: 0 success, 1 failure, 2 wrong usage.
package main

import (
	"errors"
	"fmt"
	"os"
	"strings"

	"github.com/spf13/cobra"

	"inkan/server/collector"
)

// errUsage marks errors of the command line itself.
var errUsage = errors.New("wrong usage")

func main() {
	collector.Set()
	os.Exit(run(os.Args[1:]))
}

// run executes a command line and returns the exit code.
func run(args []string) int {
	cmd := newRoot()
	cmd.SetArgs(args)
	switch used, err := cmd.ExecuteC(); {
	case err == nil:
		return 0
	case errors.Is(err, errUsage):
		fmt.Fprintf(os.Stderr, "inkan: %v\nSee %s --help.\n", err, used.CommandPath())
		return 2
	default:
		fmt.Fprintf(os.Stderr, "inkan: %v\n", err)
		return 1
	}
}

func newRoot() *cobra.Command {
	runs := newRun()
	root := &cobra.Command{
		Use:   "inkan",
		Short: "A reference implementation of the JPKI key in a phone's SIM",
		Long: `inkan (印鑑) is a reference implementation of putting the key and certificate of
the Japanese public personal authentication service into the SIM of a phone.

Without a sub-command it runs "inkan run": the story from an application signed with
a My Number Card, over the download into the SIM, to a login at a bank.`,
		Example:       "  inkan\n  inkan run transfer --html /tmp/transfer.html\n  inkan channel scp03\n  inkan cap run applet.cap --apdu 8000000000",
		Args:          noArgs,
		RunE:          runs.RunE,
		SilenceErrors: true,
		SilenceUsage:  true,
	}
	root.CompletionOptions.DisableDefaultCmd = true
	root.SetFlagErrorFunc(flagError)
	addRunFlags(root)
	root.AddCommand(runs, newChannel(), newCap(), newCard(), newOTA(), newCA(), newTSM(), newServe(), newPhone(), newFleet())
	return root
}

// flagError is an error of a flag, with what was expected in place of the name of the
// function that says so.
func flagError(_ *cobra.Command, err error) error {
	what, where, found := strings.Cut(err.Error(), ": strconv.")
	switch {
	case !found:
		return fmt.Errorf("%w: %w", errUsage, err)
	case strings.HasPrefix(where, "ParseBool"):
		return fmt.Errorf("%w: %s: want true or false", errUsage, what)
	case strings.HasPrefix(where, "ParseUint"):
		return fmt.Errorf("%w: %s: want a whole number from 0 on, not too large", errUsage, what)
	}
	return fmt.Errorf("%w: %s: want a whole number, not too large", errUsage, what)
}

// noArgs wants no argument; where there are sub-commands, one was meant to be one.
func noArgs(cmd *cobra.Command, args []string) error {
	switch {
	case len(args) == 0:
		return nil
	case cmd.HasSubCommands():
		return fmt.Errorf("%w: unknown sub-command %q", errUsage, args[0])
	}
	return fmt.Errorf("%w: %s takes no argument: got %q", errUsage, cmd.CommandPath(), args[0])
}
