package tsmcards

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/cockroachdb/pebble/v2/vfs"

	"inkan/core/ara"
	"inkan/core/cap"
	"inkan/core/entropy"
	"inkan/core/gp"
	"inkan/core/jpki"
	"inkan/core/sms"
	"inkan/core/tsmp"
	wiring "inkan/scenarios/handset"
	"inkan/sim/applets/aram"
	"inkan/sim/handset"
	"inkan/sim/handset/air"
	"inkan/sim/handset/device"
	"inkan/sim/handset/fault"
	"inkan/sim/handset/omapi"
	"inkan/sim/handset/relay"
	"inkan/sim/profile"
	"inkan/spec/req"
	"inkan/tsm/delivery"
	"inkan/tsm/remote"
	"inkan/tsm/store"
	"inkan/tsm/store/row"
)

// office is a delivery engine whose owner runs commands in the issuer's domain of a
// card that is in a handset of a network.
type office struct {
	*station
	fs      *vfs.MemFS
	store   *store.Store
	tenant  *store.Tenant
	engine  *delivery.Engine
	network *handset.Network
	phone   *handset.Handset
	bearers []tsmp.Bearer // that the owner may use, one after the other
	boots   int
	result  string
	account delivery.Account
	se      tsmp.SEID
	run     *remote.Run // as it ended
	cut     bool        // the card's power
	wasCut  bool
	faults  int // of the app's connection and card
}

var (
	workAt   = row.WorkflowID{1}
	started  = time.Date(2026, 11, 28, 9, 0, 0, 0, time.UTC)
	theApp   = omapi.CallerOf([]byte("certificate of the UI app"), "jp.example.inkan")
	theirSIM = handset.Number("819012345678")
)

func (o *office) now() time.Time { return started.Add(o.network.Queue.Now()) }

func newOffice(t testing.TB, p *profile.Profile, seed uint64, bearers ...tsmp.Bearer) *office {
	t.Helper()
	o := &office{station: newStation(t, p, bearers[0]), fs: vfs.NewMem(), bearers: bearers, se: tsmp.SEID{7}}
	var rules []ara.Rule // of relay; by short messages the application for them is loaded
	for _, aid := range []gp.AID{gp.AIDIssuerSecurityDomain, jpki.AIDProviderDomain} {
		rules = append(rules, ara.Rule{Target: ara.Target{AIDRef: ara.NamedApplication, AID: aid, AppHash: theApp.SHA256[:]}, Rights: ara.Rights{APDU: ara.Always}})
	}
	if o.bearer == tsmp.BearerRelay {
		o.must("rules", wiring.InstallRules(t.Context(), o.card, rules, entropy.Seeded(1, "rules")))
	} else {
		o.reset()
	}
	model, ok := device.Named("Sakura S1 Free")
	if !ok {
		t.Fatal("no such model")
	}
	var err error
	o.phone, err = handset.New(handset.Config{Model: model, IMEI: device.NewIMEI(model.TAC, 1), Card: o.card, Entropy: entropy.Seeded(seed, "handset"), Elapsed: wiring.Elapsed(o.card)})
	o.must("handset", err)
	o.must("start", o.phone.Start(t.Context()))
	o.network = handset.NewNetwork("test", o.take)
	o.must("attach", o.network.Attach(o.phone))
	o.network.Assign(theirSIM, o.phone.Identity().ICCID)
	o.boot()
	o.must("SIM", o.tenant.Step(t.Context(), func(tx *store.Tx) error {
		return store.SIMs.Put(tx, &row.SIM{SE: o.se, ICCID: string(o.phone.Identity().ICCID), Profile: p.Name, State: row.SIMActive, Subscriber: row.SubscriberID{1}})
	}))
	return o
}

func (o *office) must(what string, err error) {
	o.t.Helper()
	if err != nil {
		o.t.Fatalf("%s: %v", what, err)
	}
}

// boot ends the process, if there is one, and begins the next.
func (o *office) boot() {
	o.t.Helper()
	if o.store != nil {
		o.must("close", o.store.Close())
	}
	o.boots++
	var err error
	o.store, err = store.Open(o.t.Context(), store.Options{Path: "store", FS: o.fs, Now: o.now})
	o.must("open", err)
	o.tenant, err = o.store.Tenant(o.t.Context(), carrierName)
	o.must("tenant", err)
	from, err := sms.NewAddress(sms.TypeInternational, "819099990000")
	o.must("address", err)
	o.engine, err = delivery.New(delivery.Config{Tenant: o.tenant, Party: carrierName, Bearer: o, From: from, Check: o.worth, Ended: o.ended,
		Now: o.now, Entropy: entropy.Seeded(uint64(o.boots), "delivery")})
	o.must("engine", err)
}

// Send implements delivery.Bearer.
func (o *office) Send(ctx context.Context, _ string, tpdu []byte) (uint64, error) {
	id, err := o.network.Send(ctx, theirSIM, tpdu)
	if f := (*fault.Error)(nil); errors.As(err, &f) && f.Code == fault.UnknownNumber {
		return 0, delivery.ErrNoSubscriber
	}
	return id, err
}

func (o *office) take(ctx context.Context, in handset.Inbound) error {
	return o.engine.Deliver(ctx, delivery.Inbound{From: string(in.From), Message: in.Message, TPDU: in.TPDU, Error: in.Error})
}

// runOf is the run in the owner's row.
func runOf(w *row.Workflow) (*remote.Run, error) { return remote.Parse(w.Data) }

// begin makes the owner's row and has the first script leave.
func (o *office) begin(commands []remote.Command, deadline time.Duration) (access *tsmp.RelayAccess) {
	o.t.Helper()
	run, err := remote.New(o.issuer(), commands)
	o.must("run", err)
	o.must("begin", o.tenant.Step(o.t.Context(), func(tx *store.Tx) (err error) {
		w := row.Workflow{ID: workAt, Kind: "owner", State: row.WorkflowWaiting, Begun: tx.Now(), Next: tx.Now().Add(deadline), Deadline: tx.Now().Add(deadline)}
		if o.bearers[0] == tsmp.BearerRelay {
			if access, err = o.engine.Open(tx, w.ID, o.se, w.Deadline); err != nil {
				return err
			}
		}
		return o.fly(tx, &w, run)
	}))
	return access
}

// fly makes the next script and starts its job, all in one step.
func (o *office) fly(tx *store.Tx, w *row.Workflow, run *remote.Run) error {
	sim, _, err := store.SIMs.Get(tx, o.se)
	if err != nil {
		return err
	}
	script, done, err := run.Next(context.Background(), o.module, o.bearers[w.Step], &sim.Counter)
	if err != nil {
		return err
	}
	if err := store.SIMs.Put(tx, &sim); err != nil {
		return err
	}
	if w.Data, err = run.Append(nil); err != nil {
		return err
	}
	w.Changed = tx.Now()
	if done {
		w.State, w.Next, w.Deadline = row.WorkflowDone, time.Time{}, time.Time{}
		if err := o.engine.Close(tx, w.ID); err != nil {
			return err
		}
		return store.Workflows.Put(tx, w)
	}
	if err := store.Workflows.Put(tx, w); err != nil {
		return err
	}
	deadline := w.Deadline
	if int(w.Step) < len(o.bearers)-1 {
		deadline = tx.Now().Add(10 * time.Minute) // there is another bearer
	}
	_, err = o.engine.Start(tx, delivery.Job{ID: w.ID, SE: o.se, Bearers: []tsmp.Bearer{o.bearers[w.Step]}, Script: delivery.Script(script), Deadline: deadline})
	return err
}

// ended takes what came of a script.
func (o *office) ended(ctx context.Context, tx *store.Tx, id row.WorkflowID, r delivery.Result) error {
	o.account.Add(r.Account)
	w, _, err := store.Workflows.Get(tx, id)
	if err != nil {
		return err
	}
	run, err := runOf(&w)
	if err != nil {
		return err
	}
	if r.Outcome == tsmp.OutcomeUnreachable && !r.Interrupted {
		o.result += fmt.Sprintf("%v unreachable, began %v; ", r.Bearer, r.Began)
		if w.Step++; int(w.Step) == len(o.bearers) || r.Began {
			return errors.New("no bearer is left")
		}
	}
	if err := run.Take(ctx, o.module, remote.Answer{Responses: r.Responses, Proofs: r.Proofs, Interrupted: r.Interrupted}); err != nil {
		return err
	}
	return o.fly(tx, &w, run)
}

// worth is what a proof says to the run.
func (o *office) worth(ctx context.Context, q delivery.Question) (v delivery.Verdict, err error) {
	err = o.tenant.View(ctx, func(s *store.Snapshot) error {
		w, _, err := store.Workflows.Get(s, q.Job)
		if err != nil {
			return err
		}
		run, err := runOf(&w)
		if err != nil {
			return err
		}
		before := len(run.Responses())
		v = delivery.Proven
		if err := run.Take(ctx, o.module, remote.Answer{Proofs: [][]byte{q.Proof}}); err != nil {
			v = delivery.Foreign
		} else if len(run.Responses()) == before && run.Outcome().State == remote.Running {
			v = delivery.Had
		}
		return nil
	})
	return v, err
}

// over reports whether the run has ended.
func (o *office) over() bool {
	var w row.Workflow
	o.must("view", o.tenant.View(o.t.Context(), func(s *store.Snapshot) (err error) {
		w, _, err = store.Workflows.Get(s, workAt)
		return err
	}))
	if w.State.Live() {
		return false
	}
	var err error
	o.run, err = runOf(&w)
	o.must("run", err)
	return true
}

// step has the next thing happen: work, an arrival, or time.
func (o *office) step() {
	o.t.Helper()
	for more := true; more; {
		var err error
		more, err = o.engine.Work(o.t.Context(), o.now())
		o.must("work", err)
	}
	var due time.Time
	o.must("due", o.tenant.View(o.t.Context(), func(s *store.Snapshot) (err error) {
		due, err = store.NextDue(s)
		return err
	}))
	at, flying := o.network.Queue.Next()
	switch {
	case flying && !started.Add(at).After(due):
		_, err := o.network.Step(o.t.Context())
		o.must("network", err)
	case due.After(o.now()):
		o.network.Queue.Advance(due.Sub(o.now()))
	}
}

// script is the domain of the provider made, looked at and deleted, over and over.
func (o *office) script(times int) []remote.Command {
	var list []remote.Command
	for range times {
		list = append(list, o.of(o.domain(), gp.GetStatus{Subset: gp.SubsetApplications}, gp.GetData{Tag: gp.TagKeyInformation},
			gp.Delete{AID: jpki.AIDProviderDomain, Related: true}, gp.GetStatus{Subset: gp.SubsetApplications})...)
	}
	return list
}

// load is the application for access rules loaded: packets of several messages.
func (o *office) load() []remote.Command {
	o.t.Helper()
	file, err := cap.Open(aram.CAP)
	o.must("CAP", err)
	content, err := (&gp.LoadFile{Content: file.LoadFile(nil, file.Descriptor != nil)}).Append(nil)
	o.must("load file", err)
	blocks, err := gp.LoadBlocks(content, 96)
	o.must("blocks", err)
	list := []gp.Command{gp.Install{Purpose: gp.ForLoad, LoadFile: aram.PackageAID}}
	for b := range blocks {
		list = append(list, b)
	}
	return o.of(append(list, gp.Install{Purpose: gp.ForInstallAndMakeSelectable, LoadFile: aram.PackageAID, Module: aram.ModuleAID, Application: ara.AIDMaster,
		Parameters: []byte{0xC9, 0x00}})...)
}

// wantDone: the run is done, nothing is left of it, and the store is whole.
func (o *office) wantDone(commands int) {
	o.t.Helper()
	if out := o.run.Outcome(); out.State != remote.Done || len(o.run.Responses()) != commands {
		o.t.Fatalf("%+v, %d responses of %d", out, len(o.run.Responses()), commands)
	}
	if _, err := o.store.Check(o.t.Context()); err != nil {
		o.t.Error(err)
	}
	var totals delivery.Account
	o.must("totals", o.tenant.View(o.t.Context(), func(s *store.Snapshot) (err error) {
		totals, err = delivery.Totals(s)
		return err
	}))
	if totals != o.account {
		o.t.Errorf("totals %+v, the owner was told %+v", totals, o.account)
	}
	o.t.Logf("%v: %+v, %+v", o.network.Queue.Now(), totals, o.network.Messages)
}

// A run by short messages over networks that lose, double and delay, with a process
// that ends again and again, and a handset that is off for an hour.
func TestDeliveryBySMS(t *testing.T) {
	req.Covers(t, "SPEC-DELIVERY-005", "SPEC-DELIVERY-014", "SPEC-DELIVERY-020", "SPEC-DELIVERY-021", "SPEC-DELIVERY-050")
	for _, name := range []string{"test", "hayate", "suzume"} {
		for _, loss := range []int{0, 150, 300} {
			t.Run(fmt.Sprintf("%s/%d", name, loss), func(t *testing.T) {
				o := newOffice(t, profile.Named(name), uint64(loss+1), tsmp.BearerSMS)
				link := o.phone.Link(air.SMS)
				link.Parameters.Loss, link.Parameters.Double, link.Parameters.Late = loss, loss, loss
				script := append(o.load(), o.script(2)...)
				o.begin(script, 240*time.Hour)
				off := time.Duration(0)
				for i := 0; !o.over(); i++ {
					if i > 5000 {
						t.Fatal("no end")
					}
					if loss > 0 && i%31 == 30 {
						o.boot()
					}
					if loss > 0 && i == 20 {
						o.phone.SetCoverage(false)
						off = o.network.Queue.Now()
					}
					o.step()
					if off > 0 && o.network.Queue.Now() > off+time.Hour {
						o.phone.SetCoverage(true)
						off = 0
					}
				}
				o.wantDone(len(script))
			})
		}
	}
}

// sender is the engine as the app's calls reach it.
type sender struct {
	o   *office
	app tsmp.PartyID
}

// FetchScript has the process end before, and the card lose its power behind the second
// script.
func (s sender) FetchScript(ctx context.Context, c *tsmp.Call, b *tsmp.FetchScriptRequest) (*tsmp.FetchScriptAnswer, error) {
	s.o.boot()
	c.Sender = s.app
	a, err := s.o.engine.FetchScript(ctx, c, b)
	if err == nil && a.Script == 2 && s.o.cut && !s.o.wasCut {
		s.o.wasCut = true
		err = s.o.card.PowerOff()
	}
	return a, err
}

func (s sender) ReturnResponses(ctx context.Context, c *tsmp.Call, b *tsmp.ReturnResponsesRequest) (*tsmp.ReturnResponsesAnswer, error) {
	s.o.boot()
	c.Sender = s.app
	return s.o.engine.ReturnResponses(ctx, c, b)
}

// carry has an app carry scripts until nothing more comes; after a loss of power it
// has another session.
func (o *office) carry(access *tsmp.RelayAccess) *relay.Run {
	o.t.Helper()
	service, err := o.phone.Service(theApp)
	o.must("service", err)
	session, err := service.Open(service.Readers()[0])
	o.must("session", err)
	run, err := o.phone.Relay(relay.Remote{Party: sender{o, "app"}, Ticket: access.Ticket, Entropy: entropy.Seeded(1, "app"), Now: o.now}, session)
	o.must("relay", err)
	for i := 0; ; i++ {
		if i > 500 {
			o.t.Fatal("no end")
		}
		before := run.Air + run.Chip
		wait, err := run.Do(o.t.Context())
		o.network.Queue.Advance(run.Air + run.Chip - before + wait)
		if f := (*fault.Error)(nil); err != nil && !errors.As(err, &f) {
			o.t.Fatal(err)
		}
		if run.Finished() {
			return run
		}
		o.faults++
		if o.phone.SIM().Present() && !session.Closed() {
			continue
		}
		o.must("recover", o.phone.Recover(o.t.Context()))
		session, err = service.Open(service.Readers()[0])
		o.must("session", err)
		again, err := o.phone.Relay(run.Server, session)
		o.must("relay", err)
		run.Open = again.Open
	}
}

// The same by relay, over mobile data that is lost again and again.
func TestDeliveryByRelay(t *testing.T) {
	req.Covers(t, "SPEC-DELIVERY-005", "SPEC-DELIVERY-031", "SPEC-DELIVERY-032", "SPEC-DELIVERY-033", "SPEC-TSM-PROTOCOL-104", "SPEC-TSM-PROTOCOL-107")
	for _, name := range []string{"test", "hayate", "suzume"} {
		for _, loss := range []int{0, 700, 800} {
			t.Run(fmt.Sprintf("%s/%d", name, loss), func(t *testing.T) {
				o := newOffice(t, profile.Named(name), uint64(loss+1), tsmp.BearerRelay)
				o.cut = loss == 700
				o.phone.Link(air.LTE).Parameters.Loss = loss
				script := o.script(20)
				access := o.begin(script, 20*time.Hour)
				if access == nil || access.Party != carrierName {
					t.Fatalf("%v", access)
				}
				run := o.carry(access)
				if !o.over() {
					t.Fatal("the run has no end")
				}
				o.wantDone(len(script))
				if (loss > 0) != (o.faults > 0) {
					t.Errorf("%d faults", o.faults)
				}
				t.Logf("%d scripts, %d commands, air %v, chip %v, %d faults, %d processes", run.Scripts, run.Commands, run.Air, run.Chip, o.faults, o.boots)
				_, err := sender{o, "another app"}.FetchScript(t.Context(), &tsmp.Call{}, &tsmp.FetchScriptRequest{Ticket: access.Ticket})
				var refusal *tsmp.Error
				if !errors.As(err, &refusal) || refusal.Code != tsmp.CodeUnknownTicket {
					t.Errorf("another app: %v", err)
				}
			})
		}
	}
}

// No app comes: the owner hears that nothing began, and takes short messages.
func TestDeliveryFallsBack(t *testing.T) {
	req.Covers(t, "SPEC-DELIVERY-035")
	o := newOffice(t, profile.Named("hayate"), 1, tsmp.BearerRelay, tsmp.BearerSMS)
	script := o.script(1)
	o.begin(script, 20*time.Hour)
	for i := 0; !o.over(); i++ {
		if i > 5000 {
			t.Fatal("no end")
		}
		o.step()
	}
	if o.result != "relay unreachable, began false; " {
		t.Error(o.result)
	}
	o.wantDone(len(script))
}
