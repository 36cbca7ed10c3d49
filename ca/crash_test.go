package ca

import (
	"bytes"
	"crypto/ed25519"
	"math/rand/v2"
	"sync"
	"testing"
	"time"

	"github.com/cockroachdb/pebble/v2/vfs"
	"github.com/cockroachdb/pebble/v2/vfs/errorfs"

	"inkan/ca/certificate"
	"inkan/ca/keys"
	"inkan/ca/keys/testkeys"
	"inkan/ca/registry"
	"inkan/ca/registry/record"
	"inkan/core/entropy"
	"inkan/core/jpki"
	"inkan/core/jpki/application"
	profile "inkan/core/jpki/certificate"
	"inkan/core/jpki/perso"
	"inkan/core/tsmp"
	"inkan/spec/req"
)

// crashes takes clones of a disk as a crash would leave it before every write,
// sync, creation, renaming and removal: with what was synced only, and with some
// of the rest.
type crashes struct {
	disk   *vfs.MemFS
	mutex  sync.Mutex
	on     bool
	random *rand.Rand
	clones []*vfs.MemFS
}

func newCrashes() (*crashes, vfs.FS) {
	c := &crashes{disk: vfs.NewCrashableMem(), random: rand.New(rand.NewPCG(5, 6))}
	return c, errorfs.Wrap(c.disk, errorfs.InjectorFunc(func(op errorfs.Op) error {
		if op.Kind.ReadOrWrite() == errorfs.OpIsWrite {
			c.take()
		}
		return nil
	}))
}

func (c *crashes) take() {
	c.mutex.Lock()
	defer c.mutex.Unlock()
	if c.on {
		c.clones = append(c.clones, c.disk.CrashClone(vfs.CrashCloneCfg{}),
			c.disk.CrashClone(vfs.CrashCloneCfg{UnsyncedDataPercent: 50, RNG: c.random}))
	}
}

// during gives the clones of what f did, and one of what it left.
func (c *crashes) during(f func()) []*vfs.MemFS {
	c.mutex.Lock()
	c.on, c.clones = true, nil
	c.mutex.Unlock()
	f()
	c.mutex.Lock()
	defer c.mutex.Unlock()
	c.on = false
	return append(c.clones, c.disk.CrashClone(vfs.CrashCloneCfg{}))
}

// survivor is the authority that is started again on what a crash has left: all
// of it is new but keys and clock, and its randomness is other randomness.
func (w *world) survivor(disk *vfs.MemFS) *world {
	w.t.Helper()
	after := *w
	var err error
	after.reg, err = registry.OpenFS("registry", disk, registry.Config{Now: func() time.Time { return w.now }, Entropy: entropy.Seeded(12, w.t.Name())})
	w.ok(err)
	after.config.Registry, after.config.Issuers = after.reg, map[profile.Authority]*certificate.Generations{}
	after.config.Entropy, after.config.Delivered = entropy.Seeded(13, w.t.Name()), testkeys.NewSource(12)
	for authority, role := range map[profile.Authority]keys.Role{profile.SignatureAuthority: keys.SignatureCA, profile.AuthenticationAuthority: keys.AuthenticationCA} {
		i, err := NewGeneration(w.t.Context(), after.reg, authority, 1, testkeys.Signer(role, 1), start, registry.Cause{Actor: registry.Operator})
		w.ok(err)
		after.config.Issuers[authority], err = certificate.NewGenerations(i)
		w.ok(err)
	}
	after.ca, err = New(after.config)
	w.ok(err)
	return &after
}

// counts are how much there is of everything that a call can make. A serial
// number that was only reserved counts as nothing.
func (w *world) counts() map[string]int {
	w.t.Helper()
	s, err := w.reg.Snapshot(w.t.Context())
	w.ok(err)
	defer s.Close()
	if _, err := s.Check(w.t.Context()); err != nil {
		w.t.Fatal(err)
	}
	n := map[string]int{}
	for name, table := range map[string]record.Table{"persons": record.Persons, "cards": record.Cards, "phones": record.Phones, "applications": record.Applications,
		"orders": record.Orders, "envelopes": record.Envelopes, "notices": record.Notices, "erasures": record.Erasures} {
		w.ok(s.ScanPrefix(table.Key(), func([]byte, []byte) error { n[name]++; return nil }))
	}
	for _, authority := range profile.Authorities() {
		w.ok(s.EachCertificate(authority, 0, func(c *record.Certificate) error { n[c.State.String()+" certificates"]++; return nil }))
	}
	return n
}

// parties are the callers of an authority: an SP-TSM, the help desk and a
// municipality, with one handler that each test gives its authority.
type parties struct {
	directory tsmp.Keys
	identity  tsmp.Identity
	callers   map[tsmp.Role]*tsmp.Caller
	handler   *tsmp.Handler
}

func newParties() *parties {
	key := func(n byte) ed25519.PrivateKey { return ed25519.NewKeyFromSeed(bytes.Repeat([]byte{n}, 32)) }
	p := &parties{directory: tsmp.Keys{}, callers: map[tsmp.Role]*tsmp.Caller{}, identity: tsmp.Identity{Party: "ca.inkan.example", KeyID: "ca-1", Signer: key(1)}}
	p.directory["ca-1"] = tsmp.Key{ID: "ca-1", Party: p.identity.Party, Role: tsmp.RoleCA, Public: key(1).Public()}
	for role, name := range map[tsmp.Role]string{tsmp.RoleSPTSM: "sp-tsm", tsmp.RoleHelpDesk: "desk", tsmp.RoleMunicipality: "kiyose"} {
		own := key(byte(role) + 1)
		identity := tsmp.Identity{Party: tsmp.PartyID(name + ".inkan.example"), KeyID: name, Signer: own}
		p.directory[name] = tsmp.Key{ID: name, Party: identity.Party, Role: role, Public: own.Public()}
		p.callers[role] = &tsmp.Caller{Identity: identity, Peer: p.identity.Party, Keys: p.directory}
	}
	return p
}

// serve makes the handler of an authority that was just started.
func (p *parties) serve(w *world) {
	p.handler = &tsmp.Handler{Identity: p.identity, Keys: p.directory, Journal: w.ca.NewJournal(), Service: w.ca.Service(), Now: func() time.Time { return w.now }}
}

// send gives the answer and its body; a refusal is fatal.
func (p *parties) send(w *world, role tsmp.Role, request []byte) ([]byte, tsmp.Body) {
	w.t.Helper()
	answer, err := p.handler.Handle(w.t.Context(), request)
	w.ok(err)
	_, body, err := p.callers[role].Open(request, answer)
	w.ok(err)
	return answer, body
}

// crashing runs calls on a world whose process may end before any write.
type crashing struct {
	*world
	*parties
	disk  *crashes
	total int
}

// do makes a call; then, on every disk that a crash during it could have left, the
// same bytes are sent again: they are answered as if nothing had happened, and
// what there is afterwards is what there is without a crash.
func (c *crashing) do(role tsmp.Role, f tsmp.Function, body tsmp.Body) tsmp.Body {
	c.t.Helper()
	call := c.call()
	call.Function = f
	request, err := c.callers[role].Seal(call, body)
	c.ok(err)
	var answer tsmp.Body
	c.serve(c.world)
	clones := c.disk.during(func() { _, answer = c.send(c.world, role, request) })
	want := c.counts()
	for i, clone := range clones {
		after := c.survivor(clone)
		c.serve(after)
		first, got := c.send(after, role, request)
		again, same := c.send(after, role, request)
		if a, b := c.encoded(got), c.encoded(same); !sealed[f] && !bytes.Equal(first, again) || !bytes.Equal(a, b) {
			c.t.Fatalf("%s, crash %d: answered %s, then %s", f, i, a, b)
		}
		c.compare(f, i, want, after.counts())
		if last := i == len(clones)-1; last && !bytes.Equal(c.encoded(answer), c.encoded(got)) {
			c.t.Fatalf("%s: returned %s, after the crash %s", f, c.encoded(answer), c.encoded(got))
		}
		c.ok(after.reg.Close())
	}
	c.total += len(clones)
	return answer
}

func (c *crashing) encoded(b tsmp.Body) []byte {
	c.t.Helper()
	out, err := tsmp.EncodeBody(b)
	c.ok(err)
	return out
}

func (c *crashing) compare(f tsmp.Function, crash int, want, got map[string]int) {
	c.t.Helper()
	for name := range want {
		if got[name] != want[name] {
			c.t.Fatalf("%s, crash %d: %d %s, without the crash %d", f, crash, got[name], name, want[name])
		}
	}
	if len(got) != len(want) {
		c.t.Fatalf("%s, crash %d: %v, without the crash %v", f, crash, got, want)
	}
}

// apply brings an application about a phone, if there is one.
func (c *crashing) apply(purpose application.Purpose, phone tsmp.PhoneID, with func(*application.Application)) *tsmp.VerifyApplicationAnswer {
	c.t.Helper()
	a, code := c.fields(purpose, 1)
	a.Instance = phone
	if with != nil {
		with(a)
		if a.Purpose.Issues() {
			a.Commit(code)
		}
	}
	return c.do(tsmp.RoleSPTSM, tsmp.VerifyApplication, c.signed(a, code)).(*tsmp.VerifyApplicationAnswer)
}

// issue is a whole issue.
func (c *crashing) issue(sim byte, d *double, origin jpki.Origin) tsmp.PhoneID {
	c.t.Helper()
	app := c.apply(application.Issue, tsmp.PhoneID{}, func(a *application.Application) {
		a.SIM, a.Origin = [16]byte{0x98, 0x18, sim}, origin
	})
	c.known[d.keyID()] = perso.ECDSAAuthority{Key: &d.authority.PublicKey}
	order := c.do(tsmp.RoleSPTSM, tsmp.PlaceOrder, &tsmp.PlaceOrderRequest{ApplicationID: app.ApplicationID, SIM: [16]byte{0x98, 0x18, sim},
		InstanceAID: d.aid.Append(nil), LoadFileHash: perso.Hash{1}, AttestationKey: d.keyID()}).(*tsmp.PlaceOrderAnswer)
	q := &tsmp.IssueRequest{OrderID: order.OrderID, OrderStatement: d.takeOrder(order.Order)}
	if origin == jpki.OriginOnCard {
		q.KeyStatements = [][]byte{d.generate()}
	}
	d.takeEnvelope(c.do(tsmp.RoleSPTSM, tsmp.Issue, q).(*tsmp.IssueAnswer).Envelopes[0])
	c.do(tsmp.RoleSPTSM, tsmp.Activate, &tsmp.ActivateRequest{OrderID: order.OrderID, Receipt: d.activate()})
	return app.Phone
}

// TestCrash ends the process before every write of every kind of call of a
// service instance's life.
func TestCrash(t *testing.T) {
	req.Covers(t, "SPEC-CA-014", "SPEC-CA-016", "SPEC-TSM-PROTOCOL-043")
	disk, fs := newCrashes()
	c := &crashing{world: newWorldOn(t, fs), parties: newParties(), disk: disk}
	d := newDouble(t, 1, testkeys.Holder(3))
	phone := c.issue(1, d, jpki.OriginOnCard)

	order := c.do(tsmp.RoleSPTSM, tsmp.OrderPINReset, &tsmp.OrderPINResetRequest{Phone: phone}).(*tsmp.PlaceOrderAnswer)
	issue := d.order
	statement := d.takeOrder(order.Order)
	reset := c.apply(application.PINReset, phone, func(a *application.Application) {
		a.Order = application.OrderProof{Hash: d.order.Hash(), Challenge: d.challenge}
	})
	c.do(tsmp.RoleSPTSM, tsmp.SealPINReset, &tsmp.SealPINResetRequest{OrderID: order.OrderID, ApplicationID: reset.ApplicationID, OrderStatement: statement})

	c.do(tsmp.RoleHelpDesk, tsmp.Suspend, &tsmp.SuspendRequest{Phone: phone, Cause: tsmp.Cause{Ground: tsmp.GroundHotline, Case: "1"}})
	c.now = c.now.Add(time.Minute)
	lift := c.apply(application.SuspensionLift, phone, nil)
	c.do(tsmp.RoleSPTSM, tsmp.Resume, &tsmp.ResumeRequest{Phone: phone, Cause: tsmp.Cause{Ground: tsmp.GroundApplication, ApplicationID: lift.ApplicationID}})

	second := c.issue(2, newDouble(t, 2, nil), jpki.OriginDelivered)
	d.order = issue
	c.do(tsmp.RoleSPTSM, tsmp.ReportErase, &tsmp.ReportEraseRequest{Phone: phone, Statement: d.erase()})
	end := c.apply(application.Revocation, second, nil)
	c.do(tsmp.RoleSPTSM, tsmp.Revoke, &tsmp.RevokeRequest{Phone: second, Reason: profile.CessationOfOperation, Cause: tsmp.Cause{Ground: tsmp.GroundApplication, ApplicationID: end.ApplicationID}})
	if c.state(phone) != profile.Revoked || c.state(second) != profile.Revoked {
		t.Errorf("%v, %v", c.state(phone), c.state(second))
	}
	if c.total < 100 {
		t.Errorf("only %d crashes", c.total)
	}
	t.Logf("%d crashes", c.total)
}

// TestCrashOfMunicipality does the same with the calls about persons and cards.
func TestCrashOfMunicipality(t *testing.T) {
	req.Covers(t, "SPEC-CA-014", "SPEC-CA-016", "SPEC-CA-082", "SPEC-CA-085")
	disk, fs := newCrashes()
	c := &crashing{world: newWorldOn(t, fs), parties: newParties(), disk: disk}
	do := func(f tsmp.Function, body tsmp.Body) tsmp.Body {
		t.Helper()
		return c.do(tsmp.RoleMunicipality, f, body)
	}
	person := do(tsmp.RegisterPerson, &tsmp.RegisterPersonRequest{Birth: profile.Date{Year: 1992, Month: 2, Day: 29}, Attributes: hanako, Case: "1"}).(*tsmp.RegisterPersonAnswer).Person
	card := do(tsmp.IssueCard, &tsmp.IssueCardRequest{Person: person, NotAfter: c.now.AddDate(10, 0, 0), Case: "2"}).(*tsmp.IssueCardAnswer).Card
	do(tsmp.IssueCardCertificates, &tsmp.IssueCardCertificatesRequest{Card: card, SignatureRequest: c.csr(4), AuthenticationRequest: c.csr(5), Case: "3"})
	do(tsmp.IssueCardCertificate, &tsmp.IssueCardCertificateRequest{Card: card, Kind: profile.CardSignature, Request: c.csr(6), Case: "3"})
	hold := tsmp.Cause{Ground: tsmp.GroundAuthority, Case: "4"}
	do(tsmp.HoldCard, &tsmp.HoldCardRequest{Card: card, Cause: hold})
	do(tsmp.LiftCard, &tsmp.LiftCardRequest{Card: card, Cause: hold})
	moved := hanako
	moved.Address = "東京都清瀬市中里六丁目"
	do(tsmp.ChangePerson, &tsmp.ChangePersonRequest{Person: person, Attributes: moved, Case: "5"})
	card = do(tsmp.IssueCard, &tsmp.IssueCardRequest{Person: person, NotAfter: c.now.AddDate(10, 0, 0), Case: "6"}).(*tsmp.IssueCardAnswer).Card
	do(tsmp.ReportCardLoss, &tsmp.ReportCardLossRequest{Card: card, Case: "7"})
	do(tsmp.ReportDeparture, &tsmp.ReportDepartureRequest{Person: person, Departure: tsmp.DepartureEmigration, Case: "8"})
	t.Logf("%d crashes", c.total)
}
