package omapi

import (
	"context"
	"errors"

	"inkan/core/apdu"
	"inkan/core/gp"
	"inkan/core/iso7816"
	"inkan/sim/handset/fault"
)

// Element is a secure element: the card, as it answers on its contacts.
type Element interface {
	apdu.Card
	ATR() []byte
	Present() bool
	// Powers changes whenever the card was reset or lost its power.
	Powers() uint64
}

// Reader is the place of a secure element. Its access control is one for all
// applications. Not for concurrent use.
type Reader struct {
	Name string
	// Basic lets applications have the basic channel; a SIM's is the modem's.
	Basic bool

	element  Element
	enforcer enforcer
	basic    *Channel // that has the basic channel
	held     int      // logical channels that applications have
	limit    int      // of these; 0: as the card says
	powers   uint64   // of the element, when the two before were counted
}

// NewReader makes a reader of a secure element. limit is how many logical channels
// applications may have at once; 0: as many as the card opens.
func NewReader(name string, e Element, limit int) *Reader {
	return &Reader{Name: name, element: e, limit: limit}
}

// Present tells whether there is a secure element.
func (r *Reader) Present() bool { return r.element.Present() }

// RuleReads is how often all rules were read.
func (r *Reader) RuleReads() int { return r.enforcer.reads }

// AllowsNFC tells whether a caller may hear of transactions between readers and the
// application of an AID. Spec: SPEC-HANDSET-054.
func (r *Reader) AllowsNFC(ctx context.Context, aid gp.AID, caller Caller) (bool, error) {
	if err := r.enforcer.refresh(ctx, r); err != nil {
		return false, err
	}
	return Decide(r.enforcer.rules, aid, &caller).NFC, nil
}

// settle forgets the channels of before a reset: the card has closed them.
func (r *Reader) settle() {
	if now := r.element.Powers(); now != r.powers {
		r.powers, r.basic, r.held = now, nil, 0
	}
}

// manage opens a logical channel.
func (r *Reader) manage(ctx context.Context) (int, error) {
	open, err := apdu.ManageChannelOpen(0)
	if err != nil {
		return 0, err
	}
	answer, err := r.send(ctx, r.element, open)
	if err != nil {
		return 0, err
	}
	if answer.SW != iso7816.OK {
		return 0, fault.Wrap(fault.NoChannel, "MANAGE CHANNEL", answer.SW)
	}
	n, err := apdu.OpenedChannel(answer.Data)
	if err != nil {
		return 0, fault.Wrap(fault.NoChannel, "MANAGE CHANNEL", err)
	}
	return n, nil
}

// release closes a logical channel.
func (r *Reader) release(ctx context.Context, channel int) error {
	c, err := apdu.ManageChannelClose(0, channel)
	if err != nil {
		return err
	}
	_, err = r.send(ctx, r.element, c)
	return err
}

// send sends a command, with 61xx and 6Cxx done; a status word is no error.
func (r *Reader) send(ctx context.Context, card apdu.Card, c apdu.Command) (apdu.Response, error) {
	raw, err := c.Append(nil)
	if err != nil {
		return apdu.Response{}, err
	}
	k := apdu.Completer{Card: card}
	out, err := k.Transmit(ctx, raw, nil)
	if err != nil {
		return apdu.Response{}, err
	}
	return apdu.DecodeResponse(out)
}

// Service is the API as one application of the handset has it. Not for concurrent
// use.
type Service struct {
	caller   Caller
	readers  []*Reader
	sessions []*Session
	closed   bool
}

// NewService makes the service of a caller with readers.
func NewService(caller Caller, readers ...*Reader) *Service {
	return &Service{caller: caller, readers: readers}
}

// Readers are the readers of the handset, whether they hold an element or not.
func (s *Service) Readers() []*Reader { return append([]*Reader(nil), s.readers...) }

// Shutdown closes all sessions; the service cannot be used any more. The error is
// that of the first channel which could not be closed.
func (s *Service) Shutdown(ctx context.Context) error {
	s.closed = true
	var all []error
	for _, session := range s.sessions {
		all = append(all, session.Close(ctx))
	}
	s.sessions = nil
	return errors.Join(all...)
}

// Open opens a session with the element of a reader. Errors are fault.Closed,
// fault.SIMSilent.
func (s *Service) Open(r *Reader) (*Session, error) {
	if s.closed {
		return nil, fault.New(fault.Closed, "service")
	}
	if !r.Present() {
		return nil, fault.New(fault.SIMSilent, r.Name)
	}
	session := &Session{service: s, reader: r, powers: r.element.Powers()}
	s.sessions = append(s.sessions, session)
	return session, nil
}

// Session is a connection of an application with an element.
type Session struct {
	service  *Service
	reader   *Reader
	powers   uint64
	channels []*Channel
	closed   bool
}

// ATR is the element's answer to reset.
func (s *Session) ATR() []byte { return s.reader.element.ATR() }

// Closed tells whether the session is closed, or its card has been reset since.
func (s *Session) Closed() bool {
	return s.closed || s.service.closed || s.powers != s.reader.element.Powers()
}

// CloseChannels closes the session's channels.
func (s *Session) CloseChannels(ctx context.Context) error {
	var all []error
	for _, c := range s.channels {
		all = append(all, c.Close(ctx))
	}
	s.channels = nil
	return errors.Join(all...)
}

// Close closes the session with its channels.
func (s *Session) Close(ctx context.Context) error {
	err := s.CloseChannels(ctx)
	s.closed = true
	return err
}
