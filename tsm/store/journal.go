package store

import (
	"context"
	"errors"

	"inkan/core/tsmp"
	"inkan/tsm/store/row"
)

// Journal is the tenant's journal of answered calls. All journals of a tenant are
// one. What was being executed when the process ended may begin again.
type Journal struct{ tenant *Tenant }

var _ tsmp.JoiningJournal = (*Journal)(nil)

// Journal is the tenant's journal of calls.
func (t *Tenant) Journal() *Journal { return &Journal{t} }

// Begin implements tsmp.Journal. Spec: SPEC-STORE-034, SPEC-STORE-035.
func (j *Journal) Begin(ctx context.Context, r tsmp.Record) (answer []byte, err error) {
	if err := j.reserve(r.Key, r.Digest); err != nil {
		return nil, err
	}
	err = j.tenant.Step(ctx, func(tx *Tx) error {
		c, found, err := calls.Get(tx, r.Key)
		switch {
		case err != nil:
			return err
		case !found && r.Late:
			return tsmp.ErrLate
		case !found:
			return calls.Insert(tx, &row.Call{Key: r.Key, Function: r.Function, Digest: r.Digest, Request: r.Request, Begun: tx.Now()})
		case c.Digest != r.Digest:
			return tsmp.ErrConflict
		}
		answer = c.Answer
		return nil
	})
	if err != nil || answer != nil {
		j.release(r.Key)
	}
	if err != nil {
		return nil, err
	}
	return answer, nil
}

// joining is a call whose beginning waits for the first step of its execution.
type joining struct {
	tenant *Tenant
	record tsmp.Record
	begun  bool   // that step is durable
	answer []byte // that the call ends with in that step; nil: it ends later
}

type joiningKey struct{}

// joiningOf is the call that waits for a step of the tenant's with a context; nil: none.
func joiningOf(ctx context.Context, t *Tenant) *joining {
	if c, ok := ctx.Value(joiningKey{}).(*joining); ok && c.tenant == t && !c.begun {
		return c
	}
	return nil
}

// Complete ends the call that a step of the tenant's with this context is the execution of
// together with it: answer makes its signed answer. It is called within the step, once,
// when nothing else can fail it but the disk. Where no call waits for a step, because it
// began before or is none of a handler's, nothing is done: it ends after the step.
// Spec: SPEC-STORE-046.
func (t *Tenant) Complete(ctx context.Context, answer func() ([]byte, error)) error {
	c := joiningOf(ctx, t)
	if c == nil {
		return nil
	}
	signed, err := answer()
	c.answer = signed
	return err
}

// completed reports whether a call has ended with its step.
func completed(ctx context.Context, t *Tenant) bool {
	c, ok := ctx.Value(joiningKey{}).(*joining)
	return ok && c.tenant == t && c.begun && c.answer != nil
}

// begin writes the beginning of the call in a step; answer is nil but at its end.
func (c *joining) begin(tx *Tx, answer []byte) error {
	r := row.Call{Key: c.record.Key, Function: c.record.Function, Digest: c.record.Digest, Request: c.record.Request, Begun: tx.Now()}
	if answer != nil {
		r.Answer, r.Answered = answer, tx.Now()
	}
	return calls.Insert(tx, &r)
}

// Join implements tsmp.JoiningJournal. Spec: SPEC-STORE-045.
func (j *Journal) Join(ctx context.Context, r tsmp.Record) (joined context.Context, answer []byte, err error) {
	if err := j.reserve(r.Key, r.Digest); err != nil {
		return ctx, nil, err
	}
	var c row.Call
	found := false
	err = j.tenant.View(ctx, func(s *Snapshot) error {
		c, found, err = calls.Get(s, r.Key)
		return err
	})
	switch {
	case err != nil:
	case !found && r.Late:
		err = tsmp.ErrLate
	case !found:
		return context.WithValue(ctx, joiningKey{}, &joining{tenant: j.tenant, record: r}), nil, nil
	case c.Digest != r.Digest:
		err = tsmp.ErrConflict
	case c.Answer == nil:
		return ctx, nil, nil // it began before
	}
	j.release(r.Key)
	return ctx, c.Answer, err
}

// reserve makes the caller the only one that executes a call.
func (j *Journal) reserve(key tsmp.CallKey, digest tsmp.Digest) error {
	j.tenant.calling.Lock()
	defer j.tenant.calling.Unlock()
	switch other, running := j.tenant.running[key]; {
	case running && other != digest:
		return tsmp.ErrConflict
	case running:
		return tsmp.ErrInProgress
	}
	j.tenant.running[key] = digest
	return nil
}

func (j *Journal) release(key tsmp.CallKey) {
	j.tenant.calling.Lock()
	defer j.tenant.calling.Unlock()
	delete(j.tenant.running, key)
}

// End implements tsmp.Journal. When it fails the call may begin again.
// Spec: SPEC-STORE-034, SPEC-STORE-036.
func (j *Journal) End(ctx context.Context, key tsmp.CallKey, answer []byte) error {
	j.tenant.calling.Lock()
	_, running := j.tenant.running[key]
	j.tenant.calling.Unlock()
	if !running {
		return errors.New("store: the call did not begin")
	}
	defer j.release(key)
	if answer == nil || completed(ctx, j.tenant) {
		return nil
	}
	if c := joiningOf(ctx, j.tenant); c != nil { // nothing was done
		c.begun = true
		return j.tenant.Step(ctx, func(tx *Tx) error { return c.begin(tx, answer) })
	}
	return j.tenant.Step(ctx, func(tx *Tx) error {
		return calls.Change(tx, key, func(c *row.Call) error {
			if c.Answer != nil {
				return errors.New("store: the call has its answer")
			}
			c.Answer, c.Answered = answer, tx.Now()
			return nil
		})
	})
}

// Evidence is the signed request and answer of a call; nil when there is none.
func (j *Journal) Evidence(ctx context.Context, key tsmp.CallKey) (request, answer []byte, err error) {
	err = j.tenant.View(ctx, func(s *Snapshot) error {
		c, _, err := calls.Get(s, key)
		request, answer = c.Request, c.Answer
		return err
	})
	return request, answer, err
}
