package main

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"inkan/core/entropy"
	"inkan/core/jpki"
	"inkan/scenarios/report"
	"inkan/scenarios/report/page"
	"inkan/scenarios/report/terminal"
	"inkan/scenarios/stories"
	"inkan/scenarios/world"
)

func newRun() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "run [STORY...]",
		Short: "Play stories with all parties: application, download, use, loss, transfer, refusals",
		Long: `Plays stories with all parties of the model in one process: authority, municipality,
the service managers, carriers with their networks, phones with SIMs, My Number Cards,
a bank. They speak to each other by the bytes of the specs, and time is simulated. Each
story makes sure itself that it ended as it has to; the command fails when one did not.

Without STORY it plays "` + stories.Default + `"; all plays them all; --list names them. With --seed
everything is the same each time, to the byte, on 28 November 2026; without it each
run is another one, at the present time.`,
		Example: "  inkan run\n  inkan run everyday --html /tmp/everyday.html\n  inkan run transfer loss --seed 7\n  inkan run all --json > runs.json",
		RunE:    runStories,
	}
	addRunFlags(cmd)
	return cmd
}

// addRunFlags adds the flags of a run, which the program without a sub-command has too.
func addRunFlags(cmd *cobra.Command) {
	f := cmd.Flags()
	f.Uint64("seed", 0, "everything follows from it (default: another run each time)")
	f.Bool("list", false, "list the stories")
	f.Bool("delivered", false, "the authority makes the keys and delivers them (default: on the card)")
	f.Bool("json", false, "print the runs as JSON, one after the other")
	f.String("html", "", "write a run to this file: chart, commands, times, certificates; with several stories: to this folder")
}

func runStories(cmd *cobra.Command, names []string) error {
	if list, _ := cmd.Flags().GetBool("list"); list {
		return listStories(cmd.OutOrStdout())
	}
	chosen, err := storiesNamed(names)
	if err != nil {
		return err
	}
	if err := pagePlace(cmd, len(chosen) > 1); err != nil {
		return err
	}
	var failed []error
	for _, s := range chosen {
		run, err := playStory(cmd, s)
		if run != nil {
			err = errors.Join(err, showRun(cmd, run, len(chosen) > 1))
		}
		if err != nil {
			failed = append(failed, fmt.Errorf("%s: %w", s.Name, err))
		}
	}
	return errors.Join(failed...)
}

// pagePlace makes the folder for the pages of several stories, and refuses a folder as
// the page of one: before anything is played.
func pagePlace(cmd *cobra.Command, several bool) error {
	name, _ := cmd.Flags().GetString("html")
	if name == "" {
		return nil
	}
	if several {
		return os.MkdirAll(name, 0o777)
	}
	if info, err := os.Stat(name); err == nil && info.IsDir() {
		return fmt.Errorf("%w: --html %s: a folder: want a file, for one story", errUsage, name)
	}
	return nil
}

// storiesNamed are the stories of names; none: the default.
func storiesNamed(names []string) (list []*stories.Story, err error) {
	if len(names) == 0 {
		names = []string{stories.Default}
	}
	for _, n := range names {
		if n == "all" {
			return stories.All(), nil
		}
		s, err := stories.Named(n)
		if err != nil {
			return nil, fmt.Errorf("%w: %w", errUsage, err)
		}
		list = append(list, s)
	}
	return list, nil
}

func listStories(w io.Writer) error {
	table := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	for _, s := range stories.All() {
		fmt.Fprintf(table, "%s\t%s\t%s\n", s.Name, s.Title, s.TitleJA)
	}
	return table.Flush()
}

// playStory plays a story, with its steps as progress on a terminal.
func playStory(cmd *cobra.Command, s *stories.Story) (*report.Run, error) {
	f := cmd.Flags()
	var c world.Config
	c.Seed, _ = f.GetUint64("seed")
	if !f.Changed("seed") {
		var b [8]byte
		entropy.System().Fill(b[:])
		c.Seed, c.Start = binary.BigEndian.Uint64(b[:]), time.Now()
	}
	if delivered, _ := f.GetBool("delivered"); delivered {
		c.Origin = jpki.OriginDelivered
	}
	progress := terminal.NewProgress(cmd.ErrOrStderr(), isTerminal(cmd.ErrOrStderr()), terminalOptions(cmd.ErrOrStderr()))
	c.Report = &report.Config{Watch: progress}
	run, err := s.Play(cmd.Context(), c)
	progress.Clear()
	return run, err
}

// showRun prints a run, and writes its page where one is asked for.
func showRun(cmd *cobra.Command, run *report.Run, several bool) error {
	f, out := cmd.Flags(), cmd.OutOrStdout()
	asJSON, _ := f.GetBool("json")
	err := error(nil)
	if asJSON {
		err = run.WriteJSON(out)
	} else {
		err = terminal.Write(out, run, terminalOptions(out))
	}
	name, _ := f.GetString("html")
	if name == "" || err != nil {
		return err
	}
	if several {
		name = filepath.Join(name, run.Story+".html")
	}
	if err := writePage(name, run); err != nil {
		return err
	}
	fmt.Fprintf(cmd.ErrOrStderr(), "%s written\n", name)
	return nil
}

func writePage(name string, run *report.Run) error {
	file, err := os.Create(name)
	if err != nil {
		return err
	}
	return errors.Join(page.Write(file, run), file.Close())
}

// isTerminal reports whether a writer is a person's terminal.
func isTerminal(w io.Writer) bool {
	file, ok := w.(*os.File)
	if !ok {
		return false
	}
	info, err := file.Stat()
	return err == nil && info.Mode()&os.ModeCharDevice != 0
}

func terminalOptions(w io.Writer) terminal.Options {
	return terminal.Options{Colour: isTerminal(w) && os.Getenv("NO_COLOR") == "", Width: terminal.Width(w)}
}
