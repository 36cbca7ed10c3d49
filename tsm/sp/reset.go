package sp

import (
	"time"

	"inkan/core/jpki/application"
	"inkan/core/tsmp"
	"inkan/tsm/post"
	"inkan/tsm/store/row"
)

// resetSteps set the PIN again: the order goes to the card first, since the holder signs
// the challenge that the card answers. Spec: SPEC-SP-TSM-025.
func resetSteps() []step {
	return []step{
		{name: "claim", stage: tsmp.StageCheck, enter: (*flow).claimReset},
		{name: "order", stage: tsmp.StageCheck, enter: (*flow).orderReset, answered: (*flow).resetOrdered},
		{name: "card", stage: tsmp.StagePersonalise, enter: (*flow).personaliseReset, answered: (*flow).heard, refused: (*flow).reopen, ended: (*flow).spoken},
		{name: "close", enter: (*flow).closeReset},
	}
}

func (f *flow) claimReset() error {
	if !f.own() {
		return nil
	}
	return f.proceed()
}

func (f *flow) orderReset() error {
	return f.askAuthority(tsmp.OrderPINReset, &tsmp.OrderPINResetRequest{Phone: f.job.Phone})
}

func (f *flow) resetOrdered(b tsmp.Body) error {
	a := b.(*tsmp.PlaceOrderAnswer)
	f.job.OrderID, f.job.Order, f.job.OrderUntil = a.OrderID, a.Order, a.OrderUntil
	f.until(a.OrderUntil)
	if err := f.inform(tsmp.NewsPINResetOrdered); err != nil {
		return err
	}
	return f.proceed()
}

// informFor is how long the carrier is tried, and the network.
const informFor = 7 * 24 * time.Hour

// inform has the carrier tell the holder, by a way that the app which asked has no hand
// in. Nothing waits for it. Spec: SPEC-SP-TSM-029.
func (f *flow) inform(n tsmp.News) error {
	until := wholeSeconds(f.tx.Now().Add(informFor))
	_, err := f.m.post.Put(f.tx, post.Letter{To: f.service.Peer, Lane: "news-" + f.job.Reference.String(), Function: tsmp.NotifyHolder, Deadline: until,
		Body: &tsmp.NotifyHolderRequest{SE: f.service.SE, Subscriber: f.service.Subscriber, News: n, Until: until}})
	return err
}

func (f *flow) personaliseReset() error {
	return f.program(&Program{Kind: ProgramReset, Order: &tsmp.PlaceOrderAnswer{OrderID: f.job.OrderID, Order: f.job.Order, OrderUntil: f.job.OrderUntil}})
}

// awaitSignature has the app sign the challenge that the card has answered.
func (f *flow) awaitSignature(h *application.OrderProof) error {
	f.session.ToSign = append(append([]byte(nil), h.Hash[:]...), h.Challenge[:]...)
	f.session.SignBy = f.row.Deadline
	f.stage(tsmp.StageSign, 0, 0)
	f.row.State, f.row.Next = row.WorkflowWaiting, f.row.Deadline
	return nil
}

func (f *flow) closeReset() error {
	if err := f.hangUp(); err != nil {
		return err
	}
	if err := f.inform(tsmp.NewsPINResetDone); err != nil {
		return err
	}
	return f.proceed()
}
