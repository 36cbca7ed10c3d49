package relyingparty

import (
	"bytes"
	"crypto"
	_ "crypto/sha512" // for what is refused
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"testing"
	"time"

	"golang.org/x/crypto/ocsp"

	"inkan/ca/keys/testkeys"
	"inkan/spec/req"
)

// byOCSP is the policy that asks alone.
var byOCSP = Policy{Methods: []Method{OCSP}}

func TestRequest(t *testing.T) {
	req.Covers(t, "SPEC-RELYING-PARTY-030")
	w := newWorld(t)
	var bodies [][]byte
	w.published[ocspURL] = func(body []byte) ([]byte, error) {
		bodies = append(bodies, body)
		return nil, nil
	}
	for _, policy := range []Policy{byOCSP, byOCSP, {Methods: []Method{OCSP}, Cached: true}} {
		_, err := w.verify(t, 2, policy)
		want(t, "an empty answer", err, AnswerMalformed)
	}
	first, second := nonceOf(bodies[0]), nonceOf(bodies[1])
	if len(first) != 32 || bytes.Equal(first, second) || nonceOf(bodies[2]) != nil {
		t.Errorf("nonces %X, %X, %X", first, second, nonceOf(bodies[2]))
	}
	// golang.org/x/crypto writes the same request, without nonce.
	target := parse(t, w.leaf(t, 2, nil))
	standard, err := ocsp.CreateRequest(target, w.generation[2], nil)
	if err != nil || !bytes.Equal(bodies[2], standard) {
		t.Errorf("%X, want %X, %v", bodies[2], standard, err)
	}
}

func TestGoodAnswers(t *testing.T) {
	req.Covers(t, "SPEC-RELYING-PARTY-031", "SPEC-RELYING-PARTY-032", "SPEC-RELYING-PARTY-034", "SPEC-RELYING-PARTY-036")
	w := newWorld(t)
	for g := 1; g <= 2; g++ {
		issuer := func(s *responseSpec) {
			s.key, s.certificate, s.responder = caKey(g), nil, tlv(0xA1, caList)
		}
		for name, change := range map[string]func(*responseSpec){
			"delegated": nil,
			"issuer":    issuer,
			"issuer with its certificate": func(s *responseSpec) {
				issuer(s)
				s.certificate = w.generation[g].Raw
			},
			"named by key": func(s *responseSpec) { s.responder = tlv(0xA2, tlv(0x04, keyID(responderKey(1)))) },
			"this second":  func(s *responseSpec) { s.produced, s.this, s.next = at, at, at },
		} {
			w.respond(t, g, change)
			session, err := w.verify(t, g, byOCSP)
			if err != nil || len(session.Evidence) != 1 || session.Evidence[0].Method != OCSP {
				t.Errorf("%s of generation %d: %v", name, g, err)
			}
		}
	}
}

// TestBentAnswers bends one thing of a response at a time.
func TestBentAnswers(t *testing.T) {
	req.Covers(t, "SPEC-RELYING-PARTY-031", "SPEC-RELYING-PARTY-033", "SPEC-RELYING-PARTY-034", "SPEC-RELYING-PARTY-035", "SPEC-RELYING-PARTY-036")
	flip := func(b []byte) []byte {
		other := bytes.Clone(b)
		other[len(other)-1] ^= 1
		return other
	}
	oid, _ := asn1.Marshal(asn1.ObjectIdentifier{2, 999, 7})
	nonce, _ := asn1.Marshal(oidOCSPNonce)
	for name, c := range map[string]struct {
		change func(*responseSpec)
		code   Code
	}{
		"revoked":            {func(s *responseSpec) { s.good = statusRevoked(4) }, CertificateRevoked},
		"revoked, no reason": {func(s *responseSpec) { s.good = tlv(0xA1, generalized(at)) }, CertificateRevoked},
		"suspended":          {func(s *responseSpec) { s.good = statusRevoked(6) }, CertificateSuspended},
		"unknown":            {func(s *responseSpec) { s.good = statusUnknown }, CertificateUnknown},
		"serial":             {func(s *responseSpec) { s.id.serial = flip(s.id.serial) }, AnswerMismatch},
		"issuer's name":      {func(s *responseSpec) { s.id.name = flip(s.id.name) }, AnswerMismatch},
		"issuer's key":       {func(s *responseSpec) { s.id.key = flip(s.id.key) }, AnswerMismatch},
		"hash":               {func(s *responseSpec) { s.id.algorithm = asn1.ObjectIdentifier{2, 16, 840, 1, 101, 3, 4, 2, 1} }, AnswerMismatch},
		"two answers":        {func(s *responseSpec) { s.more = []certID{s.id} }, AnswerMismatch},
		"no nonce":           {func(s *responseSpec) { s.noNonce = true }, AnswerNonce},
		"another nonce":      {func(s *responseSpec) { s.nonce = flip(s.nonce) }, AnswerNonce},
		"short nonce":        {func(s *responseSpec) { s.nonce = s.nonce[:31] }, AnswerNonce},
		"two nonces":         {func(s *responseSpec) { s.responseExtensions = tlv(0x30, nonce, tlv(0x04, tlv(0x04, s.nonce))) }, AnswerMalformed},
		"unknown extension": {func(s *responseSpec) {
			s.responseExtensions = tlv(0x30, oid, []byte{1, 1, 0xFF}, tlv(0x04, []byte{5, 0}))
		}, AnswerMalformed},
		"harmless extension": {func(s *responseSpec) { s.responseExtensions = tlv(0x30, oid, tlv(0x04, []byte{5, 0})) }, ""},
		"stale":              {func(s *responseSpec) { s.next = at.Add(-time.Second) }, AnswerStale},
		"no next update":     {func(s *responseSpec) { s.next = time.Time{} }, AnswerStale},
		"early":              {func(s *responseSpec) { s.this = at.Add(time.Second) }, AnswerEarly},
		"produced early":     {func(s *responseSpec) { s.produced = at.Add(time.Second) }, AnswerEarly},
		"signature":          {func(s *responseSpec) { s.spoil = true }, AnswerForged},
		"another's key":      {func(s *responseSpec) { s.key = testkeys.Holder(2) }, AnswerForged},
		"another hash":       {func(s *responseSpec) { s.algorithm = asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 1, 12} }, AnswerForged},
		"issuer's, spoilt": {func(s *responseSpec) {
			s.key, s.certificate, s.responder, s.spoil = caKey(2), nil, tlv(0xA1, caList), true
		}, AnswerForged},
		"no certificate":  {func(s *responseSpec) { s.certificate = nil }, AnswerForged},
		"another name":    {func(s *responseSpec) { s.responder = tlv(0xA1, caList) }, AnswerResponder},
		"another key":     {func(s *responseSpec) { s.responder = tlv(0xA2, tlv(0x04, make([]byte, 20))) }, AnswerResponder},
		"try later":       {func(s *responseSpec) { s.status = 3 }, AnswerRefused},
		"unauthorized":    {func(s *responseSpec) { s.status = 6 }, AnswerRefused},
		"good, as a test": {nil, ""},
	} {
		w := newWorld(t)
		w.respond(t, 2, c.change)
		_, err := w.verify(t, 2, byOCSP)
		want(t, name, err, c.code)
	}
}

// TestBentResponders bends one thing of the responder's certificate at a time.
func TestBentResponders(t *testing.T) {
	req.Covers(t, "SPEC-RELYING-PARTY-032")
	w := newWorld(t)
	impostor := *w.generation[2]
	impostor.PublicKey = testkeys.Holder(2).Public()
	for name, c := range map[string]struct {
		change func(*x509.Certificate)
		code   Code
	}{
		"not for OCSP":       {func(c *x509.Certificate) { c.ExtKeyUsage = []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth} }, AnswerResponder},
		"any purpose":        {func(c *x509.Certificate) { c.ExtKeyUsage = []x509.ExtKeyUsage{x509.ExtKeyUsageAny} }, AnswerResponder},
		"key usage":          {func(c *x509.Certificate) { c.KeyUsage = x509.KeyUsageKeyEncipherment }, AnswerResponder},
		"no nocheck":         {func(c *x509.Certificate) { c.ExtraExtensions = nil }, AnswerResponder},
		"expired":            {func(c *x509.Certificate) { c.NotAfter = at.Add(-time.Second) }, AnswerResponder},
		"not yet valid":      {func(c *x509.Certificate) { c.NotBefore = at.Add(time.Second) }, AnswerResponder},
		"critical extension": {extend(pkix.Extension{Id: asn1.ObjectIdentifier{2, 999, 2}, Critical: true, Value: []byte{5, 0}}), AnswerResponder},
		"other generation":   {extend(akiExtension(w.generation[1].SubjectKeyId, nil, 0)), AnswerResponder},
		"no authority key":   {extend(akiExtension(nil, caList, 0x01000002)), AnswerResponder},
		"good, as a test":    {nil, ""},
	} {
		der := w.delegate(t, 2, c.change)
		w.respond(t, 2, func(s *responseSpec) { s.certificate = der })
		_, err := w.verify(t, 2, byOCSP)
		want(t, name, err, c.code)
	}
	template := parse(t, w.delegate(t, 2, nil))
	template.ExtraExtensions = []pkix.Extension{{Id: oidOCSPNoCheck, Value: []byte{5, 0}}}
	for name, der := range map[string][]byte{
		"by another's key":    create(t, template, &impostor, responderKey(1).Public(), testkeys.Holder(2)),
		"by generation 1":     w.delegate(t, 1, nil),
		"a holder's, with it": w.leaf(t, 2, func(c *x509.Certificate) { c.RawSubject = template.RawSubject }),
	} {
		w.respond(t, 2, func(s *responseSpec) {
			s.certificate = der
			if name == "a holder's, with it" {
				s.key = testkeys.Holder(1)
			}
		})
		_, err := w.verify(t, 2, byOCSP)
		want(t, name, err, AnswerResponder)
	}
}

// TestAnswerOfAnotherHash has an authority whose key signs with SHA-384, too.
func TestAnswerOfAnotherHash(t *testing.T) {
	req.Covers(t, "SPEC-RELYING-PARTY-031")
	w := newWorld(t)
	_, w.anchors = otherHash(t)
	w.generation[2] = w.anchors.list[0]
	signer := plain(testkeys.Holder(3))
	leaf := create(t, leafTemplate(), w.generation[2], testkeys.Holder(1).Public(), signer)
	id, err := certIDOf(parse(t, leaf), w.generation[2])
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		hash      crypto.Hash
		algorithm int
		code      Code
	}{{crypto.SHA256, 11, ""}, {crypto.SHA384, 12, AnswerForged}} {
		w.published[ocspURL] = func(body []byte) ([]byte, error) {
			s := &responseSpec{responder: tlv(0xA1, caList), produced: at, id: id, good: statusGood, this: at, next: at, nonce: nonceOf(body), key: signer,
				algorithm: asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 1, c.algorithm}, hash: c.hash}
			return s.encode(t), nil
		}
		_, err := w.party(t, byOCSP).Verify(t.Context(), leaf)
		want(t, c.hash.String(), err, c.code)
	}
}

func TestAnswersWithoutNonce(t *testing.T) {
	req.Covers(t, "SPEC-RELYING-PARTY-034", "SPEC-RELYING-PARTY-035")
	w := newWorld(t)
	cached := Policy{Methods: []Method{OCSP}, Cached: true}
	w.respond(t, 2, nil)
	_, err := w.verify(t, 2, cached)
	want(t, "a cached answer", err, "")
	for age, code := range map[time.Duration]Code{time.Minute: "", 59 * time.Second: AnswerStale} {
		policy := cached
		policy.MaxAnswerAge = age
		_, err := w.verify(t, 2, policy)
		want(t, age.String(), err, code)
		w.respond(t, 2, func(s *responseSpec) { s.next = time.Time{} })
		_, err = w.verify(t, 2, policy)
		want(t, age.String()+" without next update", err, code)
	}
	cached.Skew = time.Minute
	w.respond(t, 2, func(s *responseSpec) { s.this, s.produced = at.Add(time.Minute), at.Add(time.Minute) })
	_, err = w.verify(t, 2, cached)
	want(t, "clocks a minute apart", err, "")
	leaf := w.leaf(t, 2, func(c *x509.Certificate) { c.OCSPServer = nil })
	_, err = w.party(t, cached).Verify(t.Context(), leaf)
	want(t, "no responder named", err, AnswerUnlocated)
}

// FuzzAnswer reads arbitrary bytes as a response, and FuzzList as a list: no
// panic, and nothing is good that was not signed.
func FuzzAnswer(f *testing.F) {
	w := newWorld(f)
	w.respond(f, 2, func(s *responseSpec) { s.noNonce = true })
	good, _ := w.published[ocspURL](nil)
	f.Add(good)
	f.Add([]byte{0x30, 3, 0x0A, 1, 6})
	target := parse(f, w.leaf(f, 2, nil))
	id, err := certIDOf(target, w.generation[2])
	if err != nil {
		f.Fatal(err)
	}
	c := &checker{at: at}
	f.Fuzz(func(t *testing.T, der []byte) {
		if _, err := c.answer(der, id, nil, target, w.generation[2]); err != nil {
			return
		}
		response, err := ocsp.ParseResponse(der, nil)
		if err != nil || !bytes.Contains(good, response.TBSResponseData) {
			t.Fatal("what nobody signed is a good answer")
		}
	})
}

func FuzzList(f *testing.F) {
	w := newWorld(f)
	good := w.list(f, 2, nil)
	f.Add(good)
	f.Add([]byte{0x30, 0})
	target := parse(f, w.leaf(f, 2, nil))
	points, err := distributionPoints(target)
	if err != nil {
		f.Fatal(err)
	}
	c := &checker{at: at}
	f.Fuzz(func(t *testing.T, der []byte) {
		if _, err := c.list(der, points[0], target, w.generation[2]); err != nil {
			return
		}
		list, err := x509.ParseRevocationList(der)
		if err != nil || !bytes.Contains(good, list.RawTBSRevocationList) {
			t.Fatal("what nobody signed is a good list")
		}
	})
}

// FuzzCertificate reads arbitrary bytes as a holder's certificate.
func FuzzCertificate(f *testing.F) {
	w := newWorld(f)
	good := w.leaf(f, 2, nil)
	f.Add(good)
	f.Fuzz(func(t *testing.T, der []byte) {
		if v, err := w.anchors.check(der, at, kinds); err == nil && !bytes.Contains(good, v.Certificate.RawTBSCertificate) {
			t.Fatal("what nobody signed is a good certificate")
		}
		if c, err := x509.ParseCertificate(der); err == nil {
			_, _ = distributionPoints(c)
			_, _ = authorityKey(c)
		}
	})
}
