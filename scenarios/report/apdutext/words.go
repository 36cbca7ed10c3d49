package apdutext

import (
	"strconv"

	"inkan/core/gp"
	"inkan/core/jpki"
)

const digits = "0123456789ABCDEF"

func hex(b []byte) string {
	out := make([]byte, 0, 2*len(b))
	for _, x := range b {
		out = append(out, digits[x>>4], digits[x&0xF])
	}
	return string(out)
}

func one(b byte) string { return hex([]byte{b}) }

func count(n int, unit string) string {
	if n == 1 {
		return "1 " + unit
	}
	return strconv.Itoa(n) + " " + unit + "s"
}

// aids are the names of applications that occur in the service.
var aids = map[gp.AID]string{
	gp.AIDIssuerSecurityDomain:  "issuer security domain",
	gp.AIDCardManager:           "card manager",
	gp.AIDSecurityDomainPackage: "security domain package",
	gp.AIDSecurityDomainModule:  "security domain module",
	gp.AIDCASD:                  "CASD, the controlling authority's domain",
	jpki.AIDInstance:            "JPKI application",
	jpki.AIDPackage:             "JPKI package",
	jpki.AIDModule:              "JPKI module",
	jpki.AIDProviderDomain:      "provider's security domain",
	jpki.AIDARAM:                "ARA-M, the access rules",
}

// aid is an application identifier with its name, where it has one.
func aid(a gp.AID) string {
	if a.IsZero() {
		return "none"
	}
	if name := aids[a]; name != "" {
		return a.String() + " (" + name + ")"
	}
	if a.HasPrefix([]byte{0xA0, 0x00, 0x00, 0x00, 0x87, 0x10, 0x02}) {
		return a.String() + " (USIM)"
	}
	return a.String()
}

// partial is a part of an identifier, which may be the whole of one.
func partial(b []byte) string {
	if len(b) == 0 {
		return "empty: the issuer security domain"
	}
	if a, err := gp.NewAID(b); err == nil {
		return aid(a)
	}
	return hex(b)
}

// dgi is the name of a data group.
func dgi(id uint16) string {
	switch id {
	case gp.DGIConfidentialControl:
		return "00A6 (confidential set-up: control)"
	case gp.DGIEphemeralPublicKey:
		return "7F49 (confidential set-up: ephemeral key)"
	}
	if s := jpki.DGI(id).String(); len(s) < 4 || s[:4] != "DGI " {
		return one(byte(id>>8)) + one(byte(id)) + " (" + s + ")"
	}
	return one(byte(id>>8)) + one(byte(id))
}

// dataObjects are names of what GET DATA reads.
var dataObjects = map[uint32]string{
	0x42: "issuer identification number", 0x45: "card image number", 0x66: "card data", 0x67: "card capability information",
	0xC1: "sequence counter", 0xC2: "confirmation counter", 0xCF: "key diversification data", 0xD3: "security level",
	0xE0: "key information", 0x2F00: "list of applications", 0x5F50: "security domain manager URL", 0x7F21: "CASD certificate",
	0x9F7F: "card production life cycle", 0xFF21: "card resources", 0xFF40: "access rules", 0xDF20: "access rules' refresh tag",
	0xDF30: "status of the JPKI application", 0xDF31: "end of the auth certificate", 0xDF32: "end of the sign certificate",
}

// references are the PINs of the JPKI application and of the UICC by P2.
var references = map[byte]string{
	0x98: "auth PIN", 0x9B: "sign PIN", 0x80: "current PIN", 0x01: "PIN1", 0x81: "PIN2", 0x11: "universal PIN", 0x0A: "ADM1",
}

func reference(p2 byte) string {
	if s := references[p2]; s != "" {
		return s
	}
	return "reference " + one(p2)
}
