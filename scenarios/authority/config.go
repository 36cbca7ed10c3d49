package authority

import (
	"crypto/ed25519"
	"errors"
	"fmt"
	"time"

	"inkan/ca"
	"inkan/ca/keys"
	"inkan/ca/keys/testkeys"
	"inkan/ca/status/crl"
	"inkan/core/entropy"
	"inkan/core/jpki/perso"
	"inkan/core/tsmp"
	"inkan/server/store"
)

// Party is the authority's name among the parties of the messages.
const Party tsmp.PartyID = "ca.inkan.example"

// Config is what an authority runs with. Now is needed, and so is Secret with keys
// other than the test keys; everything else has a default.
type Config struct {
	Folder string // of the registry; empty: it is in memory
	// FS is the file system that the folder is on; nil: the disk.
	FS  store.FS
	Now func() time.Time

	// Keys are the authority's; nil: the published test keys, of which one generation
	// of each is used. Of others all generations are.
	Keys   keys.Store
	Secret []byte // what pseudonyms and identifiers follow from, ca.SecretLen bytes

	// Seed makes identifiers, codes and delivered keys follow from it, for
	// demonstrations; nil: real randomness.
	Seed      *uint64
	Delivered keys.Source // nil: keys.Fresh, or with Seed keys that follow from it

	// Parties are the other parties' keys; the authority's own is added.
	Parties tsmp.Keys
	// Offices are those of ca.Config; with keys that are not published each
	// municipality among the parties has one.
	Offices map[tsmp.PartyID]string
	// Peers are the service managers that Serve tells of changes.
	Peers []Peer
	// LoadFiles are those of ca.Config. With keys that are not published and
	// parties they are needed; without parties nobody orders.
	LoadFiles []perso.Hash
	// Inventory knows the SIMs; nil: an empty one. With keys that are not published
	// and parties it must know some.
	Inventory *Inventory
	// Unattested and Presence are those of ca.Config.
	Unattested, Presence bool

	Lists crl.Store   // nil: in memory
	Fault func(error) // told of what fails behind the interfaces; may be nil
}

// complete fills in the defaults and refuses what does not go together.
func (c *Config) complete() error {
	if c.Now == nil {
		return errors.New("authority: no clock")
	}
	if c.FS == nil {
		c.FS = store.Disk()
	}
	if c.Keys == nil {
		c.Keys = testStore{testkeys.Store()}
		if c.Secret == nil {
			c.Secret = []byte("TEST ONLY: not a secret at all.\n")
		}
	}
	if len(c.Secret) != ca.SecretLen {
		return fmt.Errorf("authority: secret of %d bytes, want %d", len(c.Secret), ca.SecretLen)
	}
	if c.Delivered == nil {
		c.Delivered = keys.Fresh{}
		if c.Seed != nil {
			c.Delivered = &seeded{seed: *c.Seed}
		}
	}
	if c.Lists == nil {
		c.Lists = new(crl.Memory)
	}
	if c.Inventory == nil {
		c.Inventory = new(Inventory)
	}
	return errors.Join(c.guard(), c.checkPeers())
}

// guard refuses real keys without what makes them safe to use by message. Spec: SPEC-CA-005.
func (c *Config) guard() error {
	if keys.RequireReal(c.Keys) != nil {
		return nil
	}
	if c.Offices == nil {
		c.Offices = map[tsmp.PartyID]string{}
	}
	for _, key := range c.Parties {
		if _, known := c.Offices[key.Party]; !known && key.Role == tsmp.RoleMunicipality {
			return fmt.Errorf("authority: Config.Offices has no municipality for %s, and the keys are not published ones: want the one that it acts for", key.Party)
		}
	}
	switch {
	case len(c.Parties) == 0 && c.LoadFiles == nil:
		c.LoadFiles = []perso.Hash{} // of none
	case len(c.Parties) == 0:
	case len(c.LoadFiles) == 0:
		return errors.New("authority: messages are taken with keys that are not published, and Config.LoadFiles is empty: want the SHA-256 of each load file that orders are placed for")
	case c.Inventory.Len() == 0:
		return errors.New("authority: messages are taken with keys that are not published, and Config.Inventory is empty: want the attestation keys of the SIMs")
	}
	return nil
}

// entropy is the source of a purpose.
func (c *Config) entropy(purpose string) entropy.Source {
	if c.Seed == nil {
		return entropy.System()
	}
	return entropy.Seeded(*c.Seed, "authority/"+purpose)
}

// testStore is the published test keys without the later generations of the
// authorities: those are for the tests of what comes after years.
type testStore struct{ keys.Store }

// Names implements keys.Store.
func (s testStore) Names() (names []keys.Name) {
	for _, n := range s.Store.Names() {
		if n.Generation == 1 || n.Role != keys.SignatureCA && n.Role != keys.AuthenticationCA {
			names = append(names, n)
		}
	}
	return names
}

// Named is a party with a key of its own that follows from a seed: TEST ONLY, whoever
// has the seed can sign in its name.
func Named(party tsmp.PartyID, role tsmp.Role, seed uint64) (tsmp.Identity, tsmp.Key) {
	var private [ed25519.SeedSize]byte
	entropy.Seeded(seed, "authority/request key of "+string(party)).Fill(private[:])
	key := ed25519.NewKeyFromSeed(private[:])
	id := string(party) + "#1"
	return tsmp.Identity{Party: party, KeyID: id, Signer: key}, tsmp.Key{ID: id, Party: party, Role: role, Public: key.Public()}
}
