package crl_test

import (
	"bytes"
	"crypto/x509"
	"errors"
	"io"
	"testing"
	"time"

	"pgregory.net/rapid"

	"inkan/ca/status/crl"
	"inkan/ca/status/double"
	"inkan/core/jpki/certificate"
	"inkan/spec/req"
)

const kiyose = "Tokyo-to/Kiyose-shi"

var noon = time.Date(2026, 11, 28, 3, 0, 0, 0, time.UTC)

var issuer = double.Issuer(certificate.AuthenticationAuthority, 1)

func list(partition string) *crl.List {
	return &crl.List{Issuer: issuer, Partition: partition, Number: 7, ThisUpdate: noon, NextUpdate: noon.Add(48 * time.Hour)}
}

// entry is one revoked certificate.
type entry struct {
	serial uint64
	since  time.Time
	reason certificate.Reason
}

func walk(entries ...entry) crl.Entries {
	return func(each func(uint64, time.Time, certificate.Reason) error) error {
		for _, e := range entries {
			if err := each(e.serial, e.since, e.reason); err != nil {
				return err
			}
		}
		return nil
	}
}

// many gives n entries with a reason each.
func many(n int) crl.Entries {
	return func(each func(uint64, time.Time, certificate.Reason) error) error {
		for i := range n {
			if err := each(certificate.FirstSerial+uint64(i), noon.Add(-time.Duration(i)*time.Second), certificate.Superseded); err != nil {
				return err
			}
		}
		return nil
	}
}

func write(t testing.TB, buffer int, l *crl.List, entries crl.Entries) []byte {
	t.Helper()
	var out bytes.Buffer
	s, err := crl.NewWriter(buffer).Write(&out, l, entries)
	if err != nil {
		t.Fatal(err)
	}
	if s.Bytes != int64(out.Len()) {
		t.Errorf("says %d bytes, wrote %d", s.Bytes, out.Len())
	}
	return out.Bytes()
}

// TestStandardLibraryReads: crypto/x509 reads out of a list what went in, whether
// it fits into the buffer or not.
func TestStandardLibraryReads(t *testing.T) {
	req.Covers(t, "SPEC-STATUS-010", "SPEC-STATUS-011", "SPEC-STATUS-016", "SPEC-STATUS-017", "SPEC-STATUS-020")
	reasons := []certificate.Reason{0, 1, 2, 3, 4, 5, 6, 9, 10}
	rapid.Check(t, func(t *rapid.T) {
		var entries []entry
		serial := uint64(0)
		for range rapid.IntRange(0, 400).Draw(t, "entries") {
			serial += rapid.OneOf(rapid.Just(uint64(1)), rapid.Uint64Range(1, 1<<40)).Draw(t, "gap")
			entries = append(entries, entry{serial, time.Unix(rapid.Int64Range(1e9, noon.Unix()).Draw(t, "since"), 0).UTC(), rapid.SampledFrom(reasons).Draw(t, "reason")})
		}
		l := list(kiyose)
		l.Number = rapid.Uint64Min(1).Draw(t, "number")
		var small, large bytes.Buffer
		if _, err := crl.NewWriter(0).Write(&small, l, walk(entries...)); err != nil {
			t.Fatal(err)
		}
		if _, err := crl.NewWriter(1<<20).Write(&large, l, walk(entries...)); err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(small.Bytes(), large.Bytes()) {
			t.Fatal("one walk and two do not give the same")
		}
		compare(t, l, entries, small.Bytes())
	})
}

func compare(t *rapid.T, l *crl.List, entries []entry, der []byte) {
	got, err := x509.ParseRevocationList(der)
	if err != nil {
		t.Fatal(err)
	}
	if err := got.CheckSignatureFrom(issuer.Certificate); err != nil {
		t.Fatal(err)
	}
	if !got.ThisUpdate.Equal(l.ThisUpdate) || !got.NextUpdate.Equal(l.NextUpdate) || got.Number.Uint64() != l.Number ||
		!bytes.Equal(got.AuthorityKeyId, issuer.KeyID()) || !bytes.Equal(got.RawIssuer, issuer.Certificate.RawSubject) {
		t.Fatalf("head is %+v", got)
	}
	if len(got.RevokedCertificateEntries) != len(entries) {
		t.Fatalf("%d entries, want %d", len(got.RevokedCertificateEntries), len(entries))
	}
	for i, e := range got.RevokedCertificateEntries {
		want := entries[i]
		if e.SerialNumber.Uint64() != want.serial || !e.RevocationTime.Equal(want.since) || e.ReasonCode != int(want.reason) ||
			(want.reason == 0) != (len(e.Extensions) == 0) {
			t.Fatalf("entry %d is %+v, want %+v", i, e, want)
		}
	}
}

// TestListEmpty: the field of the entries is absent, not empty.
func TestListEmpty(t *testing.T) {
	req.Covers(t, "SPEC-STATUS-010")
	got, err := x509.ParseRevocationList(write(t, 0, list(kiyose), walk()))
	if err != nil || bytes.Contains(got.RawTBSRevocationList, []byte{0x30, 0x00}) {
		t.Errorf("error %v, list %X", err, got.RawTBSRevocationList)
	}
}

// TestListLate: times from 2050 on are GeneralizedTime.
func TestListLate(t *testing.T) {
	req.Covers(t, "SPEC-STATUS-011")
	l := list(kiyose)
	l.ThisUpdate = time.Date(2049, 12, 31, 23, 59, 59, 0, time.UTC)
	l.NextUpdate = l.ThisUpdate.Add(time.Hour)
	der := write(t, 0, l, walk(entry{1, l.ThisUpdate, 1}))
	if !bytes.Contains(der, []byte("\x17\x0D491231235959Z\x18\x0F20500101005959Z")) {
		t.Errorf("times are not in their forms: %X", der)
	}
	l.ThisUpdate = l.NextUpdate
	l.NextUpdate = l.ThisUpdate.Add(time.Hour)
	der = write(t, 0, l, walk(entry{1, l.ThisUpdate, 1}))
	if got, err := x509.ParseRevocationList(der); err != nil || !got.RevokedCertificateEntries[0].RevocationTime.Equal(l.ThisUpdate) {
		t.Errorf("entry of 2050: %v", err)
	}
}

// TestListRefusals: what the registry must not give makes no list, and the error
// says what.
func TestListRefusals(t *testing.T) {
	req.Covers(t, "SPEC-STATUS-018")
	one := entry{5, noon, 1}
	for name, entries := range map[string][]entry{
		"twice":            {one, one},
		"descending":       {one, {4, noon, 1}},
		"zero":             {{0, noon, 1}},
		"after snapshot":   {{5, noon.Add(time.Second), 1}},
		"no such reason":   {{5, noon, 7}},
		"reason of deltas": {{5, noon, certificate.RemoveFromCRL}},
	} {
		var out bytes.Buffer
		if _, err := crl.NewWriter(0).Write(&out, list(kiyose), walk(entries...)); err == nil || out.Len() != 0 {
			t.Errorf("%s: error %v, %d bytes written", name, err, out.Len())
		}
	}
	for name, change := range map[string]func(*crl.List){
		"no number":    func(l *crl.List) { l.Number = 0 },
		"no issuer":    func(l *crl.List) { l.Issuer = nil },
		"no time":      func(l *crl.List) { l.NextUpdate = l.ThisUpdate },
		"no partition": func(l *crl.List) { l.Partition = "Kiyose" },
	} {
		l := list(kiyose)
		change(l)
		if _, err := crl.NewWriter(0).Write(io.Discard, l, walk()); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
}

// TestListSecondWalk: a snapshot that is none fails.
func TestListSecondWalk(t *testing.T) {
	req.Covers(t, "SPEC-STATUS-018", "SPEC-STATUS-019")
	walks := 0
	changing := func(each func(uint64, time.Time, certificate.Reason) error) error {
		walks++
		return many(1000 + walks)(each)
	}
	if _, err := crl.NewWriter(0).Write(io.Discard, list(kiyose), changing); err == nil || walks != 2 {
		t.Errorf("%d walks, error %v", walks, err)
	}
	stop := errors.New("stop")
	failing := func(each func(uint64, time.Time, certificate.Reason) error) error { return stop }
	if _, err := crl.NewWriter(0).Write(io.Discard, list(kiyose), failing); !errors.Is(err, stop) {
		t.Errorf("error %v", err)
	}
}

// TestListAllocations: memory does not depend on the number of entries.
func TestListAllocations(t *testing.T) {
	req.Covers(t, "SPEC-STATUS-019")
	w, l := crl.NewWriter(0), list(kiyose)
	allocations := func(n int) float64 {
		entries := many(n)
		return testing.AllocsPerRun(3, func() {
			if _, err := w.Write(io.Discard, l, entries); err != nil {
				t.Fatal(err)
			}
		})
	}
	// A few more or less are the signature's, whose numbers vary.
	if few, lots := allocations(10), allocations(100_000); lots > few+10 {
		t.Errorf("%v allocations for 10 entries, %v for 100,000", few, lots)
	}
}
