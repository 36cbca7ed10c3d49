package mno_test

import (
	"bytes"
	"context"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"slices"
	"time"

	"github.com/cockroachdb/pebble/v2/vfs"

	"inkan/core/entropy"
	"inkan/core/gp"
	"inkan/core/keys"
	"inkan/core/scp"
	"inkan/core/scp/scp03"
	"inkan/core/scp/scp80"
	scripts "inkan/core/scp/scp80/remote"
	"inkan/core/sms"
	"inkan/core/tsmp"
	"inkan/tsm/delivery"
	"inkan/tsm/hsm"
	"inkan/tsm/mno"
	"inkan/tsm/mno/eligible"
	"inkan/tsm/mno/kind"
	"inkan/tsm/remote"
	"inkan/tsm/store"
	"inkan/tsm/store/row"
)

var ctx = context.Background()

const (
	spName    tsmp.PartyID = "sp.example"
	rivalName tsmp.PartyID = "rival.example"
	mnoName   tsmp.PartyID = "mno.example"
)

var begin = time.Date(2026, 11, 28, 9, 0, 0, 0, time.UTC)

// Identifiers of the service.
var (
	domainAID   = []byte("domain-1")
	packageAID  = []byte("package-1")
	moduleAID   = []byte("module-1")
	instanceAID = []byte("instance-1")
)

type fataler interface {
	Helper()
	Fatal(...any)
	Fatalf(string, ...any)
	Errorf(string, ...any)
}

func must(t fataler, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func identity(name tsmp.PartyID, role tsmp.Role) (tsmp.Identity, tsmp.Key) {
	seed := sha256.Sum256([]byte(name))
	private := ed25519.NewKeyFromSeed(seed[:])
	id := "kid-" + string(name)
	return tsmp.Identity{Party: name, KeyID: id, Signer: private}, tsmp.Key{ID: id, Party: name, Role: role, Public: private.Public()}
}

func p256(label string) *ecdsa.PrivateKey {
	scalar := sha256.Sum256([]byte(label))
	private, err := ecdsa.ParseRawPrivateKey(elliptic.P256(), scalar[:])
	if err != nil {
		panic(err)
	}
	return private
}

// world is a carrier, its cards and phones, and SP-TSMs.
type world struct {
	t         fataler
	fs        *vfs.MemFS
	now       time.Time
	store     *store.Store
	tenant    *store.Tenant
	mno       *mno.Manager
	module    *hsm.Software
	keys      tsmp.Keys
	host      tsmp.PartyID // of a light MVNO
	cards     map[string]*double
	off       map[string]bool // cards that do not answer
	gone      map[string]bool // cards to which the network gives messages up
	air       []func()
	sent      [][]byte // all that left by short message
	told      map[tsmp.PartyID][]tsmp.Body
	journal   map[tsmp.PartyID]*tsmp.MemoryJournal
	deaf      map[tsmp.PartyID]bool
	withdrawn map[tsmp.PartyID]bool // their offers
	parted    map[tsmp.PartyID]bool // none of the carrier's any more
	calls     uint16
	message   uint64
	policy    mno.Policy
	draws     uint64
	apps      []*app
	fails     error                      // of the bearer
	failed    int                        // how often it did
	forge     func(report []byte) []byte // a message of the card that somebody else makes

	// A process: what it does ends with alive.
	alive context.Context
	end   context.CancelFunc
	steps int // things that processes have done
	cut   int // the thing before which the process ends; 0: none
	after *vfs.MemFS
}

func newWorld(t fataler) *world {
	w := &world{t: t, fs: vfs.NewCrashableMem(), now: begin, keys: tsmp.Keys{}, cards: map[string]*double{}, off: map[string]bool{}, gone: map[string]bool{},
		told: map[tsmp.PartyID][]tsmp.Body{}, journal: map[tsmp.PartyID]*tsmp.MemoryJournal{spName: {}, rivalName: {}}, deaf: map[tsmp.PartyID]bool{}}
	for _, p := range []struct {
		name tsmp.PartyID
		role tsmp.Role
	}{{spName, tsmp.RoleSPTSM}, {rivalName, tsmp.RoleSPTSM}, {mnoName, tsmp.RoleMNOTSM}} {
		_, k := identity(p.name, p.role)
		w.keys[k.ID] = k
	}
	var err error
	w.module, err = hsm.NewSoftware(hsm.Config{Label: "hsm", KEK: bytes.Repeat([]byte{0x5A}, hsm.KEKBytes), Entropy: entropy.Seeded(1, "hsm")})
	must(t, err)
	must(t, w.module.AddMaster("channel", hsm.Master{Use: hsm.UseSCP03, Type: keys.AES, Method: keys.None, Keys: channelKeys}))
	must(t, w.module.AddMaster("packets", hsm.Master{Use: hsm.UseSCP80, Type: keys.AES, Method: keys.None, Keys: packetKeys}))
	must(t, w.module.AddMaster("receipt", hsm.Master{Use: hsm.UseReceipt, Type: keys.AES, Method: keys.None, Keys: scp.KeySet{Version: 0x71, Enc: receiptKey}}))
	must(t, w.module.AddSigner("token", p256("token")))
	w.open()
	return w
}

func (w *world) kinds() []*kind.Kind {
	issuer := remote.Domain{AID: gp.AIDIssuerSecurityDomain, TAR: scp80.TARIssuerSD, Format: scripts.Expanded, BlockBytes: 16, Level: scp.CMAC | scp.CDecryption | scp.RMAC,
		PacketKeys:  hsm.KeyRef{Use: hsm.UseSCP80, Version: packetKeys.Version, Master: "packets"},
		ChannelKeys: hsm.KeyRef{Use: hsm.UseSCP03, Version: channelKeys.Version, Master: "channel"}}
	owner := mnoName
	if w.host != "" {
		owner = w.host
	}
	all := &kind.Kind{Name: "card-all", Owner: owner, Models: []tsmp.Model{tsmp.ModelSimple, tsmp.ModelDelegated, tsmp.ModelAuthorised}, Issuer: issuer, Token: "token",
		Receipt: hsm.KeyRef{Use: hsm.UseReceipt, Version: 0x71, Master: "receipt"}, Authority: gp.AIDCASD.Append(nil), NonVolatile: 100_000, Volatile: 4000}
	old := &kind.Kind{Name: "card-old", Owner: owner, Issuer: issuer, NonVolatile: 8000, Volatile: 500, NoRelay: true}
	plain := *all // without a controlling authority
	plain.Name, plain.Authority = "card-plain", nil
	return []*kind.Kind{all, old, &plain}
}

func devices() []eligible.Device {
	good := eligible.Device{Name: "Good", TAC: "35900101", ProfileID: "DCP-1", Open: true, Version: 14, OMAPI: true, Relay: true, CardNFC: true, ReadNFC: true, SIMSlot: 1, SMSPP: true, UIApp: true}
	poor := eligible.Device{Name: "Poor", TAC: "35900501", ProfileID: "DCP-2", Version: 3, SMSPP: true}
	return []eligible.Device{good, poor}
}

func offers() []*kind.Offer {
	verifier, err := gp.NewContentVerifier(&p256("dap").PublicKey)
	if err != nil {
		panic(err)
	}
	jpki := &kind.Offer{Service: "jpki", Provider: spName, Models: []tsmp.Model{tsmp.ModelSimple, tsmp.ModelDelegated, tsmp.ModelAuthorised},
		Usages: []tsmp.Usage{tsmp.UsageHolder, tsmp.UsagePermittedUser}, Domains: [][]byte{domainAID, []byte("domain-2")}, TARs: [][]byte{{0x4A, 0x50, 0x01}}, Packages: [][]byte{packageAID}, Modules: [][]byte{moduleAID},
		Instances: [][]byte{instanceAID, []byte("instance-2")}, DAP: verifier, NonVolatile: 30_000, Volatile: 1000, System: 10}
	second := *jpki
	second.Service, second.Usages = "second", []tsmp.Usage{tsmp.UsageHolder}
	rival := *jpki
	rival.Service, rival.Provider, rival.Domains = "rival", rivalName, [][]byte{[]byte("domain-3")}
	alone := rival
	alone.Service, alone.Domains, alone.Instances = "alone", [][]byte{[]byte("domain-4")}, [][]byte{[]byte("instance-3")}
	return []*kind.Offer{jpki, &second, &rival, &alone}
}

// offers are those that have not been withdrawn.
func (w *world) offers() []*kind.Offer {
	return slices.DeleteFunc(offers(), func(o *kind.Offer) bool { return w.withdrawn[o.Provider] })
}

// open begins a process on what is in the file system.
func (w *world) open() {
	w.t.Helper()
	var err error
	w.alive, w.end = context.WithCancel(ctx)
	w.store, err = store.Open(ctx, store.Options{Path: "store", FS: w.fs, Now: w.clock})
	must(w.t, err)
	w.tenant, err = w.store.Tenant(ctx, mnoName)
	must(w.t, err)
	self, _ := identity(mnoName, tsmp.RoleMNOTSM)
	from, err := sms.NewAddress(sms.TypeInternational, "819099990000")
	must(w.t, err)
	w.draws++
	w.mno, err = mno.New(mno.Config{Tenant: w.tenant, Party: mnoName, Host: w.host, HSM: w.module, Bearer: w, From: from, Kinds: w.kinds(), Devices: devices(), Offers: w.offers(),
		Now: w.clock, Entropy: entropy.Seeded(w.draws, "mno"), Policy: w.policy,
		Peer: func(name tsmp.PartyID) (*tsmp.Caller, bool) {
			return &tsmp.Caller{Identity: self, Peer: name, Keys: w.keys, Exchange: func(ctx context.Context, b []byte) ([]byte, error) { return w.hear(ctx, name, b) }},
				(name == spName || name == rivalName) && !w.parted[name]
		}})
	must(w.t, err)
}

// clock is looked at in each step.
func (w *world) clock() time.Time {
	w.step()
	return w.now
}

var errDead = errors.New("the process has ended")

// step is where a process may end: what was not on the disk by now is lost, and
// whatever it does from now on has no effect.
func (w *world) step() {
	if w.steps++; w.steps == w.cut {
		w.after = w.fs.CrashClone(vfs.CrashCloneCfg{})
		w.end()
	}
}

func (w *world) dead() bool { return w.alive.Err() != nil }

// reboot begins another process on what the disk has.
func (w *world) reboot() {
	w.t.Helper()
	w.store.Close()
	w.fs, w.after = w.after, nil
	w.open()
}

// Send implements delivery.Bearer.
func (w *world) Send(_ context.Context, iccid string, tpdu []byte) (uint64, error) {
	if w.step(); w.dead() {
		return 0, errDead
	}
	if w.fails != nil {
		w.failed++
		return 0, w.fails
	}
	w.sent = append(w.sent, tpdu)
	w.message++
	id, card := w.message, w.cards[iccid]
	if card == nil {
		return 0, delivery.ErrNoSubscriber
	}
	if w.gone[iccid] {
		w.air = append(w.air, func() { w.inbound(delivery.Inbound{From: iccid, Message: id}) })
		return id, nil
	}
	if w.off[iccid] {
		return id, nil
	}
	m, err := sms.DecodeDeliver(tpdu)
	if err != nil || !m.UDHI {
		return id, err // for the user's eyes
	}
	report, submits := card.message(tpdu)
	if w.forge != nil {
		forged := w.forge(report)
		w.air = append(w.air, func() { w.inbound(delivery.Inbound{From: iccid, TPDU: forged}) })
	}
	w.air = append(w.air, func() { w.inbound(delivery.Inbound{From: iccid, Message: id, TPDU: report}) })
	for _, s := range submits {
		w.air = append(w.air, func() { w.inbound(delivery.Inbound{From: iccid, TPDU: s}) })
	}
	return id, nil
}

func (w *world) inbound(in delivery.Inbound) {
	w.step()
	if err := w.mno.Deliver(w.alive, in); err != nil && !w.dead() {
		w.t.Fatal(err)
	}
}

// hear is an SP-TSM that is told something.
func (w *world) hear(ctx context.Context, name tsmp.PartyID, request []byte) ([]byte, error) {
	if w.step(); w.dead() || w.deaf[name] {
		return nil, errors.New("no connection")
	}
	self, _ := identity(name, tsmp.RoleSPTSM)
	h := &tsmp.Handler{Identity: self, Keys: w.keys, Journal: w.journal[name], Now: func() time.Time { return w.now }, Service: w.ears(name)}
	return h.Handle(ctx, request)
}

// ears take every notification.
func (w *world) ears(name tsmp.PartyID) tsmp.Service {
	service := tsmp.Service{}
	for f := range tsmp.SPNotifiedService(tsmp.RemoteSPNotified{}) {
		service[f] = func(_ context.Context, _ *tsmp.Call, b tsmp.Body) (tsmp.Body, error) {
			w.told[name] = append(w.told[name], b)
			return &tsmp.Acknowledgement{}, nil
		}
	}
	return service
}

// as is an SP-TSM's way to the carrier.
func (w *world) as(name tsmp.PartyID) tsmp.RemoteMNO {
	self, _ := identity(name, tsmp.RoleSPTSM)
	carrier, _ := identity(mnoName, tsmp.RoleMNOTSM)
	return tsmp.RemoteMNO{Caller: &tsmp.Caller{Identity: self, Peer: mnoName, Keys: w.keys, Exchange: func(ctx context.Context, b []byte) ([]byte, error) {
		h := &tsmp.Handler{Identity: carrier, Keys: w.keys, Journal: w.mno.Journal(), Service: w.mno.Service(), Now: func() time.Time { return w.now }}
		if w.step(); w.dead() {
			return nil, errDead
		}
		answer, err := h.Handle(w.alive, b)
		if w.step(); w.dead() {
			return nil, errDead
		}
		return answer, err
	}}}
}

// call is a new call.
func (w *world) call() *tsmp.Call {
	w.calls++
	return &tsmp.Call{ID: tsmp.CallID{'c', byte(w.calls >> 8), byte(w.calls)}, Sent: w.now}
}

// run has everybody do what they can until nothing happens any more, without time
// passing.
func (w *world) run() {
	w.t.Helper()
	for range 3000 {
		w.step()
		more, err := w.mno.Work(w.alive, w.now)
		if w.dead() {
			w.reboot()
			continue
		}
		must(w.t, err)
		for _, a := range w.apps {
			more = a.step() || more
		}
		if len(w.air) > 0 {
			next := w.air[0]
			w.air = w.air[1:]
			next()
			more = true
		}
		if w.dead() {
			w.reboot()
			more = true
		}
		if !more {
			return
		}
	}
	w.t.Fatal("no end")
}

// pass lets time pass, with work on the way.
func (w *world) pass(d time.Duration) {
	w.t.Helper()
	for until := w.now.Add(d); ; {
		w.run()
		next, err := w.mno.NextDue(w.alive)
		if w.dead() {
			w.reboot()
			continue
		}
		must(w.t, err)
		if next.IsZero() || next.After(until) {
			w.now = until
			w.run()
			return
		}
		if next.After(w.now) {
			w.now = next
		} else {
			w.now = w.now.Add(time.Second)
		}
	}
}

// app is a UI app with a ticket.
type app struct {
	w      *world
	access tsmp.RelayAccess
	card   *double
	done   uint64
	over   bool
	broken int // scripts after which the channel is lost
	left   int // scripts that it carries out before it is gone, with the responses to the last; 0: all
	carry  func(cmd []byte) []byte
}

// join has a phone's app carry scripts.
func (w *world) join(a *tsmp.RelayAccess, iccid string) *app {
	x := &app{w: w, access: *a, card: w.cards[iccid]}
	x.carry = x.card.relayed
	w.apps = append(w.apps, x)
	return x
}

// step fetches a script, carries it out and returns the responses.
func (a *app) step() bool {
	if a.over {
		return false
	}
	if a.w.step(); a.w.dead() {
		return false
	}
	call := &tsmp.Call{ID: tsmp.CallID{'a'}, Sender: "app-1", Role: tsmp.RoleUIApp}
	fetched, err := a.w.mno.Relay()[tsmp.FetchScript](a.w.alive, call, &tsmp.FetchScriptRequest{Ticket: a.access.Ticket, Done: a.done})
	if a.w.dead() {
		return false
	}
	if err != nil {
		a.over = true
		return false
	}
	f := fetched.(*tsmp.FetchScriptAnswer)
	if f.State != tsmp.RelayScript {
		a.over = f.State == tsmp.RelayEnd
		return false
	}
	back := &tsmp.ReturnResponsesRequest{Ticket: a.access.Ticket, Script: f.Script}
	for i, c := range f.Commands {
		if a.broken > 0 && i == len(f.Commands)/2 {
			a.broken--
			back.Interrupted = true
			break
		}
		r := a.carry(c)
		back.Responses = append(back.Responses, r)
		if sw := r[len(r)-2:]; sw[0] != 0x90 && sw[0]>>4 != 6 || sw[0]>>4 == 6 && sw[0] != 0x61 && sw[0] != 0x62 && sw[0] != 0x63 {
			break
		}
	}
	if a.left > 0 {
		if a.left--; a.left == 0 {
			a.over = true
			return false
		}
	}
	if a.w.step(); a.w.dead() {
		return false
	}
	if _, err := a.w.mno.Relay()[tsmp.ReturnResponses](a.w.alive, call, back); a.w.dead() {
		return false
	} else if err != nil {
		a.w.t.Fatalf("ReturnResponses: %v", err)
	}
	a.done = f.Script
	return true
}

// customer is a contract with a SIM in a phone.
type customer struct {
	id    row.SubscriberID
	se    tsmp.SEID
	iccid string
	card  *double
}

var numbers = map[string]int{}

// customer makes number n.
func (w *world) customer(n byte) customer {
	w.t.Helper()
	return w.customerWith(n, mno.SIM{Kind: "card-all", Certificate: []byte("certificate"), AttestationKey: [32]byte{1}})
}

// customerWith is a contract with a SIM as its maker delivers it.
func (w *world) customerWith(n byte, sim mno.SIM) customer {
	w.t.Helper()
	c := customer{se: tsmp.SEID{0xE5, n}, iccid: fmt.Sprintf("898111000000000%04d", n), card: newDouble(uint64(n))}
	d := w.mno.Desk("shop")
	w.cards[c.iccid] = c.card
	sim.SE, sim.ICCID = c.se, c.iccid
	must(w.t, d.AddSIM(ctx, sim))
	var err error
	c.id, err = d.AddSubscriber(ctx, mno.Subscriber{MSISDN: fmt.Sprintf("8190000000%02d", n), IMSI: fmt.Sprintf("0011100000000%02d", n), Holder: "holder", Users: []string{"user"}})
	must(w.t, err)
	must(w.t, d.GiveSIM(ctx, c.id, c.se))
	must(w.t, d.SeeDevice(ctx, c.se, fmt.Sprintf("359001010000%03d", n), "14", 1))
	return c
}

// loadFile is a load file with the provider's signature, and its hash.
func loadFile(size int) (raw []byte, hash [32]byte) {
	content := make([]byte, size)
	entropy.Seeded(uint64(size), "load file").Fill(content)
	hash = sha256.Sum256(content)
	signer, err := gp.NewContentSigner(p256("dap"), nil)
	if err != nil {
		panic(err)
	}
	domain, _ := gp.NewAID(domainAID)
	dap, err := gp.SignDAP(domain, hash[:], signer)
	if err != nil {
		panic(err)
	}
	raw, err = (&gp.LoadFile{DAPs: []gp.DAPBlock{dap}, Content: content}).Append(nil)
	if err != nil {
		panic(err)
	}
	return raw, hash
}

// declare declares the service on a customer's SIM.
func (w *world) declare(c customer, n byte, m tsmp.Model) tsmp.ServiceReference {
	w.t.Helper()
	sp := w.as(spName)
	s, err := sp.GetSEMobileSubscriptionIdentifier(ctx, w.call(), &tsmp.GetSEMobileSubscriptionIdentifierRequest{SE: c.se})
	must(w.t, err)
	ref := tsmp.ServiceReference{'s', n}
	_, err = sp.DeclareServiceInstanceReference(ctx, w.call(), &tsmp.DeclareServiceInstanceReferenceRequest{Reference: ref, Service: "jpki", SE: c.se, Subscriber: s.Subscriber, Model: m})
	must(w.t, err)
	return ref
}

// deployment is a request in a model.
func deployment(ref tsmp.ServiceReference, m tsmp.Model, bearers ...tsmp.Bearer) *tsmp.DeployServiceRequest {
	b := &tsmp.DeployServiceRequest{Reference: ref, Bearers: bearers, Domain: tsmp.DomainSpec{AID: domainAID, TAR: []byte{0x4A, 0x50, 0x01}}}
	if m == tsmp.ModelSimple {
		raw, hash := loadFile(3000)
		b.Software = &tsmp.Software{PackageAID: packageAID, LoadFileHash: hash, LoadFile: raw, ModuleAID: moduleAID, InstanceAID: instanceAID, Parameters: []byte{1, 2, 3}}
	}
	return b
}

// state is an instance's.
func (w *world) state(ref tsmp.ServiceReference) *tsmp.ServiceStateAnswer {
	w.t.Helper()
	s, err := w.as(spName).GetServiceState(ctx, w.call(), &tsmp.GetServiceStateRequest{Reference: ref})
	must(w.t, err)
	return s
}

// deploy declares and deploys, by short messages.
func (w *world) deploy(c customer, n byte, m tsmp.Model) tsmp.ServiceReference {
	w.t.Helper()
	ref := w.declare(c, n, m)
	_, err := w.as(spName).DeployService(ctx, w.call(), deployment(ref, m, tsmp.BearerSMS))
	must(w.t, err)
	w.run()
	if s := w.state(ref); s.State != tsmp.ServiceDeployed {
		w.t.Fatalf("deployed: %+v; told %v; card %X", s, w.told[spName], w.cards[c.iccid].done)
	}
	return ref
}

// files are the bytes of all files of the store.
func (w *world) files() (all []byte) {
	w.t.Helper()
	names, err := w.fs.List("store")
	must(w.t, err)
	for _, name := range names {
		f, err := w.fs.Open(w.fs.PathJoin("store", name))
		must(w.t, err)
		b, err := io.ReadAll(f)
		if err == nil {
			all = append(all, b...)
		}
		must(w.t, f.Close())
	}
	return all
}

// cardOf is the card's end of a channel, for opening it.
type cardOf struct{ c *scp03.Card }

// Transmit implements apdu.Card.
func (c cardOf) Transmit(_ context.Context, cmd, dst []byte) ([]byte, error) {
	return c.c.Handshake(dst, cmd), nil
}

// check checks the store.
func (w *world) check() {
	w.t.Helper()
	_, err := w.store.Check(ctx)
	must(w.t, err)
}
