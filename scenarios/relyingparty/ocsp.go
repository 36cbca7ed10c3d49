package relyingparty

import (
	"bytes"
	"context"
	"crypto/subtle"
	"crypto/x509"
	"errors"
	"slices"
	"strings"

	"golang.org/x/crypto/ocsp"
)

// nonceLen is that of an OCSP nonce, in bytes (RFC 9654 §2.1).
const nonceLen = 32

// asked asks the responder that the certificate names. The error is
// CertificateRevoked, CertificateSuspended or CertificateUnknown by its answer.
// Spec: SPEC-RELYING-PARTY-030.
func (c *checker) asked(ctx context.Context, target, issuer *x509.Certificate) (*Evidence, error) {
	id, err := certIDOf(target, issuer)
	if err != nil {
		return nil, failed(CertificateMalformed, err, "OCSP request")
	}
	var nonce []byte
	if !c.policy.Cached {
		nonce = make([]byte, nonceLen)
		c.random(nonce)
	}
	request, err := id.request(nonce)
	if err != nil {
		return nil, failed(CertificateMalformed, err, "OCSP request")
	}
	var last error = fail(AnswerUnlocated, "no responder is named")
	for _, place := range target.OCSPServer {
		der, err := c.fetch(ctx, place, "application/ocsp-request", request, maxAnswerLen)
		if err != nil {
			last = failed(FetchFailed, err, "OCSP")
			continue
		}
		evidence, err := c.answer(der, id, nonce, target, issuer)
		if err == nil || revoked(err) {
			return evidence, err
		}
		last = err
	}
	return nil, last
}

// answer verifies a response and says what it says.
// Spec: SPEC-RELYING-PARTY-031, SPEC-RELYING-PARTY-032,
// SPEC-RELYING-PARTY-033, SPEC-RELYING-PARTY-034, SPEC-RELYING-PARTY-035,
// SPEC-RELYING-PARTY-036.
func (c *checker) answer(der []byte, id certID, nonce []byte, target, issuer *x509.Certificate) (*Evidence, error) {
	response, err := ocsp.ParseResponse(der, nil)
	if refused := (ocsp.ResponseError{}); errors.As(err, &refused) {
		return nil, failed(AnswerRefused, err, "the responder")
	}
	if err != nil {
		return nil, unread(err)
	}
	said, err := readAnswered(response.TBSResponseData)
	if err != nil {
		return nil, failed(AnswerMalformed, err, "OCSP response data")
	}
	if err := c.responder(response, issuer); err != nil {
		return nil, err
	}
	if len(said.ids) != 1 || !id.equal(said.ids[0]) {
		return nil, fail(AnswerMismatch, "the response is about %d certificates, and not about this one alone", len(said.ids))
	}
	if nonce != nil && subtle.ConstantTimeCompare(nonce, said.nonce) != 1 {
		return nil, fail(AnswerNonce, "the response has another nonce, or none")
	}
	if err := c.freshAnswer(response); err != nil {
		return nil, err
	}
	evidence := &Evidence{Method: OCSP, ThisUpdate: response.ThisUpdate, NextUpdate: response.NextUpdate, Raw: der}
	switch response.Status {
	case ocsp.Good:
		return evidence, nil
	case ocsp.Revoked:
		return evidence, ended(response.RevocationReason, response.RevokedAt)
	}
	return evidence, fail(CertificateUnknown, "the responder does not know %s", keyOf(target))
}

// unread tells apart why golang.org/x/crypto does not give a response out: it
// verifies the signature where a certificate comes with it, and it takes
// responses about one certificate only.
func unread(err error) error {
	reason := ocsp.ParseError("")
	errors.As(err, &reason)
	switch {
	case strings.HasPrefix(string(reason), "bad signature"):
		return failed(AnswerForged, err, "OCSP response")
	case strings.Contains(string(reason), "number of responses"):
		return failed(AnswerMismatch, err, "OCSP response")
	}
	return failed(AnswerMalformed, err, "OCSP response")
}

func (id certID) equal(other certID) bool {
	return id.algorithm.Equal(other.algorithm) && bytes.Equal(id.name, other.name) && bytes.Equal(id.key, other.key) &&
		bytes.Equal(id.serial, other.serial)
}

// responder verifies that the response is signed by the issuer of the
// certificate, or by a responder to which that very key delegated it.
// Spec: SPEC-RELYING-PARTY-031, SPEC-RELYING-PARTY-032.
func (c *checker) responder(response *ocsp.Response, issuer *x509.Certificate) error {
	if response.SignatureAlgorithm != x509.SHA256WithRSA {
		return fail(AnswerForged, "signature algorithm %s", response.SignatureAlgorithm)
	}
	signer := response.Certificate
	if signer == nil || sameKey(signer, issuer) {
		signer = issuer
	} else if err := c.delegated(signer, issuer); err != nil {
		return err
	}
	if err := response.CheckSignatureFrom(signer); err != nil {
		return failed(AnswerForged, err, "the responder's key does not verify the response")
	}
	if !bytes.Equal(response.RawResponderName, signer.RawSubject) && !c.keyHashIs(response.ResponderKeyHash, signer) {
		return fail(AnswerResponder, "the response names another responder than signed it")
	}
	return nil
}

func (c *checker) keyHashIs(want []byte, signer *x509.Certificate) bool {
	id, err := certIDOf(signer, signer)
	return err == nil && len(want) != 0 && bytes.Equal(want, id.key)
}

// delegated verifies a responder's certificate (RFC 6960 §4.2.2.2): signed by the
// issuer's key, valid, for signing OCSP responses, and not to be checked for
// revocation itself. Spec: SPEC-RELYING-PARTY-032.
func (c *checker) delegated(signer, issuer *x509.Certificate) error {
	key, err := authorityKey(signer)
	switch {
	case err != nil:
		return failed(AnswerResponder, err, "the responder's authority key identifier")
	case !bytes.Equal(signer.RawIssuer, issuer.RawSubject) || !bytes.Equal(key.id, issuer.SubjectKeyId):
		return fail(AnswerResponder, "the responder's certificate is of another authority or generation")
	case len(signer.UnhandledCriticalExtensions) != 0:
		return fail(AnswerResponder, "the responder's certificate has an unknown critical extension")
	case !slices.Contains(signer.ExtKeyUsage, x509.ExtKeyUsageOCSPSigning):
		return fail(AnswerResponder, "the responder's certificate is not for OCSP signing")
	case signer.KeyUsage&x509.KeyUsageDigitalSignature == 0:
		return fail(AnswerResponder, "the responder's key usage lacks digitalSignature")
	case !hasExtension(signer, oidOCSPNoCheck):
		return fail(AnswerResponder, "the responder's certificate lacks id-pkix-ocsp-nocheck, and its revocation cannot be checked")
	case !validAt(signer, c.at):
		return fail(AnswerResponder, "the responder's certificate is valid from %s to %s", text(signer.NotBefore), text(signer.NotAfter))
	}
	if err := signedBy(signer, issuer); err != nil {
		return failed(AnswerResponder, err, "the issuer's key does not verify the responder's certificate")
	}
	return nil
}

func (c *checker) freshAnswer(response *ocsp.Response) error {
	switch {
	case response.ThisUpdate.After(c.at.Add(c.policy.Skew)) || response.ProducedAt.After(c.at.Add(c.policy.Skew)):
		return fail(AnswerEarly, "this update is at %s, produced at %s", text(response.ThisUpdate), text(response.ProducedAt))
	case response.NextUpdate.IsZero() && c.policy.MaxAnswerAge == 0:
		return fail(AnswerStale, "no next update, and no age is agreed on")
	case !response.NextUpdate.IsZero() && c.at.After(response.NextUpdate.Add(c.policy.Skew)):
		return fail(AnswerStale, "next update was due at %s", text(response.NextUpdate))
	case c.policy.MaxAnswerAge > 0 && c.at.Sub(response.ThisUpdate) > c.policy.MaxAnswerAge:
		return fail(AnswerStale, "this update was at %s, %s are accepted", text(response.ThisUpdate), c.policy.MaxAnswerAge)
	}
	return nil
}
