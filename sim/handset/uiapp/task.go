package uiapp

import (
	"context"
	"crypto/ecdh"
	"crypto/subtle"
	"errors"
	"fmt"
	"time"

	"inkan/core/apdu"
	"inkan/core/entropy"
	"inkan/core/jpki"
	"inkan/core/jpki/application"
	"inkan/core/jpki/cardsigner"
	"inkan/core/tsmp"
	"inkan/sim/handset/fault"
)

// Step is how far an application is in the app.
type Step byte

// Steps.
const (
	Idle      Step = iota // no application
	Opened                // the service knows of it; what goes into it is not complete
	Begun                 // the fields are there; nothing was shown
	Shown                 // the holder has the text before him
	Signed                // signed, and not known to have reached the service
	Submitted             // the service has it
	Replied               // the code for the PIN is there
)

// String is the step in a word.
func (s Step) String() string {
	if s > Replied {
		return "unknown step"
	}
	return [...]string{"idle", "opened", "begun", "shown", "signed", "submitted", "replied"}[s]
}

// task is an application under way.
type task struct {
	step    Step
	app     application.Application
	code    application.Code // as typed, or as it came to the phone; zero: neither
	key     []byte           // private half of the reply key; nil: none
	message []byte           // signed
	reply   []byte
}

// wipe forgets everything.
func (t *task) wipe() {
	clear(t.key)
	*t = task{}
}

// Step is how far the application under way is.
func (a *App) Step() Step { return a.task.step }

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
	t := task{step: Opened, app: application.Application{Purpose: purpose, Nonce: answer.Nonce,
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

// Prepare asks whether everything that goes into the application is there, and puts it
// in; done: Review can come. Scripts that wait for the app's relay are carried out.
// Errors are those of the server, its refusal, and fault.RequestMalformed where its
// answer makes no application.
func (a *App) Prepare(ctx context.Context, now time.Time) (done bool, err error) {
	t := &a.task
	if t.step != Opened {
		return t.step == Begun, fault.New(fault.NotNow, "prepare while "+t.step.String())
	}
	p, err := a.cfg.Server.GetProgress(ctx, &tsmp.GetProgressRequest{Nonce: t.app.Nonce})
	if err != nil {
		return false, reached(err)
	}
	switch {
	case p.Stage == tsmp.StageRefused:
		t.wipe()
		return true, tsmp.Refuse(p.Refusal, "")
	case p.Relay != nil && a.cfg.Relay != nil:
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

// Review shows the text that is about to be signed, and returns it.
// Spec: SPEC-HANDSET-112; SPEC-APPLICATION-024.
func (a *App) Review() (string, error) {
	if a.task.step != Begun && a.task.step != Shown {
		return "", fault.New(fault.NotNow, "review while "+a.task.step.String())
	}
	text := a.task.app.Text(a.cfg.Language)
	a.show(KeyReview, Values{"text": text})
	a.task.step = Shown
	return text, nil
}

// Sign has the My Number Card that is held to the phone sign what was shown, after the
// holder typed the one-time code, and sends it. lastTry: the holder knows that a
// single try of the card's PIN is left. Errors are fault.Errors: NotNow, SIMChanged,
// CodeMismatch, RequestExpired, CardUnread, CardPINWrong, CardPINBlocked, CardPINLastTry;
// and those of Submit. Spec: SPEC-HANDSET-112, SPEC-HANDSET-113, SPEC-HANDSET-114.
func (a *App) Sign(ctx context.Context, now time.Time, typed string, card apdu.Card, pin []byte, lastTry bool) error {
	t := &a.task
	switch {
	case t.step != Shown:
		return fault.New(fault.NotNow, "sign while "+t.step.String())
	case t.app.SIM != ID{} && t.app.SIM != a.cfg.SIM.Identifier():
		t.wipe()
		return fault.New(fault.SIMChanged, "")
	case t.app.Fresh(now) != nil:
		t.wipe()
		return fault.New(fault.RequestExpired, "application")
	}
	app := t.app
	code, err := application.ParseCode(typed)
	if app.Purpose.Issues() {
		if err != nil || t.code != (application.Code{}) && subtle.ConstantTimeCompare(code[:], t.code[:]) != 1 {
			return fault.New(fault.CodeMismatch, "")
		}
		app.Commit(code)
	}
	if !jpki.ValidPIN(jpki.Sign, pin) {
		return fault.New(fault.PINForm, "of the card")
	}
	signer, err := cardsigner.New(ctx, card, cardsigner.Config{Role: jpki.Sign, PIN: pin, LastTry: lastTry})
	if err != nil {
		return cardFault(err)
	}
	defer signer.Close()
	message, err := app.Sign(signer.Certificate(), signer, now.Truncate(time.Second))
	if err != nil {
		return cardFault(err)
	}
	t.app, t.message, t.step = app, message, Signed
	if app.Purpose.Issues() {
		t.code = code
	}
	return a.Submit(ctx)
}

// cardFault is what went wrong with the My Number Card.
func cardFault(err error) error {
	wrong := (*cardsigner.PINError)(nil)
	switch {
	case errors.As(err, &wrong) && wrong.Tries > 0:
		return fault.Wrap(fault.CardPINWrong, "", err)
	case errors.As(err, &wrong), errors.Is(err, cardsigner.ErrBlocked):
		return fault.Wrap(fault.CardPINBlocked, "", err)
	case errors.Is(err, cardsigner.ErrLastTry):
		return fault.Wrap(fault.CardPINLastTry, "", err)
	}
	return fault.Wrap(fault.CardUnread, "", err)
}

// Submit sends the signed application; it may be called again when no answer came. A
// refusal ends the application. Spec: SPEC-HANDSET-115.
func (a *App) Submit(ctx context.Context) error {
	t := &a.task
	if t.step != Signed {
		return fault.New(fault.NotNow, "submit while "+t.step.String())
	}
	answer, err := a.cfg.Server.SubmitApplication(ctx, &tsmp.SubmitApplicationRequest{Nonce: t.app.Nonce, Application: t.message})
	if err != nil {
		if f := (*tsmp.Error)(nil); errors.As(err, &f) && !retried(f) {
			t.wipe()
		}
		return reached(err)
	}
	t.step = Submitted
	a.Instance = ID(answer.Phone)
	a.show(KeySubmitted, nil)
	return nil
}

func retried(e *tsmp.Error) bool {
	entry, ok := tsmp.LookupCode(e.Code)
	return ok && entry.Retry == tsmp.RetrySame
}

// reached makes a fault of an error that is no answer of the service.
func reached(err error) error {
	if errors.As(err, new(*tsmp.Error)) || errors.As(err, new(*fault.Error)) {
		return err
	}
	return fault.Wrap(fault.ServerUnreached, "", err)
}

// Cancel gives up an application that the service does not have signed, and tells it.
func (a *App) Cancel(ctx context.Context) error {
	if a.task.step == Idle || a.task.step >= Submitted {
		return fault.New(fault.NotNow, "cancel while "+a.task.step.String())
	}
	nonce := a.task.app.Nonce
	a.task.wipe()
	_, err := a.cfg.Server.CancelApplication(ctx, &tsmp.CancelApplicationRequest{Nonce: nonce})
	if err != nil {
		return reached(err)
	}
	return nil
}
