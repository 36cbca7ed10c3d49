package jpki

import (
	"inkan/core/gp"
	"inkan/core/scp/scp80"
)

// AIDs of the service. The instance's is the real application's; the project's
// own begin with F0, the proprietary category of ISO/IEC 7816-4 §12.2.3.4.
var (
	// AIDInstance is the application on the card (JPKI AP).
	AIDInstance = gp.MustAID("D392F000260100000001")
	// AIDPackage is the load file, version 1.0.
	AIDPackage = gp.MustAID("F0696E6B616E4A50")
	// AIDModule is the executable module of AIDPackage.
	AIDModule = gp.MustAID("F0696E6B616E4A5001")
	// AIDProviderDomain is the service provider's security domain, in which the
	// application lives on a SIM.
	AIDProviderDomain = gp.MustAID("F0696E6B616E5350")
	// AIDCASD is the controlling authority's security domain, which attests.
	AIDCASD = gp.AIDCASD
	// AIDARAM is the access rule application master (GP Secure Element Access
	// Control §4.1).
	AIDARAM = gp.MustAID("A00000015141434C00")
)

// TARs reserved for the service, in the range 000001 to AFFFFF that an
// application issuer assigns (ETSI TS 101 220 annex D).
var (
	TARProviderDomain = scp80.TAR{0x4A, 0x50, 0x01}
	TARApplication    = scp80.TAR{0x4A, 0x50, 0x02}
)
