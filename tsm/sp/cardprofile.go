package sp

import (
	"crypto/sha256"
	"errors"
	"fmt"
	"slices"
	"time"

	"inkan/core/gp"
	"inkan/core/scp/confidential/casd"
	"inkan/core/tsmp"
	"inkan/tsm/hsm"
	"inkan/tsm/remote"
	"inkan/tsm/sp/instance"
	"inkan/tsm/store/row"
)

// CardProfile is how the provider's domain is reached on SIMs of one kind.
type CardProfile struct {
	// Domain has no keys: Sets says which it is given. AID and TAR are Config.Domain's.
	Domain remote.Domain
	// Sets are the domain's key sets: one of packets, one of a channel, or one of both.
	Sets []instance.KeySet
	// Attested: the controlling authority attests what the application says.
	Attested bool
}

// CardsConfig is what NewCards needs.
type CardsConfig struct {
	HSM hsm.Module
	// Makers are whose controlling authorities are believed.
	Makers []casd.Maker
	Now    func() time.Time
	// Profiles are the kinds of SIMs, by the profileId of GetSECapabilityProfileId.
	Profiles map[string]CardProfile
	Software *Software
}

// NewCards makes Cards of package instance. It fails when something is missing, or the
// load file has another hash than it is given out for. Spec: SPEC-SP-TSM-054.
func NewCards(c CardsConfig) (Cards, error) {
	if c.HSM == nil || c.Now == nil || len(c.Profiles) == 0 || c.Software == nil {
		return nil, errors.New("sp: CardsConfig needs HSM, Now, Profiles and Software")
	}
	file, err := gp.DecodeLoadFile(c.Software.LoadFile)
	if err != nil {
		return nil, fmt.Errorf("sp: CardsConfig.Software: %w", err)
	}
	if hash := sha256.Sum256(file.Content); hash != c.Software.Hash {
		return nil, fmt.Errorf("sp: CardsConfig.Software: the load file has the SHA-256 %x, want %x", hash, c.Software.Hash)
	}
	return &cards{c}, nil
}

type cards struct{ config CardsConfig }

// Knows implements Cards.
func (c *cards) Knows(profile string) bool {
	_, ok := c.config.Profiles[profile]
	return ok
}

func (c *cards) resources() instance.Resources {
	return instance.Resources{HSM: c.config.HSM, Makers: c.config.Makers, Now: c.config.Now(), LoadFile: c.config.Software.LoadFile}
}

// remote is the domain with the keys that it has.
func (c *cards) remote(d *Domain) (r remote.Domain, err error) {
	p := c.config.Profiles[d.Profile]
	r = p.Domain
	if r.AID, err = gp.NewAID(d.Spec.AID); err != nil {
		return r, err
	}
	if len(d.Spec.TAR) == len(r.TAR) {
		copy(r.TAR[:], d.Spec.TAR)
	}
	for _, k := range d.Keys {
		if hsm.Use(k.Use) == hsm.UseSCP80 {
			r.PacketKeys = hsm.Stored(k)
		} else {
			r.ChannelKeys = hsm.Stored(k)
		}
	}
	return r, nil
}

// reach are the bearers, of those that may be used, by which the domain is reached.
func reach(r *remote.Domain, bearers []tsmp.Bearer) (list []tsmp.Bearer) {
	for _, b := range bearers {
		if r.Reaches(b) {
			list = append(list, b)
		}
	}
	return list
}

// sets are the key sets, that of the preferred bearer first: the first is agreed on.
func (c *cards) sets(d *Domain) []instance.KeySet {
	list := slices.Clone(c.config.Profiles[d.Profile].Sets)
	packets := len(d.Bearers) > 0 && d.Bearers[0] == tsmp.BearerSMS
	slices.SortStableFunc(list, func(a, b instance.KeySet) int {
		if (a.Use == hsm.UseSCP80) == (b.Use == hsm.UseSCP80) {
			return 0
		}
		if (a.Use == hsm.UseSCP80) == packets {
			return -1
		}
		return 1
	})
	return list
}

// dataBytes is the block size for all bearers that may be used.
func (c *cards) dataBytes(d *Domain) (int, error) {
	r, err := c.remote(d)
	if err != nil {
		return 0, err
	}
	bearers := reach(&r, d.Bearers)
	if len(bearers) == 0 {
		return 0, &CardError{Code: tsmp.CodeNoBearer, Err: errors.New("no bearer reaches the domain")}
	}
	return r.DataBytes(bearers...), nil
}

// keep brings the domain up to date with a program that changes its keys.
func keep(d *Domain, p instance.Program) {
	if t, ok := p.(*instance.TakeOver); ok {
		d.Keys = append([]row.Key(nil), t.Keys()...)
		d.Attestation = t.AttestationKey()
	}
}
