package uiapp

import (
	"context"

	"inkan/core/tsmp"
	"inkan/sim/handset/fault"
)

// Owes tells whether the service has not heard yet that the PIN is set.
func (a *App) Owes() bool { return a.owed != ID{} }

// Report tells the service what it has not heard yet; it does nothing where there is
// nothing, or an application is under way, whose reply a report of before must not meet. The
// operating system calls it when the app is started and when a connection is there again; the
// app does so itself before each action. Errors are fault.NotNow and those of the server that
// are worth another try: a refusal for good ends it. Spec: SPEC-HANDSET-126.
func (a *App) Report(ctx context.Context) error {
	switch {
	case !a.Owes():
		return nil
	case a.task.step != Idle:
		return fault.New(fault.NotNow, "report while "+a.task.step.String())
	}
	_, err := a.cfg.Server.ReportEvent(ctx, &tsmp.ReportEventRequest{Phone: a.owed, Event: tsmp.PhonePINSet})
	if lasting(err) {
		return reached(err)
	}
	a.owed = ID{}
	return nil
}

// Loss tells the service that a phone is lost: the certificates of the instance are
// put on hold. It can be called on any phone of the holder.
func (a *App) Loss(ctx context.Context, instance ID) error {
	if _, err := a.cfg.Server.ReportEvent(ctx, &tsmp.ReportEventRequest{Phone: instance, Event: tsmp.PhoneLost}); err != nil {
		return reached(err)
	}
	a.show(KeyLost, nil)
	return nil
}
