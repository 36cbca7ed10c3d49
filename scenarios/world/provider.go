package world

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"time"

	"inkan/core/jpki/certificate"
	"inkan/core/jpki/login"
	"inkan/core/tsmp"
	"inkan/scenarios/relyingparty"
	"inkan/scenarios/report"
	"inkan/sim/handset/uiapp"
)

// Provider is a relying party, サービス提供者: it knows its customers by their
// certificates.
type Provider struct {
	*relyingparty.Party
	ID       tsmp.PartyID
	Name     string
	Origin   string
	Accounts *relyingparty.Accounts

	w *World
}

func (w *World) openRelyingParties() (err error) {
	if w.Bank, err = w.provider("bank", bank); err != nil {
		return err
	}
	w.Notebook, err = w.provider("medication notebook", notebook)
	return err
}

// provider makes a relying party: it demands a good answer by OCSP and by list.
func (w *World) provider(name string, party tsmp.PartyID) (*Provider, error) {
	origin := "https://" + string(party)
	config := relyingparty.Config{Origin: origin, Kinds: []certificate.Kind{certificate.PhoneAuthentication}, Now: w.Now, Life: 5 * time.Minute,
		Policy:     relyingparty.Policy{Methods: []relyingparty.Method{relyingparty.OCSP, relyingparty.CRL}, All: true, Authorities: true},
		Fetch:      published{w, party},
		Statements: relyingparty.NewMemory(1<<12, w.Now), Entropy: w.source(name)}
	var anchors [][]byte
	for _, i := range w.CA.Issuers() {
		if i.Authority == certificate.AuthenticationAuthority {
			anchors = append(anchors, i.Certificate.Raw)
		}
	}
	var err error
	if config.Anchors, err = relyingparty.NewAnchors(anchors...); err != nil {
		return nil, err
	}
	p := &Provider{ID: party, Name: name, Origin: origin, Accounts: new(relyingparty.Accounts), w: w}
	p.Party, err = relyingparty.New(config)
	return p, err
}

// published is what the authority publishes, to be fetched by its addresses.
type published struct {
	w  *World
	by tsmp.PartyID
}

// functions are what is fetched: without a body, and with one.
var functions = map[bool]string{false: "GET revocation list", true: "OCSP"}

// Fetch implements relyingparty.Fetcher.
func (f published) Fetch(ctx context.Context, url, contentType string, body []byte, limit int64) ([]byte, error) {
	method := http.MethodGet
	if body != nil {
		method = http.MethodPost
	}
	r, err := http.NewRequestWithContext(ctx, method, url, bytes.NewReader(body))
	if err != nil {
		return nil, err
	}
	if contentType != "" {
		r.Header.Set("Content-Type", contentType)
	}
	a := &answer{header: http.Header{}, status: http.StatusOK}
	f.w.CA.Publication.ServeHTTP(a, r)
	f.w.pass(OnServer, 2*serverLatency)
	f.w.Record.Plain(report.Message{From: f.w.lane(f.by), To: f.w.lane(CA), Function: functions[body != nil], Took: 2 * serverLatency, Status: http.StatusText(a.status)}, nil, nil)
	if a.status != http.StatusOK {
		return nil, fmt.Errorf("world: %s answers %d", url, a.status)
	}
	if int64(a.body.Len()) > limit {
		return nil, fmt.Errorf("world: %s answers more than %d bytes", url, limit)
	}
	return io.ReadAll(&a.body)
}

// answer is an HTTP response in memory.
type answer struct {
	header http.Header
	status int
	body   bytes.Buffer
}

// Header implements http.ResponseWriter.
func (a *answer) Header() http.Header { return a.header }

// WriteHeader implements http.ResponseWriter.
func (a *answer) WriteHeader(status int) { a.status = status }

// Write implements http.ResponseWriter.
func (a *answer) Write(b []byte) (int, error) { return a.body.Write(b) }

// Login is a login at a provider from the phone's browser, through the app: the
// certificate is verified, and the session has its account, if there is one.
func (p *Phone) Login(ctx context.Context, at *Provider, text, pin string) (session *relyingparty.Session, err error) {
	statement, err := at.Challenge(text)
	if err != nil {
		return nil, err
	}
	return p.answer(ctx, at, statement, at.Origin, pin)
}

// answer has the app answer a statement that a site of an origin hands over.
func (p *Phone) answer(ctx context.Context, at *Provider, statement *login.Statement, origin, pin string) (session *relyingparty.Session, err error) {
	request, err := uiapp.AppendRequest(nil, statement)
	if err != nil {
		return nil, err
	}
	var said error
	deliver := func(ctx context.Context, to string, response []byte) error {
		if to != at.Origin {
			return fmt.Errorf("world: an answer for %s", to)
		}
		if err := p.travel(true, len(response)); err != nil {
			return err
		}
		if err := p.w.publish(ctx); err != nil {
			return err
		}
		began := p.w.Clock.Elapsed()
		session, said = at.Login(ctx, response)
		p.w.recordLogin(p, at, began, said)
		p.w.note(at.ID, "login", "holder", at.Name, said)
		if said != nil {
			return nil
		}
		return p.w.Record.Certificate(p.SIM.Name, "active", session.Verified.Certificate.Raw)
	}
	consent := func(uiapp.Message) ([]byte, bool) {
		p.w.pass(OnPerson, readingTime)
		return []byte(pin), true
	}
	if err := p.again(ctx, func() error { return p.App.Login(ctx, p.w.Now(), origin, request, consent, deliver) }); err != nil {
		return nil, err
	}
	return session, said
}

// recordLogin records what goes between a phone's browser and a provider, and the
// certificate that came with it.
func (w *World) recordLogin(p *Phone, at *Provider, began time.Duration, said error) {
	m := report.Message{From: p.lane, To: w.lane(at.ID), Function: "login response", At: began, Took: w.Clock.Elapsed() - began, Status: "accepted"}
	if said != nil {
		m.Status, m.Code = "refused", codeOf(said)
	}
	w.Record.Plain(m, nil, nil)
}

// codeOf is a relying party's code of a refusal.
func codeOf(err error) string {
	refusal := (*relyingparty.Error)(nil)
	if errors.As(err, &refusal) {
		return string(refusal.Code)
	}
	return "failed"
}

// publish has the authority publish what it would have published by now.
func (w *World) publish(ctx context.Context) error {
	if _, err := w.CA.PublishLists(ctx); err != nil {
		return err
	}
	return w.CA.Produce(ctx)
}
