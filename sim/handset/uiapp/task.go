package uiapp

import (
	"context"
	"crypto/subtle"
	"errors"
	"time"

	"inkan/core/apdu"
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
	ready   bool // opened: the service has nothing to add
	app     application.Application
	code    application.Code // as typed, or as it came to the phone; zero: neither
	key     []byte           // private half of the reply key; nil: none
	message []byte           // signed
	reply   []byte
	// progress is what the service said with its last answer; nil: it has to be asked.
	progress *tsmp.GetProgressAnswer
}

// wipe forgets everything.
func (t *task) wipe() {
	clear(t.key)
	*t = task{}
}

// Step is how far the application under way is.
func (a *App) Step() Step { return a.task.step }

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
		if !lasting(err) {
			t.wipe()
		}
		return reached(err)
	}
	t.step, t.progress = Submitted, answer.Progress
	a.Instance = ID(answer.Phone)
	a.show(KeySubmitted, nil)
	return nil
}

// lasting reports whether an error is one that the same request may be sent again after.
func lasting(err error) bool {
	f := (*tsmp.Error)(nil)
	return err != nil && (!errors.As(err, &f) || retried(f))
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
	a.hangUp(ctx)
	_, err := a.cfg.Server.CancelApplication(ctx, &tsmp.CancelApplicationRequest{Nonce: nonce})
	if err != nil {
		return reached(err)
	}
	return nil
}
