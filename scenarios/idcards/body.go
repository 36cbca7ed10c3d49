package idcards

import (
	"context"
	"crypto"
	"crypto/sha256"
	"fmt"

	"inkan/core/apdu"
	"inkan/core/cap"
	"inkan/core/entropy"
	"inkan/core/gp"
	"inkan/core/jpki/perso"
	"inkan/core/scp"
	"inkan/core/scp/scp03"
	"inkan/sim/engine"
	"inkan/sim/idcard"
)

// Maker makes cards: copies of one body with all packages and instances. Not for
// concurrent use.
type Maker struct {
	body     *idcard.Card
	loadHash perso.Hash
	entropy  entropy.Source
	signer   crypto.Signer
}

// blockBytes is the plain data of one protected command.
const blockBytes = perso.MaxBlockBytes

// level is that of every channel. Spec: SPEC-IDCARD-016.
const level = scp.CMAC | scp.CDecryption | scp.RMAC | scp.REncryption

// NewMaker makes the body: packages are loaded and instances installed by
// commands. source is the randomness of the hosts' channels, and cards follow from
// their orders' seeds. Spec: SPEC-IDCARD-014, SPEC-IDCARD-016.
func NewMaker(ctx context.Context, source entropy.Source) (*Maker, error) {
	card, err := idcard.New(idcard.Parts{Entropy: entropy.Seeded(0, "idcards/body")})
	if err != nil {
		return nil, err
	}
	m := &Maker{body: card, entropy: source}
	keys := idcard.BatchKeys()
	defer keys.Wipe()
	domain, err := open(ctx, card, &keys, source)
	if err != nil {
		return nil, err
	}
	defer domain.Host.Close()
	packages, err := idcard.Packages()
	if err != nil {
		return nil, err
	}
	for i := range packages {
		hash, err := load(ctx, domain, &packages[i])
		if err != nil {
			return nil, fmt.Errorf("idcards: package %v: %w", packages[i].AID, err)
		}
		if i == 0 {
			m.loadHash = hash
		}
	}
	return m, nil
}

// Body makes a card that nobody has personalised. parts say where it is; its
// memory is the body's. Spec: SPEC-IDCARD-014.
func (m *Maker) Body(parts idcard.Parts) (*idcard.Card, error) { return m.body.Another(parts) }

// Chip is that of all cards.
func (m *Maker) Chip() *engine.Chip { return m.body.Chip }

// open selects the issuer's domain and opens a channel.
func open(ctx context.Context, card apdu.Card, keys *scp.KeySet, source entropy.Source) (*scp.Secured, error) {
	if _, err := gp.Exchange(ctx, card, gp.Select{Name: gp.AIDIssuerSecurityDomain.Append(nil)}, nil); err != nil {
		return nil, fmt.Errorf("idcards: SELECT of the issuer's domain: %w", err)
	}
	host, err := scp03.Open(ctx, card, scp03.HostConfig{Keys: scp03.FixedKeys(keys), KeyVersion: keys.Version, Level: level, Entropy: source})
	if err != nil {
		return nil, fmt.Errorf("idcards: channel with the issuer's domain: %w", err)
	}
	return &scp.Secured{Host: host, Card: card}, nil
}

// load loads a package and makes its instances; the hash is that of the load file.
func load(ctx context.Context, domain apdu.Card, p *idcard.Package) (hash perso.Hash, err error) {
	file, err := cap.Open(p.CAP)
	if err != nil {
		return hash, err
	}
	content := file.LoadFile(nil, file.Descriptor != nil)
	if _, err := gp.Exchange(ctx, domain, gp.Install{Purpose: gp.ForLoad, LoadFile: p.AID}, nil); err != nil {
		return hash, fmt.Errorf("INSTALL [for load]: %w", err)
	}
	whole, err := (&gp.LoadFile{Content: content}).Append(nil)
	if err != nil {
		return hash, err
	}
	blocks, err := gp.LoadBlocks(whole, blockBytes)
	if err != nil {
		return hash, err
	}
	for b := range blocks {
		if _, err := gp.Exchange(ctx, domain, b, nil); err != nil {
			return hash, fmt.Errorf("LOAD %02X: %w", b.Number, err)
		}
	}
	for _, i := range p.Instances {
		parameters, err := (&gp.InstallParameters{ApplicationSpecific: append([]byte{}, i.Parameters...)}).Append(nil)
		if err != nil {
			return hash, err
		}
		_, err = gp.Exchange(ctx, domain, gp.Install{Purpose: gp.ForInstallAndMakeSelectable, LoadFile: p.AID, Module: i.Module,
			Application: i.AID, Parameters: parameters}, nil)
		if err != nil {
			return hash, fmt.Errorf("INSTALL of %v: %w", i.AID, err)
		}
	}
	return sha256.Sum256(content), nil
}
