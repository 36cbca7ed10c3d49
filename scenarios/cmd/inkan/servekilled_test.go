package main

import (
	"fmt"
	"math/rand/v2"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"inkan/ca/registry"
	"inkan/ca/registry/record"
	"inkan/core/entropy"
	"inkan/core/jpki/certificate"
	"inkan/core/tsmp"
	"inkan/scenarios/laboratory"
	"inkan/scenarios/laboratory/folder"
	"inkan/scenarios/laboratory/phone"
	"inkan/sim/profile"
	"inkan/spec/req"
	"inkan/tsm/store"
	"inkan/tsm/store/row"
)

// kills is how often the servers are killed while phones download.
const kills = 3

// The process of all servers is killed at random moments while phones download, by
// relay and by short messages, and started again at other addresses: everything comes
// to its end, once, and all that is kept is right.
func TestServeKilled(t *testing.T) {
	req.Covers(t, "SPEC-SERVE-001", "SPEC-SERVE-004", "SPEC-SERVE-007", "SPEC-SERVE-022")
	f := folder.Folder(t.TempDir())
	c := startServe(t, f)
	var phones []*phone.Phone
	events := make(chan struct{}, 1000)
	for _, config := range []phone.Config{{Profile: "hayate"}, {Profile: "akebono", SMSOnly: true}, {Profile: "minato"}} {
		phones = append(phones, applied(t, f, config, events))
	}
	var holders sync.WaitGroup
	finished := make([]error, len(phones))
	for i, p := range phones {
		holders.Go(func() {
			if finished[i] = p.Finish(t.Context()); finished[i] == nil {
				_, finished[i] = p.Login(t.Context())
			}
		})
	}
	for range kills {
		began, many := time.Now(), 1+rand.IntN(8)
		await(events, many)
		t.Logf("killed when it had listened for %v; to be killed after %d events of phones", time.Since(began), many)
		c.kill()
		c = startServe(t, f)
	}
	holders.Wait()
	for i, p := range phones {
		if finished[i] != nil {
			t.Errorf("phone %d: %v", i+1, finished[i])
		}
		if err := p.Close(); err != nil {
			t.Error(err)
		}
	}
	if code := c.end(); code != 0 {
		t.Errorf("exit code %d after SIGTERM", code)
	}
	if t.Failed() {
		t.Logf("the last process:\n%s", &c.out)
	}
	checkFolder(t, f)
	for _, p := range phones {
		certifiedOnce(t, f, record.PhoneID(p.App.Instance))
		deployedOnce(t, f, tsmp.PhoneID(p.App.Instance))
	}
}

// await waits for so many events, and a moment, or eight seconds: a manager sends what
// was under way when it was killed after five.
func await(events <-chan struct{}, many int) {
	for len(events) > 0 {
		<-events
	}
	end := time.After(8 * time.Second)
	for range many {
		select {
		case <-events:
		case <-end:
			return
		}
	}
	time.Sleep(rand.N(30 * time.Millisecond))
}

// applied is a phone whose holder has applied.
func applied(t *testing.T, f folder.Folder, c phone.Config, events chan<- struct{}) *phone.Phone {
	t.Helper()
	c.Folder, c.Patience = f, 50*time.Second
	c.Say = func(who, what string) {
		t.Logf("%s: %s: %s", c.Profile, who, what)
		select {
		case events <- struct{}{}:
		default:
		}
	}
	p, err := phone.Open(t.Context(), c)
	if err != nil {
		t.Fatal(err)
	}
	who, err := p.Resident(t.Context())
	if err == nil {
		err = p.Apply(t.Context(), who)
	}
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// checkFolder has the program check all that a laboratory keeps.
func checkFolder(t *testing.T, f folder.Folder) {
	t.Helper()
	want(t, []string{"all right"}, "ca", "check", "--dir", string(f.CA()))
	stores := []string{f.SPTSM()}
	for _, p := range profile.All() {
		stores = append(stores, f.MNOTSM(p))
	}
	for _, path := range stores {
		want(t, []string{"all right"}, "tsm", "check", "--store", path)
	}
	if left, _ := filepath.Glob(filepath.Join(string(f), "serve.json")); left != nil {
		t.Error("serve.json is still there")
	}
}

// certifiedOnce makes sure that a phone has one certificate, active since the receipt
// of its card came.
func certifiedOnce(t *testing.T, f folder.Folder, id record.PhoneID) {
	t.Helper()
	r, err := registry.Open(f.CA().Registry(), registry.Config{Now: time.Now, Entropy: entropy.System()})
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	s, err := r.Snapshot(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	list, err := s.OfPhone(id)
	if err != nil {
		t.Fatal(err)
	}
	active := 0
	for _, c := range list {
		if c.State != certificate.Active {
			continue
		}
		active++
		if c.Receipt == (record.Hash{}) || c.Activated.IsZero() || c.Envelope != (record.Hash{}) {
			t.Errorf("phone %x: active without a receipt, or its envelope is still there: %+v", id, c)
		}
		if _, found, err := s.Evidence(c.Receipt); err != nil || !found {
			t.Errorf("phone %x: its receipt is not kept: %v", id, err)
		}
	}
	if active != 1 || len(list) != 1 {
		t.Errorf("phone %x: %d certificates, %d of them active; want one", id, len(list), active)
	}
}

// deployedOnce makes sure that the SP-TSM has one instance of a phone, deployed once.
func deployedOnce(t *testing.T, f folder.Folder, id tsmp.PhoneID) {
	t.Helper()
	s, err := store.Open(t.Context(), store.Options{Path: f.SPTSM(), Now: time.Now})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	tenant, err := s.Tenant(t.Context(), laboratory.SPTSM)
	if err != nil {
		t.Fatal(err)
	}
	err = tenant.View(t.Context(), func(r *store.Snapshot) error {
		var all []row.Service
		if err := store.ServicesByPhone.Scan(r, id, func(s *row.Service) error { all = append(all, *s); return nil }); err != nil {
			return err
		}
		if len(all) != 1 || all[0].State != tsmp.ServiceDeployed || all[0].Action != (tsmp.CallID{}) {
			return fmt.Errorf("phone %x: %d instances, want one that is deployed and has no action under way", id, len(all))
		}
		counts := map[string]int{}
		err := r.Trail(1, func(e *row.Entry) error {
			if e.Subject.Service == all[0].Reference && e.Refused == "" {
				counts[e.Event]++
			}
			return nil
		})
		for _, event := range []string{"certificate-issued", "certificate-activated", "issue-done"} {
			if counts[event] != 1 {
				t.Errorf("phone %x: %q %d times in the trail, want once; %v", id, event, counts[event], counts)
			}
		}
		return err
	})
	if err != nil {
		t.Error(err)
	}
}
