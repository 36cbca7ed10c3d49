package mno_test

import (
	"testing"
	"time"

	"inkan/core/entropy"
	"inkan/core/tsmp"
	"inkan/spec/req"
	"inkan/tsm/mno"
	"inkan/tsm/mno/kind"
)

// What a manager is made of is looked at before it is one.
func TestConfig(t *testing.T) {
	req.Covers(t, "SPEC-MNO-TSM-003")
	w := newWorld(t)
	peer := func(tsmp.PartyID) (*tsmp.Caller, bool) { return nil, false }
	good := func() mno.Config {
		return mno.Config{Tenant: w.tenant, Party: mnoName, HSM: w.module, Bearer: w, Kinds: w.kinds(), Offers: w.offers(), Now: w.clock, Entropy: entropy.Seeded(1, "x"), Peer: peer}
	}
	if _, err := mno.New(good()); err != nil {
		t.Fatal(err)
	}
	policy := func(change func(p *mno.Policy)) func(c *mno.Config) {
		return func(c *mno.Config) {
			c.Policy = mno.DefaultPolicy
			change(&c.Policy)
		}
	}
	for name, spoil := range map[string]func(c *mno.Config){
		"no tenant":       func(c *mno.Config) { c.Tenant = nil },
		"no peers":        func(c *mno.Config) { c.Peer = nil },
		"no HSM":          func(c *mno.Config) { c.HSM = nil },
		"no clock":        func(c *mno.Config) { c.Now = nil },
		"no entropy":      func(c *mno.Config) { c.Entropy = nil },
		"no name":         func(c *mno.Config) { c.Party = "" },
		"host no party":   func(c *mno.Config) { c.Host = "A B" },
		"own host":        func(c *mno.Config) { c.Host = mnoName },
		"another's keys":  func(c *mno.Config) { c.Host = "host.example" },
		"kind twice":      func(c *mno.Config) { c.Kinds = append(c.Kinds, c.Kinds[0]) },
		"bad kind":        func(c *mno.Config) { c.Kinds = append(c.Kinds, &kind.Kind{Name: "x", Owner: mnoName}) },
		"offer twice":     func(c *mno.Config) { c.Offers = append(c.Offers, c.Offers[0]) },
		"bad offer":       func(c *mno.Config) { c.Offers = append(c.Offers, &kind.Offer{Service: "x", Provider: spName}) },
		"issuer's TAR":    func(c *mno.Config) { c.Offers[0].TARs = [][]byte{{0, 0, 0}} },
		"short TAR":       func(c *mno.Config) { c.Offers[0].TARs = [][]byte{{0x4A, 0x50}} },
		"short action":    policy(func(p *mno.Policy) { p.SMS = time.Second }),
		"long action":     policy(func(p *mno.Policy) { p.SMS = 25 * time.Hour }),
		"no relay":        policy(func(p *mno.Policy) { p.Relay = 0 }),
		"no conversation": policy(func(p *mno.Policy) { p.Conversation = 0 }),
		"no turn":         policy(func(p *mno.Policy) { p.Turn = 0 }),
		"no hold":         policy(func(p *mno.Policy) { p.Hold = 0 }),
		"no code":         policy(func(p *mno.Policy) { p.Codes = 0 }),
	} {
		c := good()
		spoil(&c)
		if _, err := mno.New(c); err == nil {
			t.Errorf("%s: taken", name)
		}
	}
	same := good() // of another provider: it is another offer
	twin := *same.Offers[0]
	twin.Provider = rivalName
	same.Offers = append(same.Offers, &twin)
	if _, err := mno.New(same); err != nil {
		t.Errorf("the same service of another provider: %v", err)
	}
}

// A conversation ends the one before of the same instance; the answer to a repeated call is
// the same.
func TestSecondConversation(t *testing.T) {
	req.Covers(t, "SPEC-MNO-TSM-055")
	w := newWorld(t)
	c := w.customer(1)
	ref := w.deploy(c, 1, tsmp.ModelSimple)
	sp := w.as(spName)
	talk := func() *tsmp.BeginConversationAnswer {
		a, err := sp.BeginConversation(ctx, w.call(), &tsmp.BeginConversationRequest{Reference: ref, Bearers: []tsmp.Bearer{tsmp.BearerRelay}})
		must(t, err)
		return a
	}
	first, second := talk(), talk()
	send := func(in tsmp.ConversationID) error {
		_, err := sp.SendScript(ctx, w.call(), &tsmp.SendScriptRequest{Conversation: in, Script: 1, AID: domainAID, Form: tsmp.FormCommands, Commands: [][]byte{{0x84, 0xCA, 0xFF, 0x21, 0x08, 1, 2, 3, 4, 5, 6, 7, 8, 0}}})
		return err
	}
	wantCode(t, send(first.Conversation), tsmp.CodeConversationOver)
	must(t, send(second.Conversation))
	_, err := sp.EndConversation(ctx, w.call(), &tsmp.EndConversationRequest{Conversation: tsmp.ConversationID{0xFF, 1}})
	wantCode(t, err, tsmp.CodeUnknownConversation)
}

// A reference that is there is refused with any other content, and from anybody else.
func TestReferenceUsed(t *testing.T) {
	req.Covers(t, "SPEC-MNO-TSM-030")
	w := newWorld(t)
	c, other := w.customer(1), w.customer(2)
	ref := w.declare(c, 1, tsmp.ModelSimple)
	good := tsmp.DeclareServiceInstanceReferenceRequest{Reference: ref, Service: "jpki", SE: c.se, Subscriber: w.subscriber(spName, c), Model: tsmp.ModelSimple}
	for name, x := range map[string]struct {
		who   tsmp.PartyID
		spoil func(b *tsmp.DeclareServiceInstanceReferenceRequest)
	}{
		"another's":    {rivalName, func(*tsmp.DeclareServiceInstanceReferenceRequest) {}},
		"SIM":          {spName, func(b *tsmp.DeclareServiceInstanceReferenceRequest) { b.SE = other.se }},
		"service":      {spName, func(b *tsmp.DeclareServiceInstanceReferenceRequest) { b.Service = "second" }},
		"subscription": {spName, func(b *tsmp.DeclareServiceInstanceReferenceRequest) { b.Subscriber = w.subscriber(spName, other) }},
		"model":        {spName, func(b *tsmp.DeclareServiceInstanceReferenceRequest) { b.Model = tsmp.ModelDelegated }},
	} {
		b := good
		x.spoil(&b)
		if _, err := w.as(x.who).DeclareServiceInstanceReference(ctx, w.call(), &b); err == nil {
			t.Errorf("%s: taken", name)
		} else {
			wantCode(t, err, tsmp.CodeReferenceUsed)
		}
	}
}
