package sp

import (
	"time"

	"inkan/core/jpki/certificate"
	"inkan/core/tsmp"
	"inkan/tsm/store"
	"inkan/tsm/store/row"
)

// Times and numbers of trials.
const (
	signFor    = 10 * time.Minute // from StartApplication to SubmitApplication
	retryPause = 30 * time.Second
	queuePause = 10 * time.Minute // a workflow that waits for another one is woken; this is for safety
	maxRetries = 8
	eraseFor   = 180 * 24 * time.Hour // an unreachable SIM is tried so long
	phaseFor   = 7 * 24 * time.Hour   // so long is a hold brought to the card
)

const reasonCessation = byte(certificate.CessationOfOperation)

// issueSteps put key and certificate into a SIM. Spec: SPEC-SP-TSM-010.
func issueSteps() []step {
	return []step{
		{name: "sign", stage: tsmp.StageSign, enter: nothing},
		{name: "claim", stage: tsmp.StageCheck, enter: (*flow).claim},
		{name: "declare", stage: tsmp.StageCheck, enter: (*flow).declare, answered: (*flow).declared},
		{name: "profile", stage: tsmp.StageCheck, enter: (*flow).profile, answered: (*flow).profiled},
		{name: "authority", stage: tsmp.StagePrepare, enter: (*flow).takeOver, answered: (*flow).heard},
		{name: "deploy", stage: tsmp.StagePrepare, enter: (*flow).deploy, refused: (*flow).deployRefused, ended: (*flow).deployed},
		{name: "take-over", stage: tsmp.StagePrepare, enter: (*flow).takeOver, answered: (*flow).heard, refused: (*flow).reopen, ended: (*flow).spoken},
		{name: "enrolled", enter: (*flow).enrolled},
		{name: "load", stage: tsmp.StageLoad, enter: (*flow).loadFile, answered: (*flow).heard, refused: (*flow).reopen, ended: (*flow).spoken},
		{name: "retire", enter: (*flow).retire},
		{name: "empty", stage: tsmp.StageErase, enter: (*flow).empty, answered: (*flow).heard, refused: (*flow).eraseRefused, ended: (*flow).spoken},
		{name: "adopt", enter: (*flow).emptied},
		{name: "order", stage: tsmp.StagePersonalise, enter: (*flow).order, answered: (*flow).ordered},
		{name: "personalise", stage: tsmp.StagePersonalise, enter: (*flow).personalise, answered: (*flow).heard, refused: (*flow).reopen, ended: (*flow).spoken},
		{name: "close", enter: (*flow).closeIssue},
	}
}

func nothing(*flow) error { return nil }

// claim waits until no other workflow works on the SIM, and takes over an instance that
// is there. Spec: SPEC-SP-TSM-011.
func (f *flow) claim() error {
	var there *row.Service
	err := store.ServicesOfSE.Scan(f.tx, f.app.SE, func(s *row.Service) error {
		if s.State != tsmp.ServiceTerminated && s.State != tsmp.ServiceOrphaned {
			c := *s
			there = &c
		}
		return nil
	})
	if err != nil {
		return err
	}
	if there == nil {
		return f.declareNew()
	}
	if err := f.attach(there.Reference); err != nil {
		return err
	}
	if f.holding.Busy != (row.WorkflowID{}) && f.holding.Busy != f.row.ID {
		return f.queue()
	}
	if there.State == tsmp.ServiceDeployed && there.Subscriber == f.app.Subscriber && there.Domain == tsmp.DomainEnrolled &&
		f.holding.Software == f.m.config.Software.Hash {
		f.adopt()
		return f.goTo("retire")
	}
	return f.clear()
}

// queue waits for the workflow that has the service instance.
func (f *flow) queue() error {
	f.detach()
	f.row.State, f.row.Next = row.WorkflowRunning, f.tx.Now().Add(queuePause)
	return nil
}

func (f *flow) detach() {
	f.service, f.holding, f.job.Reference = nil, holding{}, tsmp.ServiceReference{}
}

// clear has what is on the SIM removed, and waits for it.
func (f *flow) clear() error {
	ref, model := f.job.Reference, f.service.Model
	phone, ground := f.service.Phone, tsmp.GroundService
	f.detach()
	j := job{Reference: ref, Phone: phone, Carrier: f.app.Carrier, Model: model, Bearers: f.session.Bearers, Ground: ground,
		Case: caseOf(f.row.ID, "replaced"), Reason: reasonCessation}
	if err := f.m.launch(f.ctx, f.tx, kindErase, j, eraseFor); err != nil {
		return err
	}
	return f.queue()
}

// adopt makes an instance that is on the SIM the one of this application.
func (f *flow) adopt() {
	f.job.Old = f.service.Phone
	f.holding.Busy, f.holding.Bearers = f.row.ID, f.session.Bearers
	f.job.Model = f.service.Model
}

// goTo enters a step by its name.
func (f *flow) goTo(name string) error {
	for i := range f.plan {
		if f.plan[i].name == name {
			f.row.Step, f.row.Cursor, f.row.Attempts = uint32(i), 0, 0
			return f.enter()
		}
	}
	panic("sp: no step " + name)
}

// declareNew makes the row of a new service instance.
func (f *flow) declareNew() error {
	s := &row.Service{Name: f.m.config.Service, Peer: f.app.Carrier, SE: f.app.SE, Subscriber: f.app.Subscriber, Phone: f.job.Phone,
		Application: f.app.ID, Model: f.job.Model, State: tsmp.ServiceDeclared, Domain: tsmp.DomainAbsent, Since: f.tx.Now()}
	f.m.config.Entropy.Fill(s.Reference[:])
	f.service, f.job.Reference, f.app.Service = s, s.Reference, s.Reference
	f.holding = holding{App: f.session.App, Busy: f.row.ID, Pseudonym: f.app.Pseudonym, Bearers: f.session.Bearers}
	return f.proceed()
}

// takeOver verifies the controlling authority before anything is made on the card, and
// once the domain is there makes its keys this SP-TSM's: nothing else goes to it before.
// Spec: SPEC-TSM-PROTOCOL-085.
func (f *flow) takeOver() error { return f.program(&Program{Kind: ProgramTakeOver}) }

// enrolled notes that the domain has this SP-TSM's keys and no others.
func (f *flow) enrolled() error {
	f.service.Domain = tsmp.DomainEnrolled
	if err := f.audit("domain-take-over", "", ""); err != nil {
		return err
	}
	return f.proceed()
}

func (f *flow) setState(s tsmp.ServiceState) {
	if s != 0 && f.service.State != s {
		f.service.State, f.service.Since = s, f.tx.Now()
	}
}

// loadFile loads and installs where the carrier does not.
func (f *flow) loadFile() error {
	if f.job.Model == tsmp.ModelSimple || f.holding.Software == f.m.config.Software.Hash {
		return f.proceed()
	}
	return f.program(&Program{Kind: ProgramLoad})
}

// retire ends the certificate of the instance that is on this SIM before its key goes.
func (f *flow) retire() error {
	f.holding.Software = f.m.config.Software.Hash // whoever loaded it has
	if f.job.Old == (tsmp.PhoneID{}) {
		return f.goTo("order")
	}
	return f.askAuthority(tsmp.Revoke, &tsmp.RevokeRequest{Phone: f.job.Old, Reason: certificate.Superseded,
		Cause: tsmp.Cause{Ground: tsmp.GroundService, Case: caseOf(f.row.ID, "renewal")}})
}

// empty erases what an earlier issue left in the application.
func (f *flow) empty() error {
	if !f.holding.Touched {
		return f.proceed()
	}
	return f.program(&Program{Kind: ProgramErase, Phone: f.job.Old, Issued: f.holding.Order})
}

// emptied gives the service instance to this application.
func (f *flow) emptied() error {
	f.holding = holding{App: f.session.App, Busy: f.row.ID, Pseudonym: f.app.Pseudonym, Bearers: f.session.Bearers, Software: f.holding.Software,
		Attestation: f.holding.Attestation, Counter: f.holding.Counter, Profile: f.holding.Profile}
	f.service.Phone, f.service.Application = f.job.Phone, f.app.ID
	f.app.Service, f.job.Old = f.job.Reference, tsmp.PhoneID{}
	return f.proceed()
}

// order has the authority bind the application to this SIM and load file. It is asked
// for only when the domain's keys are this SP-TSM's. Spec: SPEC-SP-TSM-012.
func (f *flow) order() error {
	s := &f.m.config.Software
	return f.askAuthority(tsmp.PlaceOrder, &tsmp.PlaceOrderRequest{ApplicationID: f.job.Verified, SIM: f.service.SE, InstanceAID: s.InstanceAID,
		LoadFileHash: s.Hash, AttestationKey: f.holding.Attestation})
}

func (f *flow) ordered(b tsmp.Body) error {
	a := b.(*tsmp.PlaceOrderAnswer)
	f.job.OrderID, f.job.Order, f.job.OrderUntil = a.OrderID, a.Order, a.OrderUntil
	f.app.Progress = row.Ordered
	f.holding.Touched, f.holding.Order = true, a.Order
	f.until(a.OrderUntil)
	if err := f.announce(tsmp.PhaseOperational); err != nil {
		return err
	}
	return f.proceed()
}

// until moves the workflow's deadline.
func (f *flow) until(t time.Time) { f.row.Deadline, f.row.Next = t, t }

func (f *flow) personalise() error {
	return f.program(&Program{Kind: ProgramIssue, Order: &tsmp.PlaceOrderAnswer{OrderID: f.job.OrderID, Order: f.job.Order, OrderUntil: f.job.OrderUntil}})
}

// closeIssue tells the carrier, and has the instance erased whose place this one took.
func (f *flow) closeIssue() error {
	if err := f.settled(true); err != nil {
		return err
	}
	if err := f.hangUp(); err != nil {
		return err
	}
	if f.job.Old != (tsmp.PhoneID{}) {
		if err := f.m.erasePhone(f.ctx, f.tx, f.job.Old, "superseded"); err != nil {
			return err
		}
	}
	return f.proceed()
}
