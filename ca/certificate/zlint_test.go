package certificate_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	zx509 "github.com/zmap/zcrypto/x509"
	"github.com/zmap/zlint/v3"
	zlints "github.com/zmap/zlint/v3/lint"
)

// Reasons for which zlint finds something in certificates that are as the
// profile says.
const (
	directoryPoint = "the distribution point is a directory name, as the service publishes it; the path of HTTP is derived from it (SPEC-CERT-PROFILE-016)"
	noServer       = "a rule for certificates of TLS servers and their authorities; without extKeyUsage zlint takes the certificate for one"
	longLife       = "a rule for certificates of TLS servers; holders' certificates live up to five birthdays (SPEC-CERT-PROFILE-009)"
	keyAndSerial   = "browsers want the key identifier alone; the service has issuer and serial number with it, which tells generations of one name apart (SPEC-CERT-PROFILE-022)"
	noTransparency = "certificates of persons are in no public log"
	delegated      = "authorities do not answer OCSP themselves, a responder does (SPEC-CERT-PROFILE-028)"
	noCommonName   = "authorities have units and no common name, as observed"
	personInName   = "the holder's values are otherNames, the authority's name in Japanese a directoryName (SPEC-CERT-PROFILE-019, -027)"
)

// expected is a finding, and the certificates that have it, by the beginnings of
// their names without the authority.
type expected struct {
	lint, reason string
	in           []string
}

var (
	authorities = []string{"generation"}
	holders     = []string{"card", "phone"}
	signatures  = []string{"card signature"}
)

var expectations = []expected{
	{"e_ca_common_name_missing", noCommonName, authorities},
	{"e_ext_san_directory_name_present", personInName, authorities},
	{"n_ca_digital_signature_not_set", delegated, authorities},
	{"e_subj_orgunit_in_ca_cert", noServer + "; in force since September 2023", []string{"generation 3"}},
	{"e_sub_cert_crl_distribution_points_does_not_contain_url", directoryPoint, []string{"generation", "card signature"}},
	{"w_distribution_point_missing_ldap_or_uri", directoryPoint, []string{"generation", "card", "phone"}},
	{"e_mp_authority_key_identifier_correct", keyAndSerial, []string{"responder", "card", "phone"}},
	{"n_ct_sct_policy_count_unsatisfied", noTransparency, append(holders, "responder")},
	{"e_missing_crl_distrib_point", directoryPoint, signatures},
	{"e_ext_san_other_name_present", personInName, signatures},
	{"e_dnsname_not_valid_tld", noServer, signatures},
	{"e_duplicate_subject_attribs", "prefecture and municipality are both localities, as observed (SPEC-CERT-PROFILE-029)", signatures},
	{"e_sub_cert_locality_name_must_not_appear", noServer, signatures},
	{"e_sub_cert_aia_missing", "signature certificates have no pointer to OCSP, as observed (SPEC-CERT-PROFILE-024)", signatures},
	{"w_sub_cert_aia_does_not_contain_issuing_ca_url", "there is one level of authorities, which a relying party knows", signatures},
	{"e_sub_cert_eku_missing", "signature certificates have no extKeyUsage, as observed (SPEC-CERT-PROFILE-024)", signatures},
	{"e_subject_common_name_not_exactly_from_san", noServer, signatures},
	{"w_subject_common_name_included", noServer, signatures},
	{"w_ext_subject_key_identifier_not_recommended_subscriber", "all certificates have it, as observed (SPEC-CERT-PROFILE-023)", signatures},
	{"w_sub_cert_certificate_policies_marked_critical", "policies are critical, as observed (SPEC-CERT-PROFILE-025)", signatures},
	{"e_sub_cert_valid_time_longer_than_39_months", longLife, signatures},
	{"e_sub_cert_valid_time_longer_than_825_days", longLife, signatures},
	{"e_server_cert_valid_time_longer_than_200_days", longLife, signatures},
	{"w_server_cert_valid_time_longer_than_199_days", longLife, signatures},
	{"e_tls_server_cert_valid_time_longer_than_398_days", longLife, signatures},
	{"w_tls_server_cert_valid_time_longer_than_397_days", longLife, signatures},
}

// TestZlint: every finding is one that is expected, and every expectation occurs.
func TestZlint(t *testing.T) {
	names, all := fixture(t)
	for _, name := range names {
		c, err := zx509.ParseCertificate(all[name].DER)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		want := map[string]string{}
		short := strings.TrimPrefix(strings.TrimPrefix(name, "sign "), "auth ")
		for _, e := range expectations {
			if slices.ContainsFunc(e.in, func(beginning string) bool { return strings.HasPrefix(short, beginning) }) {
				want[e.lint] = "found"
			}
		}
		got, passed := map[string]string{}, 0
		for lint, result := range zlint.LintCertificate(c).Results {
			switch {
			case result.Status > zlints.Pass:
				got[lint] = "found"
			case result.Status == zlints.Pass:
				passed++
			}
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s (-expected +found):\n%s", name, diff)
		}
		if passed < 60 {
			t.Errorf("%s: only %d of zlint's lints apply and pass", name, passed)
		}
	}
	for _, e := range expectations {
		if len(e.reason) < 20 || len(e.in) == 0 {
			t.Errorf("%s has no reason or no certificate", e.lint)
		}
	}
}
