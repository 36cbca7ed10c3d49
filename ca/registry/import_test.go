package registry_test

import (
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
	before := w.anchor()
	good := registry.Import{Birth: birth, Attributes: attributes("印鑑"), CardNotAfter: begin.AddDate(9, 0, 0)}
	cert := func(kind certificate.Kind, key byte) registry.ImportedCertificate {
		return registry.ImportedCertificate{Kind: kind, Generation: 1, NotBefore: begin, NotAfter: begin.AddDate(4, 0, 0), Key: record.Hash{key}, State: certificate.Active, Since: begin}
	}
	for name, change := range map[string]func(*registry.Import){
		"outlasts the card": func(i *registry.Import) { i.CardNotAfter = begin.AddDate(3, 0, 0) },
		"two live": func(i *registry.Import) {
			i.Certificates = append(i.Certificates, cert(certificate.CardAuthentication, 9))
		},
		"pending":                 func(i *registry.Import) { i.Certificates[0].State = certificate.Pending },
		"reason without":          func(i *registry.Import) { i.Certificates[0].Reason = certificate.KeyCompromise },
		"phone outlasts parents":  func(i *registry.Import) { i.Certificates[2].NotAfter = begin.AddDate(5, 0, 0) },
		"phone alone":             func(i *registry.Import) { i.Certificates = i.Certificates[2:] },
		"the service's own":       func(i *registry.Import) { i.Certificates[0].Kind = certificate.AuthenticationCA },
		"since to-morrow":         func(i *registry.Import) { i.Certificates[0].Since = begin.AddDate(0, 0, 1) },
		"key of another":          func(i *registry.Import) { i.Certificates[1].Key = i.Certificates[0].Key },
		"no name":                 func(i *registry.Import) { i.Attributes.Name = "" },
		"no day":                  func(i *registry.Import) { i.Birth.Day = 31 },
		"no municipality's digit": func(i *registry.Import) { i.Attributes.Municipality.Code = "131131" },
	} {
		bad := good
		bad.Certificates = []registry.ImportedCertificate{cert(certificate.CardSignature, 1), cert(certificate.CardAuthentication, 2), cert(certificate.PhoneAuthentication, 3)}
		change(&bad)
		if _, err := w.Import(ctx, []registry.Import{good, bad}, cause); err == nil {
			t.Errorf("%s: imported", name)
		}
		if after := w.anchor(); after != before {
			t.Fatalf("%s: the batch has left something", name)
		}
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
