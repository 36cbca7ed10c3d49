package main

import (
	"encoding/hex"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"inkan/core/jpki/perso"
	"inkan/core/tsmp"
	"inkan/scenarios/authority"
	"inkan/server/binding"
)

// cardsOf reads what says for which cards and applets orders are placed.
func cardsOf(cmd *cobra.Command, c *authority.Config) error {
	files, _ := cmd.Flags().GetStringArray("load-file")
	for _, text := range files {
		var hash perso.Hash
		raw, err := hex.DecodeString(text)
		if err != nil || copy(hash[:], raw) != len(hash) || len(raw) != len(hash) {
			return fmt.Errorf("%w: --load-file %s: want a SHA-256 of 64 digits", errUsage, text)
		}
		c.LoadFiles = append(c.LoadFiles, hash)
	}
	c.Unattested, _ = cmd.Flags().GetBool("unattested")
	c.Inventory = new(authority.Inventory)
	if file, _ := cmd.Flags().GetString("sims"); file != "" {
		return c.Inventory.ReadSIMs(file)
	}
	return nil
}

// peersOf reads who is told of changes, and where.
func peersOf(cmd *cobra.Command, client *http.Client) (peers []authority.Peer, err error) {
	given, _ := cmd.Flags().GetStringArray("notify")
	for _, text := range given {
		party, base, _ := strings.Cut(text, "=")
		at, err := url.Parse(base)
		if err != nil || at.Scheme != "https" || at.Host == "" || !tsmp.PartyID(party).Valid() {
			return nil, fmt.Errorf("%w: --notify %s: want PARTY=https://HOST:PORT", errUsage, text)
		}
		peers = append(peers, authority.Peer{Party: tsmp.PartyID(party), Exchange: binding.Exchange(client, base)})
	}
	return peers, nil
}

// lanes say of each service manager whether it is told of changes.
func lanes(c *authority.Config) (texts []string) {
	for _, key := range c.Parties {
		if key.Role != tsmp.RoleSPTSM {
			continue
		}
		text := fmt.Sprintf("notifications of %s: sent", key.Party)
		if !slices.ContainsFunc(c.Peers, func(p authority.Peer) bool { return p.Party == key.Party }) {
			text = fmt.Sprintf("notifications of %s: kept: --notify says where to send them", key.Party)
		}
		if !slices.Contains(texts, text) {
			texts = append(texts, text)
		}
	}
	slices.Sort(texts)
	return texts
}
