package binding

import (
	"bytes"
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"errors"
	"io"
	"log"
	"math/big"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"inkan/core/tsmp"
	"inkan/core/tsmp/jws"
	"inkan/spec/req"
)

// echo answers a request with itself in brackets.
func echo(_ context.Context, request []byte) ([]byte, error) {
	return append(append([]byte("["), request...), ']'), nil
}

func TestExchange(t *testing.T) {
	req.Covers(t, "SPEC-TSM-PROTOCOL-060")
	server := httptest.NewServer(&Handler{Serve: echo})
	defer server.Close()
	answer, err := Exchange(server.Client(), server.URL+"/")(t.Context(), []byte("a.b.c"))
	if err != nil || string(answer) != "[a.b.c]" {
		t.Fatalf("%q, %v", answer, err)
	}
}

// Every refusal without a signed answer comes through with its code, and the text
// of a failure does not.
func TestRefusals(t *testing.T) {
	req.Covers(t, "SPEC-TSM-PROTOCOL-061")
	const secret = "the disk is full"
	for _, c := range []struct {
		err    error
		status int
		want   error
	}{
		{tsmp.Refuse(tsmp.CodeMalformed, secret), 400, tsmp.Refuse(tsmp.CodeMalformed, "")},
		{tsmp.Refuse(tsmp.CodeVersion, secret), 400, tsmp.Refuse(tsmp.CodeVersion, "")},
		{tsmp.Refuse(tsmp.CodeKey, secret), 401, tsmp.Refuse(tsmp.CodeKey, "")},
		{tsmp.Refuse(tsmp.CodeSignature, secret), 401, tsmp.Refuse(tsmp.CodeSignature, "")},
		{tsmp.Refuse(tsmp.CodeTooLarge, secret), 413, tsmp.Refuse(tsmp.CodeTooLarge, "")},
		{errors.New(secret), 503, ErrUnavailable},
	} {
		var told error
		h := &Handler{Serve: func(context.Context, []byte) ([]byte, error) { return nil, c.err }, Fault: func(err error) { told = err }}
		w := posted(h, ContentType, "x")
		if w.Code != c.status || strings.Contains(w.Body.String(), secret) {
			t.Errorf("%v: %d %q, want %d", c.err, w.Code, w.Body, c.status)
		}
		if (told != nil) != (c.status == 503) {
			t.Errorf("%v: fault %v", c.err, told)
		}
		server := httptest.NewServer(h)
		if _, err := Exchange(server.Client(), server.URL)(t.Context(), []byte("x")); !errors.Is(err, c.want) {
			t.Errorf("%v: %v, want %v", c.err, err, c.want)
		}
		server.Close()
	}
}

func posted(h http.Handler, kind, body string) *httptest.ResponseRecorder {
	r := httptest.NewRequest(http.MethodPost, Path, strings.NewReader(body))
	r.Header.Set("Content-Type", kind)
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w
}

func TestWhatIsNoRequest(t *testing.T) {
	req.Covers(t, "SPEC-TSM-PROTOCOL-062")
	h := &Handler{Serve: func(context.Context, []byte) ([]byte, error) { t.Error("executed"); return nil, nil }}
	if w := posted(h, "application/json", "{}"); w.Code != http.StatusUnsupportedMediaType {
		t.Errorf("JSON: %d", w.Code)
	}
	if w := posted(h, ContentType, strings.Repeat("x", jws.MaxMessage+1)); w.Code != http.StatusRequestEntityTooLarge {
		t.Errorf("too long: %d", w.Code)
	}
	for _, c := range []struct {
		method, path string
		status       int
	}{{http.MethodGet, Path, 405}, {http.MethodPost, "/", 404}, {http.MethodPost, Path + "/x", 404}} {
		w := httptest.NewRecorder()
		h.ServeHTTP(w, httptest.NewRequest(c.method, c.path, nil))
		if w.Code != c.status {
			t.Errorf("%s %s: %d, want %d", c.method, c.path, w.Code, c.status)
		}
	}
}

// What is no answer of ours is an error, whatever a server or proxy sends.
func TestOddAnswers(t *testing.T) {
	for name, answer := range map[string]http.HandlerFunc{
		"page": func(w http.ResponseWriter, _ *http.Request) { io.WriteString(w, "<html>") },
		"redirect": func(w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, "/elsewhere", http.StatusTemporaryRedirect)
		},
		"long": func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", ContentType)
			w.Write(bytes.Repeat([]byte("x"), jws.MaxMessage+1))
		},
	} {
		server := httptest.NewServer(answer)
		client := NewClient(nil)
		if got, err := Exchange(client, server.URL)(t.Context(), []byte("x")); err == nil {
			t.Errorf("%s: taken for an answer: %.20q", name, got)
		}
		server.Close()
	}
}

// A recipient that had the request and gave no signed answer is told from one that was
// not reached, or not heard of in time.
func TestBrokenOff(t *testing.T) {
	req.Covers(t, "SPEC-POST-014")
	hang, done := make(chan struct{}), make(chan struct{})
	defer close(done)
	for name, c := range map[string]struct {
		serve http.HandlerFunc // nil: nobody listens
		want  bool
	}{
		"nobody": {nil, false},
		"breaks": {func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }, true},
		"breaks within the answer": {func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Length", "100")
			w.Write([]byte("x"))
		}, true},
		"page":   {func(w http.ResponseWriter, _ *http.Request) { io.WriteString(w, "<html>") }, true},
		"failed": {func(w http.ResponseWriter, _ *http.Request) { plain(w, http.StatusServiceUnavailable, "") }, true},
		"unknown key": {func(w http.ResponseWriter, _ *http.Request) {
			plain(w, http.StatusUnauthorized, string(tsmp.CodeKey))
		}, true},
		"hangs": {func(_ http.ResponseWriter, r *http.Request) {
			io.Copy(io.Discard, r.Body)
			close(hang)
			<-done
		}, false},
		"late":    {func(http.ResponseWriter, *http.Request) { <-done }, false},
		"answers": {(&Handler{Serve: echo}).ServeHTTP, false},
	} {
		listener, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		server := &http.Server{Handler: c.serve, ErrorLog: log.New(io.Discard, "", 0)}
		if c.serve == nil {
			listener.Close()
		} else {
			go server.Serve(listener)
		}
		ctx, cancel := context.WithCancel(t.Context())
		if name == "hangs" {
			go func() { <-hang; cancel() }()
		}
		client := new(http.Client)
		if name == "late" {
			client.Timeout = 100 * time.Millisecond
		}
		_, err = Exchange(client, "http://"+listener.Addr().String())(ctx, []byte("x"))
		if (err == nil) != (name == "answers") || errors.Is(err, tsmp.ErrBrokenOff) != c.want {
			t.Errorf("%s: %v", name, err)
		}
		cancel()
		server.Close()
	}
}

// authority signs certificates for a test.
func authority(t *testing.T) (sign func(name string) tls.Certificate, pool *x509.CertPool) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	own := &x509.Certificate{SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "test"}, NotAfter: time.Now().Add(time.Hour),
		IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign}
	make := func(c *x509.Certificate, public *ecdsa.PublicKey) []byte {
		der, err := x509.CreateCertificate(rand.Reader, c, own, public, key)
		if err != nil {
			t.Fatal(err)
		}
		return der
	}
	parsed, err := x509.ParseCertificate(make(own, &key.PublicKey))
	if err != nil {
		t.Fatal(err)
	}
	pool = x509.NewCertPool()
	pool.AddCert(parsed)
	return func(name string) tls.Certificate {
		k, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
		if err != nil {
			t.Fatal(err)
		}
		c := &x509.Certificate{SerialNumber: big.NewInt(2), Subject: pkix.Name{CommonName: name}, NotAfter: time.Now().Add(time.Hour),
			DNSNames: names(name), IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth, x509.ExtKeyUsageClientAuth}}
		return tls.Certificate{Certificate: [][]byte{make(c, &k.PublicKey)}, PrivateKey: k}
	}, pool
}

// names are a certificate's DNS names; a name without a dot is none.
func names(name string) []string {
	if !strings.Contains(name, ".") {
		return nil
	}
	return []string{name}
}

// Neither end talks to somebody whom its pool does not know.
func TestMutualTLS(t *testing.T) {
	req.Covers(t, "SPEC-TSM-PROTOCOL-063")
	sign, pool := authority(t)
	stranger, strangers := authority(t)
	listener, err := tls.Listen("tcp", "127.0.0.1:0", ServerTLS(sign("server"), pool))
	if err != nil {
		t.Fatal(err)
	}
	server := NewServer(&Handler{Serve: echo})
	server.ErrorLog = nil
	go server.Serve(listener)
	defer server.Close()
	url := "https://" + listener.Addr().String()
	for name, c := range map[string]struct {
		tls *tls.Config
		ok  bool
	}{
		"known":              {ClientTLS(sign("client"), pool), true},
		"unknown client":     {ClientTLS(stranger("client"), pool), false},
		"no certificate":     {&tls.Config{RootCAs: pool}, false},
		"server not trusted": {ClientTLS(sign("client"), strangers), false},
	} {
		answer, err := Exchange(NewClient(c.tls), url)(t.Context(), []byte("x"))
		if (err == nil) != c.ok || c.ok && string(answer) != "[x]" {
			t.Errorf("%s: %q, %v", name, answer, err)
		}
	}
}
