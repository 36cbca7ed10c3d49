package relyingparty

import (
	"context"
	"crypto/x509"
	"errors"
	"fmt"
	"time"
)

// Method is a way to know whether a certificate is revoked.
type Method uint8

// The methods.
const (
	OCSP Method = iota + 1
	CRL
)

// String is "OCSP" or "CRL".
func (m Method) String() string {
	switch m {
	case OCSP:
		return "OCSP"
	case CRL:
		return "CRL"
	}
	return fmt.Sprintf("method %d", uint8(m))
}

// Policy says how revocation is checked. The zero value asks by OCSP with a
// nonce, takes the list when that gives no good answer, and refuses when neither
// does.
type Policy struct {
	// Methods are tried in order until one gives a good answer; none is OCSP,
	// then CRL.
	Methods []Method
	// All demands a good answer by every method. A certificate that names no
	// OCSP responder, as a signature certificate, then passes CRL alone only
	// when Methods is CRL alone.
	All bool
	// Cached accepts OCSP answers without nonce, which are pre-produced.
	Cached bool
	// MaxListAge and MaxAnswerAge limit the time since this update; 0 is no
	// limit but next update.
	MaxListAge, MaxAnswerAge time.Duration
	// Skew is how far the clocks may differ.
	Skew time.Duration
	// Authorities has the authority's own certificate checked against the list of
	// authorities.
	Authorities bool
	// AcceptUnchecked lets a certificate pass when nothing came from anywhere.
	// Verified.Unchecked says so. What came and was no good is still refused.
	AcceptUnchecked bool
}

// checker is one verification. Its time goes on with what is fetched: a list or
// answer is judged by the time at which it came.
type checker struct {
	policy  Policy
	fetcher Fetcher
	random  func([]byte)
	now     func() time.Time
	at      time.Time
}

// fetch brings something, and sets the time to when it came.
// Spec: SPEC-RELYING-PARTY-045.
func (c *checker) fetch(ctx context.Context, url, contentType string, body []byte, limit int64) ([]byte, error) {
	got, err := c.fetcher.Fetch(ctx, url, contentType, body, limit)
	if now := c.now(); now.After(c.at) {
		c.at = now
	}
	return got, err
}

// revoked reports whether an error is the answer that a certificate is not good,
// as against no answer.
func revoked(err error) bool {
	e := (*Error)(nil)
	if !errors.As(err, &e) {
		return false
	}
	return e.Code == CertificateRevoked || e.Code == CertificateSuspended || e.Code == CertificateUnknown
}

// status checks a holder's certificate by the policy. unchecked is set when
// nothing was to be had and the policy lets it pass.
// Spec: SPEC-RELYING-PARTY-040, SPEC-RELYING-PARTY-041,
// SPEC-RELYING-PARTY-042, SPEC-RELYING-PARTY-043.
func (c *checker) status(ctx context.Context, target, issuer *x509.Certificate) (evidence []*Evidence, unchecked bool, err error) {
	methods := c.policy.Methods
	if len(methods) == 0 {
		methods = []Method{OCSP, CRL}
	}
	var causes []error
	for _, method := range methods {
		one, err := c.by(ctx, method, target, issuer)
		if revoked(err) {
			return append(evidence, one), false, err
		}
		if err != nil {
			causes = append(causes, err)
			continue
		}
		evidence = append(evidence, one)
		if !c.policy.All {
			return evidence, false, nil
		}
	}
	if len(causes) == 0 {
		return evidence, false, nil
	}
	if c.policy.AcceptUnchecked && onlyFetching(causes) {
		return evidence, len(evidence) == 0, nil
	}
	return evidence, false, failed(StatusUnavailable, errors.Join(causes...), "no good answer")
}

// onlyFetching reports whether nothing came, as against something wrong.
func onlyFetching(causes []error) bool {
	for _, cause := range causes {
		if !errors.Is(cause, &Error{Code: FetchFailed}) {
			return false
		}
	}
	return true
}

func (c *checker) by(ctx context.Context, method Method, target, issuer *x509.Certificate) (*Evidence, error) {
	switch method {
	case OCSP:
		return c.asked(ctx, target, issuer)
	case CRL:
		return c.listed(ctx, target, issuer)
	}
	return nil, fail(StatusUnavailable, "%s", method)
}

// authority checks an authority's own certificate against its list.
// Spec: SPEC-RELYING-PARTY-044.
func (c *checker) authority(ctx context.Context, issuer *x509.Certificate) (*Evidence, error) {
	evidence, err := c.listed(ctx, issuer, issuer)
	switch {
	case revoked(err):
		return evidence, failed(AuthorityRevoked, err, "the authority's certificate")
	case err != nil && c.policy.AcceptUnchecked && onlyFetching([]error{err}):
		return nil, nil
	case err != nil:
		return nil, failed(StatusUnavailable, err, "the list of authorities")
	}
	return evidence, nil
}
