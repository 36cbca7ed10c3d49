package relyingparty

import (
	"crypto"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"math/big"
	"testing"
	"time"

	"golang.org/x/crypto/cryptobyte"
	casn1 "golang.org/x/crypto/cryptobyte/asn1"
)

// listSpec is a list to be made by crypto/x509.
type listSpec struct {
	template *x509.RevocationList
	issuer   *x509.Certificate
	key      crypto.Signer
}

// idp is issuingDistributionPoint of a directory name and other parts.
func idp(name []byte, parts ...[]byte) pkix.Extension {
	body := [][]byte{}
	if name != nil {
		body = append(body, tlv(0xA0, tlv(0xA0, tlv(0xA4, name))))
	}
	return pkix.Extension{Id: oidIssuingDistributionPoint, Critical: true, Value: tlv(0x30, append(body, parts...)...)}
}

// list makes the list of Kiyose-shi by a generation, after a change.
func (w *world) list(t testing.TB, g int, change func(*listSpec)) []byte {
	t.Helper()
	s := &listSpec{&x509.RevocationList{
		Number: big.NewInt(7), ThisUpdate: at.Add(-time.Hour), NextUpdate: at.Add(23 * time.Hour), SignatureAlgorithm: x509.SHA256WithRSA,
		ExtraExtensions:           []pkix.Extension{idp(kiyose)},
		RevokedCertificateEntries: []x509.RevocationListEntry{{SerialNumber: big.NewInt(1), RevocationTime: at.Add(-2 * time.Hour), ReasonCode: 1}},
	}, w.generation[g], caKey(g)}
	if change != nil {
		change(s)
	}
	der, err := x509.CreateRevocationList(nil, s.template, s.issuer, s.key)
	if err != nil {
		t.Fatal(err)
	}
	return der
}

// publishList puts a list where the generation's has to be.
func (w *world) publishList(t testing.TB, g int, change func(*listSpec)) {
	der := w.list(t, g, change)
	w.published[listURL(w.generation[g])] = func([]byte) ([]byte, error) { return der, nil }
}

// revoke adds the holder to a list.
func revoke(reason int) func(*listSpec) {
	return func(s *listSpec) {
		s.template.RevokedCertificateEntries = append(s.template.RevokedCertificateEntries,
			x509.RevocationListEntry{SerialNumber: big.NewInt(holderSerial), RevocationTime: at.Add(-time.Hour), ReasonCode: reason})
	}
}

// responseSpec is an OCSP response to be written: every part that a test bends.
type responseSpec struct {
	status             byte // of the whole response
	responder          []byte
	produced           time.Time
	id                 certID
	more               []certID // further single responses
	good               []byte   // CertStatus
	this               time.Time
	next               time.Time // zero: none
	nonce              []byte
	noNonce            bool
	key                crypto.Signer
	certificate        []byte
	spoil              bool // the signature
	algorithm          asn1.ObjectIdentifier
	hash               crypto.Hash // 0: SHA-256
	responseExtensions []byte
}

var (
	statusGood    = []byte{0x80, 0}
	statusUnknown = []byte{0x82, 0}
)

func statusRevoked(reason byte) []byte {
	return tlv(0xA1, generalized(at.Add(-time.Hour)), tlv(0xA0, []byte{0x0A, 1, reason}))
}

func generalized(t time.Time) []byte { return tlv(0x18, []byte(t.UTC().Format("20060102150405Z"))) }

var oidSHA256WithRSA = asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 1, 11}

// delegate makes a responder's certificate by a generation.
func (w *world) delegate(t testing.TB, g int, change func(*x509.Certificate)) []byte {
	t.Helper()
	template := &x509.Certificate{
		SerialNumber: big.NewInt(0x01000100), RawSubject: dn(6, "JP", 10, "INKAN-TEST", 3, "OCSP Responder"), NotBefore: at.AddDate(0, -1, 0), NotAfter: at.AddDate(0, 1, 0),
		KeyUsage: x509.KeyUsageDigitalSignature, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageOCSPSigning}, SignatureAlgorithm: x509.SHA256WithRSA,
		ExtraExtensions: []pkix.Extension{{Id: oidOCSPNoCheck, Value: []byte{5, 0}}},
	}
	if change != nil {
		change(template)
	}
	return create(t, template, w.generation[g], responderKey(1).Public(), caKey(g))
}

// respond answers OCSP questions for the holder's certificate by a generation.
func (w *world) respond(t testing.TB, g int, change func(*responseSpec)) {
	holder := parse(t, w.leaf(t, g, nil))
	id, err := certIDOf(holder, w.generation[g])
	if err != nil {
		t.Fatal(err)
	}
	delegated := w.delegate(t, g, nil)
	w.published[ocspURL] = func(body []byte) ([]byte, error) {
		s := &responseSpec{
			responder: tlv(0xA1, dn(6, "JP", 10, "INKAN-TEST", 3, "OCSP Responder")), produced: at.Add(-time.Minute), id: id, good: statusGood,
			this: at.Add(-time.Minute), next: at.Add(time.Hour), nonce: nonceOf(body), key: responderKey(1), certificate: delegated, algorithm: oidSHA256WithRSA,
		}
		if change != nil {
			change(s)
		}
		return s.encode(t), nil
	}
}

// nonceOf finds the nonce in a request, by its object identifier.
func nonceOf(body []byte) []byte {
	s := cryptobyte.String(body)
	var request, tbs, list, extensions, extension, value, nonce cryptobyte.String
	var oid asn1.ObjectIdentifier
	var present bool
	if !s.ReadASN1(&request, casn1.SEQUENCE) || !request.ReadASN1(&tbs, casn1.SEQUENCE) || !tbs.ReadASN1(&list, casn1.SEQUENCE) ||
		!tbs.ReadOptionalASN1(&extensions, &present, tagged(2).Constructed()) || !present || !extensions.ReadASN1(&extensions, casn1.SEQUENCE) ||
		!extensions.ReadASN1(&extension, casn1.SEQUENCE) || !extension.ReadASN1ObjectIdentifier(&oid) || !oid.Equal(oidOCSPNonce) ||
		!extension.ReadASN1(&value, casn1.OCTET_STRING) || !value.ReadASN1(&nonce, casn1.OCTET_STRING) {
		return nil
	}
	return nonce
}

func (id certID) der() []byte {
	var b cryptobyte.Builder
	b.AddASN1(casn1.SEQUENCE, id.add)
	return b.BytesOrPanic()
}

func (s *responseSpec) encode(t testing.TB) []byte {
	if s.status != 0 {
		return tlv(0x30, []byte{0x0A, 1, s.status})
	}
	next := []byte{}
	if !s.next.IsZero() {
		next = tlv(0xA0, generalized(s.next))
	}
	singles := tlv(0x30, s.id.der(), s.good, generalized(s.this), next)
	for _, id := range s.more {
		singles = append(singles, tlv(0x30, id.der(), s.good, generalized(s.this), next)...)
	}
	extensions := s.responseExtensions
	if s.nonce != nil && !s.noNonce {
		oid, _ := asn1.Marshal(oidOCSPNonce)
		extensions = append(extensions, tlv(0x30, oid, tlv(0x04, tlv(0x04, s.nonce)))...)
	}
	if extensions != nil {
		extensions = tlv(0xA1, tlv(0x30, extensions))
	}
	tbs := tlv(0x30, s.responder, generalized(s.produced), tlv(0x30, singles), extensions)
	if s.hash == 0 {
		s.hash = crypto.SHA256
	}
	h := s.hash.New()
	h.Write(tbs)
	signature, err := s.key.Sign(nil, h.Sum(nil), s.hash)
	if err != nil {
		t.Fatal(err)
	}
	if s.spoil {
		signature[100] ^= 1
	}
	algorithm, _ := asn1.Marshal(pkix.AlgorithmIdentifier{Algorithm: s.algorithm, Parameters: asn1.NullRawValue})
	certificates := []byte{}
	if s.certificate != nil {
		certificates = tlv(0xA0, tlv(0x30, s.certificate))
	}
	basic := tlv(0x30, tbs, algorithm, tlv(0x03, append([]byte{0}, signature...)), certificates)
	kind, _ := asn1.Marshal(asn1.ObjectIdentifier{1, 3, 6, 1, 5, 5, 7, 48, 1, 1})
	return tlv(0x30, []byte{0x0A, 1, 0}, tlv(0xA0, tlv(0x30, kind, tlv(0x04, basic))))
}
