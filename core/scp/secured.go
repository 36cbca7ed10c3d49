package scp

import (
	"context"

	"inkan/core/apdu"
)

// Secured is a card behind an open channel: what goes through it is protected
// on the way and comes back plain, so that code written for any apdu.Card, such
// as gp.Status, works through a channel too. Where 61xx or 6Cxx can come up, on
// a T=0 line, Card is an apdu.Completer: a MAC covers the whole response. Not
// for concurrent use.
type Secured struct {
	Host Host
	Card apdu.Card

	cmd, resp []byte // protected forms, kept for their room
}

var _ apdu.Card = (*Secured)(nil)

// Transmit sends a plain command and appends the plain response to dst. Errors
// are the transport's and those of Host's Wrap and Unwrap; dst is returned as it
// was then. After a transport error the card may have executed the command: the
// two ends can be one command apart, and the session has to be opened anew.
func (s *Secured) Transmit(ctx context.Context, cmd, dst []byte) ([]byte, error) {
	protected, err := s.Host.Wrap(s.cmd[:0], cmd)
	if err != nil {
		return dst, err
	}
	s.cmd = protected
	resp, err := s.Card.Transmit(ctx, s.cmd, s.resp[:0])
	if err != nil {
		return dst, err
	}
	s.resp = resp
	out, err := s.Host.Unwrap(dst, s.resp)
	if err != nil {
		return dst, err
	}
	return out, nil
}
