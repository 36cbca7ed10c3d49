package handset

import (
	"context"
	"strings"
	"testing"
	"time"

	"inkan/core/jpki"
	"inkan/core/jpki/application"
	"inkan/core/tsmp"
	"inkan/scenarios/idcards"
	"inkan/sim/handset/fault"
	"inkan/sim/handset/uiapp"
	"inkan/sim/profile"
	"inkan/spec/req"
)

// desk is a service that takes one application.
type desk struct {
	tsmp.UIAppServer
	submitted []byte
	calls     []tsmp.CallID
}

func (d *desk) StartApplication(context.Context, *tsmp.Call, *tsmp.StartApplicationRequest) (*tsmp.StartApplicationAnswer, error) {
	return &tsmp.StartApplicationAnswer{Eligible: true, Nonce: tsmp.Nonce{1, 2, 3}, Until: now.Add(10 * time.Minute),
		Keys: []jpki.Role{jpki.Auth}, Origin: jpki.OriginOnCard, CodeSent: true}, nil
}

func (d *desk) GetProgress(context.Context, *tsmp.Call, *tsmp.GetProgressRequest) (*tsmp.GetProgressAnswer, error) {
	return &tsmp.GetProgressAnswer{Stage: tsmp.StageSign}, nil
}

func (d *desk) SubmitApplication(_ context.Context, c *tsmp.Call, b *tsmp.SubmitApplicationRequest) (*tsmp.SubmitApplicationAnswer, error) {
	d.submitted = b.Application
	if d.calls = append(d.calls, c.ID); len(d.calls) == 1 {
		return nil, context.DeadlineExceeded
	}
	return &tsmp.SubmitApplicationAnswer{Phone: tsmp.PhoneID{4}, UsableUntil: now.Add(time.Hour)}, nil
}

// An application on a new SIM, signed by the My Number Card that is held to the phone.
func TestApplyWithMyNumberCard(t *testing.T) {
	req.Covers(t, "SPEC-HANDSET-110", "SPEC-HANDSET-112", "SPEC-HANDSET-113", "SPEC-HANDSET-115")
	p := newPhone(t, card(t, profile.Named("suzume"), false), genuine)
	d := new(desk)
	server := uiapp.Remote{SPTSM: d, Entropy: entropyOf("calls"), Now: func() time.Time { return now }}
	app, err := uiapp.New(uiapp.Config{SIM: p, Server: server, Screen: p, Entropy: entropyOf("app"), Language: application.Japanese, Device: "DCP-000000000000", Version: "1.0"})
	if err != nil {
		t.Fatal(err)
	}
	if err := app.Begin(t.Context(), now, uiapp.Apply, tsmp.UsageHolder); err != nil {
		t.Fatal(err)
	}
	if done, err := app.Prepare(t.Context(), now); err != nil || !done {
		t.Fatal(done, err)
	}
	text, err := app.Review()
	if err != nil || !strings.Contains(text, string(p.Identity().ICCID)) {
		t.Errorf("%q, %v", text, err)
	}
	mynumber, err := idcards.Open(t.Context(), "taro", 1)
	if err != nil {
		t.Fatal(err)
	}
	code := application.NewCode(entropyOf("code"))
	sign := func(password string) error {
		return app.Sign(t.Context(), now.Add(time.Minute), code.Show(), mynumber, []byte(password), false)
	}
	want(t, sign("WRONG123"), fault.CardPINWrong)
	want(t, sign(string(idcards.DemoPINs.Sign)), fault.ServerUnreached)
	if err := app.Submit(t.Context()); err != nil {
		t.Fatal(err)
	}
	if len(d.calls) != 2 || d.calls[0] != d.calls[1] {
		t.Errorf("calls %v: want the same call twice", d.calls)
	}
	signed, err := application.Open(d.submitted)
	if err != nil {
		t.Fatal(err)
	}
	if signed.SIM != p.Identifier() || signed.CheckCode(code) != nil || signed.Text(application.Japanese) != text {
		t.Errorf("%+v", signed.Application)
	}
	if app.Instance != (uiapp.ID{4}) || app.Step() != uiapp.Submitted {
		t.Errorf("instance %x, step %v", app.Instance, app.Step())
	}
}
