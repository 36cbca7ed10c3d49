package registry

import (
	"inkan/ca/registry/record"
	"inkan/core/jpki/certificate"
)

// parents are what a phone's certificate rests on.
type parents struct {
	person                    record.Person
	card                      record.Card
	signature, authentication record.Certificate
}

// signer is the resident whose card's signature certificate has a serial number,
// when that certificate is valid and says what is still true of its holder.
// Spec: SPEC-CA-LIFECYCLE-020, SPEC-CA-LIFECYCLE-042.
func (a *act) signer(serial uint64) (p parents, err error) {
	if p.signature, err = a.certificate(certificate.SignatureAuthority, serial); err != nil {
		return p, err
	}
	if p.signature.Kind != certificate.CardSignature || p.signature.Stage != record.Issued {
		return p, refuse(UnknownCertificate)
	}
	if p.person, err = a.resident(p.signature.Person); err != nil {
		return p, err
	}
	a.entry.Subject.Person = p.person.ID
	if p.card, err = a.inForce(p.signature.Card); err != nil {
		return p, err
	}
	switch {
	case p.signature.AttributesVersion != p.person.AttributesVersion:
		return p, refuse(HolderChanged)
	case p.signature.State != certificate.Active || a.now.After(p.signature.NotAfter):
		return p, refuse(SignatureNotValid)
	}
	return p, nil
}

// eligible is signer with the card's authentication certificate, which bounds and
// ends the phone's. Spec: SPEC-CA-LIFECYCLE-020, SPEC-CA-LIFECYCLE-022.
func (a *act) eligible(serial uint64) (parents, error) {
	p, err := a.signer(serial)
	if err != nil {
		return p, err
	}
	if p.card.Authentication == 0 {
		return p, refuse(NoAuthentication)
	}
	p.authentication, err = a.certificate(certificate.AuthenticationAuthority, p.card.Authentication)
	if err == nil && (p.authentication.State != certificate.Active || a.now.After(p.authentication.NotAfter)) {
		err = refuse(NoAuthentication)
	}
	return p, err
}

// livePhone is a person's live phone certificate; one of no phone when there is none.
func (a *act) livePhone(id record.PersonID) (c record.Certificate, err error) {
	list, err := a.certificatesBy(record.OfPerson, id[:])
	for i := range list {
		if list[i].Kind == certificate.PhoneAuthentication && list[i].Live(a.now) {
			return list[i], err
		}
	}
	return c, err
}
