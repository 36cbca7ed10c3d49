package main

import (
	"context"
	"encoding/hex"
	"fmt"
	"io"
	"slices"

	"github.com/spf13/cobra"

	"inkan/core/tsmp"
	"inkan/tsm/post"
	"inkan/tsm/store"
	"inkan/tsm/store/row"
)

func newTSMRelease() *cobra.Command {
	return asideCommand("release", "Have messages sent again that were set aside",
		`Puts messages that were set aside at the end of their queues again: the service
manager sends them when it runs. CALL is a message's identifier, as "inkan tsm list
aside" shows it.

A notification that is released has a number that its recipient is past: it is
acknowledged and changes nothing there.`, "released", post.Release)
}

func newTSMDiscard() *cobra.Command {
	return asideCommand("discard", "Remove messages that were set aside",
		`Removes messages that were set aside, which nobody will send then. CALL is a
message's identifier, as "inkan tsm list aside" shows it. The audit trail keeps the
signed request.`, "discarded", post.Discard)
}

// decision is what becomes of a message that was set aside.
type decision func(tx *store.Tx, key row.MessageKey, operator string) error

// asideCommand is a command that decides about messages which were set aside: all that it
// names or none. Spec: SPEC-POST-012.
func asideCommand(name, short, long, done string, decide decision) *cobra.Command {
	cmd := &cobra.Command{
		Use:   name + " CALL...",
		Short: short,
		Long: long + `

The store must not be in use. Each message leaves an entry in the audit trail, by
--by; when one of those named was not set aside, nothing is done with any.`,
		Example: "  inkan tsm list aside --store /srv/tsm/store\n  inkan tsm " + name + " 5f0c… --store /srv/tsm/store --by a.sato",
		RunE: func(cmd *cobra.Command, args []string) error {
			by, _ := cmd.Flags().GetString("by")
			only, _ := cmd.Flags().GetString("tenant")
			calls, err := callsOf(args)
			if err == nil && by == "" {
				err = fmt.Errorf("%w: --by is missing: who decides, for the audit trail", errUsage)
			}
			if err != nil {
				return err
			}
			return withStore(cmd, func(s *store.Store) error {
				t, err := tenantOf(cmd.Context(), s, tsmp.PartyID(only))
				if err != nil {
					return err
				}
				left, err := settle(cmd.Context(), t, calls, by, decide)
				for _, l := range left {
					fmt.Fprintf(cmd.OutOrStdout(), "%s: %s of call %v to %s\n", done, l.Function, l.Message.Call, l.To)
				}
				return err
			})
		},
	}
	cmd.Flags().String("by", "", "who decides, for the audit trail")
	cmd.Flags().String("tenant", "", "whose message it is, where the store has several")
	return cmd
}

func callsOf(args []string) (calls []tsmp.CallID, err error) {
	if len(args) == 0 {
		return nil, fmt.Errorf("%w: want the identifiers of messages, as \"inkan tsm list aside\" shows them", errUsage)
	}
	for _, text := range args {
		b, err := hex.DecodeString(text)
		if err != nil || len(b) != len(tsmp.CallID{}) {
			return nil, fmt.Errorf("%w: %q: want a message's identifier, 32 digits in hex", errUsage, text)
		}
		if id := tsmp.CallID(b); !slices.Contains(calls, id) {
			calls = append(calls, id)
		}
	}
	return calls, nil
}

// tenantOf is the tenant of a name, or the only one that there is.
func tenantOf(ctx context.Context, s *store.Store, name tsmp.PartyID) (*store.Tenant, error) {
	there := s.Tenants()
	switch {
	case name == "" && len(there) == 1:
		name = there[0]
	case name == "":
		return nil, fmt.Errorf("%w: --tenant is missing: one of %v", errUsage, there)
	case !slices.Contains(there, name):
		return nil, fmt.Errorf("no tenant %q: there are %v", name, there)
	}
	return s.Tenant(ctx, name)
}

// settle decides about messages in one step, and returns them.
func settle(ctx context.Context, t *store.Tenant, calls []tsmp.CallID, by string, decide decision) (done []post.Left, err error) {
	err = t.Step(ctx, func(tx *store.Tx) error {
		done = nil
		var named []post.Left
		err := post.AllAside(tx, func(l *post.Left) error {
			if slices.Contains(calls, l.Message.Call) {
				named = append(named, *l)
			}
			return nil
		})
		if err != nil {
			return err
		}
		for _, call := range calls {
			at := slices.IndexFunc(named, func(l post.Left) bool { return l.Message.Call == call })
			if at < 0 {
				return fmt.Errorf("call %v: %w", call, post.ErrNotAside)
			}
			if err := decide(tx, named[at].Message.Key, by); err != nil {
				return err
			}
		}
		done = named
		return nil
	})
	if err != nil {
		return nil, err
	}
	return done, nil
}

// listAside lists what was set aside, and why.
func listAside(s *store.Snapshot, w io.Writer) error {
	return post.AllAside(s, func(l *post.Left) error {
		_, err := fmt.Fprintf(w, "%v\t%s\tto %s\tput %s\tset aside %s\t%d attempts\t%s\n", l.Message.Call, l.Function, l.To, day(l.Message.At), day(l.Since),
			l.Message.Attempts, l.Why)
		return err
	})
}
