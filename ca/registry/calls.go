package registry

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"

	"inkan/ca/registry/record"
)

// MaxAnswer is the longest answer that is kept, in bytes.
const MaxAnswer = 1 << 20

// BeginCall records that a call is about to be carried out. Of one that was
// answered it gives the answer. It refuses another request under the same call
// (DifferentRequest), and a call that is late and was never begun (TooLate).
// Spec: SPEC-CA-LIFECYCLE-050, SPEC-CA-LIFECYCLE-054, SPEC-CA-LIFECYCLE-087.
func (r *Registry) BeginCall(ctx context.Context, call string, request record.Hash, late bool) (answer []byte, err error) {
	if call == "" {
		return nil, errors.New("registry: a call without a name")
	}
	err = r.do(ctx, "begin call", &Cause{Actor: Operator, Call: call}, func(a *act) error {
		a.unchanged = true // it is noted beside the journal; a refusal is in it
		var earlier record.Answer
		found, err := a.load(callKey(record.Answers, call), &earlier)
		if err != nil {
			return err
		}
		if found {
			answer = []byte(earlier.Body)
			return refuseIf(earlier.Request != request, DifferentRequest)
		}
		key := callKey(record.Begun, call)
		begun, found, err := a.Get(key, nil)
		switch {
		case err != nil:
			return err
		case found:
			return refuseIf(string(begun) != string(request[:]), DifferentRequest)
		case late:
			return refuse(TooLate)
		}
		return a.tx.Put(key, request[:])
	})
	if err != nil {
		return nil, err
	}
	return answer, nil
}

// answerAct is what the journal calls EndCall.
const answerAct = "answer"

// EndCall keeps the answer of a call that was begun, so that the same call is
// answered the same. Spec: SPEC-CA-LIFECYCLE-054.
func (r *Registry) EndCall(ctx context.Context, call string, answer []byte) error {
	if len(answer) == 0 || len(answer) > MaxAnswer {
		return fmt.Errorf("registry: answer of %d bytes to call %q, want 1 to %d", len(answer), call, MaxAnswer)
	}
	key := callKey(record.Begun, call)
	return r.do(ctx, answerAct, &Cause{Actor: Operator, Call: call}, func(a *act) error {
		begun, found, err := a.Get(key, nil)
		if err != nil {
			return err
		}
		if !found {
			return fmt.Errorf("registry: call %q did not begin, or was answered", call)
		}
		kept := record.Answer{Body: string(answer)}
		copy(kept.Request[:], begun)
		return errors.Join(a.tx.Delete(key), a.put(callKey(record.Answers, call), &kept))
	})
}

// NoteRefusal journals that a request was refused before anything was asked of the
// registry: by its name, with a code of the caller's. Spec: SPEC-CA-018.
func (r *Registry) NoteRefusal(ctx context.Context, name, code string, cause Cause) error {
	if name == "" || len(name) > MaxName || code == "" || len(code) > MaxName {
		return fmt.Errorf("registry: refusal of %d bytes of %d bytes, want 1 to %d", len(code), len(name), MaxName)
	}
	if err := cause.check(); err != nil {
		return err
	}
	return r.commit(ctx, func(a *act) error {
		a.open(name, &cause)
		a.entry.Refused = code
		return a.close(&cause)
	})
}

// callKey is a call's key in a table by the hash of its name.
func callKey(t record.Table, call string) []byte {
	h := sha256.Sum256([]byte(call))
	return t.Key(h[:])
}
