package main

import (
	"context"
	"errors"
	"fmt"
	"os/signal"
	"strings"
	"sync"
	"syscall"
	"time"

	"github.com/spf13/cobra"

	"inkan/core/jpki"
	"inkan/core/jpki/application"
	"inkan/scenarios/laboratory/phone"
	"inkan/scenarios/pcsc"
	"inkan/sim/handset/uiapp"
)

func newPhone() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "phone",
		Short: "A phone in real time, for a laboratory that inkan serve runs: applies, downloads, logs in",
		Long: `A phone with a SIM and the UI app, and a resident with a new My Number Card, for the
laboratory that "inkan serve" runs with the same --dir in another process. It speaks to
it over TLS on the loopback interface only: the municipality registers the resident and
has the card issued; the holder applies in the app, types the code that comes by short
message, signs with the My Number Card; the SIM gets domain, application, key and
certificate through the app's relay and short messages; the holder sets the PIN and
logs in at the bank. Each step is printed, with the app's own texts.

The SIM is a new one of --profile each time, which the shop gives, or the one of
--number; --card keeps its memory in a file, and a SIM of a file that has a certificate
only logs in. With --sms-only the app relays nothing.`,
		Example: "  inkan phone --dir /tmp/laboratory\n  inkan phone --dir /tmp/laboratory --profile minato --card /tmp/sim.card --english",
		Args:    noArgs,
		RunE:    usePhone,
	}
	laboratoryFlag(cmd)
	f := cmd.Flags()
	f.String("profile", "", "profile of the SIM: "+pcsc.ProfileNames()+" (default hayate)")
	f.Uint32("number", 0, "number of the SIM within the profile: 1 to 20, or one that the shop has given (default: one that nobody has used)")
	f.String("card", "", "file that keeps the SIM's memory")
	f.Bool("sms-only", false, "everything comes by short messages")
	f.Bool("english", false, "the app speaks English (default: Japanese)")
	f.String("pin", "1234", "PIN that the holder chooses: 4 digits")
	return cmd
}

func usePhone(cmd *cobra.Command, _ []string) error {
	at, err := laboratoryOf(cmd)
	if err != nil {
		return err
	}
	ctx, stop := signal.NotifyContext(cmd.Context(), syscall.SIGINT, syscall.SIGTERM)
	defer stop()
	f := cmd.Flags()
	c := phone.Config{Folder: at, Say: sayer(cmd)}
	c.Profile, _ = f.GetString("profile")
	c.Number, _ = f.GetUint32("number")
	c.Image, _ = f.GetString("card")
	c.PIN, _ = f.GetString("pin")
	if !jpki.ValidPIN(jpki.Auth, []byte(c.PIN)) {
		return fmt.Errorf("%w: --pin: want 4 digits", errUsage)
	}
	if f.Changed("profile") {
		if _, err := profileOf(cmd, "profile"); err != nil {
			return err
		}
	}
	c.SMSOnly, _ = f.GetBool("sms-only")
	if english, _ := f.GetBool("english"); english {
		c.Language = application.English
	}
	p, err := phone.Open(ctx, c)
	if err != nil {
		return err
	}
	return errors.Join(everyday(ctx, p), p.Close())
}

// sayer prints who does what, and when.
func sayer(cmd *cobra.Command) func(who, what string) {
	var one sync.Mutex
	began := time.Now()
	return func(who, what string) {
		one.Lock()
		defer one.Unlock()
		for _, line := range strings.Split(what, "\n") {
			fmt.Fprintf(cmd.OutOrStdout(), "%7.2f s  %-13s %s\n", time.Since(began).Seconds(), who, line)
		}
	}
}

// everyday gets a certificate for a SIM that has none, and logs in.
func everyday(ctx context.Context, p *phone.Phone) error {
	held, err := p.Look(ctx)
	if err != nil {
		return err
	}
	if held.State != uiapp.Ready {
		who, err := p.Resident(ctx)
		if err != nil {
			return err
		}
		if err := p.Enrol(ctx, who); err != nil {
			return err
		}
	}
	_, err = p.Login(ctx)
	return err
}
