package registry_test

import (
	"fmt"
	"maps"
	"sort"
	"time"

	"inkan/core/jpki/certificate"
)

// The oracle is the rules of CA-LIFECYCLE once more, from the text alone, with
// pointers and without store, journal, indexes or versions. Each method says
// whether the request is granted.

type oraclePerson struct {
	birth    certificate.Date
	resident bool
	dead     bool
	ward     bool
	version  int
	town     string
	card     *oracleCard
	app      *oracleApp
}

type oracleCard struct {
	person   *oraclePerson
	end      time.Time
	state    string // "in force", "held", "lost", "replaced", "ended"
	replaces *oracleCard
}

type oracleCert struct {
	au             certificate.Authority
	serial         uint64
	kind           certificate.Kind
	person         *oraclePerson
	card           *oracleCard
	order          *oracleOrder
	signed, parent *oracleCert
	version        int
	town           string
	end, until     time.Time
	state          string // "reserved", "pending", "active", "suspended", "revoked"
	reason         certificate.Reason
	since          time.Time
	receipt        string
	activated      time.Time
}

type oracle struct {
	now      time.Time
	caEnd    time.Time
	next     map[certificate.Authority]uint64
	certs    []*oracleCert
	counters map[int]int
	mail     map[string]*oracleMail
	// manager says that the request under way is a service manager's own, and
	// about which phone it is.
	manager bool
	about   *oraclePhone
	// office is the partition of the municipality that asks; empty: who has to do
	// with all persons.
	office string
}

// own says whether a person is one of the municipality that asks.
func (o *oracle) own(p *oraclePerson) bool { return o.office == "" || o.office == p.town }

func (o *oracle) tick(clock time.Time) {
	if clock.After(o.now) {
		o.now = clock
	}
	var due []*oracleCert
	for _, c := range o.certs {
		if c.state == "pending" && o.now.After(c.until) {
			due = append(due, c)
		}
	}
	sort.SliceStable(due, func(i, j int) bool { return due[i].until.Before(due[j].until) })
	o.about = nil
	for _, c := range due {
		o.set(c, "revoked", certificate.CessationOfOperation)
	}
}

func (o *oracle) set(c *oracleCert, state string, reason certificate.Reason) {
	c.state, c.reason, c.since = state, reason, o.now
	if c.kind == certificate.PhoneAuthentication && state != "pending" {
		o.phoneChanged(c)
	}
}

func (o *oracle) expired(c *oracleCert) bool { return o.now.After(c.end) }

func (o *oracle) live(c *oracleCert) bool {
	return (c.state == "active" || c.state == "suspended") && !o.expired(c)
}

// revokeWhere ends what is live or pending and fits.
func (o *oracle) revokeWhere(reason certificate.Reason, fits func(*oracleCert) bool) {
	for _, c := range o.certs {
		if fits(c) && (o.live(c) || c.state == "pending") {
			o.set(c, "revoked", reason)
			if c.kind == certificate.CardAuthentication {
				o.phoneOver(c.person)
			}
		}
	}
}

// phoneOver: the phone certificate and the open application end.
func (o *oracle) phoneOver(p *oraclePerson) {
	o.revokeWhere(certificate.CessationOfOperation, func(c *oracleCert) bool {
		return c.person == p && c.kind == certificate.PhoneAuthentication
	})
	o.appOver(p)
}

func (o *oracle) cardOver(p *oraclePerson, state string, reason certificate.Reason) {
	o.about = nil
	o.phoneOver(p)
	if card := p.card; card != nil {
		card.state, p.card = state, nil
		o.revokeWhere(reason, func(c *oracleCert) bool { return c.card == card })
	}
}

func (o *oracle) issueCard(p *oraclePerson, end time.Time) bool {
	if !o.own(p) || !p.resident || !end.After(o.now) {
		return false
	}
	before := p.card
	o.cardOver(p, "replaced", certificate.Superseded)
	p.card = &oracleCard{p, end, "in force", before}
	return true
}

func (o *oracle) lose(card *oracleCard) bool {
	if !o.own(card.person) {
		return false
	}
	if card.state == "in force" || card.state == "held" {
		o.cardOver(card.person, "lost", certificate.KeyCompromise)
	}
	return card.state == "lost"
}

func (o *oracle) hold(card *oracleCard, on bool) bool {
	from, to, was, is, reason := "in force", "held", "active", "suspended", certificate.CertificateHold
	if !on {
		from, to, was, is, reason = to, from, is, was, 0
	}
	if !o.own(card.person) {
		return false
	}
	if card.state != from {
		return card.state == to
	}
	card.state = to
	for _, c := range o.certs {
		if c.card == card && c.state == was && !o.expired(c) {
			o.set(c, is, reason)
		}
	}
	return true
}

func (o *oracle) change(p *oraclePerson, ward bool, town string) bool {
	if !o.own(p) || !p.resident {
		return false
	}
	p.version++
	p.ward, p.town = ward, town
	o.revokeWhere(certificate.AffiliationChanged, func(c *oracleCert) bool { return c.person == p && c.kind == certificate.CardSignature })
	return true
}

func (o *oracle) leave(p *oraclePerson, dead bool) bool {
	if !o.own(p) {
		return false
	}
	if p.dead {
		return dead
	}
	if p.resident || dead {
		o.cardOver(p, "ended", certificate.CessationOfOperation)
		p.resident, p.dead = false, dead
	}
	return true
}

// birthday is the n-th birthday after a day, as the day's last second.
func birthday(birth certificate.Date, after time.Time, n int) time.Time {
	today := after.Add(9 * time.Hour).Format("2006-01-02")
	for year := after.Year() - 1; ; year++ {
		month, day := birth.Month, birth.Day
		if leap := year%4 == 0 && year%100 != 0 || year%400 == 0; month == 2 && day == 29 && !leap {
			day = 28
		}
		if fmt.Sprintf("%04d-%02d-%02d", year, month, day) > today {
			if n--; n == 0 {
				return time.Date(year, month, day, 14, 59, 59, 0, time.UTC)
			}
		}
	}
}

func first(times ...time.Time) time.Time {
	t := times[0]
	for _, u := range times {
		if u.Before(t) {
			t = u
		}
	}
	return t
}

func (o *oracle) usable(card *oracleCard) bool {
	return card != nil && card.person.resident && card.state == "in force" && !o.now.After(card.end)
}

func (o *oracle) reserve(c *oracleCert) bool {
	c.end = first(birthday(c.person.birth, o.now, 5), c.end, o.caEnd)
	if !c.end.After(o.now) {
		return false
	}
	c.serial, c.state, c.until, c.version, c.town = o.next[c.au], "reserved", o.now.Add(24*time.Hour), c.person.version, c.person.town
	o.next[c.au]++
	o.certs = append(o.certs, c)
	return true
}

func (o *oracle) reserveCard(card *oracleCard, kind certificate.Kind) (*oracleCert, bool) {
	if !o.own(card.person) || !o.usable(card) {
		return nil, false
	}
	au := certificate.AuthenticationAuthority
	if kind == certificate.CardSignature {
		au = certificate.SignatureAuthority
		if next := birthday(card.person.birth, o.now, 1); card.person.ward || next.Year()-card.person.birth.Year <= 15 {
			return nil, false
		}
	}
	c := &oracleCert{au: au, kind: kind, person: card.person, card: card, end: card.end}
	return c, o.reserve(c)
}

// reserveBoth grants both or neither.
func (o *oracle) reserveBoth(card *oracleCard, kinds []certificate.Kind) ([]*oracleCert, bool) {
	before, count := maps.Clone(o.next), len(o.certs)
	var list []*oracleCert
	for _, kind := range kinds {
		c, granted := o.reserveCard(card, kind)
		if !granted {
			o.next, o.certs = before, o.certs[:count]
			return nil, false
		}
		list = append(list, c)
	}
	return list, true
}

// completeAll grants all of some cards' certificates or none: whether one is granted
// does not depend on the others.
func (o *oracle) completeAll(list []*oracleCert) bool {
	for _, c := range list {
		if c.state == "reserved" && (o.now.After(c.until) || !o.own(c.person) || !o.usable(c.card) || c.version != c.person.version) {
			return false
		}
	}
	for _, c := range list {
		o.complete(c)
	}
	return true
}

func (o *oracle) complete(c *oracleCert) bool {
	o.about = c.phone()
	switch {
	case c.state != "reserved":
		return true
	case o.now.After(c.until) || !o.own(c.person):
		return false
	case c.kind != certificate.PhoneAuthentication:
		if !o.usable(c.card) || c.version != c.person.version {
			return false
		}
		o.revokeWhere(certificate.Superseded, func(old *oracleCert) bool { return old.card == c.card && old.kind == c.kind })
		o.set(c, "active", 0)
		return true
	}
	parent, ok := o.fit(c.signed)
	if !ok || parent != c.parent || c.order.progress != "open" || !o.goesOn(c.order.app) || c.order.cert != c {
		return false
	}
	c.order.progress = "done"
	o.set(c, "pending", 0)
	c.until = o.now.Add(24 * time.Hour)
	return true
}

// admitted says for which reasons a holder's certificate is revoked.
func admitted(r certificate.Reason) bool { return r != 2 && r != 6 && r != 7 && r != 8 && r <= 9 }

func (o *oracle) revoke(c *oracleCert, reason certificate.Reason) bool {
	o.about = c.phone()
	switch {
	case c.state == "reserved":
		return false
	case c.state == "revoked":
		return true
	case !admitted(reason) || o.expired(c):
		return false
	}
	o.revokeWhere(reason, func(x *oracleCert) bool { return x == c })
	app := c.person.app
	if app != nil && (c.kind == certificate.CardSignature && app.signed == c && reason != 3 && reason != 4 ||
		c.kind == certificate.PhoneAuthentication && c.order == app.order) {
		o.appOver(c.person)
	}
	return true
}

func (o *oracle) suspend(c *oracleCert, on bool) bool {
	o.about = c.phone()
	from, to, reason := "active", "suspended", certificate.CertificateHold
	if !on {
		from, to, reason = to, from, 0
	}
	if c.state == to {
		return true
	}
	if c.state != from || o.expired(c) || c.card != nil && !o.usable(c.card) {
		return false
	}
	o.set(c, to, reason)
	return true
}
