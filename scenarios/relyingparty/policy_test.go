package relyingparty

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"inkan/spec/req"
)

// ways are what OCSP and the list say.
type way uint8

const (
	absent way = iota
	says
	denies
	wrong
)

// publish arranges what both ways say of the holder's certificate.
func (w *world) publish(t testing.TB, byOCSP, byCRL way) {
	w.published = map[string]func([]byte) ([]byte, error){}
	switch byOCSP {
	case says:
		w.respond(t, 2, nil)
	case denies:
		w.respond(t, 2, func(s *responseSpec) { s.good = statusRevoked(1) })
	case wrong:
		w.respond(t, 2, func(s *responseSpec) { s.spoil = true })
	}
	switch byCRL {
	case says:
		w.publishList(t, 2, nil)
	case denies:
		w.publishList(t, 2, revoke(1))
	case wrong:
		w.publishList(t, 2, func(s *listSpec) { s.template.NextUpdate = at.Add(-time.Second) })
	}
}

// TestWhichOfBoth goes through all combinations of what OCSP and the list say.
func TestWhichOfBoth(t *testing.T) {
	req.Covers(t, "SPEC-RELYING-PARTY-040", "SPEC-RELYING-PARTY-041", "SPEC-RELYING-PARTY-042", "SPEC-RELYING-PARTY-043")
	w := newWorld(t)
	both := []Method{OCSP, CRL}
	for _, c := range []struct {
		ocsp, crl                 way
		first, all, soft, softAll Code // by policy
	}{
		{says, says, "", "", "", ""},
		{says, denies, "", CertificateRevoked, "", CertificateRevoked},
		{says, absent, "", StatusUnavailable, "", ""},
		{says, wrong, "", StatusUnavailable, "", StatusUnavailable},
		{denies, says, CertificateRevoked, CertificateRevoked, CertificateRevoked, CertificateRevoked},
		{denies, absent, CertificateRevoked, CertificateRevoked, CertificateRevoked, CertificateRevoked},
		{absent, says, "", StatusUnavailable, "", ""},
		{absent, denies, CertificateRevoked, CertificateRevoked, CertificateRevoked, CertificateRevoked},
		{absent, absent, StatusUnavailable, StatusUnavailable, "", ""},
		{absent, wrong, StatusUnavailable, StatusUnavailable, StatusUnavailable, StatusUnavailable},
		{wrong, says, "", StatusUnavailable, "", StatusUnavailable},
		{wrong, denies, CertificateRevoked, CertificateRevoked, CertificateRevoked, CertificateRevoked},
		{wrong, absent, StatusUnavailable, StatusUnavailable, StatusUnavailable, StatusUnavailable},
		{wrong, wrong, StatusUnavailable, StatusUnavailable, StatusUnavailable, StatusUnavailable},
	} {
		w.publish(t, c.ocsp, c.crl)
		for name, p := range map[string]struct {
			policy Policy
			code   Code
		}{
			"default":  {Policy{}, c.first},
			"first":    {Policy{Methods: both}, c.first},
			"all":      {Policy{Methods: both, All: true}, c.all},
			"soft":     {Policy{AcceptUnchecked: true}, c.soft},
			"soft all": {Policy{All: true, AcceptUnchecked: true}, c.softAll},
		} {
			session, err := w.verify(t, 2, p.policy)
			if want(t, name, err, p.code); err != nil && outermost(err) != p.code {
				t.Errorf("OCSP %d, CRL %d, %s: %v", c.ocsp, c.crl, name, err)
			}
			if nothing := c.ocsp == absent && c.crl == absent; err == nil && session.Unchecked != nothing {
				t.Errorf("OCSP %d, CRL %d, %s: unchecked %v", c.ocsp, c.crl, name, session.Unchecked)
			}
		}
	}
}

func TestOrderOfMethods(t *testing.T) {
	req.Covers(t, "SPEC-RELYING-PARTY-040")
	w := newWorld(t)
	w.publish(t, says, says)
	for first, policy := range map[string]Policy{ocspURL: {}, listURL(w.generation[2]): {Methods: []Method{CRL, OCSP}}} {
		w.asked = nil
		if _, err := w.verify(t, 2, policy); err != nil || len(w.asked) != 1 || w.asked[0] != first {
			t.Errorf("asked %q, %v, want %s", w.asked, err, first)
		}
	}
}

// TestTimeGoesOnWhileFetching: what was made after the verification began is not
// early, and what ended meanwhile is stale.
func TestTimeGoesOnWhileFetching(t *testing.T) {
	req.Covers(t, "SPEC-RELYING-PARTY-045")
	for name, c := range map[string]struct {
		took, made, valid time.Duration
		answer, list      Code
	}{
		"made meanwhile":  {time.Second, time.Second, time.Hour, "", ""},
		"made later":      {time.Second, 2 * time.Second, time.Hour, AnswerEarly, ListEarly},
		"ended meanwhile": {2 * time.Second, 0, time.Second, AnswerStale, ListStale},
	} {
		w := newWorld(t)
		w.respond(t, 2, func(s *responseSpec) {
			s.produced, s.this, s.next = at.Add(c.made), at.Add(c.made), at.Add(c.made+c.valid)
		})
		w.publishList(t, 2, func(s *listSpec) {
			s.template.ThisUpdate, s.template.NextUpdate = at.Add(c.made), at.Add(c.made+c.valid)
		})
		for policy, code := range map[*Policy]Code{&byOCSP: c.answer, &byList: c.list} {
			config := w.config(*policy)
			config.Now = func() time.Time { return at.Add(time.Duration(len(w.asked)) * c.took) }
			w.asked = nil
			p, err := New(config)
			if err != nil {
				t.Fatal(err)
			}
			_, err = p.Verify(t.Context(), w.leaf(t, 2, nil))
			want(t, name, err, code)
		}
	}
}

func TestFetching(t *testing.T) {
	req.Covers(t, "SPEC-RELYING-PARTY-048")
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/lists/ten":
			_, _ = w.Write([]byte("0123456789"))
		case "/lists/away":
			http.Redirect(w, r, "/lists/ten", http.StatusFound)
		case "/lists/posted":
			if r.Method == http.MethodPost && r.Header.Get("Content-Type") == "application/ocsp-request" {
				_, _ = w.Write([]byte("posted"))
			}
		case "/lists/late":
			<-r.Context().Done()
		default:
			http.NotFound(w, r)
		}
	}))
	defer server.Close()
	h := &HTTP{Instead: map[string]string{"http://crl.inkan.example": "http://127.0.0.1:1", "http://crl.inkan.example/crl": server.URL + "/lists"}}
	fetch := func(path string, limit int64) (string, error) {
		ctx, cancel := context.WithTimeout(t.Context(), 200*time.Millisecond)
		defer cancel()
		got, err := h.Fetch(ctx, "http://crl.inkan.example/crl/"+path, "", nil, limit)
		return string(got), err
	}
	if got, err := fetch("ten", 10); err != nil || got != "0123456789" {
		t.Error(got, err)
	}
	for path, want := range map[string]string{"ten": "more than 9 bytes", "away": "HTTP status 302", "gone": "HTTP status 404", "late": "deadline"} {
		if got, err := fetch(path, 9); err == nil || got != "" || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %q, %v, want %s", path, got, err, want)
		}
	}
	if got, err := h.Fetch(t.Context(), "http://crl.inkan.example/crl/posted", "application/ocsp-request", []byte{1}, 99); err != nil || string(got) != "posted" {
		t.Error(string(got), err)
	}
	if _, err := h.Fetch(t.Context(), "\x00", "", nil, 9); err == nil {
		t.Error("no URL")
	}
	if _, err := (&HTTP{Client: &http.Client{Timeout: time.Second}}).Fetch(t.Context(), server.URL+"/lists/ten", "", nil, 10); err != nil {
		t.Error(err)
	}
}

func TestErrorsAreOfTheirCode(t *testing.T) {
	inner := fail(ListStale, "old")
	err := failed(StatusUnavailable, inner, "none")
	if !errors.Is(err, &Error{Code: ListStale}) || !errors.Is(err, &Error{Code: StatusUnavailable}) || errors.Is(err, &Error{Code: ListEarly}) {
		t.Error(err)
	}
	if err.Error() != "RP-305: none: RP-315: old" {
		t.Error(err)
	}
}
