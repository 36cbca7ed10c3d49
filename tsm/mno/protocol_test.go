package mno_test

import (
	"errors"
	"testing"
	"time"

	"inkan/core/tsmp"
	"inkan/spec/req"
	"inkan/tsm/mno"
	"inkan/tsm/store"
	"inkan/tsm/store/row"
)

// wantCode wants a refusal.
func wantCode(t fataler, err error, code tsmp.Code) {
	t.Helper()
	if !errors.Is(err, tsmp.Refuse(code, "")) {
		t.Fatalf("%v, want %s", err, code)
	}
}

func (w *world) subscriber(name tsmp.PartyID, c customer) tsmp.Subscriber {
	w.t.Helper()
	s, err := w.as(name).GetSEMobileSubscriptionIdentifier(ctx, w.call(), &tsmp.GetSEMobileSubscriptionIdentifierRequest{SE: c.se})
	must(w.t, err)
	return s.Subscriber
}

// A pseudonym is one SP-TSM's and one contract's, and nobody gets it again.
func TestPseudonyms(t *testing.T) {
	req.Covers(t, "SPEC-TSM-PROTOCOL-081", "SPEC-MNO-TSM-012", "SPEC-MNO-TSM-070")
	w := newWorld(t)
	c := w.customer(1)
	mine, rivals := w.subscriber(spName, c), w.subscriber(rivalName, c)
	if mine == rivals || mine == (tsmp.Subscriber{}) {
		t.Fatal("two SP-TSMs have the same name of a contract")
	}
	if again := w.subscriber(spName, c); again != mine {
		t.Fatal("another name of the same contract")
	}
	// The number and the ICCID go to somebody else, on another card.
	d := w.mno.Desk("shop")
	must(t, d.EndSubscriber(ctx, c.id))
	heir := customer{se: tsmp.SEID{0xE5, 99}, iccid: c.iccid, card: newDouble(99)}
	must(t, d.AddSIM(ctx, mno.SIM{SE: heir.se, ICCID: heir.iccid, Kind: "card-all", Certificate: []byte("certificate")}))
	var err error
	heir.id, err = d.AddSubscriber(ctx, mno.Subscriber{MSISDN: "819000000001", IMSI: "001110000000001", Holder: "another"})
	must(t, err)
	must(t, d.GiveSIM(ctx, heir.id, heir.se))
	if got := w.subscriber(spName, heir); got == mine {
		t.Fatal("a recycled number has the name of the contract before")
	}
	_, err = w.as(spName).DeclareServiceInstanceReference(ctx, w.call(), &tsmp.DeclareServiceInstanceReferenceRequest{Reference: tsmp.ServiceReference{1}, Service: "jpki",
		SE: heir.se, Subscriber: mine, Model: tsmp.ModelSimple})
	wantCode(t, err, tsmp.CodeSubscriberChanged)
	_, err = w.as(rivalName).CheckMobileSubscriptionEligibility(ctx, w.call(), &tsmp.CheckMobileSubscriptionEligibilityRequest{Subscriber: mine, Service: "rival", Usage: tsmp.UsageHolder})
	must(t, err)
	// A change of holder ends the name, too.
	before := w.subscriber(spName, heir)
	must(t, d.ChangeHolder(ctx, heir.id, "third", false, nil))
	if after := w.subscriber(spName, heir); after == before {
		t.Fatal("another holder has the name of the one before")
	}
	w.check()
}

// An action is recorded before the call is answered, and its end is told once: the
// same call again is the same action.
func TestActionOnce(t *testing.T) {
	req.Covers(t, "SPEC-TSM-PROTOCOL-083", "SPEC-MNO-TSM-010")
	w := newWorld(t)
	c := w.customer(1)
	ref := w.declare(c, 1, tsmp.ModelSimple)
	call := w.call()
	call.Sender, call.Role = spName, tsmp.RoleSPTSM
	request := deployment(ref, tsmp.ModelSimple, tsmp.BearerRelay)
	a, err := w.mno.DeployService(ctx, call, request)
	must(t, err)
	if s := w.state(ref); s.State != tsmp.ServiceDeploying || s.Action != call.ID {
		t.Fatalf("answered before it was recorded: %+v", s)
	}
	again, err := w.mno.DeployService(ctx, call, request)
	must(t, err)
	if again.ExpectedBy != a.ExpectedBy || again.Relay.Ticket != a.Relay.Ticket {
		t.Error("the same call is answered otherwise")
	}
	w.join(a.Relay, c.iccid)
	w.run()
	if again, err = w.mno.DeployService(ctx, call, request); err != nil || again.Relay.Ticket != a.Relay.Ticket {
		t.Errorf("after the end: %+v, %v", again, err)
	}
	w.run()
	ends := 0
	for _, b := range w.told[spName] {
		if b, ok := b.(*tsmp.HandleActionDoneOnServiceNotificationRequest); ok && b.Action == call.ID {
			ends++
		}
	}
	if ends != 1 {
		t.Errorf("the end was told %d times", ends)
	}
}

// Notifications are numbered from 1 for each SP-TSM, and the next one waits for the
// answer to the one before.
func TestNumbers(t *testing.T) {
	req.Covers(t, "SPEC-TSM-PROTOCOL-084", "SPEC-MNO-TSM-014", "SPEC-MNO-TSM-015")
	w := newWorld(t)
	c := w.customer(1)
	w.subscriber(spName, c)
	w.subscriber(rivalName, c)
	w.deaf[spName] = true
	d := w.mno.Desk("shop")
	must(t, d.SuspendSubscriber(ctx, c.id))
	must(t, d.ResumeSubscriber(ctx, c.id))
	must(t, d.BlockSIM(ctx, c.se))
	w.run()
	if len(w.told[spName]) != 0 || len(w.told[rivalName]) != 3 {
		t.Fatalf("told %d and %d", len(w.told[spName]), len(w.told[rivalName]))
	}
	w.pass(30 * time.Hour) // beyond the validity of a call
	w.deaf[spName] = false
	w.pass(time.Hour)
	for _, name := range []tsmp.PartyID{spName, rivalName} {
		for i, n := range sequences(w.told[name]) {
			if n != uint64(i+1) {
				t.Errorf("%s: number %d is the %dth", name, n, i+1)
			}
		}
		if len(w.told[name]) != 3 {
			t.Errorf("%s was told %d times", name, len(w.told[name]))
		}
	}
	answered := 0
	must(t, w.mno.Trail(ctx, 1, func(e *row.Entry) error {
		if e.Event == "notified" {
			answered++
			if e.Responsible != "SP-TSM/"+string(spName) && e.Responsible != "SP-TSM/"+string(rivalName) {
				t.Errorf("responsible: %s", e.Responsible)
			}
		}
		return nil
	}))
	if answered != 6 {
		t.Errorf("%d answers in the audit trail", answered)
	}
}

// A script with a number that is not the next one is refused, and the conversation
// stays as it is.
func TestScriptOrder(t *testing.T) {
	req.Covers(t, "SPEC-TSM-PROTOCOL-090", "SPEC-MNO-TSM-055", "SPEC-MNO-TSM-056", "SPEC-MNO-TSM-057")
	w := newWorld(t)
	c := w.customer(1)
	ref := w.deploy(c, 1, tsmp.ModelAuthorised)
	sp := w.as(spName)
	talk, err := sp.BeginConversation(ctx, w.call(), &tsmp.BeginConversationRequest{Reference: ref, Bearers: []tsmp.Bearer{tsmp.BearerRelay}})
	must(t, err)
	send := func(n uint64) error {
		_, err := sp.SendScript(ctx, w.call(), &tsmp.SendScriptRequest{Conversation: talk.Conversation, Script: n, AID: domainAID, Form: tsmp.FormCommands,
			Commands: [][]byte{{0x80, 0xCA, 0xFF, 0x21, 0x00}}})
		return err
	}
	wantCode(t, send(2), tsmp.CodeScriptOrder)
	must(t, send(1))
	wantCode(t, send(1), tsmp.CodeScriptOrder)
	wantCode(t, send(2), tsmp.CodeScriptOrder) // the first has not ended
	x := w.join(talk.Relay, c.iccid)
	w.run()
	b := wantDone(t, w, ref, tsmp.OutcomeDone, tsmp.ServiceDeployed)
	if len(b.Responses) != 1 || b.Bearer != tsmp.BearerRelay {
		t.Errorf("told %+v", b)
	}
	wantCode(t, send(3), tsmp.CodeScriptOrder)
	must(t, send(2))
	end, err := sp.EndConversation(ctx, w.call(), &tsmp.EndConversationRequest{Conversation: talk.Conversation})
	must(t, err)
	if end.Scripts != 1 {
		t.Errorf("%d scripts", end.Scripts)
	}
	w.run()
	wantDone(t, w, ref, tsmp.OutcomeCancelled, tsmp.ServiceDeployed)
	wantCode(t, send(3), tsmp.CodeConversationOver)
	if x.done != 1 || !x.over {
		t.Errorf("the app carried out %d scripts, over %v", x.done, x.over)
	}
	_, err = w.as(rivalName).EndConversation(ctx, w.call(), &tsmp.EndConversationRequest{Conversation: talk.Conversation})
	wantCode(t, err, tsmp.CodeUnknownConversation)
	w.check()
}

// What would reach a SIM is refused once SIM and contract are not those of the
// declaration; removal is not.
func TestSubscriberChanged(t *testing.T) {
	req.Covers(t, "SPEC-TSM-PROTOCOL-091", "SPEC-MNO-TSM-074")
	w := newWorld(t)
	c := w.customer(1)
	ref := w.deploy(c, 1, tsmp.ModelDelegated)
	sp := w.as(spName)
	talk, err := sp.BeginConversation(ctx, w.call(), &tsmp.BeginConversationRequest{Reference: ref, Bearers: []tsmp.Bearer{tsmp.BearerRelay}})
	must(t, err)
	must(t, w.mno.Desk("shop").ChangeHolder(ctx, c.id, "another", false, nil))
	sms := []tsmp.Bearer{tsmp.BearerSMS}
	for name, do := range map[string]func() error{
		"deploy": func() error {
			_, err := sp.DeployService(ctx, w.call(), deployment(w.declared(c, 7), tsmp.ModelDelegated, tsmp.BearerSMS))
			return err
		},
		"lock": func() error {
			_, err := sp.SuspendOrResumeService(ctx, w.call(), &tsmp.SuspendOrResumeServiceRequest{Reference: ref, Bearers: sms})
			return err
		},
		"enrol": func() error {
			_, err := sp.EnrollSSDOwnerCertificate(ctx, w.call(), &tsmp.EnrollSSDOwnerCertificateRequest{Reference: ref, Control: []byte{1}, PublicKey: []byte{1}, Bearers: sms})
			return err
		},
		"token": func() error {
			_, err := sp.GenerateDMToken(ctx, w.call(), &tsmp.GenerateDMTokenRequest{Reference: ref, Commands: [][]byte{{0x80, 0xE6, 2, 0, 0}}})
			return err
		},
		"conversation": func() error {
			_, err := sp.BeginConversation(ctx, w.call(), &tsmp.BeginConversationRequest{Reference: ref, Bearers: sms})
			return err
		},
		"script": func() error {
			_, err := sp.SendScript(ctx, w.call(), &tsmp.SendScriptRequest{Conversation: talk.Conversation, Script: 1, AID: domainAID, Form: tsmp.FormCommands, Commands: [][]byte{{0x80, 0xCA, 0xFF, 0x21, 0}}})
			return err
		},
	} {
		if err := do(); !errors.Is(err, tsmp.Refuse(tsmp.CodeSubscriberChanged, "")) {
			t.Errorf("%s: %v", name, err)
		}
	}
	_, err = sp.TerminateService(ctx, w.call(), &tsmp.TerminateServiceRequest{Reference: ref, Bearers: sms})
	must(t, err)
	w.run()
	wantDone(t, w, ref, tsmp.OutcomeDone, tsmp.ServiceTerminated)
	if len(c.card.registry) != 0 {
		t.Errorf("on the card: %v", c.card.registry)
	}
	w.check()
}

// declared puts an instance of before the change of holder into the rows.
func (w *world) declared(c customer, n byte) tsmp.ServiceReference {
	w.t.Helper()
	ref := tsmp.ServiceReference{'d', n}
	must(w.t, w.tenant.Step(ctx, func(tx *store.Tx) error {
		var like row.Service
		if err := store.ServicesOfSE.Scan(tx, c.se, func(s *row.Service) error { like = *s; return nil }); err != nil {
			return err
		}
		like.Reference, like.State, like.Domain, like.LastAction, like.Outcome = ref, tsmp.ServiceDeclared, tsmp.DomainAbsent, tsmp.CallID{}, 0
		return store.Services.Insert(tx, &like)
	}))
	return ref
}

// A second action is refused while one is under way; removal cancels it.
func TestActionInProgress(t *testing.T) {
	req.Covers(t, "SPEC-TSM-PROTOCOL-092", "SPEC-MNO-TSM-053")
	w := newWorld(t)
	c := w.customer(1)
	ref := w.deploy(c, 1, tsmp.ModelSimple)
	sp, sms := w.as(spName), []tsmp.Bearer{tsmp.BearerSMS}
	w.off[c.iccid] = true
	_, err := sp.SuspendOrResumeService(ctx, w.call(), &tsmp.SuspendOrResumeServiceRequest{Reference: ref, Bearers: sms})
	must(t, err)
	action := w.state(ref).Action
	for name, do := range map[string]func() error{
		"deploy": func() error {
			_, err := sp.DeployService(ctx, w.call(), deployment(ref, tsmp.ModelSimple, tsmp.BearerSMS))
			return err
		},
		"lock": func() error {
			_, err := sp.SuspendOrResumeService(ctx, w.call(), &tsmp.SuspendOrResumeServiceRequest{Reference: ref, Bearers: sms})
			return err
		},
		"enrol": func() error {
			_, err := sp.EnrollSSDOwnerCertificate(ctx, w.call(), &tsmp.EnrollSSDOwnerCertificateRequest{Reference: ref, Control: []byte{1}, PublicKey: []byte{1}, Bearers: sms})
			return err
		},
		"operations": func() error {
			_, err := sp.SECommandsGenerationAndRemoteExecution(ctx, w.call(), &tsmp.SECommandsGenerationAndRemoteExecutionRequest{Reference: ref, Bearers: sms,
				Operations: []tsmp.SEOperation{{Kind: tsmp.OperationLock, AID: instanceAID}}})
			return err
		},
		"conversation": func() error {
			_, err := sp.BeginConversation(ctx, w.call(), &tsmp.BeginConversationRequest{Reference: ref, Bearers: sms})
			return err
		},
	} {
		if err := do(); !errors.Is(err, tsmp.Refuse(tsmp.CodeActionInProgress, "")) {
			t.Errorf("%s: %v", name, err)
		}
	}
	w.off[c.iccid] = false
	_, err = sp.TerminateService(ctx, w.call(), &tsmp.TerminateServiceRequest{Reference: ref, Bearers: sms})
	must(t, err)
	w.run()
	wantDone(t, w, ref, tsmp.OutcomeDone, tsmp.ServiceTerminated)
	cancelled := false
	for _, b := range w.told[spName] {
		if b, ok := b.(*tsmp.HandleActionDoneOnServiceNotificationRequest); ok && b.Action == action {
			cancelled = b.Outcome == tsmp.OutcomeCancelled
		}
	}
	if !cancelled || len(c.card.registry) != 0 {
		t.Errorf("cancelled: %v; on the card: %v", cancelled, c.card.registry)
	}
	w.check()
}

// sequences are the numbers of notifications.
func sequences(list []tsmp.Body) (numbers []uint64) {
	for _, b := range list {
		numbers = append(numbers, noticeOf(b).Sequence)
	}
	return numbers
}

func noticeOf(b tsmp.Body) tsmp.Notice {
	switch b := b.(type) {
	case *tsmp.HandleStartServiceStateChangeNotificationRequest:
		return b.Notice
	case *tsmp.HandleEndServiceStateChangeNotificationRequest:
		return b.Notice
	case *tsmp.HandleServiceEnvironmentChangeNotificationRequest:
		return b.Notice
	case *tsmp.HandleActionDoneOnServiceNotificationRequest:
		return b.Notice
	case *tsmp.HandleMobileSubscriptionIdentifierChangedNotificationRequest:
		return b.Notice
	case *tsmp.HandleMobileSubscriptionStatusChangeNotificationRequest:
		return b.Notice
	case *tsmp.HandleSERenewalNotificationRequest:
		return b.Notice
	case *tsmp.HandleSEDeviceChangedNotificationRequest:
		return b.Notice
	case *tsmp.HandleSEDeviceStatusChangeNotificationRequest:
		return b.Notice
	case *tsmp.HandleSEMobileSubscriptionChangedNotificationRequest:
		return b.Notice
	case *tsmp.HandleSEStatusChangeNotificationRequest:
		return b.Notice
	}
	return tsmp.Notice{}
}
