package relyingparty

import (
	"encoding/asn1"
	"encoding/hex"
	"net/url"
	"strings"

	"golang.org/x/crypto/cryptobyte"
	casn1 "golang.org/x/crypto/cryptobyte/asn1"
)

// Where lists stand, when a certificate names them by directory names only.
const crlBase = "http://crl.inkan.example/crl/"

var (
	oidOrganizationalUnit = asn1.ObjectIdentifier{2, 5, 4, 11}
	oidCommonName         = asn1.ObjectIdentifier{2, 5, 4, 3}
)

// shortNames are the authorities' names in paths, by the unit in their names.
var shortNames = map[string]string{
	"INKAN-TEST for user authentication": "auth",
	"INKAN-TEST for digital signature":   "sign",
}

// locate returns where the list of a point can be fetched that the issuer with a
// key identifier signs: its URIs, or what follows from its directory name.
// Spec: SPEC-RELYING-PARTY-020.
func locate(p point, issuerKeyID []byte) []string {
	places := p.uris
	for _, name := range p.names {
		if path, ok := crlPath(name); ok {
			places = append(places, crlBase+hex.EncodeToString(issuerKeyID)+"/"+path)
		}
	}
	return places
}

// crlPath derives "auth/Tokyo-to/Kiyose-shi.crl" from the DER of a directory
// name: the authority's unit, then either nothing but the service's own unit, or
// "CRL Distribution Points", the prefecture, and the municipality as the common
// name with " CRLDP". It is false for a name of another form.
func crlPath(name []byte) (string, bool) {
	units, common, ok := unitsOf(name)
	if !ok || len(units) == 0 {
		return "", false
	}
	authority, ok := shortNames[units[0]]
	switch {
	case !ok:
		return "", false
	case common == "" && len(units) == 2:
		return authority + ".crl", true
	case len(units) == 3 && units[1] == "CRL Distribution Points" && strings.HasSuffix(common, " CRLDP"):
		return authority + "/" + url.PathEscape(units[2]) + "/" + url.PathEscape(strings.TrimSuffix(common, " CRLDP")) + ".crl", true
	}
	return "", false
}

// unitsOf returns a name's organizational units in order, and its common name.
func unitsOf(name []byte) (units []string, common string, ok bool) {
	s, sequence := cryptobyte.String(name), cryptobyte.String(nil)
	if !s.ReadASN1(&sequence, casn1.SEQUENCE) || !s.Empty() {
		return nil, "", false
	}
	for !sequence.Empty() {
		var set, attribute, value cryptobyte.String
		var oid asn1.ObjectIdentifier
		var tag casn1.Tag
		if !sequence.ReadASN1(&set, casn1.SET) || !set.ReadASN1(&attribute, casn1.SEQUENCE) || !set.Empty() ||
			!attribute.ReadASN1ObjectIdentifier(&oid) || !attribute.ReadAnyASN1(&value, &tag) || !attribute.Empty() {
			return nil, "", false
		}
		switch {
		case oid.Equal(oidOrganizationalUnit):
			units = append(units, string(value))
		case oid.Equal(oidCommonName):
			common = string(value)
		}
	}
	return units, common, true
}
