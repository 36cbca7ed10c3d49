package mno_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"inkan/core/sms"
	"inkan/core/tsmp"
	"inkan/spec/req"
	"inkan/tsm/mno"
	"inkan/tsm/store"
	"inkan/tsm/store/row"
)

// names are the kinds of notifications, in order.
func names(list []tsmp.Body) (out []string) {
	for _, b := range list {
		s := strings.TrimPrefix(fmt.Sprintf("%T", b), "*tsmp.Handle")
		out = append(out, strings.TrimSuffix(s, "NotificationRequest"))
	}
	return out
}

// Each thing that happens to a contract or SIM is told to those whom it concerns.
func TestNotifications(t *testing.T) {
	req.Covers(t, "SPEC-MNO-TSM-071", "SPEC-MNO-TSM-072")
	w := newWorld(t)
	c := w.customer(1)
	d := w.mno.Desk("shop")
	must(t, d.SuspendSubscriber(ctx, c.id)) // it concerns nobody
	must(t, d.ResumeSubscriber(ctx, c.id))
	ref := w.deploy(c, 1, tsmp.ModelSimple)
	w.told = map[tsmp.PartyID][]tsmp.Body{}
	spare := w.customer(2)
	must(t, d.EndSubscriber(ctx, spare.id))
	must(t, d.SeeDevice(ctx, c.se, "359001010000001", "14", 1)) // the same device
	must(t, d.SeeDevice(ctx, c.se, "359005010000001", "3", 1))
	must(t, d.SeeDevice(ctx, c.se, "990000000000001", "", 0)) // nobody knows it
	must(t, d.ReportDevice(ctx, c.se, tsmp.DeviceLost))
	must(t, d.ReportDevice(ctx, c.se, tsmp.DeviceInUse))
	must(t, d.BlockSIM(ctx, c.se))
	must(t, d.FreeSIM(ctx, c.se))
	must(t, d.ChangeNumber(ctx, c.id, "819099999999"))
	must(t, d.EnvironmentChanged(ctx, c.se, tsmp.ChangeKeys))
	must(t, d.SuspendSubscriber(ctx, c.id))
	must(t, d.EndSubscriber(ctx, c.id))
	w.run()
	want := []string{"SEDeviceChanged", "SEDeviceChanged", "SEDeviceStatusChange", "SEDeviceStatusChange", "SEStatusChange", "SEStatusChange",
		"ServiceEnvironmentChange", "MobileSubscriptionStatusChange", "MobileSubscriptionStatusChange", "SEStatusChange"}
	if got := names(w.told[spName]); !slices.Equal(got, want) {
		t.Errorf("told\n%q, want\n%q", got, want)
	}
	if len(w.told[rivalName]) != 0 {
		t.Errorf("told to whom it does not concern: %q", names(w.told[rivalName]))
	}
	if s := w.state(ref); s.State != tsmp.ServiceOrphaned {
		t.Errorf("%+v", s)
	}
	for _, b := range w.told[spName] {
		if b, ok := b.(*tsmp.HandleSEDeviceChangedNotificationRequest); ok && b.ProfileID == "DCP-1" {
			t.Errorf("%+v", b)
		}
	}
	w.check()
}

// Another SIM, another contract: what was declared only is over, what is on the old
// card is out of reach.
func TestRenewal(t *testing.T) {
	req.Covers(t, "SPEC-MNO-TSM-073")
	w := newWorld(t)
	c, d := w.customer(1), w.mno.Desk("shop")
	ref := w.deploy(c, 1, tsmp.ModelSimple)
	w.off[c.iccid] = true
	_, err := w.as(spName).SuspendOrResumeService(ctx, w.call(), &tsmp.SuspendOrResumeServiceRequest{Reference: ref, Bearers: bySMS})
	must(t, err)
	declared := tsmp.ServiceReference{'s', 9}
	_, err = w.as(spName).DeclareServiceInstanceReference(ctx, w.call(), &tsmp.DeclareServiceInstanceReferenceRequest{Reference: declared, Service: "second", SE: c.se,
		Subscriber: w.subscriber(spName, c), Model: tsmp.ModelSimple})
	must(t, err)
	w.told = map[tsmp.PartyID][]tsmp.Body{}
	next := tsmp.SEID{0xE5, 77}
	must(t, d.AddSIM(ctx, mno.SIM{SE: next, ICCID: "8981110000000007777", Kind: "card-all", Certificate: []byte("certificate")}))
	must(t, d.RenewSIM(ctx, c.id, next))
	w.run()
	if got := names(w.told[spName]); !slices.Equal(got, []string{"SERenewal", "ActionDoneOnService"}) {
		t.Errorf("told %q", got)
	}
	b := wantDone(t, w, ref, tsmp.OutcomeSEChanged, tsmp.ServiceDeployed)
	if b.StatusWord != nil {
		t.Errorf("%+v", b)
	}
	if s := w.state(ref); s.State != tsmp.ServiceOrphaned || s.Action != (tsmp.CallID{}) {
		t.Errorf("%+v", s)
	}
	if s := w.state(declared); s.State != tsmp.ServiceTerminated {
		t.Errorf("%+v", s)
	}
	// On the new one the service can be declared at once.
	_, err = w.as(spName).DeclareServiceInstanceReference(ctx, w.call(), &tsmp.DeclareServiceInstanceReferenceRequest{Reference: tsmp.ServiceReference{'n'}, Service: "jpki", SE: next,
		Subscriber: w.subscriber(spName, customer{se: next}), Model: tsmp.ModelSimple})
	wantCode(t, err, tsmp.CodeNotEligible) // in no device that is known
	must(t, d.SeeDevice(ctx, next, "359001010000002", "14", 1))
	_, err = w.as(spName).DeclareServiceInstanceReference(ctx, w.call(), &tsmp.DeclareServiceInstanceReferenceRequest{Reference: tsmp.ServiceReference{'n'}, Service: "jpki", SE: next,
		Subscriber: w.subscriber(spName, customer{se: next}), Model: tsmp.ModelSimple})
	must(t, err)
	// Its removal ends at once: nothing reaches the old card.
	w.terminate(ref)
	wantDone(t, w, ref, tsmp.OutcomeUnreachable, tsmp.ServiceOrphaned)
	w.check()
}

// A SIM that moves to another contract is told with both names.
func TestMovedSIM(t *testing.T) {
	w := newWorld(t)
	c, d := w.customer(1), w.mno.Desk("shop")
	ref := w.deploy(c, 1, tsmp.ModelSimple)
	before := w.subscriber(spName, c)
	other, err := d.AddSubscriber(ctx, mno.Subscriber{MSISDN: "819011112222", IMSI: "001110000000077", Holder: "other"})
	must(t, err)
	must(t, d.MoveSIM(ctx, c.se, other))
	w.run()
	b, ok := w.told[spName][len(w.told[spName])-1].(*tsmp.HandleSEMobileSubscriptionChangedNotificationRequest)
	if !ok || b.Subscriber != before || b.NewSubscriber != w.subscriber(spName, c) {
		t.Fatalf("told %+v", w.told[spName])
	}
	_, err = w.as(spName).SuspendOrResumeService(ctx, w.call(), &tsmp.SuspendOrResumeServiceRequest{Reference: ref, Bearers: bySMS})
	wantCode(t, err, tsmp.CodeSubscriberChanged)
	w.check()
}

// A desk refuses what cannot be, and changes nothing.
func TestDeskRefuses(t *testing.T) {
	req.Covers(t, "SPEC-MNO-TSM-003")
	w := newWorld(t)
	c, d := w.customer(1), w.mno.Desk("shop")
	before := w.entries()
	for name, do := range map[string]func() error{
		"kind": func() error {
			return d.AddSIM(ctx, mno.SIM{SE: tsmp.SEID{1}, ICCID: "8981110000000001111", Kind: "other"})
		},
		"KDD": func() error {
			return d.AddSIM(ctx, mno.SIM{SE: tsmp.SEID{1}, ICCID: "8981110000000001111", Kind: "card-old", KDD: []byte{1}})
		},
		"no CASD": func() error {
			return d.AddSIM(ctx, mno.SIM{SE: tsmp.SEID{1}, ICCID: "8981110000000001111", Kind: "card-all"})
		},
		"twice":    func() error { return d.AddSIM(ctx, mno.SIM{SE: c.se, ICCID: "8981110000000001111", Kind: "card-old"}) },
		"ICCID":    func() error { return d.AddSIM(ctx, mno.SIM{SE: tsmp.SEID{1}, ICCID: c.iccid, Kind: "card-old"}) },
		"second":   func() error { return d.GiveSIM(ctx, c.id, c.se) },
		"renew":    func() error { return d.RenewSIM(ctx, c.id, c.se) },
		"free":     func() error { return d.FreeSIM(ctx, c.se) },
		"resume":   func() error { return d.ResumeSubscriber(ctx, c.id) },
		"number":   func() error { return d.ChangeNumber(ctx, row.SubscriberID{1}, "819000000000") },
		"not lost": func() error { return d.ReportDevice(ctx, c.se, 0) },
	} {
		if err := do(); !errors.Is(err, mno.ErrDesk) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if after := w.entries(); after != before {
		t.Errorf("%d entries in the audit trail, before %d", after, before)
	}
	w.host = "host.example"
	kinds := w.kinds()
	_, err := mno.New(mno.Config{Tenant: w.tenant, Party: mnoName, HSM: w.module, Kinds: kinds, Now: func() time.Time { return w.now }, Entropy: noise{}, Peer: nobody})
	if err == nil {
		t.Error("a carrier with another one's cards")
	}
}

type noise struct{}

func (noise) Fill([]byte) {}

func nobody(tsmp.PartyID) (*tsmp.Caller, bool) { return nil, false }

func (w *world) entries() (n uint64) {
	must(w.t, w.mno.Trail(ctx, 1, func(e *row.Entry) error { n = e.Number; return nil }))
	return n
}

// A light MVNO's cards are its host's: what happens on them is the host's
// responsibility, what is answered its own.
func TestLightMVNO(t *testing.T) {
	req.Covers(t, "SPEC-MNO-TSM-004", "SPEC-MNO-TSM-005")
	w := newWorld(t)
	must(t, w.store.Close())
	w.host = "host.example"
	w.open()
	ref := w.deploy(w.customer(1), 1, tsmp.ModelSimple)
	found := map[string]string{}
	must(t, w.mno.View(ctx, func(r *store.Snapshot) error {
		return store.EntriesOf(r, row.SubjectID(ref), func(e *row.Entry) error {
			found[e.Event] = e.Responsible
			return nil
		})
	}))
	for event, want := range map[string]string{"service-declared": "MNO-TSM/mno.example", "deployment-ordered": "MNO-TSM/mno.example", "deploy-ended": "MNO-TSM/host.example"} {
		if found[event] != want {
			t.Errorf("%s: responsible is %q, want %q", event, found[event], want)
		}
	}
	// A refusal is in the trail as well, with the request.
	_, err := w.as(spName).DeployService(ctx, w.call(), deployment(ref, tsmp.ModelSimple, tsmp.BearerSMS))
	wantCode(t, err, tsmp.CodeWrongState)
	refused := false
	must(t, w.mno.Trail(ctx, 1, func(e *row.Entry) error {
		if e.Event != "deployment-ordered" || e.Refused != string(tsmp.CodeWrongState) || e.Actor != string(spName) {
			return nil
		}
		refused = len(e.Exhibits) == 1 && e.Exhibits[0].Name == "request"
		return nil
	}))
	if !refused {
		t.Error("the refusal is not in the audit trail with its request")
	}
}

// A one-time code goes to the phone of the contract, as text for the eyes, and stays
// nowhere.
func TestOneTimeCode(t *testing.T) {
	req.Covers(t, "SPEC-MNO-TSM-033")
	w := newWorld(t)
	c := w.customer(1)
	subscriber := w.subscriber(spName, c)
	deliver := func(code string, language tsmp.Language, until time.Time) error {
		_, err := w.as(spName).DeliverOneTimeCode(ctx, w.call(), &tsmp.DeliverOneTimeCodeRequest{SE: c.se, Subscriber: subscriber, Code: code, Language: language, Until: until})
		return err
	}
	for i, language := range []tsmp.Language{tsmp.Japanese, tsmp.English} {
		code := fmt.Sprintf("CODE%08d", i)
		must(t, deliver(code, language, w.now.Add(time.Minute)))
		w.run()
		m, err := sms.DecodeDeliver(w.sent[len(w.sent)-1])
		must(t, err)
		if m.UDHI || !strings.HasSuffix(ucs2(m.UD), code) {
			t.Errorf("message %+v: %q", m, ucs2(m.UD))
		}
		if strings.Contains(w.rows(), code) {
			t.Error("the code is in the rows")
		}
	}
	wantCode(t, deliver("CODE00000002", tsmp.English, w.now), tsmp.CodeTermOver)
	for i := range 3 {
		must(t, deliver(fmt.Sprintf("CODE1000000%d", i), tsmp.English, w.now.Add(time.Minute)))
	}
	wantCode(t, deliver("CODE00000003", tsmp.English, w.now.Add(time.Minute)), tsmp.CodeRateLimited)
	w.pass(2 * time.Hour)
	must(t, deliver("CODE00000004", tsmp.English, w.now.Add(time.Minute)))
	must(t, w.mno.Desk("x").ChangeHolder(ctx, c.id, "x", false, nil))
	wantCode(t, deliver("CODE00000005", tsmp.English, w.now.Add(time.Minute)), tsmp.CodeSubscriberChanged)
}

func ucs2(b []byte) string {
	var s []rune
	for i := 0; i+1 < len(b); i += 2 {
		s = append(s, rune(b[i])<<8|rune(b[i+1]))
	}
	return string(s)
}

// rows are the workflows' data and the audit trail's evidence, but not the journal of
// signed calls.
func (w *world) rows() string {
	w.t.Helper()
	var b strings.Builder
	must(w.t, w.mno.View(ctx, func(r *store.Snapshot) error {
		err := store.Workflows.Scan(r, func(x *row.Workflow) error { b.Write(x.Data); b.WriteString(ucs2(x.Data)); return nil })
		if err != nil {
			return err
		}
		return r.Trail(1, func(e *row.Entry) error {
			for _, x := range e.Exhibits {
				evidence, _, err := store.EvidenceOf(r, x.Hash)
				if err != nil {
					return err
				}
				b.Write(evidence)
			}
			return nil
		})
	}))
	return b.String()
}
