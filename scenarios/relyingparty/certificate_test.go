package relyingparty

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"math/big"
	"strings"
	"testing"
	"time"

	"inkan/ca/keys/testkeys"
	"inkan/core/jpki/certificate"
	"inkan/spec/req"
)

// akiExtension is an authority key identifier with all three parts.
func akiExtension(keyID, issuer []byte, serial int64) pkix.Extension {
	var parts [][]byte
	if keyID != nil {
		parts = append(parts, tlv(0x80, keyID))
	}
	if issuer != nil {
		parts = append(parts, tlv(0xA1, tlv(0xA4, issuer)), tlv(0x82, big.NewInt(serial).Bytes()))
	}
	return pkix.Extension{Id: oidAuthorityKeyIdentifier, Value: tlv(0x30, parts...)}
}

func extend(e pkix.Extension) func(*x509.Certificate) {
	return func(c *x509.Certificate) { c.ExtraExtensions = append(c.ExtraExtensions, e) }
}

// kinds are those that the tests accept.
var kinds = []certificate.Kind{certificate.PhoneAuthentication, certificate.CardAuthentication}

func TestGoodCertificates(t *testing.T) {
	req.Covers(t, "SPEC-RELYING-PARTY-011", "SPEC-RELYING-PARTY-013", "SPEC-RELYING-PARTY-014", "SPEC-RELYING-PARTY-015", "SPEC-RELYING-PARTY-050")
	w := newWorld(t)
	for g := 1; g <= 2; g++ {
		der := w.leaf(t, g, func(c *x509.Certificate) {
			extend(akiExtension(w.generation[g].SubjectKeyId, caList, int64(0x01000000+g)))(c)
		})
		v, err := w.anchors.check(der, at, kinds)
		if err != nil {
			t.Fatal(err)
		}
		if v.Kind != certificate.PhoneAuthentication || !v.Issuer.Equal(w.generation[g]) || !v.Key.Equal(testkeys.Holder(1).Public()) {
			t.Errorf("generation %d: kind %s, issuer %X", g, v.Kind, v.Issuer.SubjectKeyId)
		}
		if v.Account != (AccountKey{string(caList), "\x07\x05\xD9\x90"}) {
			t.Errorf("account %q", v.Account)
		}
	}
	card := w.leaf(t, 2, func(c *x509.Certificate) { c.Policies = []x509.OID{policyOID(certificate.CardAuthentication)} })
	if v, err := w.anchors.check(card, at, kinds); err != nil || v.Kind != certificate.CardAuthentication {
		t.Error(err)
	}
	signature := w.leaf(t, 2, func(c *x509.Certificate) {
		c.Policies, c.ExtKeyUsage = []x509.OID{policyOID(certificate.CardSignature)}, nil
		c.KeyUsage |= x509.KeyUsageContentCommitment
	})
	if v, err := w.anchors.check(signature, at, []certificate.Kind{certificate.CardSignature}); err != nil || v.Kind != certificate.CardSignature {
		t.Error(err)
	}
	_, err := w.anchors.check(signature, at, kinds)
	want(t, "a signature certificate at a login", err, PolicyWrong)
	_, err = w.anchors.check(card, at, []certificate.Kind{certificate.PhoneAuthentication})
	want(t, "a card's certificate where phones are asked for", err, PolicyWrong)
	for _, edge := range []time.Time{at.AddDate(0, -1, 0), at.AddDate(3, 0, 0)} {
		_, err := w.anchors.check(w.leaf(t, 2, nil), edge, kinds)
		want(t, "the end of validity", err, "")
	}
}

// TestBentCertificates bends one thing at a time: only the check under test can
// refuse the certificate.
func TestBentCertificates(t *testing.T) {
	req.Covers(t, "SPEC-RELYING-PARTY-011", "SPEC-RELYING-PARTY-013", "SPEC-RELYING-PARTY-014",
		"SPEC-RELYING-PARTY-015", "SPEC-RELYING-PARTY-017")
	w := newWorld(t)
	own := w.generation[2].SubjectKeyId
	for name, c := range map[string]struct {
		change func(*x509.Certificate)
		code   Code
	}{
		"unknown key":          {extend(akiExtension(bytes.Repeat([]byte{7}, 20), nil, 0)), IssuerUnknown},
		"no key named":         {extend(akiExtension(nil, caList, 0x01000002)), IssuerUnknown},
		"serial of issuer":     {extend(akiExtension(own, caList, 0x01000001)), IssuerUnknown},
		"issuer of issuer":     {extend(akiExtension(own, kiyose, 0x01000002)), IssuerUnknown},
		"key of generation 1":  {extend(akiExtension(w.generation[1].SubjectKeyId, nil, 0)), CertificateForged},
		"bad key identifier":   {extend(pkix.Extension{Id: oidAuthorityKeyIdentifier, Value: []byte{0x30, 2, 0x83, 0}}), CertificateMalformed},
		"not yet valid":        {func(c *x509.Certificate) { c.NotBefore = at.Add(time.Second) }, CertificateNotYetValid},
		"expired":              {func(c *x509.Certificate) { c.NotAfter = at.Add(-time.Second) }, CertificateExpired},
		"authority":            {func(c *x509.Certificate) { c.IsCA, c.BasicConstraintsValid = true, true }, PurposeWrong},
		"no key usage":         {func(c *x509.Certificate) { c.KeyUsage = 0 }, PurposeWrong},
		"nonRepudiation":       {func(c *x509.Certificate) { c.KeyUsage |= x509.KeyUsageContentCommitment }, PurposeWrong},
		"keyEncipherment":      {func(c *x509.Certificate) { c.KeyUsage |= x509.KeyUsageKeyEncipherment }, PurposeWrong},
		"no extended usage":    {func(c *x509.Certificate) { c.ExtKeyUsage = nil }, PurposeWrong},
		"serverAuth":           {func(c *x509.Certificate) { c.ExtKeyUsage[0] = x509.ExtKeyUsageServerAuth }, PurposeWrong},
		"any extended usage":   {func(c *x509.Certificate) { c.ExtKeyUsage[0] = x509.ExtKeyUsageAny }, PurposeWrong},
		"two extended usages":  {func(c *x509.Certificate) { c.ExtKeyUsage = append(c.ExtKeyUsage, x509.ExtKeyUsageServerAuth) }, PurposeWrong},
		"unknown extended":     {func(c *x509.Certificate) { c.UnknownExtKeyUsage = []asn1.ObjectIdentifier{{2, 999, 1}} }, PurposeWrong},
		"no policy":            {func(c *x509.Certificate) { c.Policies = nil }, PolicyWrong},
		"phone signature":      {func(c *x509.Certificate) { c.Policies[0] = policyOID(certificate.PhoneSignature) }, PolicyWrong},
		"two policies":         {func(c *x509.Certificate) { c.Policies = append(c.Policies, policyOID(certificate.CardAuthentication)) }, PolicyWrong},
		"critical extension":   {extend(pkix.Extension{Id: asn1.ObjectIdentifier{2, 999, 2}, Critical: true, Value: []byte{5, 0}}), ExtensionUnknown},
		"uncritical extension": {extend(pkix.Extension{Id: asn1.ObjectIdentifier{2, 999, 2}, Value: []byte{5, 0}}), ""},
	} {
		_, err := w.anchors.check(w.leaf(t, 2, c.change), at, kinds)
		want(t, name, err, c.code)
	}
}

func TestForgedCertificates(t *testing.T) {
	req.Covers(t, "SPEC-RELYING-PARTY-011", "SPEC-RELYING-PARTY-012", "SPEC-RELYING-PARTY-016")
	w := newWorld(t)
	good := w.leaf(t, 2, nil)
	spoilt := bytes.Clone(good)
	spoilt[len(spoilt)-1] ^= 1
	public := testkeys.Holder(1).Public()
	zero := w.leaf(t, 2, func(c *x509.Certificate) { c.SerialNumber = big.NewInt(1) })
	zero[bytes.Index(zero, []byte{2, 1, 1})+2] = 0
	impostor := *w.generation[2]
	impostor.PublicKey = testkeys.Holder(2).Public()
	stranger := *w.generation[2]
	stranger.RawSubject = mitaka
	small, err := rsa.GenerateKey(rand.Reader, 1024)
	if err != nil {
		t.Fatal(err)
	}
	curve, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	three := *testkeys.Holder(1).Public().(*rsa.PublicKey)
	three.E = 3
	noKey := *w.generation[2]
	noKey.SubjectKeyId = nil
	for name, c := range map[string]struct {
		der  []byte
		code Code
	}{
		"serial number 0":   {zero, CertificateMalformed},
		"signature":         {spoilt, CertificateForged},
		"another's key":     {create(t, leafTemplate(), &impostor, public, testkeys.Holder(2)), CertificateForged},
		"another issuer":    {create(t, leafTemplate(), &stranger, public, caKey(2)), IssuerUnknown},
		"no authority key":  {create(t, leafTemplate(), &noKey, public, caKey(2)), CertificateMalformed},
		"small key":         {create(t, leafTemplate(), w.generation[2], &small.PublicKey, caKey(2)), KeyNotAccepted},
		"elliptic curve":    {create(t, leafTemplate(), w.generation[2], &curve.PublicKey, caKey(2)), KeyNotAccepted},
		"exponent":          {create(t, leafTemplate(), w.generation[2], &three, caKey(2)), KeyNotAccepted},
		"cut":               {good[:len(good)-1], CertificateMalformed},
		"one byte more":     {append(bytes.Clone(good), 0), CertificateMalformed},
		"nothing":           {nil, CertificateMalformed},
		"the authority's":   {w.generation[2].Raw, CertificateMalformed}, // names no authority key
		"good, for control": {good, ""},
	} {
		_, err := w.anchors.check(c.der, at, kinds)
		want(t, name, err, c.code)
	}
	der, anchors := otherHash(t)
	_, err = anchors.check(der, at, kinds)
	want(t, "SHA-384", err, CertificateForged)
}

func TestAuthorityOutOfTime(t *testing.T) {
	req.Covers(t, "SPEC-RELYING-PARTY-013")
	w := newWorld(t)
	long := func(c *x509.Certificate) { c.NotBefore, c.NotAfter = at.AddDate(-9, 0, 0), at.AddDate(20, 0, 0) }
	for _, c := range []struct {
		at   time.Time
		code Code
	}{
		{w.generation[2].NotAfter, ""}, {w.generation[2].NotAfter.Add(time.Second), AuthorityNotValid},
		{w.generation[2].NotBefore, ""}, {w.generation[2].NotBefore.Add(-time.Second), AuthorityNotValid},
	} {
		_, err := w.anchors.check(w.leaf(t, 2, long), c.at, kinds)
		want(t, c.at.String(), err, c.code)
	}
}

func TestAnchors(t *testing.T) {
	req.Covers(t, "SPEC-RELYING-PARTY-010")
	w := newWorld(t)
	good := w.generation[1].Raw
	bad := func(change func(*x509.Certificate)) []byte { return w.authority(t, 1, change) }
	spoilt := bytes.Clone(good)
	spoilt[len(spoilt)-1] ^= 1
	for name, c := range map[string]struct {
		list [][]byte
		want string
	}{
		"none":            {nil, "no trusted certificate"},
		"not DER":         {[][]byte{{1, 2, 3}}, "trusted certificate 1"},
		"twice":           {[][]byte{good, good}, "trusted certificate 2: another has the same key identifier"},
		"a holder's":      {[][]byte{w.leaf(t, 1, nil)}, "not self-signed"},
		"forged":          {[][]byte{spoilt}, "verification error"},
		"no authority":    {[][]byte{bad(func(c *x509.Certificate) { c.IsCA = false })}, "parent certificate cannot sign"},
		"key usage":       {[][]byte{bad(func(c *x509.Certificate) { c.KeyUsage = x509.KeyUsageCRLSign })}, "parent certificate cannot sign"},
		"critical":        {[][]byte{bad(extend(pkix.Extension{Id: asn1.ObjectIdentifier{2, 999, 2}, Critical: true, Value: []byte{5, 0}}))}, "unknown critical extension"},
		"no key id":       {[][]byte{w.withoutKeyID(t)}, "has no key identifier"},
		"good, as a test": {[][]byte{good, w.generation[2].Raw}, ""},
	} {
		_, err := NewAnchors(c.list...)
		if (err == nil) != (c.want == "") || err != nil && !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v, want %q", name, err, c.want)
		}
	}
}
