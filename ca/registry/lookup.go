package registry

import (
	"fmt"
	"time"

	"inkan/ca/registry/record"
	"inkan/core/jpki/certificate"
)

// Person reads a person's record; a *Refusal says that there is none. So do the
// other look-ups.
func (s *Snapshot) Person(id record.PersonID) (record.Person, error) { return s.person(id) }

// Card reads a card's record.
func (s *Snapshot) Card(id record.CardID) (record.Card, error) { return s.card(id) }

// Phone reads the record of a service instance.
func (s *Snapshot) Phone(id record.PhoneID) (record.Phone, error) { return s.phone(id) }

// Application reads an application's record.
func (s *Snapshot) Application(id record.ApplicationID) (record.Application, error) {
	return s.application(id)
}

// Signed is the application that bytes of a hash are; found is false when nobody
// has brought them.
func (s *Snapshot) Signed(hash record.Hash) (app record.Application, found bool, err error) {
	return s.signed(hash)
}

// Order reads an order's record.
func (s *Snapshot) Order(id record.OrderID) (record.Order, error) { return s.order(id) }

// Certificate reads a certificate's record, reservations included.
func (s *Snapshot) Certificate(au certificate.Authority, serial uint64) (record.Certificate, error) {
	return s.certificate(au, serial)
}

// DER is a certificate's encoding; found is false when it is only reserved, or
// was imported without.
func (s *Snapshot) DER(au certificate.Authority, serial uint64) (der []byte, found bool, err error) {
	return s.Get(record.DERs.Serial(au, serial), nil)
}

// Envelope is the sealed envelope of a pending certificate; found is false when
// it is not pending. Spec: SPEC-CA-LIFECYCLE-032.
func (s *Snapshot) Envelope(au certificate.Authority, serial uint64) (sealed []byte, found bool, err error) {
	return s.Get(record.Envelopes.Serial(au, serial), nil)
}

// Evidence is a piece of evidence by its hash.
func (s *Snapshot) Evidence(h record.Hash) (evidence []byte, found bool, err error) {
	value, found, err := s.Get(record.Evidence.Key(h[:]), nil)
	if err != nil || !found {
		return nil, false, corrupt(err)
	}
	if len(value) < numberLen {
		return nil, false, fmt.Errorf("%w: evidence %s: %d bytes, want at least %d", ErrCorrupt, h, len(value), numberLen)
	}
	return value[numberLen:], true, nil
}

// OfPerson are all certificates of a person, ascending by authority and serial.
func (s *Snapshot) OfPerson(id record.PersonID) ([]record.Certificate, error) {
	return s.certificatesBy(record.OfPerson, id[:])
}

// OfCard are all certificates of a card.
func (s *Snapshot) OfCard(id record.CardID) ([]record.Certificate, error) {
	return s.certificatesBy(record.OfCard, id[:])
}

// OfPhone are all certificates of a service instance.
func (s *Snapshot) OfPhone(id record.PhoneID) ([]record.Certificate, error) {
	return s.certificatesBy(record.OfPhone, id[:])
}

// Generation is the active certificate of a generation of an authority.
func (s *Snapshot) Generation(au certificate.Authority, generation uint32) (record.Certificate, error) {
	return s.generation(au, generation)
}

// KeyKnown says which certificate a key was last reserved for.
func (s *Snapshot) KeyKnown(key record.Hash) (au certificate.Authority, serial uint64, known bool, err error) {
	var use record.KeyUse
	known, err = s.load(record.Keys.Key(key[:]), &use)
	return use.Authority, use.Serial, known, err
}

// ErasuresDue walks over the phones whose application is to be erased.
func (s *Snapshot) ErasuresDue(each func(record.PhoneID) error) error {
	return s.ScanPrefix(record.Erasures.Key(), func(key, _ []byte) error {
		if err := atLeast(1+record.IDLen, key); err != nil {
			return err
		}
		return each(record.PhoneID(key[1:]))
	})
}

// OrdersOf walks over the orders of a service instance; o is reused.
func (s *Snapshot) OrdersOf(id record.PhoneID, each func(o *record.Order) error) error {
	return s.ScanPrefix(record.OrdersOf.Key(id[:]), func(key, _ []byte) error {
		if err := atLeast(1+2*record.IDLen, key); err != nil {
			return err
		}
		o, err := s.order(record.OrderID(key[1+record.IDLen:]))
		if err != nil {
			return err
		}
		return each(&o)
	})
}

// PhoneLimit is the latest end that a certificate issued now under an application
// can have. Spec: SPEC-CA-LIFECYCLE-022.
func (s *Snapshot) PhoneLimit(id record.ApplicationID) (end time.Time, err error) {
	app, err := s.application(id)
	if err != nil {
		return end, err
	}
	person, err := s.person(app.Person)
	if err != nil {
		return end, err
	}
	card, err := s.card(person.Card)
	if err != nil {
		return end, err
	}
	signature, err := s.certificate(certificate.SignatureAuthority, app.Signature)
	if err != nil {
		return end, err
	}
	end = certificate.Earliest(certificate.ValidUntil(s.At(), person.Birth), card.NotAfter, signature.NotAfter)
	if card.Authentication == 0 {
		return end, nil
	}
	authentication, err := s.certificate(certificate.AuthenticationAuthority, card.Authentication)
	if authentication.Live(s.At()) {
		end = certificate.Earliest(end, authentication.NotAfter)
	}
	return end, err
}
