package world

import (
	"crypto/sha256"
	"strings"
	"testing"
	"time"

	"github.com/cockroachdb/pebble/v2/vfs"

	"inkan/ca/registry/record"
	"inkan/core/jpki"
	"inkan/core/jpki/certificate"
	"inkan/spec/req"
)

// forged is a registry that says what a test wants.
type forged struct {
	list     []record.Certificate
	evidence map[record.Hash][]byte
}

func (f *forged) EachCertificate(_ certificate.Authority, _ uint64, each func(c *record.Certificate) error) error {
	for i := range f.list {
		if err := each(&f.list[i]); err != nil {
			return err
		}
	}
	return nil
}

func (f *forged) Evidence(h record.Hash) ([]byte, bool, error) {
	b, found := f.evidence[h]
	return b, found, nil
}

// What must never be so is seen when it is so: certificates.
func TestBrokenCertificates(t *testing.T) {
	req.Covers(t, "SPEC-WORKFLOW-001", "SPEC-WORKFLOW-002")
	now := time.Date(2026, 11, 28, 0, 0, 0, 0, time.UTC)
	receipt := []byte("receipt")
	hash := record.Hash(sha256.Sum256(receipt))
	one := record.Certificate{Serial: 1, Kind: certificate.PhoneAuthentication, State: certificate.Active, Person: record.PersonID{1}, NotAfter: now.AddDate(1, 0, 0), Receipt: hash}
	two := one
	two.Serial = 2
	other := two
	other.Person = record.PersonID{2}
	bare := one
	bare.Receipt = record.Hash{}
	revoked := two
	revoked.State = certificate.Revoked
	for name, c := range map[string]struct {
		list []record.Certificate
		want string
	}{
		"one": {[]record.Certificate{one}, ""}, "one each": {[]record.Certificate{one, other}, ""}, "one revoked": {[]record.Certificate{one, revoked}, ""},
		"two": {[]record.Certificate{one, two}, "SPEC-WORKFLOW-001"}, "no receipt": {[]record.Certificate{bare}, "SPEC-WORKFLOW-002"},
	} {
		err := certificates(&forged{c.list, map[record.Hash][]byte{hash: receipt}}, now)
		if (err == nil) != (c.want == "") || err != nil && !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if err := certificates(&forged{[]record.Certificate{one}, map[record.Hash][]byte{hash: []byte("another")}}, now); err == nil {
		t.Error("a receipt that is another one was taken")
	}
}

// Keys and domains on SIMs that nobody has in the books.
func TestBrokenTraces(t *testing.T) {
	req.Covers(t, "SPEC-WORKFLOW-003", "SPEC-WORKFLOW-004")
	w, p := deployed(t)
	b, err := w.books(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer b.register.Close()
	good, err := p.SIM.Traces(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if err := b.traces(good); err != nil {
		t.Fatal(err)
	}
	strange, bare, foreign := *good, *good, *good
	strange.Certificate = append([]byte(nil), good.Certificate...)
	strange.Certificate[100] ^= 1
	bare.Certificate, bare.Phase = nil, jpki.Active
	foreign.SE[15] ^= 1
	for name, c := range map[string]struct {
		traces *Traces
		want   string
	}{
		"another certificate": {&strange, "SPEC-WORKFLOW-003"}, "key without certificate": {&bare, "SPEC-WORKFLOW-003"},
		"a SIM that nobody knows": {&foreign, "SPEC-WORKFLOW-004"},
	} {
		if err := b.traces(c.traces); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// A store that is not what was written is refused, when its process starts or when it
// is checked, whoever's it is.
func TestBrokenStores(t *testing.T) {
	req.Covers(t, "SPEC-WORKFLOW-005", "SPEC-WORKFLOW-010")
	w, _ := deployed(t)
	for _, party := range []string{string(CA), string(SPTSM), string(ManagerOf("minato"))} {
		p := w.process(t, party)
		if err := p.server.Close(); err != nil { // so that its log is empty
			t.Fatal(err)
		}
		if n := damage(t, p.disk, ""); n == 0 {
			t.Fatalf("%s: nothing to damage", party)
		}
		err := p.start(t.Context())
		if err == nil {
			err = p.server.(checks).check(t.Context())
		}
		if err == nil {
			t.Errorf("%s: a damaged store was taken", party)
		}
	}
}

func (w *World) process(t *testing.T, party string) *process {
	t.Helper()
	for name, p := range w.processes {
		if string(name) == party {
			return p
		}
	}
	t.Fatalf("no process of %s", party)
	return nil
}

// damage changes a byte of every table of a disk.
func damage(t *testing.T, disk vfs.FS, folder string) (n int) {
	t.Helper()
	names, err := disk.List(folder)
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range names {
		full := disk.PathJoin(folder, name)
		info, err := disk.Stat(full)
		if err != nil {
			t.Fatal(err)
		}
		if info.IsDir() {
			n += damage(t, disk, full)
			continue
		}
		if !strings.HasSuffix(name, ".sst") {
			continue
		}
		n++
		flip(t, disk, full, info.Size()/3)
	}
	return n
}

func flip(t *testing.T, disk vfs.FS, name string, at int64) {
	t.Helper()
	f, err := disk.OpenReadWrite(name, vfs.WriteCategoryUnspecified)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	b := make([]byte, 1)
	if _, err := f.ReadAt(b, at); err != nil {
		t.Fatal(err)
	}
	b[0] ^= 1
	if _, err := f.WriteAt(b, at); err != nil {
		t.Fatal(err)
	}
}
