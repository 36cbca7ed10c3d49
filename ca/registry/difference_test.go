package registry_test

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"

	"pgregory.net/rapid"

	"inkan/ca/registry"
	"inkan/ca/registry/record"
	"inkan/core/jpki/certificate"
)

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
	return errors.Join(m.certificatesDiffer(s), m.casesDiffer(s), m.mailDiffers(s))
}

// certificatesDiffer compares certificates and revocation lists.
func (m *machine) certificatesDiffer(s *registry.Snapshot) error {
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
			if err := m.activationDiffers(s, c); err != nil {
				return err
			}
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

// activationDiffers compares what is kept of the card's receipt.
func (m *machine) activationDiffers(s *registry.Snapshot, c *oracleCert) error {
	got, err := s.Certificate(c.au, c.serial)
	var receipt record.Hash
	if c.receipt != "" {
		receipt = sha256.Sum256([]byte(c.receipt))
	}
	if err != nil || got.Receipt != receipt || !got.Activated.Equal(c.activated) {
		return fmt.Errorf("certificate %d: receipt %s of %s (%v), the oracle says %q of %s", c.serial, got.Receipt, got.Activated, err, c.receipt, c.activated)
	}
	return nil
}

var (
	progresses = map[record.Progress]string{record.Open: "open", record.Done: "done", record.Ended: "ended"}
	cardStates = map[record.CardState]string{record.CardInForce: "in force", record.CardHeld: "held", record.CardLost: "lost", record.CardReplaced: "replaced", record.CardEnded: "ended"}
)

// casesDiffer compares cards, applications, orders and phones.
func (m *machine) casesDiffer(s *registry.Snapshot) error {
	for _, card := range m.cards {
		got, err := s.Card(m.cardIDs[card])
		if err != nil || cardStates[got.State] != card.state || got.Replaces != m.cardIDs[card.replaces] || got.Person != m.personIDs[card.person] {
			return fmt.Errorf("card %+v (%v), the oracle says %+v", got, err, card)
		}
	}
	for _, app := range m.apps {
		got, err := s.Application(m.appIDs[app])
		if err != nil || progresses[got.Progress] != app.progress || got.Sender != app.sender || got.Phone != m.phoneIDs[app.phone] ||
			got.Replaces != m.phoneIDs[app.replaces] || got.Person != m.personIDs[app.person] || got.Order != m.orderIDs[app.order] {
			return fmt.Errorf("application %+v (%v), the oracle says %+v", got, err, app)
		}
	}
	orders := map[*oraclePhone]map[record.OrderID]bool{}
	for _, o := range m.orders {
		got, err := s.Order(m.orderIDs[o])
		if err != nil || progresses[got.Progress] != o.progress || int(got.Counter) != o.counter || got.Sealed != o.sealed || got.LoadFile[0] != o.loadFile ||
			got.Phone != m.phoneIDs[o.phone] || got.Sender != o.phone.sender || got.SIM[0] != byte(o.phone.sim) || got.Application != m.appIDs[o.app] {
			return fmt.Errorf("order %+v (%v), the oracle says %+v", got, err, o)
		}
		if orders[o.phone] == nil {
			orders[o.phone] = map[record.OrderID]bool{}
		}
		orders[o.phone][got.ID] = true
	}
	return m.phonesDiffer(s, orders)
}

func (m *machine) phonesDiffer(s *registry.Snapshot, orders map[*oraclePhone]map[record.OrderID]bool) error {
	due, want := map[record.PhoneID]bool{}, map[record.PhoneID]bool{}
	if err := s.ErasuresDue(func(id record.PhoneID) error { due[id] = true; return nil }); err != nil {
		return err
	}
	for _, phone := range m.phones {
		if phone.erasure == "due" {
			want[m.phoneIDs[phone]] = true
		}
		of := map[record.OrderID]bool{}
		if err := s.OrdersOf(m.phoneIDs[phone], func(o *record.Order) error { of[o.ID] = true; return nil }); err != nil {
			return err
		}
		if !maps.Equal(of, orders[phone]) {
			return fmt.Errorf("phone of %q has the orders %v, the oracle says %v", phone.sender, of, orders[phone])
		}
	}
	if !maps.Equal(due, want) {
		return fmt.Errorf("to be erased are %v, the oracle says %v", due, want)
	}
	return nil
}

// mailDiffers compares what service managers have not acknowledged.
func (m *machine) mailDiffers(s *registry.Snapshot) error {
	for name, box := range m.oracle.mail {
		var got, want []record.Notice
		err := s.Notices(name, 1000, func(n *record.Notice) error {
			n.Act = ""
			got = append(got, *n)
			return nil
		})
		for i, n := range box.notices {
			if i < box.acknowledged {
				continue
			}
			want = append(want, record.Notice{Number: uint64(i + 1), Phone: m.phoneIDs[n.phone], Serial: n.serial, State: states[n.state],
				Since: n.since, Reason: n.reason, NotAfter: n.end, Erase: n.state == "revoked"})
		}
		if err != nil || !slices.Equal(got, want) {
			return fmt.Errorf("notices of %s are %+v (%v), the oracle says %+v", name, got, err, want)
		}
	}
	return nil
}

var states = map[string]certificate.State{"active": certificate.Active, "suspended": certificate.Suspended, "revoked": certificate.Revoked}
