package nfc

import (
	"context"
	"errors"
	"fmt"

	"inkan/core/gp"
	"inkan/sim/handset/device"
	"inkan/sim/handset/fault"
)

// Target is the SIM as the front end reaches it.
type Target interface {
	// Near sends a command by the card's contactless interface.
	Near(ctx context.Context, typeB bool, cmd, dst []byte) ([]byte, error)
	// Leave ends what a reader has selected.
	Leave(ctx context.Context) error
}

// Screen is the state of the handset's screen.
type Screen byte

// States, in order: what one allows the next allows too.
const (
	ScreenOff Screen = iota
	ScreenLocked
	ScreenUnlocked
)

// String is the state in words.
func (s Screen) String() string {
	if s > ScreenUnlocked {
		return "unknown screen"
	}
	return [...]string{"off", "locked", "unlocked"}[s]
}

// Route says where an application is and when readers reach it.
type Route struct {
	AID gp.AID // of the application, or the beginning of it
	// OnSIM: it is on the SIM; else the handset has it, which is not modelled.
	OnSIM  bool
	Screen Screen // the least
	// Always: without the holder's act. Else Activate has to come before each use.
	Always bool
}

// Transaction is what a reader did between coming and going.
type Transaction struct {
	Type     device.NFCType
	Selected []gp.AID // on the SIM
	Commands int      // that reached the SIM
}

// Controller is the front end. The zero value is off, without types and routes. Not
// for concurrent use.
type Controller struct {
	Types  device.NFCType // that it speaks as a card
	Target Target
	// Listener hears of each transaction in which an application was selected; nil:
	// nobody does.
	Listener func(Transaction)

	on     bool
	screen Screen
	routes []Route
	acted  gp.AID // what the holder has activated; zero: nothing
	field  *Field
}

// Errors of routes.
var errRoute = errors.New("nfc: a route needs an AID, which no other has, and a screen")

// SetRoutes replaces the table.
func (c *Controller) SetRoutes(routes ...Route) error {
	for i, r := range routes {
		if r.AID.IsZero() || r.Screen > ScreenUnlocked {
			return errRoute
		}
		for _, before := range routes[:i] {
			if before.AID == r.AID {
				return errRoute
			}
		}
	}
	c.routes = append([]Route(nil), routes...)
	return nil
}

// Switch is the holder's switch for contactless. Off ends a transaction.
func (c *Controller) Switch(on bool) {
	c.on = on
	if !on {
		c.Interrupt()
	}
}

// On tells how the switch is.
func (c *Controller) On() bool { return c.on }

// SetScreen sets the screen. One that allows less ends a transaction that needs more,
// and an act of the holder that is not used yet. Spec: SPEC-HANDSET-072.
func (c *Controller) SetScreen(s Screen) {
	lower := s < c.screen
	c.screen = s
	if !lower {
		return
	}
	if r, ok := c.route(c.acted); ok && s < r.Screen {
		c.acted = gp.AID{}
	}
	if c.field != nil && s < c.field.least {
		c.field = nil
	}
}

// Activate has the application of an AID reached by the next reader, for one
// transaction: the holder has acted. Errors are fault.Errors: NoNFC, NFCOff,
// NoApplication, ScreenRule, FieldBusy. Spec: SPEC-HANDSET-070.
func (c *Controller) Activate(aid gp.AID) error {
	r, ok := c.route(aid)
	switch {
	case c.Types == 0:
		return fault.New(fault.NoNFC, "")
	case !c.on:
		return fault.New(fault.NFCOff, "switch")
	case !ok || !r.OnSIM:
		return fault.New(fault.NoApplication, fmt.Sprintf("%v: not routed to the SIM", aid))
	case c.screen < r.Screen:
		return fault.New(fault.ScreenRule, "screen "+c.screen.String())
	case c.field != nil:
		return fault.New(fault.FieldBusy, "")
	}
	c.acted = aid
	return nil
}

// Deactivate takes the holder's act back.
func (c *Controller) Deactivate() { c.acted = gp.AID{} }

// Interrupt ends a transaction and takes the holder's act back: the card was reset.
func (c *Controller) Interrupt() { c.acted, c.field = gp.AID{}, nil }

// Activated is what the holder's act is for; zero: nothing.
func (c *Controller) Activated() gp.AID { return c.acted }

// route is the closest entry for an AID: the longest that it begins with.
func (c *Controller) route(aid gp.AID) (best Route, ok bool) {
	if aid.IsZero() {
		return best, false
	}
	for _, r := range c.routes {
		if aid.HasPrefix(r.AID.Append(nil)) && (!ok || r.AID.Len() > best.AID.Len()) {
			best, ok = r, true
		}
	}
	return best, ok
}

// open tells whether readers reach an application now.
func (c *Controller) open(aid gp.AID) (least Screen, ok bool) {
	r, ok := c.route(aid)
	if !ok || !r.OnSIM || c.screen < r.Screen || !r.Always && aid != c.acted {
		return 0, false
	}
	return r.Screen, true
}

// Enter is a reader that comes near. Errors are fault.Errors: NoNFC, NFCOff,
// NoTechnology, ScreenRule, FieldBusy: then the reader finds no card.
// Spec: SPEC-HANDSET-070, SPEC-HANDSET-071, SPEC-HANDSET-073.
func (c *Controller) Enter(t device.NFCType) (*Field, error) {
	switch {
	case c.Types == 0 || c.Target == nil:
		return nil, fault.New(fault.NoNFC, "")
	case !c.on:
		return nil, fault.New(fault.NFCOff, "switch")
	case t != device.NFCA && t != device.NFCB || c.Types&t == 0:
		return nil, fault.New(fault.NoTechnology, "type "+t.String())
	case c.field != nil:
		return nil, fault.New(fault.FieldBusy, "")
	}
	reachable, closed := false, false
	for _, r := range c.routes {
		aid := r.AID
		if !r.Always {
			aid = c.acted
		}
		_, ok := c.open(aid)
		reachable = reachable || ok
		closed = closed || r.Always && c.screen < r.Screen
	}
	switch {
	case reachable:
	case closed:
		return nil, fault.New(fault.ScreenRule, "screen "+c.screen.String())
	default:
		return nil, fault.New(fault.NFCOff, "the holder has not acted")
	}
	c.field = &Field{controller: c, kind: t, done: Transaction{Type: t}}
	return c.field, nil
}
