package idcards

import (
	"crypto/rsa"
	"crypto/x509"

	"inkan/core/jpki"
	"inkan/core/tsmp"
)

// Request asks the authority for both certificates of a card, by requests in PKCS #10
// that the card's keys have signed.
func Request(card tsmp.CardID, about string, keys map[jpki.Role]*rsa.PrivateKey) (*tsmp.IssueCardCertificatesRequest, error) {
	q := &tsmp.IssueCardCertificatesRequest{Card: card, Case: about}
	for role, request := range map[jpki.Role]*[]byte{jpki.Auth: &q.AuthenticationRequest, jpki.Sign: &q.SignatureRequest} {
		var err error
		if *request, err = RequestOf(keys[role]); err != nil {
			return nil, err
		}
	}
	return q, nil
}

// RequestOf is a certificate request in PKCS #10 that a key has signed.
func RequestOf(key *rsa.PrivateKey) ([]byte, error) {
	return x509.CreateCertificateRequest(nil, &x509.CertificateRequest{SignatureAlgorithm: x509.SHA256WithRSA}, key)
}

// Answered is what the authority has given, by role.
func Answered(a *tsmp.IssueCardCertificatesAnswer) map[jpki.Role]Certified {
	return map[jpki.Role]Certified{
		jpki.Auth: {Certificate: a.Authentication.Certificate, CA: a.Authentication.CACertificate},
		jpki.Sign: {Certificate: a.Signature.Certificate, CA: a.Signature.CACertificate},
	}
}
