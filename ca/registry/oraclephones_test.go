package registry_test

import (
	"time"

	"inkan/ca/registry/record"
	"inkan/core/jpki/certificate"
)

// oraclePhone is a service instance.
type oraclePhone struct {
	person  *oraclePerson
	sender  string
	sim     int
	erasure string // "", "due", "done"
	resets  []time.Time
	reset   *oracleOrder // the last one
}

type oracleApp struct {
	purpose  record.Purpose
	sender   string
	person   *oraclePerson
	signed   *oracleCert
	phone    *oraclePhone
	replaces *oraclePhone
	progress string // "open", "done", "ended"
	at       time.Time
	until    time.Time
	order    *oracleOrder
}

type oracleOrder struct {
	app      *oracleApp // of a PIN reset: nil until it is sealed
	reset    bool
	phone    *oraclePhone
	progress string
	counter  int
	loadFile byte
	until    time.Time // of a PIN reset
	cert     *oracleCert
	sealed   string
}

// oracleMail are the notices of a service manager.
type oracleMail struct {
	notices      []oracleNotice
	acknowledged int
}

type oracleNotice struct {
	phone      *oraclePhone
	serial     uint64
	state      string
	reason     certificate.Reason
	since, end time.Time
}

func (c *oracleCert) phone() *oraclePhone {
	if c.order == nil {
		return nil
	}
	return c.order.phone
}

// exists says whether somebody who asks may know what belongs to a service manager.
func exists(asker, owner string) bool { return asker == "" || asker == owner }

// phoneChanged: who has not asked for it is told, and what is revoked is to be erased.
func (o *oracle) phoneChanged(c *oracleCert) {
	phone := c.phone()
	if c.state == "revoked" {
		o.erase(phone)
	}
	if phone.sender == "" || o.manager && o.about == phone {
		return
	}
	box := o.mail[phone.sender]
	box.notices = append(box.notices, oracleNotice{phone, c.serial, c.state, c.reason, c.since, c.end})
}

func (o *oracle) erase(phone *oraclePhone) {
	if phone.erasure == "" {
		phone.erasure = "due"
	}
}

func (o *oracle) reportErase(phone *oraclePhone) bool {
	if phone.erasure != "" || o.ranOut(phone) {
		phone.erasure = "done"
	}
	return phone.erasure == "done"
}

// ranOut says whether a phone's last certificate has expired in use.
func (o *oracle) ranOut(phone *oraclePhone) (is bool) {
	for _, c := range o.certs {
		if c.kind == certificate.PhoneAuthentication && c.phone() == phone && c.state != "reserved" {
			is = (c.state == "active" || c.state == "suspended") && o.expired(c)
		}
	}
	return is
}

// appOver: the open application ends with its order and its pending certificate;
// a phone that an order was placed for is to be erased.
func (o *oracle) appOver(p *oraclePerson) {
	app := p.app
	if app == nil {
		return
	}
	app.progress, p.app = "ended", nil
	if app.order != nil {
		o.orderOver(app.order, certificate.CessationOfOperation)
		o.erase(app.phone)
	}
}

func (o *oracle) orderOver(order *oracleOrder, reason certificate.Reason) {
	if order.progress == "open" {
		order.progress = "ended"
	}
	if order.cert != nil && order.cert.state == "pending" {
		o.set(order.cert, "revoked", reason)
	}
}

// signs says whether an application may be signed, or go on that was signed, with
// a card's signature certificate.
func (o *oracle) signs(signed *oracleCert) bool {
	return signed.state == "active" && !o.expired(signed) && o.usable(signed.card) && signed.version == signed.person.version
}

// fit is signs for an issue, with the card's authentication certificate.
func (o *oracle) fit(signed *oracleCert) (parent *oracleCert, ok bool) {
	if !o.signs(signed) {
		return nil, false
	}
	for _, c := range o.certs {
		if c.card == signed.card && c.kind == certificate.CardAuthentication && c.state == "active" && !o.expired(c) {
			return c, true
		}
	}
	return nil, false
}

// livePhone is a phone's live certificate.
func (o *oracle) livePhone(phone *oraclePhone) *oracleCert {
	for _, c := range o.certs {
		if c.kind == certificate.PhoneAuthentication && c.phone() == phone && o.live(c) {
			return c
		}
	}
	return nil
}

// goesOn says whether an application is open.
func (o *oracle) goesOn(a *oracleApp) bool { return a.progress == "open" && !o.now.After(a.until) }

// apply takes an application; phone is what it names, sim 0 is none.
func (o *oracle) apply(purpose record.Purpose, sender string, signed *oracleCert, phone *oraclePhone, sim int) (*oracleApp, bool) {
	if !o.signs(signed) {
		return nil, false
	}
	if phone != nil && (!exists(sender, phone.sender) || phone.person != signed.person) {
		return nil, false
	}
	a := &oracleApp{purpose: purpose, sender: sender, person: signed.person, signed: signed, phone: phone, progress: "open", at: o.now, until: o.now.Add(24 * time.Hour)}
	if purpose != record.PurposeIssue && purpose != record.PurposeTransfer {
		return a, sim == 0 || sim == phone.sim
	}
	if _, ok := o.fit(signed); !ok || phone != nil && o.livePhone(phone) == nil {
		return nil, false
	}
	a.replaces, a.phone = phone, &oraclePhone{person: signed.person, sender: sender, sim: sim}
	o.about = a.phone
	o.appOver(signed.person)
	signed.person.app = a
	return a, true
}

func (o *oracle) cancel(a *oracleApp) bool {
	o.about = a.phone
	switch {
	case a.progress == "open" && a.person.app == a:
		o.appOver(a.person)
	case a.progress == "open":
		a.progress = "ended"
	}
	return a.progress != "done"
}

func (o *oracle) place(a *oracleApp, asker string, loadFile byte) (*oracleOrder, bool) {
	o.about = a.phone
	if a.purpose != record.PurposeIssue && a.purpose != record.PurposeTransfer || !exists(asker, a.sender) || !o.goesOn(a) {
		return nil, false
	}
	if _, ok := o.fit(a.signed); !ok {
		return nil, false
	}
	if a.order != nil {
		was := a.phone.erasure
		o.orderOver(a.order, certificate.Superseded)
		a.phone.erasure = was // another order of the same application
	}
	o.counters[a.phone.sim]++
	a.order = &oracleOrder{app: a, phone: a.phone, progress: "open", counter: o.counters[a.phone.sim], loadFile: loadFile}
	return a.order, true
}

func (o *oracle) reservePhone(order *oracleOrder) (*oracleCert, bool) {
	if order.reset {
		return nil, false
	}
	parent, ok := o.fit(order.app.signed)
	if !ok || order.progress != "open" || !o.goesOn(order.app) {
		return nil, false
	}
	signed := order.app.signed
	c := &oracleCert{au: certificate.AuthenticationAuthority, kind: certificate.PhoneAuthentication, person: order.app.person, order: order,
		signed: signed, parent: parent, end: first(signed.end, parent.end, signed.card.end)}
	if !o.reserve(c) {
		return nil, false
	}
	order.cert = c
	return c, true
}

func (o *oracle) activate(c *oracleCert, receipt string) bool {
	o.about = c.phone()
	if c.kind != certificate.PhoneAuthentication || c.state == "reserved" {
		return false
	}
	if c.state == "active" || c.state == "suspended" {
		return true
	}
	if c.state != "pending" || o.expired(c) || !o.usable(c.person.card) || c.parent.state != "active" || c.signed.state == "suspended" {
		return false
	}
	o.revokeWhere(certificate.Superseded, func(old *oracleCert) bool {
		return old.person == c.person && old.kind == c.kind && old != c
	})
	o.set(c, "active", 0)
	c.receipt, c.activated = receipt, o.now
	c.order.app.progress, c.person.app = "done", nil
	return true
}

// placeReset places an order for PIN reset.
func (o *oracle) placeReset(phone *oraclePhone, asker string) (*oracleOrder, bool) {
	live := o.livePhone(phone)
	if !exists(asker, phone.sender) || live == nil || live.state != "active" {
		return nil, false
	}
	if len(phone.resets) > 0 && !o.now.Before(phone.resets[0].Add(24*time.Hour)) {
		phone.resets = nil
	}
	if len(phone.resets) == 3 {
		return nil, false
	}
	phone.resets = append(phone.resets, o.now)
	if phone.reset != nil {
		o.orderOver(phone.reset, certificate.Superseded)
	}
	o.counters[phone.sim]++
	phone.reset = &oracleOrder{reset: true, phone: phone, progress: "open", counter: o.counters[phone.sim], loadFile: live.order.loadFile, until: o.now.Add(10 * time.Minute)}
	return phone.reset, true
}

// uses says whether an application may be used for something; it is used then.
func (o *oracle) uses(a *oracleApp, asker string, purpose record.Purpose, phone *oraclePhone) bool {
	if !exists(asker, a.sender) || a.purpose != purpose || a.phone != phone || !o.goesOn(a) || !o.signs(a.signed) {
		return false
	}
	a.progress = "done"
	return true
}

func (o *oracle) completeReset(order *oracleOrder, a *oracleApp, asker, sealed string) bool {
	switch {
	case !exists(asker, order.phone.sender) || !order.reset:
		return false
	case order.progress == "done" && order.app == a:
		return true
	case order.progress != "open" || o.now.After(order.until):
		return false
	}
	if live := o.livePhone(order.phone); live == nil || live.state != "active" || !o.uses(a, asker, record.PurposePINReset, order.phone) {
		return false
	}
	order.app, order.progress, order.sealed = a, "done", sealed
	return true
}

// turnPhone revokes, suspends or resumes a phone, with the holder's application or
// without. admissible says what may be asked of a certificate, nil if there is none.
func (o *oracle) turnPhone(phone *oraclePhone, a *oracleApp, asker string, purpose record.Purpose, admissible func(*oracleCert) bool, turn func(*oracleCert)) bool {
	o.about = phone
	if !exists(asker, phone.sender) || !o.own(phone.person) {
		return false
	}
	if a != nil && exists(asker, a.sender) && a.purpose == purpose && a.phone == phone && a.progress == "done" {
		return true // carried out before
	}
	var last *oracleCert
	for _, c := range o.certs {
		if c.phone() == phone && c.state != "reserved" {
			last = c
		}
	}
	if !admissible(last) || a != nil && !o.uses(a, asker, purpose, phone) {
		return false
	}
	turn(last)
	return true
}

func (o *oracle) revokePhone(phone *oraclePhone, a *oracleApp, asker string, reason certificate.Reason) bool {
	return o.turnPhone(phone, a, asker, record.PurposeRevocation, func(*oracleCert) bool { return admitted(reason) }, func(c *oracleCert) {
		o.revokeWhere(reason, func(x *oracleCert) bool { return x == c })
		if app := phone.person.app; app != nil && app.phone == phone {
			o.appOver(phone.person)
		}
	})
}

func (o *oracle) holdPhone(phone *oraclePhone, a *oracleApp, asker string, on bool) bool {
	from, to, reason, purpose := "active", "suspended", certificate.CertificateHold, record.Purpose(0)
	if !on {
		from, to, reason, purpose = to, from, 0, record.PurposeSuspensionLift
	}
	return o.turnPhone(phone, a, asker, purpose, func(c *oracleCert) bool {
		if a != nil && c != nil && c.state == "suspended" && a.at.Before(c.since) {
			return false // who signed did not know of it
		}
		return c != nil && (c.state == to || c.state == from && !o.expired(c))
	}, func(c *oracleCert) {
		if c.state == from {
			o.set(c, to, reason)
		}
	})
}
