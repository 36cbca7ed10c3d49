package lint

import "inkan/core/jpki/certificate"

// lints are all lints but wellFormed.
var lints = []Lint{
	{"SPEC-CERT-PROFILE-001", "version", version},
	{"SPEC-CERT-PROFILE-002", "serialNumber", serial},
	{"SPEC-CERT-PROFILE-003", "signature", algorithm},
	{"SPEC-CERT-PROFILE-004", "nameForm", nameForm},
	{"SPEC-CERT-PROFILE-005", "issuer", issuer},
	{"SPEC-CERT-PROFILE-006", "policy", policy},
	{"SPEC-CERT-PROFILE-007", "authenticationSubject", authenticationSubject},
	{"SPEC-CERT-PROFILE-008", "timeForm", timeForm},
	{"SPEC-CERT-PROFILE-009", "birthday", birthday},
	{"SPEC-CERT-PROFILE-011", "within", within},
	{"SPEC-CERT-PROFILE-012", "withinIssuer", withinIssuer},
	{"SPEC-CERT-PROFILE-013", "authorityEnd", authorityEnd},
	{"SPEC-CERT-PROFILE-014", "subjectPublicKeyInfo", key},
	{"SPEC-CERT-PROFILE-015", "cRLDistributionPoints", distributionPoint},
	{"SPEC-CERT-PROFILE-017", "keyUsage", fixed(certificate.KeyUsage, all, usage)},
	{"SPEC-CERT-PROFILE-018", "extKeyUsage", fixed(certificate.ExtKeyUsage, all, purpose)},
	{"SPEC-CERT-PROFILE-019", "personForm", personForm},
	{"SPEC-CERT-PROFILE-020", "issuerAltName", issuerAltName},
	{"SPEC-CERT-PROFILE-021", "authorityInfoAccess", access},
	{"SPEC-CERT-PROFILE-022", "authorityKeyIdentifier", authorityKey},
	{"SPEC-CERT-PROFILE-023", "subjectKeyIdentifier", subjectKey},
	{"SPEC-CERT-PROFILE-024", "extensionOrder", extensionOrder},
	{"SPEC-CERT-PROFILE-025", "criticality", criticality},
	{"SPEC-CERT-PROFILE-026", "basicConstraints", fixed(certificate.BasicConstraints, certificate.Kind.CA, func(*Context) []byte { return caTrue })},
	{"SPEC-CERT-PROFILE-027", "authorityAltName", authorityAltName},
	{"SPEC-CERT-PROFILE-028", "ocspNoCheck", fixed(certificate.OCSPNoCheck, all, func(*Context) []byte { return null })},
	{"SPEC-CERT-PROFILE-029", "signatureSubject", signatureSubject},
	{"SPEC-CERT-PROFILE-030", "personValues", personValues},
	{"SPEC-CERT-PROFILE-034", "phoneSignature", phoneSignature},
	{"SPEC-CERT-PROFILE-035", "responderSpan", responderSpan},
	{"SPEC-CERT-PROFILE-036", "serviceSubject", serviceSubject},
	{"SPEC-CERT-PROFILE-039", "qualifier", qualifier},
}
