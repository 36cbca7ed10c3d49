package registry

import (
	"context"
	"crypto/sha256"
	"fmt"

	"inkan/ca/registry/record"
)

// MaxAnswer is the longest answer that is kept, in bytes.
const MaxAnswer = 1 << 20

// PutAnswer keeps what a call was answered, so that the same call is answered the
// same. The first answer stays: kept is what later calls will get. An answer with
// a sealed envelope must not be kept here, where nothing is erased: it is made
// again from certificate and envelope.
// Spec: SPEC-CA-LIFECYCLE-054.
func (r *Registry) PutAnswer(ctx context.Context, call string, request record.Hash, answer []byte, cause Cause) (kept []byte, err error) {
	if call == "" || len(answer) > MaxAnswer {
		return nil, fmt.Errorf("registry: answer of %d bytes to call %q, want a call and at most %d bytes", len(answer), call, MaxAnswer)
	}
	cause.Call = call
	err = r.do(ctx, "answer", &cause, func(a *act) error {
		kept = answer
		var earlier record.Answer
		found, err := a.load(answerKey(call), &earlier)
		if err != nil {
			return err
		}
		if a.unchanged = found; found {
			kept = []byte(earlier.Body)
			return refuseIf(earlier.Request != request, DifferentRequest)
		}
		return a.put(answerKey(call), &record.Answer{Request: request, Body: string(answer)})
	})
	if err != nil {
		return nil, err
	}
	return kept, nil
}

// Answer is what a call was answered. found is false when it has not been, and
// same is false when it asked for something else then.
func (s *Snapshot) Answer(call string, request record.Hash) (answer []byte, found, same bool, err error) {
	var a record.Answer
	found, err = s.load(answerKey(call), &a)
	return []byte(a.Body), found, a.Request == request, err
}

func answerKey(call string) []byte {
	h := sha256.Sum256([]byte(call))
	return record.Answers.Key(h[:])
}
