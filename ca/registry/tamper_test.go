package registry_test

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/cockroachdb/pebble/v2"
	"github.com/cockroachdb/pebble/v2/vfs"

	"inkan/ca/registry"
	"inkan/ca/registry/record"
	"inkan/core/entropy"
	"inkan/core/jpki/certificate"
	"inkan/spec/req"
)

// peopled is a closed registry with something in every table, on a file system
// that an intruder may now write.
func peopled(t *testing.T) (*world, holder) {
	w := newWorld(t, vfs.NewMem())
	h := w.holder()
	w.enrolled(h, sim1)
	w.pending(w.holder(), sim2)
	_, err := w.Suspend(ctx, certificate.SignatureAuthority, h.signature.Serial, cause)
	w.ok(err)
	w.managed()
	w.check()
	w.ok(w.Close())
	return w, h
}

// managed is the phone of a service manager that has been suspended and revoked,
// each in a call, and two calls, one of them answered.
func (w *world) managed() {
	w.t.Helper()
	call := func(name string) registry.Cause { return registry.Cause{Actor: registry.Operator, Call: name} }
	var h holder
	var err error
	h.person, err = w.RegisterPerson(ctx, birth, attributes("印鑑　次郎"), call("person"))
	w.ok(err)
	w.newCard(&h)
	q := w.request(h.signature.Serial, sim1)
	q.Sender = "sp"
	app, err := w.RegisterApplication(ctx, q, cause)
	w.ok(err)
	o, err := w.PlaceOrder(ctx, registry.OrderRequest{Application: app.ID, SIM: sim1, Instance: aid, Sender: "sp"}, call("order"))
	w.ok(err)
	c, err := w.Activate(ctx, w.complete(w.reserve(o)).Serial, []byte("receipt"), registry.Cause{Actor: registry.SPTSM})
	w.ok(err)
	turn := registry.Turn{Phone: c.Phone, Sender: "sp"}
	w.ok(w.SuspendPhone(ctx, turn, call("suspend")))
	w.ok(w.RevokePhone(ctx, turn, certificate.KeyCompromise, call("revoke")))
	for _, name := range []string{"answered", "begun"} {
		_, err = w.BeginCall(ctx, name, record.Hash{1}, false)
		w.ok(err)
	}
	w.ok(w.EndCall(ctx, "answered", []byte("answer")))
}

// quiet is a pebble.Logger that says nothing.
type quiet struct{}

func (quiet) Infof(string, ...any)         {}
func (quiet) Errorf(string, ...any)        {}
func (quiet) Fatalf(f string, args ...any) { panic(fmt.Sprintf(f, args...)) }

// intrude writes the store behind the registry's back.
func (w *world) intrude(f func(db *pebble.DB)) {
	w.t.Helper()
	db, err := pebble.Open("registry", &pebble.Options{FS: w.fs, Logger: quiet{}})
	w.ok(err)
	f(db)
	w.ok(db.Close())
}

// wantCorrupt opens and checks the registry and wants to hear what is wrong.
func (w *world) wantCorrupt(want string, anchors ...registry.Anchor) {
	w.t.Helper()
	r, err := registry.OpenFS("registry", w.fs, registry.Config{Now: w.clock.now, Entropy: entropy.System()})
	if err == nil {
		defer r.Close()
		var s *registry.Snapshot
		if s, err = r.Snapshot(ctx); err == nil {
			defer s.Close()
			_, err = s.Check(ctx, anchors...)
		}
	}
	if !errors.Is(err, registry.ErrCorrupt) || !strings.Contains(err.Error(), want) {
		w.t.Fatalf("got %v, want a corrupt store and %q", err, want)
	}
}

func journalKey(number uint64) []byte {
	return record.Journal.Key(binary.BigEndian.AppendUint64(nil, number))
}

func value(t fataler, db *pebble.DB, key []byte) []byte {
	t.Helper()
	v, closer, err := db.Get(key)
	if err != nil {
		t.Fatalf("key %X: %v", key, err)
	}
	defer closer.Close()
	return bytes.Clone(v)
}

// firstKey is the first key of a table.
func firstKey(t fataler, db *pebble.DB, table record.Table) []byte {
	t.Helper()
	it, err := db.NewIter(&pebble.IterOptions{LowerBound: table.Key()})
	if err != nil {
		t.Fatal(err)
	}
	defer it.Close()
	if !it.First() || it.Key()[0] != byte(table) {
		t.Fatalf("table %c is empty", table)
	}
	return bytes.Clone(it.Key())
}

// intrusion changes the store of a registry with a holder.
type intrusion func(t *testing.T, db *pebble.DB, h holder)

func set(t *testing.T, db *pebble.DB, key, v []byte) {
	t.Helper()
	if err := db.Set(key, v, pebble.Sync); err != nil {
		t.Fatal(err)
	}
}

// remove deletes the first key of a table, flip changes its last bit, add puts a
// copy beside it.
func remove(table record.Table) intrusion {
	return func(t *testing.T, db *pebble.DB, _ holder) { removeKey(firstKey(t, db, table))(t, db, holder{}) }
}

func removeKey(key []byte) intrusion {
	return func(t *testing.T, db *pebble.DB, _ holder) {
		if err := db.Delete(key, pebble.Sync); err != nil {
			t.Fatal(err)
		}
	}
}

func flip(table record.Table) intrusion {
	return func(t *testing.T, db *pebble.DB, _ holder) {
		key := firstKey(t, db, table)
		v := value(t, db, key)
		v[len(v)-1] ^= 1
		set(t, db, key, v)
	}
}

func add(table record.Table) intrusion {
	return func(t *testing.T, db *pebble.DB, _ holder) {
		key := firstKey(t, db, table)
		v := value(t, db, key)
		key[len(key)-1] ^= 0x40
		set(t, db, key, v)
	}
}

var metaHead, metaSchema = record.Meta.Key([]byte("head")), record.Meta.Key([]byte("schema"))

// intrusions are what an intruder may do, and what the check says of it.
var intrusions = map[string]struct {
	do   intrusion
	want string
}{
	"entry changed": {func(t *testing.T, db *pebble.DB, _ holder) {
		v := value(t, db, journalKey(7))
		v[9] ^= 1 // a later hour
		set(t, db, journalKey(7), v)
	}, "journal entry 8"},
	"entry removed": {func(t *testing.T, db *pebble.DB, _ holder) {
		db.Delete(journalKey(7), pebble.Sync)
	}, "journal entry 7 is missing"},
	"last entry removed": {removeLast, "journal ends before entry"},
	"entry cut": {func(t *testing.T, db *pebble.DB, _ holder) {
		set(t, db, journalKey(7), value(t, db, journalKey(7))[:20])
	}, "registry journal entry"},
	"record put back": {restoreSignature, "not all those, or those last written"},
	"revoked made active": {func(t *testing.T, db *pebble.DB, h holder) {
		key := record.Certificates.Serial(h.signature.Authority, h.signature.Serial)
		v := value(t, db, key)
		v[len(v)-18] = byte(certificate.Active)
		set(t, db, key, v)
	}, "not what journal entry"},
	"person changed":        {flip(record.Persons), "not what journal entry"},
	"key use removed":       {remove(record.Keys), "not known as used"},
	"counter removed":       {remove(record.Counters), "its counter is ahead of the SIM's"},
	"counter set back":      {flip(record.Counters), "not what journal entry"},
	"counter added":         {add(record.Counters), "not what journal entry"},
	"mailbox removed":       {remove(record.Mailboxes), "not all those"},
	"mailbox changed":       {flip(record.Mailboxes), "not what journal entry"},
	"notice removed":        {remove(record.Notices), "notice 1 is missing"},
	"notice changed":        {flip(record.Notices), "not what journal entry"},
	"notice added":          {add(record.Notices), "notice 3 is missing"},
	"application changed":   {flip(record.Applications), "not what journal entry"},
	"order changed":         {flip(record.Orders), "registry order: sealed"},
	"phone changed":         {flip(record.Phones), "not what journal entry"},
	"answer changed":        {flip(record.Answers), "not what journal entry"},
	"answer removed":        {remove(record.Answers), "not all those"},
	"order's index removed": {remove(record.OrdersOf), "does not follow from the record"},
	"order's index added":   {add(record.OrdersOf), "follows from nothing"},
	"order's call removed": {func(t *testing.T, db *pebble.DB, _ holder) {
		call := sha256.Sum256([]byte("order"))
		removeKey(record.Calls.Key(call[:]))(t, db, holder{})
	}, "does not follow from the record"},
	"person's call removed": {func(t *testing.T, db *pebble.DB, _ holder) {
		call := sha256.Sum256([]byte("register person\x00person"))
		removeKey(record.Calls.Key(call[:]))(t, db, holder{})
	}, "does not follow from the record"},
	"call for another": {func(t *testing.T, db *pebble.DB, _ holder) {
		call := sha256.Sum256([]byte("issue card\x00forged"))
		set(t, db, record.Calls.Key(call[:]), make([]byte, record.IDLen))
	}, "follows from nothing"},
	"signed removed":     {remove(record.Signed), "does not follow from the record"},
	"signed added":       {add(record.Signed), "follows from nothing"},
	"erasure removed":    {remove(record.Erasures), "does not follow from the record"},
	"erasure added":      {add(record.Erasures), "follows from nothing"},
	"generation removed": {remove(record.Generations), "does not follow from the record"},
	"generation added":   {add(record.Generations), "follows from nothing"},
	"partition added":    {add(record.Partitions), "follows from nothing"},
	"begun call cut": {func(t *testing.T, db *pebble.DB, _ holder) {
		set(t, db, firstKey(t, db, record.Begun), []byte{1})
	}, "follows from nothing"},
	"answered call begun": {func(t *testing.T, db *pebble.DB, _ holder) {
		key := firstKey(t, db, record.Answers)
		set(t, db, record.Begun.Key(key[1:]), make([]byte, len(record.Hash{})))
	}, "does not follow from the record"},
	"nonce removed":        {remove(record.Nonces), "not all those"},
	"card added":           {add(record.Cards), "not what journal entry"},
	"certificate replaced": {flip(record.DERs), "its bytes are missing or others"},
	"envelope replaced":    {flip(record.Envelopes), "does not follow from the record"},
	"envelope removed":     {remove(record.Envelopes), "does not follow from the record"},
	"evidence replaced":    {flip(record.Evidence), "is missing or another"},
	"evidence added": {func(t *testing.T, db *pebble.DB, _ holder) {
		forged := []byte("forged")
		h := sha256.Sum256(forged)
		set(t, db, record.Evidence.Key(h[:]), append(binary.BigEndian.AppendUint64(nil, 20), forged...))
	}, "follows from nothing"},
	"evidence of another entry": {func(t *testing.T, db *pebble.DB, _ holder) {
		key := firstKey(t, db, record.Evidence)
		v := value(t, db, key)
		v[7] ^= 1
		set(t, db, key, v)
	}, "follows from nothing"},
	"evidence cut": {func(t *testing.T, db *pebble.DB, _ holder) {
		set(t, db, firstKey(t, db, record.Evidence), []byte("short"))
	}, "want at least 8"},
	"evidence removed":  {remove(record.Evidence), "is missing or another"},
	"listing removed":   {remove(record.Listed), "does not follow from the record"},
	"listing changed":   {flip(record.Listed), "does not follow from the record"},
	"deadline removed":  {remove(record.Deadlines), "does not follow from the record"},
	"index removed":     {remove(record.OfPerson), "does not follow from the record"},
	"index added":       {add(record.OfPhone), "follows from no certificate"},
	"listing added":     {add(record.Listed), "follows from no certificate"},
	"partition removed": {remove(record.Partitions), "does not follow from the record"},
	"head removed":      {removeKey(metaHead), "no head"},
	"head cut": {func(t *testing.T, db *pebble.DB, _ holder) {
		set(t, db, metaHead, []byte{1, 2})
	}, "registry head: time at offset 1"},
	"schema removed": {removeKey(metaSchema), "no schema"},
}

func TestTampering(t *testing.T) {
	req.Covers(t, "SPEC-CA-LIFECYCLE-052", "SPEC-CA-LIFECYCLE-053", "SPEC-CA-LIFECYCLE-055", "SPEC-CA-LIFECYCLE-056", "SPEC-CA-LIFECYCLE-057", "SPEC-CA-LIFECYCLE-075")
	for name, test := range intrusions {
		t.Run(name, func(t *testing.T) {
			w, h := peopled(t)
			w.t = t
			w.intrude(func(db *pebble.DB) { test.do(t, db, h) })
			w.wantCorrupt(test.want)
		})
	}
}

func removeLast(t *testing.T, db *pebble.DB, _ holder) {
	last := uint64(1)
	for ; ; last++ {
		if _, closer, err := db.Get(journalKey(last + 1)); err != nil {
			break
		} else {
			closer.Close()
		}
	}
	if err := db.Delete(journalKey(last), pebble.Sync); err != nil {
		t.Fatal(err)
	}
}

// restoreSignature puts the record of a suspended certificate back to what it was
// when the journal entry of its completion wrote it.
func restoreSignature(t *testing.T, db *pebble.DB, h holder) {
	key := record.Certificates.Serial(h.signature.Authority, h.signature.Serial)
	number := uint64(8) // its completion
	old := record.Append(binary.BigEndian.AppendUint64(nil, number), &h.signature)
	var e record.Entry
	if err := record.Decode(value(t, db, journalKey(number)), &e); err != nil {
		t.Fatal(err)
	}
	found := false
	for _, d := range e.Changes {
		found = found || d == record.HashOf(key, old).Digest()
	}
	if !found {
		t.Fatal("the old record is not what the entry wrote: the test is wrong")
	}
	listed := record.AppendSerial(record.OfPartition(h.signature.Authority, h.signature.Partition), h.signature.Authority, h.signature.Serial)
	if err := errors.Join(db.Set(key, old, pebble.Sync), db.Delete(listed, pebble.Sync)); err != nil {
		t.Fatal(err)
	}
}

// TestAnchor: a journal that was written anew in full is found by what was noted
// outside.
func TestAnchor(t *testing.T) {
	req.Covers(t, "SPEC-CA-LIFECYCLE-055")
	w := memory(t)
	w.holder()
	noted := w.anchor()
	other := memory(t)
	other.clock.advance(time.Second)
	h := other.holder()
	other.enrolled(h, sim1)
	s := other.snapshot()
	defer s.Close()
	if _, err := s.Check(ctx, noted); !errors.Is(err, registry.ErrCorrupt) || !strings.Contains(err.Error(), "noted outside") {
		t.Errorf("another journal: %v", err)
	}
	s2 := w.snapshot()
	defer s2.Close()
	if _, err := s2.Check(ctx, noted); err != nil {
		t.Error(err)
	}
	if _, err := s2.Check(ctx, s.Anchor()); !errors.Is(err, registry.ErrCorrupt) {
		t.Errorf("a journal that ends early: %v", err)
	}
}

// TestDamagedFiles flips one byte in each file of the store in turn.
func TestDamagedFiles(t *testing.T) {
	req.Covers(t, "SPEC-CA-LIFECYCLE-075")
	w := newWorld(t, vfs.NewMem())
	for range 5 {
		w.enrolled(w.holder(), sim1)
	}
	w.ok(w.Scrub(ctx)) // into table files
	w.ok(w.Close())
	names, err := w.fs.List("registry")
	w.ok(err)
	tables := 0
	for _, name := range names {
		if !strings.HasSuffix(name, ".sst") {
			continue
		}
		tables++
		path := w.fs.PathJoin("registry", name)
		b := readFile(t, w.fs, path)
		for _, at := range []int{0, len(b) / 4, len(b) / 2} {
			bad := bytes.Clone(b)
			bad[at] ^= 0x10
			writeFile(t, w.fs, path, bad)
			w.wantCorrupt("")
		}
		writeFile(t, w.fs, path, b)
	}
	if tables == 0 {
		t.Fatal("no table files")
	}
	w.Registry = open(t, w.fs, w.clock)
	w.check()
	w.ok(w.Close())
	w.intrude(func(db *pebble.DB) {
		w.ok(db.Set(record.Meta.Key([]byte("schema")), []byte("inkan registry 1"), pebble.Sync))
	})
	_, err = registry.OpenFS("registry", w.fs, registry.Config{Now: w.clock.now, Entropy: entropy.System()})
	if err == nil || !strings.Contains(err.Error(), `schema "inkan registry 1"`) {
		t.Errorf("another schema: %v", err)
	}
}

func readFile(t *testing.T, fs vfs.FS, path string) []byte {
	t.Helper()
	f, err := fs.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		t.Fatal(err)
	}
	b := make([]byte, info.Size())
	if _, err := f.ReadAt(b, 0); err != nil {
		t.Fatal(err)
	}
	return b
}

func writeFile(t *testing.T, fs vfs.FS, path string, b []byte) {
	t.Helper()
	f, err := fs.Create(path, vfs.WriteCategoryUnspecified)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := f.Write(b); err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(f.Sync(), f.Close()); err != nil {
		t.Fatal(err)
	}
}

// TestScrub looks for erased envelopes in the bytes of all files.
func TestScrub(t *testing.T) {
	req.Covers(t, "SPEC-CA-LIFECYCLE-071", "SPEC-CA-LIFECYCLE-032")
	w := memory(t)
	h, waiting := w.holder(), w.holder()
	c := w.enrolled(h, sim1)
	still := w.pending(waiting, sim2)
	count := func(sealed []byte) (n int) {
		names, err := w.fs.List("registry")
		w.ok(err)
		for _, name := range names {
			if info, err := w.fs.Stat(w.fs.PathJoin("registry", name)); err == nil && info.Size() > 0 {
				n += bytes.Count(readFile(t, w.fs, w.fs.PathJoin("registry", name)), sealed)
			}
		}
		return n
	}
	if count(envelopeOf(&c)) == 0 {
		t.Fatal("the envelope was never in a file: the test is wrong")
	}
	w.ok(w.Scrub(ctx))
	if n := count(envelopeOf(&c)); n != 0 {
		t.Errorf("the erased envelope is in %d files", n)
	}
	if count(envelopeOf(&still)) == 0 {
		t.Error("the envelope of a pending certificate is gone")
	}
	w.check()
}
