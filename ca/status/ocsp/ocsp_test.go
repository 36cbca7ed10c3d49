package ocsp_test

import (
	"bytes"
	"context"
	"crypto"
	"testing"
	"time"

	foreign "golang.org/x/crypto/ocsp"

	"inkan/ca/status"
	"inkan/ca/status/double"
	"inkan/ca/status/ocsp"
	"inkan/core/jpki/certificate"
)

const (
	auth   = certificate.AuthenticationAuthority
	sign   = certificate.SignatureAuthority
	kiyose = "Tokyo-to/Kiyose-shi"
)

var (
	noon  = time.Date(2026, 11, 28, 3, 0, 0, 0, time.UTC)
	auth1 = double.Issuer(auth, 1)
	auth2 = double.Issuer(auth, 2)
	sign1 = double.Issuer(sign, 1)
)

// desk is a registry with a responder and a clock that a test turns.
type desk struct {
	now       time.Time
	registry  *double.Registry
	responder *ocsp.Responder
}

// Serial numbers of newDesk's certificates.
const (
	active = certificate.FirstSerial + iota
	pending
	suspended
	revoked
	unspecified
	second // generation 2
	absent
)

func newDesk(t testing.TB, change ...func(*ocsp.Config)) *desk {
	d := &desk{now: noon}
	d.registry = double.New(func() time.Time { return d.now })
	row := func(serial uint64, state certificate.State, reason certificate.Reason, generation int) {
		d.registry.Put(auth, double.Row{Partition: kiyose, CertificateStatus: certificate.CertificateStatus{
			Serial: serial, State: state, Reason: reason, Since: noon.Add(-time.Hour), Version: 1, Generation: generation, NotAfter: noon.AddDate(5, 0, 0)}})
	}
	row(active, certificate.Active, 0, 1)
	row(pending, certificate.Pending, 0, 1)
	row(suspended, certificate.Suspended, certificate.CertificateHold, 1)
	row(revoked, certificate.Revoked, certificate.KeyCompromise, 1)
	row(unspecified, certificate.Revoked, certificate.Unspecified, 1)
	row(second, certificate.Active, 0, 2)
	c := ocsp.Config{Registry: d.registry, Issuers: []*status.Issuer{auth1, auth2, sign1}, Now: func() time.Time { return d.now }}
	for _, f := range change {
		f(&c)
	}
	var err error
	if d.responder, err = ocsp.New(c); err != nil {
		t.Fatal(err)
	}
	return d
}

func question(t testing.TB, issuer *status.Issuer, hash crypto.Hash, nonce []byte, serials ...uint64) []byte {
	t.Helper()
	der, err := ocsp.AppendRequest(nil, issuer.Certificate, hash, nonce, serials...)
	if err != nil {
		t.Fatal(err)
	}
	return der
}

// ask asks for one certificate of generation 1 and reads the answer with
// x/crypto/ocsp, which checks signature and delegation.
func (d *desk) ask(t testing.TB, serial uint64, nonce []byte) (*foreign.Response, ocsp.Info) {
	t.Helper()
	der, info := d.responder.Respond(context.Background(), nil, question(t, auth1, crypto.SHA1, nonce, serial))
	if info.Err != nil {
		t.Fatal(info.Err)
	}
	return parse(t, der), info
}

func parse(t testing.TB, der []byte) *foreign.Response {
	t.Helper()
	got, err := foreign.ParseResponse(der, auth1.Certificate)
	if err != nil {
		t.Fatalf("x/crypto/ocsp: %v", err)
	}
	return got
}

// failed reports whether a response is exactly an error.
func failed(der []byte, s ocsp.ResponseStatus) bool {
	return bytes.Equal(der, []byte{0x30, 3, 0x0A, 1, byte(s)})
}
