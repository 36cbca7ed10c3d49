package delivery

import (
	"context"
	"time"
)

// Work does what is due: it sends packets, again where nothing came, and ends jobs
// whose time is over. more: call it again, something may be due now. When the next
// thing is due, store.NextDue says. Spec: SPEC-DELIVERY-010.
func (e *Engine) Work(ctx context.Context, now time.Time) (more bool, err error) {
	e.work.Lock()
	defer e.work.Unlock()
	return e.doDue(ctx, now)
}
