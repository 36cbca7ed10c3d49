package main

import (
	"errors"
	"fmt"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"inkan/ca/registry"
	"inkan/core/entropy"
	"inkan/core/jpki/certificate"
	"inkan/scenarios/authority"
)

func newCACheck() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "check",
		Short: "Check the registry: every record, and the journal's chain",
		Long: `Reads the whole registry of --dir and compares everything with everything: the chain
of the journal, each record with the entry that wrote it, indexes, evidence and
certificates with their hashes, and the rules that always hold. It prints the anchor,
number and hash of the last entry: noted where nobody of the authority can change it,
and given with --anchor later, it makes a rewritten journal visible.

The exit code is 1 when something is wrong. The authority must not be running.`,
		Example: "  inkan ca check --dir /srv/ca\n  inkan ca check --dir /srv/ca --anchor 1042:5f0c…",
		Args:    noArgs,
		RunE:    checkCA,
	}
	folderFlag(cmd)
	cmd.Flags().StringArray("anchor", nil, "NUMBER:HASH of an entry as it was noted before")
	return cmd
}

func checkCA(cmd *cobra.Command, _ []string) error {
	var anchors []registry.Anchor
	given, _ := cmd.Flags().GetStringArray("anchor")
	for _, text := range given {
		var a registry.Anchor
		var hash []byte
		if n, err := fmt.Sscanf(text, "%d:%x", &a.Number, &hash); err != nil || n != 2 || len(hash) != len(a.Hash) {
			return fmt.Errorf("%w: --anchor %s: want NUMBER:HASH, the hash with 64 digits", errUsage, text)
		}
		copy(a.Hash[:], hash)
		anchors = append(anchors, a)
	}
	return withRegistry(cmd, func(s *registry.Snapshot) error {
		r, err := s.Check(cmd.Context(), anchors...)
		if err != nil {
			return err
		}
		last := s.Anchor()
		_, err = fmt.Fprintf(cmd.OutOrStdout(), "%d entries, %d records, %d certificates, %d persons: all right\nanchor %d:%v\n",
			r.Entries, r.Records, r.Certificates, r.Persons, last.Number, last.Hash)
		return err
	})
}

// withRegistry opens the registry of --dir for a look.
func withRegistry(cmd *cobra.Command, do func(*registry.Snapshot) error) (err error) {
	folder, err := registryOf(cmd)
	if err != nil {
		return err
	}
	return look(cmd, folder, do)
}

func look(cmd *cobra.Command, folder authority.Folder, do func(*registry.Snapshot) error) (err error) {
	r, err := registry.Open(folder.Registry(), registry.Config{Now: time.Now, Entropy: entropy.System()})
	if err != nil {
		if strings.Contains(err.Error(), "resource temporarily unavailable") || strings.Contains(err.Error(), "lock") {
			err = fmt.Errorf("the registry of %s is in use; is the authority running? %w", folder, err)
		}
		return err
	}
	defer func() { err = errors.Join(err, r.Close()) }()
	s, err := r.Snapshot(cmd.Context())
	if err != nil {
		return err
	}
	defer s.Close()
	return do(s)
}

func newCAStatus() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "status",
		Short: "List the certificates that the authority has issued, or count them",
		Long: `Lists every certificate in the registry of --dir with its state; with --count, how
many there are of each authority and state. Names of persons are not shown. The
authority must not be running.`,
		Example: "  inkan ca status --dir /srv/ca --count",
		Args:    noArgs,
		RunE:    statusCA,
	}
	folderFlag(cmd)
	cmd.Flags().Bool("count", false, "count, do not list")
	return cmd
}

func statusCA(cmd *cobra.Command, _ []string) error {
	count, _ := cmd.Flags().GetBool("count")
	return withRegistry(cmd, func(s *registry.Snapshot) error {
		t := tabwriter.NewWriter(cmd.OutOrStdout(), 0, 8, 2, ' ', 0)
		for _, of := range certificate.Authorities() {
			counts := map[certificate.State]int{}
			err := s.Certificates(of, 0, func(c certificate.CertificateStatus) error {
				counts[c.State]++
				if count {
					return nil
				}
				reason := ""
				if c.Reason != certificate.Unspecified {
					reason = c.Reason.String()
				}
				_, err := fmt.Fprintf(t, "%s\t%#x\t%v\t%s\tsince %s\tto %s\n", of, c.Serial, c.State, reason, c.Since.Format(time.RFC3339), c.NotAfter.Format(time.RFC3339))
				return err
			})
			if err != nil {
				return err
			}
			for _, state := range []certificate.State{certificate.Pending, certificate.Active, certificate.Suspended, certificate.Revoked} {
				if count {
					fmt.Fprintf(t, "%s\t%v\t%d\n", of, state, counts[state])
				}
			}
		}
		return t.Flush()
	})
}
