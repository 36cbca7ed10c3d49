package phone

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"

	"inkan/scenarios/laboratory/folder"
	"inkan/scenarios/relyingparty"
	"inkan/sim/handset/uiapp"
)

// Login is a login that the bank accepted.
type Login struct {
	Account  string    `json:"account"`
	New      bool      `json:"new"` // the first visit of this certificate
	Serial   string    `json:"serial"`
	NotAfter time.Time `json:"notAfter"`
	Checked  []string  `json:"checked"` // how the certificate was found not to be revoked
	Code     string    `json:"code"`    // of a refusal
	Text     string    `json:"text"`
}

// Login is a login at the bank from the phone's browser, through the app.
// Spec: SPEC-SERVE-023.
func (p *Phone) Login(ctx context.Context) (l Login, err error) {
	for n := 0; ; n++ {
		if err := p.again(ctx, func() error { l, err = p.visit(ctx); return err }); err != nil {
			return l, err
		}
		if l.Code != string(relyingparty.StatusUnavailable) || n == tries {
			break
		}
		if err := sleep(ctx, retry); err != nil {
			return l, err
		}
	}
	if l.Code != "" {
		return l, fmt.Errorf("the bank refuses: %s: %s", l.Code, l.Text)
	}
	p.config.Say("bank", fmt.Sprintf("lets %s in; certificate %s checked by %s, valid to %s", l.Account, l.Serial, strings.Join(l.Checked, " and "), l.NotAfter.Format(time.DateOnly)))
	return l, nil
}

// tries is how often a holder tries again while the bank cannot tell whether the
// certificate was revoked.
const tries = 6

// visit is one login, and the bank's word about it.
func (p *Phone) visit(ctx context.Context) (l Login, err error) {
	origin := "https://" + folder.Bank
	request, err := p.post(ctx, "request", nil)
	if err != nil {
		return l, err
	}
	deliver := func(ctx context.Context, to string, response []byte) error {
		if to != origin {
			return fmt.Errorf("an answer for %s", to)
		}
		l, err = p.answer(ctx, response)
		return err
	}
	consent := func(uiapp.Message) ([]byte, bool) {
		p.config.Say("holder", "reads what the app asks, and enters the PIN")
		return []byte(p.config.PIN), true
	}
	return l, p.act(ctx, func() error { return p.App.Login(ctx, time.Now(), origin, request, consent, deliver) })
}

// answer brings an answer of the app to the bank.
func (p *Phone) answer(ctx context.Context, response []byte) (l Login, err error) {
	body, err := p.post(ctx, "response", response)
	if err != nil {
		return l, err
	}
	if err := json.Unmarshal(body, &l); err != nil {
		return l, fmt.Errorf("the bank's answer: %w", err)
	}
	if l.Code == "" && l.Account == "" {
		return l, errors.New("the bank's answer has neither an account nor a refusal")
	}
	return l, nil
}

// post asks the bank something. A refusal has its body too.
func (p *Phone) post(ctx context.Context, what string, body []byte) ([]byte, error) {
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, folder.URL(folder.Bank, folder.AppsPort)+"/login/v1/"+what, bytes.NewReader(body))
	if err != nil {
		return nil, err
	}
	answer, err := p.client.Do(r)
	if err != nil {
		return nil, unreachable(err)
	}
	defer answer.Body.Close()
	got, err := io.ReadAll(io.LimitReader(answer.Body, maxAnswer))
	switch {
	case err != nil:
		return nil, unreachable(err)
	case answer.StatusCode == http.StatusServiceUnavailable:
		return nil, unreachable(errors.New(answer.Status))
	case answer.StatusCode != http.StatusOK && answer.StatusCode != http.StatusForbidden:
		return nil, fmt.Errorf("the bank: %s", answer.Status)
	}
	return got, nil
}
