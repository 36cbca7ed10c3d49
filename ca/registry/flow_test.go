package registry_test

import (
	"errors"
	"math"
	"slices"
	"testing"
	"time"

	"github.com/cockroachdb/pebble/v2"

	"inkan/ca/registry"
	"inkan/ca/registry/record"
	"inkan/core/jpki/certificate"
	"inkan/spec/req"
)

func TestApplications(t *testing.T) {
	req.Covers(t, "SPEC-CA-LIFECYCLE-020", "SPEC-CA-LIFECYCLE-021", "SPEC-CA-LIFECYCLE-023", "SPEC-CA-LIFECYCLE-024", "SPEC-CA-LIFECYCLE-050")
	w := memory(t)
	h := w.holder()
	stale := w.request(h.signature.Serial, sim1)
	for _, d := range []time.Duration{-registry.Freshness - time.Second, registry.Freshness + time.Second} {
		stale.SignedAt = w.Now().Add(d)
		_, err := w.RegisterApplication(ctx, stale, cause)
		w.refused(err, registry.Stale)
	}
	_, err := w.RegisterApplication(ctx, w.request(h.authentication.Serial+100, sim1), cause)
	w.refused(err, registry.UnknownCertificate)
	_, err = w.RegisterApplication(ctx, w.request(certificate.FirstSerial, sim1), cause) // the authority's own
	w.refused(err, registry.UnknownCertificate)

	q := w.request(h.signature.Serial, sim1)
	first, err := w.RegisterApplication(ctx, q, cause)
	w.ok(err)
	w.clock.advance(2 * time.Hour)
	again, err := w.RegisterApplication(ctx, q, cause)
	w.ok(err)
	if first != again {
		t.Errorf("application %+v, then %+v", first, again)
	}
	reused := w.request(h.signature.Serial, sim1)
	reused.Nonce = q.Nonce
	_, err = w.RegisterApplication(ctx, reused, cause)
	w.refused(err, registry.NonceUsed)

	c := w.complete(w.reserve(w.order(first)))
	second := w.apply(h, sim2)
	w.wantState(c, certificate.Revoked, certificate.CessationOfOperation)
	_, err = w.PlaceOrder(ctx, registry.OrderRequest{Application: first.ID, SIM: sim1, Instance: aid}, cause)
	w.refused(err, registry.ApplicationClosed)
	if second.Phone == first.Phone {
		t.Error("two applications have one phone")
	}
	w.check()
}

func TestExpiredSignature(t *testing.T) {
	req.Covers(t, "SPEC-CA-LIFECYCLE-020", "SPEC-CA-LIFECYCLE-004")
	w := memory(t)
	h := w.holder()
	w.clock.seconds.Store(h.signature.NotAfter.Unix() - 60)
	app := w.apply(h, sim1)
	w.clock.advance(61 * time.Second)
	_, err := w.PlaceOrder(ctx, registry.OrderRequest{Application: app.ID, SIM: sim1, Instance: aid}, cause)
	w.refused(err, registry.SignatureNotValid)
	_, err = w.RegisterApplication(ctx, w.request(h.signature.Serial, sim1), cause)
	w.refused(err, registry.SignatureNotValid)
	_, err = w.Revoke(ctx, certificate.SignatureAuthority, h.signature.Serial, certificate.KeyCompromise, cause)
	w.refused(err, registry.CertificateExpired)
	_, err = w.Suspend(ctx, certificate.SignatureAuthority, h.signature.Serial, cause)
	w.refused(err, registry.CertificateExpired)
	w.ok(w.LoseCard(ctx, h.card, cause))
	w.wantState(h.signature, certificate.Active, 0)
	w.check()
}

func TestOrders(t *testing.T) {
	req.Covers(t, "SPEC-CA-LIFECYCLE-026", "SPEC-CA-LIFECYCLE-027", "SPEC-CA-LIFECYCLE-028", "SPEC-CA-LIFECYCLE-037")
	w := memory(t)
	h := w.holder()
	app := w.apply(h, sim1)
	q := registry.OrderRequest{Application: app.ID, SIM: sim1, Instance: aid, Content: func(o record.Order) ([]byte, error) {
		return append([]byte{byte(o.Counter)}, o.ID[:]...), nil
	}}
	call := cause
	call.Call = "call 1"
	o, err := w.PlaceOrder(ctx, q, call)
	w.ok(err)
	if o.Content != "\x01"+string(o.ID[:]) {
		t.Errorf("content %x", o.Content)
	}
	again, err := w.PlaceOrder(ctx, q, call)
	w.ok(err)
	if o != again {
		t.Errorf("order %+v, then %+v", o, again)
	}
	other := q
	other.LoadFile[0]++
	_, err = w.PlaceOrder(ctx, other, call)
	w.refused(err, registry.DifferentRequest)
	wrong := q
	wrong.SIM = sim2
	_, err = w.PlaceOrder(ctx, wrong, cause)
	w.refused(err, registry.WrongSIM)

	c := w.complete(w.reserve(o))
	o2, err := w.PlaceOrder(ctx, q, cause)
	w.ok(err)
	w.wantState(c, certificate.Revoked, certificate.Superseded)
	if o2.Counter != 2 || len(w.erasures()) != 0 {
		t.Errorf("counter %d, erasures %v", o2.Counter, w.erasures())
	}
	_, err = w.ReservePhone(ctx, registry.PhoneRequest{Order: o.ID, Generation: 1, Key: w.newKey()}, cause)
	w.refused(err, registry.OrderClosed)

	// another person on the same SIM: the counter goes on, nothing else is inherited
	h2 := w.holder()
	if o3 := w.order(w.apply(h2, sim1)); o3.Counter != 3 || o3.Phone == o2.Phone {
		t.Errorf("order %+v", o3)
	}
	w.clock.advance(registry.ApplicationTerm + time.Second)
	_, err = w.PlaceOrder(ctx, q, cause)
	w.refused(err, registry.ApplicationClosed)
	w.check()
}

func TestCancel(t *testing.T) {
	req.Covers(t, "SPEC-CA-LIFECYCLE-025", "SPEC-CA-LIFECYCLE-037", "SPEC-CA-LIFECYCLE-099")
	w := memory(t)
	h := w.holder()
	app := w.apply(h, sim1)
	c := w.complete(w.reserve(w.order(app)))
	w.ok(w.CancelApplication(ctx, app.ID, cause))
	w.wantState(c, certificate.Revoked, certificate.CessationOfOperation)
	if got := w.erasures(); !slices.Equal(got, []record.PhoneID{app.Phone}) {
		t.Fatalf("erasures %v", got)
	}
	w.ok(w.ReportErase(ctx, app.Phone, []byte("erased"), cause))
	w.ok(w.ReportErase(ctx, app.Phone, []byte("erased"), cause))
	if got := w.erasures(); len(got) != 0 {
		t.Fatalf("erasures %v", got)
	}
	live := w.enrolled(h, sim1)
	w.refused(w.ReportErase(ctx, live.Phone, []byte("erased"), cause), registry.ErasureNotRequested)
	w.refused(w.CancelApplication(ctx, record.ApplicationID{9}, cause), registry.UnknownApplication)
	w.check()
}

// TestEraseExpired reports the erasure of phones whose certificates came to their end
// active and on hold, up to the last second and after it.
func TestEraseExpired(t *testing.T) {
	req.Covers(t, "SPEC-CA-LIFECYCLE-098", "SPEC-CA-LIFECYCLE-099")
	for _, held := range []bool{false, true} {
		w := memory(t)
		c := w.enrolled(w.holder(), sim1)
		if held {
			w.ok(w.SuspendPhone(ctx, registry.Turn{Phone: c.Phone}, cause))
		}
		w.clock.seconds.Store(c.NotAfter.Unix())
		w.refused(w.ReportErase(ctx, c.Phone, []byte("erased"), cause), registry.ErasureNotRequested)
		w.clock.advance(400 * 24 * time.Hour)
		w.ok(w.ReportErase(ctx, c.Phone, []byte("erased"), cause))
		at, number := w.Now(), w.anchor()
		w.clock.advance(time.Hour)
		w.ok(w.ReportErase(ctx, c.Phone, []byte("erased"), cause))
		s := w.snapshot()
		phone, err := s.Phone(c.Phone)
		w.ok(err)
		if phone.Erasure != record.ErasureDone || !phone.Erased.Equal(at) || len(w.erasures()) != 0 {
			t.Errorf("held %v: %+v, to be erased %v", held, phone, w.erasures())
		}
		if w.anchor() != number {
			t.Error("the second receipt is in the journal")
		}
		w.check()
	}
}

// TestEraseNotIssued: what is pending, or has no certificate, has not expired.
func TestEraseNotIssued(t *testing.T) {
	req.Covers(t, "SPEC-CA-LIFECYCLE-099")
	w := memory(t)
	end := w.Now().Add(10 * time.Hour)
	h := w.holderUntil(end)
	app := w.apply(h, sim1)
	w.refused(w.ReportErase(ctx, app.Phone, []byte("erased"), cause), registry.ErasureNotRequested)
	c := w.complete(w.reserve(w.order(app)))
	w.clock.seconds.Store(end.Unix() + 1) // it is pending for longer than it is valid
	w.refused(w.ReportErase(ctx, app.Phone, []byte("erased"), cause), registry.ErasureNotRequested)
	w.clock.seconds.Store(c.Deadline.Unix() + 1)
	w.ok(w.ReportErase(ctx, app.Phone, []byte("erased"), cause))
	w.check()
}

func (w *world) erasures() (list []record.PhoneID) {
	w.t.Helper()
	s := w.snapshot()
	defer s.Close()
	w.ok(s.ErasuresDue(func(id record.PhoneID) error { list = append(list, id); return nil }))
	return list
}

func TestPendingEnds(t *testing.T) {
	req.Covers(t, "SPEC-CA-LIFECYCLE-035", "SPEC-CA-LIFECYCLE-034", "SPEC-CA-LIFECYCLE-032")
	w := memory(t)
	h := w.holder()
	old := w.enrolled(h, sim1)
	c := w.pending(h, sim2)
	w.clock.advance(registry.PendingTerm)
	w.wantState(c, certificate.Pending, 0)
	again, err := w.Activate(ctx, old.Serial, []byte("receipt"), cause)
	w.ok(err)
	if again != old {
		t.Errorf("activated %+v, then %+v", old, again)
	}
	w.clock.advance(time.Second)
	if n, err := w.Sweep(ctx); n != 1 || err != nil {
		t.Errorf("sweep ended %d, %v", n, err)
	}
	if n, err := w.Sweep(ctx); n != 0 || err != nil {
		t.Errorf("second sweep ended %d, %v", n, err)
	}
	got := w.wantState(c, certificate.Revoked, certificate.CessationOfOperation)
	if got.Envelope != (record.Hash{}) {
		t.Error("the envelope's hash is left")
	}
	_, err = w.Activate(ctx, c.Serial, []byte("receipt"), cause)
	w.refused(err, registry.NotPending)
	w.wantState(old, certificate.Active, 0)
	w.check()
}

// TestClockGoesBack: what has ended stays ended, over a restart too, and views
// never show an earlier time.
func TestClockGoesBack(t *testing.T) {
	req.Covers(t, "SPEC-CA-LIFECYCLE-001", "SPEC-CA-LIFECYCLE-005", "SPEC-CA-LIFECYCLE-035")
	w := memory(t)
	h := w.holder()
	c := w.pending(h, sim1)
	s := w.snapshot()
	w.clock.advance(registry.PendingTerm + time.Second)
	w.wantState(c, certificate.Revoked, certificate.CessationOfOperation) // a view alone has ended it
	seen := w.Now()
	if st, known, err := s.Status(c.Authority, c.Serial); st.State != certificate.Pending || !known || err != nil || !s.At().Before(seen) {
		t.Errorf("the earlier view shows %+v at %s", st, s.At())
	}
	w.ok(s.Close())
	w.clock.advance(-10 * 365 * 24 * time.Hour)
	w.wantState(c, certificate.Revoked, certificate.CessationOfOperation)
	w.ok(w.Close())
	w.Registry = open(t, w.fs, w.clock)
	after := w.snapshot()
	defer after.Close()
	if after.At().Before(seen) || w.Now().Before(seen) {
		t.Errorf("time went from %s to %s", seen, after.At())
	}
	c = w.pending(h, sim1)
	if c.Since.Before(seen) || c.Deadline.Before(seen.Add(registry.PendingTerm)) {
		t.Errorf("pending since %s, to %s", c.Since, c.Deadline)
	}
	w.check()
}

func TestListsAfterTheEnd(t *testing.T) {
	req.Covers(t, "SPEC-CA-LIFECYCLE-005")
	w := memory(t)
	h := w.holder()
	_, err := w.Revoke(ctx, h.signature.Authority, h.signature.Serial, certificate.Superseded, cause)
	w.ok(err)
	for after, want := range map[time.Duration]int{registry.ListedAfterEnd: 1, registry.ListedAfterEnd + time.Second: 0} {
		later := memory(t)
		h := later.holder()
		_, err := later.Revoke(ctx, h.signature.Authority, h.signature.Serial, certificate.Superseded, cause)
		later.ok(err)
		later.clock.seconds.Store(h.signature.NotAfter.Add(after).Unix())
		if got := later.listed(certificate.SignatureAuthority, tokyo.Partition()); len(got) != want {
			t.Errorf("%s after the end: list %v", after, got)
		}
	}
	s := w.snapshot()
	defer s.Close()
	var partitions []string
	w.ok(s.Partitions(certificate.SignatureAuthority, func(p string) error { partitions = append(partitions, p); return nil }))
	if !slices.Equal(partitions, []string{certificate.CAList, tokyo.Partition()}) {
		t.Errorf("partitions %q", partitions)
	}
}

func TestResponses(t *testing.T) {
	req.Covers(t, "SPEC-CA-LIFECYCLE-046")
	w := memory(t)
	h := w.holder()
	c := w.pending(h, sim1)
	put := func(version uint64, want bool) {
		t.Helper()
		if stored, err := w.PutResponse(ctx, c.Authority, c.Serial, version, []byte("response")); stored != want || err != nil {
			t.Fatalf("stored %v, %v", stored, err)
		}
	}
	get := func(want bool) {
		t.Helper()
		got, found, err := w.Response(c.Authority, c.Serial, []byte("dst "))
		if err != nil || found != want || found && string(got) != "dst response" || !found && string(got) != "dst " {
			t.Fatalf("response %q %v %v, want found %v", got, found, err, want)
		}
	}
	get(false)
	put(c.Version-1, false)
	get(false)
	put(c.Version, true)
	get(true)
	c, err := w.Activate(ctx, c.Serial, []byte("receipt"), cause)
	w.ok(err)
	get(false)
	put(c.Version-1, false)
	put(c.Version, true)
	get(true)
	_, err = w.Suspend(ctx, c.Authority, c.Serial, cause)
	w.ok(err)
	get(false)

	c = w.pending(h, sim2)
	put(c.Version, true)
	w.clock.advance(registry.PendingTerm)
	get(true)
	w.clock.advance(time.Second)
	get(false) // nobody has swept

	c = h.signature // it is active: its response has no deadline
	put(c.Version, true)
	w.clock.advance(2 * registry.PendingTerm)
	get(true)
	reserved, err := w.ReserveCard(ctx, registry.CardRequest{Card: h.card, Kind: certificate.CardSignature, Generation: 1, Key: w.newKey()}, cause)
	w.ok(err)
	c = reserved.Certificate
	put(c.Version, false)
	get(false)
	w.check()
}

func TestAnswers(t *testing.T) {
	req.Covers(t, "SPEC-CA-LIFECYCLE-054")
	w := memory(t)
	put := func(request byte, answer string) (string, error) {
		kept, err := w.BeginCall(ctx, "call", record.Hash{request}, false)
		if kept == nil && err == nil {
			kept = []byte(answer)
			err = w.EndCall(ctx, "call", kept)
		}
		return string(kept), err
	}
	for _, answer := range []string{"first", "second"} {
		if kept, err := put(1, answer); kept != "first" || err != nil {
			t.Errorf("kept %q, %v", kept, err)
		}
	}
	_, err := put(2, "third")
	w.refused(err, registry.DifferentRequest)
	if b, err := w.BeginCall(ctx, "call", record.Hash{1}, true); string(b) != "first" || err != nil {
		t.Errorf("answer %q %v", b, err)
	}
	if b, err := w.BeginCall(ctx, "call", record.Hash{2}, true); b != nil || !errors.Is(err, &registry.Refusal{Code: registry.DifferentRequest}) {
		t.Errorf("answer to another request: %q %v", b, err)
	}
	w.check()
}

// What is asked for about a phone rests on the signature certificate alone; an issue,
// on both of the card's.
func TestPurposes(t *testing.T) {
	req.Covers(t, "SPEC-CA-LIFECYCLE-020", "SPEC-CA-LIFECYCLE-025", "SPEC-CA-LIFECYCLE-090")
	w := memory(t)
	h := w.holder()
	app := w.apply(h, sim1)
	c, err := w.Activate(ctx, w.complete(w.reserve(w.order(app))).Serial, []byte("receipt"), cause)
	w.ok(err)
	w.refused(w.CancelApplication(ctx, app.ID, cause), registry.ApplicationClosed) // it has reached its end
	w.wantState(c, certificate.Active, 0)
	_, err = w.Suspend(ctx, h.authentication.Authority, h.authentication.Serial, cause)
	w.ok(err)
	_, err = w.about(record.PurposeRevocation, h, c.Phone, sim1)
	w.ok(err)
	q := w.request(h.signature.Serial, sim1)
	q.Purpose, q.Origin, q.Phone, q.Sender = record.PurposePINReset, 0, c.Phone, ""
	_, err = w.RegisterApplication(ctx, q, cause)
	w.ok(err)
	q.Sender = "another"
	_, err = w.RegisterApplication(ctx, q, cause)
	w.refused(err, registry.NonceUsed)
	q = w.request(h.signature.Serial, sim2)
	q.Purpose, q.Phone = record.PurposeTransfer, c.Phone
	_, err = w.RegisterApplication(ctx, q, cause)
	w.refused(err, registry.NoAuthentication)
	w.check()
}

// An application has as many orders as it may have, and an order that has reached its
// end stays so.
func TestNumberOfOrders(t *testing.T) {
	req.Covers(t, "SPEC-CA-LIFECYCLE-027", "SPEC-CA-LIFECYCLE-028", "SPEC-CA-LIFECYCLE-093")
	w := memory(t)
	h := w.holder()
	app := w.apply(h, sim1)
	place := func(most int) (record.Order, error) {
		return w.PlaceOrder(ctx, registry.OrderRequest{Application: app.ID, SIM: sim1, Instance: aid, Most: most}, cause)
	}
	first, err := place(2)
	w.ok(err)
	c := w.complete(w.reserve(first))
	_, err = place(2)
	w.ok(err)
	w.wantState(c, certificate.Revoked, certificate.Superseded)
	if first, err = w.orderOf(first.ID); err != nil || first.Progress != record.Done {
		t.Errorf("the order whose certificate was issued is %+v, %v", first, err)
	}
	_, err = place(2)
	w.refused(err, registry.TooManyOrders)
	_, err = place(0) // any number
	w.ok(err)
	w.check()

	v := newVault(t)
	key := string(record.Counters.Key(sim1[:], aid))
	last := v.forged(v.clock.now(), map[string]record.Record{key: &record.Counter{Last: math.MaxUint32 - 1}})
	v.intrude(func(db *pebble.DB) {
		for key, value := range last {
			v.ok(db.Set([]byte(key), value, pebble.Sync))
		}
	})
	v.Registry = open(t, v.fs, v.clock)
	defer v.Close()
	app = v.apply(v.holder(), sim1)
	v.order(app)
	_, err = v.PlaceOrder(ctx, registry.OrderRequest{Application: app.ID, SIM: sim1, Instance: aid}, cause)
	v.refused(err, registry.CounterExhausted)
}

// Of several that are pending those end whose time has come.
func TestSomePendingEnd(t *testing.T) {
	req.Covers(t, "SPEC-CA-LIFECYCLE-035")
	w := memory(t)
	first := w.pending(w.holder(), sim1)
	w.clock.advance(time.Hour)
	second := w.pending(w.holder(), sim2)
	w.clock.advance(registry.PendingTerm - time.Minute)
	w.wantState(first, certificate.Revoked, certificate.CessationOfOperation)
	w.wantState(second, certificate.Pending, 0)
	w.clock.advance(time.Hour)
	w.wantState(second, certificate.Revoked, certificate.CessationOfOperation)
	w.check()
}
