package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os/signal"
	"sync"
	"syscall"

	"github.com/spf13/cobra"

	"inkan/scenarios/idcards"
	"inkan/scenarios/pcsc"
)

func newCard() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "card",
		Short: "Put a simulated SIM or My Number Card into the PC/SC reader of this machine",
		Long: `Serves a simulated SIM card, or with --id-card a My Number Card, to every program of
this machine that uses PC/SC readers, through vpcd, the virtual reader of pcscd
(Debian: pcscd, vsmartcard-vpcd). Ends with Ctrl-C.

With --demo the card has the JPKI application with a test key and certificate,
PIN 1234; whoever has this program has the same key, unless --seed gives another.
With --id-card the card is a holder's My Number Card: both keys and certificates of test
authorities, PINs 1234 and ABC123, number and attributes behind the PIN 1234. Holders are
taro, hanako, and kenta, a child without signature certificate. --contactless puts it into a
reader without contacts.
With --image the card is kept in a file, and is the same one next time:
its profile, keys, applications and PIN counters. Without it everything is gone at
the end. Randomness is real unless --seed is given.

Between two programs pcscd takes the card's power away: channels and verified PINs
are gone then, and everything else stays.

With --line commands travel over a simulated line, in the card's time, by T=1, or by
--t0, where a command without Le is answered 61xx and the program fetches the
response: OpenSC signs by T=1 there, only. Without it every response comes whole.

vpcd has two slots, at ports 35963 and 35964; run the program twice for two cards.
The exit code is 1 when there is no vpcd and --wait is not given.`,
		Example: `  inkan card --demo
  inkan card --demo --image alice.card --profile hayate
  inkan card --id-card
  inkan card --id-card=hanako --contactless
  inkan card --demo --vpcd 127.0.0.1:35964
  opensc-tool -n
  pkcs11-tool --login --pin 1234 --sign --id 01 -m SHA256-RSA-PKCS -i file -o signature`,
		Args: noArgs,
		RunE: serveCard,
	}
	f := cmd.Flags()
	f.String("profile", "", "whose card it is, see --list-profiles (default: the image's, or test)")
	f.Bool("list-profiles", false, "list the profiles and end")
	f.Uint32("number", 1, "number of a new card: ICCID, IMSI and keys follow from it")
	f.Bool("demo", false, "a new card has the JPKI application with a test certificate, PIN 1234")
	f.String("id-card", "", "a My Number Card, of this holder")
	f.Lookup("id-card").NoOptDefVal = idcards.Holders()[0].Name
	f.Bool("contactless", false, "a My Number Card in a reader without contacts")
	f.String("image", "", "file that keeps the card")
	f.Bool("t0", false, "by T=0, not T=1")
	f.Bool("line", false, "commands travel over a simulated line, as characters of T=1 or T=0")
	f.Uint64("seed", 0, "everything random follows from it (default: real randomness)")
	f.String("vpcd", pcsc.DefaultAddress, "HOST:PORT of vpcd")
	f.Bool("wait", false, "wait until vpcd is there")
	return cmd
}

func serveCard(cmd *cobra.Command, _ []string) error {
	if list, _ := cmd.Flags().GetBool("list-profiles"); list {
		return pcsc.WriteProfiles(cmd.OutOrStdout())
	}
	options, reader, err := cardOptions(cmd)
	if err != nil {
		return err
	}
	ctx, stop := signal.NotifyContext(cmd.Context(), syscall.SIGINT, syscall.SIGTERM)
	defer stop()
	return serve(ctx, cmd.OutOrStdout(), options, reader)
}

// serve serves a card until the context ends.
func serve(ctx context.Context, out io.Writer, options pcsc.Options, reader pcsc.Config) (err error) {
	var one sync.Mutex // reader, keeper and timer speak from goroutines of their own
	say := func(line string) {
		one.Lock()
		defer one.Unlock()
		fmt.Fprintln(out, line)
	}
	options.Say, reader.Say = say, say
	served, err := pcsc.Open(ctx, options)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, served.Close()) }()
	if err := served.Describe(out); err != nil {
		return err
	}
	if options.Demo && served.Known {
		say("the image has a card already: --demo changes nothing")
	}
	reader.Card, reader.After = served.Terminal(), served.Note
	if err := pcsc.Run(ctx, reader); err != nil {
		return err
	}
	if options.Image != "" {
		say("saving " + options.Image)
	}
	return nil
}

func cardOptions(cmd *cobra.Command) (o pcsc.Options, c pcsc.Config, err error) {
	f := cmd.Flags()
	o.Profile, _ = f.GetString("profile")
	o.Number, _ = f.GetUint32("number")
	o.Demo, _ = f.GetBool("demo")
	o.Image, _ = f.GetString("image")
	o.T0, _ = f.GetBool("t0")
	o.Line, _ = f.GetBool("line")
	o.IDCard, _ = f.GetString("id-card")
	o.Contactless, _ = f.GetBool("contactless")
	if f.Changed("seed") {
		seed, _ := f.GetUint64("seed")
		o.Seed = &seed
	}
	c.Address, _ = f.GetString("vpcd")
	c.Wait, _ = f.GetBool("wait")
	if _, _, err := net.SplitHostPort(c.Address); err != nil {
		return o, c, fmt.Errorf("%w: --vpcd %s: want HOST:PORT", errUsage, c.Address)
	}
	if o.Profile != "" {
		if _, err := profileOf(cmd, "profile"); err != nil {
			return o, c, err
		}
	}
	if o.IDCard != "" {
		if _, err := idcards.HolderNamed(o.IDCard); err != nil {
			return o, c, fmt.Errorf("%w: --id-card: %w", errUsage, err)
		}
	}
	return o, c, nil
}
