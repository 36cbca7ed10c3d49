package main

import (
	"fmt"
	"os"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"inkan/ca/keys"
	"inkan/core/entropy"
	"inkan/scenarios/authority"
)

func newCACeremony() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "ceremony",
		Short: "Make the authority's keys, with a signed record of it",
		Long: `Makes keys of the certificate authority, encrypted under a passphrase, in the folder
"keys" of --dir, with a record of who took part that the new keys sign; then makes
the authorities' self-signed certificates and those of the OCSP responders in the
registry. What is printed is in the record, for the persons to sign.

The passphrase is in a file, at least 20 bytes in one line; or --shares 2/3 draws one
and writes it as shares, of which so many are needed, into files of --shares-dir: give
each to its person, and delete it here.

A first ceremony makes one key for each purpose and four for each OCSP responder,
which lasts three months. A later one needs --keys and the passphrase of the first:

  signature-ca authentication-ca signature-ocsp authentication-ocsp terminal-ca
  content request, each with its generation: authentication-ocsp-05

A ceremony that is interrupted leaves files that are in no record; the next use names
them. Remove them and begin again: nothing has been issued.`,
		Example: `  inkan ca ceremony --dir /srv/ca --shares 2/3 --shares-dir /mnt/shares --place Tokyo --person "A. Sato:operator" --person "B. Ito:witness"
  inkan ca ceremony --dir /srv/ca --passphrase-file /mnt/passphrase --keys authentication-ocsp-05`,
		Args: noArgs,
		RunE: holdCeremony,
	}
	folderFlag(cmd)
	passphraseFlags(cmd)
	f := cmd.Flags()
	f.String("shares", "", "draw a passphrase and split it: how many are needed, of how many, as 2/3")
	f.String("shares-dir", "", "folder for the shares")
	f.String("place", "", "where the ceremony is held, for the record")
	f.String("purpose", "", `what for (default: "first keys", or the keys' names)`)
	f.StringArray("person", nil, "NAME:PART of who takes part; once for each person")
	f.StringSlice("keys", nil, "keys to be made (default: those of a first ceremony)")
	return cmd
}

func holdCeremony(cmd *cobra.Command, _ []string) error {
	folder, err := folderOf(cmd)
	if err != nil {
		return err
	}
	c, err := ceremonyOf(cmd, folder)
	if err != nil {
		return err
	}
	passphrase, err := ceremonyPassphrase(cmd, folder)
	if err != nil {
		return err
	}
	defer clear(passphrase)
	out := cmd.OutOrStdout()
	return folder.Hold(cmd.Context(), c, passphrase, func(a *authority.CA) error {
		fmt.Fprintln(out, "\nCertificates:")
		for _, i := range a.Issuers() {
			fmt.Fprintf(out, "%v, serial %#x, to %s\n", i, i.Certificate.SerialNumber, i.Certificate.NotAfter.Format(time.DateOnly))
			if i.Responder != nil {
				fmt.Fprintf(out, "  OCSP responder, serial %#x, to %s\n", i.Responder.Certificate.SerialNumber, i.Responder.Certificate.NotAfter.Format(time.DateOnly))
			}
		}
		_, err := fmt.Fprintf(out, "\nServe it: inkan ca serve --dir %s, with the passphrase or shares\n", folder)
		return err
	})
}

// ceremonyOf is the ceremony that the flags ask for.
func ceremonyOf(cmd *cobra.Command, folder authority.Folder) (*keys.Ceremony, error) {
	f := cmd.Flags()
	c := &keys.Ceremony{Now: time.Now, Random: entropy.System(), Print: func(line string) { fmt.Fprintln(cmd.OutOrStdout(), line) }}
	c.Place, _ = f.GetString("place")
	c.Purpose, _ = f.GetString("purpose")
	persons, _ := f.GetStringArray("person")
	for _, p := range persons {
		name, part, ok := strings.Cut(p, ":")
		if !ok || name == "" || part == "" {
			return nil, fmt.Errorf("%w: --person %q: want NAME:PART", errUsage, p)
		}
		c.Persons = append(c.Persons, keys.Person{Name: name, Part: part})
	}
	if c.Place == "" || len(c.Persons) == 0 {
		return nil, fmt.Errorf("%w: the record needs --place and at least one --person", errUsage)
	}
	named, _ := f.GetStringSlice("keys")
	if len(named) == 0 && folder.HasKeys() {
		return nil, fmt.Errorf("%w: %s has keys already: say with --keys which new ones to make", errUsage, folder)
	}
	for _, n := range named {
		name, err := keys.ParseName(n)
		if err != nil {
			return nil, fmt.Errorf("%w: %w", errUsage, err)
		}
		c.Keys = append(c.Keys, name)
	}
	purpose := strings.Join(named, ", ")
	if len(named) == 0 {
		c.Keys, purpose = authority.FirstKeys(), "first keys"
	}
	if c.Purpose == "" {
		c.Purpose = purpose
	}
	return c, nil
}

// ceremonyPassphrase reads the passphrase, or draws and splits one.
func ceremonyPassphrase(cmd *cobra.Command, folder authority.Folder) ([]byte, error) {
	split, _ := cmd.Flags().GetString("shares")
	if split == "" {
		passphrase, err := passphraseOf(cmd)
		if err == nil && passphrase == nil {
			err = fmt.Errorf("%w: the keys need a passphrase: --passphrase-file, or --shares", errUsage)
		}
		return passphrase, err
	}
	var threshold, count int
	if n, err := fmt.Sscanf(split, "%d/%d", &threshold, &count); err != nil || n != 2 || threshold < 2 || threshold > count || count > 255 {
		return nil, fmt.Errorf("%w: --shares %s: want as 2/3, how many are needed, of how many", errUsage, split)
	}
	into, _ := cmd.Flags().GetString("shares-dir")
	switch {
	case into == "":
		return nil, fmt.Errorf("%w: --shares needs --shares-dir", errUsage)
	case cmd.Flags().Changed("passphrase-file") || cmd.Flags().Changed("share"):
		return nil, fmt.Errorf("%w: --shares draws a passphrase; it excludes --passphrase-file and --share", errUsage)
	case folder.HasKeys():
		return nil, fmt.Errorf("%w: the keys of %s have a passphrase already: give it, or its shares with --share", errUsage, folder)
	}
	passphrase := authority.NewPassphrase(entropy.System())
	paths, err := authority.SplitPassphrase(into, passphrase, threshold, count, entropy.System())
	if err != nil {
		return nil, err
	}
	fmt.Fprintf(os.Stderr, "%d shares of the passphrase, of which %d are needed: %s\n", count, threshold, strings.Join(paths, " "))
	return passphrase, nil
}
