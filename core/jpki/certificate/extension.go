package certificate

import (
	"encoding/asn1"
	"fmt"
)

// Extension is an extension that occurs in the service's certificates.
type Extension uint8

// The extensions.
const (
	KeyUsage Extension = iota + 1
	SubjectAltName
	ExtKeyUsage
	BasicConstraints
	OCSPNoCheck
	CertificatePolicies
	IssuerAltName
	CRLDistributionPoints
	AuthorityInfoAccess
	AuthorityKeyIdentifier
	SubjectKeyIdentifier
)

var extensionNames = [...]string{
	KeyUsage: "keyUsage", SubjectAltName: "subjectAltName", ExtKeyUsage: "extKeyUsage", BasicConstraints: "basicConstraints",
	OCSPNoCheck: "id-pkix-ocsp-nocheck", CertificatePolicies: "certificatePolicies", IssuerAltName: "issuerAltName",
	CRLDistributionPoints: "cRLDistributionPoints", AuthorityInfoAccess: "authorityInfoAccess",
	AuthorityKeyIdentifier: "authorityKeyIdentifier", SubjectKeyIdentifier: "subjectKeyIdentifier",
}

// String is the name of RFC 5280.
func (e Extension) String() string {
	if int(e) < len(extensionNames) && extensionNames[e] != "" {
		return extensionNames[e]
	}
	return fmt.Sprintf("Extension(%d)", uint8(e))
}

var extensionOIDs = [...]asn1.ObjectIdentifier{
	KeyUsage: {2, 5, 29, 15}, SubjectAltName: {2, 5, 29, 17}, ExtKeyUsage: {2, 5, 29, 37}, BasicConstraints: {2, 5, 29, 19},
	OCSPNoCheck: {1, 3, 6, 1, 5, 5, 7, 48, 1, 5}, CertificatePolicies: {2, 5, 29, 32}, IssuerAltName: {2, 5, 29, 18},
	CRLDistributionPoints: {2, 5, 29, 31}, AuthorityInfoAccess: {1, 3, 6, 1, 5, 5, 7, 1, 1},
	AuthorityKeyIdentifier: {2, 5, 29, 35}, SubjectKeyIdentifier: {2, 5, 29, 14},
}

// OID is the extension's object identifier. It must not be changed.
func (e Extension) OID() asn1.ObjectIdentifier { return extensionOIDs[e] }

// ExtensionOf is the inverse of OID; 0 for one that does not occur here.
func ExtensionOf(oid asn1.ObjectIdentifier) Extension {
	for e := KeyUsage; e <= SubjectKeyIdentifier; e++ {
		if extensionOIDs[e].Equal(oid) {
			return e
		}
	}
	return 0
}

// Critical reports whether the extension is critical wherever it occurs here.
// Spec: SPEC-CERT-PROFILE-025.
func (e Extension) Critical() bool {
	return e == KeyUsage || e == BasicConstraints || e == CertificatePolicies
}

var (
	signatureExtensions      = []Extension{KeyUsage, SubjectAltName, CertificatePolicies, IssuerAltName, CRLDistributionPoints, AuthorityKeyIdentifier, SubjectKeyIdentifier}
	authenticationExtensions = []Extension{KeyUsage, ExtKeyUsage, CertificatePolicies, IssuerAltName, CRLDistributionPoints, AuthorityInfoAccess, AuthorityKeyIdentifier, SubjectKeyIdentifier}
	authorityExtensions      = []Extension{KeyUsage, SubjectAltName, BasicConstraints, CRLDistributionPoints, SubjectKeyIdentifier}
	responderExtensions      = []Extension{KeyUsage, ExtKeyUsage, OCSPNoCheck, AuthorityKeyIdentifier, SubjectKeyIdentifier}
)

// Extensions are those of a kind in the order in which they stand. The slice must
// not be changed. Spec: SPEC-CERT-PROFILE-024.
func (k Kind) Extensions() []Extension {
	switch k {
	case CardSignature, PhoneSignature:
		return signatureExtensions
	case CardAuthentication, PhoneAuthentication:
		return authenticationExtensions
	case SignatureCA, AuthenticationCA:
		return authorityExtensions
	case OCSPResponder:
		return responderExtensions
	}
	return nil
}
