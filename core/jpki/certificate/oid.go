package certificate

import "encoding/asn1"

// Object identifiers of values in the certificates. They must not be changed.
var (
	OIDSHA256WithRSA    = asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 1, 11}
	OIDRSAEncryption    = asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 1, 1}
	OIDClientAuth       = asn1.ObjectIdentifier{1, 3, 6, 1, 5, 5, 7, 3, 2}
	OIDOCSPSigning      = asn1.ObjectIdentifier{1, 3, 6, 1, 5, 5, 7, 3, 9}
	OIDOCSP             = asn1.ObjectIdentifier{1, 3, 6, 1, 5, 5, 7, 48, 1}
	OIDCPS              = asn1.ObjectIdentifier{1, 3, 6, 1, 5, 5, 7, 2, 1}
	attributeArc        = asn1.ObjectIdentifier{1, 2, 392, 200149, 8, 5, 5}
	terminalRole        = arc(8, 7)
	personAttributeOIDs = func() (oids [AttributeAddressSubstitutes + 1]asn1.ObjectIdentifier) {
		for a := range oids {
			oids[a] = append(append(asn1.ObjectIdentifier{}, attributeArc...), a)
		}
		return oids
	}()
)

// OIDTerminalRole is the role of terminals in card-verifiable certificates.
func OIDTerminalRole() asn1.ObjectIdentifier { return append(asn1.ObjectIdentifier{}, terminalRole...) }

// PersonAttribute is one of a person's values in a signature certificate: the
// last arc of its otherName's object identifier.
type PersonAttribute int

// The attributes, by number.
const (
	AttributeName               PersonAttribute = 1
	AttributeNameSubstitutes    PersonAttribute = 2
	AttributeSex                PersonAttribute = 3
	AttributeBirth              PersonAttribute = 4
	AttributeAddress            PersonAttribute = 5
	AttributeAddressSubstitutes PersonAttribute = 6
)

var personAttributes = []PersonAttribute{AttributeName, AttributeBirth, AttributeSex, AttributeAddress, AttributeNameSubstitutes, AttributeAddressSubstitutes}

// PersonAttributes are all of them in the order in which they stand. The slice
// must not be changed. Spec: SPEC-CERT-PROFILE-019.
func PersonAttributes() []PersonAttribute { return personAttributes }

// OID is the attribute's object identifier. It must not be changed.
func (a PersonAttribute) OID() asn1.ObjectIdentifier { return personAttributeOIDs[a] }

// Value is the attribute's text.
func (a PersonAttribute) Value(p *Person) string {
	switch a {
	case AttributeName:
		return p.Name
	case AttributeNameSubstitutes:
		return p.NameSubstitutes
	case AttributeSex:
		return string(p.Sex)
	case AttributeBirth:
		return p.Birth.String()
	case AttributeAddress:
		return p.Address
	case AttributeAddressSubstitutes:
		return p.AddressSubstitutes
	}
	panic("certificate: no such attribute of a person")
}
