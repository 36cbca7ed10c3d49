package tsmp

import (
	"time"

	"inkan/core/tsmp/jcs"
	"inkan/core/tsmp/jws"
)

// Status is the execution status of a call.
type Status byte

// Execution statuses.
const (
	Success Status = iota + 1 // executed; the body is the function's answer
	Failed                    // refused, or failed; the code says why
	Expired                   // not executed: the validity period was over
)

var statusWords = []named[Status]{{Success, "Executed-Success"}, {Failed, "Failed"}, {Expired, "Expired"}}

// String is the status's word in messages.
func (s Status) String() string { return wordOf(statusWords, s) }

// Answer is an answer without its signature.
type Answer struct {
	ID            CallID
	Function      Function
	Sender        PartyID // who executed the call
	Recipient     PartyID // who asked
	Processed     time.Time
	RequestDigest Digest
	Status        Status
	// Failure is why, when the status is not Success.
	Failure *Error
	body    jcs.Node
}

func (a *Answer) visit(m *members) {
	version := uint64(Version)
	m.number("version", &version, Version, Version)
	m.id("functionCallIdentifier", a.ID[:])
	m.text("function", (*string)(&a.Function), 1, maxName)
	m.party("sender", &a.Sender)
	m.party("recipient", &a.Recipient)
	m.time("processedAt", &a.Processed)
	m.id("requestDigest", a.RequestDigest[:])
	m.object("executionStatus", true, a.visitStatus)
	m.optional().subtree("body", &a.body)
	m.demand((a.body.Kind == jcs.Object) == (a.Status == Success), "body", "it with Executed-Success only")
}

// Limits of what an answer says about a failure, in bytes.
const (
	maxPath   = 256
	maxDetail = 512
)

func (a *Answer) visitStatus(m *members) {
	var f Error
	if a.Failure != nil {
		f = *a.Failure
	}
	entry, _ := LookupCode(f.Code)
	retry := string(entry.Retry)
	word(m, "status", &a.Status, statusWords)
	m.optional().text("code", (*string)(&f.Code), 1, maxName)
	m.optional().text("retry", &retry, 1, maxName)
	m.optional().text("path", &f.Path, 1, maxPath)
	m.optional().text("detail", &f.Detail, 1, maxDetail)
	failed := a.Status == Failed || a.Status == Expired
	m.demand((f.Code != "") == failed, "code", "it unless Executed-Success")
	m.demand(failed || f.Path == "" && f.Detail == "" && retry == "", "status", "no code, retry, path or detail with Executed-Success")
	if m.mode != reading || !failed {
		return
	}
	entry, known := LookupCode(f.Code)
	m.demand(known, "code", "a code of the catalogue")
	m.demand(retry == string(entry.Retry), "retry", "that of the code")
	a.Failure = &f
}

// payload is the canonical JSON of an answer; b is nil when it failed.
func (a *Answer) payload(b Body) ([]byte, error) {
	if b != nil {
		var err error
		if a.body, err = bodyNode(string(a.Function)+" answer", b.visit); err != nil {
			return nil, err
		}
	}
	n, err := bodyNode("answer", a.visit)
	if err != nil {
		return nil, err
	}
	return canonical(&n), nil
}

// StatusOf is the execution status in a signed answer of one's own: nothing is
// verified.
func StatusOf(signed []byte) (Status, error) {
	m, err := jws.Parse(signed)
	if err != nil {
		return 0, err
	}
	a, err := parseAnswer(m.Payload)
	if err != nil {
		return 0, err
	}
	return a.Status, nil
}

// parseAnswer reads a payload up to its body.
func parseAnswer(payload []byte) (*Answer, error) {
	n, err := jcs.Parse("TSM answer", payload)
	if err != nil {
		return nil, err
	}
	a := new(Answer)
	return a, readNode(&n, "TSM answer", "", a.visit)
}

// readBody reads the answer's body into one of its function.
func (a *Answer) readBody(into Body) error {
	return readNode(&a.body, "TSM answer", "body", into.visit)
}
