package sp_test

import (
	"context"
	"crypto/ecdh"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/binary"
	"errors"
	"math/big"
	"slices"
	"sync"
	"time"

	"github.com/cockroachdb/pebble/v2/vfs"
	"github.com/cockroachdb/pebble/v2/vfs/errorfs"

	"inkan/core/entropy"
	"inkan/core/jpki"
	"inkan/core/jpki/application"
	"inkan/core/tsmp"
	"inkan/tsm/sp"
	"inkan/tsm/store"
)

var ctx = context.Background()

const (
	spName  tsmp.PartyID = "sp-tsm.example"
	caName  tsmp.PartyID = "ca.example"
	mnoName tsmp.PartyID = "mno-a.example"
	mvnName tsmp.PartyID = "mno-b.example"
)

type fataler interface {
	Helper()
	Fatal(...any)
	Fatalf(string, ...any)
}

func must(t fataler, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// world is an SP-TSM between doubles of everybody else, on simulated time.
type world struct {
	t        fataler
	now      time.Time
	disk     *vfs.MemFS
	store    *store.Store
	config   sp.Config
	manager  *sp.Manager
	handler  *tsmp.Handler
	keys     tsmp.Keys
	ca       *authority
	carriers map[tsmp.PartyID]*carrier
	handlers map[tsmp.PartyID]*tsmp.Handler
	down     map[tsmp.PartyID]bool
	lose     func(to tsmp.PartyID) bool // the answer
	sent     [][]byte                   // every request that left the SP-TSM, and every answer it gave
	sequence uint64                     // of the authority's notifications

	power  power
	deaths int
}

func party(name tsmp.PartyID, role tsmp.Role) (tsmp.Identity, tsmp.Key) {
	seed := make([]byte, ed25519.SeedSize)
	copy(seed, name)
	key := ed25519.NewKeyFromSeed(seed)
	id := "kid-" + string(name)
	return tsmp.Identity{Party: name, KeyID: id, Signer: key}, tsmp.Key{ID: id, Party: name, Role: role, Public: key.Public()}
}

func newWorld(t fataler) *world {
	w := &world{t: t, now: time.Date(2026, 11, 28, 9, 0, 0, 0, time.UTC), disk: vfs.NewCrashableMem(), keys: tsmp.Keys{},
		carriers: map[tsmp.PartyID]*carrier{}, handlers: map[tsmp.PartyID]*tsmp.Handler{}, down: map[tsmp.PartyID]bool{}}
	clock := func() time.Time { return w.now }
	identities := map[tsmp.PartyID]tsmp.Identity{}
	for name, role := range map[tsmp.PartyID]tsmp.Role{spName: tsmp.RoleSPTSM, caName: tsmp.RoleCA, mnoName: tsmp.RoleMNOTSM, mvnName: tsmp.RoleMNOTSM} {
		identity, key := party(name, role)
		identities[name], w.keys[key.ID] = identity, key
	}
	w.ca = newAuthority(clock)
	w.handlers[caName] = &tsmp.Handler{Identity: identities[caName], Keys: w.keys, Journal: new(tsmp.MemoryJournal), Service: tsmp.CAService(w.ca), Now: clock}
	for _, name := range []tsmp.PartyID{mnoName, mvnName} {
		c := newCarrier(name, clock)
		w.carriers[name] = c
		w.handlers[name] = &tsmp.Handler{Identity: identities[name], Keys: w.keys, Journal: new(tsmp.MemoryJournal), Service: tsmp.MNOService(c), Now: clock}
	}
	w.config = sp.Config{Party: spName, Authority: caName, Now: clock, Entropy: entropy.Seeded(1, "sp"), Secret: make([]byte, 32), Service: "jpki",
		Carriers: []sp.Carrier{{Party: mnoName, Prefixes: []string{"98"}}, {Party: mvnName}},
		Software: sp.Software{PackageAID: []byte("PACKAGE"), ModuleAID: []byte("MODULE"), InstanceAID: []byte("INSTANCE"), LoadFile: []byte("load file"), Hash: [32]byte{9}},
		Domain:   tsmp.DomainSpec{AID: []byte("DOMAIN")}, Cards: scripted{},
		Peer: func(name tsmp.PartyID) (*tsmp.Caller, bool) {
			_, ok := w.handlers[name]
			return &tsmp.Caller{Identity: identities[spName], Peer: name, Keys: w.keys, Exchange: func(ctx context.Context, b []byte) ([]byte, error) {
				return w.exchange(ctx, name, b)
			}}, ok
		}}
	w.boot(w.disk)
	return w
}

// boot opens the store and makes a manager, as a process does at its start.
func (w *world) boot(disk *vfs.MemFS) {
	w.t.Helper()
	w.disk = disk
	fs := errorfs.Wrap(disk, errorfs.InjectorFunc(func(op errorfs.Op) error {
		if op.Kind.ReadOrWrite() == errorfs.OpIsWrite {
			w.power.wrote(disk)
		}
		return nil
	}))
	var err error
	w.store, err = store.Open(ctx, store.Options{Path: "store", FS: fs, Now: w.config.Now})
	must(w.t, err)
	w.config.Tenant, err = w.store.Tenant(ctx, spName)
	must(w.t, err)
	w.manager, err = sp.New(w.config)
	must(w.t, err)
	identity, _ := party(spName, tsmp.RoleSPTSM)
	w.handler = &tsmp.Handler{Identity: identity, Keys: tsmp.AppKeys{Parties: w.keys}, Journal: w.config.Tenant.Journal(), Service: w.loud(w.manager.Service()), Now: w.config.Now}
}

// loud has errors that are no refusals end the test, since answers do not tell them.
func (w *world) loud(s tsmp.Service) tsmp.Service {
	for name, f := range s {
		s[name] = func(ctx context.Context, call *tsmp.Call, b tsmp.Body) (tsmp.Body, error) {
			answer, err := f(ctx, call, b)
			if err != nil && !errors.As(err, new(*tsmp.Error)) && !errors.Is(err, errConnection) && !w.power.dead() {
				w.t.Fatalf("%s: %v", name, err)
			}
			return answer, err
		}
	}
	return s
}

var (
	errKilled     = errors.New("killed")
	errConnection = errors.New("connection lost")
)

// alive runs something of the process; false: it died in between, and a new one is there
// that knows what the disk has.
func (w *world) alive(do func() error) bool {
	w.t.Helper()
	err := func() (err error) {
		defer func() {
			if r := recover(); r != nil && r != errKilled {
				panic(r)
			}
		}()
		return do()
	}()
	if disk := w.power.found(); disk != nil {
		w.deaths++
		w.boot(disk)
		return false
	}
	must(w.t, err)
	return true
}

// exchange brings a request of the SP-TSM to a party.
func (w *world) exchange(ctx context.Context, to tsmp.PartyID, b []byte) ([]byte, error) {
	if w.power.dead() {
		panic(errKilled)
	}
	w.sent = append(w.sent, slices.Clone(b))
	if w.down[to] {
		return nil, errConnection
	}
	answer, err := w.handlers[to].Handle(ctx, b)
	if w.lose != nil && w.lose(to) {
		return nil, errConnection
	}
	return answer, err
}

// deliver brings a request to the SP-TSM, again and again until it is answered.
func (w *world) deliver(c *tsmp.Caller, f tsmp.Function, call *tsmp.Call, b tsmp.Body) (tsmp.Body, error) {
	w.t.Helper()
	call.Function = f
	sealed, err := c.Seal(call, b)
	must(w.t, err)
	for trial := range 4 {
		var answer []byte
		alive := w.alive(func() (err error) {
			answer, err = w.handler.Handle(ctx, sealed)
			return err
		})
		if !alive {
			continue
		}
		w.sent = append(w.sent, answer)
		_, body, err := c.Open(sealed, answer)
		var refusal *tsmp.Error
		if errors.As(err, &refusal) {
			if entry, _ := tsmp.LookupCode(refusal.Code); entry.Retry == tsmp.RetrySame && trial < 3 {
				continue
			}
			return nil, refusal
		}
		must(w.t, err)
		return body, nil
	}
	w.t.Fatal("no answer")
	return nil, nil
}

func (w *world) callerOf(identity tsmp.Identity) *tsmp.Caller {
	return &tsmp.Caller{Identity: identity, Peer: spName, Keys: w.keys, Exchange: func(ctx context.Context, b []byte) ([]byte, error) { return w.handler.Handle(ctx, b) }}
}

// notices brings the carriers' notifications to the SP-TSM, in order.
func (w *world) notices() bool {
	some := false
	for _, name := range []tsmp.PartyID{mnoName, mvnName} {
		c := w.carriers[name]
		identity, _ := party(name, tsmp.RoleMNOTSM)
		for len(c.notices) > 0 {
			some = true
			n := &c.notices[0]
			if _, err := w.deliver(w.callerOf(identity), functionOf(n.body), &n.call, n.body); err != nil {
				w.t.Fatalf("%T: %v", n.body, err)
			}
			c.notices = c.notices[1:]
		}
	}
	return some
}

func functionOf(b tsmp.Body) tsmp.Function {
	for _, d := range tsmp.Definitions() {
		if r := d.Request(); r != nil && sameType(r, b) {
			return d.Function
		}
	}
	panic("no function")
}

// settle runs everything until nothing more happens without time passing.
func (w *world) settle() {
	w.t.Helper()
	for range 1000 {
		more := true
		w.alive(func() (err error) {
			more, err = w.manager.Work(ctx, w.now)
			return err
		})
		for _, c := range w.carriers {
			before := len(c.actions)
			c.run(false)
			more = more || len(c.actions) != before
		}
		if more = w.notices() || more; !more {
			return
		}
	}
	w.t.Fatal("it never settles")
}

// pass lets time go by, and what is due happen.
func (w *world) pass(d time.Duration) {
	w.t.Helper()
	end := w.now.Add(d)
	for w.settle(); ; w.settle() {
		next, err := w.manager.NextDue(ctx)
		must(w.t, err)
		if next.IsZero() || next.After(end) {
			break
		}
		w.now = maxTime(next, w.now.Add(time.Second))
	}
	w.now = end
	w.settle()
}

func maxTime(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}

// certify has the authority notify.
func (w *world) certify(q *tsmp.HandleCertificateStateChangeNotificationRequest) {
	w.t.Helper()
	w.sequence++
	q.Sequence = w.sequence
	identity, _ := party(caName, tsmp.RoleCA)
	_, err := w.deliver(w.callerOf(identity), tsmp.HandleCertificateStateChangeNotification, &tsmp.Call{ID: tsmp.CallID{0xCE, byte(w.sequence)}, Sent: w.now}, q)
	must(w.t, err)
}

// holder is a person with a My Number Card and a phone with a SIM.
type holder struct {
	submitted *tsmp.GetProgressAnswer // of the last application
	w         *world
	app       tsmp.Identity
	card      *person
	se        tsmp.SEID
	carrier   *carrier
	calls     byte
	nonce     tsmp.Nonce
	phone     tsmp.PhoneID
	start     *tsmp.StartApplicationAnswer
	signed    []byte
}

// person signs.
type person struct {
	key  *rsa.PrivateKey
	cert *x509.Certificate
}

var persons = sync.OnceValue(func() (list []*person) {
	for i := range 3 {
		key, err := rsa.GenerateKey(rand.Reader, 2048)
		if err != nil {
			panic(err)
		}
		template := &x509.Certificate{SerialNumber: big.NewInt(int64(i + 1)), Subject: pkix.Name{CommonName: "holder"}, NotBefore: time.Unix(0, 0), NotAfter: time.Unix(4e9, 0)}
		der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
		if err != nil {
			panic(err)
		}
		cert, err := x509.ParseCertificate(der)
		if err != nil {
			panic(err)
		}
		list = append(list, &person{key, cert})
	}
	return list
})

// appKey is a UI app's key that follows from a number.
func appKey(n byte) *ecdsa.PrivateKey {
	d := make([]byte, 32)
	d[31] = n + 1
	key, err := ecdsa.ParseRawPrivateKey(elliptic.P256(), d)
	if err != nil {
		panic(err)
	}
	return key
}

// holds gives a person a phone with a SIM of a carrier.
func (w *world) holds(who int, number byte, at tsmp.PartyID) *holder {
	w.t.Helper()
	identity, err := tsmp.AppIdentity(appKey(number))
	must(w.t, err)
	h := &holder{w: w, app: identity, card: persons()[who], carrier: w.carriers[at]}
	h.se = tsmp.SEID{0x98, 0x18, number + 1}
	if at == mvnName {
		h.se[0] = 0x97
	}
	if h.carrier.sims[h.se] == nil {
		h.carrier.sims[h.se] = &sim{subscriber: tsmp.Subscriber{0x50, number + 1}, status: tsmp.SubscriptionActive}
	}
	return h
}

func (h *holder) sim() *sim { return h.carrier.sims[h.se] }

func (h *holder) call(f tsmp.Function, b tsmp.Body) (tsmp.Body, error) {
	h.w.t.Helper()
	h.calls++
	return h.again(f, b, h.calls)
}

// again makes a call under a number.
func (h *holder) again(f tsmp.Function, b tsmp.Body, number byte) (tsmp.Body, error) {
	h.w.t.Helper()
	id := tsmp.CallID{0xA0, number}
	binary.BigEndian.PutUint64(id[8:], uint64(h.w.now.Unix()))
	return h.w.deliver(h.w.callerOf(h.app), f, &tsmp.Call{ID: id, Sent: h.w.now.Truncate(time.Second)}, b)
}

// begin starts an application.
func (h *holder) begin(purpose tsmp.Purpose, about tsmp.PhoneID) error {
	h.w.t.Helper()
	q := &tsmp.StartApplicationRequest{Purpose: purpose, Phone: about, DeviceProfile: "DCP-1", Version: "1", Language: tsmp.Japanese}
	if purpose.Issues() {
		q.SE, q.Usage = h.se, tsmp.UsageHolder
	}
	if purpose == tsmp.PurposePINReset {
		q.SE = h.se
	}
	a, err := h.call(tsmp.StartApplication, q)
	if err != nil {
		return err
	}
	h.start = a.(*tsmp.StartApplicationAnswer)
	h.nonce = h.start.Nonce
	return nil
}

// fields are what an application of a purpose has.
func (h *holder) fields(purpose tsmp.Purpose, about tsmp.PhoneID) *application.Application {
	reply, err := ecdh.P256().NewPrivateKey(slices.Concat(make([]byte, 31), []byte{7}))
	must(h.w.t, err)
	a := &application.Application{Purpose: purpose, Nonce: h.nonce, Time: h.w.now.Truncate(time.Second), Language: application.Japanese, Instance: about}
	if purpose.Issues() || purpose == tsmp.PurposePINReset {
		a.SIM = h.se
		copy(a.ReplyKey[:], reply.PublicKey().Bytes())
	}
	if purpose.Issues() {
		a.Roles, a.Origin = jpki.Auth, h.start.Origin
		code, err := application.ParseCode(h.carrier.codes[h.se])
		must(h.w.t, err)
		a.Commit(code)
	}
	return a
}

// sign signs and submits.
func (h *holder) submit(a *application.Application) error {
	h.w.t.Helper()
	var err error
	h.signed, err = a.Sign(h.card.cert, h.card.key, h.w.now.Truncate(time.Second))
	must(h.w.t, err)
	b, err := h.call(tsmp.SubmitApplication, &tsmp.SubmitApplicationRequest{Nonce: h.nonce, Application: h.signed})
	if err == nil {
		a := b.(*tsmp.SubmitApplicationAnswer)
		h.phone, h.submitted = a.Phone, a.Progress
	}
	return err
}

// apply begins, signs and submits.
func (h *holder) apply(purpose tsmp.Purpose, about tsmp.PhoneID) error {
	h.w.t.Helper()
	if err := h.begin(purpose, about); err != nil {
		return err
	}
	if !h.start.Eligible {
		h.w.t.Fatalf("not eligible: %v", h.start.Reasons)
	}
	return h.submit(h.fields(purpose, about))
}

// enrol is an issue to its end.
func (h *holder) enrol() {
	h.w.t.Helper()
	must(h.w.t, h.apply(tsmp.PurposeIssue, tsmp.PhoneID{}))
	h.w.pass(time.Minute)
	if p := h.progress(); p.Stage != tsmp.StageDone {
		h.w.t.Fatalf("stage %v, refusal %q", p.Stage, p.Refusal)
	}
}

func (h *holder) progress() *tsmp.GetProgressAnswer {
	h.w.t.Helper()
	b, err := h.call(tsmp.GetProgress, &tsmp.GetProgressRequest{Nonce: h.nonce})
	must(h.w.t, err)
	return b.(*tsmp.GetProgressAnswer)
}

// instance is what the SP-TSM has under a name of the authority.
func (w *world) instance(phone tsmp.PhoneID) *sp.Instance {
	w.t.Helper()
	i, found, err := w.manager.Instance(ctx, phone)
	must(w.t, err)
	if !found {
		w.t.Fatalf("no instance %v", phone)
	}
	return i
}

// check is what has to hold whenever nothing is under way.
func (w *world) check() {
	w.t.Helper()
	for who, phones := range w.ca.active() {
		if len(phones) > 1 {
			w.t.Fatalf("person %v has %d active certificates", who, len(phones))
		}
	}
	_, err := w.store.Check(ctx)
	must(w.t, err)
	for _, c := range w.carriers {
		for i, n := range c.told {
			if n != uint64(i+1) {
				w.t.Fatalf("%s was told notifications %v", c.party, c.told)
			}
		}
	}
}

// restart closes the store and opens it again.
func (w *world) restart() error {
	if err := w.store.Close(); err != nil {
		return err
	}
	w.boot(w.disk)
	return nil
}
