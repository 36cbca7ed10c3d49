package publication_test

import (
	"bytes"
	"context"
	"crypto"
	"encoding/pem"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	foreign "golang.org/x/crypto/ocsp"

	"inkan/ca/status"
	"inkan/ca/status/crl"
	"inkan/ca/status/double"
	"inkan/ca/status/ocsp"
	"inkan/ca/status/publication"
	"inkan/core/jpki/certificate"
	"inkan/spec/req"
)

const (
	auth   = certificate.AuthenticationAuthority
	sign   = certificate.SignatureAuthority
	kiyose = "Tokyo-to/Kiyose-shi"

	active  = certificate.FirstSerial
	revoked = certificate.FirstSerial + 1
	absent  = certificate.FirstSerial + 2
)

var noon = time.Date(2026, 11, 28, 3, 0, 0, 0, time.UTC)

// site is everything that is published, of one generation each.
type site struct {
	auth, sign *status.Issuer
	registry   *double.Registry
	handler    *publication.Handler
	url        string // of a server on the loopback
	faults     []error
}

func newSite(t *testing.T, now func() time.Time) *site {
	s := &site{auth: double.Issuer(auth, 1), sign: double.Issuer(sign, 1), registry: double.New(now)}
	since := s.registry.Now().Add(-time.Hour)
	for serial, state := range map[uint64]certificate.State{active: certificate.Active, revoked: certificate.Revoked} {
		s.registry.Put(auth, double.Row{Partition: kiyose, CertificateStatus: certificate.CertificateStatus{
			Serial: serial, State: state, Since: since, Generation: 1, NotAfter: double.NotAfter, Reason: certificate.Reason(serial - active)}})
	}
	issuers := []*status.Issuer{s.auth, s.sign}
	responder, err := ocsp.New(ocsp.Config{Registry: s.registry, Issuers: issuers, Now: now})
	if err != nil {
		t.Fatal(err)
	}
	store := new(crl.Memory)
	if done, err := (&crl.Publisher{Registry: s.registry, Issuers: issuers, Store: store}).Publish(t.Context()); err != nil || done.Done != 3 {
		t.Fatal(done, err)
	}
	s.handler = publication.New(publication.Config{Issuers: issuers, Lists: store, Responder: responder, Now: now, Fault: func(err error) { s.faults = append(s.faults, err) }})
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	server := publication.NewServer(s.handler)
	go server.Serve(listener)
	t.Cleanup(func() { server.Close() })
	s.url = "http://" + listener.Addr().String()
	return s
}

func (s *site) get(t *testing.T, path string) (int, http.Header, []byte) {
	t.Helper()
	r, err := http.Get(s.url + path)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Body.Close()
	b, err := io.ReadAll(r.Body)
	if err != nil {
		t.Fatal(err)
	}
	return r.StatusCode, r.Header, b
}

// question makes a request of an issuer's.
func question(t *testing.T, issuer *status.Issuer, serial uint64) []byte {
	t.Helper()
	der, err := ocsp.AppendRequest(nil, issuer.Certificate, crypto.SHA1, nil, serial)
	if err != nil {
		t.Fatal(err)
	}
	return der
}

// TestPaths: every kind at its place, and nothing elsewhere.
func TestPaths(t *testing.T) {
	req.Covers(t, "SPEC-STATUS-054")
	s := newSite(t, func() time.Time { return noon })
	for path, want := range map[string][]byte{"/ca/authca01.cer": s.auth.Certificate.Raw, "/ca/signca01.cer": s.sign.Certificate.Raw} {
		code, header, got := s.get(t, path)
		if code != 200 || header.Get("Content-Type") != "application/pkix-cert" || !bytes.Equal(got, want) {
			t.Errorf("%s: %d, %v", path, code, header)
		}
	}
	for _, path := range []string{certificate.CRLPath(auth, kiyose), certificate.CRLPath(auth, certificate.CAList), certificate.CRLPath(sign, certificate.CAList)} {
		code, header, der := s.get(t, path)
		list, err := crl.ReadInfo(bytes.NewReader(der), int64(len(der)))
		if code != 200 || header.Get("Content-Type") != "application/pkix-crl" || err != nil || certificate.CRLPath(list.Authority, list.Partition) != path {
			t.Errorf("%s: %d, %v, %v", path, code, list, err)
		}
	}
	for path, c := range map[string]struct {
		issuer *status.Issuer
		serial uint64
		want   int
	}{"/auth": {s.auth, revoked, foreign.Revoked}, "/auth/": {s.auth, active, foreign.Good}, "/sign": {s.sign, active, foreign.Unknown}} {
		r, err := http.Post(s.url+path, ocsp.RequestType, bytes.NewReader(question(t, c.issuer, c.serial)))
		if err != nil {
			t.Fatal(err)
		}
		der, err := io.ReadAll(r.Body)
		if err := errors.Join(err, r.Body.Close()); err != nil {
			t.Fatal(err)
		}
		if got, err := foreign.ParseResponse(der, c.issuer.Certificate); err != nil || got.Status != c.want {
			t.Errorf("%s: %+v, %v", path, got, err)
		}
	}
	for _, path := range []string{"/", "/ca/", "/ca/authca02.cer", "/ca/authca01.cer/", "/crl", "/other", "//auth", "/ca/../ca/authca01.cer", "/.."} {
		r := httptest.NewRequest("GET", "/", nil)
		r.URL = &url.URL{Path: path}
		w := httptest.NewRecorder()
		if s.handler.ServeHTTP(w, r); w.Code != 404 || w.Header().Get("X-Content-Type-Options") != "nosniff" {
			t.Errorf("%s: %d", path, w.Code)
		}
	}
	if r, err := http.Post(s.url+"/ca/authca01.cer", "", nil); err != nil || r.StatusCode != 405 {
		t.Errorf("POST of a certificate: %v, %v", r.StatusCode, err)
	}
}

// TestFaults: what fails behind the handler is for the operator, not for the
// client; a client's own faults are not.
func TestFaults(t *testing.T) {
	req.Covers(t, "SPEC-STATUS-055")
	s := newSite(t, func() time.Time { return noon })
	if _, _, got := s.get(t, "/auth/AAAA"); !bytes.Equal(got, []byte{0x30, 3, 0x0A, 1, 1}) || len(s.faults) != 0 {
		t.Errorf("%X, %v", got, s.faults)
	}
	s.registry.Stop = func(string) error { return errors.New("disk 7 is on fire") }
	w := httptest.NewRecorder()
	r := httptest.NewRequestWithContext(context.Background(), "POST", "/auth", bytes.NewReader(question(t, s.auth, active)))
	r.Header.Set("Content-Type", ocsp.RequestType)
	s.handler.ServeHTTP(w, r)
	if !bytes.Equal(w.Body.Bytes(), []byte{0x30, 3, 0x0A, 1, 2}) || len(s.faults) != 1 || !strings.Contains(s.faults[0].Error(), "disk 7") {
		t.Errorf("%X, %v", w.Body.Bytes(), s.faults)
	}
	for field, values := range w.Header() {
		if strings.Contains(strings.Join(values, " "), "disk") {
			t.Errorf("%s tells of the fault", field)
		}
	}
}

// pemFile writes certificates or lists for openssl.
func pemFile(t *testing.T, kind string, ders ...[]byte) string {
	t.Helper()
	var text []byte
	for _, der := range ders {
		text = append(text, pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der})...)
	}
	path := filepath.Join(t.TempDir(), "file.pem")
	if err := os.WriteFile(path, text, 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}
