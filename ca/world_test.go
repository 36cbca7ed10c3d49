package ca

import (
	"crypto/ecdh"
	"crypto/ecdsa"
	"crypto/rand"
	"crypto/sha256"
	"crypto/x509"
	"errors"
	"fmt"
	"math/big"
	"testing"
	"time"

	"github.com/cockroachdb/pebble/v2/vfs"

	"inkan/ca/certificate"
	"inkan/ca/keys"
	"inkan/ca/keys/testkeys"
	"inkan/ca/registry"
	"inkan/ca/registry/record"
	"inkan/core/entropy"
	"inkan/core/jpki"
	"inkan/core/jpki/application"
	profile "inkan/core/jpki/certificate"
	"inkan/core/jpki/perso"
	"inkan/core/tsmp"
)

func signP256(key *ecdsa.PrivateKey, digest []byte) (r, s *big.Int, err error) {
	return ecdsa.Sign(rand.Reader, key, digest)
}

// world is an authority with one person who has a card, and a clock.
type world struct {
	t      *testing.T
	now    time.Time
	seed   entropy.Source
	ca     *Authority
	config Config
	reg    *registry.Registry
	person record.PersonID
	card   record.CardID
	// signature is what applications are signed with, the card's signature
	// certificate of the holder key numbered signer.
	signature, authentication *x509.Certificate
	signer                    int
	calls                     uint64
	known                     map[perso.Hash]perso.Authority
	delivered                 int
}

var start = time.Date(2026, time.November, 28, 3, 0, 0, 0, time.UTC)

// AttestationKey implements Attestation.
func (w *world) AttestationKey(_ [16]byte, id perso.Hash) perso.Authority {
	if key := w.known[id]; key != nil {
		return key
	}
	return nil
}

func (w *world) ok(err error) {
	w.t.Helper()
	if err != nil {
		w.t.Fatal(err)
	}
}

// refused demands a code.
func (w *world) refused(err error, code tsmp.Code) {
	w.t.Helper()
	if !errors.Is(err, tsmp.Refuse(code, "")) {
		var e *tsmp.Error
		if !errors.As(err, &e) || e.Code != code {
			w.t.Errorf("%v, want %s", err, code)
		}
	}
}

func newWorld(t *testing.T) *world { return newWorldOn(t, vfs.NewMem()) }

// newWorldOn keeps the registry in a file system.
func newWorldOn(t *testing.T, fs vfs.FS) *world {
	w := &world{t: t, now: start, seed: entropy.Seeded(1, t.Name()), known: map[perso.Hash]perso.Authority{}}
	var err error
	w.reg, err = registry.OpenFS("registry", fs, registry.Config{Now: func() time.Time { return w.now }, Entropy: entropy.Seeded(2, t.Name())})
	w.ok(err)
	t.Cleanup(func() { w.reg.Close() })
	w.config = Config{Registry: w.reg, Issuers: map[profile.Authority]*certificate.Generations{}, Delivered: testkeys.NewSource(8),
		Entropy: entropy.Seeded(3, t.Name()), Secret: make([]byte, SecretLen), Attestation: w}
	for _, v := range []byte{1, 2} {
		key, err := testkeys.Store().ContentKey(v)
		w.ok(err)
		w.config.Content = append(w.config.Content, key)
	}
	for authority, role := range map[profile.Authority]keys.Role{profile.SignatureAuthority: keys.SignatureCA, profile.AuthenticationAuthority: keys.AuthenticationCA} {
		i, err := NewGeneration(t.Context(), w.reg, authority, 1, testkeys.Signer(role, 1), w.now, registry.Cause{Actor: registry.Operator})
		w.ok(err)
		w.config.Issuers[authority], err = certificate.NewGenerations(i)
		w.ok(err)
	}
	w.ca, err = New(w.config)
	w.ok(err)
	w.enrol()
	return w
}

// enrol registers the person and gives a card with both certificates.
func (w *world) enrol() {
	municipal := registry.Cause{Actor: registry.Municipality}
	var err error
	w.person, err = w.reg.RegisterPerson(w.t.Context(), profile.Date{Year: 1985, Month: 4, Day: 1},
		record.Attributes{Name: "印鑑　太郎", Address: "東京都清瀬市中里五丁目八百四十二番地", Sex: 1, Municipality: profile.Municipalities()[0]}, municipal)
	w.ok(err)
	w.card, err = w.reg.IssueCard(w.t.Context(), w.person, w.now.AddDate(10, 0, 0), municipal)
	w.ok(err)
	w.signature = w.certificateFor(profile.CardSignature, 1)
	w.authentication = w.certificateFor(profile.CardAuthentication, 2)
	w.signer = 1
}

// csr is a certificate request for a holder key.
func (w *world) csr(holder int) []byte {
	w.t.Helper()
	csr, err := x509.CreateCertificateRequest(nil, &x509.CertificateRequest{SignatureAlgorithm: x509.SHA256WithRSA}, testkeys.Holder(holder))
	w.ok(err)
	return csr
}

// certificateFor issues one of the card's certificates for a holder key.
func (w *world) certificateFor(kind profile.Kind, holder int) *x509.Certificate {
	w.t.Helper()
	der, err := w.ca.CertifyCard(w.t.Context(), w.card, kind, w.csr(holder), registry.Cause{Actor: registry.Municipality})
	w.ok(err)
	c, err := x509.ParseCertificate(der)
	w.ok(err)
	return c
}

// call is a call of a service manager.
func (w *world) call() *tsmp.Call {
	w.calls++
	c := &tsmp.Call{Sender: "sp-tsm.inkan.example", Role: tsmp.RoleSPTSM, Sent: w.now, Evidence: fmt.Append(nil, "request ", w.calls)}
	c.ID[15], c.ID[14] = byte(w.calls), byte(w.calls>>8)
	return c
}

func (w *world) other() *tsmp.Call {
	c := w.call()
	c.Sender = "sp-tsm-2.inkan.example"
	return c
}

// fields are those of an application for an issue into a SIM.
func (w *world) fields(purpose application.Purpose, sim byte) (*application.Application, application.Code) {
	a := &application.Application{Purpose: purpose, Time: w.now, Language: application.Japanese}
	w.seed.Fill(a.Nonce[:])
	code := application.NewCode(w.seed)
	if purpose.Issues() || purpose == application.PINReset {
		a.SIM = [16]byte{0x98, 0x18, sim}
		copy(a.ReplyKey[:], w.reply(sim).PublicKey().Bytes())
	}
	if purpose.Issues() {
		a.Roles, a.Origin = jpki.Auth, jpki.OriginOnCard
		a.Commit(code)
	}
	return a, code
}

// reply is the UI app's key for replies.
func (w *world) reply(sim byte) *ecdh.PrivateKey {
	h := sha256.Sum256([]byte{'r', sim})
	k, err := ecdh.P256().NewPrivateKey(h[:])
	w.ok(err)
	return k
}

// signed is a signed application with its code.
func (w *world) signed(a *application.Application, code application.Code) *tsmp.VerifyApplicationRequest {
	w.t.Helper()
	der, err := a.Sign(w.signature, testkeys.Holder(w.signer), a.Time)
	w.ok(err)
	q := &tsmp.VerifyApplicationRequest{Application: der}
	if a.Purpose.Issues() {
		q.Code = code.Plain()
	}
	return q
}

// apply brings an application for an issue.
func (w *world) apply(sim byte, origin jpki.Origin) *tsmp.VerifyApplicationAnswer {
	w.t.Helper()
	a, code := w.fields(application.Issue, sim)
	a.Origin = origin
	answer, err := w.ca.VerifyApplication(w.t.Context(), w.call(), w.signed(a, code))
	w.ok(err)
	return answer
}

// order places the order for a card.
func (w *world) order(app tsmp.ApplicationID, sim byte, d *double) *tsmp.PlaceOrderAnswer {
	w.t.Helper()
	w.known[d.keyID()] = perso.ECDSAAuthority{Key: &d.authority.PublicKey}
	answer, err := w.ca.PlaceOrder(w.t.Context(), w.call(), &tsmp.PlaceOrderRequest{ApplicationID: app, SIM: [16]byte{0x98, 0x18, sim},
		InstanceAID: d.aid.Append(nil), LoadFileHash: perso.Hash{1}, AttestationKey: d.keyID()})
	w.ok(err)
	return answer
}

// issued is a whole issue into a SIM up to the receipt, with a holder key.
func (w *world) issued(sim byte, holder int) (*double, *tsmp.VerifyApplicationAnswer, *tsmp.PlaceOrderAnswer) {
	w.t.Helper()
	app := w.apply(sim, jpki.OriginOnCard)
	d := newDouble(w.t, sim, testkeys.Holder(holder))
	order := w.order(app.ApplicationID, sim, d)
	answer, err := w.ca.Issue(w.t.Context(), w.call(), &tsmp.IssueRequest{OrderID: order.OrderID, OrderStatement: d.takeOrder(order.Order), KeyStatements: [][]byte{d.generate()}})
	w.ok(err)
	d.takeEnvelope(answer.Envelopes[0])
	return d, app, order
}

// activated is issued with the receipt.
func (w *world) activated(sim byte, holder int) (*double, *tsmp.VerifyApplicationAnswer, *tsmp.ActivateAnswer) {
	w.t.Helper()
	d, app, order := w.issued(sim, holder)
	answer, err := w.ca.Activate(w.t.Context(), w.call(), &tsmp.ActivateRequest{OrderID: order.OrderID, Receipt: d.activate()})
	w.ok(err)
	return d, app, answer
}

// state is the state of a service instance.
func (w *world) state(phone tsmp.PhoneID) profile.State {
	w.t.Helper()
	answer, err := w.ca.GetCertificateStatus(w.t.Context(), w.call(), &tsmp.GetCertificateStatusRequest{Phone: phone})
	w.ok(err)
	if len(answer.Certificates) == 0 {
		return 0
	}
	return answer.Certificates[0].State
}

// registryRow is a record of the authentication authority.
func registryRow(w *world, serial uint64) *record.Certificate {
	w.t.Helper()
	s, err := w.reg.Snapshot(w.t.Context())
	w.ok(err)
	defer s.Close()
	c, err := s.Certificate(profile.AuthenticationAuthority, serial)
	w.ok(err)
	return &c
}
