package registry_test

import (
	"context"
	"crypto/ed25519"
	"crypto/sha256"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/binary"
	"errors"
	"math/big"
	"sync/atomic"
	"testing"
	"time"

	"github.com/cockroachdb/pebble/v2/vfs"

	"inkan/ca/registry"
	"inkan/ca/registry/record"
	"inkan/core/entropy"
	"inkan/core/jpki/certificate"
)

// clock is a settable time.
type clock struct{ seconds atomic.Int64 }

func (c *clock) now() time.Time          { return time.Unix(c.seconds.Load(), 0).UTC() }
func (c *clock) advance(d time.Duration) { c.seconds.Add(int64(d / time.Second)) }

// begin is when the worlds of these tests begin.
var begin = time.Date(2026, 4, 1, 3, 0, 0, 0, time.UTC)

// fataler is a *testing.T or a *rapid.T.
type fataler interface {
	Helper()
	Fatal(args ...any)
	Fatalf(format string, args ...any)
}

// world is a registry with its clock, and what is needed to drive it.
type world struct {
	*registry.Registry
	clock *clock
	t     fataler
	fs    vfs.FS
	keys  uint64
}

var (
	ctx   = context.Background()
	cause = registry.Cause{Actor: registry.Operator}
	tokyo = certificate.Municipality{Code: "131130", Prefecture: "Tokyo-to", City: "Shibuya-ku"}
	osaka = certificate.Municipality{Code: "271004", Prefecture: "Osaka-fu", City: "Osaka-shi"}
)

func open(t fataler, fs vfs.FS, c *clock) *registry.Registry {
	t.Helper()
	r, err := registry.OpenFS("registry", fs, registry.Config{Now: c.now, Entropy: entropy.Seeded(uint64(c.seconds.Load()), "registry")})
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// newWorld makes a registry with an active first generation of both authorities.
func newWorld(t fataler, fs vfs.FS) *world {
	t.Helper()
	w := &world{clock: new(clock), t: t, fs: fs}
	w.clock.seconds.Store(begin.Unix())
	w.Registry = open(t, fs, w.clock)
	w.authorities(1)
	return w
}

func memory(t testing.TB) *world {
	w := newWorld(t, vfs.NewMem())
	t.Cleanup(func() { w.Close() })
	return w
}

func (w *world) authorities(generation uint32) {
	w.t.Helper()
	for _, au := range certificate.Authorities() {
		c, err := w.ReserveService(ctx, registry.ServiceRequest{Authority: au, Kind: au.Kind(), Generation: generation, Key: w.newKey(),
			NotBefore: w.clock.now(), NotAfter: certificate.CAValidUntil(w.clock.now())}, cause)
		w.ok(err)
		w.complete(c)
	}
}

func (w *world) ok(err error) {
	w.t.Helper()
	if err != nil {
		w.t.Fatal(err)
	}
}

// public is the n-th public key.
func public(n uint64) ed25519.PublicKey {
	h := sha256.Sum256(binary.BigEndian.AppendUint64([]byte("key"), n))
	return h[:]
}

func keyHash(n uint64) record.Hash {
	spki, err := x509.MarshalPKIXPublicKey(public(n))
	if err != nil {
		panic(err)
	}
	return sha256.Sum256(spki)
}

// keyNumbers finds the number of a key's hash again.
var keyNumbers = func() map[record.Hash]uint64 {
	m := map[record.Hash]uint64{}
	for n := range uint64(4096) {
		m[keyHash(n)] = n
	}
	return m
}()

// newKey is the hash of a key that was not used before.
func (w *world) newKey() record.Hash {
	w.keys++
	return keyHash(w.keys)
}

var signer = ed25519.NewKeyFromSeed(make([]byte, ed25519.SeedSize))

// derOf makes a certificate for a reservation: always the same bytes.
func derOf(c *record.Certificate) []byte {
	n, ok := keyNumbers[c.Key]
	if !ok {
		panic("test key beyond the table")
	}
	return derWithKey(c, n)
}

// derWithKey is derOf where the key's number is known.
func derWithKey(c *record.Certificate, n uint64) []byte {
	template := &x509.Certificate{SerialNumber: new(big.Int).SetUint64(c.Serial), Subject: pkix.Name{CommonName: c.Kind.String()},
		NotBefore: c.NotBefore, NotAfter: c.NotAfter}
	der, err := x509.CreateCertificate(nil, template, template, public(n), signer)
	if err != nil {
		panic(err)
	}
	return der
}

// envelopeOf is the envelope of a phone's certificate; nil for others.
func envelopeOf(c *record.Certificate) []byte {
	if c.Kind != certificate.PhoneAuthentication {
		return nil
	}
	b := make([]byte, 64)
	entropy.Seeded(c.Serial, "envelope").Fill(b)
	return b
}

func completionOf(c *record.Certificate) registry.Completion {
	return registry.Completion{Authority: c.Authority, Serial: c.Serial, DER: derOf(c), Envelope: envelopeOf(c)}
}

func (w *world) complete(c record.Certificate) record.Certificate {
	w.t.Helper()
	c, err := w.Complete(ctx, completionOf(&c), cause)
	w.ok(err)
	return c
}

func attributes(name string) record.Attributes {
	return record.Attributes{Name: name, Address: "東京都渋谷区一丁目1", NameSubstitutes: "000", AddressSubstitutes: "0000000000", Sex: 2, Municipality: tokyo}
}

// holder is a person with a card and both of its certificates.
type holder struct {
	person                    record.PersonID
	card                      record.CardID
	signature, authentication record.Certificate
}

var birth = certificate.Date{Year: 1990, Month: 9, Day: 15}

func (w *world) holder() (h holder) {
	w.t.Helper()
	var err error
	h.person, err = w.RegisterPerson(ctx, birth, attributes("印鑑　花子"), cause)
	w.ok(err)
	w.newCard(&h)
	return h
}

func (w *world) newCard(h *holder) { w.cardUntil(h, w.clock.now().AddDate(10, 0, 0)) }

// holderUntil is holder with a card to a time.
func (w *world) holderUntil(end time.Time) (h holder) {
	w.t.Helper()
	var err error
	h.person, err = w.RegisterPerson(ctx, birth, attributes("印鑑　花子"), cause)
	w.ok(err)
	w.cardUntil(&h, end)
	return h
}

func (w *world) cardUntil(h *holder, end time.Time) {
	w.t.Helper()
	var err error
	h.card, err = w.IssueCard(ctx, h.person, end, cause)
	w.ok(err)
	h.signature = w.cardCertificate(h.card, certificate.CardSignature)
	h.authentication = w.cardCertificate(h.card, certificate.CardAuthentication)
}

func (w *world) cardCertificate(card record.CardID, kind certificate.Kind) record.Certificate {
	w.t.Helper()
	c, err := w.ReserveCard(ctx, registry.CardRequest{Card: card, Kind: kind, Generation: 1, Key: w.newKey()}, cause)
	w.ok(err)
	return w.complete(c.Certificate)
}

var (
	sim1, sim2 = record.SIM{1}, record.SIM{2}
	aid        = []byte{0xD3, 0x92, 0xF0, 0x00, 0x26, 1, 0, 0, 0, 1}
)

func (w *world) request(signature uint64, sim record.SIM) registry.ApplicationRequest {
	w.keys++
	nonce := binary.BigEndian.AppendUint64(nil, w.keys)
	return registry.ApplicationRequest{Purpose: record.PurposeIssue, Origin: record.OnCard, Signature: signature, SIM: sim,
		Nonce: nonce, SignedAt: w.Now(), Signed: append([]byte("signed application "), nonce...)}
}

func (w *world) apply(h holder, sim record.SIM) record.Application {
	w.t.Helper()
	app, err := w.RegisterApplication(ctx, w.request(h.signature.Serial, sim), cause)
	w.ok(err)
	return app
}

func (w *world) order(app record.Application) record.Order {
	w.t.Helper()
	o, err := w.PlaceOrder(ctx, registry.OrderRequest{Application: app.ID, SIM: app.SIM, Instance: aid}, cause)
	w.ok(err)
	return o
}

func (w *world) reserve(o record.Order) record.Certificate {
	w.t.Helper()
	c, err := w.ReservePhone(ctx, registry.PhoneRequest{Order: o.ID, Generation: 1, Key: w.newKey(), Attested: true}, cause)
	w.ok(err)
	return c.Certificate
}

// pending brings a holder to a pending phone certificate.
func (w *world) pending(h holder, sim record.SIM) record.Certificate {
	w.t.Helper()
	return w.complete(w.reserve(w.order(w.apply(h, sim))))
}

// enrolled brings a holder to an active phone certificate.
func (w *world) enrolled(h holder, sim record.SIM) record.Certificate {
	w.t.Helper()
	c, err := w.Activate(ctx, w.pending(h, sim).Serial, []byte("receipt"), cause)
	w.ok(err)
	return c
}

func (w *world) snapshot() *registry.Snapshot {
	w.t.Helper()
	s, err := w.Snapshot(ctx)
	w.ok(err)
	return s
}

// check runs the registry's own check.
func (w *world) check() registry.Report {
	w.t.Helper()
	s := w.snapshot()
	defer s.Close()
	rep, err := s.Check(ctx)
	w.ok(err)
	return rep
}

// wantState reads a certificate again and compares state and reason.
func (w *world) wantState(c record.Certificate, state certificate.State, reason certificate.Reason) record.Certificate {
	w.t.Helper()
	s := w.snapshot()
	defer s.Close()
	got, err := s.Certificate(c.Authority, c.Serial)
	w.ok(err)
	if got.State != state || got.Reason != reason {
		w.t.Fatalf("%s certificate is %s (%s), want %s (%s)", c.Kind, got.State, got.Reason, state, reason)
	}
	return got
}

// refused checks that an error is a refusal with a code, that the journal has it
// as its last entry, and that no record changed.
func (w *world) refused(err error, code registry.Code) {
	w.t.Helper()
	if !errors.Is(err, &registry.Refusal{Code: code}) {
		w.t.Fatalf("got error %v, want refusal %s", err, code)
	}
	s := w.snapshot()
	defer s.Close()
	last, found, err := s.Entry(s.Anchor().Number)
	w.ok(err)
	if !found || last.Refused != string(code) || len(last.Changes) != 0 {
		w.t.Fatalf("last journal entry %+v, want refusal %s without changes", last, code)
	}
	before, found, err := s.Entry(s.Anchor().Number - 1)
	w.ok(err)
	if found && before.Sum != last.Sum {
		w.t.Fatal("a refusal has changed records")
	}
}
