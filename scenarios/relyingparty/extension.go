package relyingparty

import (
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"errors"
	"math/big"

	"golang.org/x/crypto/cryptobyte"
	casn1 "golang.org/x/crypto/cryptobyte/asn1"
)

// Extensions that crypto/x509 does not read as far as it is needed here.
var (
	oidCRLDistributionPoints    = asn1.ObjectIdentifier{2, 5, 29, 31}
	oidIssuingDistributionPoint = asn1.ObjectIdentifier{2, 5, 29, 28}
	oidCRLReason                = asn1.ObjectIdentifier{2, 5, 29, 21}
	oidAuthorityKeyIdentifier   = asn1.ObjectIdentifier{2, 5, 29, 35}
	oidOCSPNoCheck              = asn1.ObjectIdentifier{1, 3, 6, 1, 5, 5, 7, 48, 1, 5}
	oidOCSPNonce                = asn1.ObjectIdentifier{1, 3, 6, 1, 5, 5, 7, 48, 1, 2}
)

// find returns an extension's value; nil where there is none.
func find(list []pkix.Extension, oid asn1.ObjectIdentifier) *pkix.Extension {
	for i := range list {
		if list[i].Id.Equal(oid) {
			return &list[i]
		}
	}
	return nil
}

func tagged(tag uint8) casn1.Tag      { return casn1.Tag(tag).ContextSpecific() }
func constructed(tag uint8) casn1.Tag { return tagged(tag).Constructed() }

// authorityKeyID is an authority key identifier: what is absent is nil.
type authorityKeyID struct {
	id     []byte
	issuer []byte // DER of the name
	serial *big.Int
}

var errDER = errors.New("not the DER of its type")

// authorityKey reads AuthorityKeyIdentifier (RFC 5280 §4.2.1.1) with all three
// parts.
func authorityKey(c *x509.Certificate) (authorityKeyID, error) {
	var key authorityKeyID
	extension := find(c.Extensions, oidAuthorityKeyIdentifier)
	if extension == nil {
		return key, errors.New("is absent")
	}
	s, body := cryptobyte.String(extension.Value), cryptobyte.String(nil)
	if !s.ReadASN1(&body, casn1.SEQUENCE) || !s.Empty() {
		return key, errDER
	}
	var id, names, serial cryptobyte.String
	var hasID, hasNames, hasSerial bool
	if !body.ReadOptionalASN1(&id, &hasID, tagged(0)) || !body.ReadOptionalASN1(&names, &hasNames, constructed(1)) ||
		!body.ReadOptionalASN1(&serial, &hasSerial, tagged(2)) || !body.Empty() {
		return key, errDER
	}
	key.id = id
	if hasNames {
		list, err := directoryNames(names)
		if err != nil || len(list) != 1 {
			return key, errDER
		}
		key.issuer = list[0]
	}
	if hasSerial {
		if len(serial) == 0 || serial[0]&0x80 != 0 {
			return key, errDER
		}
		key.serial = new(big.Int).SetBytes(serial)
	}
	return key, nil
}

// directoryNames reads GeneralNames and returns the DER of its directory names;
// names of other kinds are passed over.
func directoryNames(names cryptobyte.String) ([][]byte, error) {
	var list [][]byte
	for !names.Empty() {
		var value cryptobyte.String
		var tag casn1.Tag
		if !names.ReadAnyASN1(&value, &tag) {
			return nil, errDER
		}
		if tag == constructed(4) {
			list = append(list, value)
		}
	}
	return list, nil
}

// point is a distribution point: names of its list, and where it can be fetched.
type point struct {
	names    [][]byte // DER of directory names
	uris     []string
	indirect bool // another than the certificate's issuer signs the list
	partial  bool // lists some reasons only
}

// fullName reads GeneralNames into a point.
func (p *point) fullName(names cryptobyte.String) error {
	for !names.Empty() {
		var value cryptobyte.String
		var tag casn1.Tag
		if !names.ReadAnyASN1(&value, &tag) {
			return errDER
		}
		switch tag {
		case constructed(4):
			p.names = append(p.names, value)
		case tagged(6):
			p.uris = append(p.uris, string(value))
		}
	}
	return nil
}

// distributionPoints reads CRLDistributionPoints (RFC 5280 §4.2.1.13).
func distributionPoints(c *x509.Certificate) ([]point, error) {
	extension := find(c.Extensions, oidCRLDistributionPoints)
	if extension == nil {
		return nil, nil
	}
	s, list := cryptobyte.String(extension.Value), cryptobyte.String(nil)
	if !s.ReadASN1(&list, casn1.SEQUENCE) || !s.Empty() {
		return nil, errDER
	}
	var points []point
	for !list.Empty() {
		var body, name, full, reasons, issuer cryptobyte.String
		var p point
		var named, hasFull bool
		if !list.ReadASN1(&body, casn1.SEQUENCE) || !body.ReadOptionalASN1(&name, &named, constructed(0)) ||
			!body.ReadOptionalASN1(&reasons, &p.partial, tagged(1)) || !body.ReadOptionalASN1(&issuer, &p.indirect, constructed(2)) || !body.Empty() {
			return nil, errDER
		}
		if named {
			if !name.ReadOptionalASN1(&full, &hasFull, constructed(0)) {
				return nil, errDER
			}
			if hasFull {
				if err := p.fullName(full); err != nil || !name.Empty() {
					return nil, errDER
				}
			}
		}
		points = append(points, p)
	}
	return points, nil
}

// scope is an issuing distribution point (RFC 5280 §5.2.5).
type scope struct {
	point
	users, authorities, attributes bool // only certificates of these
}

// issuingPoint reads IssuingDistributionPoint; nil where there is none.
func issuingPoint(list []pkix.Extension) (*scope, error) {
	extension := find(list, oidIssuingDistributionPoint)
	if extension == nil {
		return nil, nil
	}
	s, body := cryptobyte.String(extension.Value), cryptobyte.String(nil)
	if !s.ReadASN1(&body, casn1.SEQUENCE) || !s.Empty() {
		return nil, errDER
	}
	result := new(scope)
	var name, full, reasons cryptobyte.String
	var named, hasFull bool
	if !body.ReadOptionalASN1(&name, &named, constructed(0)) || !flag(&body, 1, &result.users) || !flag(&body, 2, &result.authorities) ||
		!body.ReadOptionalASN1(&reasons, &result.partial, tagged(3)) || !flag(&body, 4, &result.indirect) ||
		!flag(&body, 5, &result.attributes) || !body.Empty() {
		return nil, errDER
	}
	if named {
		// A name relative to the issuer's is a restriction, too, and not read here.
		if !name.ReadOptionalASN1(&full, &hasFull, constructed(0)) || !hasFull || result.fullName(full) != nil || !name.Empty() {
			return nil, errDER
		}
	}
	return result, nil
}

// flag reads a BOOLEAN under a context tag, FALSE by default. In DER the default
// is not written, so it is TRUE or absent.
func flag(s *cryptobyte.String, tag uint8, value *bool) bool {
	var content cryptobyte.String
	if !s.ReadOptionalASN1(&content, value, tagged(tag)) {
		return false
	}
	return !*value || len(content) == 1 && content[0] == 0xFF
}
