package sp

import (
	"inkan/core/tsmp"
	"inkan/tsm/store/codec"
)

// declare makes the service instance known to the carrier. Nothing is on the card yet.
func (f *flow) declare() error {
	return f.askCarrier(tsmp.DeclareServiceInstanceReference, &tsmp.DeclareServiceInstanceReferenceRequest{Reference: f.job.Reference,
		Service: f.m.config.Service, SE: f.service.SE, Subscriber: f.service.Subscriber, Model: f.job.Model})
}

// declared takes what the answer says of the SIM. Nothing of it is believed here: the
// next steps check it as what they ask for themselves. Spec: SPEC-SP-TSM-019.
func (f *flow) declared(b tsmp.Body) error {
	a := b.(*tsmp.DeclareServiceInstanceReferenceAnswer)
	f.holding.Profile, f.job.Authority = a.ProfileID, a.Authority
	return f.proceed()
}

// profile wants a SIM of a kind that can be served: both sides have the kinds as data. A
// carrier that has not told it is asked.
func (f *flow) profile() error {
	if f.holding.Profile == "" {
		return f.askCarrier(tsmp.GetSECapabilityProfileId, &tsmp.GetSECapabilityProfileIdRequest{SE: f.service.SE})
	}
	if !f.m.config.Cards.Knows(f.holding.Profile) {
		return f.fail(tsmp.CodeNotEligible)
	}
	return f.proceed()
}

func (f *flow) profiled(b tsmp.Body) error {
	f.holding.Profile = b.(*tsmp.ProfileAnswer).ProfileID
	return f.profile()
}

// authorityTold is what the declaration's answer has said of the card's authority, once;
// nil: the carrier is asked.
func (f *flow) authorityTold(n *Need) *tsmp.GetCAInformationAnswer {
	if n.Function != tsmp.GetCAInformation {
		return nil
	}
	told := f.job.Authority
	f.job.Authority = nil
	return told
}

// authority is an answer to GetCAInformation, which may be absent.
func authority(f *codec.Fields, p **tsmp.GetCAInformationAnswer) {
	there := *p != nil
	f.Bool("authority", &there)
	if !there {
		*p = nil
		return
	}
	if *p == nil {
		*p = new(tsmp.GetCAInformationAnswer)
	}
	f.Bytes("authority AID", &(*p).AID)
	f.Bytes("authority certificate", &(*p).Certificate)
	f.Raw("authority attestation key", (*p).AttestationKey[:])
}
