package uiapp

import (
	"context"
	"crypto/ecdh"
	"errors"
	"fmt"
	"slices"
	"time"

	"inkan/core/apdu"
	"inkan/core/gp"
	"inkan/core/iso7816"
	"inkan/core/jpki"
	"inkan/core/jpki/application"
	"inkan/core/jpki/perso"
	"inkan/core/tsmp"
	"inkan/sim/handset/fault"
)

// stageKeys are the texts of stages.
var stageKeys = map[tsmp.Stage]Key{tsmp.StageCheck: KeyChecking, tsmp.StagePrepare: KeyPreparing, tsmp.StageLoad: KeyLoading,
	tsmp.StagePersonalise: KeyPersonalising, tsmp.StageActivate: KeyActivating, tsmp.StageErase: KeyErasing}

// Progress asks how far the service is and shows it, carries out scripts that wait for
// the app's relay, and takes the reply. done: nothing more comes but the PIN, where a
// reply came; else pause is how long to wait before asking again. A refusal of the
// service ends the application and is the error.
// Spec: SPEC-HANDSET-087, SPEC-HANDSET-116, SPEC-HANDSET-117.
func (a *App) Progress(ctx context.Context) (done bool, pause time.Duration, err error) {
	t := &a.task
	if t.step == Replied {
		return true, 0, nil
	}
	if t.step != Submitted {
		return false, 0, fault.New(fault.NotNow, "progress while "+t.step.String())
	}
	p, err := a.progress(ctx)
	if err != nil {
		return false, 0, reached(err)
	}
	if key, ok := stageKeys[p.Stage]; ok {
		a.show(key, Values{"share": share(p)})
	}
	pause = time.Duration(p.Pause) * time.Second
	a.waits(ctx, p)
	switch {
	case p.Stage == tsmp.StageRefused:
		t.wipe()
		return true, 0, tsmp.Refuse(p.Refusal, "")
	case p.Stage != tsmp.StageDone && p.Relay != nil && a.cfg.Relay != nil:
		return false, pause, a.cfg.Relay(ctx, p.Relay)
	case p.Stage != tsmp.StageDone:
		return false, pause, nil
	case t.key == nil:
		purpose := t.app.Purpose
		t.wipe()
		a.finish(purpose)
		return true, 0, nil
	case p.Reply == nil:
		return true, 0, fault.New(fault.ReplyRefused, "none came")
	}
	codes, err := t.open(p.Reply)
	if err != nil {
		return true, 0, err
	}
	wipeCodes(codes)
	t.reply, t.step = append([]byte(nil), p.Reply...), Replied
	a.show(KeyChoosePIN, nil)
	return true, 0, nil
}

// progress is how far the service is: as it has said just now, or by asking.
// Spec: SPEC-HANDSET-131.
func (a *App) progress(ctx context.Context) (*tsmp.GetProgressAnswer, error) {
	t := &a.task
	if p := t.progress; p != nil {
		t.progress = nil
		return p, nil
	}
	return a.cfg.Server.GetProgress(ctx, &tsmp.GetProgressRequest{Nonce: t.app.Nonce})
}

// waits closes the channel of relays unless the service waits for one.
// Spec: SPEC-HANDSET-087.
func (a *App) waits(ctx context.Context, p *tsmp.GetProgressAnswer) {
	if p.Relay == nil || p.Stage == tsmp.StageRefused || p.Stage == tsmp.StageDone {
		a.hangUp(ctx)
	}
}

// hangUp closes the channel of relays: a domain that a channel has selected cannot be
// removed. A SIM that does not answer has no channels any more when it does again.
func (a *App) hangUp(ctx context.Context) {
	if a.cfg.HangUp != nil {
		_ = a.cfg.HangUp(ctx)
	}
}

// finish tells the end of an application without a reply.
func (a *App) finish(p application.Purpose) {
	switch p {
	case application.Revocation:
		a.Instance = ID{}
		a.show(KeyDisposed, nil)
	case application.SuspensionLift:
		a.show(KeyLifted, nil)
	default:
		a.show(KeyDone, nil)
	}
}

// open opens a reply. Spec: SPEC-HANDSET-118; SPEC-APPLICATION-052.
func (t *task) open(reply []byte) ([]application.HolderCode, error) {
	key, err := ecdh.P256().NewPrivateKey(t.key)
	if err != nil {
		return nil, fault.Wrap(fault.ReplyRefused, "reply key", err)
	}
	order, codes, err := t.app.OpenReply(key, reply)
	if err != nil {
		return nil, fault.Wrap(fault.ReplyRefused, "", err)
	}
	if t.app.Order.Hash != (perso.Hash{}) && order != t.app.Order.Hash {
		wipeCodes(codes)
		return nil, fault.New(fault.ReplyRefused, "of another order")
	}
	return codes, nil
}

func wipeCodes(codes []application.HolderCode) {
	for i := range codes {
		clear(codes[i].Code[:])
	}
}

// SetPIN sets the PIN with the code of the reply, which is used up by it. The code
// never leaves the app but to the SIM. It may be called again when the SIM did not
// answer. Errors are fault.Errors: NotNow, SIMChanged, PINForm, ReplyRefused, and PINWrong
// where a try of before has set another PIN; and those of the SIM.
// Spec: SPEC-HANDSET-119, SPEC-HANDSET-127.
func (a *App) SetPIN(ctx context.Context, pin []byte) error {
	t := &a.task
	switch {
	case t.step != Replied:
		return fault.New(fault.NotNow, "set a PIN while "+t.step.String())
	case t.app.SIM != a.cfg.SIM.Identifier():
		return fault.New(fault.SIMChanged, "")
	case !jpki.ValidPIN(jpki.Auth, pin):
		return fault.New(fault.PINForm, "")
	}
	codes, err := t.open(t.reply)
	if err != nil {
		return err
	}
	defer wipeCodes(codes)
	at := slices.IndexFunc(codes, func(c application.HolderCode) bool { return c.Role == jpki.Auth })
	if at < 0 {
		return fault.New(fault.ReplyRefused, "no code for this PIN")
	}
	err = a.with(ctx, func(card apdu.Card) error {
		_, err := gp.Exchange(ctx, card, jpki.ResetRetryCounter{PIN: jpki.EFAuthPIN.Reference(), Code: codes[at].Code[:], New: pin}, nil)
		if errors.Is(err, iso7816.ConditionsNotSatisfied) && codeUsed(ctx, card) {
			return verify(ctx, card, pin)
		}
		return codeFault(err)
	})
	if err != nil {
		return err
	}
	t.wipe()
	a.owed = a.Instance
	a.show(KeyPINSet, nil)
	// The PIN is set, whether the service hears of it now or not.
	if a.Report(ctx) != nil {
		a.show(KeyReportLater, nil)
	}
	return nil
}

// codeUsed tells whether an earlier try, of which no answer came, has used the code up.
func codeUsed(ctx context.Context, card apdu.Card) bool {
	s, err := jpki.ReadStatus(ctx, card)
	return err == nil && s.Flags&(jpki.AuthPINSet|jpki.AuthCodePending) == jpki.AuthPINSet
}

// codeFault is what a card's answer about the code means: a wrong or used code is one
// that another application has replaced.
func codeFault(err error) error {
	sw := iso7816.SW(0)
	if !errors.As(err, &sw) {
		return err
	}
	switch _, counted := sw.Tries(); {
	case counted, sw == iso7816.ReferenceDataNotUsable, sw == iso7816.ConditionsNotSatisfied:
		return fault.Wrap(fault.ReplyRefused, "code", sw)
	case sw == iso7816.WrongData:
		return fault.Wrap(fault.PINForm, "", sw)
	}
	return err
}

// Expiry shows when the certificate ends, and tells whether that is soon or over.
func (a *App) Expiry(ctx context.Context, now time.Time) (soon bool, err error) {
	h, err := a.Look(ctx, now)
	if err != nil {
		return false, err
	}
	if h.NotAfter.IsZero() {
		return false, h.Allows(Login)
	}
	key := KeyValid
	switch {
	case h.State == Expired:
		key = KeyExpired
	case h.Soon:
		key = KeyExpiresSoon
	}
	japan := time.FixedZone("JST", 9*60*60)
	a.show(key, Values{"date": h.NotAfter.In(japan).Format("2006-01-02")})
	return h.Soon, nil
}

// share is how much of a stage is done, as the texts have it: nothing while that is not
// known.
func share(p *tsmp.GetProgressAnswer) string {
	if p.Total == 0 {
		return ""
	}
	return fmt.Sprintf(" (%d/%d)", p.Done, p.Total)
}
