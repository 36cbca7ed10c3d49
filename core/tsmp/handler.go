package tsmp

import (
	"context"
	"crypto/sha256"
	"errors"
	"strconv"
	"time"

	"inkan/core/tsmp/jcs"
	"inkan/core/tsmp/jws"
)

// Handler is the serving end: bytes of a signed request in, bytes of a signed
// answer out. It is for concurrent use where what it is made of is.
type Handler struct {
	Identity Identity
	Keys     Directory
	Journal  Journal
	Service  Service
	Now      func() time.Time
	// Refused is told of a request of a known party that is none to carry out, before the
	// answer that says so is given; an error is a failure here. nil: nobody wants to know.
	Refused func(ctx context.Context, call *Call, e *Error) error
}

// Handle verifies, executes and answers one request. An error means that there
// is no signed answer: an *Error of CodeTooLarge, CodeMalformed, CodeVersion,
// CodeKey or CodeSignature says that the request is not known to be anybody's;
// any other error is a failure here, after which the same bytes may be sent
// again. Spec: SPEC-TSM-PROTOCOL-022, SPEC-TSM-PROTOCOL-024, SPEC-TSM-PROTOCOL-065.
func (h *Handler) Handle(ctx context.Context, signed []byte) ([]byte, error) {
	if len(signed) > jws.MaxMessage {
		return nil, Refuse(CodeTooLarge, strconv.Itoa(len(signed))+" bytes")
	}
	o, err := open(h.Keys, RequestType, signed)
	if err != nil {
		return nil, err
	}
	r, err := parseRequest(o.payload)
	if err != nil {
		return nil, malformed(err)
	}
	if o.key.Party != r.Sender || !o.key.at(r.Sent) || !from(ctx, r.Sender) {
		return nil, Refuse(CodeKey, "")
	}
	x := &execution{h: h, request: r, key: o.key, signed: signed, digest: sha256.Sum256(o.payload), now: h.Now().UTC().Truncate(time.Second)}
	return x.run(ctx)
}

// execution is one request on its way.
type execution struct {
	h          *Handler
	request    *Request
	key        Key
	signed     []byte
	digest     Digest
	now        time.Time
	definition Definition
	body       Body
	completed  []byte // the answer, where its function has had it made
}

// run begins the call, or answers what the journal says of it.
// Spec: SPEC-TSM-PROTOCOL-040, SPEC-TSM-PROTOCOL-041, SPEC-TSM-PROTOCOL-042,
// SPEC-TSM-PROTOCOL-044.
func (x *execution) run(ctx context.Context) ([]byte, error) {
	if refusal := x.admit(); refusal != nil {
		if x.h.Refused != nil {
			if err := x.h.Refused(ctx, x.call(), refusal); err != nil {
				return nil, err
			}
		}
		return x.refuse(refusal)
	}
	late := x.now.After(x.request.Sent.Add(x.request.Validity))
	if Polled(x.request.Function) {
		return x.poll(ctx, late)
	}
	record := Record{Key: x.callKey(), Function: x.request.Function, Digest: x.digest, Request: x.signed, Late: late}
	ctx, kept, err := x.begin(ctx, record)
	switch {
	case errors.Is(err, ErrConflict):
		return x.refuse(Refuse(CodeConflict, ""))
	case errors.Is(err, ErrInProgress):
		return x.refuse(Refuse(CodeInProgress, ""))
	case errors.Is(err, ErrLate):
		return x.refuse(Refuse(CodeExpired, ""))
	case err != nil:
		return nil, err
	case kept != nil:
		return kept, nil
	}
	return x.execute(ctx)
}

// begin opens a call in the journal. A call of a UI app can make others of its own before
// it does anything here, so that it has begun before; any other one has begun when the
// first of what it does is durable. Spec: SPEC-TSM-PROTOCOL-043.
func (x *execution) begin(ctx context.Context, r Record) (context.Context, []byte, error) {
	if j, ok := x.h.Journal.(JoiningJournal); ok && x.key.Role != RoleUIApp {
		return j.Join(ctx, r)
	}
	kept, err := x.h.Journal.Begin(ctx, r)
	return ctx, kept, err
}

// poll executes a call of which nothing is kept. Spec: SPEC-TSM-PROTOCOL-048.
func (x *execution) poll(ctx context.Context, late bool) ([]byte, error) {
	if late {
		return x.refuse(Refuse(CodeExpired, ""))
	}
	answer, _, err := x.carryOut(ctx)
	return answer, err
}

func (x *execution) callKey() CallKey { return CallKey{x.request.Sender, x.request.ID} }

// admit is what has to be right before a call counts as one.
// Spec: SPEC-TSM-PROTOCOL-030, SPEC-TSM-PROTOCOL-031, SPEC-TSM-PROTOCOL-032,
// SPEC-TSM-PROTOCOL-033.
func (x *execution) admit() *Error {
	r := x.request
	if r.Recipient != x.h.Identity.Party {
		return Refuse(CodeRecipient, "")
	}
	if r.Sent.After(x.now.Add(MaxAhead)) {
		return Refuse(CodeFuture, "")
	}
	var known bool
	if x.definition, known = Lookup(r.Function); !known || x.h.Service[r.Function] == nil {
		return Refuse(CodeFunction, "")
	}
	if x.definition.Senders&x.key.Role == 0 {
		return Refuse(CodeNotAuthorised, "role")
	}
	x.body = x.definition.Request()
	if err := r.readBody(x.body); err != nil {
		return malformed(err)
	}
	if !mayAsk(x.key.Role, x.body) {
		return Refuse(CodeNotAuthorised, "ground")
	}
	if e := checkBody(x.body); e != nil {
		return &Error{Code: e.Code, Path: jcs.Join("body", e.Path), Detail: e.Detail}
	}
	return nil
}

// execute carries a call out and completes it.
// Spec: SPEC-TSM-PROTOCOL-043, SPEC-TSM-PROTOCOL-045.
func (x *execution) execute(ctx context.Context) ([]byte, error) {
	ended := false
	defer func() {
		if !ended { // a panic goes on its way, and leaves no call under execution
			x.h.Journal.End(context.WithoutCancel(ctx), x.callKey(), nil)
		}
	}()
	answer, keep, err := x.carryOut(ctx)
	ended = true
	kept := answer
	if !keep {
		kept = nil
	}
	// What was done is done, even if nobody waits for the answer any more.
	if err := errors.Join(err, x.h.Journal.End(context.WithoutCancel(ctx), x.callKey(), kept)); err != nil {
		return nil, err
	}
	return answer, nil
}

// carryOut calls the function. keep says that the answer is one for good.
func (x *execution) carryOut(ctx context.Context) (answer []byte, keep bool, err error) {
	body, err := x.h.Service[x.request.Function](ctx, x.call(), x.body)
	if err == nil && x.completed != nil {
		return x.completed, true, nil
	}
	if err == nil {
		answer, err = x.answer(Success, nil, body)
	}
	if err == nil {
		return answer, true, nil
	}
	refusal := refusalOf(err)
	entry, _ := LookupCode(refusal.Code)
	answer, err = x.refuse(refusal)
	return answer, err == nil && entry.Retry != RetrySame, err
}

// call is what the request says of itself.
func (x *execution) call() *Call {
	r := x.request
	return &Call{ID: r.ID, Function: r.Function, Sender: r.Sender, Role: x.key.Role, Sent: r.Sent, Validity: r.Validity, Evidence: x.signed, complete: x.complete}
}

// complete makes the answer of a call that ends with its step.
func (x *execution) complete(b Body) (signed []byte, err error) {
	x.completed, err = x.answer(Success, nil, b)
	return x.completed, err
}

// refusalOf is what an answer says about an error of a function: an *Error with a
// code of the catalogue as it is, any other one without its text.
// Spec: SPEC-TSM-PROTOCOL-046.
func refusalOf(err error) *Error {
	var refusal *Error
	if errors.As(err, &refusal) {
		if _, ok := LookupCode(refusal.Code); ok {
			return refusal
		}
	}
	return Refuse(CodeInternal, "")
}

// refuse is a signed answer without a body.
func (x *execution) refuse(e *Error) ([]byte, error) {
	status := Failed
	if e.Code == CodeExpired {
		status = Expired
	}
	clipped := Error{Code: e.Code, Path: clip(e.Path, maxPath), Detail: clip(e.Detail, maxDetail)}
	return x.answer(status, &clipped, nil)
}

// clip makes a text fit into an answer.
func clip(s string, most int) string {
	if len(s) <= most && printable(s) {
		return s
	}
	out := make([]byte, 0, most)
	for _, r := range s {
		if r >= 0x20 && r < 0x7F && len(out) < most {
			out = append(out, byte(r))
		}
	}
	return string(out)
}

func (x *execution) answer(status Status, failure *Error, body Body) ([]byte, error) {
	r := x.request
	a := Answer{ID: r.ID, Function: r.Function, Sender: x.h.Identity.Party, Recipient: r.Sender, Processed: x.now,
		RequestDigest: x.digest, Status: status, Failure: failure}
	payload, err := a.payload(body)
	if err != nil {
		return nil, err
	}
	return jws.Sign(x.h.Identity.Signer, x.h.Identity.KeyID, AnswerType, payload)
}
