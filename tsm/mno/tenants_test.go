package mno_test

import (
	"slices"
	"testing"
	"time"

	"inkan/core/gp"
	"inkan/core/tsmp"
	"inkan/spec/req"
	"inkan/tsm/mno"
	"inkan/tsm/store/row"
)

// rivals declares the other SP-TSM's service on a customer's SIM. Its offer has the same
// load file and applications, in another domain.
func (w *world) rivals(c customer, m tsmp.Model) tsmp.ServiceReference {
	w.t.Helper()
	ref := tsmp.ServiceReference{'r', 1}
	_, err := w.as(rivalName).DeclareServiceInstanceReference(ctx, w.call(), &tsmp.DeclareServiceInstanceReferenceRequest{Reference: ref, Service: "rival", SE: c.se,
		Subscriber: w.subscriber(rivalName, c), Model: m})
	must(w.t, err)
	return ref
}

// rivalDeployment is its request, for another application of the same load file.
func rivalDeployment(ref tsmp.ServiceReference, m tsmp.Model) *tsmp.DeployServiceRequest {
	b := deployment(ref, m, tsmp.BearerSMS)
	b.Domain = tsmp.DomainSpec{AID: []byte("domain-3")}
	if b.Software != nil {
		b.Software.InstanceAID = []byte("instance-2")
	}
	return b
}

// An application that another SP-TSM's instance on the SIM has, or may have, is nobody
// else's: it cannot be claimed, and so not locked, personalised or removed.
func TestApplicationOfAnother(t *testing.T) {
	req.Covers(t, "SPEC-MNO-TSM-046", "SPEC-MNO-TSM-047", "SPEC-MNO-TSM-056")
	for _, x := range []struct{ mine, rivals tsmp.Model }{{tsmp.ModelSimple, tsmp.ModelSimple}, {tsmp.ModelSimple, tsmp.ModelDelegated},
		{tsmp.ModelDelegated, tsmp.ModelSimple}, {tsmp.ModelDelegated, tsmp.ModelAuthorised}} {
		w := newWorld(t)
		c := w.customer(1)
		w.deploy(c, 1, x.mine)
		b := rivalDeployment(w.rivals(c, x.rivals), x.rivals)
		if b.Software != nil {
			b.Software.InstanceAID = instanceAID
		}
		done := len(c.card.done)
		_, err := w.as(rivalName).DeployService(ctx, w.call(), b)
		if codeOf(err) != tsmp.CodeAIDNotPermitted {
			t.Errorf("%v on %v: %v", x.rivals, x.mine, err)
		}
		if w.run(); len(c.card.done) != done {
			t.Errorf("%v on %v: something was done", x.rivals, x.mine)
		}
	}
	w := newWorld(t)
	c := w.customer(1)
	w.deploy(c, 1, tsmp.ModelSimple)
	ref := w.rivals(c, tsmp.ModelSimple)
	_, err := w.as(rivalName).DeployService(ctx, w.call(), rivalDeployment(ref, tsmp.ModelSimple))
	must(t, err)
	w.run()
	for _, o := range []tsmp.SEOperation{{Kind: tsmp.OperationLock, AID: instanceAID}, {Kind: tsmp.OperationDelete, AID: instanceAID}, {Kind: tsmp.OperationDelete, AID: packageAID},
		{Kind: tsmp.OperationPersonalise, AID: instanceAID, Data: [][]byte{{1}}}, {Kind: tsmp.OperationInstall, AID: instanceAID, PackageAID: packageAID, ModuleAID: moduleAID}} {
		_, err := w.as(rivalName).SECommandsGenerationAndRemoteExecution(ctx, w.call(), &tsmp.SECommandsGenerationAndRemoteExecutionRequest{Reference: ref, Bearers: bySMS,
			Operations: []tsmp.SEOperation{o}})
		if codeOf(err) != tsmp.CodeAIDNotPermitted {
			t.Errorf("%v of %s: %v", o.Kind, o.AID, err)
		}
	}
	talk, err := w.as(rivalName).BeginConversation(ctx, w.call(), &tsmp.BeginConversationRequest{Reference: ref, Bearers: []tsmp.Bearer{tsmp.BearerRelay}})
	must(t, err)
	for n, x := range [][]byte{instanceAID, []byte("instance-2")} {
		_, err := w.as(rivalName).SendScript(ctx, w.call(), &tsmp.SendScriptRequest{Conversation: talk.Conversation, Script: 1, AID: x, Form: tsmp.FormCommands,
			Commands: [][]byte{{0x80, 0xCA, 0, 0, 0}}})
		if want := [...]tsmp.Code{tsmp.CodeAIDNotPermitted, ""}[n]; codeOf(err) != want {
			t.Errorf("a script for %s: %v", x, err)
		}
	}
	must(t, func() error {
		_, err := w.as(rivalName).TerminateService(ctx, w.call(), &tsmp.TerminateServiceRequest{Reference: ref, Bearers: bySMS})
		return err
	}())
	w.run()
	wantCard(t, c.card)
}

// A load file on the card is used only where it is the one that was asked for: one that
// another SP-TSM has put there under the same name is not.
func TestLoadFileOfAnother(t *testing.T) {
	req.Covers(t, "SPEC-MNO-TSM-045", "SPEC-MNO-TSM-042")
	w := newWorld(t)
	c := w.customer(1)
	planted := rivalDeployment(w.rivals(c, tsmp.ModelSimple), tsmp.ModelSimple)
	planted.Software.LoadFile, planted.Software.LoadFileHash = loadFile(2000)
	_, err := w.as(rivalName).DeployService(ctx, w.call(), planted)
	must(t, err)
	w.run()
	ref := w.declare(c, 1, tsmp.ModelSimple)
	_, err = w.as(spName).DeployService(ctx, w.call(), deployment(ref, tsmp.ModelSimple, tsmp.BearerSMS))
	wantCode(t, err, tsmp.CodeLoadFile)
	if s := w.state(ref); s.State != tsmp.ServiceDeclared || c.card.registry[string(instanceAID)] != nil {
		t.Errorf("%+v, %v", s, c.card.registry)
	}
}

// Removal leaves a load file to an instance that may have it by its own commands.
func TestRemovalBesideDelegated(t *testing.T) {
	req.Covers(t, "SPEC-MNO-TSM-051")
	w := newWorld(t)
	c := w.customer(1)
	ref := w.deploy(c, 1, tsmp.ModelSimple)
	// An offer of its own application alone, and the same load file.
	other := w.rivalsAlone(c)
	load := gp.Install{Purpose: gp.ForInstallAndMakeSelectable, LoadFile: aid(packageAID), Module: aid(moduleAID), Application: aid([]byte("instance-3"))}
	cmd, err := load.APDU(nil)
	must(t, err)
	if _, sw := c.card.execute(&cmd); sw != 0x9000 {
		t.Fatal(sw)
	}
	w.terminate(ref)
	wantDone(t, w, ref, tsmp.OutcomeDone, tsmp.ServiceTerminated)
	if e := c.card.registry[string(packageAID)]; e == nil || e.domain != "domain-4" || c.card.registry["instance-3"] == nil {
		t.Errorf("of %v: %v", other, c.card.registry)
	}
}

// rivalsAlone deploys the other SP-TSM's second service, in the delegated model.
func (w *world) rivalsAlone(c customer) tsmp.ServiceReference {
	w.t.Helper()
	ref := tsmp.ServiceReference{'r', 2}
	_, err := w.as(rivalName).DeclareServiceInstanceReference(ctx, w.call(), &tsmp.DeclareServiceInstanceReferenceRequest{Reference: ref, Service: "alone", SE: c.se,
		Subscriber: w.subscriber(rivalName, c), Model: tsmp.ModelDelegated})
	must(w.t, err)
	_, err = w.as(rivalName).DeployService(ctx, w.call(), &tsmp.DeployServiceRequest{Reference: ref, Bearers: bySMS, Domain: tsmp.DomainSpec{AID: []byte("domain-4")}})
	must(w.t, err)
	w.run()
	return ref
}

// Of a SIM that has another holder, and of its memory, the SP-TSM of before hears
// nothing, and nobody asks the card for it.
func TestNothingOfAnotherHolder(t *testing.T) {
	req.Covers(t, "SPEC-MNO-TSM-074")
	for name, change := range map[string]func(w *world, c customer) error{
		"holder": func(w *world, c customer) error {
			return w.mno.Desk("shop").ChangeHolder(ctx, c.id, "another", false, nil)
		},
		"contract": func(w *world, c customer) error {
			id, err := w.mno.Desk("shop").AddSubscriber(ctx, mno.Subscriber{MSISDN: "819000000099", IMSI: "001110000000099", Holder: "another"})
			must(t, err)
			return w.mno.Desk("shop").MoveSIM(ctx, c.se, id)
		},
	} {
		w := newWorld(t)
		c := w.customer(1)
		ref := w.deploy(c, 1, tsmp.ModelSimple)
		must(t, change(w, c))
		sent := len(w.sent)
		for _, age := range []uint64{0, 1} {
			_, err := w.as(spName).GetSDFreeMemory(ctx, w.call(), &tsmp.GetSDFreeMemoryRequest{Reference: ref, MaxAge: age})
			wantCode(t, err, tsmp.CodeSubscriberChanged)
			_, err = w.as(spName).GetApplicationOrELFStatus(ctx, w.call(), &tsmp.GetApplicationOrELFStatusRequest{Reference: ref, MaxAge: age})
			wantCode(t, err, tsmp.CodeSubscriberChanged)
			w.now = w.now.Add(time.Minute)
		}
		if w.run(); len(w.sent) != sent {
			t.Errorf("%s: the card is asked", name)
		}
	}
}

// An SP-TSM that is none of the carrier's any more keeps nothing from happening.
func TestPartedProvider(t *testing.T) {
	req.Covers(t, "SPEC-MNO-TSM-018")
	w := newWorld(t)
	c := w.customer(1)
	ref := w.deploy(c, 1, tsmp.ModelSimple)
	w.subscriber(rivalName, c)
	_, err := w.as(spName).TerminateService(ctx, w.call(), &tsmp.TerminateServiceRequest{Reference: ref, Bearers: bySMS})
	must(t, err)
	w.parted = map[tsmp.PartyID]bool{spName: true}
	w.run()
	if len(c.card.registry) != 0 {
		t.Errorf("on the card: %v", c.card.registry)
	}
	must(t, w.mno.Desk("shop").BlockSIM(ctx, c.se))
	must(t, w.mno.Desk("shop").RetireSIM(ctx, c.se))
	w.run()
	if n := len(w.told[rivalName]); n != 2 {
		t.Errorf("the other one is told %d", n)
	}
	missed := 0
	must(t, w.mno.Trail(ctx, 1, func(e *row.Entry) error {
		if e.Event == "not-notified" {
			missed++
		}
		return nil
	}))
	if missed != 3 {
		t.Errorf("%d entries", missed)
	}
}

// A change of holder ends the names of SP-TSMs whose offer was withdrawn as well: they
// can do nothing with the SIM of the next one, and are told.
func TestHolderAfterOffer(t *testing.T) {
	req.Covers(t, "SPEC-MNO-TSM-012", "SPEC-MNO-TSM-072", "SPEC-MNO-TSM-074")
	w := newWorld(t)
	c := w.customer(1)
	ref := w.deploy(c, 1, tsmp.ModelSimple)
	before, rivals := w.subscriber(spName, c), w.subscriber(rivalName, c)
	w.withdrawn = map[tsmp.PartyID]bool{spName: true, rivalName: true}
	must(t, w.store.Close())
	w.open()
	must(t, w.mno.Desk("shop").ChangeHolder(ctx, c.id, "another", false, nil))
	w.run()
	if w.subscriber(spName, c) == before || w.subscriber(rivalName, c) == rivals {
		t.Error("the next holder has the name of the one before")
	}
	_, err := w.as(spName).BeginConversation(ctx, w.call(), &tsmp.BeginConversationRequest{Reference: ref, Bearers: bySMS})
	wantCode(t, err, tsmp.CodeSubscriberChanged)
	_, err = w.as(rivalName).DeliverOneTimeCode(ctx, w.call(), &tsmp.DeliverOneTimeCodeRequest{SE: c.se, Subscriber: rivals, Code: "ABCDEFGHJKMN", Language: tsmp.English,
		Until: w.now.Add(time.Minute)})
	wantCode(t, err, tsmp.CodeSubscriberChanged)
	for _, name := range []tsmp.PartyID{spName, rivalName} {
		if told := names(w.told[name]); !slices.Contains(told, "MobileSubscriptionIdentifierChanged") {
			t.Errorf("%s is told %q", name, told)
		}
	}
}
