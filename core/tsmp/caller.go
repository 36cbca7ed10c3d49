package tsmp

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"

	"inkan/core/tsmp/jws"
)

// Exchange sends a signed request and returns the signed answer: a Handler's
// Handle in one process, or a transport. An error means that no answer came; the
// call may or may not have been executed, and the same bytes may be sent again.
// It is ErrBrokenOff where the recipient is known to have had the request.
type Exchange func(ctx context.Context, request []byte) (answer []byte, err error)

// ErrBrokenOff is wrapped by the errors of an Exchange whose recipient was reached, had
// the request, and gave no signed answer: it broke off, or said so without a signature.
var ErrBrokenOff = errors.New("tsmp: the recipient broke off without a signed answer")

// Caller is the asking end of one pair of parties.
type Caller struct {
	Identity Identity
	Peer     PartyID
	Keys     Directory
	Exchange Exchange
}

// ErrAnswer is an answer that is not one: malformed, by another key, or to
// another request. It proves nothing about the call.
var ErrAnswer = errors.New("tsmp: not an answer to this request")

// Seal makes the signed request. Of the call ID, Function, Sent and Validity
// count; no Validity is DefaultValidity. Whoever wants a call to survive a crash
// keeps these bytes, and sends them as often as needed.
// Spec: SPEC-TSM-PROTOCOL-005, SPEC-TSM-PROTOCOL-020.
func (c *Caller) Seal(call *Call, b Body) ([]byte, error) {
	sealed, _, err := c.seal(call, b)
	return sealed, err
}

// seal is Seal with the request, as OpenRead wants it.
func (c *Caller) seal(call *Call, b Body) ([]byte, *Request, error) {
	d, ok := Lookup(call.Function)
	if !ok || fmt.Sprintf("%T", d.Request()) != fmt.Sprintf("%T", b) {
		return nil, nil, fmt.Errorf("tsmp: %s does not take %T", call.Function, b)
	}
	if e := checkBody(b); e != nil {
		return nil, nil, e
	}
	r := Request{ID: call.ID, Function: call.Function, Sender: c.Identity.Party, Recipient: c.Peer, Sent: call.Sent, Validity: call.Validity}
	if r.Validity == 0 {
		r.Validity = DefaultValidity
	}
	payload, err := r.payload(b)
	if err != nil {
		return nil, nil, err
	}
	sealed, err := jws.Sign(c.Identity.Signer, c.Identity.KeyID, RequestType, payload)
	r.digest = sha256.Sum256(payload)
	return sealed, &r, err
}

// Send sends a sealed request and returns the answer's body. Errors are *Error
// for what the peer refused, ErrAnswer, and those of Exchange.
func (c *Caller) Send(ctx context.Context, sealed []byte) (Body, error) {
	signed, err := c.Exchange(ctx, sealed)
	if err != nil {
		return nil, err
	}
	_, body, err := c.Open(sealed, signed)
	return body, err
}

// Open verifies a signed answer to a sealed request. The error is ErrAnswer when
// it is not one, and the answer's *Error when the call failed.
// Spec: SPEC-TSM-PROTOCOL-025, SPEC-TSM-PROTOCOL-026.
func (c *Caller) Open(sealed, signed []byte) (*Answer, Body, error) {
	m, err := jws.Parse(sealed)
	if err != nil {
		return nil, nil, err
	}
	r, err := parseRequest(m.Payload)
	if err != nil {
		return nil, nil, err
	}
	r.digest = sha256.Sum256(m.Payload)
	return c.OpenRead(r, signed)
}

// OpenRead is Open for a request that ReadSealed has read.
func (c *Caller) OpenRead(r *Request, signed []byte) (*Answer, Body, error) {
	o, err := open(c.Keys, AnswerType, signed)
	if err != nil {
		return nil, nil, fmt.Errorf("%w: %w", ErrAnswer, err)
	}
	a, err := parseAnswer(o.payload)
	if err != nil {
		return nil, nil, fmt.Errorf("%w: %w", ErrAnswer, err)
	}
	d, _ := Lookup(r.Function)
	if o.key.Party != c.Peer || a.Sender != c.Peer || a.Recipient != r.Sender || o.key.Role&d.Recipients == 0 || !o.key.at(a.Processed) ||
		a.ID != r.ID || a.Function != r.Function || a.RequestDigest != r.digest {
		return nil, nil, ErrAnswer
	}
	if a.Status != Success {
		return a, nil, a.Failure
	}
	body := d.Answer()
	if err := a.readBody(body); err != nil {
		return nil, nil, fmt.Errorf("%w: %w", ErrAnswer, err)
	}
	return a, body, nil
}

// call seals and sends in one step.
func call[A Body](ctx context.Context, c *Caller, f Function, about *Call, b Body) (A, error) {
	var none A
	named := *about
	named.Function = f
	sealed, request, err := c.seal(&named, b)
	if err != nil {
		return none, err
	}
	signed, err := c.Exchange(ctx, sealed)
	if err != nil {
		return none, err
	}
	_, answer, err := c.OpenRead(request, signed)
	if err != nil {
		return none, err
	}
	return answer.(A), nil
}
