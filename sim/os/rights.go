package os

import (
	"bytes"

	"inkan/core/apdu"
	"inkan/core/gp"
	"inkan/core/iso7816"
	"inkan/core/tlv"
)

// Errors of rights.
const (
	errRights = iso7816.ConditionsNotSatisfied
	errToken  = iso7816.SecurityStatusNotSatisfied
)

// manages tells whether the domain may do card content management, and checks the
// token of a command: a domain with Authorized Management needs none, one with
// Delegated Management needs it, others may not. delegated says that a receipt is
// due. Spec: SPEC-UICC-OS-050, SPEC-UICC-OS-051, SPEC-UICC-OS-052.
func (s *session) manages(cmd *apdu.Command, token []byte) (delegated bool, err error) {
	p := s.d.entry().privileges
	authorized := p.Has(gp.AuthorizedManagement)
	if !authorized && !p.Has(gp.DelegatedManagement) {
		return false, errRights
	}
	if len(token) == 0 {
		if !authorized {
			return false, errRights
		}
		return false, nil
	}
	if !s.d.card.verifyToken(cmd) {
		return false, errToken
	}
	if !authorized && s.d.card.receiptsExhausted() {
		return false, errRights
	}
	return !authorized, nil
}

// tokenFor checks that a token is for this card and this domain, where the template
// B6 that it signs says so, and gives the token's identifier, or nil. A command without
// a token has nothing to check. Spec: SPEC-UICC-OS-123.
func (s *session) tokenFor(token []byte, control *gp.TokenControl) (identifier []byte, err error) {
	if len(token) == 0 || control == nil {
		return nil, nil
	}
	c := s.d.card
	verifier, _ := c.holder(gp.TokenVerification)
	for _, o := range []struct {
		want  []byte
		tag   tlv.Tag
		owner []domainID
	}{
		{control.SecurityDomainProvider, gp.TagIIN, []domainID{verifier.own, issuerID}},
		{control.SecurityDomainImage, gp.TagCIN, []domainID{verifier.own, issuerID}},
		{control.ApplicationProvider, tagProviderName, []domainID{s.d.id}},
	} {
		if o.want != nil && !bytes.Equal(o.want, c.firstObject(uint32(o.tag), o.owner...)) {
			return nil, errToken
		}
	}
	if len(control.TokenIdentifier) > maxTokenIdentifier {
		return nil, iso7816.WrongData
	}
	return control.TokenIdentifier, nil
}

// maxTokenIdentifier is what a receipt can name, in bytes.
const maxTokenIdentifier = 127

// tokenOf is tokenFor of DELETE, whose template stands by itself.
func (s *session) tokenOf(k *gp.Delete) (identifier []byte, err error) {
	if k.CRT == nil {
		return nil, nil
	}
	p, err := gp.DecodeInstallParameters(tlv.Append(nil, gp.TagTokenControl, k.CRT))
	if err != nil {
		return nil, err
	}
	return s.tokenFor(k.Token, p.Token)
}

// firstObject is a data object of the first of some domains that has it; nil: none.
func (c *Card) firstObject(tag uint32, owners ...domainID) []byte {
	for _, id := range owners {
		if v, ok := c.object(id, tag); ok {
			return v
		}
	}
	return nil
}

// owns finds an entry that the domain may act on: one associated with it, directly
// or by domains between. 6A88: there is none, or it is none of the domain's
// business. Spec: SPEC-UICC-OS-053.
func (s *session) owns(aid gp.AID, global gp.Privileges) (entry, error) {
	if s.d.card.alias(aid.Append(nil)) {
		aid = s.d.card.domain(issuerID).aid()
	}
	e, ok := s.d.card.entry(aid)
	if !ok {
		return entry{}, iso7816.ReferencedDataNotFound
	}
	if s.d.card.within(&e, s.d.id) || e.isDomain() && e.own == s.d.id || global != 0 && s.d.has(global) {
		return e, nil
	}
	return entry{}, iso7816.ReferencedDataNotFound
}

// holder is the domain with a privilege that the card has once: a supplementary
// one before the issuer's.
func (c *Card) holder(p gp.Privileges) (found entry, ok bool) {
	c.entries(func(e *entry) {
		if e.isDomain() && e.privileges.Has(p) && (!ok || found.own == issuerID) {
			found, ok = *e, true
		}
	})
	return found, ok
}
