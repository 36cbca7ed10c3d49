package main

import (
	"encoding/binary"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/spf13/cobra"

	"inkan/core/entropy"
	"inkan/scenarios/enrolment"
	"inkan/scenarios/personalise"
)

func newCADemo() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "demo",
		Short: "One person's way: card, application, SIM, login, and what may happen afterwards",
		Long: `Plays the whole model in one process: a municipality registers a person and has a My
Number Card issued; the person signs an application with it; the authority verifies
it and a service manager puts key and certificate into the SIM of a phone; a bank
lets the person in, after asking for revocation by OCSP and by list. Then come a
second phone, a suspension, a move, a new card and its loss.

All messages are signed, cards are the simulated ones with their applets, and every
check is made. Keys are test keys. With --out everything that was issued is written
to a folder, and the openssl commands that confirm it are printed.

With --seed everything is the same each time, to the byte, on 28 November 2026;
without it each run is another one, at the present time.`,
		Example: "  inkan ca demo\n  inkan ca demo --out /tmp/inkan-ca --seed 1",
		Args:    noArgs,
		RunE:    demoCA,
	}
	f := cmd.Flags()
	f.String("out", "", "folder for certificates, lists, OCSP answers, applications and messages")
	f.Uint64("seed", 0, "everything follows from it (default: another story each time)")
	f.String("first-sim", "test", "profile of the first phone's SIM")
	f.String("second-sim", "hayate", "profile of the second phone's SIM")
	f.Bool("json", false, "print the story as JSON")
	return cmd
}

// storyLength is how long before the present a story without seed begins.
const storyLength = 20 * time.Minute

func demoCA(cmd *cobra.Command, _ []string) (err error) {
	f := cmd.Flags()
	c := enrolment.Config{Start: personalise.DefaultNow}
	c.Seed, _ = f.GetUint64("seed")
	for i, name := range []string{"first-sim", "second-sim"} {
		of, err := profileOf(cmd, name)
		if err != nil {
			return err
		}
		c.Profiles[i] = of.Name
	}
	if !f.Changed("seed") {
		var b [8]byte
		entropy.System().Fill(b[:])
		c.Seed, c.Start = binary.BigEndian.Uint64(b[:]), time.Now().Add(-storyLength)
	}
	folder, _ := f.GetString("out")
	if err := empty(folder); err != nil {
		return err
	}
	asJSON, _ := f.GetBool("json")
	out, number := cmd.OutOrStdout(), 0
	if !asJSON {
		c.Told = func(s *enrolment.Step) {
			number++
			if failed := enrolment.WriteStep(out, number, s); err == nil {
				err = failed
			}
		}
	}
	w, failed := enrolment.New(cmd.Context(), c)
	if failed != nil {
		return failed
	}
	defer w.Close()
	if failed := w.Play(cmd.Context()); failed != nil {
		return failed
	}
	if asJSON {
		encoder := json.NewEncoder(out)
		encoder.SetIndent("", "  ")
		err = encoder.Encode(w.Report())
	}
	if folder == "" || err != nil {
		return err
	}
	if err := w.Report().Save(folder); err != nil {
		return err
	}
	if asJSON {
		return nil
	}
	fmt.Fprintln(out)
	return w.Report().WriteCommands(out, folder)
}

// empty refuses a folder that has something else in it than an earlier story: that
// one's files have the same names.
func empty(folder string) error {
	if folder == "" {
		return nil
	}
	if _, err := os.Stat(filepath.Join(folder, "ca", "auth-01.pem")); err == nil {
		return nil
	}
	entries, err := os.ReadDir(folder)
	if os.IsNotExist(err) {
		return nil
	}
	if err == nil && len(entries) > 0 {
		return fmt.Errorf("%s is not empty: choose another folder, or empty it", folder)
	}
	return err
}
