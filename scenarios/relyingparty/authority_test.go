package relyingparty_test

import (
	"crypto"
	"crypto/rsa"
	"crypto/x509"
	"errors"
	"net/http/httptest"
	"testing"
	"time"

	profile "inkan/ca/certificate"
	"inkan/ca/certificate/certificatetest"
	"inkan/ca/keys"
	"inkan/ca/keys/testkeys"
	"inkan/ca/status"
	"inkan/ca/status/crl"
	"inkan/ca/status/double"
	"inkan/ca/status/ocsp"
	"inkan/ca/status/publication"
	"inkan/core/entropy"
	"inkan/core/jpki/certificate"
	"inkan/core/jpki/login"
	"inkan/scenarios/relyingparty"
	"inkan/spec/req"
)

// authority is the certificate authority's own code with what it publishes, as a
// relying party meets it: over HTTP.
type authority struct {
	now      time.Time
	issuers  map[certificate.Authority]*profile.Issuer
	registry *double.Registry
	lists    *crl.Memory
	signing  []*status.Issuer
	ocsp     *ocsp.Responder
	url      string
	anchors  *relyingparty.Anchors
}

func newAuthority(t *testing.T) *authority {
	a := &authority{now: certificatetest.Issued.Add(time.Hour), issuers: map[certificate.Authority]*profile.Issuer{}, lists: new(crl.Memory)}
	now := func() time.Time { return a.now }
	a.registry = double.New(now)
	var ders [][]byte
	for _, ca := range certificate.Authorities() {
		for generation := 1; generation <= 3; generation++ {
			ders = append(ders, certificatetest.Issuer(t, ca, generation).Certificate.Raw)
		}
		issuer := certificatetest.Issuer(t, ca, 2)
		a.issuers[ca] = issuer
		a.signing = append(a.signing, &status.Issuer{
			Authority: ca, Generation: 2, Certificate: issuer.Certificate, Signer: issuer.Signer, Responder: a.responder(t, ca, issuer),
		})
	}
	var err error
	if a.ocsp, err = ocsp.New(ocsp.Config{Registry: a.registry, Issuers: a.signing, Now: now}); err != nil {
		t.Fatal(err)
	}
	if a.anchors, err = relyingparty.NewAnchors(ders...); err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(publication.New(publication.Config{Issuers: a.signing, Lists: a.lists, Responder: a.ocsp, Now: now, Fault: func(err error) { t.Error(err) }}))
	t.Cleanup(server.Close)
	a.url = server.URL
	return a
}

func (a *authority) responder(t *testing.T, ca certificate.Authority, issuer *profile.Issuer) *status.Responder {
	t.Helper()
	der, err := issuer.Sign(nil, certificatetest.Request(t, certificate.OCSPResponder, issuer, 1))
	if err != nil {
		t.Fatal(err)
	}
	c, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	role := map[certificate.Authority]keys.Role{certificate.SignatureAuthority: keys.SignatureOCSP, certificate.AuthenticationAuthority: keys.AuthenticationOCSP}[ca]
	return &status.Responder{Certificate: c, Signer: testkeys.Signer(role, 1)}
}

// issue makes a holder's certificate and registers it.
func (a *authority) issue(t *testing.T, kind certificate.Kind) *certificate.Certificate {
	t.Helper()
	issuer := a.issuers[kind.Authority()]
	der, err := issuer.Sign(nil, certificatetest.Request(t, kind, issuer, 1))
	if err != nil {
		t.Fatal(err)
	}
	c, err := certificate.Parse(der)
	if err != nil {
		t.Fatal(err)
	}
	a.registry.Put(kind.Authority(), double.Row{Partition: c.Partition, CertificateStatus: certificate.CertificateStatus{
		Serial: c.Serial, State: certificate.Active, Since: c.NotBefore, Version: 1, Generation: 2, NotAfter: c.NotAfter,
	}})
	a.publish(t)
	return c
}

// publish makes all lists and all answers.
func (a *authority) publish(t *testing.T) {
	t.Helper()
	p := &crl.Publisher{Registry: a.registry, Issuers: a.signing, Store: a.lists}
	if _, err := p.Publish(t.Context()); err != nil {
		t.Fatal(err)
	}
	if _, err := a.ocsp.Produce(t.Context(), certificate.AuthenticationAuthority, ocsp.Production{}); err != nil {
		t.Fatal(err)
	}
}

func (a *authority) party(t *testing.T, policy relyingparty.Policy, kinds ...certificate.Kind) *relyingparty.Party {
	t.Helper()
	now := func() time.Time { return a.now }
	p, err := relyingparty.New(relyingparty.Config{
		Origin: "https://bank.example", Anchors: a.anchors, Kinds: kinds, Policy: policy, Statements: relyingparty.NewMemory(100, now),
		Fetch: &relyingparty.HTTP{Instead: map[string]string{certificate.CRLBase: a.url, "http://ocsp.inkan.example": a.url}},
		Now:   now, Entropy: entropy.Seeded(1, "relying party"), Life: 5 * time.Minute,
	})
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// policies are the ways that every certificate of the authority is checked here.
func policies(kind certificate.Kind) map[string]relyingparty.Policy {
	list := map[string]relyingparty.Policy{
		"by default":                   {},
		"by list":                      {Methods: []relyingparty.Method{relyingparty.CRL}},
		"with the list of authorities": {Authorities: true},
	}
	if kind != certificate.CardSignature { // which names no responder
		list["by OCSP"] = relyingparty.Policy{Methods: []relyingparty.Method{relyingparty.OCSP}}
		list["by cached OCSP"] = relyingparty.Policy{Methods: []relyingparty.Method{relyingparty.OCSP}, Cached: true}
		list["by both"] = relyingparty.Policy{All: true}
	}
	return list
}

// TestTheAuthoritysOwn takes certificates, lists and answers of the authority's
// code through their life, as a second opinion on it.
func TestTheAuthoritysOwn(t *testing.T) {
	req.Covers(t, "SPEC-RELYING-PARTY-011", "SPEC-RELYING-PARTY-020", "SPEC-RELYING-PARTY-030", "SPEC-RELYING-PARTY-036")
	for _, kind := range []certificate.Kind{certificate.PhoneAuthentication, certificate.CardAuthentication, certificate.CardSignature} {
		t.Run(kind.String(), func(t *testing.T) {
			a := newAuthority(t)
			c := a.issue(t, kind)
			ca := kind.Authority()
			for _, step := range []struct {
				state  certificate.State
				reason certificate.Reason
				code   relyingparty.Code
			}{
				{certificate.Active, 0, ""}, {certificate.Suspended, 6, relyingparty.CertificateSuspended}, {certificate.Active, 0, ""},
				{certificate.Revoked, 4, relyingparty.CertificateRevoked},
			} {
				a.now = a.now.Add(time.Minute)
				a.registry.Change(ca, c.Serial, step.state, step.reason)
				a.publish(t)
				for name, policy := range policies(kind) {
					session, err := a.party(t, policy, kind).Verify(t.Context(), c.Raw)
					if step.code == "" && (err != nil || session.Kind != kind || session.Unchecked) ||
						step.code != "" && !errors.Is(err, &relyingparty.Error{Code: step.code}) {
						t.Errorf("%s %s: %v, want %q", step.state, name, err, step.code)
					}
				}
			}
		})
	}
}

func TestUnknownToTheAuthority(t *testing.T) {
	a := newAuthority(t)
	issuer := a.issuers[certificate.AuthenticationAuthority]
	der, err := issuer.Sign(nil, certificatetest.Request(t, certificate.PhoneAuthentication, issuer, 2))
	if err != nil {
		t.Fatal(err)
	}
	a.publish(t)
	_, err = a.party(t, relyingparty.Policy{}, certificate.PhoneAuthentication).Verify(t.Context(), der)
	if !errors.Is(err, &relyingparty.Error{Code: relyingparty.CertificateUnknown}) {
		t.Error(err)
	}
}

// TestLoginOverTheNetwork is one login with the authority's own certificate.
func TestLoginOverTheNetwork(t *testing.T) {
	a := newAuthority(t)
	c := a.issue(t, certificate.PhoneAuthentication)
	p := a.party(t, relyingparty.Policy{}, certificate.PhoneAuthentication)
	s, err := p.Challenge("印鑑銀行にログインします")
	if err != nil {
		t.Fatal(err)
	}
	digest, err := s.Digest()
	if err != nil {
		t.Fatal(err)
	}
	key := testkeys.Holder(1)
	if !key.PublicKey.Equal(c.PublicKey) {
		t.Fatal("the fixture's certificate is of another key")
	}
	signature, err := rsa.SignPKCS1v15(nil, key, crypto.SHA256, digest[:])
	if err != nil {
		t.Fatal(err)
	}
	r := &login.Response{Nonce: s.Nonce, Certificate: c.Raw, Signature: [login.SignatureLen]byte(signature)}
	session, err := p.Login(t.Context(), r.Append(nil))
	if err != nil || len(session.Evidence) != 1 || session.Evidence[0].Method != relyingparty.OCSP {
		t.Error(session, err)
	}
}
