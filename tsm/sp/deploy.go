package sp

import "inkan/core/tsmp"

// deploy has the carrier make the domain and, in the same action, bring the owner's part
// of the key agreement to it. Spec: SPEC-SP-TSM-018.
func (f *flow) deploy() error {
	q := &tsmp.DeployServiceRequest{Reference: f.job.Reference, Bearers: f.job.Bearers, Domain: f.m.config.Domain}
	if f.job.Model == tsmp.ModelSimple {
		s := &f.m.config.Software
		q.Software = &tsmp.Software{PackageAID: s.PackageAID, LoadFileHash: s.Hash, ModuleAID: s.ModuleAID, InstanceAID: s.InstanceAID,
			Privileges: s.Privileges, Parameters: s.Parameters}
		if f.job.Resend {
			q.Software.LoadFile = s.LoadFile
		}
	}
	owner, err := f.owner()
	if err != nil {
		return f.broken(err)
	}
	q.Owner = owner
	f.setState(tsmp.ServiceDeploying)
	return f.askCarrier(tsmp.DeployService, q)
}

// owner is what the take-over would have EnrollSSDOwnerCertificate bring to the domain. It
// has verified the card's authority by now, and has its ephemeral key: as long as nothing
// is answered it asks for the same. nil: it does not ask for that.
func (f *flow) owner() (*tsmp.Owner, error) {
	_, m, err := f.m.config.Cards.Next(f.ctx, f.job.Program, f.domain(), 0, 0)
	if err != nil || m.Need == nil {
		return nil, err
	}
	q, ok := m.Need.Body.(*tsmp.EnrollSSDOwnerCertificateRequest)
	if !ok {
		return nil, nil
	}
	return &tsmp.Owner{Control: q.Control, PublicKey: q.PublicKey}, nil
}

// deployRefused sends the load file along where the carrier does not have it.
func (f *flow) deployRefused(e *tsmp.Error) (bool, error) {
	switch {
	case e.Code == tsmp.CodeUnknownLoadFile && !f.job.Resend:
		f.job.Resend = true
		return true, f.enter()
	case e.Code == tsmp.CodeSubscriberChanged:
		return true, f.orphan(e.Code)
	}
	return false, nil
}

// deployed takes the end of the deployment, and with it the card's part of the key
// agreement. When there is none the take-over asks for it.
func (f *flow) deployed(e *end) error {
	f.setState(e.state)
	switch {
	case e.outcome == tsmp.OutcomeRefused && len(e.Responses) > 0: // at the agreement
		return f.fail(tsmp.CodeWrongState)
	case e.outcome != tsmp.OutcomeDone:
		return f.fail(outcomeCodes[e.outcome])
	}
	f.setState(tsmp.ServiceDeployed)
	f.service.Domain = tsmp.DomainStart
	if f.job.Model == tsmp.ModelSimple {
		f.holding.Software = f.m.config.Software.Hash
	}
	if len(e.Responses) == 0 {
		return f.proceed()
	}
	return f.taken(e, f.proceed)
}
