package registry_test

import (
	"context"
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
	personIDs  map[*oraclePerson]record.PersonID
	cardIDs    map[*oracleCard]record.CardID
	appIDs     map[*oracleApp]record.ApplicationID
	orderIDs   map[*oracleOrder]record.OrderID
	rows       map[*oracleCert]record.Certificate
	changes    int
}

func newMachine(t fataler, fs vfs.FS) *machine {
	m := &machine{world: newWorld(t, fs), generation: 1, personIDs: map[*oraclePerson]record.PersonID{}, cardIDs: map[*oracleCard]record.CardID{},
		appIDs: map[*oracleApp]record.ApplicationID{}, orderIDs: map[*oracleOrder]record.OrderID{}, rows: map[*oracleCert]record.Certificate{}}
	m.oracle = oracle{now: m.Now(), caEnd: time.Date(2036, 3, 31, 14, 59, 59, 0, time.UTC), counters: map[int]int{},
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

func (m *machine) actions() map[string]func(*rapid.T) {
	actions := map[string]func(*rapid.T){
		"": m.compare, "time": m.passes, "person": m.person, "card": m.card, "attributes": m.attributes, "leave": m.leave, "lose": m.lose,
		"hold": m.hold, "card certificate": m.cardCert, "apply": m.applies, "cancel": m.cancel, "order": m.places, "reserve": m.reserves,
		"complete": m.completes, "activate": m.activates, "revoke": m.revokes, "suspend": m.suspends, "restart": m.restart,
		"generation": m.nextGeneration, "enrol": m.enrol,
	}
	for name, action := range actions {
		actions[name] = func(t *rapid.T) {
			m.t = t
			m.oracle.tick(m.clock.now())
			action(t)
		}
	}
	return actions
}

func (m *machine) passes(t *rapid.T) {
	const day = 24 * time.Hour
	m.clock.advance(rapid.SampledFrom([]time.Duration{time.Second, 9 * time.Minute, 5 * time.Hour, day, 40 * day, 400 * day, -3 * day, 1300 * day}).Draw(t, "pass"))
}

func (m *machine) person(t *rapid.T) {
	p := &oraclePerson{resident: true, version: 1, town: tokyo.Partition(),
		birth: rapid.SampledFrom([]certificate.Date{birth, {Year: 2000, Month: 2, Day: 29}, {Year: 2012, Month: 6, Day: 1}, {Year: 1950, Month: 1, Day: 1}}).Draw(t, "birth")}
	id, err := m.RegisterPerson(ctx, p.birth, attributes("印鑑"), cause)
	m.ok(err)
	m.personIDs[p], m.persons = id, append(m.persons, p)
}

func (m *machine) card(t *rapid.T) {
	p := of(t, m.persons, "person")
	end := m.oracle.now.AddDate(rapid.SampledFrom([]int{10, 5, 1, 0}).Draw(t, "years"), 0, 0)
	id, err := m.IssueCard(ctx, m.personIDs[p], end, cause)
	if m.same("issue card", err, m.oracle.issueCard(p, end)) {
		m.cardIDs[p.card], m.cards = id, append(m.cards, p.card)
	}
}

func (m *machine) attributes(t *rapid.T) {
	p := of(t, m.persons, "person")
	m.changes++
	at, town := attributes(fmt.Sprintf("名%d", m.changes)), rapid.SampledFrom([]certificate.Municipality{tokyo, osaka}).Draw(t, "town")
	at.Municipality, at.Ward = town, rapid.SampledFrom([]bool{false, false, true}).Draw(t, "ward")
	m.same("change attributes", m.ChangeAttributes(ctx, m.personIDs[p], at, cause), m.oracle.change(p, at.Ward, town.Partition()))
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
	m.same("leave", leave(ctx, m.personIDs[p], cause), m.oracle.leave(p, dead))
}

func (m *machine) lose(t *rapid.T) {
	card := of(t, m.cards, "card")
	m.same("lose card", m.LoseCard(ctx, m.cardIDs[card], cause), m.oracle.lose(card))
}

func (m *machine) hold(t *rapid.T) {
	card, on := of(t, m.cards, "card"), rapid.Bool().Draw(t, "on")
	turn := m.LiftCard
	if on {
		turn = m.HoldCard
	}
	m.same("hold", turn(ctx, m.cardIDs[card], cause), m.oracle.hold(card, on))
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
	_, err := m.Complete(ctx, completionOf(&row), cause)
	return m.same("complete", err, m.oracle.complete(c))
}

func (m *machine) reserveOnCard(card *oracleCard, kind certificate.Kind) (*oracleCert, bool) {
	m.t.Helper()
	row, err := m.ReserveCard(ctx, registry.CardRequest{Card: m.cardIDs[card], Kind: kind, Generation: m.generation, Key: m.newKey()}, cause)
	c, granted := m.oracle.reserveCard(card, kind)
	if m.same("reserve "+kind.String(), err, granted) {
		m.keep(c, row)
	}
	return c, granted
}

func (m *machine) cardCert(t *rapid.T) {
	kind := rapid.SampledFrom([]certificate.Kind{certificate.CardSignature, certificate.CardAuthentication}).Draw(t, "kind")
	if c, granted := m.reserveOnCard(of(t, m.cards, "card"), kind); granted && rapid.IntRange(0, 3).Draw(t, "completed") > 0 {
		m.finish(c)
	}
}

func (m *machine) applyWith(signed *oracleCert, sim int) (*oracleApp, bool) {
	m.t.Helper()
	got, err := m.RegisterApplication(ctx, m.request(signed.serial, record.SIM{byte(sim)}), cause)
	app, granted := m.oracle.apply(signed, sim)
	if m.same("apply", err, granted) {
		m.appIDs[app], m.apps = got.ID, append(m.apps, app)
	}
	return app, granted
}

func (m *machine) applies(t *rapid.T) {
	signed, _ := m.certificate(t)
	if signed.kind != certificate.CardSignature {
		t.Skip("no signature certificate")
	}
	m.applyWith(signed, rapid.IntRange(1, 3).Draw(t, "sim"))
}

func (m *machine) cancel(t *rapid.T) {
	app := of(t, m.apps, "application")
	done := false
	for _, c := range m.certs {
		done = done || c.order != nil && c.order.app == app && m.wasActive(c)
	}
	m.same("cancel", m.CancelApplication(ctx, m.appIDs[app], cause), m.oracle.cancel(app, done))
}

// wasActive reports whether a phone's certificate was ever activated.
func (m *machine) wasActive(c *oracleCert) bool {
	s := m.snapshot()
	defer s.Close()
	app, err := s.Application(m.appIDs[c.order.app])
	m.ok(err)
	return app.Progress == record.Done
}

func (m *machine) placeUnder(app *oracleApp) (*oracleOrder, bool) {
	m.t.Helper()
	got, err := m.PlaceOrder(ctx, registry.OrderRequest{Application: m.appIDs[app], SIM: record.SIM{byte(app.sim)}, Instance: aid}, cause)
	order, granted := m.oracle.place(app)
	if m.same("place order", err, granted) {
		if got.Counter != uint32(order.counter) {
			m.t.Fatalf("counter %d, the oracle says %d", got.Counter, order.counter)
		}
		m.orderIDs[order], m.orders = got.ID, append(m.orders, order)
	}
	return order, granted
}

func (m *machine) places(t *rapid.T) { m.placeUnder(of(t, m.apps, "application")) }

func (m *machine) reserveFor(order *oracleOrder) (*oracleCert, bool) {
	m.t.Helper()
	row, err := m.ReservePhone(ctx, registry.PhoneRequest{Order: m.orderIDs[order], Generation: m.generation, Key: m.newKey()}, cause)
	c, granted := m.oracle.reservePhone(order)
	if m.same("reserve phone", err, granted) {
		m.keep(c, row)
	}
	return c, granted
}

func (m *machine) reserves(t *rapid.T) { m.reserveFor(of(t, m.orders, "order")) }

func (m *machine) completes(t *rapid.T) {
	c, _ := m.certificate(t)
	m.finish(c)
}

func (m *machine) activates(t *rapid.T) {
	c, _ := m.certificate(t)
	if c.au != certificate.AuthenticationAuthority {
		t.Skip("no certificate for authentication")
	}
	_, err := m.Activate(ctx, c.serial, []byte("receipt"), cause)
	m.same("activate", err, m.oracle.activate(c))
}

// enrol goes a holder's whole way, as far as it is granted.
func (m *machine) enrol(t *rapid.T) {
	card := of(t, m.cards, "card")
	s, granted := m.reserveOnCard(card, certificate.CardSignature)
	if !granted || !m.finish(s) {
		return
	}
	if c, granted := m.reserveOnCard(card, certificate.CardAuthentication); !granted || !m.finish(c) {
		return
	}
	app, granted := m.applyWith(s, rapid.IntRange(1, 3).Draw(t, "sim"))
	if !granted {
		return
	}
	order, granted := m.placeUnder(app)
	if !granted {
		return
	}
	if c, granted := m.reserveFor(order); granted && m.finish(c) && rapid.Bool().Draw(t, "activated") {
		_, err := m.Activate(ctx, c.serial, []byte("receipt"), cause)
		m.same("activate", err, m.oracle.activate(c))
	}
}

func (m *machine) revokes(t *rapid.T) {
	c, _ := m.certificate(t)
	reason := certificate.Reason(rapid.IntRange(0, 11).Draw(t, "reason"))
	_, err := m.Revoke(ctx, c.au, c.serial, reason, cause)
	m.same("revoke", err, m.oracle.revoke(c, reason))
}

func (m *machine) suspends(t *rapid.T) {
	c, _ := m.certificate(t)
	on := rapid.Bool().Draw(t, "on")
	turn := m.Resume
	if on {
		turn = m.Suspend
	}
	_, err := turn(ctx, c.au, c.serial, cause)
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
		c, err := m.ReserveService(ctx, registry.ServiceRequest{Authority: au, Kind: au.Kind(), Generation: m.generation, Key: m.newKey(), NotBefore: now, NotAfter: end}, cause)
		m.ok(err)
		m.complete(c)
		m.oracle.next[au]++
		m.oracle.caEnd = end
	}
}

// compare looks at everything that a view shows.
func (m *machine) compare(t *rapid.T) { m.compareWith(m.Registry) }

func (m *machine) compareWith(r *registry.Registry) {
	m.t.Helper()
	s, err := r.Snapshot(context.Background())
	m.ok(err)
	defer s.Close()
	m.oracle.tick(m.clock.now())
	if !s.At().Equal(m.oracle.now) {
		m.t.Fatalf("view of %s, the oracle's time is %s", s.At(), m.oracle.now)
	}
	if err := m.difference(s); err != nil {
		m.t.Fatal(err)
	}
}

// difference is the first difference between a view and the oracle.
func (m *machine) difference(s *registry.Snapshot) error {
	lists := map[string]string{}
	phones, pending := map[*oraclePerson]int{}, map[*oraclePerson]int{}
	for _, c := range m.oracle.certs {
		got, known, err := s.Status(c.au, c.serial)
		if err != nil {
			return err
		}
		if known != (c.state != "reserved") || known && (got.State.String() != c.state || got.Reason != c.reason || !got.Since.Equal(c.since) || !got.NotAfter.Equal(c.end)) {
			return fmt.Errorf("%s %d: the registry says %+v (%v), the oracle %s (%s) since %s", c.kind, c.serial, got, known, c.state, c.reason, c.since)
		}
		if (c.state == "revoked" || c.state == "suspended") && !m.oracle.now.After(c.end.Add(7*24*time.Hour)) {
			lists[c.au.String()+c.town] += fmt.Sprintln(c.serial, c.since.Unix(), c.reason)
		}
		if c.kind == certificate.PhoneAuthentication {
			if m.oracle.live(c) {
				phones[c.person]++
			}
			if c.state == "pending" {
				pending[c.person]++
			}
			if phones[c.person] > 1 || pending[c.person] > 1 {
				return fmt.Errorf("a person has %d live and %d pending phone certificates", phones[c.person], pending[c.person])
			}
			if c.end.After(c.signed.end) || c.end.After(c.parent.end) {
				return fmt.Errorf("certificate %d outlasts its parents", c.serial)
			}
		}
	}
	for _, au := range certificate.Authorities() {
		for _, town := range []string{certificate.CAList, tokyo.Partition(), osaka.Partition()} {
			got := ""
			err := s.Revoked(au, town, func(serial uint64, since time.Time, reason certificate.Reason) error {
				got += fmt.Sprintln(serial, since.Unix(), reason)
				return nil
			})
			if err != nil || got != lists[au.String()+town] {
				return fmt.Errorf("list %s %s: %q (%v), the oracle says %q", au, town, got, err, lists[au.String()+town])
			}
		}
	}
	return nil
}

// TestLives goes through years of life events beside the oracle.
func TestLives(t *testing.T) {
	req.Covers(t, "SPEC-CA-LIFECYCLE-001", "SPEC-CA-LIFECYCLE-004", "SPEC-CA-LIFECYCLE-005", "SPEC-CA-LIFECYCLE-010", "SPEC-CA-LIFECYCLE-012",
		"SPEC-CA-LIFECYCLE-022", "SPEC-CA-LIFECYCLE-027", "SPEC-CA-LIFECYCLE-030", "SPEC-CA-LIFECYCLE-035", "SPEC-CA-LIFECYCLE-041",
		"SPEC-CA-LIFECYCLE-044", "SPEC-CA-LIFECYCLE-048")
	rapid.Check(t, func(t *rapid.T) {
		m := newMachine(t, vfs.NewMem())
		defer func() { m.Close() }()
		t.Repeat(m.actions())
		m.t = t
		m.check()
	})
}
