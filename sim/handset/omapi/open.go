package omapi

import (
	"context"
	"fmt"

	"inkan/core/apdu"
	"inkan/core/gp"
	"inkan/core/iso7816"
	"inkan/core/uicc"
	"inkan/sim/handset/fault"
)

// OpenLogicalChannel opens a logical channel and selects the application of an AID on
// it, or the first whose AID begins so; the zero AID leaves the application that the
// card selects by itself. p2 is that of SELECT: 00, 04, 08 or 0C. Errors are fault.Errors:
// Closed, WrongArgument, RulesUnread, AccessDenied, NoChannel, NoApplication, SIMSilent.
// Spec: SPEC-HANDSET-040, SPEC-HANDSET-045, SPEC-HANDSET-055.
func (s *Session) OpenLogicalChannel(ctx context.Context, aid gp.AID, p2 byte) (*Channel, error) {
	if err := s.admit(ctx, aid, p2); err != nil {
		return nil, err
	}
	r := s.reader
	r.settle()
	if r.limit > 0 && r.held >= r.limit {
		return nil, fault.New(fault.NoChannel, fmt.Sprintf("%d are open", r.held))
	}
	number, err := r.manage(ctx)
	if err != nil {
		return nil, err
	}
	c := s.newChannel(number, aid, p2)
	r.held++
	return s.selected(ctx, c, 0)
}

// OpenBasicChannel does the same with the basic channel, where the reader lets
// applications have it and none has it. Spec: SPEC-HANDSET-041.
func (s *Session) OpenBasicChannel(ctx context.Context, aid gp.AID, p2 byte) (*Channel, error) {
	s.reader.settle()
	if !s.reader.Basic || s.reader.basic != nil {
		return nil, fault.New(fault.BasicChannel, s.reader.Name)
	}
	if err := s.admit(ctx, aid, p2); err != nil {
		return nil, err
	}
	c := s.newChannel(0, aid, p2)
	s.reader.basic = c
	return s.selected(ctx, c, 0)
}

func (s *Session) newChannel(number int, aid gp.AID, p2 byte) *Channel {
	return &Channel{session: s, number: number, aid: aid, p2: p2,
		card: &gp.OnChannel{Card: s.reader.element, Channel: number}}
}

// admit checks what can be checked before the card hears of it.
func (s *Session) admit(ctx context.Context, aid gp.AID, p2 byte) error {
	if s.Closed() {
		return fault.New(fault.Closed, "session")
	}
	if p2&^0x0C != 0 {
		return fault.New(fault.WrongArgument, fmt.Sprintf("P2 %02X: want 00, 04, 08 or 0C", p2))
	}
	r := s.reader
	if err := r.enforcer.refresh(ctx, r); err != nil {
		return err
	}
	if r.enforcer.ambiguous(aid) {
		return nil // which application it is, the card's answer says
	}
	return s.allow(aid, aid)
}

// allow refuses an application that no rule lets the caller have.
func (s *Session) allow(asked, aid gp.AID) error {
	if a := Decide(s.reader.enforcer.rules, aid, &s.service.caller); !a.Allowed {
		return fault.New(fault.AccessDenied, fmt.Sprintf("no rule for %v", asked))
	}
	return nil
}

// selected selects the channel's application, or the next one of its AID, and sets
// what may be done with it: by the rules for the application that the card says it
// has selected. What fails closes the channel. Spec: SPEC-HANDSET-055.
func (s *Session) selected(ctx context.Context, c *Channel, next byte) (*Channel, error) {
	if err := c.choose(ctx, next); err != nil {
		c.drop(ctx)
		return nil, err
	}
	s.channels = append(s.channels, c)
	return c, nil
}

// choose sends SELECT, if there is an AID, and looks up the rights.
func (c *Channel) choose(ctx context.Context, next byte) error {
	r, actual := c.session.reader, c.aid
	if !c.aid.IsZero() {
		name := c.aid.Append(nil)
		cmd := apdu.Command{INS: iso7816.INSSelect, P1: 0x04, P2: c.p2 | next, Data: name, Ne: apdu.MaxShortNe}
		if c.p2&0x0C == 0x0C {
			cmd.Ne = 0
		}
		answer, err := r.send(ctx, c.card, cmd)
		if err != nil {
			return err
		}
		if !answer.SW.Normal() && !answer.SW.Warning() {
			return fault.Wrap(fault.NoApplication, fmt.Sprintf("SELECT %v", c.aid), answer.SW)
		}
		c.response = answer.Append(nil)
		said := selectedAID(answer.Data)
		if !said.IsZero() && !said.HasPrefix(name) {
			return fault.New(fault.NoApplication, fmt.Sprintf("SELECT %v: the card selected another one", c.aid))
		}
		switch {
		case !said.IsZero():
			actual = said
		case next != 0 || r.enforcer.ambiguous(c.aid):
			return fault.New(fault.AccessDenied, fmt.Sprintf("%v: the card does not say which application it is", c.aid))
		}
	}
	c.access = Decide(r.enforcer.rules, actual, &c.session.service.caller)
	if !c.access.Allowed {
		return fault.New(fault.AccessDenied, fmt.Sprintf("no rule for %v", actual))
	}
	c.actual = actual
	return nil
}

// selectedAID is the AID that the response to SELECT names; zero: none.
func selectedAID(data []byte) gp.AID {
	if f, err := gp.DecodeFCI(data); err == nil {
		return f.AID
	}
	if f, err := uicc.DecodeFCP(data); err == nil {
		if aid, err := gp.NewAID(f.AID); err == nil {
			return aid
		}
	}
	return gp.AID{}
}
