package application

import (
	"crypto"
	"crypto/x509"
	"encoding/asn1"
	"errors"
	"time"

	"inkan/core/cms"
)

// Times.
const (
	MaxAge   = 10 * time.Minute // from the application's time on
	MaxAhead = 2 * time.Minute  // of the phone's clock before the receiver's
)

// Errors of signed applications.
var (
	ErrContentType = errors.New("application: signed data of another content type")
	ErrAttributes  = errors.New("application: signed attributes are not contentType, messageDigest, signingTime and signingCertificateV2")
	ErrSigningTime = errors.New("application: signed before its time, or more than ten minutes after")
	ErrStale       = errors.New("application: older than ten minutes, or of the future")
)

// Sign is the signed message: CMS SignedData with the signer's certificate. at is
// the signing time. Spec: SPEC-APPLICATION-010.
func (a *Application) Sign(certificate *x509.Certificate, signer crypto.Signer, at time.Time) ([]byte, error) {
	content, err := a.Append(nil)
	if err != nil {
		return nil, err
	}
	if !a.signedInTime(at) {
		return nil, ErrSigningTime
	}
	return cms.Sign(&cms.Message{ContentType: OIDContent, Content: content, Certificate: certificate, Signer: signer, Time: at})
}

func (a *Application) signedInTime(at time.Time) bool {
	return !at.Before(a.Time) && !at.After(a.Time.Add(MaxAge))
}

// Signed is a signed application whose signature verifies under the certificate
// that it came with.
type Signed struct {
	Application
	Certificate *x509.Certificate // nobody has looked at its issuer, validity or status
	SigningTime time.Time
	Content     []byte // DER of the application
}

// Open reads and verifies a signed application. Malformed bytes are a
// *wire.DecodeError; other errors are those of this package and of cms.Verify.
// Spec: SPEC-APPLICATION-016, SPEC-APPLICATION-017, SPEC-APPLICATION-018.
func Open(der []byte) (*Signed, error) {
	data, err := cms.Parse(der)
	if err != nil {
		return nil, err
	}
	if !data.ContentType.Equal(OIDContent) {
		return nil, ErrContentType
	}
	wanted := []asn1.ObjectIdentifier{cms.OIDContentType, cms.OIDMessageDigest, cms.OIDSigningTime, cms.OIDSigningCertificateV2}
	for _, id := range wanted {
		if len(data.Signer.Attributes) != len(wanted) || !data.Signer.Has(id) {
			return nil, ErrAttributes
		}
	}
	certificate, err := data.Verify()
	if err != nil {
		return nil, err
	}
	a, err := Parse(data.Content)
	if err != nil {
		return nil, err
	}
	if !a.signedInTime(data.Signer.SigningTime) {
		return nil, ErrSigningTime
	}
	return &Signed{*a, certificate, data.Signer.SigningTime, data.Content}, nil
}

// Fresh reports ErrStale for an application that is too old at a time, or of the
// future. Spec: SPEC-APPLICATION-019.
func (a *Application) Fresh(now time.Time) error {
	if a.Time.After(now.Add(MaxAhead)) || now.After(a.Time.Add(MaxAge)) {
		return ErrStale
	}
	return nil
}
