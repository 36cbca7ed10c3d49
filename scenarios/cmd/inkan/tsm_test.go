package main

import (
	"context"
	"crypto/ed25519"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"inkan/core/entropy"
	"inkan/core/tsmp"
	"inkan/spec/req"
	"inkan/tsm/post"
	"inkan/tsm/store"
	"inkan/tsm/store/row"
)

// aStore is a store of a manager on the disk, closed.
func aStore(t *testing.T) string {
	path := filepath.Join(t.TempDir(), "store")
	s, err := store.Open(t.Context(), store.Options{Path: path, Now: time.Now})
	if err != nil {
		t.Fatal(err)
	}
	tenant, err := s.Tenant(t.Context(), "mno.example")
	if err != nil {
		t.Fatal(err)
	}
	now := time.Now().UTC()
	err = tenant.Step(t.Context(), func(tx *store.Tx) error {
		return errors.Join(
			store.Services.Put(tx, &row.Service{Reference: tsmp.ServiceReference{1}, Name: "jpki", Peer: "sp.example", SE: tsmp.SEID{2}, Model: tsmp.ModelSimple,
				State: tsmp.ServiceDeclared, Domain: tsmp.DomainAbsent, Since: now}),
			store.SIMs.Put(tx, &row.SIM{SE: tsmp.SEID{2}, ICCID: "8981990000000000016", Profile: "minato", State: row.SIMStock}),
			store.Workflows.Put(tx, &row.Workflow{ID: row.WorkflowID{3}, Kind: "deploy", State: row.WorkflowRunning, Begun: now, Changed: now, Next: now, Deadline: now}),
			store.Enqueue(tx, &row.Message{Key: row.MessageKey{Destination: "sp.example"}, Call: tsmp.CallID{4}, Bytes: []byte("sealed"), At: now, Next: now, Deadline: now}),
			tx.Audit(store.Event{Event: "service-declared", Actor: "sp.example", Responsible: "SP-TSM", Evidence: []store.Evidence{{Name: "request", Bytes: []byte("signed")}}}))
	})
	if err = errors.Join(err, s.Close()); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestTSMUsage(t *testing.T) {
	for line, want := range map[string]int{
		"tsm": 0, "tsm --help": 0, "tsm mend": 2, "tsm check": 2, "tsm check --store nowhere": 1, "tsm check --store D": 1, "tsm check --store S --anchor x": 2,
		"tsm check --store S --anchor mno.example:1:ff": 2, "tsm backup --store S": 2, "tsm restore --store S": 2, "tsm restore --store S --from D --by me": 1,
		"tsm list": 2, "tsm list keys --store S": 2, "tsm list audit --store S --tenant nobody": 1, "tsm list audit --store S": 0,
		"tsm list aside --store S": 0, "tsm release --help": 0, "tsm discard --help": 0, "tsm release --store S --by me": 2, "tsm release 12 --store S --by me": 2,
		"tsm discard CALL --store S": 2, "tsm discard CALL --by me": 2, "tsm release CALL --store S --by me": 1, "tsm release CALL --store S --by me --tenant nobody": 1,
	} {
		line = strings.ReplaceAll(line, "CALL", strings.Repeat("04", 16))
		line = strings.ReplaceAll(line, "--store D", "--store "+t.TempDir())
		line = strings.ReplaceAll(line, "--store S", "--store "+aStore(t))
		line = strings.ReplaceAll(line, "--from D", "--from "+t.TempDir())
		if got := run(strings.Fields(line)); got != want {
			t.Errorf("inkan %s: exit code %d, want %d", line, got, want)
		}
	}
}

// A store is checked, backed up, restored and listed; a changed file is found.
func TestTSMStore(t *testing.T) {
	path := aStore(t)
	text := want(t, []string{"mno.example: 5 rows", "1 audit entries, 1 pieces of evidence: all right", "anchor mno.example:1:"}, "tsm", "check", "--store", path)
	anchor := strings.TrimPrefix(strings.TrimSpace(text[strings.Index(text, "anchor "):]), "anchor ")
	backup, second := filepath.Join(t.TempDir(), "backup"), filepath.Join(t.TempDir(), "store")
	want(t, []string{"anchor " + anchor}, "tsm", "backup", "--store", path, "--to", backup)
	want(t, []string{"1 audit entries", "restored"}, "tsm", "restore", "--from", backup, "--store", second, "--by", "a.sato", "--anchor", anchor)
	want(t, []string{"all right"}, "tsm", "check", "--store", second, "--anchor", anchor)
	for what, texts := range map[string][]string{
		"services": {"jpki", "declared", "absent"}, "workflows": {"deploy", "running", "due"}, "sims": {"ICCID 8981990000000000016", "minato"},
		"messages": {"sp.example 1", "6 bytes"}, "audit": {"service-declared", "by sp.example", "answers SP-TSM", "store-restored", "a.sato"},
	} {
		want(t, texts, "tsm", "list", what, "--store", second, "--tenant", "mno.example")
	}
	if _, err := output(t, "tsm", "check", "--store", second, "--anchor", anchor[:len(anchor)-1]+"0"); err == nil || !strings.Contains(err.Error(), "corrupt") {
		if anchor[len(anchor)-1] != '0' {
			t.Errorf("a wrong anchor was taken: %v", err)
		}
	}
	damage(t, second)
	if _, err := output(t, "tsm", "check", "--store", second); err == nil {
		t.Error("a damaged store was taken")
	}
}

// What was set aside is listed with the reason, and is released or discarded on a name,
// all that are named or none.
func TestTSMAside(t *testing.T) {
	req.Covers(t, "SPEC-POST-012", "SPEC-POST-013")
	path, calls := withAside(t)
	text := want(t, []string{"HandleSEStatusChangeNotification", "to sp.example", "its end cannot be taken in", "24 attempts"}, "tsm", "list", "aside", "--store", path)
	for _, call := range calls {
		if !strings.Contains(text, call) {
			t.Errorf("no call %s in\n%s", call, text)
		}
	}
	never := strings.Repeat("0F", 16)
	if _, err := output(t, "tsm", "discard", calls[0], never, "--store", path, "--by", "a.sato"); !errors.Is(err, post.ErrNotAside) || !strings.Contains(err.Error(), never) {
		t.Errorf("one that was not set aside: %v", err)
	}
	want(t, calls, "tsm", "list", "aside", "--store", path)
	want(t, []string{"released: HandleSEStatusChangeNotification of call " + calls[0]}, "tsm", "release", calls[0], "--store", path, "--by", "a.sato")
	want(t, []string{"discarded: ", calls[1], calls[2]}, "tsm", "discard", calls[1], calls[2], "--store", path, "--by", "b.mori", "--tenant", "mno.example")
	if text, err := output(t, "tsm", "list", "aside", "--store", path); err != nil || text != "mno.example:\n" {
		t.Errorf("left: %q, %v", text, err)
	}
	text = want(t, []string{calls[0], "sp.example"}, "tsm", "list", "messages", "--store", path)
	if strings.Contains(text, calls[1]) || strings.Contains(text, "!") {
		t.Errorf("messages:\n%s", text)
	}
	text = want(t, []string{"message-released", "by a.sato", "message-discarded", "by b.mori"}, "tsm", "list", "audit", "--store", path)
	if n := strings.Count(text, "message-discarded"); n != 2 {
		t.Errorf("%d entries of two messages that were discarded", n)
	}
	want(t, []string{"all right"}, "tsm", "check", "--store", path)
}

// withAside is a store with three messages that were set aside, closed.
func withAside(t *testing.T) (path string, calls []string) {
	path = filepath.Join(t.TempDir(), "store")
	now := time.Date(2026, 11, 29, 0, 0, 0, 0, time.UTC)
	clock := func() time.Time { return now }
	s, err := store.Open(t.Context(), store.Options{Path: path, Now: clock})
	if err != nil {
		t.Fatal(err)
	}
	tenant, err := s.Tenant(t.Context(), "mno.example")
	if err != nil {
		t.Fatal(err)
	}
	identity := tsmp.Identity{Party: "mno.example", KeyID: "mno", Signer: ed25519.NewKeyFromSeed(make([]byte, ed25519.SeedSize))}
	silent := &tsmp.Caller{Identity: identity, Peer: "sp.example", Exchange: func(context.Context, []byte) ([]byte, error) { return nil, errors.New("no connection") }}
	p, err := post.New(post.Config{Tenant: tenant, Now: clock, Entropy: entropy.Seeded(1, "post"), Peer: func(tsmp.PartyID) (*tsmp.Caller, bool) { return silent, true },
		Ended: func(context.Context, *store.Tx, *post.Ended) error { return errors.New("it cannot be taken in") }})
	if err != nil {
		t.Fatal(err)
	}
	for n := range uint64(3) {
		err := tenant.Step(t.Context(), func(tx *store.Tx) error {
			call, err := p.Put(tx, post.Letter{To: "sp.example", Lane: fmt.Sprint("lane", n), Function: tsmp.HandleSEStatusChangeNotification, Deadline: now.Add(time.Minute),
				Body: &tsmp.HandleSEStatusChangeNotificationRequest{Notice: tsmp.Notice{Epoch: 1, Sequence: n + 1, At: now}, SE: tsmp.SEID{2}, Status: tsmp.SEBlocked}})
			calls = append(calls, call.String())
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	for range post.Tries {
		now = now.Add(post.LongestPause)
		if _, err := p.Work(t.Context()); err == nil {
			t.Fatal("the ends were taken in")
		}
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	return path, calls
}

func want(t *testing.T, texts []string, line ...string) string {
	t.Helper()
	got, err := output(t, line...)
	if err != nil {
		t.Fatalf("%v: %v", line, err)
	}
	for _, text := range texts {
		if !strings.Contains(got, text) {
			t.Errorf("%v: no %q in\n%s", line, text, got)
		}
	}
	return got
}

// damage changes a byte in the middle of every table file.
func damage(t *testing.T, folder string) {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(folder, "*.sst"))
	if err != nil || len(files) == 0 {
		t.Fatalf("no files of the store: %v", err)
	}
	for _, name := range files {
		b, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		b[len(b)/3] ^= 1
		if err := os.WriteFile(name, b, 0o600); err != nil {
			t.Fatal(err)
		}
	}
}
