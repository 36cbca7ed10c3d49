package ocsp_test

import (
	"bytes"
	"crypto"
	"encoding/base64"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	foreign "golang.org/x/crypto/ocsp"

	"inkan/ca/status/ocsp"
	"inkan/core/jpki/certificate"
	"inkan/spec/req"
)

func handler(d *desk) *ocsp.Handler {
	return &ocsp.Handler{Responder: d.responder, Path: "/auth", Authority: auth}
}

func do(h http.Handler, method, target string, body []byte, fields ...string) *http.Response {
	r := httptest.NewRequest(method, target, bytes.NewReader(body))
	for i := 0; i < len(fields); i += 2 {
		r.Header.Set(fields[i], fields[i+1])
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w.Result()
}

func all(t *testing.T, r *http.Response) []byte {
	t.Helper()
	b, err := io.ReadAll(r.Body)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// path is the target of a GET, escaped as RFC 6960 says or not.
func path(request []byte, escaped bool) string {
	text := base64.StdEncoding.EncodeToString(request)
	if escaped {
		text = url.QueryEscape(text)
	}
	return "/auth/" + text
}

// slashed is a request whose base64 has all that makes trouble: slashes, two in a
// row, and a plus.
func slashed(t *testing.T) (request []byte, serial uint64) {
	for serial = certificate.FirstSerial; serial < certificate.FirstSerial+1<<16; serial++ {
		request = question(t, auth1, crypto.SHA256, []byte{0xFF, 0xFF, 0xFF, 0xFB, 0xEF, 0xBE}, serial)
		if text := path(request, false)[6:]; strings.Contains(text, "//") && strings.Contains(text, "+") {
			return request, serial
		}
	}
	t.Fatal("no such request")
	return nil, 0
}

// TestHandlerForms: POST, GET and HEAD give the same answer.
func TestHandlerForms(t *testing.T) {
	req.Covers(t, "SPEC-STATUS-050", "SPEC-STATUS-053")
	d := newDesk(t)
	h := handler(d)
	request := question(t, auth1, crypto.SHA1, nil, active)
	first := all(t, do(h, "POST", "/auth", request, "Content-Type", ocsp.RequestType))
	if got := parse(t, first); got.Status != foreign.Good {
		t.Errorf("status %d", got.Status)
	}
	for _, r := range []*http.Response{
		do(h, "POST", "/auth/", request, "Content-Type", ocsp.RequestType+"; charset=binary"),
		do(h, "GET", path(request, true), nil), do(h, "GET", path(request, false), nil),
	} {
		if got := all(t, r); r.StatusCode != 200 || !bytes.Equal(got, first) || r.Header.Get("Content-Type") != ocsp.ResponseType ||
			r.Header.Get("Content-Length") != fmt.Sprint(len(first)) {
			t.Errorf("%d, %v, %d bytes", r.StatusCode, r.Header, len(got))
		}
	}
	if r := do(h, "HEAD", path(request, true), nil); r.StatusCode != 200 || r.Header.Get("ETag") == "" {
		t.Errorf("HEAD: %d, %v", r.StatusCode, r.Header)
	}
	hard, serial := slashed(t)
	for _, escaped := range []bool{true, false} {
		if got := parse(t, all(t, do(h, "GET", path(hard, escaped), nil))); got.SerialNumber.Uint64() != serial {
			t.Errorf("%s: serial %d", path(hard, escaped), got.SerialNumber)
		}
	}
}

// TestHandlerErrors: what is no request is an OCSP response that says so; another
// authority's path is not authorised.
func TestHandlerErrors(t *testing.T) {
	req.Covers(t, "SPEC-STATUS-043", "SPEC-STATUS-050", "SPEC-STATUS-053")
	var seen []ocsp.Info
	h := handler(newDesk(t))
	h.Observe = func(i ocsp.Info) { seen = append(seen, i) }
	good := path(question(t, auth1, crypto.SHA1, nil, active), false)
	for target, want := range map[string]ocsp.ResponseStatus{
		"/auth/": ocsp.MalformedRequest, "/auth": ocsp.MalformedRequest, "/auth/%2": ocsp.MalformedRequest, "/auth/MAM_": ocsp.MalformedRequest,
		good[:len(good)-4]: ocsp.MalformedRequest, good + "AAAA": ocsp.MalformedRequest, "/auth/" + strings.Repeat("A", 20_000): ocsp.MalformedRequest,
		path(question(t, sign1, crypto.SHA1, nil, active), true): ocsp.Unauthorized,
	} {
		r := &http.Request{Method: "GET", URL: &url.URL{Path: target}}
		if parsed, err := url.Parse(target); err == nil {
			r.URL = parsed
		}
		w := httptest.NewRecorder()
		h.ServeHTTP(w, r)
		if got := w.Result(); got.StatusCode != 200 || !failed(all(t, got), want) || got.Header.Get("Cache-Control") != "no-store" || got.Header.Get("Content-Type") != ocsp.ResponseType {
			t.Errorf("%.40s: %d, %v", target, got.StatusCode, got.Header)
		}
	}
	if len(seen) != 8 || seen[0].Err == nil {
		t.Errorf("observed %+v", seen)
	}
}

// TestHandlerLimits: HTTP's own errors.
func TestHandlerLimits(t *testing.T) {
	req.Covers(t, "SPEC-STATUS-051")
	h := handler(newDesk(t))
	request := question(t, auth1, crypto.SHA1, nil, active)
	for name, c := range map[string]struct {
		got  *http.Response
		code int
	}{
		"another method":      {do(h, "PUT", "/auth", request, "Content-Type", ocsp.RequestType), 405},
		"another type":        {do(h, "POST", "/auth", request, "Content-Type", "application/json"), 415},
		"no type":             {do(h, "POST", "/auth", request), 415},
		"another path":        {do(h, "POST", "/auth/x", request, "Content-Type", ocsp.RequestType), 404},
		"too large":           {do(h, "POST", "/auth", make([]byte, ocsp.MaxRequest+1), "Content-Type", ocsp.RequestType), 413},
		"as large as allowed": {do(h, "POST", "/auth", make([]byte, ocsp.MaxRequest), "Content-Type", ocsp.RequestType), 200},
	} {
		if c.got.StatusCode != c.code {
			t.Errorf("%s: %d, want %d", name, c.got.StatusCode, c.code)
		}
	}
	if got := do(h, "DELETE", "/auth", nil); got.Header.Get("Allow") != "GET, HEAD, POST" {
		t.Errorf("Allow is %q", got.Header.Get("Allow"))
	}
}

// TestHandlerCaching: the header fields of RFC 5019, and none that lets a nonce's
// answer be kept.
func TestHandlerCaching(t *testing.T) {
	req.Covers(t, "SPEC-STATUS-052")
	d := newDesk(t)
	h := handler(d)
	request := path(question(t, auth1, crypto.SHA1, nil, active), true)
	do(h, "GET", request, nil)
	d.now = noon.Add(10 * time.Minute)
	got := do(h, "GET", request, nil)
	for field, want := range map[string]string{
		"Last-Modified": "Sat, 28 Nov 2026 03:00:00 GMT", "Expires": "Sat, 28 Nov 2026 04:00:00 GMT", "Date": "Sat, 28 Nov 2026 03:10:00 GMT",
		"Cache-Control": "max-age=3000, public, no-transform, must-revalidate",
	} {
		if got.Header.Get(field) != want {
			t.Errorf("%s is %q, want %q", field, got.Header.Get(field), want)
		}
	}
	tag := got.Header.Get("ETag")
	if again := do(h, "GET", request, nil, "If-None-Match", `"x", `+tag); again.StatusCode != 304 || len(all(t, again)) != 0 || again.Header.Get("Cache-Control") == "" {
		t.Errorf("again: %d", again.StatusCode)
	}
	d.registry.Change(auth, active, certificate.Revoked, certificate.KeyCompromise)
	if changed := do(h, "GET", request, nil, "If-None-Match", tag); changed.StatusCode != 200 || changed.Header.Get("ETag") == tag {
		t.Errorf("after a revocation: %d", changed.StatusCode)
	}
	for name, r := range map[string]*http.Response{
		"nonce": do(h, "GET", path(question(t, auth1, crypto.SHA1, []byte{1}, active), true), nil),
		"POST":  do(h, "POST", "/auth", question(t, auth1, crypto.SHA1, nil, active), "Content-Type", ocsp.RequestType),
	} {
		if r.StatusCode != 200 || r.Header.Get("Cache-Control") != "no-store" || r.Header.Get("Expires") != "" {
			t.Errorf("%s: %d, %v", name, r.StatusCode, r.Header)
		}
	}
}

// FuzzHandler: any path and body gives HTTP's own error or one OCSP response, and a
// successful one only for a request that can be read.
func FuzzHandler(f *testing.F) {
	d := newDesk(f)
	h := handler(d)
	plain := question(f, auth1, crypto.SHA1, nil, active)
	f.Add(path(plain, true), plain, true)
	f.Add(path(plain, false), []byte(nil), false)
	f.Add("/auth/%ZZ", []byte{0x30}, false)
	f.Add("/auth//"+strings.Repeat("A", 300), []byte{0x30, 0x80}, true)
	f.Fuzz(func(t *testing.T, target string, body []byte, post bool) {
		r := &http.Request{Method: "GET", URL: &url.URL{Path: target}, Header: http.Header{}, Body: io.NopCloser(bytes.NewReader(body))}
		if parsed, err := url.Parse(target); err == nil {
			r.URL = parsed
		}
		if post {
			r.Method = "POST"
			r.Header.Set("Content-Type", ocsp.RequestType)
		}
		w := httptest.NewRecorder()
		h.ServeHTTP(w, r)
		got := w.Body.Bytes()
		if w.Code != 200 {
			if !post || w.Code != 404 && w.Code != 413 {
				t.Fatalf("HTTP status %d", w.Code)
			}
			return
		}
		if len(got) < 5 || got[0] != 0x30 || len(got) == 5 && !failed(got, ocsp.MalformedRequest) && !failed(got, ocsp.Unauthorized) {
			t.Fatalf("response %X", got)
		}
		var asked ocsp.Request
		if post && (len(got) > 5) != (asked.Parse(body) == nil && !failed(got, ocsp.Unauthorized)) {
			t.Fatalf("request %X, response of %d bytes", body, len(got))
		}
	})
}
