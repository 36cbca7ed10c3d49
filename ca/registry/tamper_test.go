package registry_test

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"slices"
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

// vault is a closed registry with something in every table, on a file system that an
// intruder may write.
type vault struct {
	*world
	h        holder
	rows     map[string][]byte
	damaged  changes // as it was before
	reserved []record.Certificate
	imported record.Certificate // of a generation that there is not
	old      record.Certificate // a phone's, revoked, of a person with a live one
	waiting  record.Certificate // pending, of a person with an earlier pending one that has ended
	ended    record.Certificate
}

// changes are values by key; nil removes.
type changes map[string][]byte

func newVault(t *testing.T) *vault {
	w := newWorld(t, vfs.NewMem())
	v := &vault{world: w, h: w.holder()}
	v.old = w.enrolled(v.h, sim1)
	w.enrolled(v.h, sim2)
	b := w.holder()
	v.ended = w.pending(b, sim2)
	w.clock.advance(time.Second)
	v.waiting = w.pending(b, sim2)
	_, err := w.Suspend(ctx, certificate.SignatureAuthority, v.h.signature.Serial, registry.Cause{Actor: registry.Hotline, Evidence: []registry.Evidence{{Name: "nothing"}}})
	w.ok(err)
	w.managed()
	stored, err := w.PutResponse(ctx, v.waiting.Authority, v.waiting.Serial, v.waiting.Version, []byte("response"))
	if w.ok(err); !stored {
		t.Fatal("no response")
	}
	v.unfinished()
	w.check()
	w.ok(w.Close())
	v.rows = map[string][]byte{}
	w.intrude(func(db *pebble.DB) {
		it, err := db.NewIter(nil)
		w.ok(err)
		for ok := it.First(); ok; ok = it.Next() {
			v.rows[string(it.Key())] = append([]byte{}, it.Value()...)
		}
		w.ok(it.Close())
	})
	return v
}

// unfinished has reservations, of somebody in another municipality among others, and a
// certificate of another authority's generation.
func (v *vault) unfinished() {
	w := v.world
	at := attributes("印鑑　三郎")
	at.Municipality = osaka
	p, err := w.RegisterPerson(ctx, birth, at, cause)
	w.ok(err)
	card, err := w.IssueCard(ctx, p, w.Now().AddDate(9, 0, 0), cause)
	w.ok(err)
	rows, err := w.ReserveCards(ctx, cause, w.requestBoth(card)...)
	w.ok(err)
	ca, err := w.ReserveService(ctx, registry.ServiceRequest{Authority: certificate.AuthenticationAuthority, Kind: certificate.AuthenticationCA, Generation: 2, Key: w.newKey(),
		NotBefore: w.Now(), NotAfter: w.Now().AddDate(10, 0, 0)}, cause)
	w.ok(err)
	phone := w.reserve(w.order(w.apply(w.holder(), sim1)))
	v.reserved = []record.Certificate{rows[0].Certificate, rows[1].Certificate, ca, phone}
	at.Municipality = tokyo
	_, err = w.Import(ctx, []registry.Import{{Birth: birth, Attributes: at, CardNotAfter: begin.AddDate(9, 0, 0), Certificates: []registry.ImportedCertificate{
		{Kind: certificate.CardAuthentication, Generation: 7, NotBefore: begin, NotAfter: begin.AddDate(4, 0, 0), Key: w.newKey(), State: certificate.Active, Since: begin}}}}, cause)
	w.ok(err)
	s := w.snapshot()
	defer s.Close()
	v.imported, err = s.Certificate(certificate.AuthenticationAuthority, phone.Serial+1)
	w.ok(err)
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
	w.ok(w.ChangeAttributes(ctx, h.person, attributes("別名　次郎"), call("change")))
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

// put undoes the last damage and does another.
func (v *vault) put(t *testing.T, c changes) {
	t.Helper()
	v.t = t
	v.intrude(func(db *pebble.DB) {
		batch := db.NewBatch()
		for _, set := range []changes{v.damaged, c} {
			for key, value := range set {
				if value == nil {
					v.ok(batch.Delete([]byte(key), nil))
				} else {
					v.ok(batch.Set([]byte(key), value, nil))
				}
			}
		}
		v.ok(batch.Commit(pebble.Sync))
	})
	v.damaged = changes{}
	for key := range c {
		v.damaged[key] = v.rows[key]
	}
}

// damage puts damage, and wants the check to say what it is.
func (v *vault) damage(t *testing.T, name string, c changes, want string) {
	t.Helper()
	v.put(t, c)
	if err := v.examine(); !errors.Is(err, registry.ErrCorrupt) || !strings.Contains(err.Error(), want) {
		t.Errorf("%s: got %v, want a corrupt store and %q", name, err, want)
	}
}

// examine opens and checks the registry.
func (w *world) examine(anchors ...registry.Anchor) error {
	r, err := registry.OpenFS("registry", w.fs, registry.Config{Now: w.clock.now, Entropy: entropy.System()})
	if err != nil {
		return err
	}
	defer r.Close()
	s, err := r.Snapshot(ctx)
	if err != nil {
		return err
	}
	defer s.Close()
	_, err = s.Check(ctx, anchors...)
	return err
}

func (w *world) wantCorrupt() {
	w.t.Helper()
	if err := w.examine(); !errors.Is(err, registry.ErrCorrupt) {
		w.t.Fatalf("got %v, want a corrupt store", err)
	}
}

func journalKey(number uint64) []byte {
	return record.Journal.Key(binary.BigEndian.AppendUint64(nil, number))
}

var metaHead, metaSchema = record.Meta.Key([]byte("head")), record.Meta.Key([]byte("schema"))

// at is how the check names a key.
func at[K string | []byte](key K) string { return fmt.Sprintf("key %X in table %c", key[1:], key[0]) }

// keys are a table's, ascending.
func (v *vault) keys(table record.Table) (list []string) {
	for key := range v.rows {
		if key[0] == byte(table) {
			list = append(list, key)
		}
	}
	slices.Sort(list)
	return list
}

var allTables = []record.Table{record.Persons, record.Cards, record.Phones, record.Certificates, record.Applications, record.Orders, record.Keys,
	record.Nonces, record.Counters, record.Answers, record.Mailboxes, record.Notices, record.OfPerson, record.OfCard, record.OfPhone, record.Listed,
	record.Partitions, record.Deadlines, record.Erasures, record.Generations, record.OrdersOf, record.Calls, record.Signed, record.Meta, record.DERs,
	record.Envelopes, record.Evidence, record.Responses, record.Begun, record.Journal}

// TestEveryTable removes a row of each table, changes one, and puts a copy beside one:
// of its first and its last.
func TestEveryTable(t *testing.T) {
	req.Covers(t, "SPEC-CA-LIFECYCLE-053", "SPEC-CA-LIFECYCLE-055", "SPEC-CA-LIFECYCLE-056", "SPEC-CA-LIFECYCLE-057", "SPEC-CA-LIFECYCLE-103")
	v := newVault(t)
	for _, table := range allTables {
		keys := v.keys(table)
		if len(keys) == 0 {
			t.Fatalf("table %c is empty", table)
		}
		first, last := keys[0], keys[len(keys)-1]
		if short := string(table.Key([]byte{1})); v.rows[short] == nil { // the list of an authority's own has an empty name
			v.damage(t, "short key", changes{short: {}}, at(short))
		}
		switch table {
		case record.Meta, record.Begun: // the head is TestTampering's; a begun call is beside the journal
			continue
		case record.Responses: // nobody needs one
		case record.Journal:
			v.damage(t, "removed", changes{first: nil}, "journal entry 1 is missing")
		case record.Nonces:
			v.damage(t, "removed", changes{first: nil}, "(register application)")
		default:
			v.damage(t, "removed", changes{first: nil}, at(first))
		}
		v.change(t, table, last)
		v.add(t, table, first, 1)
		v.add(t, table, last, len(last)-1)
	}
}

// change changes the last byte of a value.
func (v *vault) change(t *testing.T, table record.Table, key string) {
	t.Helper()
	bad := []byte{1}
	if n := len(v.rows[key]); n > 0 {
		bad = bytes.Clone(v.rows[key])
		bad[n-1] ^= 1
	}
	switch table {
	case record.Responses: // signed
	case record.Journal:
		v.damage(t, "changed", changes{key: bad}, "journal entry ")
	default:
		v.damage(t, "changed", changes{key: bad}, at(key))
	}
}

// add puts a copy of a row under a key that differs in one byte.
func (v *vault) add(t *testing.T, table record.Table, key string, place int) {
	t.Helper()
	beside := []byte(key)
	beside[place] ^= 0x40
	want := at(beside)
	switch {
	case v.rows[string(beside)] != nil, table == record.Calls, table == record.Responses && place > 1: // see TestTampering
		return
	case table == record.Journal:
		want = "journal e"
	}
	v.damage(t, "added", changes{string(beside): v.rows[key]}, want)
}

// altered is a row with a byte changed.
func (v *vault) altered(key []byte, place int) changes {
	b := bytes.Clone(v.rows[string(key)])
	b[(place+len(b))%len(b)] ^= 1
	return changes{string(key): b}
}

// head is the head with a change.
func (v *vault) head(change func(h *record.Head)) changes {
	var h record.Head
	v.ok(record.Decode(v.rows[string(metaHead)], &h))
	change(&h)
	return changes{string(metaHead): record.Append(nil, &h)}
}

func added(key, value []byte) (c changes, want string) { return changes{string(key): value}, at(key) }

// TestTampering are damages of a kind of their own.
func TestTampering(t *testing.T) {
	req.Covers(t, "SPEC-CA-LIFECYCLE-052", "SPEC-CA-LIFECYCLE-053", "SPEC-CA-LIFECYCLE-055", "SPEC-CA-LIFECYCLE-056", "SPEC-CA-LIFECYCLE-057", "SPEC-CA-LIFECYCLE-075")
	v := newVault(t)
	last := v.lastEntry()
	for name, test := range map[string]struct {
		do   changes
		want string
	}{
		"entry changed":          {v.altered(journalKey(7), 16), "journal entry 8 does not follow on entry 7"}, // a second later or earlier
		"entry removed":          {changes{string(journalKey(7)): nil}, "journal entry 7 is missing"},
		"entry of another":       {v.altered(journalKey(7), 8), "journal entry 7 calls itself 6"},
		"entry cut":              {changes{string(journalKey(7)): v.rows[string(journalKey(7))][:20]}, "registry journal entry"},
		"last entry removed":     {changes{string(journalKey(last)): nil}, "journal ends before entry"},
		"last entry changed":     {v.altered(journalKey(last), -40), "not the one that the head names"},
		"record put back":        {v.restored(), "not all those, or those last written"},
		"records removed":        {changes{v.keys(record.Nonces)[0]: nil, v.keys(record.Nonces)[1]: nil}, "not all those"},
		"revoked made active":    {v.altered(record.Certificates.Serial(v.h.signature.Authority, v.h.signature.Serial), -18), "not what journal entry"},
		"record cut":             {changes{v.keys(record.Persons)[0]: {1, 2, 3}}, at(v.keys(record.Persons)[0]) + ": value of 3 bytes"},
		"head removed":           {changes{string(metaHead): nil}, "no head"},
		"head cut":               {changes{string(metaHead): {1, 2}}, "registry head: time at offset 1"},
		"schema removed":         {changes{string(metaSchema): nil}, "no schema"},
		"time back":              {v.head(func(h *record.Head) { h.Time = h.Time.Add(-time.Second) }), "later than the head's time"},
		"sum":                    {v.head(func(h *record.Head) { h.Sum[31] ^= 1 }), "not the one that the head names"},
		"no deadline to come":    {v.head(func(h *record.Head) { h.NextDue = time.Time{} }), at(v.keys(record.Deadlines)[0])},
		"deadline too late":      {v.head(func(h *record.Head) { h.NextDue = h.NextDue.Add(time.Minute) }), at(v.keys(record.Deadlines)[0])},
		"fewer serials":          {v.head(func(h *record.Head) { h.Next[1]-- }), at(v.keys(record.Certificates)[len(v.certificates(1))-1])},
		"more serials":           {v.head(func(h *record.Head) { h.Next[2]++ }), at(record.Certificates.Serial(2, certificate.FirstSerial+uint64(len(v.certificates(2)))))},
		"another evidence":       {changes{string(v.evidence("application")): v.rows[string(v.evidence("receipt"))]}, at(v.evidence("application"))},
		"evidence of no bytes":   {changes{string(v.evidence("")): nil}, at(v.evidence(""))},
		"evidence of a later":    {v.renumbered(v.evidence("receipt"), v.lastNaming(v.evidence("receipt")[1:])), at(v.evidence("receipt"))},
		"evidence of an earlier": {v.renumbered(v.evidence("receipt"), 1), at(v.evidence("receipt"))},
		"answered call begun":    {changes{string(record.Begun.Key([]byte(v.keys(record.Answers)[0][1:]))): make([]byte, 32)}, "in table b"},
		"short request begun":    {changes{v.keys(record.Begun)[0]: {1}}, at(v.keys(record.Begun)[0])},
		"person's call removed":  {changes{string(callKey("register person\x00person")): nil}, at(callKey("register person\x00person"))},
		"change's call removed":  {changes{string(callKey("change attributes\x00change")): nil}, at(callKey("change attributes\x00change"))},
		"order's call removed":   {changes{string(callKey("order")): nil}, at(callKey("order"))},
	} {
		v.damage(t, name, test.do, test.want)
	}
	v.strays(t)
}

// strays adds rows about what is there that do not follow from it.
func (v *vault) strays(t *testing.T) {
	stray := func(name string, key, value []byte) {
		t.Helper()
		c, want := added(key, value)
		v.damage(t, name, c, want)
	}
	name := func(c *record.Certificate) []byte { return record.AppendSerial(nil, c.Authority, c.Serial) }
	card, ca, phone := &v.reserved[0], &v.reserved[2], &v.reserved[3]
	order := v.rows[string(callKey("order"))]
	stray("a table that there is not", []byte("Z1"), []byte{1})
	stray("call for nobody", callKey("issue card\x00forged"), make([]byte, record.IDLen))
	stray("call of no order", record.Calls.Key(make([]byte, 32)), make([]byte, record.IDLen))
	stray("another call of the order", callKey("forged"), order)
	stray("the call of no call", callKey(""), phone.Order[:])
	stray("short call", callKey("forged"), order[:5])
	stray("signed by nobody", record.Signed.Key(make([]byte, 32)), make([]byte, record.IDLen))
	stray("signed, cut", record.Signed.Key(make([]byte, 32)), []byte{1})
	stray("order of nobody", record.OrdersOf.Key(make([]byte, 2*record.IDLen)), []byte{})
	stray("order of another phone", record.OrdersOf.Key(v.h.person[:], order), []byte{})
	stray("reserved certificate of a person", record.OfPerson.Key(card.Person[:], name(card)), []byte{})
	stray("of a card", record.OfCard.Key(card.Card[:], name(card)), []byte{})
	stray("of a phone", record.OfPhone.Key(phone.Phone[:], name(phone)), []byte{})
	stray("its bytes", record.DERs.Serial(card.Authority, card.Serial), []byte{1})
	stray("its envelope", record.Envelopes.Serial(phone.Authority, phone.Serial), []byte{1})
	stray("its response", record.Responses.Serial(card.Authority, card.Serial), make([]byte, 9))
	stray("its partition", record.Partitions.Key([]byte{byte(card.Authority)}, []byte(card.Partition)), []byte{})
	stray("its generation", record.Generations.Key(record.AppendSerial(nil, ca.Authority, 2)), name(ca))
	stray("a generation of nobody", record.Generations.Key(record.AppendSerial(nil, v.imported.Authority, 7)), name(&v.imported))
	stray("a generation, cut", record.Generations.Key(record.AppendSerial(nil, ca.Authority, 9)), []byte{1})
	stray("bytes of an imported one", record.DERs.Serial(v.imported.Authority, v.imported.Serial), []byte{1})
	stray("a certificate of another card", record.OfCard.Key(card.Card[:], name(&v.h.signature)), []byte{})
	stray("a listing of an active one", record.AppendSerial(record.OfPartition(v.h.authentication.Authority, tokyo.Partition()), v.h.authentication.Authority, v.h.authentication.Serial), []byte{1})
	stray("response without deadline", record.Responses.Serial(v.waiting.Authority, v.waiting.Serial), make([]byte, 9))
	stray("response, cut", record.Responses.Serial(v.h.authentication.Authority, v.h.authentication.Serial), []byte{0})
	stray("evidence, cut", record.Evidence.Key(make([]byte, 32)), []byte{1})
	stray("short notice", record.Notices.Key([]byte("sp\x00\x00")), []byte{})
	stray("journal entry 0", journalKey(0), v.rows[string(journalKey(1))])
}

func callKey(call string) []byte {
	h := sha256.Sum256([]byte(call))
	return record.Calls.Key(h[:])
}

func (v *vault) certificates(au certificate.Authority) (list []string) {
	for _, key := range v.keys(record.Certificates) {
		if key[1] == byte(au) {
			list = append(list, key)
		}
	}
	return list
}

// evidence is the first key of evidence that begins with a text; all of it is "" .
func (v *vault) evidence(text string) []byte {
	for _, key := range v.keys(record.Evidence) {
		if b := string(v.rows[key][8:]); strings.Contains(b, text) && (text != "" || b == "") {
			return []byte(key)
		}
	}
	panic("no evidence " + text)
}

func (v *vault) renumbered(key []byte, number uint64) changes {
	return changes{string(key): append(binary.BigEndian.AppendUint64(nil, number), v.rows[string(key)][8:]...)}
}

func (v *vault) lastEntry() uint64 {
	keys := v.keys(record.Journal)
	return binary.BigEndian.Uint64([]byte(keys[len(keys)-1][1:]))
}

// lastNaming is the number of the last entry that names evidence.
func (v *vault) lastNaming(hash []byte) (number uint64) {
	for _, key := range v.keys(record.Journal) {
		if bytes.Contains(v.rows[key], hash) {
			number = binary.BigEndian.Uint64([]byte(key[1:]))
		}
	}
	return number
}

// restored puts the record of a suspended certificate back to what it was when the
// journal entry of its completion wrote it.
func (v *vault) restored() changes {
	c := &v.h.signature
	key := record.Certificates.Serial(c.Authority, c.Serial)
	const number = 8 // its completion
	old := record.Append(binary.BigEndian.AppendUint64(nil, number), c)
	var e record.Entry
	v.ok(record.Decode(v.rows[string(journalKey(number))], &e))
	if !slices.Contains(e.Changes, record.HashOf(key, old).Digest()) {
		v.t.Fatal("the old record is not what the entry wrote: the test is wrong")
	}
	listed := record.AppendSerial(record.OfPartition(c.Authority, c.Partition), c.Authority, c.Serial)
	return changes{string(key): old, string(listed): nil}
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
			w.wantCorrupt()
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
