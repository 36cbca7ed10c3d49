package tsmcards

import (
	"context"
	"crypto/ed25519"
	"crypto/sha256"
	"fmt"
	"testing"
	"time"

	"inkan/core/cap"
	"inkan/core/entropy"
	"inkan/core/gp"
	"inkan/core/jpki"
	"inkan/core/scp/confidential"
	"inkan/core/sms"
	"inkan/core/tsmp"
	jpkicap "inkan/sim/applets/jpki"
	"inkan/sim/profile"
	"inkan/tsm/hsm"
	"inkan/tsm/mno"
	"inkan/tsm/mno/eligible"
	"inkan/tsm/mno/kind"
	"inkan/tsm/remote"
	"inkan/tsm/store"
	"inkan/tsm/store/row"
)

// carrier is an MNO-TSM with one card behind it.
type carrier struct {
	*station
	mno   *mno.Manager
	store *store.Store
	now   time.Time
	inbox *sms.Reassembler
	air   []mno.Inbound
	told  []*tsmp.HandleActionDoneOnServiceNotificationRequest
	se    tsmp.SEID
	iccid string
	ref   tsmp.ServiceReference
	calls byte
	sent  int
	// unreached is how many messages the network gives up next.
	unreached int
}

const (
	carrierName tsmp.PartyID = "mno.example"
	spName      tsmp.PartyID = "sp.example"
)

func newCarrier(t testing.TB, p *profile.Profile, bearer tsmp.Bearer) *carrier {
	t.Helper()
	c := &carrier{station: newStation(t, p, bearer), now: time.Date(2026, 11, 28, 9, 0, 0, 0, time.UTC), se: tsmp.SEID{1, 2, 3}, iccid: p.ICCID(1), ref: tsmp.ServiceReference{9}}
	clock := func() time.Time { return c.now }
	var err error
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	c.store, err = store.OpenMemory(clock)
	must(err)
	tenant, err := c.store.Tenant(context.Background(), carrierName)
	must(err)
	c.inbox, err = sms.NewReassembler(sms.ReassemblerConfig{Sets: 4, Parts: 8})
	must(err)
	from, err := sms.NewAddress(sms.TypeInternational, "819099990000")
	must(err)
	issuer := c.issuer()
	issuer.PacketKeys.Diversification, issuer.ChannelKeys.Diversification = nil, nil
	model := map[profile.Model]tsmp.Model{profile.Simple: tsmp.ModelSimple, profile.Delegated: tsmp.ModelDelegated, profile.Authorised: tsmp.ModelAuthorised}[p.Model]
	c.mno, err = mno.New(mno.Config{Tenant: tenant, Party: carrierName, HSM: c.module, Bearer: c, From: from, Now: clock, Entropy: entropy.Seeded(1, "mno"),
		Peer: c.peer,
		Kinds: []*kind.Kind{{Name: p.Name, Owner: carrierName, Models: []tsmp.Model{model}, Issuer: issuer, Token: "token",
			Receipt: hsm.KeyRef{Use: hsm.UseReceipt, Version: 0x71, Master: "receipt"}, Authority: gp.AIDCASD.Append(nil), NonVolatile: 140_000, Volatile: 8000}},
		Devices: []eligible.Device{{Name: "Good", TAC: "35900102", ProfileID: "DCP-1", Open: true, Version: 14, OMAPI: true, Relay: true, CardNFC: true, ReadNFC: true, SIMSlot: 1, SMSPP: true, UIApp: true}},
		Offers: []*kind.Offer{{Service: "jpki", Provider: spName, Models: []tsmp.Model{model}, Usages: []tsmp.Usage{tsmp.UsageHolder}, Domains: [][]byte{jpki.AIDProviderDomain.Append(nil)}, TARs: [][]byte{jpki.TARProviderDomain[:]},
			Packages: [][]byte{jpki.AIDPackage.Append(nil)}, Modules: [][]byte{jpki.AIDModule.Append(nil)}, Instances: [][]byte{jpki.AIDInstance.Append(nil)},
			Hashes: [][32]byte{c.software0()}, NonVolatile: 60_000}}})
	must(err)
	d := c.mno.Desk("shop")
	must(d.AddSIM(t.Context(), mno.SIM{SE: c.se, ICCID: c.iccid, Kind: p.Name, KDD: c.kdd, Certificate: []byte("certificate"), AttestationKey: [32]byte{1}}))
	id, err := d.AddSubscriber(t.Context(), mno.Subscriber{MSISDN: "819012345678", IMSI: p.IMSI(1), Holder: "holder"})
	must(err)
	must(d.GiveSIM(t.Context(), id, c.se))
	must(d.SeeDevice(t.Context(), c.se, "359001020000017", "14", 1))
	s, err := c.mno.GetSEMobileSubscriptionIdentifier(t.Context(), c.call(), &tsmp.GetSEMobileSubscriptionIdentifierRequest{SE: c.se})
	must(err)
	_, err = c.mno.DeclareServiceInstanceReference(t.Context(), c.call(), &tsmp.DeclareServiceInstanceReferenceRequest{Reference: c.ref, Service: "jpki", SE: c.se, Subscriber: s.Subscriber, Model: model})
	must(err)
	return c
}

func (c *carrier) content() []byte {
	f, err := cap.Open(jpkicap.CAP)
	if err != nil {
		c.t.Fatal(err)
	}
	return f.LoadFile(nil, f.Descriptor != nil)
}

func (c *carrier) software0() [32]byte { return sha256.Sum256(c.content()) }

func (c *carrier) call() *tsmp.Call {
	c.calls++
	return &tsmp.Call{ID: tsmp.CallID{c.calls}, Sender: spName, Sent: c.now}
}

// peer is the SP-TSM, which takes everything.
func (c *carrier) peer(name tsmp.PartyID) (*tsmp.Caller, bool) {
	key := func(name tsmp.PartyID) ed25519.PrivateKey {
		seed := sha256.Sum256([]byte(name))
		return ed25519.NewKeyFromSeed(seed[:])
	}
	identity := func(name tsmp.PartyID) tsmp.Identity {
		return tsmp.Identity{Party: name, KeyID: string(name), Signer: key(name)}
	}
	keys := tsmp.Keys{string(spName): {ID: string(spName), Party: spName, Role: tsmp.RoleSPTSM, Public: key(spName).Public()},
		string(carrierName): {ID: string(carrierName), Party: carrierName, Role: tsmp.RoleMNOTSM, Public: key(carrierName).Public()}}
	h := &tsmp.Handler{Identity: identity(spName), Keys: keys, Journal: new(tsmp.MemoryJournal), Now: func() time.Time { return c.now },
		Service: tsmp.Service{tsmp.HandleActionDoneOnServiceNotification: func(_ context.Context, _ *tsmp.Call, b tsmp.Body) (tsmp.Body, error) {
			c.told = append(c.told, b.(*tsmp.HandleActionDoneOnServiceNotificationRequest))
			return &tsmp.Acknowledgement{}, nil
		}}}
	return &tsmp.Caller{Identity: identity(carrierName), Peer: spName, Keys: keys, Exchange: h.Handle}, name == spName
}

// Send implements delivery.Bearer.
func (c *carrier) Send(_ context.Context, _ string, tpdu []byte) (uint64, error) {
	c.sent++
	id := uint64(c.sent)
	if c.unreached > 0 {
		c.givenUp(id)
		return id, nil
	}
	m, err := sms.DecodeDeliver(tpdu)
	if err != nil {
		return 0, err
	}
	report := sms.DeliverReport{}
	whole, done, err := c.inbox.Add(m.OA, m.UD)
	if err != nil {
		return 0, err
	}
	if done {
		_, packet, err := sms.DecodeUserData(whole)
		if err != nil {
			return 0, err
		}
		out, err := c.card.Receive(packet)
		if err != nil {
			return 0, err
		}
		parts, err := sms.NewSplitter(out.Packet, sms.IEIResponsePacket, uint16(c.sent), false, sms.MaxUserData)
		if err != nil {
			return 0, err
		}
		if parts.Parts() == 1 {
			report = sms.NewResponseReport(parts.Append(nil, 0))
		}
		for i := range parts.Parts() {
			if parts.Parts() > 1 {
				s := sms.NewResponseSubmit(m.OA, parts.Append(nil, i))
				b, err := s.Append(nil)
				if err != nil {
					return 0, err
				}
				c.air = append(c.air, mno.Inbound{From: c.iccid, TPDU: b})
			}
		}
	}
	b, err := report.Append(nil)
	if err != nil {
		return 0, err
	}
	c.air = append(c.air, mno.Inbound{From: c.iccid, Message: id, TPDU: b})
	return id, nil
}

// finish works until an action has ended.
func (c *carrier) finish(a *tsmp.ActionAnswer) *tsmp.HandleActionDoneOnServiceNotificationRequest {
	c.t.Helper()
	before, done := len(c.told), uint64(0)
	app := &tsmp.Call{Sender: "app-1", Role: tsmp.RoleUIApp}
	for range 2000 {
		if _, err := c.mno.Work(c.t.Context(), c.now); err != nil {
			c.t.Fatal(err)
		}
		if len(c.told) > before {
			return c.told[before]
		}
		if len(c.air) > 0 {
			in := c.air[0]
			c.air = c.air[1:]
			if err := c.mno.Deliver(c.t.Context(), in); err != nil {
				c.t.Fatal(err)
			}
		}
		if a.Relay == nil {
			continue
		}
		x, err := c.mno.Relay()[tsmp.FetchScript](c.t.Context(), app, &tsmp.FetchScriptRequest{Ticket: a.Relay.Ticket, Done: done})
		if err != nil {
			c.t.Fatal(err)
		}
		f := x.(*tsmp.FetchScriptAnswer)
		if f.State != tsmp.RelayScript {
			continue
		}
		r := c.relay(remote.Script{Form: tsmp.FormCommands, AID: f.AID, Items: f.Commands}, fine)
		if _, err := c.mno.Relay()[tsmp.ReturnResponses](c.t.Context(), app, &tsmp.ReturnResponsesRequest{Ticket: a.Relay.Ticket, Script: f.Script, Responses: r.Responses, Interrupted: r.Interrupted}); err != nil {
			c.t.Fatal(err)
		}
		done = f.Script
	}
	c.t.Fatal("no end")
	return nil
}

func (c *carrier) bearers() []tsmp.Bearer { return []tsmp.Bearer{c.bearer} }

// wantOutcome wants an action done.
func (c *carrier) done(what string, a *tsmp.ActionAnswer, err error) *tsmp.HandleActionDoneOnServiceNotificationRequest {
	c.t.Helper()
	if err != nil {
		c.t.Fatalf("%s: %v", what, err)
	}
	b := c.finish(a)
	if b.Outcome != tsmp.OutcomeDone {
		c.t.Fatalf("%s: %v, %X, state %v", what, b.Outcome, b.StatusWord, b.State)
	}
	return b
}

// TestCarrier: the whole of an MNO-TSM's part on a card of each profile, by both
// bearers: deployment with an agreement, lock, another agreement, removal.
func TestCarrier(t *testing.T) {
	for _, p := range profile.All() {
		for _, bearer := range []tsmp.Bearer{tsmp.BearerSMS, tsmp.BearerRelay} {
			t.Run(fmt.Sprint(p.Name, " ", bearer), func(t *testing.T) { carry(t, newCarrier(t, p, bearer)) })
		}
	}
}

func carry(t *testing.T, c *carrier) {
	simple := c.card.Profile.Model == profile.Simple
	deployment := c.deployment(c.bearers())
	ephemeral := c.owner(deployment)
	a, err := c.mno.DeployService(t.Context(), c.call(), deployment)
	c.agreed(ephemeral, deployment.Owner.Control, c.done("deployment", a, err))
	if simple {
		for _, resume := range []bool{false, true} {
			a, err := c.mno.SuspendOrResumeService(t.Context(), c.call(), &tsmp.SuspendOrResumeServiceRequest{Reference: c.ref, Resume: resume, Bearers: c.bearers()})
			c.done("lock", a, err)
		}
	}
	c.enrol()
	a, err = c.mno.TerminateService(t.Context(), c.call(), &tsmp.TerminateServiceRequest{Reference: c.ref, Bearers: c.bearers()})
	if b := c.done("removal", a, err); b.State != tsmp.ServiceTerminated {
		t.Errorf("state %v", b.State)
	}
	if _, err := c.store.Check(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := c.store.Close(); err != nil {
		t.Fatal(err)
	}
}

// enrol agrees on keys of the provider's domain, which the carrier carries and does
// not learn.
func (c *carrier) enrol() {
	c.t.Helper()
	var d tsmp.DeployServiceRequest
	ephemeral := c.owner(&d)
	a, err := c.mno.EnrollSSDOwnerCertificate(c.t.Context(), c.call(), &tsmp.EnrollSSDOwnerCertificateRequest{Reference: c.ref, Control: d.Owner.Control, PublicKey: d.Owner.PublicKey, Bearers: c.bearers()})
	c.agreed(ephemeral, d.Owner.Control, c.done("agreement", a, err))
}

// owner gives a deployment its owner's part of a key agreement.
func (c *carrier) owner(b *tsmp.DeployServiceRequest) row.Wrapped {
	c.t.Helper()
	point, ephemeral, err := c.module.BeginAgreement(c.t.Context())
	if err != nil {
		c.t.Fatal(err)
	}
	plan := confidential.Plan{Version: profile.OTAVersion + 1, Type: c.card.Profile.KeyType(), SizeBytes: 16, Random: true}
	template := plan.Control()
	b.Owner = new(tsmp.Owner)
	if b.Owner.Control, err = template.Append(nil); err != nil {
		c.t.Fatal(err)
	}
	if b.Owner.PublicKey, err = (&gp.EphemeralPublicKey{Point: point, Parameters: []byte{0}}).Append(nil); err != nil {
		c.t.Fatal(err)
	}
	return ephemeral
}

// agreed wants keys of an agreement whose receipt is the card's.
func (c *carrier) agreed(ephemeral row.Wrapped, control []byte, b *tsmp.HandleActionDoneOnServiceNotificationRequest) {
	c.t.Helper()
	last := b.Responses[len(b.Responses)-1]
	answer, err := gp.DecodeConfidentialResponse(last[:len(last)-2])
	if err != nil {
		c.t.Fatal(err)
	}
	if _, err := c.module.FinishAgreement(c.t.Context(), ephemeral, c.card.AgreementKey(), control, &answer); err != nil {
		c.t.Fatal(err)
	}
}
