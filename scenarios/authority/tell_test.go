package authority

import (
	"context"
	"crypto/sha256"
	"crypto/x509"
	"errors"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"inkan/ca/certificate"
	"inkan/ca/keys/testkeys"
	"inkan/ca/registry"
	"inkan/ca/registry/record"
	profile "inkan/core/jpki/certificate"
	"inkan/core/tsmp"
	"inkan/spec/req"
)

var municipal, asked = registry.Cause{Actor: registry.Municipality}, registry.Cause{Actor: registry.SPTSM}

// enrolled gives a new person a card and, through a service manager, a phone's
// certificate; holders are three test keys from a number on.
func enrolled(t *testing.T, a *CA, sender tsmp.PartyID, holder int) record.CardID {
	t.Helper()
	ok := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	ctx, r := t.Context(), a.Registry()
	person, err := r.RegisterPerson(ctx, profile.Date{Year: 1985, Month: 4, Day: 1}, record.Attributes{Name: "印鑑　太郎", Address: "中里", Sex: 1, Municipality: profile.Municipalities()[0]}, municipal)
	ok(err)
	card, err := r.IssueCard(ctx, person, start.AddDate(9, 0, 0), municipal)
	ok(err)
	for i, kind := range []profile.Kind{profile.CardAuthentication, profile.CardSignature} {
		csr, err := x509.CreateCertificateRequest(nil, &x509.CertificateRequest{SignatureAlgorithm: x509.SHA256WithRSA}, testkeys.Holder(holder+i))
		ok(err)
		_, err = a.CertifyCard(ctx, card, kind, csr, municipal)
		ok(err)
	}
	s, err := r.Snapshot(ctx)
	ok(err)
	defer s.Close()
	list, err := s.OfCard(card)
	ok(err)
	sim := record.SIM{byte(holder)}
	app, err := r.RegisterApplication(ctx, registry.ApplicationRequest{Purpose: record.PurposeIssue, Origin: record.OnCard, Sender: string(sender), Signature: list[0].Serial,
		SIM: sim, Nonce: []byte{byte(holder), 0, 0, 0, 0, 0, 0, 0}, SignedAt: r.Now(), Signed: []byte{byte(holder)}}, municipal)
	ok(err)
	order, err := r.PlaceOrder(ctx, registry.OrderRequest{Application: app.ID, Sender: string(sender), SIM: sim, Instance: []byte{1, 2, 3, 4, 5}}, municipal)
	ok(err)
	key := &testkeys.Holder(holder + 2).PublicKey
	spki, err := x509.MarshalPKIXPublicKey(key)
	ok(err)
	row, err := r.ReservePhone(ctx, registry.PhoneRequest{Order: order.ID, Generation: 1, Key: sha256.Sum256(spki)}, municipal)
	ok(err)
	der, err := a.Authority.Issuers(profile.AuthenticationAuthority).All()[0].Sign(nil, &certificate.Request{Kind: row.Kind, Serial: row.Serial, PublicKey: key, NotBefore: row.NotBefore,
		NotAfter: row.NotAfter, Municipality: row.Holder.Municipality, Birth: row.Holder.Birth, Within: row.Within, Identifier: "997794E9AGCI01"})
	ok(err)
	_, err = r.Complete(ctx, registry.Completion{Authority: row.Authority, Serial: row.Serial, DER: der, Envelope: []byte{1}}, municipal)
	ok(err)
	_, err = r.Activate(ctx, row.Serial, []byte("receipt"), asked)
	ok(err)
	return card
}

// told is a service manager that takes notifications, when it is there.
type told struct {
	mutex sync.Mutex
	gone  bool
	tried int
	got   []uint64
	heard chan struct{}
}

// HandleCertificateStateChangeNotification implements tsmp.Notified.
func (n *told) HandleCertificateStateChangeNotification(_ context.Context, _ *tsmp.Call, q *tsmp.HandleCertificateStateChangeNotificationRequest) (*tsmp.Acknowledgement, error) {
	n.mutex.Lock()
	defer n.mutex.Unlock()
	n.got = append(n.got, q.Sequence)
	n.heard <- struct{}{}
	return &tsmp.Acknowledgement{}, nil
}

// manager is a service manager with its key, and the way to it.
func manager(party tsmp.PartyID, own tsmp.Keys, now func() time.Time) (n *told, key tsmp.Key, p Peer) {
	identity, key := Named(party, tsmp.RoleSPTSM, 1)
	n = &told{heard: make(chan struct{}, 16)}
	handler := &tsmp.Handler{Identity: identity, Keys: own, Journal: &tsmp.MemoryJournal{}, Service: tsmp.NotifiedService(n), Now: now}
	return n, key, Peer{Party: party, Exchange: func(ctx context.Context, request []byte) ([]byte, error) {
		n.mutex.Lock()
		gone := n.gone
		n.tried++
		n.mutex.Unlock()
		if gone {
			return nil, errors.New("nobody there")
		}
		return handler.Handle(ctx, request)
	}}
}

// hear waits for so many notifications.
func (n *told) hear(t *testing.T, count int) {
	t.Helper()
	for range count {
		select {
		case <-n.heard:
		case <-time.After(20 * time.Second):
			t.Fatalf("heard %v only", n.got)
		}
	}
}

// running tells, by a configuration, until stop.
func running(t *testing.T, c Config) (a *CA, stop func()) {
	t.Helper()
	a, err := Open(t.Context(), c)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	var all sync.WaitGroup
	all.Go(func() { a.Tell(ctx) })
	return a, func() {
		cancel()
		all.Wait()
		if err := a.Close(); err != nil {
			t.Error(err)
		}
	}
}

// One service manager does not answer: the other hears of its own all the same. The
// first hears, in order and once, from the authority that was started again.
func TestTell(t *testing.T) {
	req.Covers(t, "SPEC-CA-065", "SPEC-CA-067")
	now := func() time.Time { return start }
	first, firstKey, firstPeer := manager("sp-1.inkan.example", TestKeys(), now)
	second, secondKey, secondPeer := manager("sp-2.inkan.example", TestKeys(), now)
	first.gone = true
	seed := uint64(1)
	var mutex sync.Mutex
	var faults []error
	c := Config{Folder: filepath.Join(t.TempDir(), "registry"), Now: now, Seed: &seed, Parties: tsmp.Keys{firstKey.ID: firstKey, secondKey.ID: secondKey},
		Peers: []Peer{firstPeer, secondPeer}, Fault: func(err error) { mutex.Lock(); faults = append(faults, err); mutex.Unlock() }}
	a, stop := running(t, c)
	cards := []record.CardID{enrolled(t, a, firstPeer.Party, 1), enrolled(t, a, firstPeer.Party, 4), enrolled(t, a, secondPeer.Party, 7)}
	for _, card := range cards {
		if err := a.Registry().LoseCard(t.Context(), card, municipal); err != nil {
			t.Fatal(err)
		}
	}
	second.hear(t, 1)
	for tried := 0; tried < 2; time.Sleep(20 * time.Millisecond) { // a failure is no end
		first.mutex.Lock()
		tried = first.tried
		first.mutex.Unlock()
	}
	stop()
	if len(faults) == 0 || len(first.got) != 0 {
		t.Errorf("faults %v, and the first has heard %v", faults, first.got)
	}
	first.gone = false
	a, stop = running(t, c)
	first.hear(t, 2)
	for waiting := true; waiting; time.Sleep(5 * time.Millisecond) { // until the last is noted
		var err error
		if waiting, err = a.Registry().HasNotices(string(firstPeer.Party)); err != nil {
			t.Fatal(err)
		}
	}
	stop()
	if len(first.got) != 2 || first.got[0] != 1 || first.got[1] != 2 || len(second.got) != 1 {
		t.Errorf("heard %v and %v", first.got, second.got)
	}
}

func TestPeers(t *testing.T) {
	_, key, peer := manager("sp-1.inkan.example", TestKeys(), nil)
	_, city := Named("city.inkan.example", tsmp.RoleMunicipality, 1)
	parties := tsmp.Keys{key.ID: key, city.ID: city}
	for name, c := range map[string]struct {
		peers []Peer
		ok    bool
	}{
		"known":         {[]Peer{peer}, true},
		"twice":         {[]Peer{peer, peer}, false},
		"no way":        {[]Peer{{Party: peer.Party}}, false},
		"not known":     {[]Peer{{Party: "sp-2.inkan.example", Exchange: peer.Exchange}}, false},
		"no SP-TSM":     {[]Peer{{Party: city.Party, Exchange: peer.Exchange}}, false},
		"nobody at all": {nil, true},
	} {
		config := Config{Parties: parties, Peers: c.peers}
		if err := config.checkPeers(); (err == nil) != c.ok {
			t.Errorf("%s: %v", name, err)
		}
	}
}
