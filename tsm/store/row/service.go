package row

import (
	"errors"
	"time"

	"inkan/core/tsmp"
	"inkan/tsm/store/codec"
)

// Service is a service instance: one service on one SIM. SP-TSM and MNO-TSM have
// a row each, under the same reference.
type Service struct {
	Reference   tsmp.ServiceReference
	Name        string       // of the service: "jpki"
	Peer        tsmp.PartyID // the MNO-TSM to the SP-TSM, and the other way round
	SE          tsmp.SEID
	Subscriber  tsmp.Subscriber // the pseudonym
	Phone       tsmp.PhoneID    // the authority's name; zero at the MNO-TSM
	Application ApplicationID   // that it came from; zero at the MNO-TSM
	Model       tsmp.Model
	State       tsmp.ServiceState
	Domain      tsmp.DomainState
	Since       time.Time   // of the state
	Action      tsmp.CallID // under way; zero: none
	LastAction  tsmp.CallID // the last that ended; zero: none
	Outcome     tsmp.Outcome
	Keys        []Key
	Content     []byte // what the caller keeps with it; no key
}

// Format implements codec.Row.
func (*Service) Format() string { return "service instance row" }

// Version implements codec.Row.
func (*Service) Version() byte { return 1 }

// Fields implements codec.Row.
func (s *Service) Fields(f *codec.Fields) {
	f.Raw("reference", s.Reference[:])
	codec.Text(f, "name", &s.Name)
	codec.Text(f, "peer", &s.Peer)
	f.Raw("SE", s.SE[:])
	f.Raw("subscriber", s.Subscriber[:])
	f.Raw("phone", s.Phone[:])
	f.Raw("application", s.Application[:])
	codec.Enum(f, "model", &s.Model, tsmp.ModelSimple, tsmp.ModelAuthorised)
	codec.Enum(f, "state", &s.State, tsmp.ServiceDeclared, tsmp.ServiceOrphaned)
	codec.Enum(f, "domain", &s.Domain, tsmp.DomainAbsent, tsmp.DomainEnrolled)
	f.Time("since", &s.Since)
	f.Raw("action", s.Action[:])
	f.Raw("last action", s.LastAction[:])
	codec.Enum(f, "outcome", &s.Outcome, 0, tsmp.OutcomeInternal)
	codec.List(f, "keys", &s.Keys, func(f *codec.Fields, k *Key) { k.fields(f) })
	f.Bytes("content", &s.Content)
}

// Valid checks what holds of every service instance.
func (s *Service) Valid() error {
	if err := errors.Join(name("service", s.Name), party("peer", s.Peer), keysValid(s.Keys)); err != nil {
		return err
	}
	switch {
	case s.Reference == tsmp.ServiceReference{}:
		return errors.New("service instance without reference")
	case s.SE == tsmp.SEID{}:
		return errors.New("service instance without SIM")
	case s.Since.IsZero():
		return errors.New("service instance without the time of its state")
	case (s.LastAction == tsmp.CallID{}) != (s.Outcome == 0):
		return errors.New("service instance: want last action and outcome, or neither")
	case s.State == tsmp.ServiceTerminated && s.Domain != tsmp.DomainAbsent:
		return errors.New("service instance that is terminated and has a domain on the card")
	case s.State == tsmp.ServiceTerminated && len(s.Keys) > 0:
		return errors.New("service instance that is terminated and has keys")
	}
	return nil
}
