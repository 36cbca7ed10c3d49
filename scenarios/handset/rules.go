package handset

import (
	"context"
	"fmt"

	"inkan/core/ara"
	"inkan/core/cap"
	"inkan/core/entropy"
	"inkan/core/gp"
	"inkan/core/jpki"
	"inkan/core/scp"
	"inkan/core/scp/scp02"
	"inkan/core/scp/scp03"
	"inkan/sim/applets/aram"
	"inkan/sim/handset/omapi"
	"inkan/sim/profile"
)

// RulesFor are the rules that let one app reach the JPKI application and the provider's
// domain, and nobody else: by the SHA-256 of the certificate that it was signed with.
func RulesFor(app omapi.Caller) []ara.Rule {
	var rules []ara.Rule
	for _, aid := range []gp.AID{jpki.AIDInstance, jpki.AIDProviderDomain} {
		rules = append(rules, ara.Rule{Target: ara.Target{AIDRef: ara.NamedApplication, AID: aid, AppHash: app.SHA256[:]},
			Rights: ara.Rights{APDU: ara.Always}})
	}
	return rules
}

// blockBytes of a LOAD or STORE DATA on any profile's channel: suzume has commands of
// 128 bytes.
const blockBytes = 96

// Issuer opens the secure channel of a card's issuer domain at the profile's level.
func Issuer(ctx context.Context, c *profile.Card, source entropy.Source) (*scp.Secured, error) {
	if _, err := gp.Exchange(ctx, c, gp.Select{Name: gp.AIDIssuerSecurityDomain.Append(nil)}, nil); err != nil {
		return nil, fmt.Errorf("SELECT of the issuer's domain: %w", err)
	}
	keys, err := c.Profile.Keys(c.Number)
	if err != nil {
		return nil, err
	}
	defer keys.Wipe()
	p := c.Profile
	var host scp.Host
	if p.Channel.Protocol == gp.SCP02 {
		host, err = scp02.Open(ctx, c, scp02.HostConfig{Options: scp02.Options(p.Channel.I), Keys: scp02.FixedKeys(&keys),
			KeyVersion: keys.Version, Level: p.Level(), Entropy: source})
	} else {
		host, err = scp03.Open(ctx, c, scp03.HostConfig{Keys: scp03.FixedKeys(&keys), KeyVersion: keys.Version, Level: p.Level(), Entropy: source})
	}
	if err != nil {
		return nil, fmt.Errorf("channel of the issuer's domain: %w", err)
	}
	return &scp.Secured{Host: host, Card: c}, nil
}

// InstallRules loads the access rule application onto a card, through the issuer's
// domain, with rules; the card is reset afterwards.
func InstallRules(ctx context.Context, c *profile.Card, rules []ara.Rule, source entropy.Source) error {
	file, err := cap.Open(aram.CAP)
	if err != nil {
		return err
	}
	s, err := Issuer(ctx, c, source)
	if err != nil {
		return err
	}
	defer s.Host.Close()
	load := gp.Install{Purpose: gp.ForLoad, LoadFile: aram.PackageAID}
	if _, err := gp.Exchange(ctx, s, load, nil); err != nil {
		return fmt.Errorf("INSTALL [for load]: %w", err)
	}
	content, err := (&gp.LoadFile{Content: file.LoadFile(nil, file.Descriptor != nil)}).Append(nil)
	if err != nil {
		return err
	}
	blocks, err := gp.LoadBlocks(content, blockBytes)
	if err != nil {
		return err
	}
	for b := range blocks {
		if _, err := gp.Exchange(ctx, s, b, nil); err != nil {
			return fmt.Errorf("LOAD: %w", err)
		}
	}
	install := gp.Install{Purpose: gp.ForInstallAndMakeSelectable, LoadFile: aram.PackageAID, Module: aram.ModuleAID, Application: ara.AIDMaster,
		Parameters: []byte{0xC9, 0x00}}
	if _, err := gp.Exchange(ctx, s, install, nil); err != nil {
		return fmt.Errorf("INSTALL: %w", err)
	}
	if err := storeRules(ctx, s, rules); err != nil {
		return err
	}
	_, err = c.Reset(ctx, false)
	return err
}

// StoreRules adds rules to those of a card, through the issuer's domain; the card is
// reset before and afterwards.
func StoreRules(ctx context.Context, c *profile.Card, rules []ara.Rule, source entropy.Source) error {
	if _, err := c.Reset(ctx, false); err != nil {
		return err
	}
	s, err := Issuer(ctx, c, source)
	if err != nil {
		return err
	}
	defer s.Host.Close()
	if err := storeRules(ctx, s, rules); err != nil {
		return err
	}
	_, err = c.Reset(ctx, false)
	return err
}

// storeRules stores rules; the last block of each ends the application's turn.
func storeRules(ctx context.Context, s *scp.Secured, rules []ara.Rule) error {
	for _, r := range rules {
		object, err := ara.Store(r)
		if err != nil {
			return err
		}
		blocks, err := ara.Blocks(object, blockBytes)
		if err != nil {
			return err
		}
		if _, err := gp.Exchange(ctx, s, gp.Install{Purpose: gp.ForPersonalization, Application: ara.AIDMaster}, nil); err != nil {
			return fmt.Errorf("INSTALL [for personalization]: %w", err)
		}
		for b := range blocks {
			if _, err := gp.Exchange(ctx, s, b, nil); err != nil {
				return fmt.Errorf("STORE DATA of a rule: %w", err)
			}
		}
	}
	return nil
}
