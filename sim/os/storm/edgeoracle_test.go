package storm_test

import (
	"bytes"
	"strings"

	"inkan/core/ara"
	"inkan/core/gp"
	"inkan/core/iso7816"
	"inkan/core/jpki"
	"inkan/core/scp"
)

// Names of what can be selected, in the oracle.
const (
	issuerApp = "issuer"
	filesApp  = "files"
)

// app is what the oracle knows of an application.
type app struct {
	name        string
	aid         []byte
	domain      bool
	resident    bool // a domain or the UICC
	multi       bool
	group       string // applets of one package are selected on one channel only
	state       gp.LifeCycle
	contactless bool
	reports     string // probe's answer
}

func (a *app) selectable(o *edge) bool {
	return a.state >= gp.Selectable && !a.state.Locked() && (o.contacts || a.contactless) && !o.shut()
}

// line is a logical channel.
type line struct {
	open  bool
	at    *app
	host  *scp.Secured // session with at; nil: none
	stale bool         // the card has a session that the host has lost
}

// edge is the oracle of the card's edge.
type edge struct {
	card     gp.LifeCycle
	contacts bool
	apps     []*app // residents first, applets in the order of their installation
	lines    [4]line
}

func newEdge() *edge {
	domain := func(name string, aid gp.AID, reports string) *app {
		return &app{name: name, aid: aid.Append(nil), domain: true, resident: true, state: gp.Selectable, reports: reports}
	}
	applet := func(name string, aid gp.AID, group string) *app {
		return &app{name: name, aid: aid.Append(nil), group: group, state: gp.Selectable}
	}
	o := &edge{card: gp.CardSecured, contacts: true, apps: []*app{
		domain(issuerApp, gp.AIDIssuerSecurityDomain, "4203440110"),
		domain("authority", gp.AIDCASD, ""), domain("carrier", carrierDomain, "4202AA01"), domain("delegated", delegatedDomain, "4202AA02"), domain("provider", jpki.AIDProviderDomain, "42025350"),
		{name: filesApp, aid: usimAID.Append(nil), resident: true, state: gp.Selectable},
		applet("ara", ara.AIDMaster, "ara"), applet("jpki", jpki.AIDInstance, "jpki"), applet("pin", corpusModule, "pin"),
	}}
	o.app("ara").multi = true
	o.app(issuerApp).contactless, o.app("authority").contactless = true, true
	o.app("authority").state = gp.Personalized
	o.reset()
	return o
}

func (o *edge) app(name string) *app {
	for _, a := range o.apps {
		if a.name == name {
			return a
		}
	}
	return nil
}

// shut tells whether the card serves its issuer only.
func (o *edge) shut() bool { return o.card == gp.CardLocked || o.card == gp.CardTerminated }

// standard is what a reset or a new channel selects.
func (o *edge) standard() *app {
	if o.shut() || !o.contacts {
		return o.app(issuerApp)
	}
	return o.app(filesApp)
}

func (o *edge) reset() {
	o.contacts = true
	o.lines = [4]line{{open: true, at: o.standard()}}
}

// resolve finds what a name means. Spec: SPEC-UICC-OS-010, SPEC-UICC-OS-011,
// SPEC-RUNTIME-026, SPEC-RUNTIME-027.
func (o *edge) resolve(name []byte, next bool, channel int) *app {
	if next {
		return o.following(name, channel)
	}
	issuer := o.app(issuerApp)
	for _, a := range o.apps {
		if !a.resident && bytes.Equal(a.aid, name) && a.selectable(o) {
			return a
		}
	}
	if len(name) == 0 || bytes.Equal(name, issuer.aid) || bytes.Equal(name, gp.AIDCardManager.Append(nil)) {
		return issuer
	}
	for _, a := range o.apps {
		if a.domain && a != issuer && bytes.Equal(a.aid, name) && a.selectable(o) {
			return a
		}
	}
	if bytes.HasPrefix(issuer.aid, name) || bytes.HasPrefix(gp.AIDCardManager.Append(nil), name) {
		return issuer
	}
	for _, a := range o.apps { // domains in the order of their AIDs
		if a.domain && a != issuer && bytes.HasPrefix(a.aid, name) && a.selectable(o) {
			return a
		}
	}
	if files := o.app(filesApp); !o.shut() && o.contacts && bytes.HasPrefix(files.aid, name) {
		return files
	}
	for _, a := range o.apps {
		if !a.resident && bytes.HasPrefix(a.aid, name) && a.selectable(o) {
			return a
		}
	}
	return nil
}

// following is the next applet behind the one that is selected, or the first.
func (o *edge) following(name []byte, channel int) *app {
	at := o.lines[channel].at
	behind := at == nil || at.resident
	for _, a := range o.apps {
		if a.resident {
			continue
		}
		if behind && bytes.HasPrefix(a.aid, name) && a.selectable(o) {
			return a
		}
		behind = behind || a == at
	}
	return nil
}

// busy tells whether an applet of the same package is selected on another channel.
func (o *edge) busy(a *app, channel int) bool {
	if a.resident || a.multi {
		return false
	}
	for i := range o.lines {
		if b := o.lines[i].at; i != channel && b != nil && b.group == a.group {
			return true
		}
	}
	return false
}

// refused is what the life cycles allow a domain to do. Spec: SPEC-UICC-OS-071,
// SPEC-UICC-OS-077.
func (o *edge) refused(a *app, ins byte) bool {
	read := ins == gp.InsGetData
	switch o.card {
	case gp.CardTerminated:
		return !read
	case gp.CardLocked:
		handshake := ins == gp.InsInitializeUpdate || ins == gp.InsExternalAuthenticate
		return !read && !handshake && ins != gp.InsGetStatus && ins != gp.InsSetStatus
	}
	return a.state.Locked() && !read
}

// closed tells whether a channel's application answers nothing at all.
func (o *edge) closed(a *app) bool {
	return o.shut() && a.name != issuerApp || !o.contacts && !a.contactless
}

// setCard is a step of the card's life cycle. Spec: SPEC-UICC-OS-072.
func (o *edge) setCard(by *app, to gp.LifeCycle) iso7816.SW {
	steps := map[gp.LifeCycle]string{gp.CardSecured: "LT", gp.CardLocked: "ST", gp.CardTerminated: ""}
	letter := map[gp.LifeCycle]string{gp.CardSecured: "S", gp.CardLocked: "L", gp.CardTerminated: "T"}[to]
	if by.name != issuerApp || !strings.Contains(steps[o.card], letter) {
		return iso7816.ConditionsNotSatisfied
	}
	o.card = to
	return iso7816.OK
}

// under tells whether a domain may act on an application.
func (o *edge) under(by, a *app) bool {
	belongs := map[string]string{"jpki": "provider", "pin": "carrier", "second": "issuer"}
	return by.name == issuerApp || by == a || belongs[a.name] == by.name
}

// setApplication locks or unlocks. Spec: SPEC-UICC-OS-073.
func (o *edge) setApplication(by, a *app, lock bool) iso7816.SW {
	switch {
	case o.card == gp.CardLocked:
		return iso7816.ConditionsNotSatisfied
	case !o.under(by, a):
		return iso7816.ReferencedDataNotFound
	case a.name == issuerApp || a.name == "authority" || a.state.Locked() == lock || !lock && by == a:
		return iso7816.ConditionsNotSatisfied
	case lock:
		a.state = a.state.Lock()
	default:
		a.state = a.state.Unlock()
	}
	return iso7816.OK
}
