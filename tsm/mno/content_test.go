package mno_test

import (
	"bytes"
	"slices"
	"testing"
	"time"

	"inkan/core/gp"
	"inkan/core/iso7816"
	"inkan/core/tsmp"
	"inkan/spec/req"
)

var bySMS = []tsmp.Bearer{tsmp.BearerSMS}

// Each model gets its domain with its privileges and nothing else.
func TestModels(t *testing.T) {
	req.Covers(t, "SPEC-MNO-TSM-040", "SPEC-MNO-TSM-041")
	for model, want := range map[tsmp.Model]gp.Privileges{tsmp.ModelDelegated: gp.SecurityDomain | gp.DelegatedManagement, tsmp.ModelAuthorised: gp.SecurityDomain | gp.AuthorizedManagement} {
		w := newWorld(t)
		c := w.customer(1)
		ref := w.deploy(c, 1, model)
		if len(c.card.registry) != 1 || c.card.registry[string(domainAID)].rights != want {
			t.Errorf("%v: %v", model, c.card.registry)
		}
		if s := w.state(ref); s.Domain != tsmp.DomainStart {
			t.Errorf("%v: %+v", model, s)
		}
		_, err := w.as(spName).DeployService(ctx, w.call(), deployment(w.declare(w.customer(2), 2, model), tsmp.ModelSimple, tsmp.BearerSMS))
		wantCode(t, err, tsmp.CodeNotInModel)
	}
}

// What may be put on a card is what was agreed on, with the provider's signature.
func TestLoadFiles(t *testing.T) {
	req.Covers(t, "SPEC-MNO-TSM-042", "SPEC-MNO-TSM-045", "SPEC-MNO-TSM-046", "SPEC-MNO-TSM-049")
	w := newWorld(t)
	c := w.customer(1)
	ref := w.declare(c, 1, tsmp.ModelSimple)
	deploy := func(change func(b *tsmp.DeployServiceRequest)) error {
		b := deployment(ref, tsmp.ModelSimple, tsmp.BearerSMS)
		change(b)
		_, err := w.as(spName).DeployService(ctx, w.call(), b)
		return err
	}
	for name, x := range map[string]struct {
		code   tsmp.Code
		change func(b *tsmp.DeployServiceRequest)
	}{
		"domain":     {tsmp.CodeAIDNotPermitted, func(b *tsmp.DeployServiceRequest) { b.Domain.AID = []byte("another") }},
		"TAR":        {tsmp.CodeAIDNotPermitted, func(b *tsmp.DeployServiceRequest) { b.Domain.TAR = []byte{0, 0, 0} }},
		"own TAR":    {tsmp.CodeAIDNotPermitted, func(b *tsmp.DeployServiceRequest) { b.Domain.TAR = []byte{0x4A, 0x50, 0x02} }},
		"package":    {tsmp.CodeAIDNotPermitted, func(b *tsmp.DeployServiceRequest) { b.Software.PackageAID = []byte("another") }},
		"module":     {tsmp.CodeAIDNotPermitted, func(b *tsmp.DeployServiceRequest) { b.Software.ModuleAID = []byte("another") }},
		"instance":   {tsmp.CodeAIDNotPermitted, func(b *tsmp.DeployServiceRequest) { b.Software.InstanceAID = []byte("another") }},
		"privileges": {tsmp.CodeAIDNotPermitted, func(b *tsmp.DeployServiceRequest) { b.Software.Privileges = []byte{0x10, 0, 0} }},
		"hash":       {tsmp.CodeLoadFile, func(b *tsmp.DeployServiceRequest) { b.Software.LoadFileHash[0] ^= 1 }},
		"signature": {tsmp.CodeLoadFile, func(b *tsmp.DeployServiceRequest) {
			b.Software.LoadFile = bytes.Replace(b.Software.LoadFile, []byte{0xC3}, []byte{0xC5}, 1)
		}},
		"not here": {tsmp.CodeUnknownLoadFile, func(b *tsmp.DeployServiceRequest) { b.Software.LoadFile = nil }},
		"memory":   {tsmp.CodeMemory, func(b *tsmp.DeployServiceRequest) { b.Domain.NonVolatile = 100_001 }},
		"bearer":   {tsmp.CodeNoBearer, func(b *tsmp.DeployServiceRequest) { must(t, w.mno.Desk("x").BlockSIM(ctx, c.se)) }},
	} {
		err := deploy(x.change)
		if name == "bearer" {
			must(t, w.mno.Desk("x").FreeSIM(ctx, c.se))
		}
		if codeOf(err) != x.code {
			t.Errorf("%s: %v, want %s", name, err, x.code)
		}
		if s := w.state(ref); s.State != tsmp.ServiceDeclared || len(c.card.done) != 0 {
			t.Fatalf("%s: something was done", name)
		}
	}
	must(t, deploy(func(*tsmp.DeployServiceRequest) {}))
	w.run()
	wantCard(t, c.card)
	// The load file is here now, by its hash.
	ref = w.declare(w.customer(2), 2, tsmp.ModelSimple)
	must(t, deploy(func(b *tsmp.DeployServiceRequest) { b.Software.LoadFile = nil }))
	w.run()
	wantDone(t, w, ref, tsmp.OutcomeDone, tsmp.ServiceDeployed)
}

func codeOf(err error) tsmp.Code {
	e, _ := err.(*tsmp.Error)
	if e == nil {
		return ""
	}
	return e.Code
}

// What the card refuses is told with its status word; what is half done has to be
// removed, what never began is as it was.
func TestRefusedByCard(t *testing.T) {
	req.Covers(t, "SPEC-MNO-TSM-013", "SPEC-MNO-TSM-050")
	w := newWorld(t)
	c := w.customer(1)
	ref := w.declare(c, 1, tsmp.ModelSimple)
	deploy := func() {
		_, err := w.as(spName).DeployService(ctx, w.call(), deployment(ref, tsmp.ModelSimple, tsmp.BearerSMS))
		must(t, err)
		w.run()
	}
	c.card.refuse[gp.InsInstall] = iso7816.ConditionsNotSatisfied
	deploy()
	b := wantDone(t, w, ref, tsmp.OutcomeRefused, tsmp.ServiceDeclared)
	if !bytes.Equal(b.StatusWord, []byte{0x69, 0x85}) {
		t.Errorf("status word %X", b.StatusWord)
	}
	c.card.refuse[gp.InsInstall] = iso7816.NotEnoughMemory
	deploy()
	wantDone(t, w, ref, tsmp.OutcomeMemory, tsmp.ServiceDeclared)
	delete(c.card.refuse, gp.InsInstall)
	c.card.refuse[gp.InsLoad] = iso7816.WrongData
	deploy()
	wantDone(t, w, ref, tsmp.OutcomeRefused, tsmp.ServiceFailed)
	_, err := w.as(spName).DeployService(ctx, w.call(), deployment(ref, tsmp.ModelSimple, tsmp.BearerSMS))
	wantCode(t, err, tsmp.CodeWrongState)
	delete(c.card.refuse, gp.InsLoad)
	w.terminate(ref)
	wantDone(t, w, ref, tsmp.OutcomeDone, tsmp.ServiceTerminated)
	if len(c.card.registry) != 0 {
		t.Errorf("on the card: %v", c.card.registry)
	}
}

func (w *world) terminate(ref tsmp.ServiceReference) {
	w.t.Helper()
	_, err := w.as(spName).TerminateService(ctx, w.call(), &tsmp.TerminateServiceRequest{Reference: ref, Bearers: bySMS})
	must(w.t, err)
	w.run()
}

// A load file that another service uses stays, in that one's domain.
func TestSharedLoadFile(t *testing.T) {
	req.Covers(t, "SPEC-MNO-TSM-051", "SPEC-MNO-TSM-052")
	w := newWorld(t)
	c := w.customer(1)
	ref := w.deploy(c, 1, tsmp.ModelSimple)
	sp := w.as(spName)
	second := tsmp.ServiceReference{'s', 2}
	_, err := sp.DeclareServiceInstanceReference(ctx, w.call(), &tsmp.DeclareServiceInstanceReferenceRequest{Reference: second, Service: "second", SE: c.se,
		Subscriber: w.subscriber(spName, c), Model: tsmp.ModelSimple})
	must(t, err)
	b := deployment(second, tsmp.ModelSimple, tsmp.BearerSMS)
	_, err = sp.DeployService(ctx, w.call(), b)
	wantCode(t, err, tsmp.CodeAIDNotPermitted) // the first one's domain
	b.Domain.AID, b.Domain.TAR, b.Software.InstanceAID = []byte("domain-2"), nil, []byte("instance-2")
	_, err = sp.DeployService(ctx, w.call(), b)
	must(t, err)
	w.run()
	wantDone(t, w, second, tsmp.OutcomeDone, tsmp.ServiceDeployed)
	w.terminate(ref)
	wantDone(t, w, ref, tsmp.OutcomeDone, tsmp.ServiceTerminated)
	if e := c.card.registry[string(packageAID)]; e == nil || e.domain != "domain-2" || len(c.card.registry) != 3 {
		t.Fatalf("on the card: %v", c.card.registry)
	}
	delete(c.card.registry, "instance-2") // by somebody else: removal goes on
	w.terminate(second)
	wantDone(t, w, second, tsmp.OutcomeDone, tsmp.ServiceTerminated)
	if len(c.card.registry) != 0 {
		t.Errorf("on the card: %v", c.card.registry)
	}
	w.check()
}

// Applications are locked and freed; another lock of a locked one is refused.
func TestLock(t *testing.T) {
	req.Covers(t, "SPEC-MNO-TSM-048")
	w := newWorld(t)
	c := w.customer(1)
	ref := w.deploy(c, 1, tsmp.ModelSimple)
	set := func(resume bool) error {
		_, err := w.as(spName).SuspendOrResumeService(ctx, w.call(), &tsmp.SuspendOrResumeServiceRequest{Reference: ref, Resume: resume, Bearers: bySMS})
		w.run()
		return err
	}
	wantCode(t, set(true), tsmp.CodeWrongState)
	must(t, set(false))
	wantDone(t, w, ref, tsmp.OutcomeDone, tsmp.ServiceSuspended)
	if !c.card.registry[string(instanceAID)].state.Locked() {
		t.Error("not locked")
	}
	wantCode(t, set(false), tsmp.CodeWrongState)
	must(t, set(true))
	wantDone(t, w, ref, tsmp.OutcomeDone, tsmp.ServiceDeployed)
	if c.card.registry[string(instanceAID)].state.Locked() {
		t.Error("locked")
	}
}

// The owner's key goes to its domain through the issuer's, and the card's part back.
func TestEnrol(t *testing.T) {
	req.Covers(t, "SPEC-MNO-TSM-043", "SPEC-MNO-TSM-044")
	w := newWorld(t)
	c := w.customer(1)
	ref := w.deploy(c, 1, tsmp.ModelAuthorised)
	control, public := templates(gp.ScenarioKeyAgree)
	enrol := func(control, public []byte, bearer tsmp.Bearer) (*tsmp.ActionAnswer, error) {
		return w.as(spName).EnrollSSDOwnerCertificate(ctx, w.call(), &tsmp.EnrollSSDOwnerCertificateRequest{Reference: ref, Control: control, PublicKey: public, Bearers: []tsmp.Bearer{bearer}})
	}
	other, _ := templates(gp.ScenarioPush)
	for _, bad := range [][]byte{control[1:], other} {
		_, err := enrol(bad, public, tsmp.BearerSMS)
		wantCode(t, err, tsmp.CodeTemplate)
	}
	_, err := enrol(control, public[1:], tsmp.BearerSMS)
	wantCode(t, err, tsmp.CodeTemplate)
	for i, bearer := range []tsmp.Bearer{tsmp.BearerSMS, tsmp.BearerRelay} { // two key sets
		a, err := enrol(control, public, bearer)
		must(t, err)
		if a.Relay != nil {
			w.join(a.Relay, c.iccid)
		}
		w.run()
		b := wantDone(t, w, ref, tsmp.OutcomeDone, tsmp.ServiceDeployed)
		last := b.Responses[len(b.Responses)-1]
		if answer, err := gp.DecodeConfidentialResponse(last[:len(last)-2]); err != nil || !bytes.Equal(answer.Receipt, fill(0x77)) {
			t.Errorf("%v: %X", err, last)
		}
		if s := w.state(ref); s.Domain != tsmp.DomainEnrolled || c.card.agreed != i+1 {
			t.Errorf("%+v, %d agreements", s, c.card.agreed)
		}
	}
}

// Operations are those of simple mode, on what was agreed on.
func TestOperations(t *testing.T) {
	req.Covers(t, "SPEC-MNO-TSM-047")
	w := newWorld(t)
	c := w.customer(1)
	ref := w.deploy(c, 1, tsmp.ModelSimple)
	operate := func(ref tsmp.ServiceReference, list ...tsmp.SEOperation) error {
		_, err := w.as(spName).SECommandsGenerationAndRemoteExecution(ctx, w.call(), &tsmp.SECommandsGenerationAndRemoteExecutionRequest{Reference: ref, Operations: list, Bearers: bySMS})
		w.run()
		return err
	}
	second := []byte("instance-2")
	must(t, operate(ref, tsmp.SEOperation{Kind: tsmp.OperationInstall, AID: second, PackageAID: packageAID, ModuleAID: moduleAID},
		tsmp.SEOperation{Kind: tsmp.OperationPersonalise, AID: second, Data: [][]byte{{0xB0, 1, 0}, {0xB0, 2, 0}}},
		tsmp.SEOperation{Kind: tsmp.OperationLock, AID: instanceAID}))
	b := wantDone(t, w, ref, tsmp.OutcomeDone, tsmp.ServiceDeployed)
	if len(b.Responses) != 6 || c.card.registry[string(second)].domain != string(domainAID) || !c.card.registry[string(instanceAID)].state.Locked() {
		t.Errorf("%d responses; %v", len(b.Responses), c.card.registry)
	}
	must(t, operate(ref, tsmp.SEOperation{Kind: tsmp.OperationUnlock, AID: instanceAID}, tsmp.SEOperation{Kind: tsmp.OperationDelete, AID: second}))
	if c.card.registry[string(second)] != nil {
		t.Error("not deleted")
	}
	for _, o := range []tsmp.SEOperation{{Kind: tsmp.OperationDelete, AID: domainAID}, {Kind: tsmp.OperationLock, AID: []byte("another")},
		{Kind: tsmp.OperationInstall, AID: second, PackageAID: []byte("another"), ModuleAID: moduleAID},
		{Kind: tsmp.OperationInstall, AID: second, PackageAID: packageAID, ModuleAID: moduleAID, Privileges: []byte{0, 0x10, 0}}} {
		wantCode(t, operate(ref, o), tsmp.CodeAIDNotPermitted)
	}
	other := w.deploy(w.customer(2), 2, tsmp.ModelDelegated)
	wantCode(t, operate(other, tsmp.SEOperation{Kind: tsmp.OperationLock, AID: instanceAID}), tsmp.CodeNotInModel)
	w.terminate(ref)
	if len(c.card.registry) != 0 {
		t.Errorf("on the card: %v", c.card.registry)
	}
}

// The card is asked when what it said is too old, and answers later.
func TestAudit(t *testing.T) {
	req.Covers(t, "SPEC-MNO-TSM-058", "SPEC-MNO-TSM-059")
	w := newWorld(t)
	c := w.customer(1)
	ref := w.deploy(c, 1, tsmp.ModelSimple)
	sp := w.as(spName)
	status := func(aid []byte, age uint64) (*tsmp.GetApplicationOrELFStatusAnswer, error) {
		return sp.GetApplicationOrELFStatus(ctx, w.call(), &tsmp.GetApplicationOrELFStatusRequest{Reference: ref, AID: aid, MaxAge: age})
	}
	_, err := status(nil, 0)
	wantCode(t, err, tsmp.CodeAuditPending)
	w.run()
	a, err := status(nil, 60)
	must(t, err)
	if len(a.Entries) != 3 || !slices.ContainsFunc(a.Entries, func(e tsmp.CardEntry) bool {
		return bytes.Equal(e.AID, packageAID) && e.Kind == tsmp.EntryLoadFile && e.LifeCycle == uint64(gp.Loaded)
	}) {
		t.Errorf("%+v", a)
	}
	if a, err = status(instanceAID, 0); err != nil || len(a.Entries) != 1 || a.Entries[0].LifeCycle != uint64(gp.Selectable) {
		t.Errorf("%+v, %v", a, err)
	}
	_, err = status([]byte("another"), 0)
	wantCode(t, err, tsmp.CodeAIDNotPermitted)
	w.now = w.now.Add(time.Hour)
	free := func() (*tsmp.GetSDFreeMemoryAnswer, error) {
		return sp.GetSDFreeMemory(ctx, w.call(), &tsmp.GetSDFreeMemoryRequest{Reference: ref, MaxAge: 60})
	}
	// The SP-TSM changes the instance: the carrier asks nothing of its own accord.
	_, err = sp.HandleStartServiceStateChangeNotification(ctx, w.call(), &tsmp.HandleStartServiceStateChangeNotificationRequest{Notice: tsmp.Notice{Sequence: 1, At: w.now}, Reference: ref, Phase: tsmp.PhaseHeld})
	must(t, err)
	before := len(c.card.done)
	_, err = free()
	wantCode(t, err, tsmp.CodeAuditPending)
	w.run()
	if len(c.card.done) != before {
		t.Error("asked while the SP-TSM changes the instance")
	}
	end := &tsmp.HandleEndServiceStateChangeNotificationRequest{Notice: tsmp.Notice{Sequence: 2, At: w.now}, Reference: ref, Phase: tsmp.PhaseHeld, Succeeded: true}
	for range 2 { // it may come again
		_, err = sp.HandleEndServiceStateChangeNotification(ctx, w.call(), end)
		must(t, err)
	}
	_, err = free()
	wantCode(t, err, tsmp.CodeAuditPending)
	w.run()
	f, err := free()
	must(t, err)
	if f.NonVolatile != uint64(c.card.free) || f.Volatile != 4000 {
		t.Errorf("%+v, card has %d", f, c.card.free)
	}
}

// templates are a control template of a scenario and a public key's.
func templates(scenario byte) (control, public []byte) {
	c := gp.ConfidentialControl{Scenario: scenario, Options: []byte{0x01}, KeyUsage: []byte{0x5C}, KeyType: []byte{0x88}, KeyLength: []byte{16}, KeyVersion: []byte{0x31, 0x01}}
	control, err := c.Append(nil)
	if err != nil {
		panic(err)
	}
	key := p256("ephemeral")
	point, err := key.PublicKey.Bytes()
	if err != nil {
		panic(err)
	}
	public, err = (&gp.EphemeralPublicKey{Point: point, Parameters: []byte{0}}).Append(nil)
	if err != nil {
		panic(err)
	}
	return control, public
}
