package registry_test

import (
	"strings"
	"testing"
	"time"

	"inkan/ca/registry"
	"inkan/ca/registry/populate"
	"inkan/ca/registry/record"
	"inkan/core/jpki/certificate"
	"inkan/spec/req"
)

func TestImport(t *testing.T) {
	req.Covers(t, "SPEC-CA-LIFECYCLE-019", "SPEC-CA-LIFECYCLE-022", "SPEC-CA-LIFECYCLE-014")
	w := memory(t)
	plan := populate.Plan{Persons: 1200, Municipalities: 7, RevokedOf: 10, Phones: 3, Now: w.clock.now()}
	w.ok(populate.Fill(ctx, w.Registry, plan))
	rep := w.check()
	if rep.Persons != 1200 || rep.Certificates != 2*1200+400+2 {
		t.Errorf("report %+v", rep)
	}
	s := w.snapshot()
	defer s.Close()
	revoked := 0
	for _, au := range certificate.Authorities() {
		w.ok(s.Partitions(au, func(p string) error {
			return s.Revoked(au, p, func(uint64, time.Time, certificate.Reason) error { revoked++; return nil })
		}))
	}
	if revoked != 2*120+40 {
		t.Errorf("%d are listed", revoked)
	}
}

const (
	signatureKind, authenticationKind, phoneKind = certificate.CardSignature, certificate.CardAuthentication, certificate.PhoneAuthentication

	active, suspended, revoked = certificate.Active, certificate.Suspended, certificate.Revoked
)

// importOf is a person with certificates of an earlier system; each has four years.
func (w *world) importOf(list ...registry.ImportedCertificate) registry.Import {
	for n := range list {
		c := &list[n]
		c.Generation, c.NotBefore, c.Since, c.Key = 1, begin, begin, w.newKey()
		if c.NotAfter.IsZero() {
			c.NotAfter = begin.AddDate(4, 0, 0)
		}
		switch c.State {
		case suspended:
			c.Reason = certificate.CertificateHold
		case revoked:
			c.Reason = certificate.Superseded
		}
	}
	return registry.Import{Birth: birth, Attributes: attributes("印鑑"), CardNotAfter: begin.AddDate(4, 0, 0), Certificates: list}
}

func imported(kind certificate.Kind, state certificate.State) registry.ImportedCertificate {
	return registry.ImportedCertificate{Kind: kind, State: state}
}

// An import that is malformed leaves nothing, of the good persons before it neither.
func TestImportIsRefused(t *testing.T) {
	req.Covers(t, "SPEC-CA-LIFECYCLE-019", "SPEC-CA-LIFECYCLE-100")
	w := memory(t)
	before := w.anchor()
	first := func(change func(c *registry.ImportedCertificate)) func(*registry.Import) {
		return func(i *registry.Import) { change(&i.Certificates[0]) }
	}
	for name, test := range map[string]struct {
		change func(*registry.Import)
		want   string
	}{
		"no name":                 {func(i *registry.Import) { i.Attributes.Name = "" }, "no name"},
		"no day":                  {func(i *registry.Import) { i.Birth.Day = 31 }, "birthday"},
		"municipality's digit":    {func(i *registry.Import) { i.Attributes.Municipality.Code = "131131" }, "municipality"},
		"the service's own":       {first(func(c *registry.ImportedCertificate) { c.Kind = certificate.SignatureCA }), "import: a " + certificate.SignatureCA.String() + " certificate"},
		"phone signature":         {first(func(c *registry.ImportedCertificate) { c.Kind = certificate.PhoneSignature }), "import: a " + certificate.PhoneSignature.String() + " certificate"},
		"pending":                 {first(func(c *registry.ImportedCertificate) { c.State = certificate.Pending }), "a pending certificate"},
		"no state":                {first(func(c *registry.ImportedCertificate) { c.State = 0 }), "import: a " + certificate.State(0).String() + " certificate"},
		"no such reason":          {first(func(c *registry.ImportedCertificate) { c.State, c.Reason = revoked, 7 }), "with reason"},
		"active with a reason":    {first(func(c *registry.ImportedCertificate) { c.Reason = certificate.KeyCompromise }), "with reason"},
		"active on hold":          {first(func(c *registry.ImportedCertificate) { c.Reason = certificate.CertificateHold }), "with reason"},
		"suspended, other reason": {first(func(c *registry.ImportedCertificate) { c.State, c.Reason = suspended, certificate.KeyCompromise }), "with reason"},
		"revoked for a hold":      {first(func(c *registry.ImportedCertificate) { c.State, c.Reason = revoked, certificate.CertificateHold }), "with reason"},
		"ends as it begins":       {first(func(c *registry.ImportedCertificate) { c.NotAfter = c.NotBefore }), "ends before it begins"},
		"no end":                  {first(func(c *registry.ImportedCertificate) { c.NotAfter = time.Time{} }), "ends before it begins"},
		"outlasts the card":       {func(i *registry.Import) { i.CardNotAfter = i.CardNotAfter.Add(-time.Second) }, "outlasts its card"},
		"since to-morrow":         {first(func(c *registry.ImportedCertificate) { c.Since = begin.Add(time.Second) }), "of the future"},
		"key of another":          {func(i *registry.Import) { i.Certificates[1].Key = i.Certificates[0].Key }, "key of certificate 1 is known"},
		"two live": {func(i *registry.Import) {
			*i = w.importOf(imported(signatureKind, active), imported(signatureKind, suspended))
		}, "two live"},
		"two live, one revoked": {func(i *registry.Import) {
			*i = w.importOf(imported(signatureKind, active), imported(signatureKind, revoked), imported(signatureKind, active))
		}, "two live"},
		"phone outlasts signature": {func(i *registry.Import) { i.Certificates[0].NotAfter = begin.AddDate(3, 0, 0) }, "a phone certificate that outlasts"},
		"phone outlasts the other": {func(i *registry.Import) { i.Certificates[1].NotAfter = begin.AddDate(3, 0, 0) }, "a phone certificate that outlasts"},
		"phone alone":              {func(i *registry.Import) { i.Certificates = i.Certificates[2:] }, "or before them"},
		"phone without signature":  {func(i *registry.Import) { i.Certificates = i.Certificates[1:] }, "or before them"},
		"phone before":             {func(i *registry.Import) { i.Certificates[1], i.Certificates[2] = i.Certificates[2], i.Certificates[1] }, "or before them"},
		"phone's parent revoked": {func(i *registry.Import) {
			*i = w.importOf(imported(signatureKind, active), imported(authenticationKind, revoked), imported(phoneKind, suspended))
		}, "on a revoked authentication certificate"},
	} {
		bad := w.importOf(imported(signatureKind, active), imported(authenticationKind, active), imported(phoneKind, active))
		test.change(&bad)
		if _, err := w.Import(ctx, []registry.Import{w.importOf(), bad}, cause); err == nil || !strings.Contains(err.Error(), "person 1: ") || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%s: %v, want %q", name, err, test.want)
		}
		if after := w.anchor(); after != before {
			t.Fatalf("%s: the batch has left something", name)
		}
	}
}

// What an import takes over is what it says, in its order: which certificates are the
// card's, what the phone's rest on, what the lists name.
func TestImportIsTakenOver(t *testing.T) {
	req.Covers(t, "SPEC-CA-LIFECYCLE-019", "SPEC-CA-LIFECYCLE-100", "SPEC-CA-LIFECYCLE-010")
	early := registry.ImportedCertificate{Kind: signatureKind, State: revoked, NotAfter: begin.AddDate(2, 0, 0)}
	type places struct{ signature, authentication, parent int } // among the certificates; 0 is none
	for name, test := range map[string]struct {
		list []registry.ImportedCertificate
		want places
	}{
		"none":           {nil, places{}},
		"both":           {[]registry.ImportedCertificate{imported(authenticationKind, suspended), imported(signatureKind, active)}, places{2, 1, 0}},
		"with a phone":   {[]registry.ImportedCertificate{imported(signatureKind, active), imported(authenticationKind, active), imported(phoneKind, suspended)}, places{1, 2, 2}},
		"signature gone": {[]registry.ImportedCertificate{imported(signatureKind, revoked), imported(authenticationKind, suspended), imported(phoneKind, active)}, places{1, 2, 2}},
		"all revoked": {[]registry.ImportedCertificate{imported(signatureKind, revoked), imported(signatureKind, revoked), imported(authenticationKind, revoked),
			imported(phoneKind, revoked), imported(authenticationKind, revoked)}, places{2, 5, 3}},
		"renewed twice": {[]registry.ImportedCertificate{early, imported(signatureKind, active), imported(authenticationKind, active), imported(authenticationKind, revoked),
			imported(signatureKind, revoked), imported(phoneKind, active), imported(phoneKind, revoked)}, places{2, 3, 3}},
	} {
		t.Run(name, func(t *testing.T) {
			w := memory(t)
			i := w.importOf(test.list...)
			ids, err := w.Import(ctx, []registry.Import{i}, cause)
			w.ok(err)
			w.check()
			s := w.snapshot()
			defer s.Close()
			person, err := s.Person(ids[0])
			w.ok(err)
			card, err := s.Card(person.Card)
			w.ok(err)
			next := map[certificate.Authority]uint64{certificate.SignatureAuthority: certificate.FirstSerial + 1, certificate.AuthenticationAuthority: certificate.FirstSerial + 1}
			serials := make([]uint64, len(test.list)+1)
			for n, from := range i.Certificates {
				au := from.Kind.Authority()
				c, err := s.Certificate(au, next[au])
				w.ok(err)
				serials[n+1] = next[au]
				next[au]++
				want := record.Certificate{Authority: au, Serial: c.Serial, Generation: 1, Kind: from.Kind, Stage: record.Issued, Person: person.ID, Card: card.ID, NotBefore: begin,
					NotAfter: from.NotAfter, Key: from.Key, Partition: tokyo.Partition(), AttributesVersion: 1, State: from.State, Since: begin, Reason: from.Reason, Version: 1}
				if from.Kind == phoneKind {
					want.Card, want.Phone, want.Signature, want.Parent = record.CardID{}, c.Phone, serials[test.want.signature], serials[test.want.parent]
					phone, err := s.Phone(c.Phone)
					w.ok(err)
					if phone != (record.Phone{ID: c.Phone, Person: person.ID, Since: begin, Erasure: record.ErasureNotDue}) {
						t.Errorf("phone %+v", phone)
					}
				}
				if c != want {
					t.Errorf("certificate %d: %+v, want %+v", n+1, c, want)
				}
			}
			want := record.Card{ID: card.ID, Person: person.ID, NotAfter: i.CardNotAfter, State: record.CardInForce, Since: begin,
				Signature: serials[test.want.signature], Authentication: serials[test.want.authentication]}
			if card != want {
				t.Errorf("card %+v, want %+v", card, want)
			}
		})
	}
}

// TestImportedPhone: an imported certificate came of no order, and its end is not
// that of an application which has none yet.
func TestImportedPhone(t *testing.T) {
	req.Covers(t, "SPEC-CA-LIFECYCLE-084", "SPEC-CA-LIFECYCLE-081")
	w := memory(t)
	w.ok(populate.Fill(ctx, w.Registry, populate.Plan{Persons: 1, Municipalities: 1, Phones: 1, Now: w.clock.now()}))
	s := w.snapshot()
	defer s.Close()
	au := certificate.AuthenticationAuthority
	c, err := s.Certificate(au, certificate.FirstSerial+2)
	w.ok(err)
	_, err = w.PlaceReset(ctx, registry.ResetRequest{Phone: c.Phone}, cause)
	w.refused(err, registry.UnknownOrder)
	app, err := w.RegisterApplication(ctx, w.request(c.Signature, sim1), cause)
	w.ok(err)
	_, err = w.Revoke(ctx, au, c.Serial, certificate.KeyCompromise, cause)
	w.ok(err)
	w.order(app)
	w.check()
}
