package registry_test

import (
	"errors"
	"fmt"
	"time"

	"testing"

	"github.com/cockroachdb/pebble/v2/vfs"
	"pgregory.net/rapid"

	"inkan/ca/registry"
	"inkan/ca/registry/record"
	"inkan/core/jpki/certificate"
	"inkan/spec/req"
)

// machine drives a registry and the oracle through the same life.
type machine struct {
	*world
	oracle     oracle
	generation uint32
	persons    []*oraclePerson
	cards      []*oracleCard
	apps       []*oracleApp
	orders     []*oracleOrder
	certs      []*oracleCert
	phones     []*oraclePhone
	calls      []*oracleCall
	cause      registry.Cause // of the action under way
	again      []func()       // calls that were carried out, to be repeated
	personIDs  map[*oraclePerson]record.PersonID
	cardIDs    map[*oracleCard]record.CardID
	appIDs     map[*oracleApp]record.ApplicationID
	phoneIDs   map[*oraclePhone]record.PhoneID
	orderIDs   map[*oracleOrder]record.OrderID
	rows       map[*oracleCert]record.Certificate
	changes    int
}

func newMachine(t fataler, fs vfs.FS) *machine {
	m := &machine{world: newWorld(t, fs), generation: 1, personIDs: map[*oraclePerson]record.PersonID{}, cardIDs: map[*oracleCard]record.CardID{},
		appIDs: map[*oracleApp]record.ApplicationID{}, phoneIDs: map[*oraclePhone]record.PhoneID{}, orderIDs: map[*oracleOrder]record.OrderID{}, rows: map[*oracleCert]record.Certificate{}}
	m.oracle = oracle{now: m.Now(), caEnd: time.Date(2036, 3, 31, 14, 59, 59, 0, time.UTC), counters: map[int]int{}, mail: map[string]*oracleMail{"one": {}, "two": {}},
		next: map[certificate.Authority]uint64{1: certificate.FirstSerial + 1, 2: certificate.FirstSerial + 1}}
	return m
}

// same compares the registry's verdict with the oracle's.
func (m *machine) same(what string, err error, granted bool) bool {
	m.t.Helper()
	var refusal *registry.Refusal
	if err != nil && !errors.As(err, &refusal) {
		m.t.Fatalf("%s: %v", what, err)
	}
	if granted != (err == nil) {
		m.t.Fatalf("%s at %s: the registry says %v, the oracle grants it: %v", what, m.oracle.now, err, granted)
	}
	return granted
}

// of draws one of the latest elements.
func of[T any](t *rapid.T, list []T, what string) T {
	if len(list) == 0 {
		t.Skip("no " + what)
	}
	return rapid.SampledFrom(list[max(0, len(list)-8):]).Draw(t, what)
}

func (m *machine) certificate(t *rapid.T) (*oracleCert, record.Certificate) {
	c := of(t, m.certs, "certificate")
	return c, m.rows[c]
}

// ofMunicipality are the actions that a municipality takes.
var ofMunicipality = map[string]bool{"person": true, "card": true, "attributes": true, "leave": true, "lose": true, "hold": true,
	"card certificate": true, "both certificates": true, "complete some": true, "complete": true, "turn": true}

var actors = []registry.Actor{registry.Operator, registry.Hotline, registry.Municipality, registry.SPTSM, registry.Holder}

func (m *machine) actions() map[string]func(*rapid.T) {
	actions := map[string]func(*rapid.T){
		"": m.compare, "time": m.passes, "person": m.person, "card": m.card, "attributes": m.attributes, "leave": m.leave, "lose": m.lose,
		"hold": m.hold, "card certificate": m.cardCert, "both certificates": m.pair, "complete some": m.finishSome, "apply": m.applies, "cancel": m.cancel, "order": m.places, "reserve": m.reserves,
		"complete": m.completes, "activate": m.activates, "revoke": m.revokes, "suspend": m.suspends, "restart": m.restart,
		"generation": m.nextGeneration, "enrol": m.enrol, "enrol another": m.enrol, "repeat": m.repeats, "erase": m.erases, "place reset": m.placesReset,
		"complete reset": m.completesReset, "PIN": m.resetsPIN, "turn": m.turns, "turn by holder": m.turnsByHolder,
		"acknowledge": m.acknowledges, "begin call": m.begins, "end call": m.ends,
	}
	for name, action := range actions {
		actions[name] = func(t *rapid.T) {
			m.t = t
			m.oracle.tick(m.clock.now())
			m.cause = registry.Cause{Actor: rapid.SampledFrom(actors).Draw(t, "actor")}
			m.oracle.manager, m.oracle.office = m.cause.Actor == registry.SPTSM || m.cause.Actor == registry.Holder, ""
			if ofMunicipality[name] && m.cause.Actor == registry.Municipality {
				town := rapid.SampledFrom([]certificate.Municipality{tokyo, osaka}).Draw(t, "office")
				m.cause.Office, m.oracle.office = town.Code, town.Partition()
			}
			action(t)
		}
	}
	return actions
}

func (m *machine) passes(t *rapid.T) {
	const day = 24 * time.Hour
	pass := rapid.SampledFrom([]time.Duration{time.Second, 9 * time.Minute, 10 * time.Minute, 5 * time.Hour, 5 * time.Hour, day, day + time.Second, 40 * day, -3 * day, 400 * day}).Draw(t, "pass")
	if pass == 400*day {
		pass *= time.Duration(rapid.IntRange(0, 4).Draw(t, "times"))
	}
	m.clock.advance(pass)
}

func (m *machine) person(t *rapid.T) {
	m.register(rapid.SampledFrom([]certificate.Date{birth, {Year: 2000, Month: 2, Day: 29}, {Year: 2012, Month: 6, Day: 1}, {Year: 1950, Month: 1, Day: 1}}).Draw(t, "birth"))
}

func (m *machine) register(birth certificate.Date) *oraclePerson {
	m.t.Helper()
	p := &oraclePerson{resident: true, version: 1, town: tokyo.Partition(), birth: birth}
	cause := m.called()
	id, err := m.RegisterPerson(ctx, p.birth, attributes("印鑑"), cause)
	if !m.same("register", err, m.oracle.own(p)) {
		return nil
	}
	m.personIDs[p], m.persons = id, append(m.persons, p)
	m.repeatable(func() bool {
		again, err := m.RegisterPerson(ctx, p.birth, attributes("印鑑"), cause)
		return err == nil && again == id
	})
	return p
}

func (m *machine) card(t *rapid.T) {
	p := of(t, m.persons, "person")
	m.issueCard(p, m.oracle.now.AddDate(rapid.SampledFrom([]int{10, 5, 1, 0}).Draw(t, "years"), 0, 0))
}

func (m *machine) issueCard(p *oraclePerson, end time.Time) bool {
	m.t.Helper()
	cause := m.called()
	id, err := m.IssueCard(ctx, m.personIDs[p], end, cause)
	granted := m.same("issue card", err, m.oracle.issueCard(p, end))
	if granted {
		m.cardIDs[p.card], m.cards = id, append(m.cards, p.card)
		m.repeatable(func() bool {
			again, err := m.IssueCard(ctx, m.personIDs[p], end, cause)
			return err == nil && again == id
		})
	}
	return granted
}

func (m *machine) attributes(t *rapid.T) {
	p := of(t, m.persons, "person")
	m.changes++
	at, town := attributes(fmt.Sprintf("名%d", m.changes)), rapid.SampledFrom([]certificate.Municipality{tokyo, osaka}).Draw(t, "town")
	at.Municipality, at.Ward = town, rapid.SampledFrom([]bool{false, false, true}).Draw(t, "ward")
	cause := m.called()
	change := func() error { return m.ChangeAttributes(ctx, m.personIDs[p], at, cause) }
	if m.same("change attributes", change(), m.oracle.change(p, at.Ward, town.Partition())) {
		m.repeatable(func() bool { return change() == nil })
	}
}

func (m *machine) leave(t *rapid.T) {
	if rapid.IntRange(0, 3).Draw(t, "leaves") > 0 {
		t.Skip("stays")
	}
	p, dead := of(t, m.persons, "person"), rapid.Bool().Draw(t, "dead")
	leave := m.Emigrate
	if dead {
		leave = m.Die
	}
	m.same("leave", leave(ctx, m.personIDs[p], m.cause), m.oracle.leave(p, dead))
}

func (m *machine) lose(t *rapid.T) {
	card := of(t, m.cards, "card")
	m.same("lose card", m.LoseCard(ctx, m.cardIDs[card], m.cause), m.oracle.lose(card))
}

func (m *machine) hold(t *rapid.T) {
	card, on := of(t, m.cards, "card"), rapid.Bool().Draw(t, "on")
	cause := m.called()
	turn := func() error {
		if on {
			return m.HoldCard(ctx, m.cardIDs[card], cause)
		}
		return m.LiftCard(ctx, m.cardIDs[card], cause)
	}
	if m.same("hold", turn(), m.oracle.hold(card, on)) {
		m.repeatable(func() bool { return turn() == nil })
	}
}

func (m *machine) keep(c *oracleCert, row record.Certificate) {
	m.t.Helper()
	if row.Serial != c.serial || !row.NotAfter.Equal(c.end) {
		m.t.Fatalf("%s: serial %d to %s, the oracle says %d to %s", c.kind, row.Serial, row.NotAfter, c.serial, c.end)
	}
	m.rows[c], m.certs = row, append(m.certs, c)
}

func (m *machine) finish(c *oracleCert) bool {
	m.t.Helper()
	row := m.rows[c]
	_, err := m.Complete(ctx, completionOf(&row), m.cause)
	return m.same("complete", err, m.oracle.complete(c))
}

func (m *machine) reserveOnCard(card *oracleCard, kind certificate.Kind) (*oracleCert, bool) {
	m.t.Helper()
	row, err := m.ReserveCard(ctx, registry.CardRequest{Card: m.cardIDs[card], Kind: kind, Generation: m.generation, Key: m.newKey()}, m.cause)
	c, granted := m.oracle.reserveCard(card, kind)
	if m.same("reserve "+kind.String(), err, granted) {
		m.keep(c, row.Certificate)
	}
	return c, granted
}

func (m *machine) cardCert(t *rapid.T) {
	kind := rapid.SampledFrom([]certificate.Kind{certificate.CardSignature, certificate.CardAuthentication}).Draw(t, "kind")
	if c, granted := m.reserveOnCard(of(t, m.cards, "card"), kind); granted && rapid.IntRange(0, 3).Draw(t, "completed") > 0 {
		m.finish(c)
	}
}

// pair asks for both certificates of a card at once, and completes them at once,
// singly, or only one of them. Of what is refused nothing remains.
func (m *machine) pair(t *rapid.T) {
	m.reservePair(t, of(t, m.cards, "card"))
}

func (m *machine) reservePair(t *rapid.T, card *oracleCard) bool {
	kinds := rapid.Permutation([]certificate.Kind{certificate.CardSignature, certificate.CardAuthentication}).Draw(t, "kinds")
	requests := make([]registry.CardRequest, len(kinds))
	for i, kind := range kinds {
		requests[i] = registry.CardRequest{Card: m.cardIDs[card], Kind: kind, Generation: m.generation, Key: m.newKey()}
	}
	rows, err := m.ReserveCards(ctx, m.cause, requests...)
	list, granted := m.oracle.reserveBoth(card, kinds)
	if !m.same("reserve both", err, granted) {
		return false
	}
	for i, c := range list {
		m.keep(c, rows[i].Certificate)
	}
	if rapid.IntRange(0, 3).Draw(t, "completed at once") == 0 {
		m.finish(list[rapid.IntRange(0, 1).Draw(t, "alone")])
		return false
	}
	return m.finishAll(list...)
}

func (m *machine) finishAll(list ...*oracleCert) bool {
	m.t.Helper()
	completions := make([]registry.Completion, len(list))
	for i, c := range list {
		row := m.rows[c]
		completions[i] = completionOf(&row)
	}
	_, err := m.CompleteAll(ctx, m.cause, completions...)
	return m.same("complete all", err, m.oracle.completeAll(list))
}

// finishSome completes two of the latest cards' certificates at once, of whatever
// cards and in whatever state.
func (m *machine) finishSome(t *rapid.T) {
	list := []*oracleCert{of(t, m.certs, "first"), of(t, m.certs, "second")}
	if list[0].card == nil || list[1].card == nil {
		t.Skip("a phone's")
	}
	m.finishAll(list...)
}

// enrol goes a holder's whole way, as far as it is granted: new certificates for
// the card, if wanted, then the phone's, in place of the one before or anew.
func (m *machine) enrol(t *rapid.T) {
	p := of(t, m.persons, "person")
	if p.card == nil || rapid.IntRange(0, 3).Draw(t, "new certificates") == 0 {
		if both := p.card != nil && rapid.Bool().Draw(t, "both at once"); both && !m.reservePair(t, p.card) || !both && !m.equip(p) {
			return
		}
	}
	purpose, who, signed := record.PurposeIssue, sender(t), m.signatureOf(t, p)
	var phone *oraclePhone
	if rapid.Bool().Draw(t, "transfer") && len(m.phones) > 0 {
		purpose, phone = record.PurposeTransfer, m.phone(t)
		who, signed = asker(t, phone.sender), m.signatureOf(t, phone.person)
	}
	app, granted := m.apply(purpose, who, signed, phone, sim(t))
	if !granted {
		return
	}
	order, granted := m.place(app, app.sender)
	if !granted {
		return
	}
	if c, granted := m.reserveFor(order); granted && m.finish(c) && rapid.Bool().Draw(t, "activated") {
		m.activate(c)
	}
}

// equip gives a person a card, if there is none, and its certificates.
func (m *machine) equip(p *oraclePerson) bool {
	m.t.Helper()
	if p.card == nil && !m.issueCard(p, m.oracle.now.AddDate(10, 0, 0)) {
		return false
	}
	for _, kind := range []certificate.Kind{certificate.CardSignature, certificate.CardAuthentication} {
		if c, granted := m.reserveOnCard(p.card, kind); !granted || !m.finish(c) {
			return false
		}
	}
	return true
}

// begin is where a life begins: two persons with an active phone each.
func (m *machine) begin(t *rapid.T) {
	m.t, m.cause = t, cause
	for _, who := range []string{"one", "two"} {
		p := m.register(birth)
		m.equip(p)
		app, _ := m.apply(record.PurposeIssue, who, m.certs[len(m.certs)-2], nil, 1)
		order, _ := m.place(app, who)
		c, _ := m.reserveFor(order)
		m.finish(c)
		m.activate(c)
	}
}

func (m *machine) revokes(t *rapid.T) {
	c, _ := m.certificate(t)
	reason := certificate.Reason(rapid.IntRange(0, 11).Draw(t, "reason"))
	_, err := m.Revoke(ctx, c.au, c.serial, reason, m.cause)
	m.same("revoke", err, m.oracle.revoke(c, reason))
}

func (m *machine) suspends(t *rapid.T) {
	c, _ := m.certificate(t)
	on := rapid.Bool().Draw(t, "on")
	turn := m.Resume
	if on {
		turn = m.Suspend
	}
	_, err := turn(ctx, c.au, c.serial, m.cause)
	m.same("suspend", err, m.oracle.suspend(c, on))
}

func (m *machine) restart(*rapid.T) {
	m.ok(m.Close())
	m.Registry = open(m.t, m.fs, m.clock)
}

func (m *machine) nextGeneration(t *rapid.T) {
	if m.oracle.now.Before(m.oracle.caEnd.AddDate(-5, 0, 0)) {
		t.Skip("not due")
	}
	m.generation++
	now := m.Now()
	for _, au := range certificate.Authorities() {
		end := certificate.CAValidUntil(now)
		c, err := m.ReserveService(ctx, registry.ServiceRequest{Authority: au, Kind: au.Kind(), Generation: m.generation, Key: m.newKey(), NotBefore: now, NotAfter: end}, m.cause)
		m.ok(err)
		m.complete(c)
		m.oracle.next[au]++
		m.oracle.caEnd = end
	}
}

// TestLives goes through years of life events beside the oracle.
func TestLives(t *testing.T) {
	req.Covers(t, "SPEC-CA-LIFECYCLE-001", "SPEC-CA-LIFECYCLE-004", "SPEC-CA-LIFECYCLE-005", "SPEC-CA-LIFECYCLE-010", "SPEC-CA-LIFECYCLE-012",
		"SPEC-CA-LIFECYCLE-022", "SPEC-CA-LIFECYCLE-027", "SPEC-CA-LIFECYCLE-030", "SPEC-CA-LIFECYCLE-035", "SPEC-CA-LIFECYCLE-041",
		"SPEC-CA-LIFECYCLE-044", "SPEC-CA-LIFECYCLE-048", "SPEC-CA-LIFECYCLE-029", "SPEC-CA-LIFECYCLE-037", "SPEC-CA-LIFECYCLE-054",
		"SPEC-CA-LIFECYCLE-080", "SPEC-CA-LIFECYCLE-081", "SPEC-CA-LIFECYCLE-082", "SPEC-CA-LIFECYCLE-083", "SPEC-CA-LIFECYCLE-084",
		"SPEC-CA-LIFECYCLE-085", "SPEC-CA-LIFECYCLE-086", "SPEC-CA-LIFECYCLE-087", "SPEC-CA-LIFECYCLE-088", "SPEC-CA-LIFECYCLE-089",
		"SPEC-CA-LIFECYCLE-094", "SPEC-CA-LIFECYCLE-095", "SPEC-CA-LIFECYCLE-096", "SPEC-CA-LIFECYCLE-097")
	rapid.Check(t, func(t *rapid.T) {
		m := newMachine(t, vfs.NewMem())
		defer func() { m.Close() }()
		m.begin(t)
		t.Repeat(m.actions())
		m.t = t
		m.check()
	})
}
