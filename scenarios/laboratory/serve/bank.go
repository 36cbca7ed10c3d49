package serve

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"slices"
	"sync"
	"time"

	"inkan/core/entropy"
	"inkan/core/jpki/certificate"
	"inkan/scenarios/laboratory/folder"
	"inkan/scenarios/relyingparty"
	"inkan/sim/handset/uiapp"
)

// bank is a relying party: it knows its customers by their certificates. What it knows
// is gone when the process ends.
type bank struct {
	*relyingparty.Party
	accounts relyingparty.Accounts
	fault    func(error)

	mutex     sync.Mutex
	customers int
}

// publication is the name by which the bank reaches whatever the authority publishes.
const publication = "publication"

// openBank opens the bank, which demands a good answer by OCSP and by list.
func (l *Laboratory) openBank() error {
	c := relyingparty.Config{Origin: "https://" + folder.Bank, Kinds: []certificate.Kind{certificate.PhoneAuthentication}, Now: time.Now, Life: 5 * time.Minute,
		Policy:     relyingparty.Policy{Methods: []relyingparty.Method{relyingparty.OCSP, relyingparty.CRL}, All: true, Authorities: true},
		Fetch:      &relyingparty.HTTP{Client: l.reader()},
		Statements: relyingparty.NewMemory(1000, time.Now), Entropy: entropy.System()}
	var anchors [][]byte
	for _, i := range l.ca.Issuers() {
		if i.Authority == certificate.AuthenticationAuthority {
			anchors = append(anchors, i.Certificate.Raw)
		}
	}
	var err error
	if c.Anchors, err = relyingparty.NewAnchors(anchors...); err != nil {
		return err
	}
	l.bank = &bank{fault: l.fault("the bank")}
	l.bank.Party, err = relyingparty.New(c)
	return err
}

// reader is a client for which all names in certificates lead to the authority's
// publication.
func (l *Laboratory) reader() *http.Client {
	dial := func(ctx context.Context, network, _ string) (net.Conn, error) {
		address, err := l.lookup(publication)
		if err != nil {
			return nil, err
		}
		return new(net.Dialer).DialContext(ctx, network, address)
	}
	return &http.Client{Timeout: 30 * time.Second, Transport: &http.Transport{DialContext: dial, DisableKeepAlives: true}}
}

// handler serves browsers: POST /login/v1/request gives what the UI app is handed,
// POST /login/v1/response takes the app's answer.
func (b *bank) handler() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("POST /login/v1/request", b.request)
	mux.HandleFunc("POST /login/v1/response", b.response)
	return mux
}

// loginText is what the holder is asked to agree to.
const loginText = "インターネットバンキングにログインします。"

// request gives a login request.
func (b *bank) request(w http.ResponseWriter, _ *http.Request) {
	statement, err := b.Challenge(loginText)
	if err == nil {
		var body []byte
		if body, err = uiapp.AppendRequest(nil, statement); err == nil {
			w.Header().Set("Content-Type", "text/uri-list")
			w.Header().Set("Cache-Control", "no-store")
			w.Write(body)
			return
		}
	}
	b.fault(err)
	http.Error(w, "the bank has trouble", http.StatusServiceUnavailable)
}

// maxResponse is the longest answer of an app that is read.
const maxResponse = 16 << 10

// Login is the bank's word about an app's answer, in JSON.
type Login struct {
	Account  string    `json:"account,omitempty"`
	New      bool      `json:"new,omitempty"` // the first visit of this certificate
	Serial   string    `json:"serial,omitempty"`
	NotAfter time.Time `json:"notAfter,omitzero"`
	Checked  []string  `json:"checked,omitempty"` // how the certificate was found not to be revoked
	Code     string    `json:"code,omitempty"`    // of a refusal
	Text     string    `json:"text,omitempty"`
}

// response takes an answer: 200 with an account, or 403 with a code.
// Spec: SPEC-SERVE-013.
func (b *bank) response(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxResponse))
	if err != nil {
		answer(w, http.StatusRequestEntityTooLarge, Login{Text: fmt.Sprintf("want at most %d bytes", maxResponse)})
		return
	}
	session, err := b.Login(r.Context(), body)
	if err != nil {
		b.refuse(w, err)
		return
	}
	l := Login{Serial: fmt.Sprintf("%x", session.Certificate.SerialNumber), NotAfter: session.Certificate.NotAfter}
	for _, e := range session.Evidence {
		if how := e.Method.String(); !slices.Contains(l.Checked, how) {
			l.Checked = append(l.Checked, how)
		}
	}
	if l.Account, l.New, err = b.account(session.Account); err != nil {
		b.refuse(w, err)
		return
	}
	answer(w, http.StatusOK, l)
}

// account is the customer of a certificate; a certificate that was never seen opens
// one.
func (b *bank) account(key relyingparty.AccountKey) (name string, first bool, err error) {
	b.mutex.Lock()
	defer b.mutex.Unlock()
	if name, err = b.accounts.Recognise(key); err == nil {
		return name, false, nil
	}
	if refusal := (*relyingparty.Error)(nil); !errors.As(err, &refusal) || refusal.Code != relyingparty.AccountUnknown {
		return "", false, err
	}
	name = fmt.Sprintf("customer %d", b.customers+1)
	if err := b.accounts.Register(name, key); err != nil {
		return "", false, err
	}
	b.customers++
	return name, true, nil
}

// refuse says why there is no login, and no more than the code says.
func (b *bank) refuse(w http.ResponseWriter, err error) {
	b.fault(err)
	refusal := (*relyingparty.Error)(nil)
	if !errors.As(err, &refusal) {
		http.Error(w, "the bank has trouble", http.StatusServiceUnavailable)
		return
	}
	answer(w, http.StatusForbidden, Login{Code: string(refusal.Code), Text: refusal.Code.Text().English})
}
