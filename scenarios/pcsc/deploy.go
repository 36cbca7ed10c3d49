package pcsc

import (
	"context"
	"fmt"

	"inkan/core/entropy"
	"inkan/core/gp"
	"inkan/core/jpki"
	"inkan/core/scp"
	"inkan/core/scp/scp02"
	"inkan/core/scp/scp03"
	"inkan/core/scp/scp80"
	"inkan/sim/profile"
)

// domain is the security domain that the application gets onto a card through, and
// what opens its channel.
type domain struct {
	aid   gp.AID
	keys  scp.KeySet
	token gp.ContentSigner // nil: it needs none
}

// deploy gets the domain of a card's deployment model: the issuer's in the simple
// model; else it has the issuer make the provider's, which puts its keys there.
// Spec: SPEC-PROFILES-004.
func deploy(ctx context.Context, c *profile.Card, seed uint64) (d domain, err error) {
	p := c.Profile
	if d.keys, err = p.Keys(c.Number); err != nil || p.Model == profile.Simple {
		d.aid = gp.AIDIssuerSecurityDomain
		return d, err
	}
	source := entropy.Seeded(seed, "deployment")
	issuer, err := channel(ctx, c, gp.AIDIssuerSecurityDomain, &d.keys, source)
	if err != nil {
		return d, err
	}
	defer issuer.Host.Close()
	parameters, err := providerParameters()
	if err != nil {
		return d, err
	}
	_, err = gp.Exchange(ctx, issuer, gp.Install{Purpose: gp.ForInstallAndMakeSelectable, LoadFile: gp.AIDSecurityDomainPackage,
		Module: gp.AIDSecurityDomainModule, Application: jpki.AIDProviderDomain, Privileges: p.Model.ProviderPrivileges(), Parameters: parameters}, nil)
	if err != nil {
		return d, fmt.Errorf("INSTALL of the provider's domain: %w", err)
	}
	// Until it has keys of its own, those of the issuer open its channel.
	own, ota := p.ProviderKeys(c.Number), p.ProviderOTAKeys(c.Number)
	defer ota.Wipe()
	provider, err := channel(ctx, c, jpki.AIDProviderDomain, &d.keys, source)
	if err != nil {
		return d, err
	}
	defer provider.Host.Close()
	for _, set := range []*scp.KeySet{&own, &ota} {
		if err := putKeys(ctx, provider, p, set); err != nil {
			return d, fmt.Errorf("PUT KEY %02X of the provider's domain: %w", set.Version, err)
		}
	}
	d.keys.Wipe()
	d.aid, d.keys = jpki.AIDProviderDomain, own
	if p.Model == profile.Delegated {
		key, err := p.TokenKey()
		if err != nil {
			return d, err
		}
		d.token, err = gp.NewContentSigner(key, nil)
		return d, err
	}
	return d, nil
}

// providerParameters say that the provider's domain has a TAR, and what protection
// packets for it have at least: integrity by a key, ciphering, a counter that is
// higher each time. Spec: SPEC-PROFILES-014.
func providerParameters() ([]byte, error) {
	const least = scp80.CC | scp80.Cipher | scp80.CounterHigher
	toolkit := gp.ToolkitParameters{Priority: 1, SecurityLevel: []byte{1, byte(least >> 8)}, TARs: [][3]byte{jpki.TARProviderDomain}}
	value, err := toolkit.AppendUICC(nil)
	if err != nil {
		return nil, err
	}
	p := gp.InstallParameters{ApplicationSpecific: []byte{}, UICC: &gp.UICCParameters{Toolkit: value}}
	return p.Append(nil)
}

// channel selects a domain and opens its channel at the profile's level.
func channel(ctx context.Context, c *profile.Card, aid gp.AID, set *scp.KeySet, source entropy.Source) (*scp.Secured, error) {
	if _, err := gp.Exchange(ctx, c, gp.Select{Name: aid.Append(nil)}, nil); err != nil {
		return nil, fmt.Errorf("SELECT %v: %w", aid, err)
	}
	p := c.Profile
	var host scp.Host
	var err error
	if p.Channel.Protocol == gp.SCP02 {
		host, err = scp02.Open(ctx, c, scp02.HostConfig{Options: scp02.Options(p.Channel.I), Keys: scp02.FixedKeys(set),
			KeyVersion: set.Version, Level: p.Level(), Entropy: source})
	} else {
		host, err = scp03.Open(ctx, c, scp03.HostConfig{Keys: scp03.FixedKeys(set), KeyVersion: set.Version, Level: p.Level(), Entropy: source})
	}
	if err != nil {
		return nil, fmt.Errorf("channel with %v: %w", aid, err)
	}
	return &scp.Secured{Host: host, Card: c}, nil
}

// putKeys adds a key set to the domain behind a channel.
func putKeys(ctx context.Context, s *scp.Secured, p *profile.Profile, set *scp.KeySet) error {
	block := gp.DEKBlockAES
	if p.Channel.Protocol == gp.SCP02 {
		block = gp.DEKBlockDES
	}
	var fields []gp.KeyField
	for _, value := range [][]byte{set.Enc, set.MAC, set.DEK} {
		k := gp.Key{Components: []gp.KeyValue{{Type: p.KeyType(), Value: value}}}
		f, err := k.Seal(s.Host.EncryptSensitive, block, p.Channel.Protocol == gp.SCP03)
		if err != nil {
			return err
		}
		fields = append(fields, f)
	}
	_, err := gp.Exchange(ctx, s, gp.PutKey{KeyID: 1, Multiple: true, NewKeyVersion: set.Version, Blocks: gp.AppendKeyFields(nil, fields)}, nil)
	return err
}
