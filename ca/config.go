package ca

import (
	"crypto/sha256"
	"errors"
	"fmt"
	"maps"
	"slices"
	"sync"

	"inkan/ca/certificate"
	"inkan/ca/keys"
	"inkan/ca/registry"
	"inkan/core/entropy"
	profile "inkan/core/jpki/certificate"
	"inkan/core/jpki/perso"
	"inkan/core/tsmp"
)

// SecretLen is the length of Config.Secret in bytes.
const SecretLen = 32

// Config is what an authority is made of. The fields of the first paragraph are
// needed; those of the second too, unless the issuers' keys are the published test
// keys: see New.
type Config struct {
	Registry *registry.Registry
	// Issuers are the generations of both authorities.
	Issuers map[profile.Authority]*certificate.Generations
	// Content are the static keys of content encryption, ascending by version; the
	// last is the one of new orders, the others are kept as long as what they
	// issued lives (SPEC-PERSO-080).
	Content []perso.ContentKey
	// Delivered makes the keys that are delivered.
	Delivered keys.Source
	// Entropy gives codes for PINs; used by one call at a time.
	Entropy entropy.Source
	// Secret is what pseudonyms and identifiers follow from, SecretLen bytes.
	Secret []byte

	// Attestation knows the keys of cards' authorities; nil knows none.
	Attestation Attestation
	// Unattested admits cards whose authority attests nothing.
	Unattested bool
	// LoadFiles are the SHA-256 of the applet's load files that orders are placed
	// for, and that a statement of presence may be of; empty: none; nil: any.
	LoadFiles []perso.Hash
	// Offices are the codes of the municipalities, of six digits, that parties act
	// for; nil: each for all.
	Offices map[tsmp.PartyID]string
	// Presence demands the statement that the SIM is there from each application
	// for issue.
	Presence bool
}

// Attestation is the inventory of the keys of cards' authorities, as carriers and
// card makers have reported them.
type Attestation interface {
	// AttestationKey is the key of a SIM's authority by the SHA-256 of its
	// SubjectPublicKeyInfo; nil when the SIM has no such key.
	AttestationKey(sim [16]byte, id perso.Hash) perso.Authority
}

// Attesting is an Attestation that knows which SIMs have an authority. With it,
// Unattested admits only those that have none. Spec: SPEC-CA-033.
type Attesting interface {
	Attestation
	// Attests reports whether the inventory has a key of the SIM's authority.
	Attests(sim [16]byte) bool
}

// Authority is the certificate authority. It is for concurrent use.
type Authority struct {
	config Config
	codes  sync.Mutex // guards config.Entropy
}

// New makes an authority. It fails when something of the configuration is
// missing or does not fit. Spec: SPEC-CA-001, SPEC-CA-005.
func New(c Config) (*Authority, error) {
	if c.Registry == nil || c.Delivered == nil || c.Entropy == nil {
		return nil, errors.New("ca: Config needs Registry, Delivered and Entropy")
	}
	if len(c.Secret) != SecretLen {
		return nil, fmt.Errorf("ca: secret of %d bytes, want %d", len(c.Secret), SecretLen)
	}
	if len(c.Content) == 0 {
		return nil, errors.New("ca: no content key")
	}
	for i := 1; i < len(c.Content); i++ {
		if c.Content[i].Version() <= c.Content[i-1].Version() {
			return nil, fmt.Errorf("ca: content key version %d after %d", c.Content[i].Version(), c.Content[i-1].Version())
		}
	}
	c.Issuers = maps.Clone(c.Issuers)
	for _, authority := range profile.Authorities() {
		g := c.Issuers[authority]
		if g == nil || len(g.All()) == 0 {
			return nil, fmt.Errorf("ca: no generation of the %s authority", authority)
		}
		if of := g.All()[0].Authority; of != authority {
			return nil, fmt.Errorf("ca: generations of the %s authority in the place of %s", of, authority)
		}
	}
	for party, code := range c.Offices {
		if m := (profile.Municipality{Code: code, Prefecture: "A-ken", City: "A-shi"}); m.Check() != nil {
			return nil, fmt.Errorf("ca: Config.Offices has %q for %s: want a municipality's code of five digits and its check digit", code, party)
		}
	}
	if err := c.guard(); err != nil {
		return nil, err
	}
	return &Authority{config: c}, nil
}

// guard refuses what only a laboratory may leave out: certificates of a key that is
// not published are believed. Spec: SPEC-CA-005.
func (c *Config) guard() error {
	for _, authority := range profile.Authorities() {
		for i, issuer := range c.Issuers[authority].All() {
			if keys.IsTest(issuer.Certificate.PublicKey) {
				continue
			}
			of := fmt.Sprintf("the key of the %s authority's generation %d is no published test key", authority, i+1)
			if c.LoadFiles == nil {
				return fmt.Errorf("ca: Config.LoadFiles is nil, and %s: want the SHA-256 of each load file whose applet keeps its keys", of)
			}
			if c.Offices == nil {
				return fmt.Errorf("ca: Config.Offices is nil, and %s: want the municipality that each party acts for", of)
			}
			if _, knows := c.Attestation.(Attesting); !knows {
				return fmt.Errorf("ca: Config.Attestation is a %T, and %s: want an Attesting, which knows the SIMs that must attest", c.Attestation, of)
			}
		}
	}
	return nil
}

// Registry is what the authority keeps its records in.
func (a *Authority) Registry() *registry.Registry { return a.config.Registry }

// Issuers are the generations of an authority.
func (a *Authority) Issuers(of profile.Authority) *certificate.Generations {
	return a.config.Issuers[of]
}

// signing is the generation of an authority that signs now, and its number.
func (a *Authority) signing(of profile.Authority) (*certificate.Issuer, uint32, error) {
	generations := a.Issuers(of)
	issuer, err := generations.Current(a.config.Registry.Now())
	if err != nil {
		return nil, 0, err
	}
	return issuer, uint32(slices.Index(generations.All(), issuer) + 1), nil
}

// content is a content key by its version.
func (a *Authority) content(version byte) perso.ContentKey {
	for _, k := range a.config.Content {
		if k.Version() == version {
			return k
		}
	}
	return nil
}

// attestation is the authority of a SIM by the name of its key; nil when it is
// not known. The zero name is no key.
func (a *Authority) attestation(sim [16]byte, id perso.Hash) perso.Authority {
	if a.config.Attestation == nil || id == (perso.Hash{}) {
		return nil
	}
	return a.config.Attestation.AttestationKey(sim, id)
}

func sum(b []byte) [sha256.Size]byte { return sha256.Sum256(b) }
