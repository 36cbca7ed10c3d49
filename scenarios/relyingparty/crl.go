package relyingparty

import (
	"bytes"
	"context"
	"crypto/x509"
	"time"
)

// Limits of what is fetched, in bytes: a list of 100,000 entries has 4 MB.
const (
	maxListLen   = 16 << 20
	maxAnswerLen = 64 << 10
)

// Evidence is what a status rests on, for the relying party's records.
type Evidence struct {
	Method     Method
	ThisUpdate time.Time
	NextUpdate time.Time
	Raw        []byte // the list, or the OCSP response
}

// listed checks a certificate against the list of its distribution point.
// The error is CertificateRevoked or CertificateSuspended for one that is in it.
func (c *checker) listed(ctx context.Context, target, issuer *x509.Certificate) (*Evidence, error) {
	points, err := distributionPoints(target)
	if err != nil {
		return nil, failed(CertificateMalformed, err, "CRL distribution points")
	}
	var last error = fail(ListUnlocated, "no distribution point that can be fetched")
	for _, p := range points {
		if p.indirect || p.partial { // RFC 5280 §6.3.3: not the whole truth, or another issuer's
			continue
		}
		for _, place := range locate(p, issuer.SubjectKeyId) {
			der, err := c.fetch(ctx, place, "", nil, maxListLen)
			if err != nil {
				last = failed(FetchFailed, err, "revocation list")
				continue
			}
			evidence, err := c.list(der, p, target, issuer)
			if err == nil || revoked(err) {
				return evidence, err
			}
			last = err
		}
	}
	return nil, last
}

// list verifies a list and looks the certificate up. A list counts only when it
// is signed by the very key that signed the certificate: another generation's
// list may have another scope. Spec: SPEC-RELYING-PARTY-021,
// SPEC-RELYING-PARTY-022, SPEC-RELYING-PARTY-023, SPEC-RELYING-PARTY-024,
// SPEC-RELYING-PARTY-025.
func (c *checker) list(der []byte, p point, target, issuer *x509.Certificate) (*Evidence, error) {
	list, err := x509.ParseRevocationList(der)
	if err != nil {
		return nil, failed(ListMalformed, err, "revocation list")
	}
	if len(list.Raw) != len(der) {
		return nil, fail(ListMalformed, "%d bytes after the list", len(der)-len(list.Raw))
	}
	if !bytes.Equal(list.RawIssuer, issuer.RawSubject) || !bytes.Equal(list.AuthorityKeyId, issuer.SubjectKeyId) {
		return nil, fail(ListIssuer, "the list is of key %X, the certificate of key %X", list.AuthorityKeyId, issuer.SubjectKeyId)
	}
	if list.SignatureAlgorithm != x509.SHA256WithRSA {
		return nil, fail(ListForged, "signature algorithm %s", list.SignatureAlgorithm)
	}
	if err := list.CheckSignatureFrom(issuer); err != nil {
		return nil, failed(ListForged, err, "the issuer's key does not verify the list")
	}
	if err := c.inScope(list, p, target); err != nil {
		return nil, err
	}
	if err := c.freshList(list); err != nil {
		return nil, err
	}
	evidence := &Evidence{Method: CRL, ThisUpdate: list.ThisUpdate, NextUpdate: list.NextUpdate, Raw: der}
	return evidence, entryOf(list, target)
}

// inScope says whether a list tells everything about a certificate: it is
// complete, its distribution point is one of the certificate's, and it has no
// critical extension that is not understood. Spec: SPEC-RELYING-PARTY-023.
func (c *checker) inScope(list *x509.RevocationList, p point, target *x509.Certificate) error {
	for _, extension := range list.Extensions {
		if extension.Critical && !extension.Id.Equal(oidIssuingDistributionPoint) {
			return fail(ListScope, "the list is a delta, or has an unknown critical extension: %s", extension.Id)
		}
	}
	s, err := issuingPoint(list.Extensions)
	if err != nil {
		return failed(ListMalformed, err, "issuing distribution point")
	}
	if s == nil {
		return nil // a list without one is of all the issuer's certificates
	}
	switch {
	case s.indirect || s.partial || s.attributes:
		return fail(ListScope, "the list is indirect, of some reasons, or of attribute certificates")
	case s.users && target.IsCA || s.authorities && !target.IsCA:
		return fail(ListScope, "the list is of other certificates: authorities' or not")
	case len(s.names)+len(s.uris) != 0 && !p.shares(s.point):
		return fail(ListScope, "the list is of another distribution point")
	}
	return nil
}

// shares reports whether two points have a name in common.
func (p *point) shares(other point) bool {
	for _, name := range p.names {
		for _, theirs := range other.names {
			if bytes.Equal(name, theirs) {
				return true
			}
		}
	}
	for _, uri := range p.uris {
		for _, theirs := range other.uris {
			if uri == theirs {
				return true
			}
		}
	}
	return false
}

func (c *checker) freshList(list *x509.RevocationList) error {
	switch {
	case list.ThisUpdate.After(c.at.Add(c.policy.Skew)):
		return fail(ListEarly, "this update is at %s", text(list.ThisUpdate))
	case list.NextUpdate.IsZero():
		return fail(ListMalformed, "no next update")
	case c.at.After(list.NextUpdate.Add(c.policy.Skew)):
		return fail(ListStale, "next update was due at %s", text(list.NextUpdate))
	case c.policy.MaxListAge > 0 && c.at.Sub(list.ThisUpdate) > c.policy.MaxListAge:
		return fail(ListStale, "this update was at %s, %s are accepted", text(list.ThisUpdate), c.policy.MaxListAge)
	}
	return nil
}

// Reasons of RFC 5280 §5.3.1 that mean something here.
const (
	reasonHold   = 6
	reasonRemove = 8
)

// entryOf looks a certificate up. Every entry is read: one with a critical
// extension that is not understood spoils the list (RFC 5280 §5.3).
// Spec: SPEC-RELYING-PARTY-025.
func entryOf(list *x509.RevocationList, target *x509.Certificate) error {
	var found *x509.RevocationListEntry
	for i := range list.RevokedCertificateEntries {
		entry := &list.RevokedCertificateEntries[i]
		for _, extension := range entry.Extensions {
			if extension.Critical && !extension.Id.Equal(oidCRLReason) {
				return fail(ListScope, "an entry has the unknown critical extension %s", extension.Id)
			}
		}
		if found == nil && entry.SerialNumber.Cmp(target.SerialNumber) == 0 {
			found = entry
		}
	}
	if found == nil {
		return nil
	}
	return ended(found.ReasonCode, found.RevocationTime)
}

// ended makes the error of a certificate that is revoked or suspended.
func ended(reason int, since time.Time) error {
	switch reason {
	case reasonHold:
		return fail(CertificateSuspended, "since %s", text(since))
	case reasonRemove:
		return fail(ListMalformed, "reason removeFromCRL in a complete list")
	}
	return fail(CertificateRevoked, "since %s, reason %d", text(since), reason)
}
