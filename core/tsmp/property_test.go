package tsmp

import (
	"bytes"
	"context"
	"errors"
	"testing"
	"time"

	"pgregory.net/rapid"

	"inkan/spec/req"
)

// oracle is what a sender may expect of one identifier.
type oracle struct {
	content Function // of the request that began; "" when none did
	answer  []byte   // kept
}

// TestCallsBesideOracle sends a few identifiers again and again, with other
// content, late, while executions fail or the process loses what it was doing:
// each call is carried out to an end at most once, and its answer never changes.
func TestCallsBesideOracle(t *testing.T) {
	req.Covers(t, "SPEC-TSM-PROTOCOL-040", "SPEC-TSM-PROTOCOL-041", "SPEC-TSM-PROTOCOL-042", "SPEC-TSM-PROTOCOL-043", "SPEC-TSM-PROTOCOL-045")
	contents := []Function{Activate, ReportErase, GetCertificateStatus}
	sealed := map[Function]map[byte][]byte{}
	for _, f := range contents {
		sealed[f] = map[byte][]byte{}
		for n := byte(1); n <= 3; n++ {
			sealed[f][n] = newBench().seal(t, f, n)
		}
	}
	rapid.Check(t, func(rt *rapid.T) {
		b := newBench()
		calls := map[byte]*oracle{}
		for range rapid.IntRange(1, 30).Draw(rt, "steps") {
			n := rapid.ByteRange(1, 3).Draw(rt, "identifier")
			f := rapid.SampledFrom(contents).Draw(rt, "content")
			late := rapid.IntRange(0, 3).Draw(rt, "late") == 0
			fate := rapid.SampledFrom([]string{"done", "refused", "internal", "crash"}).Draw(rt, "fate")
			if calls[n] == nil {
				calls[n] = &oracle{}
			}
			calls[n].send(rt, b, sealed[f][n], f, late, fate)
		}
	})
}

// errCrash is a process that ends between execution and answer.
var errCrash = errors.New("crash")

// crashing is a journal of a process that dies before End.
type crashing struct{ *MemoryJournal }

func (crashing) End(context.Context, CallKey, []byte) error { return errCrash }

func (o *oracle) send(t *rapid.T, b *bench, sealed []byte, f Function, late bool, fate string) {
	b.now, b.ca.fail, b.handler.Journal = noon, nil, b.journal
	if late {
		b.now = noon.Add(DefaultValidity + time.Second)
	}
	switch fate {
	case "refused":
		b.ca.fail = Refuse(CodeUnknownPhone, "")
	case "internal":
		b.ca.fail = errors.New("disk")
	case "crash":
		b.handler.Journal = crashing{b.journal}
	}
	before := b.ca.executed
	answer, err := b.handler.Handle(t.Context(), sealed)
	executed := b.ca.executed - before
	switch {
	case o.content == "" && late:
		o.want(t, b, executed, 0, answer, err, CodeExpired)
		return
	case o.content != "" && o.content != f:
		o.want(t, b, executed, 0, answer, err, CodeConflict)
		return
	case o.answer != nil:
		if executed != 0 || err != nil || !bytes.Equal(answer, o.answer) {
			t.Fatalf("%d executions, %v: another answer", executed, err)
		}
		return
	}
	o.content = f
	switch fate {
	case "crash":
		if !errors.Is(err, errCrash) || answer != nil || executed != 1 {
			t.Fatalf("%v after %d executions", err, executed)
		}
		for _, c := range b.journal.calls { // the next process executes nothing yet
			c.running = false
		}
	case "internal":
		o.want(t, b, executed, 1, answer, err, CodeInternal)
	case "refused":
		o.want(t, b, executed, 1, answer, err, CodeUnknownPhone)
		o.answer = answer
	default:
		o.want(t, b, executed, 1, answer, err, "")
		o.answer = answer
	}
}

func (o *oracle) want(t *rapid.T, b *bench, executed, want int, signed []byte, err error, code Code) {
	if err != nil || executed != want {
		t.Fatalf("%v after %d executions, want %d", err, executed, want)
	}
	opened, err := open(b.keys, AnswerType, signed)
	if err != nil {
		t.Fatal(err)
	}
	a, err := parseAnswer(opened.payload)
	if err != nil || (a.Failure == nil) != (code == "") || a.Failure != nil && a.Failure.Code != code {
		t.Fatalf("%v, %v, want %s", err, a.Failure, code)
	}
}
