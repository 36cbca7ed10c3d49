package certificate

// The test organisation. It stands where the real service has its own name, so
// that nobody takes one for the other. Spec: SPEC-CERT-PROFILE-005.
const (
	TestOrganization = "INKAN-TEST"
	TestUnit         = "INKAN TEST ONLY"

	japaneseOrganization = "印鑑試験認証サービス"
	japaneseUnit         = "印鑑試験専用"
	distributionPoints   = "CRL Distribution Points"
	distributionSuffix   = " CRLDP"
)

// unit is the organisational unit that tells the authorities apart.
func (a Authority) unit() string {
	switch a {
	case SignatureAuthority:
		return TestOrganization + " for digital signature"
	case AuthenticationAuthority:
		return TestOrganization + " for user authentication"
	}
	panic("certificate: name of " + a.String())
}

// Name is the authority's distinguished name, the same for all its generations.
// It panics for a value that is no authority.
func (a Authority) Name() Name {
	return Name{{Country, "JP"}, {Organization, TestOrganization}, {OrganizationalUnit, a.unit()}, {OrganizationalUnit, TestUnit}}
}

// JapaneseName is the authority's name in the issuer's alternative name.
func (a Authority) JapaneseName() Name {
	use := "署名用"
	if a == AuthenticationAuthority {
		use = "利用者証明用"
	}
	return Name{{Country, "JP"}, {Organization, japaneseOrganization}, {OrganizationalUnit, japaneseOrganization + use}, {OrganizationalUnit, japaneseUnit}}
}

// ResponderName is the name of the authority's OCSP responder.
func (a Authority) ResponderName() Name {
	return Name{{Country, "JP"}, {Organization, TestOrganization}, {OrganizationalUnit, a.unit()}, {CommonName, "OCSP Responder"}}
}

// AuthorityOf says whose name it is.
func AuthorityOf(n Name) (Authority, bool) {
	for _, a := range Authorities() {
		if n.Equal(a.Name()) {
			return a, true
		}
	}
	return 0, false
}

// Places that the certificates name. A base URL in their place is the caller's
// affair. OCSP is the authentication authority's; the published signature
// profile has no pointer.
const (
	CPSURI  = "http://cps.inkan.example/cps.html"
	OCSPURI = "http://ocsp.inkan.example/auth"
	CRLBase = "http://crl.inkan.example"
)
