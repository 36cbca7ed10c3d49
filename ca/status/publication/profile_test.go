package publication_test

import (
	"bytes"
	"crypto"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	foreign "golang.org/x/crypto/ocsp"

	"inkan/ca/certificate/certificatetest"
	"inkan/ca/keys"
	"inkan/ca/keys/testkeys"
	"inkan/ca/status"
	"inkan/ca/status/crl"
	"inkan/ca/status/double"
	"inkan/ca/status/ocsp"
	"inkan/core/jpki/certificate"
	"inkan/spec/peer"
	"inkan/spec/req"
)

// service is an authority's second generation with certificates of the profile:
// its own, a responder's, a holder's.
type service struct {
	issuer    *status.Issuer
	holder    *x509.Certificate
	registry  *double.Registry
	responder *ocsp.Responder
	lists     *crl.Memory
}

func newService(t *testing.T, kind certificate.Kind) *service {
	parse := func(der []byte, err error) *x509.Certificate {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		c, err := x509.ParseCertificate(der)
		if err != nil {
			t.Fatal(err)
		}
		return c
	}
	ca := kind.Authority()
	issuer := certificatetest.Issuer(t, ca, 2)
	role := map[certificate.Authority]keys.Role{auth: keys.AuthenticationOCSP, sign: keys.SignatureOCSP}[ca]
	s := &service{lists: new(crl.Memory)}
	s.holder = parse(issuer.Sign(nil, certificatetest.Request(t, kind, issuer, 1)))
	s.issuer = &status.Issuer{Authority: ca, Generation: 2, Certificate: issuer.Certificate, Signer: issuer.Signer,
		Responder: &status.Responder{Certificate: parse(issuer.Sign(nil, certificatetest.Request(t, certificate.OCSPResponder, issuer, 2))), Signer: testkeys.Signer(role, 1)}}
	now := func() time.Time { return certificatetest.Issued.Add(time.Hour) }
	s.registry = double.New(now)
	s.registry.Put(ca, double.Row{Partition: kiyose, CertificateStatus: certificate.CertificateStatus{
		Serial: s.holder.SerialNumber.Uint64(), State: certificate.Active, Since: certificatetest.Issued, Generation: 2, NotAfter: s.holder.NotAfter}})
	var err error
	if s.responder, err = ocsp.New(ocsp.Config{Registry: s.registry, Issuers: []*status.Issuer{s.issuer}, Now: now}); err != nil {
		t.Fatal(err)
	}
	return s
}

// publish makes the lists and returns them, municipality's and CA list.
func (s *service) publish(t *testing.T) (lists [][]byte) {
	t.Helper()
	p := crl.Publisher{Registry: s.registry, Issuers: []*status.Issuer{s.issuer}, Store: s.lists}
	if _, err := p.Publish(t.Context()); err != nil {
		t.Fatal(err)
	}
	for _, partition := range []string{kiyose, certificate.CAList} {
		file, err := s.lists.Open(crl.Path(s.issuer.KeyID(), certificate.CRLPath(s.issuer.Authority, partition)))
		if err != nil {
			t.Fatal(err)
		}
		der := make([]byte, file.Size())
		if _, err := file.ReadAt(der, 0); err != nil {
			t.Fatal(err)
		}
		lists = append(lists, der)
	}
	return lists
}

// answer is the response about the holder's certificate.
func (s *service) answer(t *testing.T) []byte {
	t.Helper()
	request, err := ocsp.AppendRequest(nil, s.issuer.Certificate, crypto.SHA1, nil, s.holder.SerialNumber.Uint64())
	if err != nil {
		t.Fatal(err)
	}
	der, info := s.responder.Respond(t.Context(), nil, request)
	if info.Err != nil {
		t.Fatal(info.Err)
	}
	return der
}

// extension is the value of the extension 2.5.29.n.
func extension(t *testing.T, of []pkix.Extension, n int) []byte {
	t.Helper()
	for _, e := range of {
		if e.Id.Equal(asn1.ObjectIdentifier{2, 5, 29, n}) {
			return e.Value
		}
	}
	t.Fatalf("there is no extension 2.5.29.%d", n)
	return nil
}

var holders = []certificate.Kind{certificate.CardSignature, certificate.CardAuthentication, certificate.PhoneAuthentication}

// TestProfile: lists and responses fit the certificates that the service issues:
// the list's distribution point is in them byte for byte, the key identifiers are
// the same, and the responder is delegated.
func TestProfile(t *testing.T) {
	req.Covers(t, "SPEC-STATUS-002", "SPEC-STATUS-012", "SPEC-STATUS-014", "SPEC-STATUS-039")
	for _, kind := range holders {
		s := newService(t, kind)
		for i, der := range s.publish(t) {
			c := []*x509.Certificate{s.holder, s.issuer.Certificate}[i]
			list, err := x509.ParseRevocationList(der)
			if err != nil {
				t.Fatal(err)
			}
			if err := list.CheckSignatureFrom(s.issuer.Certificate); err != nil || !bytes.Equal(list.AuthorityKeyId, s.holder.AuthorityKeyId) {
				t.Errorf("%s: list %d: %v, key %X", kind, i, err, list.AuthorityKeyId)
			}
			name, err := certificate.PartitionName(s.issuer.Authority, []string{kiyose, certificate.CAList}[i])
			if err != nil {
				t.Fatal(err)
			}
			if n := name.AppendDER(nil); !bytes.Contains(extension(t, c.Extensions, 31), n) || !bytes.Contains(extension(t, list.Extensions, 28), n) {
				t.Errorf("%s: list %d: the distribution point is not the certificate's", kind, i)
			}
		}
		got, err := foreign.ParseResponseForCert(s.answer(t), s.holder, s.issuer.Certificate)
		if err != nil || got.Status != foreign.Good {
			t.Errorf("%s: %v", kind, err)
		}
	}
}

// TestProfileOpenSSL: openssl judges the service's own certificates by list and by
// OCSP, before and after they are put on hold.
func TestProfileOpenSSL(t *testing.T) {
	req.Covers(t, "SPEC-STATUS-014", "SPEC-STATUS-015", "SPEC-STATUS-037", "SPEC-STATUS-039")
	at := strconv.FormatInt(certificatetest.Issued.Add(90*time.Minute).Unix(), 10)
	for _, kind := range holders {
		s := newService(t, kind)
		ca, holder := pemFile(t, "CERTIFICATE", s.issuer.Certificate.Raw), pemFile(t, "CERTIFICATE", s.holder.Raw)
		judge := func(byList, byAnswer string) {
			t.Helper()
			lists, answer := pemFile(t, "X509 CRL", s.publish(t)...), filepath.Join(t.TempDir(), "response.der")
			out, stderr, _ := peer.Try(t, nil, "openssl", "verify", "-attime", at, "-CAfile", ca, "-CRLfile", lists, "-crl_check_all", holder)
			if !strings.Contains(string(out)+string(stderr), byList) {
				t.Errorf("%s: openssl verify: %s%s, want %s", kind, out, stderr, byList)
			}
			if err := os.WriteFile(answer, s.answer(t), 0o600); err != nil {
				t.Fatal(err)
			}
			out, stderr, code := peer.Try(t, nil, "openssl", "ocsp", "-attime", at, "-validity_period", "1000000000", "-CAfile", ca, "-issuer", ca, "-no_nonce", "-cert", holder, "-respin", answer)
			if code != 0 || !strings.Contains(string(stderr), "Response verify OK") || !strings.Contains(string(out), holder+": "+byAnswer) {
				t.Errorf("%s: openssl ocsp: %d, %s%s, want %s", kind, code, out, stderr, byAnswer)
			}
		}
		judge(": OK", "good")
		s.registry.Change(kind.Authority(), s.holder.SerialNumber.Uint64(), certificate.Suspended, certificate.CertificateHold)
		judge("certificate revoked", "revoked")
	}
}
