package serve

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"inkan/core/entropy"
	"inkan/core/tsmp"
	"inkan/scenarios/laboratory"
	"inkan/scenarios/laboratory/folder"
	"inkan/scenarios/laboratory/phone"
	"inkan/scenarios/smsc"
	"inkan/sim/handset/fault"
	"inkan/sim/handset/uiapp"
	"inkan/spec/req"
	"inkan/tsm/store/row"
)

// site is a laboratory that serves.
type site struct {
	*Laboratory
	t    *testing.T
	stop func()
}

func serveAt(t *testing.T, f folder.Folder, sims uint32) *site {
	t.Helper()
	s := &site{t: t}
	var err error
	if s.Laboratory, err = Open(t.Context(), Config{Folder: f, SIMs: sims, Say: func(text string) { t.Log(text) }}); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- errors.Join(s.Serve(ctx), s.Close()) }()
	s.stop = sync.OnceFunc(func() {
		cancel()
		if err := <-done; err != nil {
			t.Error(err)
		}
	})
	t.Cleanup(s.stop)
	for range 200 {
		if _, err := f.Read(); err == nil {
			return s
		}
		time.Sleep(50 * time.Millisecond)
	}
	t.Fatal("nobody serves")
	return nil
}

func onPhone(t *testing.T, c phone.Config) *phone.Phone {
	t.Helper()
	c.Patience = 40 * time.Second
	p, err := phone.Open(t.Context(), c)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func enrol(t *testing.T, p *phone.Phone) {
	t.Helper()
	who, err := p.Resident(t.Context())
	if err == nil {
		err = p.Enrol(t.Context(), who)
	}
	if err != nil {
		t.Fatal(err)
	}
}

// A phone enrols over TLS and logs in; its SIM of a file logs in again in another
// phone; the bank refuses who it cannot check, and who is suspended.
func TestPhone(t *testing.T) {
	req.Covers(t, "SPEC-SERVE-003", "SPEC-SERVE-005", "SPEC-SERVE-008", "SPEC-SERVE-009", "SPEC-SERVE-013", "SPEC-SERVE-014", "SPEC-SERVE-020", "SPEC-SERVE-021", "SPEC-SERVE-023")
	f := folder.Folder(t.TempDir())
	s := serveAt(t, f, 2)
	onlyHere(t, f)
	image := filepath.Join(t.TempDir(), "sim.card")
	p := onPhone(t, phone.Config{Folder: f, Profile: "minato", Image: image})
	enrol(t, p)
	first, err := p.Login(t.Context())
	if err != nil || !first.New || fmt.Sprint(first.Checked) == "" {
		t.Fatalf("%+v, %v", first, err)
	}
	instance := tsmp.PhoneID(p.App.Instance)
	if err := p.Close(); err != nil {
		t.Fatal(err)
	}
	p = onPhone(t, phone.Config{Folder: f, Image: image})
	if held, err := p.Look(t.Context()); err != nil || held.State != uiapp.Ready {
		t.Fatalf("the SIM of the file is %v, %v", held.State, err)
	}
	again, err := p.Login(t.Context())
	if err != nil || again.New || again.Account != first.Account || again.Serial != first.Serial {
		t.Errorf("%+v, %v; before %+v", again, err, first)
	}
	s.unpublished(func() {
		if _, err := p.Login(t.Context()); err == nil || !strings.Contains(err.Error(), "RP-305") {
			t.Errorf("a certificate that could not be checked: %v", err)
		}
	})
	s.suspend(instance)
	_, err = p.Login(t.Context()) // the SIM may have heard of it already
	if held := (*fault.Error)(nil); err == nil || !strings.Contains(err.Error(), "RP-302") && (!errors.As(err, &held) || held.Code != fault.Suspended) {
		t.Errorf("a suspended certificate: %v", err)
	}
	if err := p.Close(); err != nil {
		t.Fatal(err)
	}
	s.stop()
	if _, err := f.Read(); !errors.Is(err, folder.ErrNotServed) {
		t.Errorf("after the end: %v", err)
	}
}

// onlyHere makes sure that everybody listens on the loopback, and who may read where.
func onlyHere(t *testing.T, f folder.Folder) {
	t.Helper()
	info, err := os.Stat(filepath.Join(string(f), "serve.json"))
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("serve.json: %v, %v", info.Mode(), err)
	}
	served, err := f.Read()
	if err != nil {
		t.Fatal(err)
	}
	for name, address := range served.Endpoints {
		if !strings.HasPrefix(address, "127.0.0.1:") {
			t.Errorf("%s listens on %s", name, address)
		}
	}
	if len(served.Endpoints) != 16 {
		t.Errorf("%d endpoints", len(served.Endpoints))
	}
}

// unpublished has nothing be reached that the authority publishes.
func (s *site) unpublished(do func()) {
	address, err := s.lookup(publication)
	if err != nil {
		s.t.Fatal(err)
	}
	set := func(address string) {
		s.Laboratory.mutex.Lock()
		defer s.Laboratory.mutex.Unlock()
		s.endpoints[publication] = address
	}
	set("127.0.0.1:1")
	do()
	set(address)
}

// suspend has the help desk suspend a certificate: the SP-TSM, which did not ask, is
// told.
func (s *site) suspend(instance tsmp.PhoneID) {
	t := s.t
	identity, err := s.config.Folder.Identity(laboratory.Desk)
	if err != nil {
		t.Fatal(err)
	}
	desk, err := s.asks(identity, laboratory.CA)
	if err != nil {
		t.Fatal(err)
	}
	about := &tsmp.Call{ID: tsmp.NewCallID(entropy.System()), Sent: time.Now().UTC().Truncate(time.Second)}
	cause := tsmp.Cause{Ground: tsmp.GroundHotline, Case: "call 1"}
	if _, err := (tsmp.RemoteCA{Caller: desk[laboratory.CA]}).Suspend(t.Context(), about, &tsmp.SuspendRequest{Phone: instance, Cause: cause}); err != nil {
		t.Fatal(err)
	}
	for range 200 {
		if s.said(told) {
			return
		}
		time.Sleep(50 * time.Millisecond)
	}
	t.Error("the SP-TSM was not told")
}

// told is the SP-TSM's audit entry of a change that the authority has told it of.
const told = "certificate-suspended"

// said reports whether the SP-TSM's audit trail has an event.
func (s *site) said(event string) (is bool) {
	err := s.provider.Trail(s.t.Context(), 1, func(e *row.Entry) error {
		is = is || e.Event == event
		return nil
	})
	if err != nil {
		s.t.Error(err)
	}
	return is
}

// A damaged store and a damaged registry are refused, by name.
func TestDamaged(t *testing.T) {
	req.Covers(t, "SPEC-SERVE-001", "SPEC-SERVE-004")
	for what, texts := range map[string][2]string{"mno-akebono": {"akebono", "mno-akebono"}, "ca/registry": {"the authority", "/ca"}} {
		f := folder.Folder(t.TempDir())
		l, err := Open(t.Context(), Config{Folder: f, SIMs: 1})
		if err != nil {
			t.Fatal(err)
		}
		if err := l.Close(); err != nil {
			t.Fatal(err)
		}
		if l, err = Open(t.Context(), Config{Folder: f, SIMs: 1}); err != nil {
			t.Fatalf("it does not go on: %v", err)
		}
		if err := l.Close(); err != nil {
			t.Fatal(err)
		}
		damage(t, filepath.Join(string(f), what))
		l, err = Open(t.Context(), Config{Folder: f, SIMs: 1})
		if err == nil {
			t.Errorf("%s: taken", what)
			l.Close()
			continue
		}
		if !strings.Contains(err.Error(), texts[0]) || !strings.Contains(err.Error(), texts[1]) {
			t.Errorf("%s: %v", what, err)
		}
	}
}

// damage changes a byte in every table file.
func damage(t *testing.T, path string) {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(path, "*.sst"))
	if err != nil || len(files) == 0 {
		t.Fatalf("no table files in %s: %v", path, err)
	}
	for _, name := range files {
		b, err := os.ReadFile(name)
		if err == nil {
			b[len(b)/3] ^= 1
			err = os.WriteFile(name, b, 0o600)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
}

// Keys are made once, and what an earlier try has left is not taken for them.
func TestKeys(t *testing.T) {
	req.Covers(t, "SPEC-SERVE-002")
	f := folder.Folder(t.TempDir())
	if err := os.MkdirAll(filepath.Join(string(f), ".keys-1", "x"), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := f.Make(time.Now()); err != nil {
		t.Fatal(err)
	}
	before, err := f.Secret(laboratory.SPTSM)
	if err != nil {
		t.Fatal(err)
	}
	if err := f.Make(time.Now()); err != nil {
		t.Fatal(err)
	}
	after, err := f.Secret(laboratory.SPTSM)
	if err != nil || string(before) != string(after) {
		t.Errorf("another secret, %v", err)
	}
	err = filepath.WalkDir(filepath.Join(string(f), "keys"), func(path string, d fs.DirEntry, err error) error {
		if info, wrong := d.Info(); wrong == nil && info.Mode().Perm()&0o077 != 0 {
			t.Errorf("%s: %v", path, info.Mode())
		}
		return err
	})
	if err != nil {
		t.Error(err)
	}
}

// The shop gives SIMs that nobody has, and sells more when there are none.
func TestShop(t *testing.T) {
	req.Covers(t, "SPEC-SERVE-012", "SPEC-SERVE-015")
	f := folder.Folder(t.TempDir())
	s := serveAt(t, f, 2)
	taken := onPhone(t, phone.Config{Folder: f, Profile: "hayate", Number: 1})
	defer taken.Close()
	for _, want := range []uint32{2, 3} {
		p := onPhone(t, phone.Config{Folder: f, Profile: "hayate"})
		defer p.Close()
		iccid := string(p.Identity().ICCID)
		if of := s.carrierNamed("hayate"); iccid != of.profile.ICCID(want) {
			t.Errorf("ICCID %s, want that of card %d", iccid, want)
		}
		if !s.ca.Inventory.Attests(laboratory.SE(iccid)) {
			t.Errorf("the authority does not know card %d", want)
		}
	}
	if _, err := phone.Open(t.Context(), phone.Config{Folder: f, Profile: "nobody"}); err == nil {
		t.Error("a SIM of nobody")
	}
	if _, err := phone.Open(t.Context(), phone.Config{Folder: f, Profile: "hayate", Number: 77}); !errors.Is(err, smsc.ErrUnknownSIM) || !strings.Contains(err.Error(), "SIM 77 of hayate") {
		t.Errorf("a SIM that the shop has not given: %v", err)
	}
}

// waiting is a manager that has nothing to do for an hour.
type waiting chan time.Time

func (w waiting) Work(_ context.Context, now time.Time) (bool, error) {
	w <- now
	return false, nil
}

func (w waiting) NextDue(context.Context) (time.Time, error) { return time.Now().Add(time.Hour), nil }

func TestWorkerIsWoken(t *testing.T) {
	req.Covers(t, "SPEC-SERVE-006")
	turns := make(waiting)
	w := newWorker("somebody", turns, func(err error) { t.Error(err) })
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan struct{})
	go func() { defer close(ended); w.run(ctx) }()
	<-turns
	w.wake()
	select {
	case <-turns:
	case <-time.After(10 * time.Second):
		t.Error("it sleeps")
	}
	stop()
	<-ended
}
