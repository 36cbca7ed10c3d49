package enrolment

import (
	"bytes"
	"context"
	"crypto"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"

	"inkan/core/entropy"
	"inkan/core/jpki"
	"inkan/core/jpki/cardsigner"
	"inkan/core/jpki/certificate"
	"inkan/core/jpki/login"
	"inkan/scenarios/idcards"
	"inkan/scenarios/relyingparty"
)

// openBank makes the relying party: it demands a good answer by OCSP and by list.
func (w *World) openBank() (err error) {
	var anchors [][]byte
	for _, i := range w.CA.Issuers() {
		if i.Authority == certificate.AuthenticationAuthority {
			anchors = append(anchors, i.Certificate.Raw)
		}
	}
	config := relyingparty.Config{Origin: Bank, Kinds: []certificate.Kind{certificate.PhoneAuthentication}, Now: w.Now, Life: 5 * time.Minute,
		Policy:     relyingparty.Policy{Methods: []relyingparty.Method{relyingparty.OCSP, relyingparty.CRL}, All: true, Authorities: true},
		Fetch:      &relyingparty.HTTP{Client: &http.Client{Transport: within{w.CA.Publication}}},
		Statements: relyingparty.NewMemory(16, w.Now), Entropy: entropy.Seeded(w.config.Seed, "enrolment/bank")}
	if config.Anchors, err = relyingparty.NewAnchors(anchors...); err != nil {
		return err
	}
	w.bank, err = relyingparty.New(config)
	return err
}

// within is HTTP in one process: whatever a request names as host, the handler
// answers.
type within struct{ handler http.Handler }

// RoundTrip implements http.RoundTripper.
func (t within) RoundTrip(r *http.Request) (*http.Response, error) {
	w := &answer{header: http.Header{}, status: http.StatusOK}
	t.handler.ServeHTTP(w, r)
	return &http.Response{StatusCode: w.status, Status: http.StatusText(w.status), Header: w.header, Body: closed{&w.body}, Request: r,
		Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1, ContentLength: int64(w.body.Len())}, nil
}

// answer is a response in memory.
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

type closed struct{ *bytes.Buffer }

// Close implements io.Closer.
func (closed) Close() error { return nil }

// logIn logs in with a phone; want is the bank's code of a refusal, empty: it lets
// the holder in.
func (w *World) logIn(ctx context.Context, p *phone, want relyingparty.Code) error {
	what := "lets the holder in"
	if want != "" {
		what = "does not let the holder in"
	}
	return w.step("bank", what, func(s *Step) error {
		statement, err := w.bank.Challenge("振込先の登録")
		if err != nil {
			return err
		}
		response, err := p.answer(ctx, statement)
		if err != nil {
			return err
		}
		if encoded, err := statement.Append(nil); err == nil && want == "" {
			w.report.Files[fmt.Sprintf("logins/%d-statement.bin", p.turn)] = encoded
			w.report.Files[fmt.Sprintf("logins/%d-signature.bin", p.turn)] = response.Signature[:]
		}
		session, err := w.bank.Login(ctx, response.Append(nil))
		var refusal *relyingparty.Error
		switch {
		case err == nil && want == "":
			s.note("the account is known by the certificate's issuer and serial number, %#x", session.Certificate.SerialNumber)
			var evidence []string
			for _, e := range session.Evidence {
				evidence = append(evidence, fmt.Sprintf("%v of %s", e.Method, e.ThisUpdate.Format("15:04:05Z")))
			}
			s.note("neither certificate nor authority is revoked: %s", strings.Join(evidence, ", "))
			return nil
		case errors.As(err, &refusal) && errors.Is(err, &relyingparty.Error{Code: want}):
			s.note("%v", refusal)
			s.note("the holder reads: %s", want.Text().Japanese)
			return nil
		}
		return fmt.Errorf("the bank says %w, want %q", err, want)
	})
}

// answer signs a statement with the key in the SIM.
func (p *phone) answer(ctx context.Context, statement *login.Statement) (*login.Response, error) {
	digest, err := statement.Digest()
	if err != nil {
		return nil, err
	}
	key, err := cardsigner.New(ctx, p.card, cardsigner.Config{Role: jpki.Auth, PIN: []byte(idcards.DemoPINs.Auth)})
	if err != nil {
		return nil, err
	}
	defer key.Close()
	signature, err := key.Sign(nil, digest[:], crypto.SHA256)
	if err != nil {
		return nil, err
	}
	r := &login.Response{Nonce: statement.Nonce, Certificate: key.Certificate().Raw}
	copy(r.Signature[:], signature)
	return r, nil
}

// judge has the bank verify a certificate alone, which it has to refuse.
func (w *World) judge(ctx context.Context, p *phone, want relyingparty.Code) error {
	return w.step("bank", fmt.Sprintf("looks at the certificate that was in SIM %d", p.number), func(s *Step) error {
		_, err := w.bank.Verify(ctx, p.certificate)
		if !errors.Is(err, &relyingparty.Error{Code: want}) {
			return fmt.Errorf("the bank says %w, want %q", err, want)
		}
		s.note("%v", err)
		return nil
	})
}
