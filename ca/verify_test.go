package ca

import (
	"crypto/x509"
	"testing"
	"time"

	"inkan/ca/certificate"
	"inkan/ca/keys"
	"inkan/ca/keys/testkeys"
	"inkan/ca/registry"
	"inkan/ca/registry/record"
	"inkan/core/jpki"
	"inkan/core/jpki/application"
	profile "inkan/core/jpki/certificate"
	"inkan/core/jpki/perso"
	"inkan/core/tsmp"
	"inkan/spec/req"
)

// verify brings an application and gives what is said of it.
func (w *world) verify(a *application.Application, code application.Code) error {
	_, err := w.ca.VerifyApplication(w.t.Context(), w.call(), w.signed(a, code))
	return err
}

func TestSigner(t *testing.T) {
	req.Covers(t, "SPEC-CA-020", "SPEC-CA-021")
	municipal := registry.Cause{Actor: registry.Municipality}
	attributes := func(w *world) record.Attributes {
		s, err := w.reg.Snapshot(t.Context())
		w.ok(err)
		defer s.Close()
		p, err := s.Person(w.person)
		w.ok(err)
		return p.Attributes
	}
	for name, c := range map[string]struct {
		before func(w *world)
		code   tsmp.Code
	}{
		"authentication certificate": {func(w *world) { w.signature, w.signer = w.authentication, 2 }, tsmp.CodeSignerUnknown},
		"expired":                    {func(w *world) { w.now = w.signature.NotAfter.Add(time.Second) }, tsmp.CodeSignerExpired},
		"suspended":                  {func(w *world) { w.ok(w.reg.HoldCard(t.Context(), w.card, municipal)) }, tsmp.CodeSignerSuspended},
		"revoked":                    {func(w *world) { w.ok(w.reg.LoseCard(t.Context(), w.card, municipal)) }, tsmp.CodeSignerRevoked},
		"moved": {func(w *world) {
			at := attributes(w)
			at.Address = "東京都清瀬市中里六丁目"
			w.ok(w.reg.ChangeAttributes(t.Context(), w.person, at, municipal))
		}, tsmp.CodePersonChanged},
		"dead": {func(w *world) { w.ok(w.reg.Die(t.Context(), w.person, municipal)) }, tsmp.CodeSignerRevoked},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			c.before(w)
			w.refused(w.verify(w.fields(application.Issue, 1)), c.code)
		})
	}
}

// A certificate with the names and numbers of the registry's, signed by another
// key, is nobody's.
func TestForeignSigner(t *testing.T) {
	req.Covers(t, "SPEC-CA-020")
	w := newWorld(t)
	template := &x509.Certificate{SerialNumber: w.signature.SerialNumber, RawSubject: w.signature.RawSubject, NotBefore: w.signature.NotBefore,
		NotAfter: w.signature.NotAfter, ExtraExtensions: w.signature.Extensions, SignatureAlgorithm: x509.SHA256WithRSA}
	der, err := x509.CreateCertificate(nil, template, &x509.Certificate{RawSubject: w.signature.RawIssuer}, &testkeys.Holder(1).PublicKey, testkeys.Signer(keys.SignatureCA, 2))
	w.ok(err)
	w.signature, err = x509.ParseCertificate(der)
	w.ok(err)
	w.refused(w.verify(w.fields(application.Issue, 1)), tsmp.CodeSignerUnknown)
}

func TestCodeOfApplication(t *testing.T) {
	req.Covers(t, "SPEC-CA-022")
	w := newWorld(t)
	a, code := w.fields(application.Issue, 1)
	q := w.signed(a, code)
	for _, wrong := range []string{"", application.NewCode(w.seed).Plain()} {
		_, err := w.ca.VerifyApplication(t.Context(), w.call(), &tsmp.VerifyApplicationRequest{Application: q.Application, Code: wrong})
		w.refused(err, tsmp.CodeApplicationCode)
	}
	_, err := w.ca.VerifyApplication(t.Context(), w.call(), q)
	w.ok(err)
	_, app, _ := w.activated(1, 3)
	b, _ := w.fields(application.Revocation, 1)
	b.Instance = app.Phone
	q = w.signed(b, code)
	q.Code = code.Plain()
	_, err = w.ca.VerifyApplication(t.Context(), w.call(), q)
	w.refused(err, tsmp.CodeApplicationCode)
}

func TestApplicationOnce(t *testing.T) {
	req.Covers(t, "SPEC-CA-012")
	w := newWorld(t)
	a, code := w.fields(application.Issue, 1)
	q := w.signed(a, code)
	first, err := w.ca.VerifyApplication(t.Context(), w.call(), q)
	w.ok(err)
	again, err := w.ca.VerifyApplication(t.Context(), w.call(), q)
	w.ok(err)
	if *first != *again {
		t.Errorf("%+v, then %+v", first, again)
	}
	b, _ := w.fields(application.Issue, 1)
	b.Nonce = a.Nonce
	b.Commit(code)
	b.Time = a.Time.Add(-time.Second)
	_, err = w.ca.VerifyApplication(t.Context(), w.call(), w.signed(b, code))
	w.refused(err, tsmp.CodeApplicationReplayed)
	w.now = w.now.Add(11 * time.Minute)
	c, code := w.fields(application.Issue, 1)
	c.Time = w.now.Add(-11 * time.Minute)
	c.Commit(code)
	w.refused(w.verify(c, code), tsmp.CodeApplicationStale)
}

func TestPresenceOfSIM(t *testing.T) {
	req.Covers(t, "SPEC-CA-023")
	w := newWorld(t)
	d := newDouble(t, 1, testkeys.Holder(3))
	with := func(change func(*application.Presence)) error {
		a, code := w.fields(application.Issue, 1)
		p := &application.Presence{AID: d.aid.Append(nil), LoadFile: d.loaded, Authority: d.keyID()}
		message := append(append(d.aid.AppendLV(nil), d.loaded[:]...), a.PresenceMessage()...)
		p.Attestation = d.sign(message)
		change(p)
		a.Presence = p
		return w.verify(a, code)
	}
	w.refused(with(func(*application.Presence) {}), tsmp.CodeSIMPresence) // the inventory does not have the key
	w.known[d.keyID()] = perso.ECDSAAuthority{Key: &d.authority.PublicKey}
	w.ok(with(func(*application.Presence) {}))
	w.refused(with(func(p *application.Presence) { p.Attestation[9] ^= 1 }), tsmp.CodeSIMPresence)
	var err error
	for _, c := range []struct {
		list    []perso.Hash
		refused bool
	}{{[]perso.Hash{{2}, d.loaded}, false}, {[]perso.Hash{{2}}, true}, {[]perso.Hash{}, true}} { // signed as before, by the card
		w.config.LoadFiles = c.list
		w.ca, err = New(w.config)
		w.ok(err)
		if got := with(func(*application.Presence) {}); c.refused {
			w.refused(got, tsmp.CodeSIMPresence)
		} else {
			w.ok(got)
		}
	}
	w.config.LoadFiles, w.config.Presence = nil, true
	w.ca, err = New(w.config)
	w.ok(err)
	w.refused(w.verify(w.fields(application.Issue, 1)), tsmp.CodeSIMPresence)
}

func TestRoles(t *testing.T) {
	req.Covers(t, "SPEC-CA-024")
	w := newWorld(t)
	a, code := w.fields(application.Issue, 1)
	a.Roles = jpki.Both
	w.refused(w.verify(a, code), tsmp.CodePersonNotEligible)
}

func TestPseudonyms(t *testing.T) {
	req.Covers(t, "SPEC-CA-010", "SPEC-CA-013")
	w := newWorld(t)
	first := w.apply(1, jpki.OriginOnCard)
	a, code := w.fields(application.Issue, 1)
	other, err := w.ca.VerifyApplication(t.Context(), w.other(), w.signed(a, code))
	w.ok(err)
	if second := w.apply(1, jpki.OriginOnCard); second.Pseudonym != first.Pseudonym || other.Pseudonym == first.Pseudonym {
		t.Errorf("%s, %s of the same manager; %s of another", first.Pseudonym, second.Pseudonym, other.Pseudonym)
	}
}

func TestAttestationKey(t *testing.T) {
	req.Covers(t, "SPEC-CA-031")
	w := newWorld(t)
	app := w.apply(1, jpki.OriginOnCard)
	d := newDouble(t, 1, testkeys.Holder(3))
	q := &tsmp.PlaceOrderRequest{ApplicationID: app.ApplicationID, SIM: [16]byte{0x98, 0x18, 1}, InstanceAID: d.aid.Append(nil), LoadFileHash: perso.Hash{1}}
	_, err := w.ca.PlaceOrder(t.Context(), w.call(), q)
	w.refused(err, tsmp.CodeUnknownAttestation)
	q.AttestationKey = d.keyID()
	_, err = w.ca.PlaceOrder(t.Context(), w.call(), q)
	w.refused(err, tsmp.CodeUnknownAttestation)
	w.known[d.keyID()] = perso.ECDSAAuthority{Key: &d.authority.PublicKey}
	_, err = w.ca.PlaceOrder(t.Context(), w.other(), q)
	w.refused(err, tsmp.CodeUnknownApplication)
	_, err = w.ca.PlaceOrder(t.Context(), w.call(), q)
	w.ok(err)
}

// What a card says wrong is told, and no serial number is spent on it.
func TestStatements(t *testing.T) {
	req.Covers(t, "SPEC-CA-040")
	w := newWorld(t)
	app := w.apply(1, jpki.OriginOnCard)
	d := newDouble(t, 1, testkeys.Holder(3))
	order := w.order(app.ApplicationID, 1, d)
	statement, key := d.takeOrder(order.Order), d.generate()
	ask := func(statement, key []byte) error {
		_, err := w.ca.Issue(t.Context(), w.call(), &tsmp.IssueRequest{OrderID: order.OrderID, OrderStatement: statement, KeyStatements: [][]byte{key}})
		return err
	}
	changed := func(b []byte, at int) []byte { c := append([]byte(nil), b...); c[at] ^= 1; return c }
	w.refused(ask(statement[:20], key), tsmp.CodeStatementMalformed)
	w.refused(ask(changed(statement, 5), key), tsmp.CodeStatementMismatch)
	w.refused(ask(changed(statement, 50), key), tsmp.CodeAttestation)
	w.refused(ask(statement, key[:50]), tsmp.CodeStatementMalformed)
	w.refused(ask(statement, changed(key, 36)), tsmp.CodeStatementMismatch)
	w.refused(ask(statement, changed(key, 100)), tsmp.CodeAttestation)
	w.refused(ask(statement, changed(key, 400)), tsmp.CodeProof)
	s, err := w.reg.Snapshot(t.Context())
	w.ok(err)
	before := s.Anchor()
	s.Close()
	w.ok(ask(statement, key))
	s, err = w.reg.Snapshot(t.Context())
	w.ok(err)
	defer s.Close()
	if after := s.Anchor(); after.Number != before.Number+2 {
		t.Errorf("%d journal entries, want reservation and completion", after.Number-before.Number)
	}
}

// A card that has loaded another file than the order says attests no order.
func TestOtherLoadFile(t *testing.T) {
	req.Covers(t, "SPEC-CA-040", "SPEC-PERSO-083")
	w := newWorld(t)
	app := w.apply(1, jpki.OriginOnCard)
	d := newDouble(t, 1, testkeys.Holder(3))
	order := w.order(app.ApplicationID, 1, d)
	genuine := d.loaded
	ask := func(loaded perso.Hash) error {
		d.loaded = loaded
		_, err := w.ca.Issue(t.Context(), w.call(), &tsmp.IssueRequest{OrderID: order.OrderID, OrderStatement: d.takeOrder(order.Order), KeyStatements: [][]byte{d.generate()}})
		return err
	}
	w.refused(ask(perso.Hash{2}), tsmp.CodeAttestation)
	w.refused(ask(perso.Hash{}), tsmp.CodeAttestation)
	w.ok(ask(genuine))
}

func TestNew(t *testing.T) {
	req.Covers(t, "SPEC-CA-001")
	w := newWorld(t)
	for name, spoil := range map[string]func(*Config){
		"registry":                func(c *Config) { c.Registry = nil },
		"keys":                    func(c *Config) { c.Delivered = nil },
		"entropy":                 func(c *Config) { c.Entropy = nil },
		"secret":                  func(c *Config) { c.Secret = c.Secret[1:] },
		"content":                 func(c *Config) { c.Content = nil },
		"versions":                func(c *Config) { c.Content = []perso.ContentKey{c.Content[1], c.Content[0]} },
		"issuers":                 func(c *Config) { c.Issuers = nil },
		"an office's check digit": func(c *Config) { c.Offices = map[tsmp.PartyID]string{"city.inkan.example": "132210"} },
		"authority": func(c *Config) {
			c.Issuers = map[profile.Authority]*certificate.Generations{1: c.Issuers[2], 2: c.Issuers[1]}
		},
	} {
		c := w.config
		spoil(&c)
		if _, err := New(c); err == nil {
			t.Errorf("made without %s", name)
		}
	}
	if _, err := New(w.config); err != nil {
		t.Error(err)
	}
}
