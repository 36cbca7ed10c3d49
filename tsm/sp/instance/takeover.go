package instance

import (
	"context"
	"errors"
	"fmt"

	"inkan/core/keys"
	"inkan/core/scp/confidential"
	"inkan/core/tsmp"
	"inkan/tsm/hsm"
	"inkan/tsm/store/row"
)

// KeySet is a key set that the provider's domain is to have.
type KeySet struct {
	Use       hsm.Use   // UseSCP80, UseSCP02 or UseSCP03
	Version   byte      // key version number, of the use
	Type      keys.Type // AES, or DES for triple DES
	SizeBytes int       // of each key
}

// Handover says which domain is taken over.
type Handover struct {
	Reference tsmp.ServiceReference
	SE        tsmp.SEID
	// Sets are the key sets that the domain has in the end, 1 to MaxSets and no other.
	// The first is agreed on through the controlling authority, the others are put under
	// its protection: over SMS it is that of packets, over relay that of a channel.
	Sets    []KeySet
	Bearers []tsmp.Bearer
}

// MaxSets is the most key sets that a domain is given: one of packets, one of a channel.
const MaxSets = 2

func (h *Handover) valid() error {
	if len(h.Sets) == 0 || len(h.Sets) > MaxSets || len(h.Sets) == MaxSets && h.Sets[0].Version == h.Sets[1].Version {
		return fmt.Errorf("instance: %d key sets, want 1 to %d of different versions", len(h.Sets), MaxSets)
	}
	for _, s := range h.Sets {
		plan := s.plan().Control()
		if _, err := confidential.PlanOf(&plan); err != nil {
			return err
		}
		if s.Use == "" || s.Use != useOf(keys.UseOf(s.Version)) {
			return fmt.Errorf("instance: key version %02X is not for %q", s.Version, s.Use)
		}
	}
	if len(h.Bearers) == 0 {
		return errors.New("instance: no bearer for the take-over")
	}
	return nil
}

// plan is what the card is asked for: it contributes to the keys, so that whoever has
// recorded an agreement cannot bring its keys back.
func (s *KeySet) plan() *confidential.Plan {
	return &confidential.Plan{Version: s.Version, Type: s.Type, SizeBytes: s.SizeBytes, Random: true}
}

func useOf(u keys.Use) hsm.Use {
	switch u {
	case keys.UseSCP80:
		return hsm.UseSCP80
	case keys.UseSCP02:
		return hsm.UseSCP02
	case keys.UseSCP03:
		return hsm.UseSCP03
	}
	return ""
}

// takeOverStage is where a TakeOver is.
type takeOverStage byte

const (
	takeAuthority takeOverStage = iota + 1 // certificate of the controlling authority
	takeEnrol                              // key agreement
	takeInventory                          // which keys the domain has
	takeKeys                               // ours put, others deleted
	takeDone
)

var takeOverStages = [...]string{"", "authority", "enrol", "inventory", "keys", "done"}

// TakeOver replaces the keys that a carrier has put into the provider's domain by those
// that only the provider has: a Program. Its calls are GetCAInformation and
// EnrollSSDOwnerCertificate, whose action's outcome goes to Take, or that of a DeployService
// which has brought the same templates to the domain; then commands go to the domain, under
// the first of the new key sets. Make one with NewTakeOver.
type TakeOver struct {
	resources Resources

	handover    Handover
	stage       takeOverStage
	refusals    byte
	agreement   []byte // the authority's static point, of its certificate
	attestation [32]byte
	ephemeral   row.Wrapped
	public      []byte    // its point
	held        []row.Key // the sets, in their order: the first agreed on, the others made
	versions    []byte    // of the keys that the domain had when it was asked
}

var _ Program = (*TakeOver)(nil)

// NewTakeOver makes a take-over. Spec: SPEC-INSTANCE-020.
func NewTakeOver(h Handover, r Resources) (*TakeOver, error) {
	if err := h.valid(); err != nil {
		return nil, err
	}
	return &TakeOver{resources: r, handover: h, stage: takeAuthority}, nil
}

// Keys are the key sets that commands to the domain can be protected with already: the
// first once it was agreed on, all once the take-over is done.
func (t *TakeOver) Keys() []row.Key {
	if t.stage == takeDone {
		return t.held
	}
	return t.held[:min(1, len(t.held))]
}

// AttestationKey is the hash of the key that attests, of the controlling authority's
// certificate: for PlaceOrder. Zero until the certificate was verified.
func (t *TakeOver) AttestationKey() [32]byte { return t.attestation }

// String is what it is and where: nothing of its keys.
func (t *TakeOver) String() string { return "take-over at " + t.Stage() }

// Stage implements Program: "authority", "enrol", "inventory", "keys" or "done".
func (t *TakeOver) Stage() string { return takeOverStages[t.stage] }

// Take implements Program.
func (t *TakeOver) Take(ctx context.Context, o Outcome) error {
	next := *t
	var err error
	switch t.stage {
	case takeEnrol:
		err = next.takeAgreement(ctx, &o)
	case takeInventory:
		err = next.takeVersions(&o)
	case takeKeys:
		err = next.takeKeys(&o)
	default:
		return ErrNotNeeded
	}
	if err == nil {
		*t = next
	}
	return err
}
