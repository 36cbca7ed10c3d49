package certificate

import (
	"encoding/asn1"
	"slices"
)

// Arc is the private arc of the policies: below 2.999, the arc for examples of
// ITU-T X.660, so that no object identifier of an organisation is claimed. Below
// it the leaves are arranged as the service arranges its own.
func Arc() asn1.ObjectIdentifier { return asn1.ObjectIdentifier{2, 999, 392, 1} }

func arc(leaf ...int) asn1.ObjectIdentifier { return append(Arc(), leaf...) }

// policies are the certificate policies by kind. Spec: SPEC-CERT-PROFILE-006.
var policies = map[Kind]asn1.ObjectIdentifier{
	CardSignature:       arc(8, 5, 1, 1, 20),
	CardAuthentication:  arc(8, 5, 1, 3, 30),
	PhoneSignature:      arc(8, 5, 1, 1, 40),
	PhoneAuthentication: arc(8, 5, 1, 3, 40),
}

// Policy is the certificate policy of a holder's kind; nil for other kinds.
func (k Kind) Policy() asn1.ObjectIdentifier { return slices.Clone(policies[k]) }

// KindOfPolicy says which kind has a policy; 0 when none has.
func KindOfPolicy(oid asn1.ObjectIdentifier) Kind {
	for kind, policy := range policies {
		if policy.Equal(oid) {
			return kind
		}
	}
	return 0
}
