package crl_test

import (
	"context"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"inkan/ca/status"
	"inkan/ca/status/crl"
	"inkan/ca/status/double"
	"inkan/core/jpki/certificate"
	"inkan/spec/req"
)

const auth = certificate.AuthenticationAuthority

var generations = []*status.Issuer{issuer, double.Issuer(auth, 2)}

// newest reads the list of a partition that a generation signed.
func newest(t rapid.TB, store crl.Store, by *status.Issuer, partition string) *x509.RevocationList {
	file, err := store.Open(crl.Path(by.KeyID(), certificate.CRLPath(auth, partition)))
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	der, err := io.ReadAll(file)
	if err != nil {
		t.Fatal(err)
	}
	got, err := x509.ParseRevocationList(der)
	if err != nil {
		t.Fatal(err)
	}
	if err := got.CheckSignatureFrom(by.Certificate); err != nil {
		t.Fatal(err)
	}
	return got
}

// history is a registry that lives, and the lists made from it.
type history struct {
	now       time.Time
	registry  *double.Registry
	publisher *crl.Publisher
	last      map[string]*x509.RevocationList
	serial    uint64
}

var partitions = []string{certificate.CAList, kiyose, "Tokyo-to/Shibuya-ku"}

func newHistory(issuers ...*status.Issuer) *history {
	if issuers == nil {
		issuers = generations
	}
	h := &history{now: noon, last: map[string]*x509.RevocationList{}, serial: certificate.FirstSerial}
	h.registry = double.New(func() time.Time { return h.now })
	h.publisher = &crl.Publisher{Registry: h.registry, Issuers: issuers, Store: new(crl.Memory)}
	return h
}

func (h *history) issue(t *rapid.T) {
	h.serial++
	h.registry.Put(auth, double.Row{Partition: rapid.SampledFrom(partitions[:2]).Draw(t, "partition"), CertificateStatus: certificate.CertificateStatus{
		Serial: h.serial, State: certificate.Pending, Since: h.registry.Now(), Generation: rapid.IntRange(1, 2).Draw(t, "generation"), NotAfter: double.NotAfter}})
}

func (h *history) change(t *rapid.T) {
	rows := h.registry.Rows(auth)
	if len(rows) == 0 {
		t.Skip("no certificate yet")
	}
	state := rapid.SampledFrom([]certificate.State{certificate.Active, certificate.Suspended, certificate.Revoked}).Draw(t, "state")
	reason := map[certificate.State]certificate.Reason{certificate.Suspended: certificate.CertificateHold, certificate.Revoked: certificate.Superseded}[state]
	h.registry.Change(auth, rapid.SampledFrom(rows).Draw(t, "row").Serial, state, reason)
}

// publish makes the lists and compares each with the registry's rows.
func (h *history) publish(t *rapid.T) {
	if _, err := h.publisher.Publish(context.Background()); err != nil {
		t.Fatal(err)
	}
	want := map[string][]double.Row{certificate.CAList: nil}
	for _, row := range h.registry.Rows(auth) {
		if row.State == certificate.Suspended || row.State == certificate.Revoked {
			want[row.Partition] = append(want[row.Partition], row)
		} else if _, ok := want[row.Partition]; !ok {
			want[row.Partition] = nil
		}
	}
	for partition, rows := range want {
		for _, by := range h.publisher.Issuers {
			h.check(t, by, partition, rows)
		}
	}
}

func (h *history) check(t *rapid.T, by *status.Issuer, partition string, want []double.Row) {
	got := newest(t, h.publisher.Store, by, partition)
	if len(got.RevokedCertificateEntries) != len(want) {
		t.Fatalf("%q: %d entries, want %d", partition, len(got.RevokedCertificateEntries), len(want))
	}
	for i, e := range got.RevokedCertificateEntries {
		row := want[i]
		if e.SerialNumber.Uint64() != row.Serial || !e.RevocationTime.Equal(row.Since) || e.ReasonCode != int(row.Reason) || row.Since.After(got.ThisUpdate) {
			t.Fatalf("%q: entry %+v, registry %+v", partition, e, row)
		}
	}
	key := fmt.Sprint(by.Generation, partition)
	if last := h.last[key]; last != nil && (got.Number.Cmp(last.Number) <= 0 || got.ThisUpdate.Before(last.ThisUpdate)) {
		t.Fatalf("%q: number %d of %s after %d of %s", partition, got.Number, got.ThisUpdate, last.Number, last.ThisUpdate)
	}
	h.last[key] = got
}

// TestListsEqualRegistry: whatever happens, with a clock that steps back and
// forth, every list names just what the registry has revoked or suspended, and
// number and time only rise.
func TestListsEqualRegistry(t *testing.T) {
	req.Covers(t, "SPEC-STATUS-021", "SPEC-STATUS-022", "SPEC-STATUS-024", "SPEC-STATUS-003")
	rapid.Check(t, func(t *rapid.T) {
		h := newHistory(issuer) // one: signatures take long
		t.Repeat(map[string]func(*rapid.T){
			"issue": h.issue, "change": h.change, "publish": h.publish,
			"clock": func(t *rapid.T) {
				h.now = h.now.Add(time.Duration(rapid.Int64Range(-100_000, 200_000).Draw(t, "seconds")) * time.Second)
			},
		})
	})
}

// TestPublishLostStore: without the list in place the number comes from the time,
// so it is not lower.
func TestPublishLostStore(t *testing.T) {
	req.Covers(t, "SPEC-STATUS-024")
	h := newHistory()
	for range 3 {
		if _, err := h.publisher.Publish(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	before := newest(t, h.publisher.Store, issuer, certificate.CAList)
	if want := uint64(noon.Unix() + 2); before.Number.Uint64() != want {
		t.Errorf("number %d, want %d", before.Number, want)
	}
	h.publisher.Store, h.now = new(crl.Memory), h.now.Add(time.Minute)
	if _, err := h.publisher.PublishPartition(t.Context(), auth, certificate.CAList); err != nil {
		t.Fatal(err)
	}
	if after := newest(t, h.publisher.Store, issuer, certificate.CAList); after.Number.Cmp(before.Number) <= 0 {
		t.Errorf("number %d after %d", after.Number, before.Number)
	}
}

// TestPublishFault: a list that cannot be made leaves the old one in its place,
// and the others are made.
func TestPublishFault(t *testing.T) {
	req.Covers(t, "SPEC-STATUS-020", "SPEC-STATUS-023")
	directory, err := crl.OpenDirectory(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	defer directory.Close()
	for name, store := range map[string]crl.Store{"memory": new(crl.Memory), "directory": directory} {
		h := newHistory()
		h.publisher.Store, h.publisher.Issuers = store, generations[:1]
		row := func(serial uint64, partition string, reason certificate.Reason) {
			h.registry.Put(auth, double.Row{Partition: partition, CertificateStatus: certificate.CertificateStatus{Serial: serial, State: certificate.Revoked, Since: noon, Reason: reason, Generation: 1}})
		}
		row(1, partitions[1], 1)
		row(2, partitions[2], 1)
		if done, err := h.publisher.Publish(t.Context()); err != nil || done.Done != 3 || done.Total != 3 || done.Entries != 2 {
			t.Fatal(done, err)
		}
		before := newest(t, store, issuer, partitions[1])
		row(3, partitions[1], 7) // no reason of RFC 5280
		row(4, partitions[2], 1)
		done, err := h.publisher.Publish(t.Context())
		if err == nil || !strings.Contains(err.Error(), partitions[1]) || done.Done != 2 {
			t.Errorf("%s: %+v, error %v", name, done, err)
		}
		if after := newest(t, store, issuer, partitions[1]); after.Number.Cmp(before.Number) != 0 {
			t.Errorf("%s: the old list has gone", name)
		}
		if other := newest(t, store, issuer, partitions[2]); len(other.RevokedCertificateEntries) != 2 {
			t.Errorf("%s: the other list was not made", name)
		}
	}
}

// TestPublishRefusals: no list without an issuer that may make it; and what has
// been stopped says so.
func TestPublishRefusals(t *testing.T) {
	req.Covers(t, "SPEC-STATUS-001")
	h := newHistory()
	h.now = double.NotAfter.Add(time.Second)
	if _, err := h.publisher.Publish(t.Context()); err == nil {
		t.Error("expired issuers: no error")
	}
	h = newHistory()
	wrong := *issuer
	wrong.Signer = generations[1].Signer
	h.publisher.Issuers = []*status.Issuer{&wrong}
	if _, err := h.publisher.Publish(t.Context()); err == nil || !strings.Contains(err.Error(), "not the certificate's") {
		t.Errorf("another's key: %v", err)
	}
	if _, err := h.publisher.PublishPartition(t.Context(), certificate.SignatureAuthority, kiyose); err == nil {
		t.Error("authority without issuer: no error")
	}
	h = newHistory()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if done, err := h.publisher.Publish(ctx); !errors.Is(err, context.Canceled) || done.Done != 0 {
		t.Errorf("stopped: %+v, %v", done, err)
	}
}
