package crl_test

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"inkan/ca/status/crl"
	"inkan/ca/status/double"
	"inkan/core/jpki/certificate"
	"inkan/spec/req"
)

// published is a handler with lists of two generations.
func published(t *testing.T) (*history, *crl.Handler) {
	h := newHistory()
	h.registry.Put(auth, double.Row{Partition: kiyose, CertificateStatus: certificate.CertificateStatus{Serial: 1, State: certificate.Revoked, Since: noon, Reason: 1, Generation: 1}})
	if _, err := h.publisher.Publish(t.Context()); err != nil {
		t.Fatal(err)
	}
	return h, &crl.Handler{Store: h.publisher.Store, Issuers: generations, Now: func() time.Time { return h.now }}
}

func ask(h http.Handler, method, path string, fields ...string) *http.Response {
	r := httptest.NewRequest(method, path, nil)
	for i := 0; i < len(fields); i += 2 {
		r.Header.Set(fields[i], fields[i+1])
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w.Result()
}

func body(t *testing.T, r *http.Response) []byte {
	t.Helper()
	b, err := io.ReadAll(r.Body)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// TestHandler: the path of the certificate's distribution point gives the newest
// generation's list, that with a key identifier the generation's.
func TestHandler(t *testing.T) {
	req.Covers(t, "SPEC-STATUS-022", "SPEC-STATUS-026", "SPEC-STATUS-028")
	history, h := published(t)
	history.now = noon.Add(time.Hour)
	path := certificate.CRLPath(auth, kiyose)
	for _, c := range []struct {
		path string
		by   int
	}{{path, 1}, {"/" + crl.Path(generations[0].KeyID(), path), 0}, {"/" + crl.Path(generations[1].KeyID(), path), 1}} {
		got := ask(h, http.MethodGet, c.path)
		der := body(t, got)
		if want := newest(t, h.Store, generations[c.by], kiyose).Raw; got.StatusCode != 200 || !bytes.Equal(der, want) {
			t.Errorf("%s: status %d, %d bytes, want %d", c.path, got.StatusCode, len(der), len(want))
		}
		tag := fmt.Sprintf(`"%x-%d"`, generations[c.by].KeyID(), noon.Unix())
		for field, want := range map[string]string{
			"Content-Type": "application/pkix-crl", "ETag": tag, "Content-Length": fmt.Sprint(len(der)),
			"Last-Modified": "Sat, 28 Nov 2026 03:00:00 GMT", "Date": "Sat, 28 Nov 2026 04:00:00 GMT", "Expires": "Mon, 30 Nov 2026 03:00:00 GMT",
			"Cache-Control": "max-age=169200, public, no-transform, must-revalidate",
		} {
			if got.Header.Get(field) != want {
				t.Errorf("%s: %s is %q, want %q", c.path, field, got.Header.Get(field), want)
			}
		}
		if head := ask(h, http.MethodHead, c.path); head.StatusCode != 200 || len(body(t, head)) != 0 || head.Header.Get("Content-Length") != fmt.Sprint(len(der)) {
			t.Errorf("HEAD %s: %d, %v", c.path, head.StatusCode, head.Header)
		}
		if again := ask(h, http.MethodGet, c.path, "If-None-Match", tag); again.StatusCode != 304 {
			t.Errorf("again: %d", again.StatusCode)
		}
		if part := ask(h, http.MethodGet, c.path, "Range", "bytes=2-4"); part.StatusCode != 206 || !bytes.Equal(body(t, part), der[2:5]) {
			t.Errorf("part: %d", part.StatusCode)
		}
	}
}

// TestHandlerRefusals: no path but a list's, no method but reading, and a failing
// store says nothing about itself.
func TestHandlerRefusals(t *testing.T) {
	req.Covers(t, "SPEC-STATUS-027", "SPEC-STATUS-055")
	_, h := published(t)
	key := fmt.Sprintf("%x", issuer.KeyID())
	for _, path := range []string{
		"/crl/", "/crl/auth", "/crl/x.crl", "/crl/auth/Tokyo-to/Nowhere-shi.crl", "/crl/sign.crl", "/crl/auth/../auth.crl",
		"/crl/" + strings.ToUpper(key) + "/auth.crl", "/crl/" + key[2:] + "/auth.crl", "/crl/" + strings.Repeat("0", 40) + "/auth.crl",
		"/crl/" + key + "/" + key + "/auth.crl", "/auth.crl", "/crl/auth/Tokyo-to/Kiyose-shi.crl.new",
	} {
		if got := ask(h, http.MethodGet, path); got.StatusCode != 404 {
			t.Errorf("%s: %d", path, got.StatusCode)
		}
	}
	for _, method := range []string{"POST", "PUT", "DELETE", "OPTIONS"} {
		if got := ask(h, method, "/crl/auth.crl"); got.StatusCode != 405 || got.Header.Get("Allow") != "GET, HEAD" {
			t.Errorf("%s: %d", method, got.StatusCode)
		}
	}
	var fault error
	h.Store, h.Fault = broken{}, func(err error) { fault = err }
	got := ask(h, http.MethodGet, "/crl/auth.crl")
	if got.StatusCode != 503 || fault == nil || strings.Contains(string(body(t, got)), "disk") {
		t.Errorf("broken store: %d, %v", got.StatusCode, fault)
	}
}

type broken struct{ crl.Store }

func (broken) Open(string) (crl.File, error) { return nil, errors.New("disk 7 is on fire") }
