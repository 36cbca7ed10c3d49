package profile

import (
	"fmt"

	"inkan/core/gp"
	"inkan/core/keys"
	"inkan/core/scp"
	"inkan/core/scp/scp02"
	"inkan/core/scp/scp03"
	"inkan/sim/engine"
)

// Profile is what the SIM cards of one carrier have in common. A Profile is shared
// and never changed. Spec: SPEC-PROFILES-001.
type Profile struct {
	Name    string // of the profile: a to z, digits, -
	Carrier string // whose name the telephone shows
	Host    string // profile of the carrier whose network an MVNO uses; empty: its own

	Model Model  // who manages the provider's applications
	Chip  string // engine.ChipNamed
	// MemoryBytes is the non-volatile memory; 0: the chip's.
	MemoryBytes uint32

	Channel    gp.SCPOption // of the issuer's domain: protocol and i
	KeyVersion byte         // of its keys
	KeyBytes   int          // length of each
	Method     keys.Method  // how a card's keys follow from the master keys

	MaxData int  // longest data field of a command (Lc)
	Line    Line // what the cards say about their line

	MCC, MNC  string // of the IMSI
	Issuer    string // of the ICCID: the digits behind 89
	Base      uint64 // where the numbers of the profile's cards begin in ICCID and IMSI
	ServiceSC string // short message service centre, international without +
}

// Model is the deployment model of GlobalPlatform: who may load the provider's
// applications (System Messaging; Card Specification 2.3.1 §9.1).
type Model byte

// Models.
const (
	Simple     Model = iota // the carrier alone
	Delegated               // the provider, each time with the carrier's token
	Authorised              // the provider, on its own
)

// String is "simple", "delegated" or "authorised".
func (m Model) String() string {
	if int(m) < len(modelNames) {
		return modelNames[m]
	}
	return fmt.Sprintf("model %d", byte(m))
}

var modelNames = [...]string{"simple", "delegated", "authorised"}

// ProviderPrivileges are those that the provider's domain gets in a model.
// Spec: SPEC-PROFILES-004.
func (m Model) ProviderPrivileges() gp.Privileges {
	switch m {
	case Delegated:
		return gp.SecurityDomain | gp.DelegatedManagement
	case Authorised:
		return gp.SecurityDomain | gp.AuthorizedManagement
	}
	return gp.SecurityDomain
}

// Level is the highest security level of the profile's secure channel.
func (p *Profile) Level() scp.Level {
	best := scp.Level(0)
	for l := scp.Level(0); l < 0x40; l++ {
		if p.allows(l) && l > best {
			best = l
		}
	}
	return best
}

func (p *Profile) allows(l scp.Level) bool {
	if p.Channel.Protocol == gp.SCP02 {
		return scp02.Options(p.Channel.I).Allows(l)
	}
	return scp03.Options(p.Channel.I).Allows(l)
}

// BlockBytes is the most plain data that one protected command carries: what
// MaxData leaves beside padding and MAC at the highest level.
// Spec: SPEC-PROFILES-005.
func (p *Profile) BlockBytes() int {
	block, macBytes := 16, 8
	if p.Channel.Protocol == gp.SCP02 {
		block = 8
	}
	return (p.MaxData-macBytes)/block*block - 1
}

// KeyType is the type of the keys in the issuer's domain.
func (p *Profile) KeyType() keys.Type {
	if p.Channel.Protocol == gp.SCP02 {
		return keys.DES
	}
	return keys.AES
}

// ChipData is the chip with the profile's memory. Spec: SPEC-PROFILES-003.
func (p *Profile) ChipData() (*engine.Chip, error) {
	chip := engine.ChipNamed(p.Chip)
	if chip == nil {
		return nil, fmt.Errorf("profile %s: no chip is called %s", p.Name, p.Chip)
	}
	if p.MemoryBytes == 0 {
		return chip, nil
	}
	changed := *chip
	changed.NVM.SizeBytes = p.MemoryBytes
	return &changed, changed.Check()
}
