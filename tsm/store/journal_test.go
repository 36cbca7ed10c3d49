package store_test

import (
	"bytes"
	"context"
	"errors"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/cockroachdb/pebble/v2/vfs"
	"pgregory.net/rapid"

	"inkan/core/tsmp"
	"inkan/spec/req"
	"inkan/tsm/store"
)

func record(n, digest byte, late bool) tsmp.Record {
	return tsmp.Record{Key: tsmp.CallKey{Sender: "sp.example", ID: id(n)}, Function: "DeployService", Digest: tsmp.Digest{digest}, Request: []byte{'r', n}, Late: late}
}

// TestJournalIsTheProtocols compares the journal with core/tsmp's own, which ends
// with its process: what has begun may begin again after each reopening, and what
// was answered stays answered.
func TestJournalIsTheProtocols(t *testing.T) {
	req.Covers(t, "SPEC-STORE-034", "SPEC-STORE-035", "SPEC-STORE-036")
	rapid.Check(t, func(t *rapid.T) {
		disk, c := vfs.NewCrashableMem(), new(clock)
		s := open(t, disk, c)
		journal := tenantOf(t, s, "mno.example").Journal()
		oracle, running := new(tsmp.MemoryJournal), map[tsmp.CallKey]bool{}
		defer func() { s.Close() }()
		t.Repeat(map[string]func(*rapid.T){
			"begin": func(t *rapid.T) {
				r := record(rapid.ByteRange(0, 3).Draw(t, "call"), rapid.ByteRange(0, 1).Draw(t, "digest"), rapid.Bool().Draw(t, "late"))
				want, wantErr := oracle.Begin(ctx, r)
				got, err := journal.Begin(ctx, r)
				if !bytes.Equal(got, want) || (got == nil) != (want == nil) || !errors.Is(err, wantErr) {
					t.Fatalf("begin: %q %v, want %q %v", got, err, want, wantErr)
				}
				if err == nil && got == nil {
					running[r.Key] = true
				}
			},
			"end": func(t *rapid.T) {
				key := record(rapid.ByteRange(0, 3).Draw(t, "call"), 0, false).Key
				var answer []byte
				if rapid.Bool().Draw(t, "answered") {
					answer = []byte{'a', key.ID[0]}
				}
				want, err := oracle.End(ctx, key, answer), journal.End(ctx, key, answer)
				if (want == nil) != (err == nil) {
					t.Fatalf("end: %v, want %v", err, want)
				}
				delete(running, key)
			},
			"crash": func(t *rapid.T) {
				clone := disk.CrashClone(vfs.CrashCloneCfg{})
				must(t, s.Close())
				disk, s = clone, open(t, clone, c)
				journal = tenantOf(t, s, "mno.example").Journal()
				for key := range running { // what a crash does to the oracle
					must(t, oracle.End(ctx, key, nil))
				}
				clear(running)
			},
			"": func(t *rapid.T) {
				for n := range byte(4) {
					key := record(n, 0, false).Key
					wantRequest, wantAnswer := oracle.Evidence(key)
					request, answer, err := journal.Evidence(ctx, key)
					if err != nil || !bytes.Equal(request, wantRequest) || !bytes.Equal(answer, wantAnswer) {
						t.Fatalf("evidence: %q %q %v, want %q %q", request, answer, err, wantRequest, wantAnswer)
					}
				}
			},
		})
	})
}

// TestOneExecution has many callers begin the same calls, through several journals
// of the tenant: each is executed once.
func TestOneExecution(t *testing.T) {
	req.Covers(t, "SPEC-STORE-035")
	s := open(t, vfs.NewMem(), new(clock))
	defer s.Close()
	tenant := tenantOf(t, s, "mno.example")
	var executed [4]atomic.Int64
	var group sync.WaitGroup
	for i := range 64 {
		group.Go(func() {
			r, journal := record(byte(i%4), 0, false), tenant.Journal()
			for {
				answer, err := journal.Begin(ctx, r)
				switch {
				case errors.Is(err, tsmp.ErrInProgress):
					continue
				case err != nil:
					t.Error(err)
				case answer == nil:
					executed[i%4].Add(1)
					if err := journal.End(ctx, r.Key, []byte("answer")); err != nil {
						t.Error(err)
					}
				case string(answer) != "answer":
					t.Errorf("%q", answer)
				}
				return
			}
		})
	}
	group.Wait()
	for i := range executed {
		if n := executed[i].Load(); n != 1 {
			t.Errorf("call %d was executed %d times", i, n)
		}
	}
}

// TestEndFails: after an end that could not be written the call may begin again.
func TestEndFails(t *testing.T) {
	req.Covers(t, "SPEC-STORE-036")
	s := open(t, vfs.NewMem(), new(clock))
	tenant := tenantOf(t, s, "mno.example")
	journal := tenant.Journal()
	r := record(1, 0, false)
	if answer, err := journal.Begin(ctx, r); answer != nil || err != nil {
		t.Fatal(answer, err)
	}
	must(t, tenant.Step(ctx, func(tx *store.Tx) error {
		if err := journal.End(ctx, r.Key, []byte("answer")); !errors.Is(err, store.ErrNested) {
			t.Errorf("%v, want ErrNested", err)
		}
		return nil
	}))
	if answer, err := journal.Begin(ctx, r); answer != nil || err != nil {
		t.Error("the call does not begin again:", answer, err)
	}
	must(t, s.Close())
}

// TestJoin: a call that joins has begun with the first step of its execution, or with its
// answer, and not before.
func TestJoin(t *testing.T) {
	req.Covers(t, "SPEC-STORE-045")
	disk, c := vfs.NewCrashableMem(), new(clock)
	s := open(t, disk, c)
	tenant := tenantOf(t, s, "mno.example")
	crash := func() {
		clone := disk.CrashClone(vfs.CrashCloneCfg{})
		must(t, s.Close())
		disk, s = clone, open(t, clone, c)
		tenant = tenantOf(t, s, "mno.example")
	}
	join := func(n byte, late bool) (context.Context, []byte, error) {
		return tenant.Journal().Join(ctx, record(n, 0, late))
	}
	begun := func(n byte) bool {
		request, _, err := tenant.Journal().Evidence(ctx, record(n, 0, false).Key)
		must(t, err)
		return request != nil
	}
	nothing := func(*store.Tx) error { return nil }
	failing := errors.New("refused")

	joined, _, err := join(1, false)
	must(t, err)
	if _, _, err := join(1, false); !errors.Is(err, tsmp.ErrInProgress) || begun(1) {
		t.Errorf("joined: %v, begun %v", err, begun(1))
	}
	if err := tenant.Step(joined, func(*store.Tx) error { return failing }); !errors.Is(err, failing) || begun(1) {
		t.Errorf("a step that failed: %v, begun %v", err, begun(1))
	}
	crash()
	if _, _, err := join(1, true); !errors.Is(err, tsmp.ErrLate) {
		t.Errorf("a call that did nothing comes late: %v", err)
	}
	joined, _, err = join(1, false)
	must(t, err)
	must(t, tenant.Step(joined, nothing))
	must(t, tenant.Step(joined, nothing))
	crash()
	if joined, _, err = join(1, true); err != nil || !begun(1) {
		t.Errorf("a call that did something comes late: %v", err)
	}
	must(t, tenant.Journal().End(joined, record(1, 0, false).Key, []byte("answer")))
	if _, answer, err := join(1, true); err != nil || string(answer) != "answer" {
		t.Errorf("answered: %q, %v", answer, err)
	}
	if _, _, err := tenant.Journal().Join(ctx, record(1, 1, false)); !errors.Is(err, tsmp.ErrConflict) {
		t.Errorf("other content: %v", err)
	}
	joined, _, err = join(2, false)
	must(t, err)
	must(t, tenant.Journal().End(joined, record(2, 0, false).Key, []byte("at once")))
	crash()
	if _, answer, err := join(2, false); err != nil || string(answer) != "at once" || !begun(2) {
		t.Errorf("answered without a step: %q, %v", answer, err)
	}
	joined, _, err = join(3, false)
	must(t, err)
	must(t, tenant.Journal().End(joined, record(3, 0, false).Key, nil))
	if _, _, err := join(3, true); !errors.Is(err, tsmp.ErrLate) || begun(3) {
		t.Errorf("a call that did nothing and ended without an answer: %v", err)
	}
	if _, err := s.Check(ctx); err != nil {
		t.Error(err)
	}
	must(t, s.Close())
}

// TestComplete: a call that ends within the step that it joins has its answer with that
// step, and nothing where the step fails.
func TestComplete(t *testing.T) {
	req.Covers(t, "SPEC-STORE-046")
	disk, c := vfs.NewCrashableMem(), new(clock)
	s := open(t, disk, c)
	tenant := tenantOf(t, s, "mno.example")
	failing := errors.New("refused")
	key := record(1, 0, false).Key
	made := 0
	step := func(ctx context.Context, end error) error {
		return tenant.Step(ctx, func(*store.Tx) error {
			if err := tenant.Complete(ctx, func() ([]byte, error) { made++; return []byte("answer"), nil }); err != nil {
				return err
			}
			return end
		})
	}
	if must(t, step(ctx, nil)); made != 0 {
		t.Error("an answer of no call")
	}
	joined, _, err := tenant.Journal().Join(ctx, record(1, 0, false))
	must(t, err)
	if err := step(joined, failing); !errors.Is(err, failing) || made != 1 {
		t.Fatalf("%v, made %d times", err, made)
	}
	must(t, tenant.Step(joined, func(*store.Tx) error { return nil })) // why it was refused
	if _, answer, err := tenant.Journal().Evidence(ctx, key); err != nil || answer != nil {
		t.Fatalf("after a step that failed: %q, %v", answer, err)
	}
	must(t, tenant.Journal().End(joined, key, []byte("refusal")))

	joined, _, err = tenant.Journal().Join(ctx, record(2, 0, false))
	must(t, err)
	must(t, step(joined, nil))
	must(t, step(joined, nil)) // a second one does not answer again
	if made != 2 {
		t.Errorf("made %d times", made)
	}
	clone := disk.CrashClone(vfs.CrashCloneCfg{})
	must(t, tenant.Journal().End(joined, record(2, 0, false).Key, []byte("answer")))
	must(t, s.Close())
	s = open(t, clone, c)
	tenant = tenantOf(t, s, "mno.example")
	for n, want := range map[byte]string{1: "refusal", 2: "answer"} {
		if _, answer, err := tenant.Journal().Join(ctx, record(n, 0, true)); err != nil || string(answer) != want {
			t.Errorf("call %d after a crash: %q, %v", n, answer, err)
		}
	}
	if _, err := s.Check(ctx); err != nil {
		t.Error(err)
	}
	must(t, s.Close())
}
