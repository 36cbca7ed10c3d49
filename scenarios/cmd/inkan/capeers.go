package main

import (
	"context"
	"crypto/sha256"
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
	"inkan/scenarios/personalise"
	"inkan/server/binding"
)

// cardsOf reads what says for which cards and applets orders are placed.
func cardsOf(cmd *cobra.Command, c *authority.Config) error {
	files, _ := cmd.Flags().GetStringArray("load-file")
	for _, text := range files {
		hash, err := loadFileHash(cmd.Context(), text)
		if err != nil {
			return err
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

// loadFileHash is the SHA-256 that is given in hex, or that of a CAP file's load file.
func loadFileHash(ctx context.Context, text string) (hash perso.Hash, err error) {
	if raw, err := hex.DecodeString(text); err == nil && len(raw) == len(hash) {
		return perso.Hash(raw), nil
	}
	loadFile, err := personalise.LoadFile(ctx, text)
	if err != nil {
		return hash, fmt.Errorf("%w: --load-file %s: want a SHA-256 of 64 digits, or a CAP file: %w", errUsage, text, err)
	}
	return sha256.Sum256(loadFile), nil
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
