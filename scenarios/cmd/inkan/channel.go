package main

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"inkan/scenarios/channel"
	"inkan/scenarios/channel/text"
)

// protocols are the channels that can be shown, in the order of the specs.
var protocols = []struct {
	name string
	run  func(context.Context, uint64) (*channel.Exchange, error)
}{{"scp02", channel.SCP02}, {"scp03", channel.SCP03}, {"scp80", channel.SCP80}}

func protocolNames() (names []string) {
	for _, p := range protocols {
		names = append(names, p.name)
	}
	return names
}

func newChannel() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "channel [" + strings.Join(protocolNames(), "|") + "]...",
		Short: "Show secure channels byte by byte, with the specs' test keys",
		Long: `Opens the secure channels SCP02, SCP03 and SCP80 between a host and a card of
the model, sends protected commands, and lets an attacker replay one. Every byte
is computed as a card would, and printed with its meaning. The keys are the
public test keys 40 41 … 4F; the same seed gives the same bytes.`,
		Example: "  inkan channel\n  inkan channel scp80\n  inkan channel scp03 --seed 7 --json",
		Args: func(_ *cobra.Command, args []string) error {
			for _, a := range args {
				if !slices.Contains(protocolNames(), a) {
					return fmt.Errorf("%w: unknown channel %q: want %s", errUsage, a, strings.Join(protocolNames(), ", "))
				}
			}
			return nil
		},
		RunE: showChannels,
	}
	addChannelFlags(cmd)
	return cmd
}

func addChannelFlags(cmd *cobra.Command) {
	cmd.Flags().Uint64("seed", 1, "seed of both sides' randomness")
	cmd.Flags().Bool("json", false, "print the exchanges as JSON")
}

// showChannels runs the named channels, or all of them.
func showChannels(cmd *cobra.Command, args []string) error {
	seed, err := cmd.Flags().GetUint64("seed")
	if err != nil {
		return err
	}
	asJSON, err := cmd.Flags().GetBool("json")
	if err != nil {
		return err
	}
	var exchanges []*channel.Exchange
	for _, p := range protocols {
		if len(args) > 0 && !slices.Contains(args, p.name) {
			continue
		}
		e, err := p.run(cmd.Context(), seed)
		if err != nil {
			return fmt.Errorf("%s: %w", p.name, err)
		}
		exchanges = append(exchanges, e)
	}
	out := cmd.OutOrStdout()
	if asJSON {
		encoder := json.NewEncoder(out)
		encoder.SetIndent("", "  ")
		return encoder.Encode(exchanges)
	}
	for i, e := range exchanges {
		if i > 0 {
			fmt.Fprintln(out)
		}
		if err := text.Write(out, e); err != nil {
			return err
		}
	}
	return nil
}
