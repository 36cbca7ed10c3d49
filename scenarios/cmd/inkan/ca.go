package main

import (
	"errors"
	"fmt"
	"os"

	"github.com/spf13/cobra"

	"inkan/scenarios/authority"
)

func newCA() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "ca",
		Short: "The certificate authority: a demonstration, a key ceremony, the service",
		Long: `The certificate authority of the model. It issues test certificates under a test
organisation and a policy arc for examples; nothing that it makes is worth anything.

"demo" needs nothing and tells the whole story. For an authority that stays, hold a
"ceremony" and "serve" its folder, or serve one with the published test keys.`,
		Args: noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	cmd.AddCommand(newCADemo(), newCACeremony(), newCAServe(), newCACheck(), newCAStatus())
	return cmd
}

// folderFlag adds --dir.
func folderFlag(cmd *cobra.Command) {
	cmd.Flags().String("dir", "", "the authority's folder")
}

// folderOf is --dir, which has to be there.
func folderOf(cmd *cobra.Command) (authority.Folder, error) {
	dir, _ := cmd.Flags().GetString("dir")
	if dir == "" {
		return "", fmt.Errorf("%w: --dir is missing: the authority's folder", errUsage)
	}
	return authority.Folder(dir), nil
}

// passphraseFlags adds the ways to give a passphrase.
func passphraseFlags(cmd *cobra.Command) {
	f := cmd.Flags()
	f.String("passphrase-file", "", "file with the passphrase of the keys, in one line")
	f.StringArray("share", nil, "file with a share of the passphrase; once for each share")
}

// passphraseOf reads the passphrase; nil: none is given.
func passphraseOf(cmd *cobra.Command) ([]byte, error) {
	file, _ := cmd.Flags().GetString("passphrase-file")
	shares, _ := cmd.Flags().GetStringArray("share")
	switch {
	case file != "" && len(shares) > 0:
		return nil, fmt.Errorf("%w: --passphrase-file and --share exclude each other", errUsage)
	case file != "":
		return authority.ReadPassphrase(file)
	case len(shares) > 0:
		return authority.CombineShares(shares)
	}
	return nil, nil
}

// registryOf is the folder with a registry in it.
func registryOf(cmd *cobra.Command) (authority.Folder, error) {
	folder, err := folderOf(cmd)
	if err != nil {
		return "", err
	}
	if _, err := os.Stat(string(folder)); err != nil {
		return "", err
	}
	if !folder.HasRegistry() {
		return "", errors.New(string(folder) + " has no registry: inkan ca ceremony or inkan ca serve makes one")
	}
	return folder, nil
}
