package main

import (
	"fmt"
	"io"
	"os"

	"github.com/spf13/cobra"

	"inkan/core/jpki"
	"inkan/scenarios/personalise"
)

// personaliseFlags are the flags that have a meaning with --personalise only.
var personaliseFlags = []string{"form", "delivered", "pin", "sign-pin", "scp", "own-channel", "life-cycle", "chip", "profile", "seed", "message", "out"}

func addPersonaliseFlags(cmd *cobra.Command) {
	f := cmd.Flags()
	f.Bool("personalise", false, "personalise the JPKI application and use it; these go with it: --form, --delivered, --pin, --sign-pin, --scp, --own-channel, --life-cycle, --chip, --profile, --seed, --message, --out")
	f.String("form", "sim", "sim (user-authentication key), or card (with the signature key)")
	f.Bool("delivered", false, "the authority makes the keys and delivers them")
	f.String("pin", "1234", "first PIN of the user-authentication key")
	f.String("sign-pin", "ABC123", "first PIN of the signature key")
	f.Int("scp", 3, "secure channel protocol, 2 or 3")
	f.Bool("own-channel", false, "through the application's own channel, not the domain's")
	f.Bool("life-cycle", false, "go on: suspend, resume, reset the PINs, erase")
	f.String("chip", "", "chip of the card (default: the reference)")
	f.String("profile", "", "a carrier's card, see inkan card --list-profiles, in place of --chip and --scp (default: a bare card)")
	f.Uint64("seed", 1, "seed of all randomness")
	f.String("message", "", "file to sign (default: a short text)")
	f.String("out", "", "folder for certificates, message and signatures")
}

// onlyWithPersonalise refuses what would be ignored.
func onlyWithPersonalise(cmd *cobra.Command) error {
	for _, name := range personaliseFlags {
		if cmd.Flags().Changed(name) {
			return fmt.Errorf("%w: --%s needs --personalise", errUsage, name)
		}
	}
	return nil
}

// personaliseCap is "cap run --personalise".
func personaliseCap(cmd *cobra.Command, args []string) error {
	for _, name := range []string{"apdu", "script", "params", "cref", "unverified"} {
		if cmd.Flags().Changed(name) {
			return fmt.Errorf("%w: --%s and --personalise exclude each other", errUsage, name)
		}
	}
	if len(args) != 1 {
		return fmt.Errorf("%w: --personalise takes one file or folder", errUsage)
	}
	c, err := personaliseConfig(cmd)
	if err != nil {
		return err
	}
	if c.LoadFile, err = personalise.LoadFile(cmd.Context(), args[0]); err != nil {
		return err
	}
	done, err := putCard(cmd, &c)
	if err != nil {
		return err
	}
	defer done()
	c.Progress = progress(cmd.ErrOrStderr())
	report, failed := personalise.Run(cmd.Context(), c)
	if report == nil {
		return failed
	}
	if err := printOr(cmd, report, func() error { return report.Write(cmd.OutOrStdout()) }); err != nil {
		return err
	}
	if failed != nil {
		return failed
	}
	return saveReport(cmd, report)
}

func personaliseConfig(cmd *cobra.Command) (c personalise.Config, err error) {
	flags := cmd.Flags()
	c.Seed, _ = flags.GetUint64("seed")
	c.Delivered, _ = flags.GetBool("delivered")
	c.OwnChannel, _ = flags.GetBool("own-channel")
	c.LifeCycle, _ = flags.GetBool("life-cycle")
	protocol, _ := flags.GetInt("scp")
	form, _ := flags.GetString("form")
	forms := map[string]jpki.Form{"sim": jpki.FormSIM, "card": jpki.FormCard}
	if forms[form] == 0 {
		return c, fmt.Errorf("%w: --form %s: want sim or card", errUsage, form)
	}
	if protocol != 2 && protocol != 3 {
		return c, fmt.Errorf("%w: --scp %d: want 2 or 3", errUsage, protocol)
	}
	c.SCP = byte(protocol)
	p := jpki.Defaults(forms[form])
	c.Parameters = &p
	pin, _ := flags.GetString("pin")
	signPIN, _ := flags.GetString("sign-pin")
	if !jpki.ValidPIN(jpki.Auth, []byte(pin)) || !jpki.ValidPIN(jpki.Sign, []byte(signPIN)) {
		return c, fmt.Errorf("%w: --pin has 4 digits, --sign-pin 6 to 16 of 0-9 and A-Z", errUsage)
	}
	c.PINs = map[jpki.Role]string{jpki.Auth: pin, jpki.Sign: signPIN}
	if name, _ := flags.GetString("message"); name != "" {
		if c.Message, err = os.ReadFile(name); err != nil {
			return c, err
		}
	}
	return c, nil
}

// saveReport writes the files and says how to verify them.
func saveReport(cmd *cobra.Command, r *personalise.Report) error {
	folder, _ := cmd.Flags().GetString("out")
	if folder == "" {
		return nil
	}
	commands, err := r.Save(folder)
	if err != nil {
		return err
	}
	out := cmd.OutOrStdout()
	if asJSON, _ := cmd.Flags().GetBool("json"); asJSON {
		out = cmd.ErrOrStderr()
	}
	fmt.Fprintln(out, "\nVerify with OpenSSL:")
	for _, c := range commands {
		if _, err := fmt.Fprintln(out, "  "+c); err != nil {
			return err
		}
	}
	return nil
}

// progress shows the step that runs, on a terminal only.
func progress(w io.Writer) func(string, *personalise.Step) {
	file, ok := w.(*os.File)
	if !ok {
		return nil
	}
	if info, err := file.Stat(); err != nil || info.Mode()&os.ModeCharDevice == 0 {
		return nil
	}
	const clear = "\r\x1B[K"
	return func(name string, done *personalise.Step) {
		if done == nil {
			fmt.Fprint(w, clear+name+" …")
		} else {
			fmt.Fprint(w, clear)
		}
	}
}
