package uiapp

import (
	"context"
	"crypto/ecdh"
	"fmt"
	"time"

	"inkan/core/entropy"
	"inkan/core/jpki/application"
	"inkan/core/tsmp"
	"inkan/sim/handset/fault"
)

// purposes of actions that are applied for.
var purposes = map[Action]application.Purpose{Apply: application.Issue, ResetPIN: application.PINReset,
	Dispose: application.Revocation, TransferHere: application.Transfer, LiftHold: application.SuspensionLift}

// replied tells whether a purpose has a reply, and with it SIM and reply key.
func replied(p application.Purpose) bool { return p.Issues() || p == application.PINReset }

// NotEligible is a device, SIM or contract for which there is no service.
type NotEligible struct{ Reasons []tsmp.NonEligibilityReason }

// Error names the reasons.
func (e *NotEligible) Error() string { return fmt.Sprint("uiapp: not eligible: ", e.Reasons) }

// Begin opens an application for what an action needs, and makes its fields. usage
// is of issue and transfer. Errors are those of Allows, fault.NotNow while another
// application is under way, *NotEligible, and those of the server.
// Spec: SPEC-HANDSET-110, SPEC-HANDSET-111.
func (a *App) Begin(ctx context.Context, now time.Time, action Action, usage tsmp.Usage) error {
	purpose, ok := purposes[action]
	if !ok || a.task.step != Idle {
		return fault.New(fault.NotNow, action.String()+" while "+a.task.step.String())
	}
	if _, err := a.require(ctx, now, action); err != nil {
		return err
	}
	sim := a.cfg.SIM.Identifier()
	request := &tsmp.StartApplicationRequest{Purpose: purpose, DeviceProfile: a.cfg.Device, Version: a.cfg.Version, Language: tsmp.English}
	if a.cfg.Language == application.Japanese {
		request.Language = tsmp.Japanese
	}
	if replied(purpose) {
		request.SE = sim
	}
	if purpose != application.Issue {
		request.Phone = a.Instance
	}
	if purpose.Issues() {
		request.Usage = usage
	}
	answer, err := a.cfg.Server.StartApplication(ctx, request)
	if err != nil {
		return reached(err)
	}
	if !answer.Eligible {
		return &NotEligible{answer.Reasons}
	}
	t := task{step: Opened, ready: answer.Ready, app: application.Application{Purpose: purpose, Nonce: answer.Nonce,
		Time: now.Truncate(time.Second), Language: a.cfg.Language, Instance: ID(request.Phone)}}
	if replied(purpose) {
		key := replyKey(a.cfg.Entropy)
		t.app.SIM, t.key = sim, key.Bytes()
		copy(t.app.ReplyKey[:], key.PublicKey().Bytes())
	}
	if purpose.Issues() {
		t.app.Origin = answer.Origin
		for _, r := range answer.Keys {
			t.app.Roles |= r
		}
	}
	a.task = t
	if answer.CodeSent {
		a.show(KeyCodeSent, nil)
	}
	return nil
}

// replyKey makes a key for one application.
func replyKey(source entropy.Source) *ecdh.PrivateKey {
	for {
		b := make([]byte, 32)
		source.Fill(b)
		key, err := ecdh.P256().NewPrivateKey(b)
		clear(b)
		if err == nil {
			return key
		}
	}
}

// Prepare asks whether everything that goes into the application is there, unless the
// service said so when it was begun, and puts it in; done: Review can come. Scripts that
// wait for the app's relay are carried out. Errors are those of the server, its refusal,
// and fault.RequestMalformed where its answer makes no application.
// Spec: SPEC-HANDSET-130.
func (a *App) Prepare(ctx context.Context, now time.Time) (done bool, err error) {
	t := &a.task
	if t.step != Opened {
		return t.step == Begun, fault.New(fault.NotNow, "prepare while "+t.step.String())
	}
	p := &tsmp.GetProgressAnswer{Stage: tsmp.StageSign}
	if !t.ready {
		if p, err = a.cfg.Server.GetProgress(ctx, &tsmp.GetProgressRequest{Nonce: t.app.Nonce}); err != nil {
			return false, reached(err)
		}
	}
	t.ready = false
	a.waits(ctx, p)
	switch {
	case p.Stage == tsmp.StageRefused:
		t.wipe()
		return true, tsmp.Refuse(p.Refusal, "")
	case p.Stage != tsmp.StageSign && p.Relay != nil && a.cfg.Relay != nil:
		return false, a.cfg.Relay(ctx, p.Relay)
	case p.Stage != tsmp.StageSign:
		return false, nil
	}
	app := t.app
	app.Time, app.Presence = now.Truncate(time.Second), p.Presence
	if p.Order != nil {
		app.Order = application.OrderProof{Hash: p.Order.Hash, Challenge: p.Order.Challenge}
	}
	if app.Purpose.Issues() {
		app.Commit(t.code)
	}
	if err := app.Check(); err != nil {
		return false, fault.Wrap(fault.RequestMalformed, "the service's answer", err)
	}
	t.app, t.step = app, Begun
	return true, nil
}

// Received is the one-time code that came to this phone, as text: it is shown, and what
// the holder types is compared with it. Errors are fault.NotNow and CodeMismatch for
// what is no code.
func (a *App) Received(text string) error {
	t := &a.task
	if !t.app.Purpose.Issues() || t.step == Idle || t.step > Shown {
		return fault.New(fault.NotNow, "code while "+t.step.String())
	}
	code, err := application.ParseCode(text)
	if err != nil {
		return fault.New(fault.CodeMismatch, "form")
	}
	t.code = code
	a.show(KeyCode, Values{"code": code.Show()})
	return nil
}
