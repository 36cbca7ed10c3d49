package ocsp_test

import (
	"bytes"
	"context"
	"crypto"
	"testing"
	"time"

	foreign "golang.org/x/crypto/ocsp"
	"pgregory.net/rapid"

	"inkan/ca/status"
	"inkan/ca/status/double"
	"inkan/ca/status/ocsp"
	"inkan/core/jpki/certificate"
	"inkan/spec/req"
)

// life is a registry that lives, and what was said of it.
type life struct {
	*desk
	serial   uint64
	produced time.Time // latest time of a response that was made
}

func (l *life) issue(t *rapid.T) {
	l.serial++
	l.registry.Put(auth, double.Row{CertificateStatus: certificate.CertificateStatus{
		Serial: l.serial, State: certificate.Pending, Since: l.registry.Now(), Generation: rapid.IntRange(1, 2).Draw(t, "generation"), NotAfter: double.NotAfter}})
}

func (l *life) change(t *rapid.T) {
	state := rapid.SampledFrom([]certificate.State{certificate.Active, certificate.Suspended, certificate.Revoked}).Draw(t, "state")
	reason := map[certificate.State]certificate.Reason{certificate.Suspended: certificate.CertificateHold, certificate.Revoked: certificate.Superseded}[state]
	l.registry.Change(auth, rapid.SampledFrom(l.registry.Rows(auth)).Draw(t, "row").Serial, state, reason)
}

func (l *life) produce(t *rapid.T) {
	if _, err := l.responder.Produce(context.Background(), auth, ocsp.Production{From: l.serial - 1}); err != nil {
		t.Fatal(err)
	}
}

// question asks for any number, there or not, and compares with the registry.
func (l *life) question(t *rapid.T) {
	issuer := generations[rapid.IntRange(0, 1).Draw(t, "generation - 1")]
	serial := rapid.Uint64Range(certificate.FirstSerial, l.serial+1).Draw(t, "serial")
	hash := rapid.SampledFrom([]crypto.Hash{crypto.SHA1, crypto.SHA1, crypto.SHA256}).Draw(t, "hash")
	nonce := rapid.SampledFrom([][]byte{nil, nil, {1, 2, 3}}).Draw(t, "nonce")
	request, err := ocsp.AppendRequest(nil, issuer.Certificate, hash, nonce, serial)
	if err != nil {
		t.Fatal(err)
	}
	der, info := l.responder.Respond(context.Background(), nil, request)
	got, err := foreign.ParseResponse(der, issuer.Certificate)
	if err != nil || info.Err != nil {
		t.Fatal(err, info)
	}
	if info.Cached && nonce != nil {
		t.Fatalf("from the cache: %+v", info)
	}
	if got.SerialNumber.Uint64() != serial || got.IssuerHash != hash {
		t.Fatalf("asked for %d by %s, got %d by %s", serial, hash, got.SerialNumber, got.IssuerHash)
	}
	l.compare(t, issuer.Generation, serial, got)
	if !info.Cached {
		if got.ProducedAt.Before(l.produced) {
			t.Fatalf("produced at %s after %s", got.ProducedAt, l.produced)
		}
		l.produced = got.ProducedAt
	}
}

func (l *life) compare(t *rapid.T, generation int, serial uint64, got *foreign.Response) {
	want, reason, since := foreign.Unknown, certificate.Unspecified, time.Time{}
	for _, row := range l.registry.Rows(auth) {
		if row.Serial != serial || row.Generation != generation {
			continue
		}
		switch row.State {
		case certificate.Active:
			want = foreign.Good
		case certificate.Revoked:
			want, reason, since = foreign.Revoked, row.Reason, row.Since
		default:
			want, reason, since = foreign.Revoked, certificate.CertificateHold, row.Since
		}
	}
	if got.Status != want || got.RevocationReason != int(reason) || !got.RevokedAt.Equal(since) {
		t.Fatalf("serial %d: status %d, reason %d, since %s; want %d, %d, %s", serial, got.Status, got.RevocationReason, got.RevokedAt, want, reason, since)
	}
	if since.After(got.ThisUpdate) || got.ThisUpdate.After(got.ProducedAt) {
		t.Fatalf("serial %d: since %s, this update %s, produced %s", serial, since, got.ThisUpdate, got.ProducedAt)
	}
}

var generations = []*status.Issuer{auth1, auth2}

// TestAnswersEqualRegistry: whatever happens, with a clock that steps back and
// forth, every answer is what the registry says of the certificate now, from the
// cache or not.
func TestAnswersEqualRegistry(t *testing.T) {
	req.Covers(t, "SPEC-STATUS-036", "SPEC-STATUS-037", "SPEC-STATUS-038", "SPEC-STATUS-041", "SPEC-STATUS-003")
	rapid.Check(t, func(t *rapid.T) {
		l := &life{desk: &desk{now: noon}, serial: certificate.FirstSerial - 1}
		l.registry = double.New(func() time.Time { return l.now })
		var err error
		if l.responder, err = ocsp.New(ocsp.Config{Registry: l.registry, Issuers: generations, Now: func() time.Time { return l.now }}); err != nil {
			t.Fatal(err)
		}
		l.issue(t)
		t.Repeat(map[string]func(*rapid.T){
			"issue": l.issue, "change": l.change, "change again": l.change, "produce": l.produce, "question": l.question,
			"clock": func(t *rapid.T) {
				l.now = l.now.Add(time.Duration(rapid.Int64Range(-2000, 4000).Draw(t, "seconds")) * time.Second)
			},
		})
	})
}

// TestRespondAppends: what stands in dst stays.
func TestRespondAppends(t *testing.T) {
	req.Covers(t, "SPEC-STATUS-041")
	d := newDesk(t)
	request := question(t, auth1, crypto.SHA1, nil, active)
	first, _ := d.responder.Respond(t.Context(), []byte("live "), request)
	again, info := d.responder.Respond(t.Context(), []byte("live "), request)
	bad, _ := d.responder.Respond(t.Context(), []byte("live "), nil)
	if !info.Cached || !bytes.Equal(first, again) || !bytes.HasPrefix(first, []byte("live \x30\x82")) || !bytes.HasPrefix(bad, []byte("live \x30\x03")) {
		t.Errorf("%.10X, %.10X, %.10X", first, again, bad)
	}
}
