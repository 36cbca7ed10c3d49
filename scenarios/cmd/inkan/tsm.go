package main

import (
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"inkan/core/tsmp"
	"inkan/tsm/store"
)

func newTSM() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "tsm",
		Short: "The stores of the service managers: check, back up, restore, list, decide about messages",
		Long: `Looks after the store of an SP-TSM or MNO-TSM, which must not be running; a backup of
a running one is made by the server itself. --store is the store's folder.`,
		Args: noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	cmd.PersistentFlags().String("store", "", "the store's folder")
	cmd.AddCommand(newTSMCheck(), newTSMBackup(), newTSMRestore(), newTSMList(), newTSMRelease(), newTSMDiscard())
	return cmd
}

func newTSMCheck() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "check",
		Short: "Check the store: every row, every index, the audit trails' chains",
		Long: `Reads the whole store and compares everything with everything: rows with their
keys, rules and indexes, queues with their messages, the chain of each audit trail
with its evidence, and all rows with the sum that the trail has of them. It prints
the anchor of each tenant, number and hash of its last entry: noted where nobody of
the service manager can change it, and given with --anchor later, it makes a
rewritten trail visible.

The exit code is 1 when something is wrong.`,
		Example: "  inkan tsm check --store /srv/tsm/store\n  inkan tsm check --store /srv/tsm/store --anchor sp-tsm.example:1042:5f0c…",
		Args:    noArgs,
		RunE:    checkTSM,
	}
	anchorFlag(cmd)
	return cmd
}

func anchorFlag(cmd *cobra.Command) {
	cmd.Flags().StringArray("anchor", nil, "TENANT:NUMBER:HASH of an entry as it was noted before")
}

func anchorsOf(cmd *cobra.Command) (anchors []store.Anchor, err error) {
	given, _ := cmd.Flags().GetStringArray("anchor")
	for _, text := range given {
		var a store.Anchor
		var hash []byte
		tenant, rest, _ := strings.Cut(text, ":")
		if n, err := fmt.Sscanf(rest, "%d:%x", &a.Number, &hash); err != nil || n != 2 || len(hash) != len(a.Hash) {
			return nil, fmt.Errorf("%w: --anchor %s: want TENANT:NUMBER:HASH, the hash with 64 digits", errUsage, text)
		}
		a.Tenant = tsmp.PartyID(tenant)
		copy(a.Hash[:], hash)
		anchors = append(anchors, a)
	}
	return anchors, nil
}

func checkTSM(cmd *cobra.Command, _ []string) error {
	anchors, err := anchorsOf(cmd)
	if err != nil {
		return err
	}
	return withStore(cmd, func(s *store.Store) error {
		r, err := s.Check(cmd.Context(), anchors...)
		if err != nil {
			return err
		}
		return writeChecked(cmd.OutOrStdout(), r)
	})
}

func writeChecked(w io.Writer, r store.Report) error {
	for _, tenant := range slices.Sorted(maps.Keys(r)) {
		t := r[tenant]
		rows := uint64(0)
		for _, n := range t.Rows {
			rows += n
		}
		_, err := fmt.Fprintf(w, "%s: %d rows, %d entries of indexes, %d audit entries, %d pieces of evidence: all right\nanchor %s:%d:%v\n",
			tenant, rows, t.Indexed, t.Entries, t.Evidence, tenant, t.Anchor.Number, t.Anchor.Hash)
		if err != nil {
			return err
		}
	}
	return nil
}

// storeOf is --store, which has to be there.
func storeOf(cmd *cobra.Command) (string, error) {
	path, _ := cmd.Flags().GetString("store")
	if path == "" {
		return "", fmt.Errorf("%w: --store is missing: the store's folder", errUsage)
	}
	return filepath.Abs(path)
}

// withStore opens --store for a look.
func withStore(cmd *cobra.Command, do func(*store.Store) error) (err error) {
	path, err := storeOf(cmd)
	if err != nil {
		return err
	}
	if _, err := os.Stat(filepath.Join(path, "CURRENT")); err != nil {
		if marked, _ := filepath.Glob(filepath.Join(path, "marker.*")); len(marked) == 0 {
			return fmt.Errorf("%s is no store: it has no marker of a database", path)
		}
	}
	s, err := store.Open(cmd.Context(), store.Options{Path: path, Now: time.Now})
	if err != nil {
		if strings.Contains(err.Error(), "resource temporarily unavailable") || strings.Contains(err.Error(), "lock") {
			err = fmt.Errorf("the store %s is in use; is the service manager running? %w", path, err)
		}
		return err
	}
	defer func() { err = errors.Join(err, s.Close()) }()
	return do(s)
}

func newTSMBackup() *cobra.Command {
	cmd := &cobra.Command{
		Use:     "backup",
		Short:   "Write the whole store into a new folder",
		Long:    "Writes the store into the new folder --to, and prints the anchors that it has.\nCopy it to another disk: files may be shared with the store until then.",
		Example: "  inkan tsm backup --store /srv/tsm/store --to /srv/backup/2026-11-28",
		Args:    noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			to, _ := cmd.Flags().GetString("to")
			if to == "" {
				return fmt.Errorf("%w: --to is missing: the new folder", errUsage)
			}
			to, err := filepath.Abs(to)
			if err != nil {
				return err
			}
			return withStore(cmd, func(s *store.Store) error {
				anchors, err := s.Backup(cmd.Context(), to)
				for _, a := range anchors {
					fmt.Fprintf(cmd.OutOrStdout(), "anchor %s:%d:%v\n", a.Tenant, a.Number, a.Hash)
				}
				return err
			})
		},
	}
	cmd.Flags().String("to", "", "the new folder")
	return cmd
}

func newTSMRestore() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "restore",
		Short: "Make a store out of a backup",
		Long: `Checks the backup --from whole and makes it the store --store, which must not be
there yet. Each audit trail then says that it was restored, and by whom.

Of what happened after the backup the store knows nothing: SIMs have seen counters
that it will use again, and the other parties' books are ahead of it.`,
		Example: "  inkan tsm restore --from /srv/backup/2026-11-28 --store /srv/tsm/store --by a.sato",
		Args:    noArgs,
		RunE:    restoreTSM,
	}
	cmd.Flags().String("from", "", "the backup's folder")
	cmd.Flags().String("by", "", "who restores, for the audit trail")
	anchorFlag(cmd)
	return cmd
}

func restoreTSM(cmd *cobra.Command, _ []string) error {
	path, err := storeOf(cmd)
	if err != nil {
		return err
	}
	from, _ := cmd.Flags().GetString("from")
	by, _ := cmd.Flags().GetString("by")
	if from == "" || by == "" {
		return fmt.Errorf("%w: want --from, the backup's folder, and --by, who restores", errUsage)
	}
	if from, err = filepath.Abs(from); err != nil {
		return err
	}
	anchors, err := anchorsOf(cmd)
	if err != nil {
		return err
	}
	s, report, err := store.Restore(cmd.Context(), store.Options{Path: path, Now: time.Now}, from, by, anchors...)
	if err != nil {
		return err
	}
	if err := errors.Join(writeChecked(cmd.OutOrStdout(), report), s.Close()); err != nil {
		return err
	}
	_, err = fmt.Fprintf(cmd.OutOrStdout(), "restored to %s: each audit trail has an entry that says so\n", path)
	return err
}

func newTSMList() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "list {services|workflows|sims|messages|aside|audit}",
		Short: "List rows of a tenant",
		Long: `Lists rows of a tenant, one a line, however many there are. No key is shown, nor a
telephone number. "aside" are the messages that no party took and nobody waits for:
they are sent again by "inkan tsm release" and removed by "inkan tsm discard".`,
		Example: "  inkan tsm list audit --store /srv/tsm/store\n  inkan tsm list services --store /srv/tsm/store --tenant sp-tsm.example",
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) != 1 || listings[args[0]] == nil {
				return fmt.Errorf("%w: list %s: want one of %s", errUsage, strings.Join(args, " "), strings.Join(slices.Sorted(maps.Keys(listings)), ", "))
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			only, _ := cmd.Flags().GetString("tenant")
			return withStore(cmd, func(s *store.Store) error {
				return listTSM(cmd, s, tsmp.PartyID(only), listings[args[0]])
			})
		},
	}
	cmd.Flags().String("tenant", "", "only this tenant's")
	return cmd
}

func listTSM(cmd *cobra.Command, s *store.Store, only tsmp.PartyID, list listing) error {
	found := false
	for _, name := range s.Tenants() {
		if only != "" && name != only {
			continue
		}
		found = true
		tenant, err := s.Tenant(cmd.Context(), name)
		if err != nil {
			return err
		}
		t := tabwriter.NewWriter(cmd.OutOrStdout(), 0, 8, 2, ' ', 0)
		if only == "" {
			fmt.Fprintf(t, "%s:\n", name)
		}
		if err := tenant.View(cmd.Context(), func(v *store.Snapshot) error { return list(v, t) }); err != nil {
			return err
		}
		if err := t.Flush(); err != nil {
			return err
		}
	}
	if !found {
		return fmt.Errorf("no tenant %q: there are %v", only, s.Tenants())
	}
	return nil
}
