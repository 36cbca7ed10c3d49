package gp

// AIDs that GlobalPlatform itself assigns (GP Card Specification 2.3.1 §H.1.3,
// Amendment A), and the two that issuer security domains are known by.
var (
	// AIDIssuerSecurityDomain is the default AID of the issuer security domain.
	AIDIssuerSecurityDomain = MustAID("A000000151000000")
	// AIDCardManager is the issuer security domain's name on older cards
	// (Visa); hosts still open with it.
	AIDCardManager = MustAID("A000000003000000")
	// AIDSecurityDomainPackage is the load file of supplementary security
	// domains.
	AIDSecurityDomainPackage = MustAID("A0000001515350")
	// AIDSecurityDomainModule is the executable module of supplementary
	// security domains.
	AIDSecurityDomainModule = MustAID("A000000151535041")
	// AIDCASD is the controlling authority's security domain.
	AIDCASD = MustAID("A00000015153504341534400")
)

// RIDGlobalPlatform is GlobalPlatform's registered provider identifier.
var RIDGlobalPlatform = [5]byte{0xA0, 0x00, 0x00, 0x01, 0x51}
