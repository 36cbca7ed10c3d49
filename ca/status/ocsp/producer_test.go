package ocsp_test

import (
	"context"
	"crypto"
	"errors"
	"testing"
	"time"

	foreign "golang.org/x/crypto/ocsp"

	"inkan/ca/status"
	"inkan/ca/status/double"
	"inkan/ca/status/ocsp"
	"inkan/core/jpki/certificate"
	"inkan/spec/req"
)

// TestProduce: every certificate that has not expired gets its response, those
// that hold are left, and the next question is answered from the cache.
func TestProduce(t *testing.T) {
	req.Covers(t, "SPEC-STATUS-048", "SPEC-STATUS-049")
	d := newDesk(t, func(c *ocsp.Config) { c.Issuers = []*status.Issuer{auth1, sign1} })
	d.registry.Put(auth, double.Row{CertificateStatus: certificate.CertificateStatus{Serial: absent + 1, State: certificate.Active, Generation: 1, NotAfter: noon.Add(-time.Second)}})
	var steps []ocsp.Progress
	p := ocsp.Production{Batch: 2, Progress: func(p ocsp.Progress) { steps = append(steps, p) }}
	done, err := d.responder.Produce(t.Context(), auth, p)
	want := ocsp.Progress{Next: absent + 2, Produced: 4, Expired: 1, Foreign: 1, Pending: 1}
	if err != nil || done != want || d.registry.Cached() != 4 {
		t.Fatalf("%+v, %v, %d kept; want %+v", done, err, d.registry.Cached(), want)
	}
	if len(steps) != 3 || steps[0] != (ocsp.Progress{Next: revoked, Produced: 2, Pending: 1}) || steps[2] != want {
		t.Errorf("progress %+v", steps)
	}
	for serial, want := range map[uint64]int{active: foreign.Good, suspended: foreign.Revoked, revoked: foreign.Revoked, unspecified: foreign.Revoked} {
		if got, info := d.ask(t, serial, nil); !info.Cached || got.Status != want {
			t.Errorf("serial %d: %d, %+v", serial, got.Status, info)
		}
	}
	d.now = noon.Add(29 * time.Minute)
	if done, err = d.responder.Produce(t.Context(), auth, ocsp.Production{}); err != nil || done.Fresh != 4 || done.Produced != 0 {
		t.Errorf("while they hold: %+v, %v", done, err)
	}
	d.now = noon.Add(31 * time.Minute)
	if done, err = d.responder.Produce(t.Context(), auth, ocsp.Production{From: suspended}); err != nil || done.Produced != 3 {
		t.Errorf("when they are half over, from the third on: %+v, %v", done, err)
	}
	d.registry.Change(auth, revoked, certificate.Revoked, certificate.Superseded)
	if done, err = d.responder.Produce(t.Context(), auth, ocsp.Production{Left: time.Second}); err != nil || done.Produced != 1 || done.Fresh != 3 {
		t.Errorf("after a change: %+v, %v", done, err)
	}
}

// TestProduceHashes: the other hash is another production, beside the first.
func TestProduceHashes(t *testing.T) {
	req.Covers(t, "SPEC-STATUS-048")
	d := newDesk(t)
	for _, hash := range []crypto.Hash{crypto.SHA1, crypto.SHA256} {
		if done, err := d.responder.Produce(t.Context(), auth, ocsp.Production{Hash: hash}); err != nil || done.Produced != 5 {
			t.Errorf("%s: %+v, %v", hash, done, err)
		}
	}
	for _, hash := range []crypto.Hash{crypto.SHA1, crypto.SHA256} {
		if _, info := d.responder.Respond(t.Context(), nil, question(t, auth1, hash, nil, revoked)); !info.Cached {
			t.Errorf("%s: not from the cache", hash)
		}
	}
	if _, err := d.responder.Produce(t.Context(), auth, ocsp.Production{Hash: crypto.SHA384}); err == nil {
		t.Error("SHA-384: no error")
	}
}

// TestProduceRace: a certificate that changes meanwhile gets no response of its
// old state.
func TestProduceRace(t *testing.T) {
	req.Covers(t, "SPEC-STATUS-045", "SPEC-STATUS-049")
	d := newDesk(t)
	d.registry.Stop = func(operation string) error {
		if operation == "PutResponse" {
			d.registry.Change(auth, active, certificate.Suspended, certificate.CertificateHold)
		}
		return nil
	}
	done, err := d.responder.Produce(t.Context(), auth, ocsp.Production{Workers: 1})
	if err != nil || done.Changed != 1 || done.Produced != 4 {
		t.Errorf("%+v, %v", done, err)
	}
	d.registry.Stop = nil
	if got, info := d.ask(t, active, nil); info.Cached || got.Status != foreign.Revoked {
		t.Errorf("%d, %+v", got.Status, info)
	}
}

// TestProduceStops: where it stopped it goes on.
func TestProduceStops(t *testing.T) {
	req.Covers(t, "SPEC-STATUS-049")
	d := newDesk(t)
	fire, puts := errors.New("disk 7 is on fire"), 0
	d.registry.Stop = func(operation string) error {
		if operation == "PutResponse" {
			if puts++; puts > 3 {
				return fire
			}
		}
		return nil
	}
	done, err := d.responder.Produce(t.Context(), auth, ocsp.Production{Batch: 2, Workers: 1})
	if !errors.Is(err, fire) || done.Next != revoked || d.registry.Cached() != 3 {
		t.Fatalf("%+v, %v, %d kept", done, err, d.registry.Cached())
	}
	d.registry.Stop = nil
	if done, err = d.responder.Produce(t.Context(), auth, ocsp.Production{From: done.Next}); err != nil || done.Produced != 2 || done.Fresh != 1 || d.registry.Cached() != 5 {
		t.Errorf("%+v, %v, %d kept", done, err, d.registry.Cached())
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := d.responder.Produce(ctx, auth, ocsp.Production{}); !errors.Is(err, context.Canceled) {
		t.Errorf("stopped: %v", err)
	}
}
