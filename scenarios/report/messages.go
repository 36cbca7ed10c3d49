package report

import (
	"context"
	"crypto/sha256"
	"encoding/json"

	"inkan/core/tsmp"
	"inkan/core/tsmp/jws"
)

// Exchange records every signed request that goes through, and its answer.
func (r *Recorder) Exchange(from, to PartyID, send tsmp.Exchange) tsmp.Exchange {
	if r == nil {
		return send
	}
	return func(ctx context.Context, request []byte) ([]byte, error) {
		place := r.Sent(from, to, request)
		answer, err := send(ctx, request)
		if err != nil {
			r.Unanswered(place, err)
		} else {
			r.Answered(place, answer)
		}
		return answer, err
	}
}

// Sent records a signed request that goes from one party to another now, and returns
// its place for Answered or Unanswered.
func (r *Recorder) Sent(from, to PartyID, request []byte) (place int) {
	if !r.lock() {
		return 0
	}
	defer r.mu.Unlock()
	m := Message{Seq: r.next(), Step: r.step(), At: r.now(), From: from, To: to, Function: "unsigned"}
	said := r.document(&m.Request, request)
	if said.Function != "" {
		m.Function, m.CallID = said.Function, said.CallID
	}
	r.run.Messages = append(r.run.Messages, m)
	return len(r.run.Messages) - 1
}

// Answered records the signed answer to a request.
func (r *Recorder) Answered(place int, answer []byte) {
	if !r.lock() {
		return
	}
	defer r.mu.Unlock()
	m := &r.run.Messages[place]
	m.Answered, m.Took = r.next(), r.now()-m.At
	said := r.document(&m.Answer, answer)
	m.Status, m.Code = said.Execution.Status, said.Execution.Code
}

// Unanswered records that no answer came to a request.
func (r *Recorder) Unanswered(place int, why error) {
	if !r.lock() {
		return
	}
	defer r.mu.Unlock()
	m := &r.run.Messages[place]
	m.Took, m.Fault = r.now()-m.At, r.cleaned(why.Error())
}

// Plain records a message that nobody signs: a page, a list, a browser's hand-over. took
// is until its answer was there; body is JSON, or nil.
func (r *Recorder) Plain(m Message, request, answer []byte) {
	if !r.lock() {
		return
	}
	defer r.mu.Unlock()
	m.Seq, m.Step, m.At = r.next(), r.step(), r.now()
	m.Function, m.Fault = r.cleaned(m.Function), r.cleaned(m.Fault)
	if request != nil {
		r.document(&m.Request, request)
	}
	if answer != nil {
		m.Answered = r.next()
		r.document(&m.Answer, answer)
	}
	r.run.Messages = append(r.run.Messages, m)
}

// envelope is what is read of a request's or an answer's payload.
type envelope struct {
	Function  string          `json:"function"`
	CallID    string          `json:"functionCallIdentifier"`
	Body      json.RawMessage `json:"body"`
	Execution struct {
		Status string `json:"status"`
		Code   string `json:"code"`
	} `json:"executionStatus"`
}

// document makes a Document of what was sent, and reads its envelope where there is one.
func (r *Recorder) document(into **Document, sent []byte) (said envelope) {
	digest := sha256.Sum256(sent)
	d := &Document{Size: len(sent), SHA256: upper(digest[:])}
	*into = d
	m, err := jws.Parse(sent)
	if err != nil {
		return envelope{}
	}
	d.KeyID = printable(m.KeyID)
	if json.Unmarshal(m.Payload, &said) != nil {
		return envelope{}
	}
	said.Function, said.CallID = printable(said.Function), printable(said.CallID)
	said.Execution.Status, said.Execution.Code = printable(said.Execution.Status), printable(said.Execution.Code)
	d.Body = r.redacted(said.Body)
	return said
}
