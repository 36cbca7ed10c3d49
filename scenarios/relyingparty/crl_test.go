package relyingparty

import (
	"bytes"
	"crypto"
	"crypto/sha256"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"errors"
	"math/big"
	"slices"
	"strings"
	"testing"
	"time"

	"inkan/ca/keys/testkeys"
	"inkan/spec/req"
)

// byList is the policy that reads lists alone.
var byList = Policy{Methods: []Method{CRL}}

// verify checks the holder's certificate of a generation.
func (w *world) verify(t testing.TB, g int, policy Policy) (*Session, error) {
	t.Helper()
	return w.party(t, policy).Verify(t.Context(), w.leaf(t, g, nil))
}

func TestGoodList(t *testing.T) {
	req.Covers(t, "SPEC-RELYING-PARTY-020", "SPEC-RELYING-PARTY-021", "SPEC-RELYING-PARTY-024")
	w := newWorld(t)
	for g := 1; g <= 2; g++ {
		w.publishList(t, g, nil)
		w.asked = nil
		session, err := w.verify(t, g, byList)
		if err != nil || len(session.Evidence) != 1 || session.Evidence[0].Method != CRL || session.Unchecked {
			t.Fatalf("%+v, %v", session, err)
		}
		if !slices.Equal(w.asked, []string{listURL(w.generation[g])}) {
			t.Errorf("asked %q", w.asked)
		}
	}
	w.publishList(t, 2, func(s *listSpec) { s.template.ExtraExtensions = nil })
	_, err := w.verify(t, 2, byList)
	want(t, "a list without distribution point is of all", err, "")
	w.publishList(t, 2, func(s *listSpec) { s.template.ThisUpdate, s.template.NextUpdate = at, at.Add(time.Second) })
	_, err = w.verify(t, 2, byList)
	want(t, "a list of this second", err, "")
}

// TestBentLists bends one thing of a list at a time.
func TestBentLists(t *testing.T) {
	req.Covers(t, "SPEC-RELYING-PARTY-021", "SPEC-RELYING-PARTY-022", "SPEC-RELYING-PARTY-023", "SPEC-RELYING-PARTY-024", "SPEC-RELYING-PARTY-025")
	scoped := func(e pkix.Extension) func(*listSpec) {
		return func(s *listSpec) { s.template.ExtraExtensions = []pkix.Extension{e} }
	}
	more := func(e pkix.Extension) func(*listSpec) {
		return func(s *listSpec) { s.template.ExtraExtensions = append(s.template.ExtraExtensions, e) }
	}
	entry := func(e pkix.Extension) func(*listSpec) {
		return func(s *listSpec) { s.template.RevokedCertificateEntries[0].ExtraExtensions = []pkix.Extension{e} }
	}
	yes := []byte{0xFF}
	unknown := pkix.Extension{Id: asn1.ObjectIdentifier{2, 999, 3}, Critical: true, Value: []byte{5, 0}}
	for name, c := range map[string]struct {
		change func(*listSpec)
		code   Code
	}{
		"revoked":            {revoke(1), CertificateRevoked},
		"superseded":         {revoke(4), CertificateRevoked},
		"no reason":          {revoke(0), CertificateRevoked},
		"suspended":          {revoke(6), CertificateSuspended},
		"removed":            {revoke(8), ListMalformed},
		"stale":              {func(s *listSpec) { s.template.NextUpdate = at.Add(-time.Second) }, ListStale},
		"early":              {func(s *listSpec) { s.template.ThisUpdate = at.Add(time.Second) }, ListEarly},
		"another place":      {scoped(idp(mitaka)), ListScope},
		"authorities only":   {scoped(idp(kiyose, tlv(0x82, yes))), ListScope},
		"users only":         {scoped(idp(kiyose, tlv(0x81, yes))), ""},
		"some reasons":       {scoped(idp(kiyose, tlv(0x83, []byte{6, 0x40}))), ListScope},
		"indirect":           {scoped(idp(kiyose, tlv(0x84, yes))), ListScope},
		"attributes":         {scoped(idp(kiyose, tlv(0x85, yes))), ListScope},
		"FALSE written":      {scoped(idp(kiyose, tlv(0x81, []byte{0}))), ListMalformed},
		"parts out of order": {scoped(idp(kiyose, tlv(0x82, yes), tlv(0x81, yes))), ListMalformed},
		"unknown part":       {scoped(idp(kiyose, tlv(0x87, yes))), ListMalformed},
		"delta":              {more(pkix.Extension{Id: asn1.ObjectIdentifier{2, 5, 29, 27}, Critical: true, Value: []byte{2, 1, 1}}), ListScope},
		"unknown extension":  {more(unknown), ListScope},
		"unknown in entry":   {entry(unknown), ListScope},
	} {
		w := newWorld(t)
		w.publishList(t, 2, c.change)
		session, err := w.verify(t, 2, byList)
		if err != nil && session != nil {
			t.Errorf("%s: a session with an error", name)
		}
		want(t, name, err, c.code)
	}
}

func TestForeignLists(t *testing.T) {
	req.Covers(t, "SPEC-RELYING-PARTY-021", "SPEC-RELYING-PARTY-022")
	w := newWorld(t)
	good := w.list(t, 2, nil)
	spoilt := bytes.Clone(good)
	spoilt[len(spoilt)-1] ^= 1
	impostor := *w.generation[2]
	impostor.PublicKey = testkeys.Holder(2).Public()
	forged := w.list(t, 2, func(s *listSpec) { s.issuer, s.key = &impostor, testkeys.Holder(2) })
	named := *w.generation[2]
	named.RawSubject = mitaka
	other := w.list(t, 2, func(s *listSpec) { s.issuer = &named })
	for name, c := range map[string]struct {
		der  []byte
		code Code
	}{
		"the other generation's": {w.list(t, 1, nil), ListIssuer},
		"another name":           {other, ListIssuer},
		"signature":              {spoilt, ListForged},
		"another's key":          {forged, ListForged},
		"no next update":         {withoutNextUpdate(t, good), ListMalformed},
		"no DER":                 {good[1:], ListMalformed},
		"one byte more":          {append(bytes.Clone(good), 0), ListMalformed},
		"good, for control":      {good, ""},
	} {
		w.published[listURL(w.generation[2])] = func([]byte) ([]byte, error) { return c.der, nil }
		_, err := w.verify(t, 2, byList)
		want(t, name, err, c.code)
	}
	w.published = nil
	_, err := w.verify(t, 2, byList)
	want(t, "nothing there", err, FetchFailed)
	want(t, "nothing there", err, StatusUnavailable)
}

// withoutNextUpdate cuts a list's next update out and signs it again.
func withoutNextUpdate(t testing.TB, der []byte) []byte {
	t.Helper()
	list, err := x509.ParseRevocationList(der)
	if err != nil {
		t.Fatal(err)
	}
	_, after, found := bytes.Cut(list.RawTBSRevocationList, tlv(0x17, []byte(list.NextUpdate.Format("060102150405Z"))))
	if !found {
		t.Fatal("the next update is not there")
	}
	algorithm, err := asn1.Marshal(pkix.AlgorithmIdentifier{Algorithm: oidSHA256WithRSA, Parameters: asn1.NullRawValue})
	if err != nil {
		t.Fatal(err)
	}
	tbs := tlv(0x30, []byte{2, 1, 1}, algorithm, list.RawIssuer, tlv(0x17, []byte(list.ThisUpdate.Format("060102150405Z"))), after)
	digest := sha256.Sum256(tbs)
	signature, err := caKey(2).Sign(nil, digest[:], crypto.SHA256)
	if err != nil {
		t.Fatal(err)
	}
	return tlv(0x30, tbs, algorithm, tlv(0x03, []byte{0}, signature))
}

// TestListOfAnotherHash has an authority whose key signs with SHA-384, too.
func TestListOfAnotherHash(t *testing.T) {
	req.Covers(t, "SPEC-RELYING-PARTY-022")
	w := newWorld(t)
	_, w.anchors = otherHash(t)
	w.generation[2] = w.anchors.list[0]
	signer := plain(testkeys.Holder(3))
	leaf := create(t, leafTemplate(), w.generation[2], testkeys.Holder(1).Public(), signer)
	for algorithm, code := range map[x509.SignatureAlgorithm]Code{x509.SHA256WithRSA: "", x509.SHA384WithRSA: ListForged} {
		w.publishList(t, 2, func(s *listSpec) { s.key, s.template.SignatureAlgorithm = signer, algorithm })
		_, err := w.party(t, byList).Verify(t.Context(), leaf)
		want(t, algorithm.String(), err, code)
	}
}

// TestIssuerNotForLists has an authority that may not sign lists.
func TestIssuerNotForLists(t *testing.T) {
	req.Covers(t, "SPEC-RELYING-PARTY-022")
	w := newWorld(t)
	der := w.authority(t, 2, func(c *x509.Certificate) { c.KeyUsage = x509.KeyUsageCertSign })
	w.publishList(t, 2, nil)
	var err error
	if w.anchors, err = NewAnchors(der); err != nil {
		t.Fatal(err)
	}
	_, err = w.verify(t, 2, byList)
	want(t, "no cRLSign", err, ListForged)
}

func TestListAge(t *testing.T) {
	req.Covers(t, "SPEC-RELYING-PARTY-024")
	w := newWorld(t)
	w.publishList(t, 2, nil) // an hour old
	for age, code := range map[time.Duration]Code{time.Hour: "", time.Hour - time.Second: ListStale} {
		_, err := w.verify(t, 2, Policy{Methods: []Method{CRL}, MaxListAge: age})
		want(t, age.String(), err, code)
	}
	w.publishList(t, 2, func(s *listSpec) { s.template.ThisUpdate = at.Add(time.Minute) })
	_, err := w.verify(t, 2, Policy{Methods: []Method{CRL}, Skew: time.Minute})
	want(t, "clocks a minute apart", err, "")
	w.publishList(t, 2, func(s *listSpec) { s.template.NextUpdate = at.Add(-time.Minute) })
	_, err = w.verify(t, 2, Policy{Methods: []Method{CRL}, Skew: time.Minute})
	want(t, "clocks a minute apart", err, "")
}

// TestDistributionPoints has certificates that name their list otherwise.
func TestDistributionPoints(t *testing.T) {
	req.Covers(t, "SPEC-RELYING-PARTY-020", "SPEC-RELYING-PARTY-023")
	w := newWorld(t)
	w.publishList(t, 2, nil)
	uri := []byte("http://lists.example/kiyose.crl")
	der := w.list(t, 2, func(s *listSpec) {
		s.template.ExtraExtensions = []pkix.Extension{{Id: oidIssuingDistributionPoint, Critical: true, Value: tlv(0x30, tlv(0xA0, tlv(0xA0, tlv(0x86, uri))))}}
	})
	w.published[string(uri)] = func([]byte) ([]byte, error) { return der, nil }
	point := func(parts ...[]byte) pkix.Extension {
		return pkix.Extension{Id: oidCRLDistributionPoints, Value: tlv(0x30, tlv(0x30, parts...))}
	}
	named := func(name []byte) []byte { return tlv(0xA0, tlv(0xA0, tlv(0xA4, name))) }
	for what, c := range map[string]struct {
		extension pkix.Extension
		code      Code
	}{
		"URI":          {point(tlv(0xA0, tlv(0xA0, tlv(0x86, uri)))), ""},
		"none":         {pkix.Extension{Id: asn1.ObjectIdentifier{2, 999, 5}, Value: []byte{5, 0}}, ListUnlocated},
		"no name":      {point(), ListUnlocated},
		"indirect":     {point(named(kiyose), tlv(0xA2, tlv(0xA4, caList))), ListUnlocated},
		"some reasons": {point(named(kiyose), tlv(0x81, []byte{6, 0x40})), ListUnlocated},
		"another form": {point(named(dn(6, "JP", 3, "CRL"))), ListUnlocated},
		"another arc":  {point(named(dn(6, "JP", 11, "Somebody", 11, "CRL Distribution Points", 11, "Tokyo-to", 3, "Kiyose-shi CRLDP"))), ListUnlocated},
		"other's":      {point(named(mitaka)), FetchFailed},
		"unknown part": {point(named(kiyose), tlv(0x87, []byte{0})), CertificateMalformed},
		"not DER":      {pkix.Extension{Id: oidCRLDistributionPoints, Value: tlv(0x30, tlv(0x30, tlv(0xA0, tlv(0xA0, tlv(0x84)))), []byte{0x30, 0x01})}, CertificateMalformed},
	} {
		leaf := w.leaf(t, 2, func(template *x509.Certificate) { template.ExtraExtensions = []pkix.Extension{c.extension} })
		_, err := w.party(t, byList).Verify(t.Context(), leaf)
		want(t, what, err, c.code)
	}
}

func TestPathsOfNames(t *testing.T) {
	req.Covers(t, "SPEC-RELYING-PARTY-020")
	sign := func(units ...any) []byte {
		name := []any{6, "JP", 10, "INKAN-TEST"}
		return dn(append(name, units...)...)
	}
	for path, name := range map[string][]byte{
		"auth/Tokyo-to/Kiyose-shi.crl": kiyose,
		"auth.crl":                     caList,
		"sign.crl":                     sign(11, "INKAN-TEST for digital signature", 11, "INKAN TEST ONLY"),
		"sign/Kanagawa-ken/Yokohama-shi-Naka-ku.crl": sign(11, "INKAN-TEST for digital signature", 11, "CRL Distribution Points", 11, "Kanagawa-ken", 3, "Yokohama-shi-Naka-ku CRLDP"),
		"auth/..%2Fx/%3Fy.crl":                       sign(11, "INKAN-TEST for user authentication", 11, "CRL Distribution Points", 11, "../x", 3, "?y CRLDP"),
	} {
		if got, ok := crlPath(name); !ok || got != path {
			t.Errorf("%q, %v, want %q", got, ok, path)
		}
	}
	for _, name := range [][]byte{
		nil, {0x30, 0}, dn(6, "JP"), sign(11, "INKAN-TEST for user authentication"),
		sign(11, "INKAN-TEST for user authentication", 11, "x", 11, "Tokyo-to", 3, "Kiyose-shi CRLDP"),
		sign(11, "INKAN-TEST for user authentication", 11, "CRL Distribution Points", 11, "Tokyo-to", 3, "Kiyose-shi"),
		append(bytes.Clone(kiyose), 0),
	} {
		if got, ok := crlPath(name); ok {
			t.Errorf("%X is at %q", name, got)
		}
	}
}

func TestListOfAuthorities(t *testing.T) {
	req.Covers(t, "SPEC-RELYING-PARTY-044")
	w := newWorld(t)
	w.publishList(t, 2, nil)
	policy := Policy{Methods: []Method{CRL}, Authorities: true}
	_, err := w.verify(t, 2, policy)
	if want(t, "no list of authorities", err, StatusUnavailable); outermost(err) != StatusUnavailable {
		t.Error(err)
	}
	url := strings.Replace(listURL(w.generation[2]), "/auth/Tokyo-to/Kiyose-shi.crl", "/auth.crl", 1)
	publish := func(serials ...int64) {
		der := w.list(t, 2, func(s *listSpec) {
			s.template.ExtraExtensions = []pkix.Extension{idp(caList, tlv(0x82, []byte{0xFF}))}
			s.template.RevokedCertificateEntries = nil
			for _, n := range serials {
				s.template.RevokedCertificateEntries = append(s.template.RevokedCertificateEntries,
					x509.RevocationListEntry{SerialNumber: big.NewInt(n), RevocationTime: at.Add(-time.Hour), ReasonCode: 2})
			}
		})
		w.published[url] = func([]byte) ([]byte, error) { return der, nil }
	}
	publish(0x01000001)
	session, err := w.verify(t, 2, policy)
	if err != nil || len(session.Evidence) != 2 {
		t.Fatal(session, err)
	}
	publish(0x01000002)
	_, err = w.verify(t, 2, policy)
	want(t, "the authority is revoked", err, AuthorityRevoked)
	if errors.Is(err, &Error{Code: StatusUnavailable}) {
		t.Error(err)
	}
	_, err = w.verify(t, 2, byList)
	want(t, "without looking", err, "")
}
