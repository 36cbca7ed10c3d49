package certificate

import (
	"fmt"
	"strings"
)

// A partition is a part of an authority's revocation list: "Tokyo-to/Kiyose-shi"
// for holders who live there, "" for the authority's own certificates (the CA
// list). It is a plain string, so that a store can have it as a key.

// CAList is the partition of an authority's own certificates.
const CAList = ""

func splitPartition(partition string) (prefecture, city string, err error) {
	prefecture, city, ok := strings.Cut(partition, "/")
	if !ok {
		return "", "", fmt.Errorf("certificate: partition %q: want prefecture/city", partition)
	}
	return prefecture, city, checkRomaji(prefecture, city)
}

// PartitionName is the directory name of a partition's distribution point. The CA
// list's is the authority's own name. Spec: SPEC-CERT-PROFILE-015.
func PartitionName(a Authority, partition string) (Name, error) {
	if partition == CAList {
		return a.Name(), nil
	}
	prefecture, city, err := splitPartition(partition)
	if err != nil {
		return nil, err
	}
	return Name{{Country, "JP"}, {Organization, TestOrganization}, {OrganizationalUnit, a.unit()},
		{OrganizationalUnit, distributionPoints}, {OrganizationalUnit, prefecture}, {CommonName, city + distributionSuffix}}, nil
}

// PartitionOf is the inverse of PartitionName.
func PartitionOf(n Name) (Authority, string, error) {
	if a, ok := AuthorityOf(n); ok {
		return a, CAList, nil
	}
	fail := func() (Authority, string, error) {
		return 0, "", fmt.Errorf("certificate: no distribution point of this service: %s", n)
	}
	if len(n) != 6 {
		return fail()
	}
	city, ok := strings.CutSuffix(n[5].Value, distributionSuffix)
	if !ok {
		return fail()
	}
	partition := n[4].Value + "/" + city
	for _, a := range Authorities() {
		if name, err := PartitionName(a, partition); err == nil && n.Equal(name) {
			return a, partition, nil
		}
	}
	return fail()
}

// CRLPath is where a partition's list stands below CRLBase:
// "/crl/auth/Tokyo-to/Kiyose-shi.crl", "/crl/auth.crl" for the CA list. Whoever
// has the certificate derives it from the distribution point's directory name.
// Spec: SPEC-CERT-PROFILE-016.
func CRLPath(a Authority, partition string) string {
	if partition == CAList {
		return "/crl/" + a.String() + ".crl"
	}
	return "/crl/" + a.String() + "/" + partition + ".crl"
}

// ParseCRLPath is the inverse of CRLPath, for a server of lists.
func ParseCRLPath(path string) (Authority, string, error) {
	bad := fmt.Errorf("certificate: CRL path %q: want /crl/auth/Tokyo-to/Kiyose-shi.crl", path)
	rest, ok := strings.CutPrefix(path, "/crl/")
	if !ok {
		return 0, "", bad
	}
	if rest, ok = strings.CutSuffix(rest, ".crl"); !ok {
		return 0, "", bad
	}
	label, partition, found := strings.Cut(rest, "/")
	a, err := ParseAuthority(label)
	if err != nil {
		return 0, "", bad
	}
	if !found {
		return a, CAList, nil
	}
	if _, _, err := splitPartition(partition); err != nil {
		return 0, "", err
	}
	return a, partition, nil
}
