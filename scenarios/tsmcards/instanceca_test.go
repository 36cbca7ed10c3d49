package tsmcards

import (
	"crypto/ecdh"
	"crypto/rsa"
	"crypto/x509"
	"fmt"
	"math/big"
	"sync"
	"testing"
	"time"

	"inkan/core/entropy"
	"inkan/core/jpki"
	"inkan/core/jpki/application"
	"inkan/core/jpki/certificate"
	"inkan/core/tsmp"
	"inkan/scenarios/authority"
	"inkan/scenarios/personalise"
	"inkan/tsm/sp/instance"
)

// instanceCA is a certificate authority, with one person in its register who has a
// signature certificate, and the SP-TSM that asks it.
type instanceCA struct {
	t      testing.TB
	now    time.Time
	calls  entropy.Source
	tsm    tsmp.RemoteCA
	ca     *authority.CA
	key    *rsa.PrivateKey // of the person's card
	signer *x509.Certificate

	applied int
	reply   *ecdh.PrivateKey
	letter  *application.Application // the last one
	sim     [16]byte
	phone   tsmp.PhoneID
	codes   []application.HolderCode
}

func newInstanceCA(t testing.TB) *instanceCA {
	t.Helper()
	w := &instanceCA{t: t, now: instanceNow, calls: entropy.Seeded(1, "instance/calls")}
	seed := uint64(1)
	parties := tsmp.Keys{}
	city, cityKey := authority.Named("kiyose.inkan.example", tsmp.RoleMunicipality, seed)
	sp, spKey := authority.Named("sp.inkan.example", tsmp.RoleSPTSM, seed)
	parties[cityKey.ID], parties[spKey.ID] = cityKey, spKey
	var err error
	if w.ca, err = authority.Open(t.Context(), authority.Config{Now: func() time.Time { return w.now }, Seed: &seed, Parties: parties,
		Delivered: sameKey{}}); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { w.ca.Close() })
	w.tsm = tsmp.RemoteCA{Caller: w.ca.Caller(sp)}
	w.register(tsmp.RemoteMunicipal{Caller: w.ca.Caller(city)})
	scalar := make([]byte, 32)
	entropy.Seeded(1, "instance/reply").Fill(scalar)
	if w.reply, err = ecdh.P256().NewPrivateKey(scalar); err != nil {
		t.Fatal(err)
	}
	return w
}

func (w *instanceCA) about() *tsmp.Call { return &tsmp.Call{ID: tsmp.NewCallID(w.calls), Sent: w.now} }

// sameKey is a source of delivered keys of one authority, which delivers one.
type sameKey struct{}

var deliveredKey = sync.OnceValues(func() (*rsa.PrivateKey, error) {
	return personalise.TestKey(entropy.Seeded(1, "instance/delivered"))
})

// Next implements keys.Source: a copy each time, which the authority wipes.
func (sameKey) Next() (*rsa.PrivateKey, error) {
	k, err := deliveredKey()
	if err != nil {
		return nil, err
	}
	again := &rsa.PrivateKey{PublicKey: k.PublicKey, D: new(big.Int).Set(k.D), Primes: []*big.Int{new(big.Int).Set(k.Primes[0]), new(big.Int).Set(k.Primes[1])}}
	again.Precompute()
	return again, nil
}

// cardKeys are those of the person's card.
var cardKeys = sync.OnceValue(func() map[certificate.Kind]*rsa.PrivateKey {
	keys := map[certificate.Kind]*rsa.PrivateKey{}
	for _, kind := range []certificate.Kind{certificate.CardAuthentication, certificate.CardSignature} {
		k, err := personalise.TestKey(entropy.Seeded(1, "instance/card/"+kind.String()))
		if err != nil {
			panic(err)
		}
		keys[kind] = k
	}
	return keys
})

// register takes the person into the register and gives a card's certificates; the key
// that is left is that of signatures.
func (w *instanceCA) register(city tsmp.RemoteMunicipal) {
	w.t.Helper()
	ctx := w.t.Context()
	kiyose, _ := certificate.MunicipalityOf("13221")
	person, err := city.RegisterPerson(ctx, w.about(), &tsmp.RegisterPersonRequest{Birth: certificate.Date{Year: 1984, Month: 4, Day: 1},
		Attributes: tsmp.Attributes{Name: "印鑑　太郎", Address: "東京都清瀬市中里五丁目", Sex: certificate.Male, Municipality: kiyose}, Case: "1"})
	if err != nil {
		w.t.Fatal(err)
	}
	card, err := city.IssueCard(ctx, w.about(), &tsmp.IssueCardRequest{Person: person.Person, NotAfter: w.now.AddDate(8, 0, 0), Case: "1"})
	if err != nil {
		w.t.Fatal(err)
	}
	for _, kind := range []certificate.Kind{certificate.CardAuthentication, certificate.CardSignature} {
		w.key = cardKeys()[kind]
		csr, err := x509.CreateCertificateRequest(nil, &x509.CertificateRequest{SignatureAlgorithm: x509.SHA256WithRSA}, w.key)
		if err != nil {
			w.t.Fatal(err)
		}
		issued, err := city.IssueCardCertificate(ctx, w.about(), &tsmp.IssueCardCertificateRequest{Card: card.Card, Kind: kind, Request: csr, Case: "1"})
		if err != nil {
			w.t.Fatal(err)
		}
		if w.signer, err = x509.ParseCertificate(issued.Certificate); err != nil {
			w.t.Fatal(err)
		}
	}
}

// apply has the person sign, and the authority verify.
func (w *instanceCA) apply(a *application.Application) *tsmp.VerifyApplicationAnswer {
	w.t.Helper()
	w.applied++
	source := entropy.Seeded(uint64(w.applied), "instance/application")
	a.Language, a.Time = application.Japanese, w.now
	source.Fill(a.Nonce[:])
	copy(a.ReplyKey[:], w.reply.PublicKey().Bytes())
	q := new(tsmp.VerifyApplicationRequest)
	if a.Purpose.Issues() {
		code := application.NewCode(source)
		a.Commit(code)
		q.Code = code.Plain()
	}
	var err error
	if q.Application, err = a.Sign(w.signer, w.key, w.now); err != nil {
		w.t.Fatal(err)
	}
	answer, err := w.tsm.VerifyApplication(w.t.Context(), w.about(), q)
	if err != nil {
		w.t.Fatalf("VerifyApplication: %v", err)
	}
	w.letter, w.phone = a, answer.Phone
	return answer
}

// place applies for an issue and has the order placed.
func (w *instanceCA) place(p *instancePlace, origin jpki.Origin) *tsmp.PlaceOrderAnswer {
	w.t.Helper()
	if _, err := w.ca.Inventory.Report(p.sim, p.card.AuthorityKey()); err != nil {
		w.t.Fatal(err)
	}
	w.sim = p.sim
	verified := w.apply(&application.Application{Purpose: application.Issue, SIM: p.sim, Roles: jpki.Auth, Origin: origin})
	placed, err := w.tsm.PlaceOrder(w.t.Context(), w.about(), &tsmp.PlaceOrderRequest{ApplicationID: verified.ApplicationID, SIM: p.sim,
		InstanceAID: jpki.AIDInstance.Append(nil), LoadFileHash: p.hash, AttestationKey: p.attests})
	if err != nil {
		w.t.Fatalf("PlaceOrder: %v", err)
	}
	return placed
}

// ask answers the calls of programs; the holder is there.
func (w *instanceCA) ask(n *instance.Need) (tsmp.Body, error) {
	ctx := w.t.Context()
	switch q := n.Request.(type) {
	case *tsmp.IssueRequest:
		a, err := w.tsm.Issue(ctx, w.about(), q)
		if err == nil {
			_, w.codes, err = w.letter.OpenReply(w.reply, a.HolderCode)
		}
		return a, err
	case *tsmp.ActivateRequest:
		return w.tsm.Activate(ctx, w.about(), q)
	case *tsmp.SealPINResetRequest:
		a, err := w.tsm.SealPINReset(ctx, w.about(), q)
		if err == nil {
			_, w.codes, err = w.letter.OpenReply(w.reply, a.HolderCode)
		}
		return a, err
	case *tsmp.ReportEraseRequest:
		return w.tsm.ReportErase(ctx, w.about(), q)
	case nil:
		return w.apply(&application.Application{Purpose: application.PINReset, SIM: w.sim, Instance: w.phone,
			Order: n.Order}), nil
	}
	return nil, fmt.Errorf("a call of %s", n.Function)
}

// state is what the authority says of the phone's one certificate.
func (w *instanceCA) state() certificate.State {
	w.t.Helper()
	a, err := w.tsm.GetCertificateStatus(w.t.Context(), w.about(), &tsmp.GetCertificateStatusRequest{Phone: w.phone})
	if err != nil || len(a.Certificates) != 1 {
		w.t.Fatalf("certificates %v: %v", a, err)
	}
	return a.Certificates[0].State
}
