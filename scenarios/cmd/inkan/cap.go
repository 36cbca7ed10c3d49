package main

import (
	"encoding/json"
	"fmt"

	"github.com/spf13/cobra"

	"inkan/scenarios/capfile"
)

func newCap() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "cap",
		Short: "Build, inspect, verify, link and run Java Card CAP files",
		Args:  noArgs,
		RunE:  func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	cmd.AddCommand(newCapBuild(), newCapInspect(), newCapVerify(), newCapLink(), newCapRun())
	return cmd
}

func newCapInspect() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "inspect FILE",
		Short: "Show what a CAP file contains",
		Long: `Shows package, components with their sizes, imports by name, applets and
classes of a CAP file: a ZIP file, or its components one after another as they
are loaded to a card. A folder of sources or class files is built first, as by
"inkan cap build".`,
		Example: "  inkan cap inspect spec/corpus/arith/arith-305.cap\n  inkan cap inspect --disassemble spec/corpus/arith/arith-305.cap",
		Args:    files(1, 1),
		RunE:    inspectCap,
	}
	cmd.Flags().Bool("disassemble", false, "show the bytecode of all methods")
	cmd.Flags().Bool("json", false, "print as JSON")
	return cmd
}

func newCapVerify() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "verify FILE...",
		Short: "Verify that CAP files are safe to execute",
		Long: `Verifies structure and bytecode of CAP files against the Java Card, GlobalPlatform
and UICC packages, the libraries given with --lib, and each other. A folder of
sources or class files is built first. Prints every finding; the exit code is 1
when a file is refused.`,
		Example: "  inkan cap verify spec/corpus/arith/arith-305.cap\n  inkan cap verify --lib spec/corpus/lib/lib-305.cap spec/corpus/libuser/libuser-305.cap",
		Args:    files(1, -1),
		RunE:    verifyCaps,
	}
	cmd.Flags().StringArray("lib", nil, "CAP file of an imported library (may be repeated)")
	cmd.Flags().Bool("json", false, "print as JSON")
	return cmd
}

// files wants between least and most arguments; most -1 is any number.
func files(least, most int) cobra.PositionalArgs {
	return func(cmd *cobra.Command, args []string) error {
		if len(args) < least || most >= 0 && len(args) > most {
			return fmt.Errorf("%w: %d files given: want inkan %s", errUsage, len(args), "cap "+cmd.Use)
		}
		return nil
	}
}

func inspectCap(cmd *cobra.Command, args []string) error {
	disassemble, err := cmd.Flags().GetBool("disassemble")
	if err != nil {
		return err
	}
	f, err := capfile.Read(args[0])
	if err != nil {
		return err
	}
	i, err := capfile.Inspect(args[0], f, disassemble)
	if err != nil {
		return err
	}
	return printOr(cmd, i, func() error { return i.Write(cmd.OutOrStdout()) })
}

func verifyCaps(cmd *cobra.Command, args []string) error {
	libraries, err := cmd.Flags().GetStringArray("lib")
	if err != nil {
		return err
	}
	verdicts, err := capfile.Verify(args, libraries)
	if err != nil {
		return err
	}
	if err := printOr(cmd, verdicts, func() error { return capfile.WriteVerdicts(cmd.OutOrStdout(), verdicts) }); err != nil {
		return err
	}
	if n := capfile.Refused(verdicts); n > 0 {
		return fmt.Errorf("%d of %d files refused", n, len(verdicts))
	}
	return nil
}

// printOr prints a value as JSON when the command has that flag set, and text
// otherwise.
func printOr(cmd *cobra.Command, value any, text func() error) error {
	asJSON, err := cmd.Flags().GetBool("json")
	if err != nil {
		return err
	}
	if !asJSON {
		return text()
	}
	encoder := json.NewEncoder(cmd.OutOrStdout())
	encoder.SetIndent("", "  ")
	return encoder.Encode(value)
}
