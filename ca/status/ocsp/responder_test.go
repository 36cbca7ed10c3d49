package ocsp_test

import (
	"bytes"
	"context"
	"crypto"
	"crypto/sha1"
	"encoding/asn1"
	"errors"
	"io"
	"strings"
	"sync"
	"testing"
	"time"

	foreign "golang.org/x/crypto/ocsp"

	"inkan/ca/status"
	"inkan/ca/status/double"
	"inkan/ca/status/ocsp"
	"inkan/core/jpki/certificate"
	"inkan/spec/req"
)

// TestStates: what is said of each state, live and then from the cache.
func TestStates(t *testing.T) {
	req.Covers(t, "SPEC-STATUS-036", "SPEC-STATUS-037", "SPEC-STATUS-038", "SPEC-STATUS-040", "SPEC-STATUS-041", "SPEC-STATUS-042", "SPEC-STATUS-056")
	d := newDesk(t)
	for _, c := range []struct {
		name   string
		serial uint64
		status int
		reason int
		cached bool
	}{
		{"active", active, foreign.Good, 0, true},
		{"pending", pending, foreign.Revoked, 6, true},
		{"suspended", suspended, foreign.Revoked, 6, true},
		{"revoked", revoked, foreign.Revoked, 1, true},
		{"unspecified", unspecified, foreign.Revoked, 0, true},
		{"another generation's", second, foreign.Unknown, 0, true},
		{"absent", absent, foreign.Unknown, 0, false},
	} {
		for round := range 2 {
			got, info := d.ask(t, c.serial, nil)
			if got.Status != c.status || got.RevocationReason != c.reason || got.SerialNumber.Uint64() != c.serial {
				t.Errorf("%s: status %d, reason %d", c.name, got.Status, got.RevocationReason)
			}
			if want := noon.Add(-time.Hour); c.status == foreign.Revoked && !got.RevokedAt.Equal(want) {
				t.Errorf("%s: revoked at %s, want %s", c.name, got.RevokedAt, want)
			}
			hold := time.Hour
			if c.serial == pending {
				hold = time.Minute
			}
			if !got.ProducedAt.Equal(noon) || !got.ThisUpdate.Equal(noon) || !got.NextUpdate.Equal(noon.Add(hold)) {
				t.Errorf("%s: times %s, %s, %s", c.name, got.ProducedAt, got.ThisUpdate, got.NextUpdate)
			}
			if want := c.cached && round == 1 && c.status != foreign.Unknown; info.Cached != want {
				t.Errorf("%s: round %d: cached is %t", c.name, round, info.Cached)
			}
		}
	}
}

// TestUnspecifiedReason: the reason is absent, not 0.
func TestUnspecifiedReason(t *testing.T) {
	req.Covers(t, "SPEC-STATUS-037")
	d := newDesk(t)
	der, _ := d.responder.Respond(t.Context(), nil, question(t, auth1, crypto.SHA1, nil, unspecified))
	if !bytes.Contains(der, []byte("\xA1\x11\x18\x0F20261128020000Z")) {
		t.Error("RevokedInfo is not the time alone")
	}
}

// TestResponder: the responder is named by key, and its certificate is there.
func TestResponder(t *testing.T) {
	req.Covers(t, "SPEC-STATUS-039")
	d := newDesk(t)
	got, _ := d.ask(t, active, nil)
	var spki struct {
		Algorithm asn1.RawValue
		Bits      asn1.BitString
	}
	if _, err := asn1.Unmarshal(auth1.Responder.Certificate.RawSubjectPublicKeyInfo, &spki); err != nil {
		t.Fatal(err)
	}
	if want := sha1.Sum(spki.Bits.Bytes); !bytes.Equal(got.ResponderKeyHash, want[:]) || got.RawResponderName != nil {
		t.Errorf("responder %X, want %X", got.ResponderKeyHash, want)
	}
	if got.Certificate == nil || !got.Certificate.Equal(auth1.Responder.Certificate) {
		t.Error("the responder's certificate is not in the response")
	}
}

// TestSeveral: several certificates of one issuer are one answer, in order, with
// the CertIDs as they were asked.
func TestSeveral(t *testing.T) {
	req.Covers(t, "SPEC-STATUS-032", "SPEC-STATUS-036")
	d := newDesk(t)
	for _, hash := range []crypto.Hash{crypto.SHA1, crypto.SHA256} {
		request := question(t, auth1, hash, nil, active, absent, revoked)
		der, info := d.responder.Respond(t.Context(), nil, request)
		if info.Err != nil || info.Cached {
			t.Fatal(info)
		}
		for serial, want := range map[uint64]int{active: foreign.Good, absent: foreign.Unknown, revoked: foreign.Revoked} {
			got, err := foreign.ParseResponseForCert(der, double.Holder(auth1, serial, kiyose), auth1.Certificate)
			if err != nil || got.Status != want || got.IssuerHash != hash {
				t.Errorf("%s: serial %d: %+v, %v", hash, serial, got, err)
			}
		}
		if n := bytes.Count(der, request[len(request)-40:]); n != 1 {
			t.Errorf("%s: the last CertID stands %d times in the response", hash, n)
		}
	}
	if d.registry.Cached() != 0 {
		t.Errorf("%d answers were kept", d.registry.Cached())
	}
}

// TestUnauthorized: an issuer that is not ours, in whatever way.
func TestUnauthorized(t *testing.T) {
	req.Covers(t, "SPEC-STATUS-043")
	d := newDesk(t, func(c *ocsp.Config) { c.Issuers = []*status.Issuer{auth1, sign1} })
	one := question(t, auth1, crypto.SHA1, nil, active)
	md5 := bytes.Replace(one, []byte("\x2B\x0E\x03\x02\x1A"), []byte("\x2B\x0E\x03\x02\x1B"), 1)
	mixed := question(t, auth1, crypto.SHA1, nil, active, active)
	mixed[len(mixed)-7] ^= 1 // the second issuerKeyHash's last byte
	for name, request := range map[string][]byte{
		"another generation": question(t, auth2, crypto.SHA1, nil, active), "another hash": md5, "mixed": mixed,
	} {
		der, info := d.responder.Respond(t.Context(), nil, request)
		if !failed(der, ocsp.Unauthorized) || info.Status != ocsp.Unauthorized || info.Err == nil {
			t.Errorf("%s: %X, %+v", name, der, info)
		}
	}
}

// TestNonce: a nonce is repeated, never kept, and its answer is not from the
// cache.
func TestNonce(t *testing.T) {
	req.Covers(t, "SPEC-STATUS-034", "SPEC-STATUS-042")
	d := newDesk(t)
	d.ask(t, active, nil)
	for _, n := range []int{1, 16, 32} {
		nonce := bytes.Repeat([]byte{0xA5}, n)
		got, info := d.ask(t, active, nonce)
		if info.Cached || !info.Nonce {
			t.Errorf("nonce of %d bytes: %+v", n, info)
		}
		want := append([]byte{4, byte(n)}, nonce...)
		if !bytes.Contains(got.TBSResponseData, append([]byte("\x2B\x06\x01\x05\x05\x07\x30\x01\x02\x04"+string(byte(n+2))), want...)) {
			t.Errorf("nonce of %d bytes is not in the response", n)
		}
	}
	if got, info := d.ask(t, active, nil); !info.Cached || bytes.Contains(got.TBSResponseData, []byte{0xA5, 0xA5}) {
		t.Error("an answer with nonce was kept")
	}
}

// TestBothHashes: answers by SHA-1 and by SHA-256 are kept side by side, and go
// together.
func TestBothHashes(t *testing.T) {
	req.Covers(t, "SPEC-STATUS-041", "SPEC-STATUS-042", "SPEC-STATUS-045")
	d := newDesk(t)
	ask := func(hash crypto.Hash, cached bool, want int) {
		t.Helper()
		der, info := d.responder.Respond(t.Context(), nil, question(t, auth1, hash, nil, active))
		if got := parse(t, der); info.Cached != cached || got.Status != want || got.IssuerHash != hash {
			t.Errorf("%s: status %d, %+v", hash, got.Status, info)
		}
	}
	ask(crypto.SHA1, false, foreign.Good)
	ask(crypto.SHA256, false, foreign.Good)
	ask(crypto.SHA1, true, foreign.Good)
	ask(crypto.SHA256, true, foreign.Good)
	d.now = noon.Add(time.Hour) // both are over; one is made anew, the other goes
	ask(crypto.SHA256, false, foreign.Good)
	ask(crypto.SHA256, true, foreign.Good)
	ask(crypto.SHA1, false, foreign.Good)
	d.registry.Change(auth, active, certificate.Revoked, certificate.KeyCompromise)
	ask(crypto.SHA256, false, foreign.Revoked)
	ask(crypto.SHA1, false, foreign.Revoked)
	ask(crypto.SHA256, true, foreign.Revoked)
	ask(crypto.SHA1, true, foreign.Revoked)
}

// TestEviction: a change is seen by the next answer.
func TestEviction(t *testing.T) {
	req.Covers(t, "SPEC-STATUS-041")
	d := newDesk(t)
	for _, want := range []int{foreign.Good, foreign.Revoked, foreign.Good} {
		state, reason := certificate.Active, certificate.Unspecified
		if want == foreign.Revoked {
			state, reason = certificate.Suspended, certificate.CertificateHold
		}
		d.registry.Change(auth, active, state, reason)
		for round := range 2 {
			if got, info := d.ask(t, active, nil); got.Status != want || info.Cached != (round == 1) {
				t.Errorf("status %d, want %d, %+v", got.Status, want, info)
			}
		}
	}
}

// TestRace: a change between snapshot and cache keeps the answer out of it.
func TestRace(t *testing.T) {
	req.Covers(t, "SPEC-STATUS-045")
	d := newDesk(t)
	var once sync.Once
	d.registry.Stop = func(operation string) error {
		if operation == "PutResponse" {
			once.Do(func() { d.registry.Change(auth, active, certificate.Revoked, certificate.KeyCompromise) })
		}
		return nil
	}
	if got, _ := d.ask(t, active, nil); got.Status != foreign.Good || d.registry.Cached() != 0 {
		t.Errorf("status %d, %d kept", got.Status, d.registry.Cached())
	}
	if got, _ := d.ask(t, active, nil); got.Status != foreign.Revoked || d.registry.Cached() != 1 {
		t.Errorf("status %d, %d kept", got.Status, d.registry.Cached())
	}
}

// TestOver: a kept response that is over, or is none, is not given.
func TestOver(t *testing.T) {
	req.Covers(t, "SPEC-STATUS-044")
	d := newDesk(t)
	d.ask(t, active, nil)
	d.now = noon.Add(time.Hour - time.Second)
	if _, info := d.ask(t, active, nil); !info.Cached {
		t.Error("not from the cache in its last second")
	}
	d.now = noon.Add(time.Hour)
	if got, info := d.ask(t, active, nil); info.Cached || !got.ThisUpdate.Equal(d.now) {
		t.Errorf("over, but %+v", info)
	}
	kept, _, err := d.registry.Response(auth, active, nil)
	if err != nil {
		t.Fatal(err)
	}
	for name, wrong := range map[string][]byte{"nothing": {}, "no response": []byte("x"), "cut": kept[:100], "another's": nil} {
		if name == "another's" {
			d.ask(t, revoked, nil)
			if wrong, _, err = d.registry.Response(auth, revoked, nil); err != nil {
				t.Fatal(err)
			}
		}
		if stored, err := d.registry.PutResponse(t.Context(), auth, active, 1, wrong); !stored || err != nil {
			t.Fatal(stored, err)
		}
		if got, info := d.ask(t, active, nil); info.Cached || got.Status != foreign.Good {
			t.Errorf("%s: %+v", name, info)
		}
	}
}

// TestClockBack: times of responses do not go back with the clock.
func TestClockBack(t *testing.T) {
	req.Covers(t, "SPEC-STATUS-003", "SPEC-STATUS-040")
	d := newDesk(t)
	last := time.Time{}
	for _, step := range []time.Duration{0, time.Minute, -time.Hour, -24 * time.Hour, 2 * time.Hour, -time.Second} {
		d.now = d.now.Add(step)
		for _, nonce := range [][]byte{nil, {1}} {
			got, info := d.ask(t, active, nonce)
			if got.ProducedAt.Before(last) && !info.Cached || got.ProducedAt.Before(got.ThisUpdate) || !got.NextUpdate.After(got.ProducedAt) {
				t.Errorf("step %s: produced at %s after %s, this update %s", step, got.ProducedAt, last, got.ThisUpdate)
			}
			if got.ProducedAt.After(last) {
				last = got.ProducedAt
			}
		}
	}
}

// TestBusy: more questions than may wait, and time that runs out, are tryLater;
// a registry that fails is internalError; none says why.
func TestBusy(t *testing.T) {
	req.Covers(t, "SPEC-STATUS-046", "SPEC-STATUS-055")
	enter, leave := make(chan bool), make(chan bool)
	issuer := *auth1
	issuer.Responder = &status.Responder{Certificate: auth1.Responder.Certificate, Signer: slow{auth1.Responder.Signer, enter, leave}}
	d := newDesk(t, func(c *ocsp.Config) { c.Live, c.Waiting, c.Issuers = 1, 2, []*status.Issuer{&issuer} })
	ask := func(ctx context.Context) ([]byte, ocsp.Info) {
		return d.responder.Respond(ctx, nil, question(t, auth1, crypto.SHA1, []byte{1}, active))
	}
	done := make(chan ocsp.Info, 1)
	go func() {
		_, info := ask(t.Context())
		done <- info
	}()
	<-enter // the only signature is being made
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Millisecond)
	defer cancel()
	waiter := make(chan ocsp.Info, 1)
	go func() {
		_, info := ask(ctx)
		waiter <- info
	}()
	if info := <-waiter; info.Status != ocsp.TryLater || !errors.Is(info.Err, context.DeadlineExceeded) {
		t.Errorf("time ran out: %+v", info)
	}
	holder, release := context.WithCancel(t.Context())
	go func() {
		_, info := ask(holder)
		waiter <- info
	}()
	for {
		der, info := ask(ctx) // ends at once: too many, or no time
		if !failed(der, ocsp.TryLater) {
			t.Fatalf("%X, %+v", der, info)
		}
		if strings.Contains(info.Err.Error(), "too many") {
			break
		}
	}
	release()
	if info := <-waiter; info.Status != ocsp.TryLater {
		t.Errorf("released: %+v", info)
	}
	leave <- true
	if info := <-done; info.Status != ocsp.Successful {
		t.Errorf("first: %+v", info)
	}
	d.registry.Stop = func(string) error { return errors.New("disk 7 is on fire") }
	if der, info := ask(t.Context()); !failed(der, ocsp.InternalError) || !strings.Contains(info.Err.Error(), "disk 7") {
		t.Errorf("%X, %+v", der, info)
	}
}

// slow is a key that waits while it signs.
type slow struct {
	crypto.Signer
	enter, leave chan bool
}

func (s slow) Sign(r io.Reader, digest []byte, opts crypto.SignerOpts) ([]byte, error) {
	s.enter <- true
	<-s.leave
	return s.Signer.Sign(r, digest, opts)
}

// TestResponderExpires: no answer reaches beyond its responder's certificate.
func TestResponderExpires(t *testing.T) {
	req.Covers(t, "SPEC-STATUS-047")
	d := newDesk(t)
	d.now = double.NotAfter.Add(-time.Minute)
	if got, _ := d.ask(t, active, nil); !got.NextUpdate.Equal(double.NotAfter) {
		t.Errorf("next update %s", got.NextUpdate)
	}
	d.now = double.NotAfter.Add(time.Second)
	if der, info := d.responder.Respond(t.Context(), nil, question(t, auth1, crypto.SHA1, nil, active)); !failed(der, ocsp.InternalError) {
		t.Errorf("%+v", info)
	}
}

// TestConfigRefusals: keys and certificates that do not belong together.
func TestConfigRefusals(t *testing.T) {
	req.Covers(t, "SPEC-STATUS-001", "SPEC-STATUS-002")
	try := func(change func(*status.Issuer)) error {
		issuer, responder := *auth1, *auth1.Responder
		issuer.Responder = &responder
		change(&issuer)
		_, err := ocsp.New(ocsp.Config{Registry: newDesk(t).registry, Now: time.Now, Issuers: []*status.Issuer{&issuer}})
		return err
	}
	if err := try(func(*status.Issuer) {}); err != nil {
		t.Fatal(err)
	}
	for want, change := range map[string]func(*status.Issuer){
		"no authority":              func(i *status.Issuer) { i.Authority = 0 },
		"generation from 1":         func(i *status.Issuer) { i.Generation = 0 },
		"has no certificate":        func(i *status.Issuer) { i.Certificate = nil },
		"not the authority's name":  func(i *status.Issuer) { i.Authority = sign },
		"identifier of 20 bytes":    func(i *status.Issuer) { c := *i.Certificate; c.SubjectKeyId = nil; i.Certificate = &c },
		"lacks the key usage":       func(i *status.Issuer) { c := *i.Certificate; c.KeyUsage = 0; i.Certificate = &c },
		"the key is not":            func(i *status.Issuer) { i.Signer = auth2.Signer },
		"not of this generation":    func(i *status.Issuer) { i.Responder = auth2.Responder },
		"lacks the extended":        func(i *status.Issuer) { i.Responder.Certificate = double.Holder(auth1, 5, kiyose) },
		"a certificate and its key": func(i *status.Issuer) { i.Responder.Signer = nil },
		"no issuer has a responder": func(i *status.Issuer) { i.Responder = nil },
	} {
		if err := try(change); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: error %v", want, err)
		}
	}
}
